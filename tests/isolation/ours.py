"""What of this world is among rows of the whole house, in which other tests live too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.isolation.world import World


OVERDUE = "update channel_cursor set next_at = now() - interval '1 h'"
ALL_READ = "update channel_cursor set leased_by = account_id, leased_until = now() + interval '1 h'"


def of_ours(world: World, rows: Sequence[Mapping[str, object]]) -> list[object]:
    """The accounts of the two organisations among them."""
    ours = {world.a.tenant.id, world.b.tenant.id}
    return [row["account_id"] for row in rows if row["tenant_id"] in ours]
