"""Files that staff send while others do something at the same moment: slow senders, one who takes a file back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from lumi.modules.attachments import public as attachments
from lumi.modules.channels.public import Channel
from tests import factories
from tests.journeys.channels.desk import PDF
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy import QueuePool

    from tests.conftest import StaffHeaders
    from tests.journeys.channels.desk import Desk

pytestmark = [
    pytest.mark.usefixtures("worker"),
    pytest.mark.parametrize("dialogue", [Channel.TELEGRAM], ids=str, indirect=True),
]
_FORM = {"Content-Type": "multipart/form-data; boundary=x"}
_BEGINS = b'--x\r\nContent-Disposition: form-data; name="file"; filename="m.pdf"\r\n\r\n'
_WAITS = "select 1 from pg_locks where not granted and locktype = 'transactionid'"


@pytest.mark.parametrize("path", ["/v1/conversations/{}/attachments", "/v1/files"], ids=["conversation", "alone"])
async def test_while_many_send_slowly_everybody_else_is_served(desk: Desk, staff: StaffHeaders, path: str) -> None:
    headers = await staff("conversations:read", "conversations:write", "files:read", "files:write")
    many = cast("QueuePool", desk.dialogue.house.db.engine.pool).size()
    goes_on, slow = asyncio.Event(), 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal slow
        yield _BEGINS + PDF
        slow += 1
        await goes_on.wait()
        yield b"\r\n--x--\r\n"

    to = path.format(await desk.thread())
    sending = [
        asyncio.ensure_future(desk.client.post(to, content=body(), headers={**headers, **_FORM})) for _ in range(many)
    ]
    await until(lambda: slow == many)
    try:
        answer = await asyncio.wait_for(desk.client.get("/v1/conversations", headers=headers), 10)
    finally:
        goes_on.set()
        kept = await asyncio.gather(*sending)

    assert answer.status_code == 200
    assert {each.status_code for each in kept} == {201}


async def test_a_file_kept_by_itself_stays_when_one_attached_under_the_same_key_is_taken_back(
    desk: Desk, staff: StaffHeaders
) -> None:
    desk.headers = await staff("conversations:read", "conversations:write", "files:read", "files:write")
    sent = {"file": ("menu.pdf", PDF, "application/pdf")}
    kept = await desk.client.post("/v1/files", files=sent, headers={**desk.headers, "Idempotency-Key": "k"})
    attached = await desk.attach("menu.pdf", PDF, "application/pdf", key="k")
    path = f"/v1/conversations/{await desk.thread()}/attachments/{attached.json()['id']}"

    assert (await desk.client.delete(path, headers=desk.headers)).status_code == 204

    assert (await desk.client.get(f"/v1/files/{kept.json()['id']}", headers=desk.headers)).status_code == 200


async def test_who_takes_a_file_back_while_it_is_being_sent_is_told_that_it_was(desk: Desk) -> None:
    house, tenant, thread = desk.dialogue.house, desk.dialogue.tenant, await desk.thread()
    attachment = UUID(await desk.attached("menu.pdf", PDF, "application/pdf"))
    ((message,),) = await desk.dialogue.rows("select id from message limit 1")

    async def take_back() -> None:
        async with factories.begin_work(house.db, tenant) as ctx:
            await attachments.take_back(ctx, thread, attachment)

    async with factories.begin_work(house.db, tenant) as ctx:
        await attachments.send_with(ctx, attachment, cast("UUID", message))
        taking = asyncio.ensure_future(take_back())
        await until(lambda: desk.dialogue.rows(_WAITS))

    with pytest.raises(attachments.AttachmentSent):
        await taking
    assert await desk.dialogue.rows("select message_id from attachment") == [(message,)]
    assert len(await desk.dialogue.rows("select 1 from stored_file")) == 1


async def test_what_is_let_go_while_somebody_sends_it_is_not_found_and_nothing_leaves(desk: Desk) -> None:
    house, tenant, thread = desk.dialogue.house, desk.dialogue.tenant, await desk.thread()
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")

    async with factories.begin_work(house.db, tenant) as ctx:
        await attachments.take_back(ctx, thread, UUID(attachment))
        replying = asyncio.ensure_future(desk.reply("Voici.", attachment))
        await until(lambda: desk.dialogue.rows(_WAITS))

    assert (await replying).status_code == 404
    assert await desk.dialogue.rows("select 1 from delivery where body ? 'file' or state = 'committed'") == []
