"""`lumi.main:app` is an ASGI application like any other: other servers start it by its name."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from lumi.demo.keys import free_port
from tests.cli.conftest import PATIENCE_SECONDS, Running

SERVERS = {
    "uvicorn": ("-m", "uvicorn", "lumi.main:app", "--host", "127.0.0.1", "--port", "{port}"),
    "hypercorn": ("-m", "hypercorn", "lumi.main:app", "-k", "asyncio", "--bind", "127.0.0.1:{port}"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_it_starts_under_the_server_answers_and_stops_without_a_traceback(home: Running, name: str) -> None:
    port = free_port()
    words = [word.format(port=port) for word in SERVERS[name]]
    process = subprocess.Popen(
        [sys.executable, *words], cwd=home.folder, env=home.environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        ready = answered(f"http://127.0.0.1:{port}/readyz")
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert ready["status"] == "ok"
    assert "Traceback" not in said


def answered(url: str) -> dict[str, object]:
    """JSON of a server that is about to listen."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)  # type: ignore[no-any-return]
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
