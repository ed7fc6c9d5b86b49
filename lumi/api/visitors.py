"""Who a visitor of the widget is: a signed token kept by their browser, and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from lumi.core import crypto
from lumi.core.errors import AppError
from lumi.core.ids import new_id

LIFETIME_SECONDS = 30 * 86_400
_AUDIENCE = "lumi-widget"


class VisitorUnknown(AppError):
    """This visitor's token is missing, wrong or expired."""

    code = "visitor_unknown"
    status = 401


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser, known again by its token; `address` is where its thread is found."""

    tenant_id: UUID
    id: UUID
    expires_at: int

    @property
    def address(self) -> str:
        """The visitor as an address of the widget's account."""
        return f"visitor:{self.id}"


def welcome(tenant_id: UUID, token: str | None) -> tuple[Visitor, str]:
    """The visitor of this token, or a new one; with a fresh token either way."""
    known: UUID | None = None
    if token:
        try:
            visitor = recognise(token)
            known = visitor.id if visitor.tenant_id == tenant_id else None
        except VisitorUnknown:
            known = None
    expires_at = int(time.time()) + LIFETIME_SECONDS
    visitor = Visitor(tenant_id, known or new_id(), expires_at)
    claims = {"aud": _AUDIENCE, "sub": str(visitor.id), "tid": str(tenant_id), "exp": expires_at}
    return visitor, jwt.encode({"alg": "HS256"}, claims, _key())


def recognise(token: str) -> Visitor:
    """The visitor a token was made for; raises VisitorUnknown."""
    try:
        claims = jwt.decode(token, _key(), algorithms=["HS256"]).claims
        registry = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": _AUDIENCE}, exp={"essential": True}, sub={"essential": True}
        )
        registry.validate(claims)
        return Visitor(UUID(str(claims["tid"])), UUID(str(claims["sub"])), int(claims["exp"]))
    except (JoseError, ValueError, KeyError, TypeError):
        raise VisitorUnknown from None


def _key() -> OctKey:
    return OctKey.import_key(crypto.derive("widget-visitor"))
