"""What the twin writes down of a message."""

from dataclasses import dataclass

from lumi.integrations.twin.ledger import Taken


@dataclass(frozen=True, slots=True)
class Accepted(Taken):
    """One message taken, by which bot; its `id` is `chat:number`."""

    bot_id: str
    reply_to: int | None
