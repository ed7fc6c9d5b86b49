#!/usr/bin/env bash
# Pins every Python package by version and hash: requirements.txt to run, requirements-dev.txt for everything but what
# hears on this machine, which is requirements-whisper.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
        --custom-compile-command "make lock" pyproject.toml "$@"
}

compile -o requirements.txt "$@"
compile --extra dev -c requirements.txt -o requirements-dev.txt "$@"
compile --extra whisper -c requirements.txt -o requirements-whisper.txt "$@"
