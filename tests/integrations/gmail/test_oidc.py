"""Whose push it is: every claim of its token is looked at, and no key is taken on trust."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey

from lumi.core import clock
from lumi.core.http import Http, Unavailable
from lumi.integrations.gmail.fake.pushes import certs, proof, signing_key
from lumi.integrations.gmail.fake.server import RunningTwin
from lumi.integrations.gmail.oidc import Flaw, Keys, OidcVerifier
from tests.integrations.listening import serving

AUDIENCE = "https://lumi.example/webhooks/gmail"
ACCOUNT = "pusher@project.iam.gserviceaccount.com"
STRANGER = RSAKey.import_key(generate_private_key(public_exponent=65537, key_size=2048))


class Certs:
    """A place for keys that can be changed, counted and broken."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.status = 200
        self.body = certs()
        self.cache_control: str | None = "public, max-age=3600"

    async def handle(self, _request: web.Request) -> web.Response:
        self.asked += 1
        headers = {"Cache-Control": self.cache_control} if self.cache_control else {}
        return web.Response(status=self.status, body=self.body, headers=headers)


@pytest.fixture
async def keys() -> AsyncIterator[Certs]:
    place = Certs()
    async with serving(place.handle) as url:
        place.url = f"{url}/certs"
        yield place


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def passing() -> Clock:
    return Clock()


@pytest.fixture
def ours(http: Http, keys: Certs, passing: Clock) -> OidcVerifier:
    return OidcVerifier(Keys(http, keys.url, monotonic=passing), AUDIENCE, ACCOUNT)


def header(**changes: object) -> str:
    return proof(ACCOUNT, AUDIENCE, **changes)["Authorization"]


def now() -> int:
    return int(clock.now().timestamp())


async def test_a_push_of_google_for_us_is_believed(ours: OidcVerifier) -> None:
    assert await ours.verify(header())
    assert await ours.verify(header().replace("Bearer", "bearer"))
    assert await ours.verify(header(iss="accounts.google.com"))
    assert await ours.verify(header(email=ACCOUNT.upper()))


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"iss": "https://accounts.goog1e.com"}, Flaw.CLAIMS),
        ({"iss": None}, Flaw.CLAIMS),
        ({"aud": "https://another.example"}, Flaw.CLAIMS),
        ({"aud": None}, Flaw.CLAIMS),
        ({"exp": None}, Flaw.CLAIMS),
        ({"iat": None}, Flaw.CLAIMS),
        ({"exp": "soon"}, Flaw.CLAIMS),
        ({"email": "other@project.iam.gserviceaccount.com"}, Flaw.SENDER),
        ({"email": None}, Flaw.SENDER),
        ({"email_verified": False}, Flaw.SENDER),
        ({"email_verified": 1}, Flaw.SENDER),
        ({"email_verified": None}, Flaw.SENDER),
    ],
)
async def test_a_claim_that_is_wrong_or_missing_is_enough(
    ours: OidcVerifier, changes: dict[str, object], flaw: Flaw
) -> None:
    assert await ours.flaw_in(header(**changes)) is flaw
    assert not await ours.verify(header(**changes))


@pytest.mark.parametrize(("claim", "seconds", "flaw"), [
    ("exp", -30, None), ("exp", -90, Flaw.CLAIMS), ("iat", 30, None), ("iat", 90, Flaw.CLAIMS),
])  # fmt: skip
async def test_clocks_may_differ_by_a_minute(ours: OidcVerifier, claim: str, seconds: int, flaw: Flaw | None) -> None:
    assert await ours.flaw_in(header(**{claim: now() + seconds})) is flaw


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
async def test_without_a_token_nothing_is_believed_and_nobody_asked(
    ours: OidcVerifier, keys: Certs, given: str | None
) -> None:
    assert await ours.flaw_in(given) is Flaw.NO_TOKEN
    assert keys.asked == 0


@pytest.mark.parametrize("token", ["x", "a.b.c", "é.b.c", "." * 20, "e30.e30.e30", "x" * 10_000, "W10.e30.x"])
async def test_what_is_no_token_is_malformed_and_nobody_is_asked(ours: OidcVerifier, keys: Certs, token: str) -> None:
    assert await ours.flaw_in(f"Bearer {token}") is Flaw.MALFORMED
    assert keys.asked == 0


CLAIMS: dict[str, object] = {"iss": "accounts.google.com", "aud": AUDIENCE, "email": ACCOUNT, "email_verified": True}


def forged(kid: str, alg: str = "RS256") -> str:
    claims = {**CLAIMS, "iat": now(), "exp": now() + 60}
    return "Bearer " + jwt.encode({"alg": alg, "kid": kid}, claims, STRANGER, algorithms=[alg])


