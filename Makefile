# The only front door for commands. Each target does its own set-up and is quick when there is nothing to do.
# PORT (8000) and LUMI_HOME (.lumi) let two copies run side by side: make run PORT=8001 LUMI_HOME=.lumi-two

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:

BIN := .venv/bin
SETUP := @scripts/setup.sh
PYTEST := $(BIN)/pytest -q
# What to run: make test-unit TESTS=tests/core ARGS=-x
TESTS ?= tests
ARGS ?=

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

##@ Run
.PHONY: run dev up down health logs
run: ## Install, start and seed everything, and say where to go; Ctrl-C stops it
	$(SETUP) runtime web
	@exec $(BIN)/lumi up

dev: ## The same, started again whenever the source changes
	$(SETUP) dev web
	@exec $(BIN)/lumi up --reload

up: ## The same as run, in the background
	$(SETUP) runtime web
	@$(BIN)/python scripts/background.py up

down: ## Stop what `make up` started
	$(SETUP) runtime
	@$(BIN)/python scripts/background.py down

health: ## Ask the running Lumi how each of its dependencies is
	$(SETUP) runtime
	@$(BIN)/python scripts/background.py health

logs: ## Follow the logs
	$(SETUP) runtime
	@exec $(BIN)/python scripts/background.py logs

##@ Check
.PHONY: check test test-unit test-integration test-browser test-web shape lint types fmt
check: lint types ## Format, lint, types, import rules, rules of the house
	@$(BIN)/lint-imports --no-logo
	@$(PYTEST) tests/shape
	$(SETUP) web-check

test: ## Every test: the pages', then Python's, with the browser
	$(SETUP) dev web machine web-test
	@$(PYTEST) -n auto $(ARGS) $(TESTS)

test-unit: ## Tests that need nothing but Python
	$(SETUP) dev
	@$(PYTEST) -m "not integration and not browser and not chaos" $(ARGS) $(TESTS)

test-integration: ## Tests with the database, other processes and Redis
	$(SETUP) dev machine
	@$(PYTEST) -n auto -m "(integration or chaos) and not browser" $(ARGS) $(TESTS)

test-browser: ## Tests that drive Chromium
	$(SETUP) dev web machine
	@$(PYTEST) -m browser $(ARGS) $(TESTS)

test-web: ## Tests of the pages alone
	$(SETUP) web-test

lint: ## Format and lint, changing nothing
	$(SETUP) dev
	@$(BIN)/ruff format --check --quiet || { echo "Not formatted; make fmt does it:" >&2; $(BIN)/ruff format --check; exit 1; }
	@$(BIN)/ruff check --quiet

types: ## Types, strictly
	$(SETUP) dev types

shape: ## The rules of the house alone
	$(SETUP) dev
	@$(BIN)/lint-imports --no-logo
	@$(PYTEST) tests/shape

fmt: ## Format everything and mend what can be mended
	$(SETUP) dev
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format --quiet
	$(SETUP) web-fmt

##@ Database
.PHONY: db-migrate db-shell
db-migrate: ## Bring the database to this version
	$(SETUP) runtime
	@$(BIN)/lumi migrate

db-shell: ## SQL as the owner; reads standard input
	$(SETUP) runtime
	@exec $(BIN)/lumi db-shell

##@ More
.PHONY: setup bench lock clean
setup: ## Install everything for development, run nothing
	$(SETUP) dev web machine

bench: ## Messages, search and languages, each beside its bare parts or peers (ARGS=--quick, CASES=folder)
	$(SETUP) dev web
	@$(BIN)/python -m benchmarks.line $(ARGS)
	@$(BIN)/python -m benchmarks.retrieval
	@$(BIN)/python -m benchmarks.language

lock: ## Choose versions again and pin them: make lock ARGS=--upgrade
	$(SETUP) dev
	@scripts/lock.sh $(ARGS)

clean: ## Remove what was installed and built; data stays
	rm -rf .venv .make .pytest_cache .ruff_cache .hypothesis web/node_modules web/dist
	@find lumi tests migrations benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +
