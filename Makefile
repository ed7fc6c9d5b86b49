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
# What make test compares with, to know the lines that changed: make test BASE=origin/main
BASE ?=
# How many files of tests run at once: some wait while others compute, so that two cores do four.
WORKERS ?= 4
# How long `make bench` lets index churn go on; an hour is CHURN_MINUTES=60, or make bench-hour
CHURN_MINUTES ?= 2
# The file of make backup and make restore
FILE ?=

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { print "\n" substr($$0, 5) } /^[a-z0-9%-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

##@ Run
.PHONY: run dev up down health logs metrics
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

%-logs: ## Follow the log of one process: make web-logs, make worker-logs
	$(SETUP) runtime
	@exec $(BIN)/python scripts/debugging.py $@

metrics: ## Every figure of the running Lumi, of all its processes
	$(SETUP) runtime
	@exec $(BIN)/python scripts/debugging.py $@

##@ Run in Docker
.PHONY: docker-up docker-down docker-build
docker-up: ## The same as up, in containers, with PostgreSQL and Redis of their own
	@exec scripts/docker.sh up

docker-down: ## Stop the containers; data stays
	@exec scripts/docker.sh down

docker-build: ## Build the image
	@exec scripts/docker.sh build

##@ Check
.PHONY: check test test-unit test-integration test-e2e test-browser test-web shape lint types fmt format security-scan
# The rules of the house are asked once: by test where that is made too.
check: lint types ## Format, lint, types, import rules, rules of the house
	@$(BIN)/python scripts/make_configuration.py --check
	@$(BIN)/lint-imports --no-logo
	@$(if $(filter test,$(MAKECMDGOALS)),true,$(PYTEST) tests/shape)
	$(SETUP) web-check

test: ## Every test, the pages' and Python's; under 85 % of branches taken, or 90 % of changed lines, is a failure
	$(SETUP) dev web machine web-test
ifeq ($(TESTS) $(ARGS),tests )
	@$(BIN)/python scripts/branches.py $(if $(BASE),--base $(BASE)) -q -n $(WORKERS) tests
else
	@$(PYTEST) -n auto $(ARGS) $(TESTS)
endif

test-unit: ## Tests that need nothing but Python
	$(SETUP) dev
	@$(PYTEST) -m "not integration and not browser and not chaos" $(ARGS) $(TESTS)

test-integration: ## Tests with the database, other processes and Redis
	$(SETUP) dev machine
	@$(PYTEST) -n auto -m "(integration or chaos) and not browser" $(ARGS) $(TESTS)

test-e2e: ## Whole paths: journeys over HTTP and worker, the command line, and the browser
	$(SETUP) dev web machine
	@$(PYTEST) -n auto $(ARGS) tests/journeys tests/cli tests/browser

test-browser: ## Tests that drive Chromium
	$(SETUP) dev web machine
	@$(PYTEST) -m browser $(ARGS) $(TESTS)

.PHONY: chaos chaos-quick chaos-broken stress-test
chaos: ## 2,000 messages on three channels while everything is killed 100 times: what was lost, twice, out of order, stale
	$(SETUP) dev web
	@$(BIN)/python -m tests.chaos.storm $(ARGS)

stress-test: chaos ## The same as chaos

chaos-quick: ## The same, small: 600 messages, 15 kills
	$(SETUP) dev web
	@$(BIN)/python -m tests.chaos.storm --messages 600 --threads 60 --kills 15 $(ARGS)

chaos-broken: ## Four builds that are wrong on purpose, 300 messages each: fails unless the count catches each of them
	$(SETUP) dev web
	@$(BIN)/python -m tests.chaos.storm.broken $(ARGS)

.PHONY: test-bodies
test-bodies: ## Recorded webhook bodies, damaged in every way, through the front door (CASES=folder of other bodies)
	$(SETUP) dev
	@CASES="$(CASES)" $(BIN)/python -m tests.bodies $(ARGS)

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

format: fmt ## The same as fmt

security-scan: ## Known holes in what is installed, and secrets in the tree
	$(SETUP) dev
	@exec scripts/security_scan.sh

##@ Database
.PHONY: db-migrate db-shell backup restore redis-shell debug-db debug-redis debug-logs
db-migrate: ## Bring the database to this version
	$(SETUP) runtime
	@$(BIN)/lumi migrate

db-shell: ## SQL as the owner; reads standard input
	$(SETUP) runtime
	@exec $(BIN)/lumi db-shell

backup: ## Everything into one file: make backup FILE=/safe/place/today.lumi
	$(SETUP) runtime
	@test -n "$(FILE)" || { echo "Say where to: make backup FILE=/safe/place/today.lumi" >&2; exit 1; }
	@exec $(BIN)/lumi backup "$(FILE)"

restore: ## And back: make restore FILE=... (ARGS=--replace puts it in the place of what is here)
	$(SETUP) runtime
	@test -n "$(FILE)" || { echo "Say what from: make restore FILE=/safe/place/today.lumi" >&2; exit 1; }
	@exec $(BIN)/lumi restore $(ARGS) "$(FILE)"

redis-shell: ## redis-cli on the Redis of REDIS_URL
	$(SETUP) runtime
	@exec $(BIN)/python scripts/debugging.py $@

debug-db: ## Tables by size, what runs now, who waits for whom
	$(SETUP) runtime
	@exec $(BIN)/python scripts/debugging.py $@

debug-redis: ## What Redis says of itself
	$(SETUP) runtime
	@exec $(BIN)/python scripts/debugging.py $@

debug-logs: ## The newest warnings and errors of all logs
	$(SETUP) runtime
	@exec $(BIN)/python scripts/debugging.py $@

##@ More
.PHONY: install dev-setup setup docs bench bench-hour performance-test lock clean
install: ## Install what running needs, run nothing
	$(SETUP) runtime web

dev-setup: setup ## The same as setup

docs: ## Make the documents that are made from the code
	$(SETUP) dev
	@$(BIN)/python scripts/make_configuration.py
	@$(BIN)/lumi openapi > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json
	@$(BIN)/python scripts/make_references.py

setup: ## Install everything for development, run nothing
	$(SETUP) dev web machine

bench: QUICK = $(filter --quick,$(ARGS))
performance-test: bench ## The same as bench

bench: ## Messages, load, open threads, search, languages, beside bare parts or peers (ARGS=--quick, CASES=, CHURN_MINUTES=60)
	$(SETUP) dev web
	@$(BIN)/python -m benchmarks.line $(QUICK)
	@$(BIN)/python -m benchmarks.retrieval
	@$(BIN)/python -m benchmarks.language
	@$(BIN)/python -m benchmarks.neighbours $(QUICK)
	@$(BIN)/python -m benchmarks.churn --minutes $(CHURN_MINUTES) $(QUICK)
	@$(BIN)/python -m benchmarks.threads $(QUICK)
	@$(BIN)/python -m benchmarks.open_loop $(QUICK)

bench-hour: ## An hour of index churn: sizes of tables and indexes before and after
	$(SETUP) dev web
	@$(BIN)/python -m benchmarks.churn --minutes 60

lock: ## Choose versions again and pin them: make lock ARGS=--upgrade
	$(SETUP) dev
	@scripts/lock.sh $(ARGS)

clean: ## Remove what was installed and built; data stays
	rm -rf .venv .make .pytest_cache .ruff_cache .hypothesis web/node_modules web/dist
	@find lumi tests migrations benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +
