"""What a handler of a list takes from the query. Apart from `pagination`, because services load no web framework."""

from typing import Annotated

from fastapi import Query

from lumi.core.pagination import MAX_LIMIT

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items on a page.")]
CursorToken = Annotated[str | None, Query(max_length=1024, description="`next` of the page before.")]
