"""Only Telegram and we know a bot's secret: everything else is refused."""

from collections.abc import Mapping

import pytest

from lumi.integrations.telegram.webhook_secret import is_possible, secret_in, verify

SECRET = "an_invented-webhook-secret"


@pytest.mark.parametrize("name", ["X-Telegram-Bot-Api-Secret-Token", "x-telegram-bot-api-secret-token"])
def test_the_secret_is_found_however_its_header_is_spelt(name: str) -> None:
    assert secret_in({"Host": "a.example", name: SECRET}) == SECRET
    assert verify(SECRET, {name: SECRET})


def test_a_third_spelling_is_found_too() -> None:
    assert verify(SECRET, {"X-TELEGRAM-BOT-API-SECRET-TOKEN": SECRET})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET.upper()},
        {"X-Telegram-Bot-Api-Secret-Token": "sécret"},
        {"X-Telegram-Bot-Api-Secret-Token": "\udcff"},
        {"Authorization": SECRET},
    ],
)
def test_any_other_header_is_refused(headers: Mapping[str, str]) -> None:
    assert not verify(SECRET, headers)


def test_an_empty_secret_verifies_nothing() -> None:
    assert not verify("", {"X-Telegram-Bot-Api-Secret-Token": ""})
    assert not verify("", {})


@pytest.mark.parametrize(("secret", "possible"), [("aZ0_-", True), ("x" * 256, True), ("", False), ("x" * 257, False)])
def test_a_secret_has_1_to_256_characters(secret: str, possible: bool) -> None:
    assert is_possible(secret) is possible


@pytest.mark.parametrize("secret", ["with space", "sécret", "a\n", "a+b", "a/b="])
def test_a_secret_has_letters_digits_underscores_and_hyphens(secret: str) -> None:
    assert not is_possible(secret)
