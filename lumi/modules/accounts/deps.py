"""What the handlers of accounts may ask for."""

from typing import Annotated, cast

from fastapi import Depends, Request

from lumi.core.auth import allow, signed_in
from lumi.core.context import Context
from lumi.modules.accounts.services.entrance import Entrance
from lumi.modules.accounts.values import Caller

SignedInContext = Annotated[Context, signed_in]
StaffRead = Annotated[Context, allow("staff:read")]
RolesRead = Annotated[Context, allow("roles:read")]
ApiKeysRead = Annotated[Context, allow("api_keys:read")]
ApiKeysWrite = Annotated[Context, allow("api_keys:write")]
AuditRead = Annotated[Context, allow("audit:read")]


async def _entrance(request: Request) -> Entrance:
    return cast("Entrance", request.app.state.entrance)


async def _caller(request: Request) -> Caller:
    address = request.client.host if request.client else ""
    return Caller(address, request.headers.get("user-agent", ""))


CurrentEntrance = Annotated[Entrance, Depends(_entrance)]
CurrentCaller = Annotated[Caller, Depends(_caller)]
