"""Closed sets and frozen values of accounts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# The access token's own life is a setting; these are promises to people.
SESSION_LIFE = timedelta(days=90)
REFRESH_LIFE = timedelta(days=30)
# Two tabs or a retry may ask with the same refresh token at once; they get the same successor.
REFRESH_GRACE = timedelta(seconds=10)
# How long a revoked session, a lost role or a revoked key may still be believed by another process.
STANDING_SECONDS = 10.0
LAST_USED_EVERY = timedelta(minutes=1)
CLOCK_LEEWAY_SECONDS = 5


class RevokedWhy(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    REUSED = "reused"


class RefreshVerdict(StrEnum):
    """What a presented refresh token gets."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    REUSED = "reused"
    ENDED = "ended"


class Keep(StrEnum):
    """Where the client keeps its refresh token."""

    COOKIE = "cookie"
    BODY = "body"


_ANALYST = frozenset(
    {"contacts:read", "conversations:read", "files:read", "knowledge:read", "roles:read", "staff:read", "tenants:read"}
)
_AGENT = frozenset(
    {
        "channels:read",
        "contacts:read",
        "contacts:write",
        "conversations:read",
        "conversations:write",
        "files:read",
        "files:write",
        "knowledge:read",
        "roles:read",
        "staff:read",
        "tenants:read",
    }
)
_ADMIN = (
    _AGENT
    | _ANALYST
    | {
        "api_keys:read",
        "audit:read",
        "channels:write",
        "dead_letters:read",
        "dead_letters:write",
        "knowledge:write",
    }
)
_OWNER = _ADMIN | {"api_keys:write", "tenants:write"}

OWNER = "owner"
# Every tenant has these from its first day; the rows are data and may be changed afterwards.
DEFAULT_ROLES = {OWNER: _OWNER, "admin": _ADMIN, "agent": _AGENT, "analyst": _ANALYST}


@dataclass(frozen=True, slots=True)
class Person:
    """An identity as its tenants see it."""

    id: UUID
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A tenant as somebody who signs in sees it."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody asks: for limits and to tell devices apart, never a proof of anything."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token that carries its tenant and its row, so that everything else runs with the tenant bound."""

    tenant_id: UUID
    id: UUID
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid access token says."""

    identity_id: UUID
    tenant_id: UUID
    session_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What a session is worth right now: whose it is and what the role allows."""

    person: Person
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened or renewed; `expires_in` is the access token's, in seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)
    organisation: Organisation
    person: Person
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Me:
    """Whose token this is; `person` is None for an API key."""

    id: UUID
    name: str
    person: Person | None
    organisation: Organisation
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of a tenant with the name of the role."""

    membership_id: UUID
    person: Person
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key at the only moment its text exists outside the caller's hands."""

    id: UUID
    name: str
    permissions: frozenset[str]
    created_at: datetime
    text: str = field(repr=False)
