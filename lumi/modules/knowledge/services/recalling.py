"""The same question asked again: what was found is kept under the version of what was known then."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from lumi.core.cache import Cache
from lumi.core.db import Pool
from lumi.modules.knowledge.services import finding
from lumi.modules.knowledge.values import Passage

_KIND = "faqs"


class Recall:
    """Finds passages as `find_passages` does. Every change of what is known is seen at once: it has a new version."""

    def __init__(self, pool: Pool, cache: Cache, *, seconds: float) -> None:
        self._pool = pool
        self._cache = cache
        self._seconds = seconds

    async def find_passages(self, tenant_id: UUID, question: str, lang: str, limit: int) -> Sequence[Passage]:
        """The passages that speak of the question, best first."""
        if self._seconds <= 0:
            return await finding.find_passages(self._pool, tenant_id, question, lang, limit)
        # Read first: what is stored under a version is never older than it.
        version = await finding.version(self._pool, tenant_id)
        key = f"{version}:{lang}:{limit}:{sha256(question.encode()).hexdigest()}"
        kept = await self._cache.get(tenant_id, _KIND, key)
        if kept is not None and (known := _read(kept)) is not None:
            return known
        found = await finding.find_passages(self._pool, tenant_id, question, lang, limit)
        await self._cache.set(tenant_id, _KIND, key, _as_stored().dump_json(found), ttl=self._seconds)
        return found


@lru_cache(maxsize=1)
def _as_stored() -> TypeAdapter[list[Passage]]:
    return TypeAdapter(list[Passage])


def _read(kept: bytes) -> list[Passage] | None:
    try:
        return _as_stored().validate_json(kept)
    except ValidationError:  # another version of Lumi kept it
        return None
