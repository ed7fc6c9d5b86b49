"""How the twin misbehaves besides what every twin does: with the statuses of messages."""

from dataclasses import dataclass

from lumi.integrations.twin import faults


@dataclass(frozen=True, slots=True)
class Faults(faults.Faults):
    """What goes wrong and how often. All at rest: nothing does."""

    drop_statuses: float = 0.0
    """Statuses never posted."""
    statuses_out_of_order: float = 0.0
    """Messages whose statuses come in another order."""
    failed_statuses: float = 0.0
    """Messages taken that then fail, with `failed_code` in their only status."""
    failed_code: int = 131026
    damaged_files: float = 0.0
    """Downloads whose last byte is wrong."""
