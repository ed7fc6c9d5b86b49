"""A web server behind a proxy gives notice before it stops."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from typing import cast

from lumi.cli.web_server import NOTICE_SECONDS
from lumi.demo.keys import free_port
from tests.cli.conftest import PATIENCE_SECONDS, Running, stop
from tests.cli.test_servers import answered


@contextmanager
def serving(home: Running, port: int, trusted: str) -> Generator[subprocess.Popen[str]]:
    """One web server more on the database of `lumi up`, ready."""
    changes = {"PORT": str(port), "FORWARDED_ALLOW_IPS": trusted, "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "lumi", "serve"],
        cwd=home.folder,
        env={**home.uncounted_environment, **changes},
        text=True,
    )
    try:
        answered(f"http://127.0.0.1:{port}/readyz")
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, bool, Mapping[str, object]]:
    """Status, whether the connection ends with this answer, and what is said."""
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.will_close, cast("dict[str, object]", json.loads(answer.read()))


def test_it_says_that_it_is_leaving_and_answers_everybody_until_it_goes(home: Running) -> None:
    port = free_port()
    with serving(home, port, "127.0.0.1") as process:
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        assert ask(kept, "/livez") == (200, False, {"status": "ok"})

        process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        status = 200
        while status == 200:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as another:
                status, ends, said = ask(another, "/readyz")
                assert (ends, said["status"] == "leaving") == (status == 503, status == 503)

        assert ask(kept, "/livez") == (200, True, {"status": "ok"})
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
        assert time.monotonic() - told >= NOTICE_SECONDS


def test_with_no_proxy_to_tell_it_goes_at_once(home: Running) -> None:
    with serving(home, free_port(), "") as process:
        code, seconds = stop(process)

    assert code == -signal.SIGTERM
    assert seconds < NOTICE_SECONDS
