"""`lumi channels connect mailbox`: by a password, or by what the mailbox granted."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from typing import cast

import pytest

from tests.cli.conftest import Running

ADDRESS = "salon@twin.example"


@pytest.fixture(scope="module")
def twin() -> Generator[dict[str, object]]:
    """A mail provider in a process of its own, and what it says of itself."""
    command = [sys.executable, "-m", "lumi.integrations.mailbox.fake", "--account", ADDRESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield cast("dict[str, object]", json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@pytest.fixture
def salon(home: Running) -> Generator[Running]:
    """The home, in which the mailbox is given up afterwards: nobody else's test finds it without its provider."""
    yield home
    bound = "begin; select app.bind(id) from tenant where slug = 'salon-eclat';"
    ended = "update channel_account set disconnected_at = now() where channel = 'mailbox' returning 'ended'; commit;"
    done = home.lumi("db-shell", "-At", given=bound + ended)
    assert "ended" in done.stdout, done.stderr


@pytest.fixture
def owned(twin: dict[str, object]) -> dict[str, str]:
    """What the owner of the mailbox has, and its operator, as the variables the command reads; no way in yet."""
    ports = cast("dict[str, int]", twin["ports"])
    told = {"MAILBOX_ADDRESS": ADDRESS, "MAILBOX_TOKEN_URL": str(twin["token_url"]), "MAIL_NETWORKS": "127.0.0.0/8"}
    for name in ("imap", "smtp"):
        told |= {f"MAILBOX_{name.upper()}_HOST": "127.0.0.1", f"MAILBOX_{name.upper()}_PORT": str(ports[name])}
        told[f"MAILBOX_{name.upper()}_SECURITY"] = "plain"
    return told


@pytest.fixture
def grant(twin: dict[str, object]) -> dict[str, str]:
    """The way in that takes no password."""
    tokens = cast("dict[str, str]", twin["refresh_tokens"])
    return {
        "MAILBOX_CLIENT_ID": str(twin["client_id"]),
        "MAILBOX_CLIENT_SECRET": str(twin["client_secret"]),
        "MAILBOX_REFRESH_TOKEN": tokens[ADDRESS],
    }


def connect(home: Running, changes: dict[str, str]) -> tuple[int, str]:
    """Exit code, and all that was said."""
    done = home.lumi("channels", "connect", "mailbox", "--tenant", "salon-eclat", changes=changes)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_it_is_connected_by_what_the_mailbox_granted_and_nothing_of_that_is_said(
    salon: Running, owned: dict[str, str], grant: dict[str, str]
) -> None:
    code, said = connect(salon, owned | grant)

    assert (code, f"mailbox {ADDRESS} is connected to salon-eclat." in said) == (0, True)
    assert not any(grant[name] in said for name in ("MAILBOX_CLIENT_SECRET", "MAILBOX_REFRESH_TOKEN"))


def test_without_a_way_in_both_are_named(home: Running, owned: dict[str, str]) -> None:
    code, said = connect(home, owned)

    choice = "Set MAILBOX_PASSWORD, or MAILBOX_CLIENT_ID and MAILBOX_REFRESH_TOKEN: nobody is here to be asked."
    assert (code, choice in said) == (1, True)


def test_half_of_a_way_in_is_named_too(home: Running, owned: dict[str, str], grant: dict[str, str]) -> None:
    code, said = connect(home, owned | {**grant, "MAILBOX_REFRESH_TOKEN": ""})

    assert (code, "Set MAILBOX_REFRESH_TOKEN: nobody is here to be asked." in said) == (1, True)


def test_a_password_and_a_grant_together_are_refused_in_words(
    home: Running, owned: dict[str, str], grant: dict[str, str]
) -> None:
    code, said = connect(home, owned | grant | {"MAILBOX_PASSWORD": "a word"})

    assert code == 1
    assert "password, or client_id and refresh_token is needed, and not password and client_id" in said


