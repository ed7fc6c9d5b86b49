"""What is older than the installation keeps goes, whosever it is; what is younger or unfinished stays."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.core import dead_letters
from lumi.core.clock import now
from lumi.core.dead_letters import Source
from lumi.core.jobs import HouseTask, Registry
from lumi.core.settings import Settings
from lumi.modules.accounts import tasks as account_tasks
from lumi.modules.accounts.tasks import ForgetAudit
from lumi.modules.assistant import tasks as assistant_tasks
from lumi.modules.assistant.events import ForgetOld
from lumi.modules.assistant.services import forgetting
from lumi.wiring import schedule_forgetting
from tests import factories
from tests.journeys.conftest import Line
from tests.waiting import until

if TYPE_CHECKING:
    import asyncpg

    from lumi.core.db import Database
    from lumi.core.runner import Runner
    from lumi.modules.tenants.public import Tenant

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

# The column that says how old a row is, and the rows of a conversation.
AGE = {
    "message": "created_at",
    "delivery": "settled_at",
    "event": "settled_at",
    "turn": "saved_at",
    "idempotency_key": "created_at",
}


@pytest.fixture
async def truth(database_url: str) -> AsyncGenerator[Connection]:
    """A superuser's connection: nobody else may change what was said, or how long ago."""
    from sqlalchemy.engine import make_url

    from tests import template
    from tests.isolation import whole

    async with template.cluster() as place:
        conn = await whole.connect(place.admin, str(make_url(database_url).database))
        yield conn
        await conn.close()


async def age(truth: Connection, tenant: Tenant, days: int) -> None:
    """Let everything the tenant has now be so much older."""
    for table, column in AGE.items():
        await truth.execute(
            f"update {table} set {column} = {column} - make_interval(days => $2) where tenant_id = $1", tenant.id, days
        )


async def counted(truth: Connection, tenant: Tenant) -> dict[str, int]:
    """How many rows of a conversation the tenant has, by table."""
    return {t: await truth.fetchval(f"select count(*) from {t} where tenant_id = $1", tenant.id) for t in AGE}


async def forgotten(line: Line, task: ForgetOld) -> None:
    """Let the house forget, and wait until every piece is done."""
    await assistant_tasks.forget_old(line.house.db, task)
    await until(lambda: line.rows("select 1 where not exists (select from job where kind = 'assistant.Forget')"))


async def say(line: Line, *texts: str) -> None:
    """Write and be answered, one after the other."""
    for text in texts:
        heard = len(line.heard())
        await line.write(text)
        await line.hears(heard + 1)


async def test_old_messages_go_with_everything_that_repeats_them_and_young_ones_stay(
    line: Line, worker: Runner, truth: Connection
) -> None:
    await say(line, "Bonjour !", "Merci !")
    await age(truth, line.tenant, 31)
    await say(line, "Merci encore !")

    await forgotten(line, ForgetOld(messages_days=30, records_days=30))

    assert await counted(truth, line.tenant) == {
        "message": 2, "delivery": 1, "event": 1, "turn": 1, "idempotency_key": 0,
    }  # fmt: skip
    assert await line.rows("select min(n) from message") == [(5,)]
    await say(line, "Bonjour !")
    assert await line.rows("select max(n) from message") == [(8,)]


async def test_records_may_go_while_messages_stay(line: Line, worker: Runner, truth: Connection) -> None:
    await say(line, "Bonjour !")
    await age(truth, line.tenant, 91)

    await forgotten(line, ForgetOld(messages_days=0, records_days=90))

    left = await counted(truth, line.tenant)
    assert (left["message"], left["delivery"], left["event"], left["turn"]) == (2, 1, 0, 0)


async def test_however_much_it_is_it_goes_piece_by_piece(
    line: Line, worker: Runner, truth: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "THREADS", 1)
    monkeypatch.setattr(forgetting, "ROWS", 2)
    for _ in range(3):
        await say(line, "Bonjour !", "Merci !", "Merci encore !")
        line.person = factories.a_phone_number().lstrip("+")
    await age(truth, line.tenant, 400)

    await forgotten(line, ForgetOld(messages_days=365, records_days=90))

    assert set((await counted(truth, line.tenant)).values()) == {0}


