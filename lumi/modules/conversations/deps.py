"""What a handler of the conversations may ask for."""

from typing import Annotated

from lumi.core.auth import allow
from lumi.core.context import Context

ConversationsRead = Annotated[Context, allow("conversations:read")]
ConversationsWrite = Annotated[Context, allow("conversations:write")]
