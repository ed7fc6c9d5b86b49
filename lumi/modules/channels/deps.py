"""What a handler of channels may ask for."""

from typing import Annotated

from lumi.core.auth import allow
from lumi.core.context import Context

DeadLettersRead = Annotated[Context, allow("dead_letters:read")]
DeadLettersWrite = Annotated[Context, allow("dead_letters:write")]
