"""`lumi channels`: connecting an account from the terminal."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import cast

import pytest

from lumi.integrations.graph import signature
from tests.cli.conftest import Running

RECORDED = Path(__file__).resolve().parents[1] / "integrations" / "whatsapp" / "bodies" / "text.json"


@pytest.fixture
def owned(home: Running) -> dict[str, str]:
    """What the salon has of its number, as the variables the command reads."""
    players = cast("list[dict[str, str]]", home.kept["players"])
    salon = next(each for each in players if each["slug"] == "salon-eclat")
    names = ("phone_number_id", "app_secret", "access_token", "verify_token")
    return {f"WHATSAPP_{name.upper()}": salon[name] for name in names}


def connect(home: Running, changes: dict[str, str], *words: str) -> tuple[int, dict[str, str], str]:
    """Exit code, what to enter at the provider, what was said beside it."""
    done = home.lumi("channels", "connect", "whatsapp", "--tenant", "salon-eclat", *words, changes=changes)
    assert "Traceback" not in done.stderr
    lines = [line.partition("\t") for line in done.stdout.splitlines()]
    return done.returncode, {name: value for name, _, value in lines}, done.stderr


def test_it_asks_the_provider_and_says_what_to_enter_there(home: Running, owned: dict[str, str]) -> None:
    code, shown, said = connect(home, owned)

    assert (code, shown["verify token"]) == (0, owned["WHATSAPP_VERIFY_TOKEN"])
    assert shown["webhook URL"].startswith(f"http://127.0.0.1:{home.port}/webhooks/whatsapp/")
    assert "is connected to salon-eclat" in said
    assert owned["WHATSAPP_ACCESS_TOKEN"] not in said


def test_it_waits_for_the_first_event(home: Running, owned: dict[str, str]) -> None:
    assert home.lumi("webhook", "post", "whatsapp", str(RECORDED), "--tenant", "salon-eclat").returncode == 0

    code, _, said = connect(home, owned, "--wait", "20")

    assert code == 0
    assert "The first event has come in." in said


def test_a_token_the_provider_does_not_accept_is_refused_in_words(home: Running, owned: dict[str, str]) -> None:
    code, shown, said = connect(home, {**owned, "WHATSAPP_ACCESS_TOKEN": "of-somebody-else"})

    assert (code, shown) == (1, {})
    assert "refused with code 190 (auth)" in said
    assert "Nothing was stored." in said
    assert "of-somebody-else" not in said


def test_what_is_not_set_and_cannot_be_asked_is_named(home: Running, owned: dict[str, str]) -> None:
    code, _, said = connect(home, {**owned, "WHATSAPP_APP_SECRET": ""})

    assert code == 1
    assert "Set WHATSAPP_APP_SECRET: nobody is here to be asked." in said


def test_a_channel_without_credentials_is_refused_in_words(home: Running) -> None:
    done = home.lumi("channels", "connect", "web", "--tenant", "salon-eclat")

    assert done.returncode == 1
    assert "not connected with credentials" in done.stderr


def test_the_connected_accounts_are_listed(home: Running, owned: dict[str, str]) -> None:
    done = home.lumi("channels", "list", "--tenant", "salon-eclat")

    rows = [line.split("\t")[1:3] for line in done.stdout.splitlines()]
    assert ["whatsapp", owned["WHATSAPP_PHONE_NUMBER_ID"]] in rows
    assert ["web", "salon-eclat"] in rows


def test_status_is_a_table_over_the_accounts_and_zero_when_nothing_is_wrong(home: Running) -> None:
    done = home.lumi("channels", "status", "--org", "salon-eclat")

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    head, *rows = done.stdout.splitlines()
    assert head.split("\t")[:4] == ["channel", "account", "state", "received"]
    assert {row.split("\t")[0] for row in rows} >= {"web", "whatsapp"}


def test_status_without_an_organisation_is_of_all_of_them(home: Running) -> None:
    done = home.lumi("channels", "status")

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    head, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert head[:3] == ["organisation", "channel", "account"]
    assert {row[0] for row in rows} >= {"salon-eclat", "casa-brava", "nadia"}
    assert {"waiting", "sent", "delivered", "read"} <= set(head)


def test_status_as_json_is_one_account_a_line(home: Running) -> None:
    done = home.lumi("channels", "status", "--org", "salon-eclat", "--json")

    accounts = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["channel"] for each in accounts} >= {"web", "whatsapp"}
    assert {len(each["hours"]) for each in accounts} == {24}
    assert all(each["alerts"] == [] for each in accounts)


def test_status_of_an_organisation_there_is_not_is_refused_in_words(home: Running) -> None:
    done = home.lumi("channels", "status", "--org", "nobody")

    assert done.returncode != 0
    assert "There is no tenant 'nobody'" in done.stderr


def test_what_is_signed_by_a_shared_app_and_cannot_be_read_is_listed_for_the_operator(
    home: Running, owned: dict[str, str]
) -> None:
    other = next(each for each in cast("list[dict[str, str]]", home.kept["players"]) if each["slug"] != "salon-eclat")
    named = {f"WHATSAPP_{name.upper()}": other[name] for name in ("phone_number_id", "access_token", "verify_token")}
    theirs = ("channels", "connect", "whatsapp", "--tenant", other["slug"], "--wait", "0")
    shared = {**named, "WHATSAPP_APP_SECRET": owned["WHATSAPP_APP_SECRET"]}
    assert home.lumi(*theirs, changes=shared).returncode == 0
    try:
        row = listed(home, owned["WHATSAPP_APP_SECRET"], b"[whose is this\x1b?")
    finally:
        home.lumi(*theirs, changes={**named, "WHATSAPP_APP_SECRET": other["app_secret"]})

    assert (row[1], row[3], json.loads(row[4])) == ("whatsapp", "16", "[whose is this\ufffd?")


def listed(home: Running, secret: str, body: bytes) -> list[str]:
    """Post this until the server knows that two share the app, and it is nobody's."""
    signed = {signature.HEADER: signature.sign(secret, body)}
    for _ in range(20):
        posted = urllib.request.Request(f"http://127.0.0.1:{home.port}/webhook", data=body, headers=signed)
        with urllib.request.urlopen(posted) as answer:
            assert answer.status == 200
        if rows := home.lumi("channels", "unclaimed").stdout.splitlines():
            (row,) = rows
            return row.split("\t")
    raise AssertionError("it is somebody's")
