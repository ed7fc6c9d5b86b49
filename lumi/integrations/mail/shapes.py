"""What a mail holds once it is read. Says nothing about our domain."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from lumi.integrations.mail.automatic import AutoReason
from lumi.integrations.mail.headers import Address


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail. `inline` ones are shown inside the text, as the logo of a signature is."""

    name: str | None
    """Its name without folders, or None."""
    mime: str
    size: int
    inline: bool
    content: Callable[[], bytes] = field(repr=False, compare=False)
    """The bytes of the file, decoded when they are asked for."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server reports about a mail it was given."""

    recipient: str | None
    status: str | None
    """As `5.1.1`; the first digit tells: 5 for good, 4 for now."""
    permanent: bool
    """False while the server is still trying."""
    original_message_id: str | None
    """Of the mail it is about: the id we gave it, wherever that is still to be found."""
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. Ids have the form `<id@host>`; every text is one that a database keeps."""

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    subject: str
    sender: Address | None
    reply_to: Address | None
    recipients: tuple[Address, ...]
    """Those in To and Cc."""
    date: datetime | None
    """When it says it was written; aware, UTC."""
    text: str
    """What this mail adds: without the history it quotes, and without signatures."""
    full_text: str
    """All its words, quoted lines after `> `."""
    attachments: tuple[Attachment, ...]
    automatic: AutoReason | None
    """Why no machine may answer it; None when a person seems to wait."""
    bounce: Bounce | None
    own_key: str | None
    """The id we composed it under, when we did: see `compose`."""

    @property
    def thread_key(self) -> str | None:
        """The id of the mail that began the thread, as far as this one knows; None when it has no ids at all."""
        return next(iter(self.references), self.in_reply_to or self.message_id)

    @property
    def chain(self) -> tuple[str, ...]:
        """What an answer to this mail refers to, oldest first, this mail last."""
        before = self.references or ((self.in_reply_to,) if self.in_reply_to else ())
        own = (self.message_id,) if self.message_id else ()
        return tuple(each for each in before if each not in own) + own

    @property
    def answer_to(self) -> Address | None:
        """Whom an answer goes to."""
        return self.reply_to or self.sender
