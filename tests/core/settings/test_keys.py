"""SECRET_KEY, the keys of access tokens, how they sign and for how long."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lumi.core import crypto
from lumi.core.db import Database
from lumi.core.limits import Limiter
from lumi.core.settings import MissingSetting
from lumi.modules.accounts import public as accounts
from lumi.modules.accounts.services.keys import SigningKeys
from lumi.modules.tenants.public import Tenant
from tests import factories
from tests.core.settings.conftest import Given


def a_key() -> tuple[str, str]:
    """A private key and its public half, as PEM."""
    made = generate_private_key(65_537, 2_048)
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module")
def pem() -> tuple[str, str]:
    return a_key()


def test_what_one_master_key_sealed_another_does_not_open(given: Given) -> None:
    tenant = uuid4()
    given(SECRET_KEY="a" * 40)
    sealed = crypto.seal("the token", tenant_id=tenant)
    assert crypto.open_sealed(sealed, tenant_id=tenant) == b"the token"

    given(SECRET_KEY="b" * 40)
    with pytest.raises(crypto.NotOpened):
        crypto.open_sealed(sealed, tenant_id=tenant)


def test_a_private_key_may_be_one_line_with_n_for_new_lines(given: Given, pem: tuple[str, str]) -> None:
    plain = SigningKeys.load(given(RSA_PRIVATE_KEY=pem[0]))
    on_one_line = SigningKeys.load(given(RSA_PRIVATE_KEY=pem[0].replace("\n", "\\n")))
    assert plain.kid == on_one_line.kid


def test_keys_in_files_are_the_keys_in_variables(given: Given, pem: tuple[str, str], tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_text(pem[0])
    public.write_text(pem[1])
    from_variables = SigningKeys.load(given(RSA_PRIVATE_KEY=pem[0], RSA_PUBLIC_KEY=pem[1]))
    both = given(
        RSA_PRIVATE_KEY="", RSA_PUBLIC_KEY="", RSA_PRIVATE_KEY_PATH=str(private), RSA_PUBLIC_KEY_PATH=str(public)
    )
    assert SigningKeys.load(both).kid == from_variables.kid


def test_a_public_key_of_another_pair_is_refused_from_a_file_too(
    given: Given, pem: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "public.pem").write_text(a_key()[1])
    settings = given(RSA_PRIVATE_KEY=pem[0], RSA_PUBLIC_KEY_PATH=str(tmp_path / "public.pem"))
    with pytest.raises(MissingSetting, match="does not belong"):
        SigningKeys.load(settings)


def test_a_key_file_that_is_not_there_is_named(given: Given, tmp_path: Path) -> None:
    with pytest.raises(MissingSetting) as refused:
        given(RSA_PRIVATE_KEY_PATH=str(tmp_path / "nothing.pem"))
    assert refused.value.complaints == ["RSA_PRIVATE_KEY_PATH: the file cannot be read (FileNotFoundError)"]


def test_a_key_and_a_file_with_another_are_refused_and_neither_is_shown(
    given: Given, pem: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "private.pem").write_text(a_key()[0])
    with pytest.raises(MissingSetting) as refused:
        given(RSA_PRIVATE_KEY=pem[0], RSA_PRIVATE_KEY_PATH=str(tmp_path / "private.pem"))
    assert refused.value.complaints == ["RSA_PRIVATE_KEY and RSA_PRIVATE_KEY_PATH hold different keys: set one of them"]


@pytest.mark.parametrize("algorithm", ["HS256", "none", "ES256"])
def test_another_way_to_sign_is_refused_with_the_reason(given: Given, algorithm: str) -> None:
    assert given(JWT_ALGORITHM="RS256").jwt_algorithm == "RS256"
    with pytest.raises(MissingSetting, match="JWT_ALGORITHM: only RS256: with a shared secret whoever checks"):
        given(JWT_ALGORITHM=algorithm)


async def test_an_access_token_is_good_for_as_many_minutes(given: Given, database: Database, tenant: Tenant) -> None:
    entrance = accounts.open_entrance(given(JWT_EXPIRATION_MINUTES="3"), database, Limiter())
    headers = await factories.make_staff_headers(database, entrance, tenant, ["tenant:read"])
    payload = headers["Authorization"].split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert said["exp"] - said["iat"] == 180


@pytest.mark.parametrize("minutes", ["0", "100000", "soon"])
def test_minutes_that_make_no_sense_are_refused(given: Given, minutes: str) -> None:
    with pytest.raises(MissingSetting, match="JWT_EXPIRATION_MINUTES"):
        given(JWT_EXPIRATION_MINUTES=minutes)
