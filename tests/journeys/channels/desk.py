"""A member of staff at a conversation, who sends files in it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, cast
from uuid import UUID

from lumi.core.ids import new_id
from lumi.modules.channels.public import Channel, Inbound

if TYPE_CHECKING:
    import pytest
    from httpx2 import AsyncClient, Response

    from tests.journeys.channels.conftest import Dialogue

JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10\x03" + bytes(12)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class Desk:
    """A member of staff at a conversation."""

    def __init__(self, dialogue: Dialogue, client: AsyncClient, headers: dict[str, str]) -> None:
        self.dialogue, self.client, self.headers = dialogue, client, headers

    def with_vault(self, monkeypatch: pytest.MonkeyPatch, **says: object) -> None:
        """As if whoever runs Lumi had said so of files."""
        vault = self.dialogue.house.vault
        rules = vault._says  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(vault, "_says", dataclasses.replace(rules, **says))  # pyright: ignore[reportArgumentType]

    async def thread(self) -> UUID:
        ((found,),) = await self.dialogue.rows("select id from thread")
        return cast("UUID", found)

    async def attach(self, name: str, content: bytes, mime: str, key: str | None = None) -> Response:
        more = {"Idempotency-Key": key} if key else {}
        return await self.client.post(
            f"/v1/conversations/{await self.thread()}/attachments",
            files={"file": (name, content, mime)},
            headers={**self.headers, **more},
        )

    async def attached(self, name: str, content: bytes, mime: str) -> str:
        answer = await self.attach(name, content, mime)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def reply(self, text: str, attachment: str | None, key: str | None = None) -> Response:
        more = {"Idempotency-Key": key} if key else {}
        return await self.client.post(
            f"/v1/conversations/{await self.thread()}/replies",
            json={"text": text, "attachment_id": attachment},
            headers={**self.headers, **more},
        )

    async def go(self) -> None:
        """What waits is tried now."""
        await self.dialogue.rows("update delivery set next_try_at = now() where state = 'committed' returning 1")
        await self.dialogue.rows("update lane set ready_at = now() where owner is null returning 1")

    async def an_older_thread(self) -> UUID:
        """Another conversation on the account, from before this one."""
        item = Inbound(None, new_id().hex, ["telegram:77"], {"kind": "text", "type": "text", "text": "Salut"})
        house, tenant, account = self.dialogue.house, self.dialogue.tenant, self.dialogue.account_id
        await house.receiver.enter(tenant.id, account, Channel.TELEGRAM, item)
        await self.dialogue.rows(
            "update thread set created_at = created_at - interval '1 day' where address = 'telegram:77' returning 1"
        )
        ((found,),) = await self.dialogue.rows("select id from thread where address = 'telegram:77'")
        return cast("UUID", found)

    async def unite(self, older: UUID) -> None:
        """Both are one person's from now on."""
        both = [f"telegram:{self.dialogue.provider.person}", "telegram:77"]
        ((united,),) = await self.dialogue.rows(
            "select app.unite_threads(:tenant, :account, :both, true)",
            tenant=self.dialogue.tenant.id, account=self.dialogue.account_id, both=both,
        )  # fmt: skip
        assert cast("list[UUID]", united)[0] == older

    async def shown(self) -> list[dict[str, object]]:
        answer = await self.client.get(f"/v1/conversations/{await self.thread()}/messages", headers=self.headers)
        return cast("list[dict[str, object]]", answer.json()["items"])
