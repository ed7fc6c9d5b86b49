"""Who a visitor of the widget is: a signed token kept by their browser, and what the page around it vouches for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from lumi.core import crypto
from lumi.core.errors import AppError
from lumi.core.ids import new_id

LIFETIME_SECONDS = 30 * 86_400
# Somebody signed in at the page is so for as long as the page says it again.
VOUCHED_SECONDS = 3_600
LONGEST_VOUCHER_SECONDS = 15 * 60
LONGEST_USER = 200
LONGEST_NAME = 200
_SKEW_SECONDS = 60
_AUDIENCE = "lumi-widget"
_ALGORITHMS = ["HS256"]


class VisitorUnknown(AppError):
    """This visitor's token is missing, wrong or expired."""

    code = "visitor_unknown"
    status = 401


class IdentityRefused(AppError):
    """What this page says of who its visitor is cannot be believed."""

    code = "identity_refused"
    status = 401


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in at the page around the widget, by the page's own id of them."""

    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser, known again by its token; `address` is where its thread is found, `user` who the page says it is."""

    tenant_id: UUID
    id: UUID
    expires_at: int
    user: User | None = None

    @property
    def address(self) -> str:
        """The visitor as an address of the widget's account: the same in every browser of one user."""
        return f"user:{self.user.id}" if self.user else f"visitor:{self.id}"


def welcome(tenant_id: UUID, token: str | None, user: User | None = None) -> tuple[Visitor, str]:
    """The visitor of this token, or a new one; with a fresh token either way.

    Whoever the page vouches for is its user, and whoever it does not is not: what a browser said before signing in
    stays its own, and a token of somebody who signed out begins anew.
    """
    known = _known(tenant_id, token) if token else None
    same = known is not None and known.user is None and user is None
    expires_at = int(time.time()) + (VOUCHED_SECONDS if user else LIFETIME_SECONDS)
    visitor = Visitor(tenant_id, known.id if known and same else new_id(), expires_at, user)
    claims: dict[str, object] = {
        "aud": _AUDIENCE, "sub": str(visitor.id), "tid": str(tenant_id), "exp": expires_at,
    }  # fmt: skip
    if user is not None:
        claims |= {"usr": user.id, "name": user.name}
    return visitor, jwt.encode({"alg": "HS256"}, claims, _key())


def recognise(token: str) -> Visitor:
    """The visitor a token was made for; raises VisitorUnknown."""
    try:
        claims = jwt.decode(token, _key(), algorithms=_ALGORITHMS).claims
        registry = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": _AUDIENCE}, exp={"essential": True}, sub={"essential": True}
        )
        registry.validate(claims)
        user = User(str(claims["usr"]), _name(claims)) if claims.get("usr") else None
        return Visitor(UUID(str(claims["tid"])), UUID(str(claims["sub"])), int(claims["exp"]), user)
    except (JoseError, ValueError, KeyError, TypeError):
        raise VisitorUnknown from None


def vouched(voucher: str, *, secret: str, audience: str) -> User:
    """The user a page vouches for with the organisation's identity secret; raises IdentityRefused.

    A voucher is a JWT (HS256) with `sub`, the page's id of the user; `aud`, the organisation's slug; `exp`, at most
    15 minutes ahead; and perhaps `name`.
    """
    try:
        claims = jwt.decode(voucher, OctKey.import_key(secret), algorithms=_ALGORITHMS).claims
        registry = jwt.JWTClaimsRegistry(
            leeway=_SKEW_SECONDS, sub={"essential": True}, aud={"essential": True, "value": audience},
            exp={"essential": True},
        )  # fmt: skip
        registry.validate(claims)
        user, ends = claims["sub"], int(claims["exp"])
    except (JoseError, ValueError, KeyError, TypeError):
        raise IdentityRefused from None
    if ends > time.time() + LONGEST_VOUCHER_SECONDS + _SKEW_SECONDS:
        raise IdentityRefused("What this page says of who its visitor is would hold for more than 15 minutes.")
    if not isinstance(user, str) or not user.strip() or len(user) > LONGEST_USER or "\0" in user:
        raise IdentityRefused
    return User(user.strip(), _name(claims))


def _known(tenant_id: UUID, token: str) -> Visitor | None:
    try:
        visitor = recognise(token)
    except VisitorUnknown:
        return None
    return visitor if visitor.tenant_id == tenant_id else None


def _name(claims: Mapping[str, object]) -> str | None:
    name = claims.get("name")
    return name.replace("\0", "").strip()[:LONGEST_NAME] or None if isinstance(name, str) else None


def _key() -> OctKey:
    return OctKey.import_key(crypto.derive("widget-visitor"))
