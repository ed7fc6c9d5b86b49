"""Who asks and in which request. Apart from `auth`, because the worker knows principals and loads no web framework."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lumi.core.context import Actor, ActorKind
from lumi.core.errors import Forbidden
from lumi.core.ids import new_id
from lumi.core.logging import correlation_ids


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whose token was right: who, in which tenant, with which permissions.

    `session_id` is set for staff; `expires_at` is when this token stops being accepted, None for never.
    """

    kind: ActorKind
    id: UUID
    tenant_id: UUID
    name: str
    permissions: frozenset[str]
    session_id: UUID | None = None
    expires_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The same, as the author of what is done."""
        return Actor(self.kind, self.id, self.name)

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the principal has this permission."""
        if permission not in self.permissions:
            raise Forbidden(permission=permission)


class Authenticator(Protocol):
    """Turns an access token or an API key into its principal; raises Unauthenticated."""

    async def __call__(self, token: str, /) -> Principal: ...


def request_id() -> str:
    """The id of the present request, a new one outside of any."""
    return str(correlation_ids().get("request_id") or new_id().hex)
