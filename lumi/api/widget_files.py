"""Files that visitors send: with their words, in one request that may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, status
from pydantic import BaseModel

from lumi.api import admission, visitors
from lumi.api.house import House
from lumi.api.inside import Inside
from lumi.api.visitors import Visitor, VisitorUnknown
from lumi.api.widget import LONGEST_TEXT, MESSAGES_PER_MINUTE
from lumi.core import auth
from lumi.core.context import Context
from lumi.core.errors import Forbidden, Invalid, NotFound, TooManyRequests
from lumi.core.multipart import Incoming, NoFile
from lumi.core.problems import limited, refusals
from lumi.core.uploads import file_in
from lumi.modules.attachments import public as attachments
from lumi.modules.channels.public import AccountView, Channel, Inbound, Media
from lumi.modules.files import public as files
from lumi.modules.tenants import public as tenants

router = APIRouter(tags=["widget"])

_FORM: dict[str, object] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "text": {"type": "string", "maxLength": LONGEST_TEXT, "description": "What is said with it; before the file."},
        "file": {"type": "string", "format": "binary"},
    },
}
_BODY: dict[str, object] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
}
FILES_PER_MINUTE = 10
FILES_PER_MINUTE_OF_A_NETWORK = 30


class WordsTooLong(Invalid):
    """The words beside the file are too long."""

    code = "too_long"


class WordsRefused(Invalid):
    """The words beside the file hold a NUL character."""

    code = "nul_character"


class FileSent(BaseModel):
    """It is part of the conversation: the message with this `client_id` brings it."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Sender:
    """A visitor who may send a file now."""

    house: House
    visitor: Visitor
    account: AccountView

    async def take(self, key: UUID, sent: Incoming) -> None:
        """Keep the file and enter its message: both once, however often this is repeated."""
        words = _words(sent.fields)
        async with self.house.db.transaction(self.visitor.tenant_id) as session:
            ctx = Context(session, self.visitor.tenant_id)
            media = await attachments.keep(self.house.vault, ctx, sent, key=f"{self.visitor.address}/{key}")
        item = Inbound(
            account=self.account.external_id,
            provider_id=f"{self.visitor.address}/{key}",
            addresses=[self.visitor.address],
            payload=self._payload(words, media),
        )
        await self.house.receiver.enter(self.visitor.tenant_id, self.account.id, Channel.WEB, item)

    def _payload(self, words: str, media: Media) -> Mapping[str, object]:
        name = self.visitor.user.name if self.visitor.user else None
        said = {"kind": "media", "type": media.kind, "text": words, "media": [media.in_payload()]}
        return said | ({"name": name} if name else {})


async def _sender(
    request: Request,
    house: Inside,
    authorization: Annotated[str, Header(max_length=2_100, include_in_schema=False)] = "",
) -> Sender:
    """Known by the token of their session, on a page that may show the widget, and not too often."""
    way, _, token = authorization.partition(" ")
    if way.lower() != "bearer":
        raise VisitorUnknown
    visitor = visitors.recognise(token)
    async with house.db.transaction(visitor.tenant_id) as session:
        ctx = Context(session, visitor.tenant_id)
        admission.check_origin(request, await tenants.get(ctx))
        account = await admission.account(ctx)
    await house.limiter.hit("widget_files", admission.host(request), per_minute=FILES_PER_MINUTE_OF_A_NETWORK)
    await house.limiter.hit("widget_file", str(visitor.id), per_minute=FILES_PER_MINUTE)
    await house.limiter.hit("widget_message", str(visitor.id), per_minute=MESSAGES_PER_MINUTE)
    async with house.db.transaction(visitor.tenant_id) as session:  # a day is added up for nobody who may not send
        ctx = Context(session, visitor.tenant_id)
        await attachments.make_sure_of_room(ctx, bytes_a_day=house.settings.max_visitor_bytes_a_day)
    return Sender(house, visitor, account)


@router.post(
    "/v1/widget/files",
    status_code=status.HTTP_201_CREATED,
    dependencies=[auth.public],
    responses=refusals(
        VisitorUnknown, Forbidden, NotFound, TooManyRequests, NoFile, *files.REFUSED, WordsTooLong, WordsRefused
    ),
    openapi_extra=limited(visitor=FILES_PER_MINUTE, network=FILES_PER_MINUTE_OF_A_NETWORK) | _BODY,
)
async def send_widget_file(
    sender: Annotated[Sender, Depends(_sender)],
    request: Request,
    key: Annotated[UUID, Header(alias="Idempotency-Key")],
) -> FileSent:
    """Send a file of at most 10 MB as a visitor, with words in a field `text` before it.

    The session's token comes as `Authorization: Bearer`. The key is the id of the message, as on the socket: the same
    one is stored once. Where somebody looks at files, nobody has it before.
    """
    await sender.take(key, await file_in(request))
    return FileSent(id=key)


def _words(fields: Mapping[str, str]) -> str:
    words = fields.get("text", "").replace("\r\n", "\n").strip()  # so forms write the end of a line
    if len(words) > LONGEST_TEXT:
        raise WordsTooLong
    if "\x00" in words:
        raise WordsRefused
    return words
