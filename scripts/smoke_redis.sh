#!/usr/bin/env bash
# Whether Redis is well, as a running Lumi sees it: scripts/smoke_redis.sh [URL of Lumi, by default this machine's].
# Ends 0 only when it is, and says why otherwise.
set -euo pipefail

base=${1:-http://127.0.0.1:${PORT:-8000}}
python=$(dirname "${BASH_SOURCE[0]}")/../.venv/bin/python
[ -x "$python" ] || python=python3

exec "$python" - "${base%/}/healthz" <<'PYTHON'
import json
import sys
import urllib.error
import urllib.request

address = sys.argv[1]


def end(said: str) -> None:
    sys.exit(f"Redis is not well: {said}")


try:
    with urllib.request.urlopen(address, timeout=10) as answer:
        body = answer.read()
except urllib.error.HTTPError as refused:
    body = refused.read()
except (OSError, ValueError) as failure:
    end(f"nobody answers at {address} ({getattr(failure, 'reason', failure)})")
try:
    redis = json.loads(body)["redis"]
    status = redis["status"]
except (ValueError, KeyError, TypeError):
    end(f"{address} is not the health page of a Lumi")
if status == "disabled":
    end("none is configured. Set REDIS_URL and start Lumi again.")
if status != "ok":
    end(f"it is {status} ({redis.get('reason', 'no reason given')}). Check REDIS_URL and that the server runs.")
print(f"Redis is ok: it answers in {redis['latency_ms']} ms.")
PYTHON
