"""What the twin writes down of a message."""

from dataclasses import dataclass

from lumi.integrations.twin.ledger import Taken


@dataclass(frozen=True, slots=True)
class Accepted(Taken):
    """One message taken, by which number, and the key of ours that travels with it."""

    phone_number_id: str
    callback_data: str | None
