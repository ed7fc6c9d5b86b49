"""Who asks, what they may do, and the transaction of their request.

    KnowledgeRead = Annotated[Context, allow("knowledge:read")]

`wiring.py` hands over who turns a token into a principal (`app.state.authenticator`) and the database
(`app.state.database`).
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request, Security, params
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import Unauthenticated
from lumi.core.logging import correlate
from lumi.core.principal import Authenticator, Principal, request_id

_bearer = HTTPBearer(auto_error=False, description="An access token, or an API key (`lumi_…`).")


async def principal_of(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Principal:
    """The principal of the bearer token; raises Unauthenticated."""
    if credentials is None:
        raise Unauthenticated
    authenticate = cast("Authenticator", request.app.state.authenticator)
    principal = await authenticate(credentials.credentials)
    correlate(tenant_id=principal.tenant_id)
    return principal


CurrentPrincipal = Annotated[Principal, Depends(principal_of)]


async def database_of(request: Request) -> Database:
    """The database of this process."""
    return cast("Database", request.app.state.database)


CurrentDatabase = Annotated[Database, Depends(database_of)]


@dataclass(frozen=True)
class Guard:
    """The dependency behind `allow` and `signed_in`: permission first, then the request's transaction."""

    permission: str | None = field(default=None)

    async def __call__(self, principal: CurrentPrincipal, database: CurrentDatabase) -> AsyncGenerator[Context]:
        if self.permission is not None:
            principal.require(self.permission)
        async with database.transaction(principal.tenant_id) as session:
            yield Context(session, principal.tenant_id, principal.actor, request_id=request_id())


async def _public() -> None:
    """Marks a route that asks for nothing."""


def allow(permission: str) -> params.Depends:
    """A dependency: a principal with this permission (401, 403), and a Context on the request's transaction.

    The transaction commits before the response is sent, so a commit that fails is a 500 and not a 200.
    """
    return params.Depends(Guard(permission), scope="function")


# Any principal, whatever the permissions.
signed_in = params.Depends(Guard(), scope="function")

# For `dependencies=[auth.public]` of a route that everybody may call; a shape test lists these routes.
public = params.Depends(_public)


def guards_of(dependant: Dependant) -> set[str]:
    """What a route asks for: permissions, "signed in", "public"; nothing means that somebody forgot."""
    found: set[str] = set()
    for each in dependant.dependencies:
        if isinstance(each.call, Guard):
            found.add(each.call.permission or "signed in")
        elif each.call is _public:
            found.add("public")
        found |= guards_of(each)
    return found
