"""Loading many entries from lines, as fast as the index takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import cast
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import SYSTEM, Actor, Context
from lumi.core.db import Database
from lumi.modules.knowledge import repository, rules
from lumi.modules.knowledge.errors import BadLine
from lumi.modules.knowledge.events import DocumentsLoaded
from lumi.modules.knowledge.services import documents
from lumi.modules.knowledge.values import DocumentKind, Draft, Loaded

# Counts of common words are updated once a batch: few large batches take half the time of many small ones.
BATCH = 2000
Progress = Callable[[Loaded], None]


def _silent(_loaded: Loaded) -> None:
    return None


async def load_lines(
    db: Database,
    tenant_id: UUID,
    lines: Iterable[Mapping[str, object]],
    *,
    actor: Actor = SYSTEM,
    progress: Progress = _silent,
) -> Loaded:
    """Store each line `{"id", "lang", "title", "text"}` as an FAQ entry known by its id, in batches that commit.

    A line whose id is known replaces that entry; one that says the same is left alone. `progress` is called after
    every batch. Raises BadLine (its `line` counts from 1) and the refusals of storing; batches before stay.
    """
    loaded = Loaded()
    drafts = (_draft(number, line) for number, line in enumerate(lines, start=1))
    while batch := list(islice(drafts, BATCH)):
        async with db.transaction(tenant_id) as session:
            stored = await load_batch(Context(session, tenant_id, actor), batch)
        loaded.stored += stored
        loaded.unchanged += len(batch) - stored
        progress(loaded)
    return loaded


async def load_batch(ctx: Context, drafts: Sequence[Draft]) -> int:
    """Store these entries by their external ids in one transaction; returns how many were new or different."""
    await repository.touch(ctx.session, ctx.tenant_id)
    latest = {rules.stored_id(draft.external_id)[0]: draft for draft in drafts}
    known = await repository.by_external_ids(ctx.session, ctx.tenant_id, [key for key in latest if key is not None])
    same = await repository.checksums(ctx.session, ctx.tenant_id, list(known.values()))
    new = [draft for key, draft in latest.items() if key not in known]
    await documents.add_many(ctx, new)
    changed = 0
    for key, row in known.items():
        if same[row.id] != documents.text_checksum(latest[key]):
            await documents.replace_document(ctx, row.id, latest[key], version=None)
            changed += 1
    if new:
        await audit(ctx, "knowledge.documents_loaded", target="documents", detail={"documents": len(new)})
        await ctx.emit(DocumentsLoaded(len(new)))
    return len(new) + changed


def _draft(number: int, line: object) -> Draft:
    if not isinstance(line, Mapping):
        raise BadLine(line=number)
    given = cast("Mapping[str, object]", line)
    external_id = given.get("id")
    lang, title, text = (given.get(key) for key in ("lang", "title", "text"))
    if isinstance(external_id, bool) or not isinstance(external_id, int | str):
        raise BadLine(line=number)
    if not (isinstance(lang, str) and rules.is_language(lang) and isinstance(text, str)):
        raise BadLine(line=number)
    heading = title if isinstance(title, str) and title.strip() else str(external_id)
    return documents.checked(Draft(DocumentKind.FAQ, lang, heading, text, external_id=external_id))