def test_where_tokens_are_fetched_is_nothing_that_whoever_connects_can_say(
    home: Running, owned: dict[str, str], grant: dict[str, str]
) -> None:
    code, said = connect(home, owned | grant | {"MAILBOX_TOKEN_URL": ""})

    assert (code, "MAILBOX_TOKEN_URL says who" in said) == (1, True)


def test_the_needs_say_which_way_each_belongs_to(home: Running) -> None:
    rows = [line.split("\t") for line in home.lumi("channels", "needs").stdout.splitlines()]

    mine = {row[1]: row[2] for row in rows if row[0] == "mailbox"}
    assert mine["MAILBOX_PASSWORD"] == "required for password"
    assert mine["MAILBOX_REFRESH_TOKEN"] == "required for oauth"
    assert (mine["MAILBOX_DIRECTORY"], mine["MAILBOX_FOLDER"]) == ("optional for oauth", "optional")


def authorize(home: Running, changes: dict[str, str]) -> subprocess.Popen[str]:
    """The command while it waits for somebody to grant access."""
    return subprocess.Popen(
        [sys.executable, "-m", "lumi", "channels", "authorize", "mailbox", "--tenant", "salon-eclat"],
        cwd=home.folder, env=home.uncounted_environment | changes, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def decided(process: subprocess.Popen[str], twin: dict[str, object], **wishes: object) -> tuple[int, str]:
    """Enter the code it shows; its exit code and all that was said after that."""
    assert process.stdout is not None
    shown = dict(process.stdout.readline().rstrip("\n").split("\t") for _ in range(2))
    assert shown["address"] == f"{twin['url']}/devicelogin"
    body = json.dumps({"user_code": shown["code"], "account": ADDRESS, **wishes}).encode()
    with urllib.request.urlopen(f"{twin['url']}/_twin/tokens/decide", body) as answer:
        assert answer.status == 200
    said = "".join(process.communicate(timeout=60))
    return process.returncode, said


def test_access_is_granted_in_a_browser_while_it_waits_and_what_was_granted_is_shown_to_nobody(
    salon: Running, twin: dict[str, object], owned: dict[str, str], grant: dict[str, str]
) -> None:
    client = {name: grant[name] for name in ("MAILBOX_CLIENT_ID", "MAILBOX_CLIENT_SECRET")}
    asks = authorize(salon, owned | client | {"MAILBOX_DEVICE_URL": str(twin["device_url"])})
    code, said = decided(asks, twin)

    assert (code, f"mailbox {ADDRESS} is connected to salon-eclat." in said) == (0, True), said
    assert not any(secret in said for secret in ("0.A", "eyA", grant["MAILBOX_CLIENT_SECRET"]))


def test_access_that_is_declined_is_told_in_words(
    home: Running, twin: dict[str, object], owned: dict[str, str], grant: dict[str, str]
) -> None:
    client = {name: grant[name] for name in ("MAILBOX_CLIENT_ID", "MAILBOX_CLIENT_SECRET")}
    asks = authorize(home, owned | client | {"MAILBOX_DEVICE_URL": str(twin["device_url"])})
    code, said = decided(asks, twin, decline=True)

    assert (code, "access was not granted (authorization_declined)" in said) == (1, True), said
    assert "Traceback" not in said


def test_where_no_codes_are_given_that_is_said(home: Running, owned: dict[str, str], grant: dict[str, str]) -> None:
    done = home.lumi("channels", "authorize", "mailbox", "--tenant", "salon-eclat", changes=owned | grant)

    assert done.returncode == 1
    assert "gives no codes" in done.stderr


def test_a_channel_whose_accounts_grant_nothing_in_a_browser_says_so(home: Running) -> None:
    token = {"TELEGRAM_BOT_TOKEN": "7:invented"}
    done = home.lumi("channels", "authorize", "telegram", "--tenant", "salon-eclat", changes=token)

    assert done.returncode == 1
    assert "not granted in a browser" in done.stderr
