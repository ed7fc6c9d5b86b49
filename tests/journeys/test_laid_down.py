"""What could not be read: laid down once however often it comes, and read anew when staff want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from lumi.core import dead_letters, i18n
from lumi.core.dead_letters import Source
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from tests import factories
from tests.journeys.conftest import Line

if TYPE_CHECKING:
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")
THANKS = i18n.tr("assistant-thanks", "fr")


async def letters(line: Line) -> list[tuple[object, ...]]:
    return list(await line.rows("select origin, reason from dead_letter order by created_at, id"))


async def requeue(line: Line, who: dict[str, str]) -> tuple[int, object]:
    ((letter,),) = await line.rows("select id from dead_letter")
    answer = await line.client.post(f"/v1/dead-letters/{letter}/requeue", headers=who)
    return answer.status_code, answer.json().get("code")


@pytest.fixture
async def clerk(staff: StaffHeaders) -> dict[str, str]:
    return await staff("dead_letters:read", "dead_letters:write")


async def test_a_broken_item_that_is_posted_again_and_again_is_laid_down_once(line: Line) -> None:
    broken = line.message("Merci !", id=None)
    for _ in range(3):
        assert (await line.post(line.body(broken))).status_code == 200

    assert await letters(line) == [(f"whatsapp/{line.account_id}", "it has no usable id")]


async def test_two_items_that_are_broken_alike_are_two_letters(line: Line) -> None:
    await line.post(line.body(line.message("Un", id=None), line.message("Deux", id=None)))

    assert len(await letters(line)) == 2


async def test_a_body_nobody_can_read_is_laid_down_once(line: Line) -> None:
    for _ in range(2):
        await line.post(b"[not json")

    ((origin, _),) = await letters(line)
    assert origin == f"whatsapp/{line.account_id}"


async def test_of_an_app_that_two_organisations_share_an_unreadable_body_is_nobodys_and_kept_once(
    line: Line, other_tenant: Tenant
) -> None:
    body = f"[{line.number}".encode()
    keys = Credentials(line.secret, "v", "t")
    async with factories.begin_work(line.house.db, other_tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=line.number[::-1], name="?", credentials=keys
        )  # fmt: skip
    line.house.receiver.forget_apps()
    for _ in range(2):
        assert (await line.post(body)).status_code == 200

    assert await letters(line) == []
    async with line.house.db.transaction(None) as session:
        found = await dead_letters.nobodys(session, limit=100)
    assert [each.beginning for each in found if each.beginning == body] == [body]


@pytest.mark.parametrize("wrapped", ["item", "change", "entry", "body"])
async def test_what_a_newer_release_can_read_is_answered_when_staff_try_it_again(
    line: Line, clerk: dict[str, str], wrapped: str
) -> None:
    body = orjson.loads(line.body(line.message("Merci !")))
    (entry,) = body["entry"]
    (change,) = entry["changes"]
    (item,) = change["value"]["messages"]
    kept = {"item": item, "change": change, "entry": entry, "body": body}[wrapped]
    async with line.house.db.transaction(line.tenant.id) as session:
        await dead_letters.keep(
            session, line.tenant.id, source=Source.WEBHOOK, origin=f"whatsapp/{line.account_id}",
            body=orjson.dumps(kept), reason="it could not be read then",
        )  # fmt: skip

    assert await requeue(line, clerk) == (200, None)
    assert [each.text for each in await line.hears(1)] == [THANKS]
    assert await requeue(line, clerk) == (409, "letter_closed")


async def test_what_still_cannot_be_read_stays_open(line: Line, clerk: dict[str, str]) -> None:
    await line.post(line.body(line.message("Merci !", id=None)))

    assert await requeue(line, clerk) == (409, "cannot_requeue")
    assert await line.rows("select closed_at from dead_letter") == [(None,)]


async def test_a_letter_of_an_account_that_was_given_up_is_not_tried_again(line: Line, clerk: dict[str, str]) -> None:
    await line.post(line.body(line.message("Merci !", id=None)))
    await line.rows("update channel_account set disconnected_at = now() returning 1")

    assert await requeue(line, clerk) == (409, "cannot_requeue")
