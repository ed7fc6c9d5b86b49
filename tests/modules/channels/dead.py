"""Things that died, as the house lets them die."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text as sql

from lumi import wiring
from lumi.core.ids import new_id
from lumi.modules.assistant.events import QuestionUnanswered
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel
from tests import factories

if TYPE_CHECKING:
    from lumi.core.context import Context
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant


@dataclass(frozen=True)
class DeadJob:
    """A job after its last attempt, and the letter it left. Run again, it notes `question` as a gap."""

    id: UUID
    letter_id: UUID
    question: str


@dataclass(frozen=True)
class Doomed:
    """A message of a visitor whose turn will be given up."""

    thread_id: UUID
    account_id: UUID


async def a_dead_job(database: Database, tenant: Tenant) -> DeadJob:
    """What a worker does after the last attempt, in one transaction: nobody else can claim it meanwhile."""
    question = f"Avez-vous une piscine {uuid4().hex} ?"
    event = QuestionUnanswered(new_id(), question, "fr")
    assert wiring.registry.subscribers(event)
    async with factories.begin_work(database, tenant) as ctx:
        await ctx.emit(event)
        id_of = sql("select id from job where args ->> 'question' = :question")
        job_id = cast("UUID", await ctx.session.scalar(id_of, {"question": question}))
        taken = sql("update job set owner = 0, epoch = 1, crashes = 8 where id = :id")
        await ctx.session.execute(taken, {"id": job_id})
        let_go = sql("select app.release_job(0, :id, 1, null, 'RuntimeError: no luck')")
        assert await ctx.session.scalar(let_go, {"id": job_id})
        id_of = sql("select id from dead_letter where origin = :id")
        return DeadJob(job_id, cast("UUID", await ctx.session.scalar(id_of, {"id": str(job_id)})), question)


async def a_doomed_message(database: Database, tenant: Tenant, words: str) -> Doomed:
    """A visitor wrote, and workers have died of it more often than they may: the next one gives it up."""
    async with factories.begin_work(database, tenant) as ctx:
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=f"web-{uuid4().hex}", name="Site")
        address = f"visitor:{uuid4()}"
        await _enter(ctx, account, address, words)
        thread = await channels.find_by_address(ctx, account, [address])
        assert thread is not None
        await ctx.session.execute(sql("update lane set crashes = 10 where key = :key"), {"key": thread})
        return Doomed(thread, account)


async def _enter(ctx: Context, account: UUID, address: str, words: str) -> None:
    payload = orjson.dumps({"kind": "text", "type": "text", "text": words}).decode()
    await ctx.session.execute(
        sql(
            "select app.ingest(array[cast(:tenant as uuid)], array[cast(:account as uuid)], array['web'],"
            " array['message'], array[:id], array[:address], array[null], array[cast(:payload as jsonb)],"
            " array[cast(:at as timestamptz)])"
        ),
        {
            "tenant": ctx.tenant_id, "account": account, "id": new_id().hex, "address": address, "payload": payload,
            "at": ctx.now - timedelta(seconds=5),
        },
    )  # fmt: skip
