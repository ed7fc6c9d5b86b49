"""What leaves, and what a channel can do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lumi.modules.channels.values.kinds import Lookup, TemplateStatus, TextUnit
from lumi.modules.channels.values.media import OutgoingFile, Takes
from lumi.modules.files.public import FileKind


@dataclass(frozen=True, slots=True)
class SeenTemplate:
    """A template as its provider lists it; `plain`: only the places of its body need to be filled."""

    provider_id: str
    name: str
    language: str
    category: str
    body: str
    status: TemplateStatus
    reason: str | None = None
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """A text the provider approved before, and what fills the places of its body, by number or by name."""

    name: str
    language: str
    fills: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out; `key` is the delivery's id, which the provider may carry back.

    `attempt` counts earlier refusals; `as_person`: a person typed it, and only a person may still write; `reply`:
    what the last message of the person carried under that name, by which an answer finds its place; `automatic`:
    no person typed it. `voice` is the text spoken (Ogg/Opus), for a channel that can; where it does not get through,
    the text goes. `choices` are what the channel draws under the text, `menu` the word on what opens them where they
    are a list. With a `template` that is sent, and `text` is what it reads like. With a `file` the text is said beside
    it, and may be empty.
    """

    key: UUID
    thread_id: UUID
    message_n: int
    address: str
    text: str
    attempt: int = 0
    as_person: bool = False
    reply: Mapping[str, object] | None = None
    automatic: bool = False
    voice: bytes | None = field(default=None, repr=False)
    choices: Sequence[str] = ()
    menu: str = ""
    template: Template | None = None
    file: OutgoingFile | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `provider_id` is its name for the message."""

    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What a person may see of our reading: `message_id` is the provider's name of the last thing they said;
    `typing`: an answer to it is being written.
    """

    address: str
    message_id: str
    typing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do.

    `text_limit` in `text_unit`s of one message; `buttons`: how many choices it draws under at most
    `buttons_text_limit` characters, each of at most `button_length` characters and `button_bytes`; `rows`: how many
    it draws as a list, each of at most `row_length` characters (what fits neither is written as a numbered list);
    `templates`: it has texts that were approved before; `reaches_out`: who is not looking hears of it;
    `window_hours` after the person's last message in which free text may be sent (None: always), and
    `staff_window_hours` in which a person may; `receipts`: it tells what arrived; `typing`: it shows that we write;
    `lookup`: how an unknown outcome is asked about (None: nobody can tell); `repeatable`: sending the same key twice
    shows it once, so an unknown outcome is sent again; `shows_sources`: the surface draws sources itself, otherwise
    they are written under the text; `voice`: an answer can be a voice note; `late_hours`: what comes that long after it
    was sent is no longer answered as if it were new (None: always); `unordered`: it may show two messages in another
    order than they were taken in, so that the second waits for word of the first; `media`: the kinds of file that staff
    can send, each as it is shown there, how large and of which types (what is in none of them is refused when it is
    attached); `fetches`: its provider fetches them by their links, with TLS alone; `edit`: its provider tells us when a
    person changes a message they have sent, which then reads as it does now (of our own messages none is ever changed).
    """

    text_limit: int
    text_unit: TextUnit = TextUnit.CHARACTERS
    buttons: int = 0
    buttons_text_limit: int | None = None
    button_length: int = 20
    button_bytes: int | None = None
    rows: int = 0
    row_length: int = 24
    templates: bool = False
    reaches_out: bool = True
    window_hours: float | None = None
    staff_window_hours: float | None = None
    receipts: bool = False
    typing: bool = False
    lookup: Lookup | None = None
    repeatable: bool = False
    shows_sources: bool = False
    voice: bool = False
    late_hours: float | None = 1.0
    unordered: bool = False
    media: Mapping[FileKind, Takes] = field(default_factory=dict[FileKind, Takes])
    fetches: bool = False
    edit: bool = False
