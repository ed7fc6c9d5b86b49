"""How the twin misbehaves besides what every twin does: with reads, with pushes, and with mail it took."""

from dataclasses import dataclass

from lumi.integrations.twin import faults


@dataclass(frozen=True, slots=True)
class Faults(faults.Faults):
    """What goes wrong and how often. All at rest: nothing does. `fail_rate` is of sends, `error_code` unused."""

    fail_reads: float = 0.0
    """Reads refused with `status`."""
    drop_pushes: float = 0.0
    """Pushes never posted; history tells of the change all the same."""
    bounce_rate: float = 0.0
    """Mail that is taken and then comes back as undeliverable."""
