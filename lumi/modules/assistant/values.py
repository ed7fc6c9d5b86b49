"""What a turn reads, understands and proposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lumi.core.events import Payload
from lumi.modules.channels.public import Enclosed


class Intent(StrEnum):
    """What a message wants."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    HUMAN = "human"
    QUESTION = "question"
    STOP = "stop"
    RESUME = "resume"
    UNREADABLE = "unreadable"
    UNHEARD = "unheard"
    NOT_HAD = "not_had"
    EMPTY = "empty"
    SILENT = "silent"


@dataclass(frozen=True)
class Said(Payload):
    """One thing a person sent: `kind` of the ledger, `type` as the channel calls it.

    `lang` is what was heard to be spoken; `lacking` why a file of it could not be had, or somebody speaking not heard.
    """

    n: int
    kind: str
    type: str
    text: str
    lang: str | None = None
    lacking: str | None = None


@dataclass(frozen=True)
class Speaker(Payload):
    """The organisation that answers; `suggestions`: questions it offers, by language, where it has any to offer."""

    name: str
    locale: str
    languages: tuple[str, ...]
    suggestions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class TurnInput(Payload):
    """Everything a decision reads; the same input gives the same decision."""

    said: tuple[Said, ...]
    languages_before: tuple[str, ...]
    speaker: Speaker
    greeted: bool
    wants_human: bool
    stopped: bool
    spent: bool = False
    """So many answers have left in so short a time that only a person answers now."""
    late: bool = False
    """What was said came long after it was sent: a person answers, who sees what is still true."""


@dataclass(frozen=True)
class Command(Payload):
    """What was understood: an intent, the words it rests on and their language."""

    intent: Intent
    text: str
    lang: str
    detail: str = ""


@dataclass(frozen=True)
class Source(Payload):
    """Where an answer comes from: a stable section of the organisation's knowledge."""

    id: str
    title: str
    url: str | None
    lang: str


@dataclass(frozen=True)
class Answer(Payload):
    """What knowledge has to say to one question, quoted as written."""

    text: str
    lang: str
    sources: tuple[Source, ...]
    evidence: float


@dataclass(frozen=True)
class Say(Payload):
    """Say this. `text` is for surfaces that draw sources themselves, `plain` carries them along.

    `confirms_stop`: it answers a stop or start word, so it leaves although the person wants nothing more.
    """

    text: str
    plain: str
    lang: str
    sources: tuple[Source, ...] = ()
    handover: bool = False
    confirms_stop: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CallHuman(Payload):
    """A person of the organisation is wanted."""


@dataclass(frozen=True)
class NoteGap(Payload):
    """The knowledge has no answer to this."""

    question: str
    lang: str


@dataclass(frozen=True)
class StopWriting(Payload):
    """The contact wants nothing more."""


@dataclass(frozen=True)
class ResumeWriting(Payload):
    """The contact wants to hear from us again."""


Effect = Say | CallHuman | NoteGap | StopWriting | ResumeWriting


@dataclass(frozen=True)
class Decision:
    """What a turn proposes: effects are data, nothing has happened yet."""

    commands: tuple[Command, ...]
    effects: tuple[Effect, ...]
    lang: str | None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a message, and what is known of it by now; until `wait_until` an answer waits for that."""

    kind: str
    state: str
    why: str | None
    wait_until: datetime


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """An event of the lane that nothing has settled."""

    n: int
    kind: str
    payload: Mapping[str, object]
    received_at: datetime
    provider_id: str = ""
    attached: Sequence[Attached] = ()
    sent_at: datetime | None = None
    """When it was sent, by the provider's word."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a message says aloud, where it is sent as a voice note."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """A message on its way out, as the gate reads it.

    `went_on`: it was to be said in another thread before; `reply`: what it answers carried for an answer to find its
    place; `shut`: the provider said that the window is closed.
    """

    id: UUID
    message_n: int
    author: str
    text: str
    state: str
    attempt: int
    next_try_at: datetime | None
    valid_until: datetime | None
    sending_at: datetime | None
    confirms_stop: bool = False
    turn_id: UUID | None = None
    spoken: Spoken | None = None
    purpose: str = "answer"
    choices: Sequence[str] = ()
    template: Mapping[str, object] | None = None
    went_on: bool = False
    reply: Mapping[str, object] | None = None
    shut: bool = False
    file: Enclosed | None = None


@dataclass(frozen=True, slots=True)
class LaneState:
    """One snapshot of a thread, read under its lane's lock; `seq` is its version.

    `parked`: changes wait for a message that has not come. `reply`: what the last message carried for an answer to
    find its place; `answered`: then also when the assistant's answers of the last day left. `new_addresses`: that many
    came since anybody asked whose thread it is. `waiting`: something is held back until the person writes;
    `time_zone`: where they live, as far as it is known.
    """

    seq: int
    account_id: UUID
    channel: str
    address: str
    addresses: Sequence[str]
    language: str | None
    contact_id: UUID | None
    held: bool
    stopped: bool
    wants_human: bool
    parked: bool
    events: Sequence[OpenEvent]
    deliveries: Sequence[PendingDelivery]
    last_inbound_at: datetime | None
    history: Sequence[Mapping[str, object]]
    reply: Mapping[str, object] | None = None
    answered: Sequence[datetime] = ()
    new_addresses: int = 0
    waiting: bool = False
    time_zone: str | None = None

    @property
    def is_watched(self) -> bool:
        """Whether the person looks at a surface of ours, which is told of every change."""
        return any(address.startswith(("visitor:", "user:", "terminal:")) for address in self.addresses)


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a delivery. `pause` in seconds until the next attempt; `tried`: this was one, and ended before
    anything was posted; `uncounted`: as it departed it was counted as one, and was none.
    """

    id: UUID
    state: str
    provider_id: str | None = None
    error: str | None = None
    pause: float | None = None
    reopen: UUID | None = None
    tried: bool = False
    uncounted: bool = False


@dataclass(slots=True)
class Outcome:
    """What a turn hands to finish."""

    marks: list[Mark] = field(default_factory=list[Mark])
    not_before: datetime | None = None
