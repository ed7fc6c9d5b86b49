"""What the twin writes down of a message."""

from dataclasses import dataclass

from lumi.integrations.twin.ledger import Taken


@dataclass(frozen=True, slots=True)
class Accepted(Taken):
    """One message taken, from which account, and what travelled with it."""

    account_id: str
    tag: str | None
    reply_to: str | None
    metadata: str | None
