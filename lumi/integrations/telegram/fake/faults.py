"""How the twin misbehaves besides what every twin does. Faults concern calls that show a person something."""

from dataclasses import dataclass

from lumi.integrations.twin import faults


@dataclass(frozen=True, slots=True)
class Faults(faults.Faults):
    """What goes wrong and how often. All at rest: nothing does."""

    error_code: int = 0
    """Told beside `status` in the body; 0: the same."""
    rate_limit_rate: float = 0.0
    """Calls refused with 429, to be tried again after `retry_after` seconds."""
    retry_after: int = 3
    migrate_rate: float = 0.0
    """Calls refused because the chat has the id `migrate_to` now."""
    migrate_to: int = -1000000000001
