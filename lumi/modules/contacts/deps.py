"""What a handler of contacts may ask for."""

from typing import Annotated

from lumi.core.auth import allow
from lumi.core.context import Context

ContactsRead = Annotated[Context, allow("contacts:read")]
ContactsWrite = Annotated[Context, allow("contacts:write")]
# Who speaks for the organisation is a decision about the organisation, not about a contact.
OwnersWrite = Annotated[Context, allow("tenants:write")]
