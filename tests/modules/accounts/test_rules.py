"""The pure rules: addresses, passwords, tokens' shapes, what a refresh token gets."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.modules.accounts import rules
from lumi.modules.accounts.errors import AddressNotValid, PasswordTooWeak
from lumi.modules.accounts.rules import Presented, judge_refresh
from lumi.modules.accounts.services.entrance import MOST_REMEMBERED, Recent
from lumi.modules.accounts.values import REFRESH_GRACE, RefreshVerdict

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Lea@Example.ORG", "lea@example.org"),
        ("  lea@example.org\n", "lea@example.org"),
        ("lea+till@mail.example.org", "lea+till@mail.example.org"),
        ("ｌｅａ@example.org", "lea@example.org"),
        ("مريم@example.org", "مريم@example.org"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_is_folded_to_one_spelling(typed: str, folded: str) -> None:
    assert rules.check_address(typed) == folded


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lea",
        "@example.org",
        "lea@",
        "lea@@example.org",
        "a b@example.org",
        "lea@example.",
        "lea@.org",
        "lea@a..b",
        "le\0a@example.org",
        "a" * 250 + "@example.org",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressNotValid):
        rules.check_address(typed)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(typed: str) -> None:
    once = rules.fold_address(typed)
    assert rules.fold_address(once) == once


@pytest.mark.parametrize(("length", "is_fine"), [(7, False), (8, True), (200, True), (201, False)])
def test_a_password_has_8_to_200_characters(length: int, is_fine: bool) -> None:
    if is_fine:
        rules.check_password("é" * length)
    else:
        with pytest.raises(PasswordTooWeak):
            rules.check_password("é" * length)


@given(st.uuids(), st.uuids(), st.binary(min_size=32, max_size=32))
def test_a_token_reads_as_what_it_was_made_of(tenant: UUID, row: UUID, secret: bytes) -> None:
    key, token = rules.api_key(tenant, row, secret), rules.refresh_token(tenant, row, secret)
    assert rules.read_api_key(key.text) == key
    assert rules.read_refresh_token(token.text) == token
    assert rules.read_api_key(token.text) is rules.read_refresh_token(key.text) is None


@given(st.text(max_size=120))
def test_any_other_text_is_no_token(text: str) -> None:
    assert rules.read_api_key(text) is rules.read_refresh_token(text) is None


@pytest.mark.parametrize(
    ("token", "verdict"),
    [
        (Presented(LATER, None, same_client=True), RefreshVerdict.ROTATE),
        (Presented(LATER, None, same_client=False), RefreshVerdict.ROTATE),
        (Presented(LATER, NOW, same_client=True), RefreshVerdict.REPEAT),
        (Presented(LATER, NOW - REFRESH_GRACE, same_client=True), RefreshVerdict.REPEAT),
        (Presented(LATER, NOW - REFRESH_GRACE - timedelta.resolution, same_client=True), RefreshVerdict.REUSED),
        (Presented(LATER, NOW, same_client=False), RefreshVerdict.REUSED),
        (Presented(NOW, None, same_client=True), RefreshVerdict.ENDED),
        (Presented(NOW, NOW - timedelta(days=1), same_client=False), RefreshVerdict.ENDED),
    ],
)
def test_a_refresh_token_gets(token: Presented, verdict: RefreshVerdict) -> None:
    assert judge_refresh(token, NOW) is verdict


class TestRecent:
    """What a process remembers of its look-ups."""

    def test_it_is_forgotten_after_its_seconds(self) -> None:
        seconds = [0.0]
        recent = Recent[str](10, lambda: seconds[0])
        recent.put("a", "1")
        seconds[0] = 9.9
        assert recent.get("a") == "1"
        seconds[0] = 10.0
        assert recent.get("a") is None

    def test_it_can_be_forgotten_at_once(self) -> None:
        recent = Recent[str](10)
        recent.put("a", "1")
        recent.forget("a")
        recent.forget("never known")
        assert recent.get("a") is None

    def test_it_does_not_grow_without_end(self) -> None:
        recent = Recent[int](10)
        for number in range(MOST_REMEMBERED + 5):
            recent.put(number, number)
        assert recent.get(4) is None
        assert recent.get(5) == 5
