"""What tenants tell."""

from dataclasses import dataclass

from lumi.core.events import Event


@dataclass(frozen=True)
class TenantChanged(Event):
    """Name, languages, zone, packs or settings of the tenant are new as of this version."""

    version: int
