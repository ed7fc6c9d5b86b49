"""What the twin writes down of a recording it heard or a text it spoke."""

from dataclasses import dataclass

from lumi.integrations.twin.ledger import Taken


@dataclass(frozen=True, slots=True)
class Accepted(Taken):
    """One piece of work: `to` is the model that heard or the voice that spoke, `text` what was heard or spoken."""

    sha256: str
    """Of the recording, or of the speech."""
    filename: str | None
    language: str | None
    seconds: float
