"""What the twin writes down of a mail it took."""

from dataclasses import dataclass

from lumi.integrations.twin.ledger import Taken


@dataclass(frozen=True, slots=True)
class SentEntry(Taken):
    """One mail taken: from which mailbox, under which Message-ID it was given, and which one others see."""

    account: str
    subject: str
    message_id: str | None
    shown_id: str | None
    thread_id: str
