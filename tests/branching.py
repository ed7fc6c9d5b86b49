"""Processes that begin with Lumi loaded: one loads it, and each that is asked for branches off from it.

Half of what a command takes is loading what it is made of; a branch is a process like any other, with its own folder,
environment, streams and end. How a fresh Python starts is asked by those that are started afresh.

    python -m tests.branching DESCRIPTOR
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, NoReturn, TypedDict

ROOT = Path(__file__).resolve().parents[1]
LOADED = ("alembic.config", "uvicorn", "lumi.cli.application", "lumi.demo.seed", "lumi.main", "lumi.worker")
LONGEST_REQUEST = 128 * 1024
STREAMS = 3
STANDARD_ERROR = 2
PATIENCE_SECONDS = 90.0


class Request(TypedDict):
    """What a branch becomes."""

    module: str
    words: list[str]
    folder: str
    environment: dict[str, str]


@dataclass
class Branch:
    """A process that was started."""

    pid: int
    _said: socket.socket
    _code: int | None = None

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit code, or the signal that ended it, below zero; TimeoutError when it still runs."""
        if self._code is None:
            self._said.settimeout(seconds)
            self._code = int(self._said.recv(16))
            self._said.close()
        return self._code

    def end(self) -> None:
        """End it for certain."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


def start(module: str, *words: str, folder: Path, environment: Mapping[str, str]) -> tuple[Branch, IO[bytes]]:
    """`python -m module words` in this folder, and what it prints; its complaints are ours."""
    entry, end = os.pipe()
    said = os.fdopen(entry, "rb")
    with open(os.devnull) as nothing, open(end, "wb") as saying:
        streams = [nothing.fileno(), saying.fileno(), STANDARD_ERROR]
        return _start(module, words, folder, environment, streams), said


def run(
    module: str, *words: str, folder: Path, environment: Mapping[str, str], given: str = "",
    seconds: float = PATIENCE_SECONDS,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """The same to its end, and all it said."""
    entry, end = os.pipe()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        with open(entry, "rb") as reading:
            streams = [each.fileno() for each in (reading, out, complaints)]
            branch = _start(module, words, folder, environment, streams)
        try:
            with suppress(BrokenPipeError), open(end, "wb") as writing:
                writing.write(given.encode())
            code = branch.wait(seconds)
        finally:
            branch.end()
        said = [_text_of(each) for each in (out, complaints)]
    return subprocess.CompletedProcess([module, *words], code, *said)


def _start(
    module: str, words: Sequence[str], folder: Path, environment: Mapping[str, str], streams: Sequence[int]
) -> Branch:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    request: Request = {
        "module": module, "words": list(words), "folder": str(folder), "environment": dict(environment)
    }  # fmt: skip
    with theirs:
        trunk = _trunk(environment.get("COUNT_BRANCHES_IN", ""))
        socket.send_fds(trunk, [json.dumps(request).encode()], [*streams, theirs.fileno()])
    ours.settimeout(PATIENCE_SECONDS)
    return Branch(int(ours.recv(16)), ours)


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


@cache
def _trunk(counted_in: str) -> socket.socket:
    """The way to the process with everything loaded, which ends when nobody can ask it any more."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    counted = {"COUNT_BRANCHES_IN": counted_in} if counted_in else {}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.branching", str(theirs.fileno())], cwd=ROOT, pass_fds=[theirs.fileno()],
            env={**os.environ, **counted, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip

    @atexit.register
    def end() -> None:
        ours.close()
        process.wait()

    return ours


def _attend(asked: socket.socket) -> None:
    living = set[int]()
    while True:
        request, handed, _, _ = socket.recv_fds(asked, LONGEST_REQUEST, STREAMS + 1)
        if not request:
            return
        living -= {each for each in living if os.waitpid(each, os.WNOHANG)[0]}
        tender = os.fork()
        if tender == 0:
            asked.close()
            _branch_off(request, handed)
        living.add(tender)
        for each in handed:
            os.close(each)


def _branch_off(request: bytes, handed: Sequence[int]) -> NoReturn:
    """Begin it, and tell its number and then its end to who asked."""
    *streams, said = handed
    pid = os.fork()
    if pid == 0:
        os.close(said)
        _become(json.loads(request), streams)
    for each in streams:
        os.close(each)
    with socket.socket(fileno=said) as telling:
        telling.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        telling.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: Request, streams: Sequence[int]) -> NoReturn:
    for stream, each in enumerate(streams):
        os.dup2(each, stream)
        os.close(each)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[1:] = request["words"]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
    sys.exit(0)


def _load() -> None:
    """Everything that all commands use, and the model that tells languages apart."""
    for name in LOADED:
        importlib.import_module(name)
    from lumi.modules.assistant import public as assistant

    assistant.detect("Bonjour !")


if __name__ == "__main__":
    _load()
    assert threading.active_count() == 1, "what has threads cannot branch off"
    gc.collect()
    gc.freeze()
    _attend(socket.socket(fileno=int(sys.argv[1])))
