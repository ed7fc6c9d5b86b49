"""What the twin writes down of a mail it took."""

from dataclasses import dataclass

from lumi.integrations.twin.ledger import Taken


@dataclass(frozen=True, slots=True)
class Accepted(Taken):
    """One mail taken; `id` is the one it was queued under, `to` its first recipient."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    size: int
