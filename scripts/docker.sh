#!/usr/bin/env bash
# make docker-up, docker-down, docker-build: compose.yaml, or one line saying why that cannot be here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

refuse() {
    printf '%s\n' "$*" >&2
    exit 1
}

command -v docker >/dev/null || refuse "Docker is not installed; make up starts the same without it."
docker compose version >/dev/null 2>&1 || refuse "This Docker has no compose; make up starts the same without it."
docker info >/dev/null 2>&1 || refuse "Docker's engine does not answer; make up starts the same without it."

case ${1:-} in
    up) exec docker compose up --build --detach --wait api ;;
    down) exec docker compose down ;;
    build) exec docker compose build ;;
    *) refuse "There is no docker-${1:-}." ;;
esac
