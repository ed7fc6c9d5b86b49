"""`lumi init`, and a production installation that it began: one organisation, its owner, and nothing to play with."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from typing import IO

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lumi.core.server import attach
from lumi.demo.keys import free_port
from tests.cli.conftest import Home, stop, until_said

WHO = ("--slug", "old-mill", "--name", "The Old Mill", "--email", "Owner@Mill.example")


@dataclass
class ProductionHome(Home):
    """A folder with everything set that production asks for."""

    key: str

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "APP_ENV": "production", "SECRET_KEY": "k" * 48, "RSA_PRIVATE_KEY": self.key,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
        }  # fmt: skip
        return {**super().environment, **ours}


@dataclass
class Begun(ProductionHome):
    """The same after `lumi init`, with everything running."""

    password: str
    said: str
    process: subprocess.Popen[str]

    def ask(self, path: str, body: object = None) -> tuple[int, str, bytes]:
        """Status, place it leads to, body; redirects are not followed."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, "", answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers.get("location", ""), refusal.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


@pytest.fixture(scope="module")
def bare() -> Generator[ProductionHome]:
    """A production folder nothing has run in."""
    folder = Path(tempfile.mkdtemp(prefix="lumi-init-"))
    folder.chmod(0o711)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    yield ProductionHome(folder, free_port(), pem)
    asyncio.run(attach.destroy(folder))
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def begun(bare: ProductionHome) -> Generator[Begun]:
    """A production installation that `lumi init` made, running."""
    done = bare.lumi("init", *WHO)
    assert done.returncode == 0, done.stderr
    password = re.search(r"Password, shown this once: (\S+)", done.stdout)
    assert password
    process = bare.start()
    running = Begun(bare.folder, bare.port, bare.key, password[1], done.stdout + done.stderr, process)
    until_said(process, "Logs")
    yield running
    stop(process)


def test_what_is_not_given_and_cannot_be_asked_is_named(empty_home: Home) -> None:
    done = empty_home.lumi("init", "--slug", "old-mill")

    assert (done.returncode, done.stdout) == (1, "")
    assert "--name" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_owner_signs_in_with_the_password_that_was_shown(begun: Begun) -> None:
    entry = {"email": "owner@mill.example", "password": begun.password, "keep": "body"}
    status, _, body = begun.ask("/v1/auth/sign-in", entry)

    assert status == 200
    assert json.loads(body)["tenant"]["slug"] == "old-mill"
    assert "conversations:write" in json.loads(body)["permissions"]


def test_it_says_what_comes_next(begun: Begun) -> None:
    for step in ("lumi up", "lumi knowledge load old-mill", "/console", "/chat/old-mill", "lumi backup"):
        assert step in begun.said


def test_nothing_of_the_demo_is_there(begun: Begun) -> None:
    for path in ("/demo/phone", "/demo/organisations", "/assets/demo/phone.js", "/chat/salon-eclat"):
        assert begun.ask(path)[0] == 404, path
    assert begun.lumi("tenant", "list").stdout == "old-mill\tThe Old Mill\tfr\tEurope/Paris\n"
    assert not (begun.folder / "demo.json").exists()
    assert "demo.twins" not in _family(begun)
    refused = begun.lumi("seed")
    assert refused.returncode == 1
    assert "not for production" in refused.stderr


def test_the_front_door_is_the_console_and_the_chat_is_there(begun: Begun) -> None:
    status, place, _ = begun.ask("/")

    assert (status, place) == (307, "/console")
    assert begun.ask("/chat/old-mill")[0] == 200


def test_it_answers(begun: Begun) -> None:
    (reply,) = begun.objects("chat", "old-mill", "--json", given="Bonjour !\n")

    assert reply["lang"] == "fr"


def test_a_second_one_is_refused_and_changes_nothing(begun: Begun) -> None:
    before = begun.lumi("tenant", "list").stdout
    done = begun.lumi("init", "--slug", "other", "--name", "Other", "--email", "other@mill.example")

    assert (done.returncode, done.stdout) == (1, "")
    assert "an installation already, with old-mill" in done.stderr
    assert begun.lumi("tenant", "list").stdout == before


@pytest.fixture
def fresh(bare: ProductionHome) -> Generator[ProductionHome]:
    """Another production folder nothing has run in."""
    folder = Path(tempfile.mkdtemp(prefix="lumi-init-"))
    folder.chmod(0o711)
    yield ProductionHome(folder, free_port(), bare.key)
    asyncio.run(attach.destroy(folder))
    shutil.rmtree(folder)


def test_a_password_from_standard_input_is_taken_and_a_weak_one_refused(fresh: ProductionHome) -> None:
    weak = fresh.lumi("init", *WHO, "--password-stdin", given="short\n")
    assert (weak.returncode, weak.stdout) == (1, "")
    assert "Traceback" not in weak.stderr

    done = fresh.lumi("init", *WHO, "--password-stdin", given="a long enough phrase\n")

    assert done.returncode == 0, done.stderr
    assert "Password" not in done.stdout
    assert "long enough" not in done.stdout + done.stderr


def _family(begun: Begun) -> str:
    lines = ""
    for children in Path(f"/proc/{begun.process.pid}/task").glob("*/children"):
        for pid in children.read_text().split():
            lines += Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() + "\n"
    return lines
