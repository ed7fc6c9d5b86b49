"""What a handler of tenants may ask for."""

from typing import Annotated

from lumi.core.auth import allow
from lumi.core.context import Context

TenantsRead = Annotated[Context, allow("tenants:read")]
TenantsWrite = Annotated[Context, allow("tenants:write")]
