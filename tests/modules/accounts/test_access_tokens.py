"""Access tokens: what is accepted, and everything that is not."""

import base64
import hmac
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from lumi.core import clock
from lumi.core.errors import Unauthenticated
from lumi.core.ids import new_id
from lumi.core.settings import MissingSetting, Settings
from lumi.modules.accounts.services import tokens
from lumi.modules.accounts.services.keys import SigningKeys
from lumi.modules.accounts.values import AccessClaims


def claims(minutes: int = 10) -> AccessClaims:
    return AccessClaims(new_id(), new_id(), new_id(), tokens.expiry(clock.now().replace(microsecond=0), minutes))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def said_by(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_a_token_says_again_what_it_was_issued_for(keys: SigningKeys) -> None:
    wanted = claims()
    assert tokens.read(keys, tokens.issue(keys, wanted, clock.now()), clock.now()) == wanted


def test_a_token_names_nobody_and_lists_no_permissions(keys: SigningKeys) -> None:
    said = said_by(tokens.issue(keys, claims(), clock.now()))
    assert set(said) == {"iss", "aud", "sub", "tid", "sid", "iat", "exp", "jti"}


def test_a_token_expires_and_a_clock_a_few_seconds_off_does_no_harm(keys: SigningKeys) -> None:
    wanted = claims()
    token = tokens.issue(keys, wanted, clock.now())
    assert tokens.read(keys, token, wanted.expires_at + timedelta(seconds=4)) == wanted
    with pytest.raises(Unauthenticated):
        tokens.read(keys, token, wanted.expires_at + timedelta(seconds=6))


def test_a_token_from_the_future_is_refused(keys: SigningKeys) -> None:
    now = clock.now()
    token = tokens.issue(keys, claims(120), now + timedelta(minutes=1))
    with pytest.raises(Unauthenticated):
        tokens.read(keys, token, now)


REQUIRED = ("iss", "aud", "sub", "tid", "sid", "iat", "exp", "jti")
WRONG: list[dict[str, object]] = [
    {"iss": "https://elsewhere.example"},
    {"aud": "another"},
    {"sub": "not-a-uuid"},
    {"exp": "9999999999"},
    {"exp": float("nan")},
    {"exp": 10**400},
    {"exp": 10**15},
    *({name: None} for name in REQUIRED),
]


@pytest.mark.parametrize("change", WRONG)
def test_a_well_signed_token_that_says_something_else_is_refused(keys: SigningKeys, change: dict[str, object]) -> None:
    said = said_by(tokens.issue(keys, claims(), clock.now())) | change
    token = jwt.encode({"alg": "RS256", "kid": keys.kid}, said, keys.private)
    with pytest.raises(Unauthenticated):
        tokens.read(keys, token, clock.now())


@pytest.mark.parametrize("name", REQUIRED)
def test_a_well_signed_token_that_leaves_something_out_is_refused(keys: SigningKeys, name: str) -> None:
    said = said_by(tokens.issue(keys, claims(), clock.now()))
    del said[name]
    token = jwt.encode({"alg": "RS256", "kid": keys.kid}, said, keys.private)
    with pytest.raises(Unauthenticated):
        tokens.read(keys, token, clock.now())


def test_a_token_signed_by_another_key_is_refused_whatever_kid_it_names(keys: SigningKeys) -> None:
    said = said_by(tokens.issue(keys, claims(), clock.now()))
    token = jwt.encode({"alg": "RS256", "kid": keys.kid}, said, RSAKey.generate_key(2048))
    with pytest.raises(Unauthenticated):
        tokens.read(keys, token, clock.now())


def test_a_token_of_another_kid_is_refused(keys: SigningKeys) -> None:
    said = said_by(tokens.issue(keys, claims(), clock.now()))
    token = jwt.encode({"alg": "RS256", "kid": "another"}, said, keys.private)
    with pytest.raises(Unauthenticated):
        tokens.read(keys, token, clock.now())


def test_the_public_key_is_no_shared_secret(keys: SigningKeys) -> None:
    body = tokens.issue(keys, claims(), clock.now()).split(".")[1]
    header = encoded(json.dumps({"alg": "HS256", "typ": "JWT", "kid": keys.kid}).encode())
    for secret in (keys.public.as_pem(private=False), keys.public.as_der(private=False)):
        signature = encoded(hmac.digest(secret, f"{header}.{body}".encode(), "sha256"))
        with pytest.raises(Unauthenticated):
            tokens.read(keys, f"{header}.{body}.{signature}", clock.now())


@pytest.mark.parametrize("algorithm", ["none", "None", "RS512", "PS256"])
def test_only_our_algorithm_is_accepted(keys: SigningKeys, algorithm: str) -> None:
    token = tokens.issue(keys, claims(), clock.now())
    _, body, signature = token.split(".")
    forged = encoded(json.dumps({"alg": algorithm, "typ": "JWT", "kid": keys.kid}).encode())
    for ending in (signature, ""):
        with pytest.raises(Unauthenticated):
            tokens.read(keys, f"{forged}.{body}.{ending}", clock.now())


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "eyJ" * 3000, "[" * 3000, "a.b", "a.b.c.d.e"])
def test_what_is_no_token_is_refused(keys: SigningKeys, text: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.read(keys, text, clock.now())


def settings(home: Path, **more: object) -> Settings:
    return Settings.model_validate({"app_env": "test", "lumi_home": home, **more})


def pem(bits: int = 2048) -> tuple[SecretStr, SecretStr]:
    key = generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return SecretStr(private.decode()), SecretStr(public.decode())


class TestKeys:
    """Where the keys come from."""

    def test_in_development_they_are_made_once_and_only_the_owner_may_read_them(self, tmp_path: Path) -> None:
        first = SigningKeys.load(settings(tmp_path))
        assert SigningKeys.load(settings(tmp_path)).kid == first.kid
        files = list((tmp_path / "keys").iterdir())
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]

    def test_production_never_makes_them(self, tmp_path: Path) -> None:
        with pytest.raises(MissingSetting, match="RSA_PRIVATE_KEY"):
            SigningKeys.load(settings(tmp_path, app_env="production"))
        assert list(tmp_path.iterdir()) == []

    def test_a_key_on_one_line_is_read(self, tmp_path: Path) -> None:
        private, public = pem()
        one_line = SecretStr(private.get_secret_value().replace("\n", "\\n"))
        folded = SigningKeys.load(settings(tmp_path, rsa_private_key=one_line, rsa_public_key=public))
        assert folded.kid == SigningKeys.load(settings(tmp_path, rsa_private_key=private)).kid

    def test_a_public_key_of_another_pair_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(MissingSetting, match="does not belong"):
            SigningKeys.load(settings(tmp_path, rsa_private_key=pem()[0], rsa_public_key=pem()[1]))

    def test_what_is_no_private_rsa_key_of_2048_bits_is_refused_without_showing_it(self, tmp_path: Path) -> None:
        elliptic = generate_ec_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for wrong in (pem(1024)[0], pem()[1], SecretStr(elliptic.decode()), SecretStr("hunter2")):
            with pytest.raises(MissingSetting) as refusal:
                SigningKeys.load(settings(tmp_path, rsa_private_key=wrong))
            assert "RSA_PRIVATE_KEY" in str(refusal.value)
            assert wrong.get_secret_value()[-60:] not in str(refusal.value)
