"""Every way to change something over HTTP, done once for real: does it leave a row in the audit?"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

from sqlalchemy import text

from lumi.core.db import rows_affected
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials, Inbound
from lumi.modules.contacts.public import Point, PointKind
from lumi.modules.knowledge import public as knowledge
from tests import factories

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.api.house import House
    from lumi.integrations.whatsapp.fake.server import RunningTwin
    from lumi.modules.contacts.public import Contact
    from lumi.modules.tenants.public import Tenant

ANY_VERSION = {"If-Match": "*"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
DOCUMENT = {"lang": "fr", "title": "Ouverture", "text": "Du mardi au samedi."}


@dataclass(frozen=True)
class Change:
    """A request that succeeds."""

    path: str
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, str] | None = None
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class Scene:
    """A tenant in a house, and a client signed in as somebody who may do everything there."""

    client: AsyncClient
    house: House
    tenant: Tenant
    graph: RunningTwin

    async def channel(self) -> Change:
        """A number of WhatsApp and what its owner has of it."""
        number = str(10**14 + secrets.randbelow(10**14))
        self.graph.twin.settings.numbers[number] = "33100000001"
        keys = {"app_secret": "s3cret of the app", "access_token": self.graph.twin.settings.token}
        return Change("/v1/channels", {"channel": "whatsapp", "external_id": number, "name": "WhatsApp", **keys})

    async def contact(self) -> Contact:
        """Somebody the tenant knows."""
        async with factories.begin_work(self.house.db, self.tenant) as ctx:
            return await factories.make_contact(ctx)

    async def document(self) -> str:
        """The id of something the tenant knows."""
        made = await self.client.post("/v1/knowledge/documents", json=DOCUMENT)
        return str(made.json()["id"])

    async def file(self) -> str:
        """The id of a picture somebody sent."""
        made = await self.client.post("/v1/files", files={"file": ("photo.png", PNG)})
        return str(made.json()["id"])

    async def gap(self) -> str:
        """The id of a question nobody could answer."""
        async with factories.begin_work(self.house.db, self.tenant) as ctx:
            return str((await knowledge.log_gap(ctx, question="Avez-vous une piscine ?", lang="fr")).id)

    async def letter(self) -> str:
        """The id of what is left of a job that died."""
        from tests.modules.channels.dead import a_dead_job

        return str((await a_dead_job(self.house.db, self.tenant)).letter_id)

    async def widget(self) -> UUID:
        """The account of a widget."""
        async with factories.begin_work(self.house.db, self.tenant) as ctx:
            return await channels.connect(ctx, channel=Channel.WEB, external_id=f"web-{uuid4()}", name="Site")

    async def conversation(self) -> str:
        """The id of a thread in which a visitor wrote."""
        return await self._written_to(await self.widget(), Channel.WEB, f"visitor:{uuid4()}")

    async def open_conversation(self) -> str:
        """The same at a provider that takes files."""
        async with factories.begin_work(self.house.db, self.tenant) as ctx:
            external = str(secrets.randbelow(10**9))
            account = await channels.connect(ctx, channel=Channel.TELEGRAM, external_id=external, name="Bot")
        return await self._written_to(account, Channel.TELEGRAM, f"telegram:{secrets.randbelow(10**9)}")

    async def _written_to(self, account: UUID, channel: Channel, address: str) -> str:
        item = Inbound(self.tenant.slug, str(new_id()), [address], {"kind": "text", "type": "text", "text": "Bonjour"})
        await self.house.receiver.enter(self.tenant.id, account, channel, item)
        async with factories.begin_work(self.house.db, self.tenant) as ctx:
            return str(await channels.find_by_address(ctx, account, [address]))


async def create_api_key(_scene: Scene) -> Change:
    return Change("/v1/api-keys", {"name": "Caisse", "permissions": ["contacts:read"]})


async def revoke_api_key(scene: Scene) -> Change:
    made = await scene.client.post("/v1/api-keys", json={"name": "Caisse", "permissions": ["contacts:read"]})
    return Change(f"/v1/api-keys/{made.json()['id']}")


async def sign_out(_scene: Scene) -> Change:
    return Change("/v1/auth/sign-out")


async def update_tenant(_scene: Scene) -> Change:
    return Change("/v1/tenant", {"name": "Salon Éclat & Fils"}, ANY_VERSION)


async def create_identifier(_scene: Scene) -> Change:
    return Change("/v1/tenant/identifiers", {"kind": "domain", "value": f"{uuid4().hex}.example"})


async def delete_identifier(scene: Scene) -> Change:
    value = f"{uuid4().hex}.example"
    await scene.client.post("/v1/tenant/identifiers", json={"kind": "domain", "value": value})
    return Change(f"/v1/tenant/identifiers/domain/{value}")


async def create_contact(_scene: Scene) -> Change:
    point = {"kind": "phone", "value": factories.a_phone_number()}
    return Change("/v1/contacts", {"name": "Amélie Roux", "points": [point]})


async def update_contact(scene: Scene) -> Change:
    return Change(f"/v1/contacts/{(await scene.contact()).id}", {"name": "Amélie R."}, ANY_VERSION)


async def appoint_owner(scene: Scene) -> Change:
    return Change(f"/v1/contacts/{(await scene.contact()).id}/owner")


async def note_consent(scene: Scene) -> Change:
    return Change(f"/v1/contacts/{(await scene.contact()).id}/consents", {"state": "withdrawn"})


async def dismiss_owner(scene: Scene) -> Change:
    path = f"/v1/contacts/{(await scene.contact()).id}/owner"
    await scene.client.put(path)
    return Change(path)


async def create_document(_scene: Scene) -> Change:
    return Change("/v1/knowledge/documents", DOCUMENT)


async def upload_document(_scene: Scene) -> Change:
    return Change("/v1/knowledge/documents/files", form={"lang": "fr"}, file=("prix.md", b"# Prix\n\nCoupe 30 EUR"))


async def replace_document(scene: Scene) -> Change:
    return Change(f"/v1/knowledge/documents/{await scene.document()}", {**DOCUMENT, "text": "Fermé."}, ANY_VERSION)


async def delete_document(scene: Scene) -> Change:
    return Change(f"/v1/knowledge/documents/{await scene.document()}", headers=ANY_VERSION)


async def upload_file(_scene: Scene) -> Change:
    return Change("/v1/files", file=("photo.png", PNG))


async def attach_file(scene: Scene) -> Change:
    return Change(f"/v1/conversations/{await scene.open_conversation()}/attachments", file=("photo.png", PNG))


async def take_back_file(scene: Scene) -> Change:
    path = f"/v1/conversations/{await scene.open_conversation()}/attachments"
    made = await scene.client.post(path, files={"file": ("photo.png", PNG)})
    return Change(f"{path}/{made.json()['id']}")


async def create_file_url(scene: Scene) -> Change:
    return Change(f"/v1/files/{await scene.file()}/url", {"seconds": 60})


async def delete_file(scene: Scene) -> Change:
    return Change(f"/v1/files/{await scene.file()}")


async def close_gap(scene: Scene) -> Change:
    return Change(f"/v1/knowledge/gaps/{await scene.gap()}/close")


async def create_reply(scene: Scene) -> Change:
    conversation = await scene.conversation()
    await scene.client.post(f"/v1/conversations/{conversation}/take-over")
    return Change(f"/v1/conversations/{conversation}/replies", {"text": "Bonjour"}, {"Idempotency-Key": uuid4().hex})


async def send_message_again(scene: Scene) -> Change:
    reply = await create_reply(scene)
    said = (await scene.client.post(reply.path, json=reply.json)).json()["id"]
    lost = 0
    while not lost:  # another test's worker may be sending it: what comes of that is written down first
        async with factories.begin_work(scene.house.db, scene.tenant) as ctx:
            lost = rows_affected(await ctx.session.execute(text(_LOSE_ALL)))
    return Change(reply.path.replace("/replies", f"/messages/{said}/send-again"))


_LOSE_ALL = "update delivery set state = 'unknown', settled_at = now() where state <> 'sending'"


async def take_over(scene: Scene) -> Change:
    return Change(f"/v1/conversations/{await scene.conversation()}/take-over")


async def hand_back(scene: Scene) -> Change:
    conversation = await scene.conversation()
    await scene.client.post(f"/v1/conversations/{conversation}/take-over")
    return Change(f"/v1/conversations/{conversation}/hand-back")


async def connect_channel(scene: Scene) -> Change:
    return await scene.channel()


async def disconnect_channel(scene: Scene) -> Change:
    change = await scene.channel()
    made = await scene.client.post(change.path, json=change.json)
    return Change(f"/v1/channels/{made.json()['account']['id']}")


async def renew_identity_secret(scene: Scene) -> Change:
    return Change(f"/v1/channels/{await scene.widget()}/identity-secret")


async def drop_identity_secret(scene: Scene) -> Change:
    change = await renew_identity_secret(scene)
    await scene.client.post(change.path)
    return change


async def choose_voice(scene: Scene) -> Change:
    change = await disconnect_channel(scene)
    return Change(f"{change.path}/voice", {"aloud": False})


async def refresh_templates(scene: Scene) -> Change:
    keys = {"business_account_id": scene.graph.twin.settings.waba_id}
    change = await scene.channel()
    told = cast("dict[str, object]", change.json)
    made = await scene.client.post(change.path, json={**told, "credentials": keys})
    return Change(f"/v1/channels/{made.json()['account']['id']}/templates/refresh")


async def choose_template(scene: Scene) -> Change:
    path = (await refresh_templates(scene)).path
    kept = (await scene.client.post(path)).json()["items"]
    chosen = next(each["id"] for each in kept if each["name"] == "hello_world")
    return Change(f"{path.removesuffix('/refresh')}/{chosen}", {"purpose": "reopen"})


async def create_message(scene: Scene) -> Change:
    person = str(10**9 + secrets.randbelow(10**9))
    address = f"telegram:{person}"
    async with factories.begin_work(scene.house.db, scene.tenant) as ctx:
        contact = await factories.make_contact(ctx, points=[Point(PointKind.TELEGRAM, person)])
        keys = Credentials("s3cret", "", "1:token")
        account = await channels.connect(
            ctx, channel=Channel.TELEGRAM, external_id=str(secrets.randbelow(10**9)), name="Bot", credentials=keys
        )
    item = Inbound(None, str(new_id()), [address], {"kind": "text", "type": "text", "text": "Bonjour"})
    await scene.house.receiver.enter(scene.tenant.id, account, Channel.TELEGRAM, item)
    async with factories.begin_work(scene.house.db, scene.tenant) as ctx:
        thread = await channels.find_by_address(ctx, account, [address])
        assert thread is not None
        await channels.belongs_to(ctx, thread, contact.id)
    return Change(f"/v1/contacts/{contact.id}/messages", {"text": "Bonjour"}, {"Idempotency-Key": uuid4().hex})


async def close_letter(scene: Scene) -> Change:
    return Change(f"/v1/dead-letters/{await scene.letter()}/close")


async def requeue_letter(scene: Scene) -> Change:
    return Change(f"/v1/dead-letters/{await scene.letter()}/requeue")


async def search(_scene: Scene) -> Change:
    return Change("/v1/knowledge/search", {"question": "Quand êtes-vous ouverts ?"})


async def ask(_scene: Scene) -> Change:
    return Change("/v1/knowledge/ask", {"question": "Quand êtes-vous ouverts ?"})


Recipe = Callable[[Scene], Awaitable[Change]]

CHANGES: Mapping[str, Recipe] = {
    "POST /v1/api-keys": create_api_key,
    "DELETE /v1/api-keys/{key_id}": revoke_api_key,
    "PATCH /v1/tenant": update_tenant,
    "POST /v1/tenant/identifiers": create_identifier,
    "DELETE /v1/tenant/identifiers/{kind}/{value}": delete_identifier,
    "POST /v1/channels": connect_channel,
    "DELETE /v1/channels/{account_id}": disconnect_channel,
    "POST /v1/channels/{account_id}/identity-secret": renew_identity_secret,
    "DELETE /v1/channels/{account_id}/identity-secret": drop_identity_secret,
    "PUT /v1/channels/{account_id}/voice": choose_voice,
    "POST /v1/channels/{account_id}/templates/refresh": refresh_templates,
    "PUT /v1/channels/{account_id}/templates/{template_id}": choose_template,
    "POST /v1/contacts": create_contact,
    "POST /v1/contacts/{contact_id}/messages": create_message,
    "PATCH /v1/contacts/{contact_id}": update_contact,
    "POST /v1/contacts/{contact_id}/consents": note_consent,
    "PUT /v1/contacts/{contact_id}/owner": appoint_owner,
    "DELETE /v1/contacts/{contact_id}/owner": dismiss_owner,
    "POST /v1/files": upload_file,
    "POST /v1/files/{file_id}/url": create_file_url,
    "DELETE /v1/files/{file_id}": delete_file,
    "POST /v1/knowledge/documents": create_document,
    "POST /v1/knowledge/documents/files": upload_document,
    "PUT /v1/knowledge/documents/{document_id}": replace_document,
    "DELETE /v1/knowledge/documents/{document_id}": delete_document,
    "POST /v1/knowledge/gaps/{gap_id}/close": close_gap,
    "POST /v1/conversations/{conversation_id}/replies": create_reply,
    "POST /v1/conversations/{conversation_id}/attachments": attach_file,
    "DELETE /v1/conversations/{conversation_id}/attachments/{attachment_id}": take_back_file,
    "POST /v1/conversations/{conversation_id}/messages/{message_id}/send-again": send_message_again,
    "POST /v1/conversations/{conversation_id}/take-over": take_over,
    "POST /v1/conversations/{conversation_id}/hand-back": hand_back,
    "POST /v1/dead-letters/{letter_id}/close": close_letter,
    "POST /v1/dead-letters/{letter_id}/requeue": requeue_letter,
    # Last: after it the client is a stranger.
    "POST /v1/auth/sign-out": sign_out,
}
# They ask with a body and change nothing, which is checked as well.
QUESTIONS: Mapping[str, Recipe] = {"POST /v1/knowledge/search": search, "POST /v1/knowledge/ask": ask}
