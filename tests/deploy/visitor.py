"""Somebody who asks an organisation a question in the chat of its page, over HTTP and its socket."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from typing import cast
from urllib.error import HTTPError, URLError
from uuid import uuid4

from websockets.sync.client import connect

Frame = dict[str, object]

PATIENCE_SECONDS = 45.0


def status_of(address: str, trusting: ssl.SSLContext | None = None) -> int:
    """The status of an answer; ConnectionError where nobody answers."""
    try:
        with cast(
            "HTTPResponse", urllib.request.urlopen(address, timeout=PATIENCE_SECONDS, context=trusting)
        ) as answer:
            return answer.status
    except HTTPError as refused:
        with refused:
            return refused.code
    except URLError as failed:
        raise ConnectionError(address) from failed


def answer_of(base: str, slug: str, question: str) -> Frame:
    """What the organisation answers, as its page shows it."""
    wanted = urllib.request.Request(f"{base}/v1/widget/{slug}/session", b"{}", {"Content-Type": "application/json"})
    with cast("HTTPResponse", urllib.request.urlopen(wanted, timeout=PATIENCE_SECONDS)) as answer:
        token = cast("Frame", json.load(answer))["token"]
    with connect(base.replace("http", "ws", 1) + "/v1/widget/socket", compression=None) as socket:
        socket.send(json.dumps({"type": "auth", "token": token}))
        socket.send(json.dumps({"type": "message", "id": str(uuid4()), "text": question}))
        while True:
            frame = cast("Frame", json.loads(socket.recv(PATIENCE_SECONDS)))
            if frame["type"] == "message" and frame["author"] == "assistant":
                return frame


def until_answers(address: str, trusting: ssl.SSLContext | None = None) -> None:
    """Wait until this address answers with 200."""

    def answers() -> bool:
        try:
            return status_of(address, trusting) == 200
        except ConnectionError:
            return False

    until(answers, lambda: address)


def until(happens: Callable[[], bool], awaited: Callable[[], str]) -> None:
    """Wait until something happens; what was waited for is told by a TimeoutError."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        if time.monotonic() > give_up_at:
            raise TimeoutError(awaited())
        time.sleep(0.05)
