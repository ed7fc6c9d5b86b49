"""Secrets at rest: what opens, and everything that does not."""

import secrets
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.core import crypto
from lumi.core.crypto import Keyring, NotOpened
from lumi.core.ids import new_id

OLD, NEW = b"an old master key", b"a new master key"
TENANT, OTHER = new_id(), new_id()


@given(st.binary(max_size=200), st.uuids())
def test_what_was_sealed_opens_again_for_the_same_tenant(plain: bytes, tenant: UUID) -> None:
    assert crypto.open_sealed(crypto.seal(plain, tenant_id=tenant), tenant_id=tenant) == plain


def test_text_is_sealed_as_utf_8() -> None:
    assert crypto.open_sealed(crypto.seal("clé", tenant_id=TENANT), tenant_id=TENANT) == "clé".encode()


def test_the_same_secret_sealed_twice_differs_and_shows_nothing_of_itself() -> None:
    first, second = (crypto.seal(b"the secret itself", tenant_id=TENANT) for _ in range(2))
    assert first != second
    assert b"secret" not in first


def test_it_does_not_open_for_another_tenant() -> None:
    with pytest.raises(NotOpened):
        crypto.open_sealed(crypto.seal(b"x", tenant_id=TENANT), tenant_id=OTHER)


def test_no_byte_of_it_can_be_changed() -> None:
    blob = crypto.seal(b"x", tenant_id=TENANT)
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1
        with pytest.raises(NotOpened):
            crypto.open_sealed(bytes(changed), tenant_id=TENANT)


def test_no_part_of_it_opens() -> None:
    blob = crypto.seal(b"some bytes", tenant_id=TENANT)
    for length in range(len(blob)):
        with pytest.raises(NotOpened):
            crypto.open_sealed(blob[:length], tenant_id=TENANT)


def test_after_a_change_of_keys_the_old_one_still_opens_and_the_new_one_seals() -> None:
    blob = Keyring(OLD).seal(b"x", tenant_id=TENANT)
    ring = Keyring(NEW, retired=[OLD])
    assert ring.open_sealed(blob, tenant_id=TENANT) == b"x"
    assert Keyring(NEW).open_sealed(ring.seal(b"y", tenant_id=TENANT), tenant_id=TENANT) == b"y"


def test_a_key_that_was_thrown_away_opens_nothing() -> None:
    with pytest.raises(NotOpened):
        Keyring(NEW).open_sealed(Keyring(OLD).seal(b"x", tenant_id=TENANT), tenant_id=TENANT)


def test_each_purpose_has_a_key_of_its_own_that_stays_the_same() -> None:
    assert len(crypto.derive("cursor")) == 32
    assert crypto.derive("cursor") == crypto.derive("cursor")
    assert crypto.derive("cursor") != crypto.derive("widget")
    assert Keyring(OLD).derive("cursor") != Keyring(NEW).derive("cursor")


def test_the_digest_of_a_token_is_the_same_for_text_and_bytes_and_32_bytes_long() -> None:
    token = secrets.token_urlsafe(32)
    assert crypto.digest(token) == crypto.digest(token.encode())
    assert len(crypto.digest(token)) == 32
    assert crypto.digest(token) != crypto.digest(secrets.token_urlsafe(32))
