"""How the twin misbehaves besides what every twin does: with what it hears and speaks."""

from dataclasses import dataclass

from lumi.integrations.twin import faults


@dataclass(frozen=True, slots=True)
class Faults(faults.Faults):
    """What goes wrong and how often. All at rest: nothing does."""

    retry_after: int = 1
    """Seconds named beside a status of 429."""
    hallucinate_rate: float = 0.0
    """Recordings in which it hears thanks for watching, as little sure as its originals."""
    garbled_rate: float = 0.0
    """Answers of 200 that are not what was asked for: a page for people."""
    truncated_rate: float = 0.0
    """Speech that breaks off after its first bytes."""