async def test_what_is_not_finished_stays_however_old(line: Line, worker: Runner, truth: Connection) -> None:
    await say(line, "Bonjour !")
    await age(truth, line.tenant, 400)
    await truth.execute(
        "update delivery set state = 'committed', settled_at = null, next_try_at = now() + interval '1 h'"
        " where tenant_id = $1",
        line.tenant.id,
    )
    await truth.execute(
        "update event set settled_at = null, settled_by = null, due_at = now() + interval '1 h' where tenant_id = $1",
        line.tenant.id,
    )

    await forgotten(line, ForgetOld(messages_days=30, records_days=30))

    left = await counted(truth, line.tenant)
    assert (left["delivery"], left["event"]) == (1, 1)
    assert await line.rows("select author from message") == [("assistant",)]


async def letter(database: Database, tenant_id: UUID | None, *, is_closed: bool) -> UUID:
    """A dead letter of a year ago."""
    async with database.transaction(tenant_id) as session:
        await dead_letters.keep(session, tenant_id, source=Source.WEBHOOK, origin="web", body=b"x", reason="x")
        found = await session.scalar(
            sql(
                "update dead_letter set created_at = created_at - interval '365 days', closed_at = :closed"
                " where created_at > now() - interval '1 day' returning id"
            ),
            {"closed": now() if is_closed else None},
        )
    assert isinstance(found, UUID)
    return found


async def test_of_dead_letters_the_closed_ones_go_and_those_nobody_can_close(
    line: Line, worker: Runner, truth: Connection
) -> None:
    database = line.house.db
    is_open = await letter(database, line.tenant.id, is_closed=False)
    closed = await letter(database, line.tenant.id, is_closed=True)
    nobodys = await letter(database, None, is_closed=False)

    await forgotten(line, ForgetOld(messages_days=0, records_days=90))

    rows = await truth.fetch("select id from dead_letter where id = any ($1)", [is_open, closed, nobodys])
    assert [row[0] for row in rows] == [is_open]


async def test_the_audit_forgets_what_is_old_of_every_tenant_and_nothing_of_the_last_month(
    database: Database, tenant: Tenant, other_tenant: Tenant, truth: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_tasks, "PIECE", 2)
    for each in (tenant, other_tenant):
        async with factories.begin_work(database, each) as ctx:
            for _ in range(3):
                await factories.make_contact(ctx)
    old = await truth.execute(
        "update audit_entry set at = at - interval '40 days' where tenant_id = any ($1)", [tenant.id, other_tenant.id]
    )
    assert old == "UPDATE 8"
    async with factories.begin_work(database, tenant) as ctx:
        await factories.make_contact(ctx)
    await truth.execute(
        "update audit_entry set at = now() - interval '29 days' where tenant_id = $1 and at > now() - interval '1 day'",
        tenant.id,
    )

    await account_tasks.forget_audit(database, ForgetAudit(days=1))

    entries = "select count(*) from audit_entry where tenant_id = $1"
    assert await truth.fetchval(entries, tenant.id) == 1
    assert await truth.fetchval(entries, other_tenant.id) == 0


@pytest.mark.parametrize(
    ("days", "tasks"),
    [
        ({}, [ForgetOld(0, 90)]),
        ({"retention_events_days": 0}, []),
        ({"retention_messages_days": 30}, [ForgetOld(30, 30)]),
        ({"retention_messages_days": 365}, [ForgetOld(365, 90)]),
        ({"retention_messages_days": 365, "retention_events_days": 0}, [ForgetOld(365, 365)]),
        ({"retention_events_days": 0, "retention_audit_days": 400}, [ForgetAudit(400)]),
    ],
)
def test_the_settings_say_what_is_forgotten_each_night(days: dict[str, int], tasks: list[HouseTask]) -> None:
    jobs = Registry()

    schedule_forgetting(Settings.model_validate(days), jobs)

    assert [task for _, task in jobs.schedules.values()] == tasks


def test_an_audit_of_less_than_a_month_is_refused() -> None:
    with pytest.raises(ValueError, match="30 days at least"):
        Settings.model_validate({"retention_audit_days": 29})
