"""A real Dovecot, without privileges, in a folder of its own: IMAP, and submission that relays to a server of ours."""

from __future__ import annotations

import base64
import grp
import hashlib
import hmac
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pytest

from lumi.core import clock
from lumi.demo.keys import free_port
from tests.core.certificates import self_made

PROGRAM = "/usr/sbin/dovecot"
# Debian's packages, and what each brings.
PACKAGES = {"dovecot-imapd": "/usr/lib/dovecot/imap", "dovecot-submissiond": "/usr/lib/dovecot/submission-login"}
ACCOUNT = "salon@twin.example"
PASSWORD = 'an invented "pass"\\word ñ'
_TOKEN_KEY = b"an-invented-key-of-an-authority!"
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Dovecot:
    """One that runs, and how to reach it. It has one account."""

    imap: int
    imap_tls: int
    submission: int
    authority: str
    folder: Path

    def access_token(self) -> str:
        """A token of the account that this server trusts, good for an hour."""
        issued = int(clock.now().timestamp())
        claims = {"sub": ACCOUNT, "email": ACCOUNT, "iat": issued - 60, "nbf": issued - 60, "exp": issued + 3600}
        signed = f"{_coded({'alg': 'HS256', 'typ': 'JWT'})}.{_coded(claims)}"
        seal = hmac.new(_TOKEN_KEY, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"

    def renumber(self) -> None:
        """Lose the index of the inbox, as when somebody restores a backup."""
        for each in (self.folder / "mail" / ACCOUNT).glob("dovecot*"):
            each.unlink()


@contextmanager
def dovecot(relay_port: int, relay_password: str) -> Generator[Dovecot]:
    """A Dovecot whose submission hands its mails to this port; without the program the test is skipped."""
    _needs_dovecot()
    # Its sockets lie there, whose paths may be no longer than 108 characters.
    folder = Path(tempfile.mkdtemp(prefix="dovecot"))
    try:
        certificate, key = self_made(folder)
        running = Dovecot(free_port(), free_port(), free_port(), certificate.read_text(), folder)
        _write_keys(folder)
        (folder / "dovecot.conf").write_text(_configuration(running, certificate, key, relay_port, relay_password))
        with _started(running):
            yield running
    finally:
        shutil.rmtree(folder)


def _needs_dovecot() -> None:
    missing = [name for name, place in PACKAGES.items() if not Path(place).exists()]
    if missing:
        if os.environ.get("CI"):
            pytest.fail(f"{' and '.join(missing)} are missing; in CI they must be there")
        pytest.skip(f"{' and '.join(missing)} are missing: scripts/setup.sh machine installs them, or sudo apt install")
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    if not said.startswith("2.3."):
        pytest.skip(f"the configuration of these tests is for Dovecot 2.3, here is {said.split()[0]}")


def _configuration(running: Dovecot, certificate: Path, key: Path, relay_port: int, relay_password: str) -> str:
    account = pwd.getpwuid(_user())
    return Template((Path(__file__).parent / "dovecot.conf").read_text()).substitute(
        folder=running.folder,
        user=account.pw_name,
        group=grp.getgrgid(account.pw_gid).gr_name,
        uid=account.pw_uid,
        gid=account.pw_gid,
        certificate=certificate,
        key=key,
        account=ACCOUNT,
        relay_port=relay_port,
        relay_password=relay_password,
        imap_port=running.imap,
        imap_tls_port=running.imap_tls,
        submission_port=running.submission,
    )


def _write_keys(folder: Path) -> None:
    (folder / "people").write_text(f"{ACCOUNT}:{PASSWORD}\n")
    (folder / "oauth2.conf").write_text(
        f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
        "username_attribute = email\n"
    )
    place = folder / "keys" / "default" / "HS256"
    place.mkdir(parents=True)
    (place / "default").write_bytes(base64.b64encode(_TOKEN_KEY))


@contextmanager
def _started(running: Dovecot) -> Generator[None]:
    user = _user()
    if os.geteuid() == 0:
        for each in (running.folder, *running.folder.rglob("*")):
            os.chown(each, user, pwd.getpwuid(user).pw_gid)
    as_root = os.geteuid() == 0
    process = subprocess.Popen(
        [PROGRAM, "-F", "-c", "dovecot.conf"], cwd=running.folder,
        user=user if as_root else None, group=pwd.getpwuid(user).pw_gid if as_root else None,
        extra_groups=[] if as_root else None, start_new_session=True,
    )  # fmt: skip
    try:
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", running.imap), 1).close()
                break
            except OSError:
                alive = process.poll() is None and time.monotonic() < give_up_at
                assert alive, (running.folder / "log").read_text()
                time.sleep(0.02)
        yield
    finally:
        # Asked politely it takes a second.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _user() -> int:
    """Root would be refused by Dovecot, so it becomes nobody."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()


def _coded(part: dict[str, str] | dict[str, str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
