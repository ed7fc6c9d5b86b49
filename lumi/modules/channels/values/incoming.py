"""What a channel delivers, in the house's terms."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lumi.modules.channels.values.kinds import Attitude, DeliveryState, EventKind
from lumi.modules.files.public import StoredFile

_KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One item a channel delivered, in the house's terms.

    `addresses` are the person's, best first, as `kind:value` (at most two); `account` is the provider's id of
    the account it was sent to; `payload` is what the ledger and the turn read, with the `target` of an edit or a
    deletion: the provider's id of the message it is about, and `part_of` where several items were sent at once. An
    echo is what left from the account by other hands. Without an account it is for the only one of the app that signed.
    `begins`: with somebody we have no thread with it is the beginning of one, otherwise it is nothing to us.
    """

    account: str | None
    provider_id: str
    addresses: Sequence[str]
    payload: Mapping[str, object]
    sent_at: datetime | None = None
    kind: EventKind = EventKind.MESSAGE
    begins: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """A status of something we sent. `delivery_id` where the provider carries our own key back."""

    account: str | None
    provider_id: str
    state: DeliveryState
    delivery_id: UUID | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """Everything we sent to a person up to this moment came this far."""

    account: str | None
    address: str
    state: DeliveryState
    up_to: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody is reached elsewhere from now on: at the first of `now`; they were known by `was`.

    `left`: those of `was` that are not theirs any more. `unnamed`: what the provider calls them now it has not told.
    `at`: when that was written.
    """

    account: str | None
    now: Sequence[str]
    was: Sequence[str]
    left: Sequence[str] = ()
    unnamed: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody made known what they want of an account, or that it is over (`holds` is false)."""

    account: str | None
    addresses: Sequence[str]
    attitude: Attitude
    holds: bool = True
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """A message is there, by this id, and may not come by itself."""

    account: str | None
    provider_id: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An authentic item that could not be read, kept as it came."""

    raw: bytes
    reason: str
    account: str | None = None


@dataclass(slots=True)
class Parsed:
    """One body, taken apart. `ignored` counts kinds we do not know.

    `news`: accounts, by the provider's id, of which the body only says that something is new there: they are pulled.
    """

    inbound: list[Inbound] = field(default_factory=list[Inbound])
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    watermarks: list[Watermark] = field(default_factory=list[Watermark])
    moved: list[Moved] = field(default_factory=list[Moved])
    shown: list[Shown] = field(default_factory=list[Shown])
    announced: list[Announced] = field(default_factory=list[Announced])
    broken: list[Broken] = field(default_factory=list[Broken])
    templates_changed: bool = False
    ignored: list[str] = field(default_factory=list[str])
    news: list[str] = field(default_factory=list[str])

    @property
    def tells(self) -> bool:
        """Whether there is anything in it that we know."""
        return bool(self._items) or self.templates_changed or bool(self.news)

    def is_only_of(self, accounts: Container[str]) -> bool:
        """Whether nothing in it is of an account that is none of these."""
        named = [*(each.account for each in self._items), *self.news]
        return all(each is None or each in accounts for each in named)

    @property
    def _items(self) -> Sequence[Inbound | Receipt | Watermark | Moved | Shown | Announced]:
        return [
            *self.inbound, *self.receipts, *self.watermarks, *self.moved, *self.shown, *self.announced,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pulled:
    """One batch read from an account, and where to go on once all of it is committed.

    `cursor` is the adapter's own and is given back to it as it was. `more`: pull again at once.
    """

    parsed: Parsed
    cursor: Mapping[str, object]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A file somebody sent: `reference` is what its provider knows it by and its adapter fetches it by.

    `kind` is as files are called: image, audio, video or document. `voice`: somebody speaks. What the provider says
    of type and size in bytes is no proof.
    """

    kind: str
    reference: Mapping[str, object] = field(repr=False)
    voice: bool = False
    name: str = ""
    mime: str | None = None
    size: int | None = None

    @classmethod
    def of_kept(cls, file: StoredFile) -> Media:
        """One that was sent on a surface of our own, and is kept before its message is entered."""
        return cls(file.kind.value, {_KEPT: str(file.id)}, False, file.name, file.mime, file.size_bytes)

    @property
    def kept(self) -> UUID | None:
        """The file it is kept as already, if `of_kept` made it."""
        found = self.reference.get(_KEPT)
        return UUID(found) if isinstance(found, str) else None

    def in_payload(self) -> dict[str, object]:
        """As an event carries it."""
        return {
            "kind": self.kind, "reference": dict(self.reference), "voice": self.voice, "name": self.name,
            "mime": self.mime, "size": self.size,
        }  # fmt: skip
