"""Lists by the page: a signed keyset cursor says where the next page begins.

CURSOR = Cursor("audit", tuple[datetime, UUID])
after = CURSOR.after(token)  # (at, id) of the last item of the page before, or None
page = CURSOR.page(rows, limit, lambda row: (row.at, row.id))  # from limit + 1 rows
"""

import base64
import hmac
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lumi.core import crypto
from lumi.core.errors import Invalid

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_SIGNATURE_BYTES = 16

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V", bound=tuple[object, ...])


class Page(BaseModel, Generic[T]):
    """Some items of a list; `next` is the cursor of the page after, or null on the last one."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    items: list[T]
    next: str | None = Field(default=None, description="Pass this as `cursor` to get the page after; null at the end.")

    def map(self, change: Callable[[T], U]) -> "Page[U]":
        """The same page with each item changed."""
        return Page(items=[change(item) for item in self.items], next=self.next)


class BadCursor(Invalid):
    """This cursor was not made for this list."""

    code = "bad_cursor"


class Cursor(Generic[V]):
    """Places in one list, which is sorted by values of these types; the last makes the order total."""

    def __init__(self, name: str, kind: type[V]) -> None:
        self._name = name.encode()
        self._kind = kind

    def encode(self, sort_values: V) -> str:
        """A token for the place just behind the item with these sort values."""
        body = self._adapter.dump_json(sort_values)
        return base64.urlsafe_b64encode(self._sign(body) + body).decode().rstrip("=")

    def decode(self, token: str) -> V:
        """The sort values again; raises BadCursor when the token was not made here for this list."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
            if hmac.compare_digest(signature, self._sign(body)):
                return self._adapter.validate_json(body)
        except (ValueError, ValidationError):
            raise BadCursor from None
        raise BadCursor

    def after(self, token: str | None) -> V | None:
        """Where the page begins: None is the beginning of the list."""
        return None if token is None else self.decode(token)

    def page(self, rows: Sequence[T], limit: int, place: Callable[[T], V]) -> Page[T]:
        """A page of at most `limit` items of `limit + 1` rows; the one too many says there is more."""
        items = list(rows[:limit])
        return Page(items=items, next=self.encode(place(items[-1])) if len(rows) > limit else None)

    @cached_property
    def _adapter(self) -> TypeAdapter[V]:
        return TypeAdapter(self._kind)

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(crypto.derive("cursor"), self._name + b"\0" + body, "sha256")[:_SIGNATURE_BYTES]