def forged_by_hand(alg: str) -> str:
    """Signed with what is public, or not at all: what a careless reader would take."""
    parts = {"alg": alg, "kid": signing_key().thumbprint()}, {**CLAIMS, "iat": now(), "exp": now() + 60}
    head = ".".join(base64.urlsafe_b64encode(orjson.dumps(each)).decode().rstrip("=") for each in parts)
    signature = hmac.digest(signing_key().as_pem(private=False), head.encode(), "sha256") if alg == "HS256" else b""
    return f"Bearer {head}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


async def test_a_stranger_who_names_a_known_key_is_not_believed(ours: OidcVerifier) -> None:
    assert await ours.flaw_in(forged(signing_key().thumbprint())) is Flaw.SIGNATURE


async def test_a_token_that_was_changed_is_not_believed(ours: OidcVerifier) -> None:
    head, _, signature = header().rpartition(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    assert await ours.flaw_in(f"{head}.{flipped}") is Flaw.SIGNATURE


@pytest.mark.parametrize("alg", ["none", "HS256"])
async def test_a_token_signed_with_what_everybody_knows_is_not_taken(ours: OidcVerifier, alg: str) -> None:
    assert await ours.flaw_in(forged_by_hand(alg)) is Flaw.MALFORMED


async def test_no_other_algorithm_is_taken(ours: OidcVerifier) -> None:
    assert await ours.flaw_in(forged(signing_key().thumbprint(), "RS512")) is Flaw.MALFORMED


async def test_keys_are_fetched_once_for_all_who_wait(ours: OidcVerifier, keys: Certs) -> None:
    assert all(await asyncio.gather(*(ours.verify(header()) for _ in range(20))))
    assert keys.asked == 1


async def test_keys_are_kept_as_long_as_the_answer_allows(ours: OidcVerifier, keys: Certs, passing: Clock) -> None:
    assert await ours.verify(header())
    passing.seconds = 1000 + 3599.0
    assert await ours.verify(header())
    assert keys.asked == 1
    passing.seconds = 1000 + 3601.0
    assert await ours.verify(header())
    assert keys.asked == 2


async def test_a_key_nobody_knows_is_asked_for_at_most_every_half_minute(
    ours: OidcVerifier, keys: Certs, passing: Clock
) -> None:
    for _ in range(5):
        assert await ours.flaw_in(forged("new")) is Flaw.UNKNOWN_KEY
    assert keys.asked == 1
    passing.seconds = 1000 + 31.0
    assert await ours.flaw_in(forged("new")) is Flaw.UNKNOWN_KEY
    assert keys.asked == 2


async def test_known_keys_outlive_a_failure_to_fetch_them(ours: OidcVerifier, keys: Certs, passing: Clock) -> None:
    assert await ours.verify(header())
    keys.status = 503
    passing.seconds = 1000 + 4000.0
    assert await ours.verify(header())
    assert keys.asked == 2


@pytest.mark.parametrize(
    ("status", "body"), [(503, b""), (404, b""), (200, b"<html>"), (200, b'{"keys":[]}'), (200, b"7")]
)
async def test_without_any_key_the_push_has_to_come_again(
    ours: OidcVerifier, keys: Certs, status: int, body: bytes
) -> None:
    keys.status, keys.body = status, body
    with pytest.raises(Unavailable):
        await ours.verify(header())
    keys.status, keys.body = 200, certs()
    assert await ours.verify(header())


async def test_keys_that_are_none_do_not_hide_those_that_are(ours: OidcVerifier, keys: Certs) -> None:
    odd = b'{"kty":"RSA","kid":"a","n":"!","e":"AQAB"},{"kty":"EC","kid":"b"},{"kid":7},7,{"kty":"RSA","kid":"c"},'
    keys.body = keys.body.replace(b'"keys":[', b'"keys":[' + odd)
    assert await ours.verify(header())


@pytest.mark.parametrize(("audience", "account"), [("", ACCOUNT), (AUDIENCE, "")])
def test_it_cannot_be_told_to_believe_anybody(http: Http, audience: str, account: str) -> None:
    with pytest.raises(ValueError, match="needed"):
        OidcVerifier(Keys(http, "https://certs.example"), audience, account)


async def test_the_keys_of_the_twin_are_googles_shape(verifier: OidcVerifier, served: RunningTwin) -> None:
    twin = served.twin
    assert twin.poster.url is not None
    assert await verifier.verify(proof(twin.settings.service_account, twin.poster.url)["Authorization"])
