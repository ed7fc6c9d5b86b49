"""What a handler of knowledge may ask for."""

from __future__ import annotations

from typing import Annotated

from lumi.core.auth import allow
from lumi.core.context import Context

KnowledgeRead = Annotated[Context, allow("knowledge:read")]
KnowledgeWrite = Annotated[Context, allow("knowledge:write")]
