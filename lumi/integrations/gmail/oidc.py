"""Whether a push is Google's: the signed token in its Authorization header, checked claim by claim."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from enum import StrEnum
from typing import cast

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from lumi.core import clock
from lumi.core.http import Http, OutsideFailure, Unavailable
from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.gmail.base64url import from_base64

TARGET = "google_certs"
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
LEEWAY_SECONDS = 60
LONGEST_TOKEN = 8_192
_ALGORITHM = "RS256"
_REGISTRY = JWSRegistry(algorithms=[_ALGORITHM])
_DEFAULT_KEPT_SECONDS = 300.0
_LONGEST_KEPT_SECONDS = 86_400.0
_PAUSE_SECONDS = 30.0
_TIMEOUT_SECONDS = 5.0
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})")


class Flaw(StrEnum):
    """Why a push is not believed: told to whoever runs the installation, never to whoever sent it."""

    NO_TOKEN = "no_token"  # noqa: S105 - a word, no password
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    """Issuer, audience or times are not right."""
    SENDER = "sender"
    """Signed by Google, for somebody else's service account."""


class OidcVerifier:
    """Believes tokens of one service account for one audience, signed with one of these keys."""

    def __init__(self, keys: Keys, audience: str, service_account: str) -> None:
        """`audience` is what the subscription names, by default the push URL."""
        if not audience or not service_account:
            raise ValueError("an audience and a service account are needed: without them anybody's token would do")
        self._service_account = service_account.lower()
        self._keys = keys
        self._audience = audience

    async def verify(self, authorization: str | None) -> bool:
        """Whether this header is Google's for us. Raises Unavailable when the keys cannot be had: let it come again."""
        return await self.flaw_in(authorization) is None

    async def flaw_in(self, authorization: str | None) -> Flaw | None:
        """The first thing wrong with this header, or None: it is Google's for us."""
        scheme, _, token = (authorization or "").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return Flaw.NO_TOKEN
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return Flaw.MALFORMED
        kid = _kid(token)
        if kid is None:
            return Flaw.MALFORMED
        key = await self._keys.find(kid)
        return Flaw.UNKNOWN_KEY if key is None else self._flaw_in_signed(token, key)

    def _flaw_in_signed(self, token: str, key: RSAKey) -> Flaw | None:
        try:
            claims = cast("dict[str, object]", jwt.decode(token, key, registry=_REGISTRY).claims)
        except (JoseError, ValueError, RecursionError):
            return Flaw.SIGNATURE
        try:
            self._expected().validate(claims)
        except (JoseError, ValueError, OverflowError):
            return Flaw.CLAIMS
        email = as_text(claims.get("email")) or ""
        is_theirs = email.lower() == self._service_account and claims.get("email_verified") is True
        return None if is_theirs else Flaw.SENDER

    def _expected(self) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "values": list(ISSUERS)},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            iat={"essential": True},
        )


class Keys:
    """Google's public keys by their ids, fetched when they are needed, kept as long as the answer allows."""

    def __init__(self, http: Http, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic` tells how keys age."""
        self._http = http
        self._monotonic = monotonic
        self._url = url
        self._lock = asyncio.Lock()
        self._known: dict[str, RSAKey] = {}
        self._fresh_until = 0.0
        self._not_before = 0.0

    async def find(self, kid: str) -> RSAKey | None:
        """The key of this id. One nobody knows is asked for at most every half minute: anybody can make ids up."""
        async with self._lock:
            now = self._monotonic()
            if (kid not in self._known or now >= self._fresh_until) and now >= self._not_before:
                await self._fetch(now)
            if not self._known:
                raise _unavailable("the keys cannot be had at present")
            return self._known.get(kid)

    async def _fetch(self, now: float) -> None:
        self._not_before = now + _PAUSE_SECONDS
        try:
            answer = await self._http.request(TARGET, "GET", self._url, timeout=_TIMEOUT_SECONDS, scope=self._url)
        except OutsideFailure as failure:
            if self._known:  # those we have are good until Google takes them back, which takes days
                return
            self._not_before = now
            raise _unavailable("the keys were not answered") from failure
        found = _keys_in(answer.body)
        if found:
            self._known = found
            self._fresh_until = now + _kept_seconds(answer.headers.get("Cache-Control"))
        elif not self._known:
            self._not_before = now


def _unavailable(reason: str) -> Unavailable:
    """Without keys nothing was decided: what was pushed has to come again."""
    failure = Unavailable(reason)
    failure.target = TARGET
    return failure


def _kid(token: str) -> str | None:
    """The id of the key it says it was signed with; its algorithm must be the one we take."""
    try:
        header = as_object(orjson.loads(from_base64(token.partition(".")[0])))
    except ValueError:
        return None
    return as_text(header.get("kid")) if header.get("alg") == _ALGORITHM else None


def _keys_in(body: bytes) -> dict[str, RSAKey]:
    try:
        listed = as_list(as_object(orjson.loads(body)).get("keys"))
    except orjson.JSONDecodeError:
        return {}
    found: dict[str, RSAKey] = {}
    for each in listed:
        fields = {name: value for name, value in as_object(each).items() if isinstance(value, str)}
        kid = fields.get("kid")
        if kid and fields.get("kty") == "RSA":
            try:
                found[kid] = RSAKey.import_key({"kty": "RSA", "n": fields["n"], "e": fields["e"]})
            except (JoseError, ValueError, KeyError):
                continue
    return found


def _kept_seconds(cache_control: str | None) -> float:
    age = _MAX_AGE.search((cache_control or "").lower())
    return min(float(age[1]), _LONGEST_KEPT_SECONDS) if age else _DEFAULT_KEPT_SECONDS
