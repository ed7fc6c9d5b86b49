"""Only WhatsApp knows the app secret: everything else is refused."""

import pytest

from lumi.integrations.graph.signature import challenge, sign, verify

SECRET = "app-secret"
BODY = b'{"object":"page","entry":[]}'
KNOWN = "sha256=e6e9d7a842a48e17f43a34d6125d0d933e2aab92ee37f0993a4d493b50e3d438"


def test_the_published_example_verifies() -> None:
    assert sign(SECRET, BODY) == KNOWN
    assert verify(SECRET, BODY, KNOWN)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        KNOWN.removeprefix("sha256="),
        KNOWN.replace("sha256", "sha1"),
        KNOWN[:-1],
        KNOWN[:-1] + "9",
        KNOWN + "0",
        "sha256=é" + "0" * 63,
        "\udcff",
    ],
)
def test_any_other_header_is_refused(header: str | None) -> None:
    assert not verify(SECRET, BODY, header)


def test_one_changed_byte_is_refused() -> None:
    assert not verify(SECRET, BODY + b" ", KNOWN)


def test_the_secret_of_another_app_is_refused() -> None:
    assert not verify("another-secret", BODY, KNOWN)


def test_an_empty_secret_verifies_nothing() -> None:
    assert not verify("", BODY, sign("", BODY))


def test_escaped_and_plain_emoji_are_signed_as_the_bytes_they_are() -> None:
    escaped, plain = rb'{"a":"\ud83d\ude0a"}', '{"a":"😊"}'.encode()
    assert verify(SECRET, escaped, sign(SECRET, escaped))
    assert not verify(SECRET, plain, sign(SECRET, escaped))


def subscription(**changes: str) -> dict[str, str]:
    return {"hub.mode": "subscribe", "hub.challenge": "81", "hub.verify_token": "ours"} | {
        f"hub.{key}": value for key, value in changes.items()
    }


def test_a_subscription_with_our_token_gets_its_challenge_back() -> None:
    assert challenge(subscription(), "ours") == "81"


@pytest.mark.parametrize("changes", [{"verify_token": "theirs"}, {"verify_token": "öurs"}, {"mode": "unsubscribe"}])
def test_any_other_subscription_is_refused(changes: dict[str, str]) -> None:
    assert challenge(subscription(**changes), "ours") is None


def test_without_a_token_of_ours_nobody_subscribes() -> None:
    assert challenge(subscription(verify_token=""), "") is None
    assert challenge({}, "ours") is None
