"""What connecting takes where there are several ways to let us in."""

from __future__ import annotations

import pytest

from lumi.modules.channels.engine.needing import needed
from lumi.modules.channels.errors import CredentialsMissing, CredentialsMixed
from lumi.modules.channels.values.accounts import Need

NEEDS = (
    Need("address", "Address"),
    Need("password", "Password", way="password"),
    Need("client_id", "Client", way="oauth"),
    Need("client_secret", "Secret", required=False, way="oauth"),
    Need("refresh_token", "Token", way="oauth"),
    Need("folder", "Folder", required=False),
)


def names(*given: str) -> list[str]:
    return [need.name for need in needed(NEEDS, dict.fromkeys(given, "x"))]


def test_of_the_ways_only_the_one_that_was_taken_counts() -> None:
    assert names("address", "password") == ["address", "password", "folder"]
    assert names("refresh_token") == ["address", "client_id", "client_secret", "refresh_token", "folder"]


def test_without_a_way_all_of_them_are_named() -> None:
    with pytest.raises(CredentialsMissing) as refusal:
        names("address")

    assert refusal.value.detail == "To connect this account password, or client_id and refresh_token is needed."
    assert refusal.value.extra == {"missing": ["password", "client_id", "refresh_token"]}


def test_parts_of_two_ways_are_refused_and_named() -> None:
    with pytest.raises(CredentialsMixed) as refusal:
        names("address", "password", "client_secret")

    assert "and not password and client_secret" in str(refusal.value.detail)


def test_where_there_is_one_way_everything_counts() -> None:
    needs = (Need("token", "Token"), Need("topic", "Topic", required=False))
    assert needed(needs, {}) == needs
