"""Many people met at the same moment: those whose case is simple, in one call to the database."""

from collections.abc import Sequence
from uuid import UUID

from lumi.core.db import Pool
from lumi.modules.contacts import repository, rules
from lumi.modules.contacts.errors import BadPoint
from lumi.modules.contacts.repository import Stranger
from lumi.modules.contacts.values import Introduction, Point


async def meet(pool: Pool, tenant_id: UUID, people: Sequence[Introduction]) -> Sequence[UUID | None]:
    """Place by place the contact that `identify` gives; None where that takes more than a look.

    None, and nothing was changed: an impossible address or none, addresses of several people, one that is to be
    added, a name or language that fills what is not known, somebody else who was quicker. `identify` is for those.
    It commits by itself as the system, and called again it finds whom it made.
    """
    return await repository.meet(pool, tenant_id, [_stranger(person) for person in people])


def _stranger(person: Introduction) -> Stranger:
    name = rules.clean_name(person.name)
    return {
        "name": name,
        "search_name": rules.search_key(name or ""),
        "language": rules.clean_language(person.language),
        "points": [{"kind": point.kind.value, "value": point.value} for point in _points(person)],
    }


def _points(person: Introduction) -> Sequence[Point]:
    try:
        return rules.normalise(person.points)
    except BadPoint:
        return ()
