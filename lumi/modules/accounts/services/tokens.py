"""Access tokens: RS256, ten minutes, signed by one key and for one audience."""

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from lumi.core.errors import Unauthenticated
from lumi.core.ids import new_id
from lumi.modules.accounts.services.keys import SigningKeys
from lumi.modules.accounts.values import CLOCK_LEEWAY_SECONDS, AccessClaims

ALGORITHM = "RS256"
AUDIENCE = "lumi"
LONGEST_TOKEN = 4096

_REGISTRY = JWSRegistry(algorithms=[ALGORITHM])


def issue(keys: SigningKeys, claims: AccessClaims, now: datetime) -> str:
    """A signed access token. It says who and which session; what they may do is looked up when it is used."""
    payload = {
        "iss": keys.issuer,
        "aud": AUDIENCE,
        "sub": str(claims.identity_id),
        "tid": str(claims.tenant_id),
        "sid": str(claims.session_id),
        "iat": int(now.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
        "jti": new_id().hex,
    }
    return jwt.encode({"alg": ALGORITHM, "kid": keys.kid}, payload, keys.private, registry=_REGISTRY)


def read(keys: SigningKeys, token: str, now: datetime) -> AccessClaims:
    """What the token says; raises Unauthenticated when it was not signed here for this, or has expired.

    Algorithm, key, issuer and audience are ours to say, never the token's.
    """
    if len(token) > LONGEST_TOKEN:
        raise Unauthenticated
    try:
        decoded = jwt.decode(token, keys.public, registry=_REGISTRY)
        _expected(keys, now).validate(decoded.claims)
        if decoded.header.get("kid") != keys.kid or decoded.header.get("typ") != "JWT":
            raise Unauthenticated
        return _claims(cast("dict[str, object]", decoded.claims))
    except (JoseError, ValueError, OverflowError, RecursionError):
        raise Unauthenticated from None


def expiry(now: datetime, minutes: int) -> datetime:
    """When a token issued now stops being accepted."""
    return now + timedelta(minutes=minutes)


def _expected(keys: SigningKeys, now: datetime) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=CLOCK_LEEWAY_SECONDS,
        iss={"essential": True, "value": keys.issuer},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        tid={"essential": True},
        sid={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )


def _claims(said: dict[str, object]) -> AccessClaims:
    exp = said["exp"]
    if not isinstance(exp, int | float):
        raise Unauthenticated
    return AccessClaims(
        identity_id=UUID(str(said["sub"])),
        tenant_id=UUID(str(said["tid"])),
        session_id=UUID(str(said["sid"])),
        expires_at=datetime.fromtimestamp(exp, UTC),
    )
