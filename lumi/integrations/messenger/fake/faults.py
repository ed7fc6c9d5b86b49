"""How the twin misbehaves besides what every twin does: with echoes and receipts."""

from dataclasses import dataclass

from lumi.integrations.twin import faults


@dataclass(frozen=True, slots=True)
class Faults(faults.Faults):
    """What goes wrong and how often. All at rest: nothing does."""

    error_code: int = 2
    error_subcode: int = 0
    """Goes with `error_code`; 0: none."""
    echo_first: float = 0.0
    """Messages whose echo is posted, and acknowledged, before they are answered."""
    drop_echoes: float = 0.0
    """Messages whose echo is never posted."""
    drop_statuses: float = 0.0
    """Receipts never posted."""
