"""The web widget: a session by HTTP, the conversation by a socket that can always be resumed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import APIRouter, Request, WebSocket
from pydantic import BaseModel, Field
from starlette.websockets import WebSocketDisconnect

from lumi.api import admission, visitors
from lumi.api.frames import Close, Closed, Frames, together
from lumi.api.house import House
from lumi.api.inside import Inside, house_of
from lumi.api.shown import Shown
from lumi.api.visitors import IdentityRefused, User, Visitor, VisitorUnknown
from lumi.core import auth
from lumi.core.context import Context
from lumi.core.errors import AppError, Forbidden, NotFound, TooManyRequests
from lumi.core.metrics import SOCKETS
from lumi.core.problems import limited, refusals
from lumi.modules.attachments import public as attachments
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import AccountView, Channel, Inbound
from lumi.modules.conversations import public as conversations
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Tenant

router = APIRouter(tags=["widget"])

LONGEST_TEXT = 4_000
MESSAGES_PER_MINUTE = 20
SESSIONS_PER_MINUTE = 60


class SessionCreate(BaseModel):
    """The token of an earlier visit, when the browser has one."""

    token: str | None = Field(None, max_length=2_000)
    identity: str | None = Field(
        None, max_length=4_000, description="What your page signed for somebody who is signed in there."
    )


class TenantCard(BaseModel):
    """What a visitor sees of the organisation."""

    slug: str
    name: str
    locale: str
    languages: list[str]
    colour: str
    suggestions: dict[str, list[str]]


class FilesTaken(BaseModel):
    """What a visitor may send of a kind."""

    kind: str
    most_bytes: int
    types: list[str]
    endings: list[str]


class SessionRead(BaseModel):
    """Who the visitor is from now on, and with whom they talk."""

    token: str
    expires_in: int
    tenant: TenantCard
    thread: UUID | None
    files: list[FilesTaken]


@router.post(
    "/v1/widget/{slug}/session",
    dependencies=[auth.public],
    responses=refusals(IdentityRefused, Forbidden, NotFound, TooManyRequests),
    openapi_extra=limited(network=SESSIONS_PER_MINUTE),
)
async def create_widget_session(slug: str, body: SessionCreate, request: Request, house: Inside) -> SessionRead:
    """Begin or resume a visit; refuses pages of origins the organisation has not listed."""
    await house.limiter.hit("widget_session", admission.host(request), per_minute=SESSIONS_PER_MINUTE)
    tenant = await house.directory.find_by_slug(slug)
    if tenant is None:
        raise NotFound
    admission.check_origin(request, tenant)
    async with house.db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id)
        account = await admission.account(ctx)
        user = await _user(ctx, account.id, body.identity, tenant.slug)
        visitor, token = visitors.welcome(tenant.id, body.token, user)
        thread = await channels.find_by_address(ctx, account.id, [visitor.address])
    expires_in = visitors.VOUCHED_SECONDS if user else visitors.LIFETIME_SECONDS
    return SessionRead(token=token, expires_in=expires_in, tenant=_card(tenant), thread=thread, files=_taken(house))


@router.websocket("/v1/widget/socket")
async def talk_to_visitor(socket: WebSocket) -> None:
    """The conversation of one visitor; `docs/sockets.md` lists its frames."""
    await socket.accept()
    frames, house = Frames(socket), house_of(socket)
    try:
        visit = await _visit(socket, frames, house)
        with SOCKETS.labels("widget").track_inprogress():
            await visit.run()
    except Closed as reason:
        await frames.close(reason.code)
    except WebSocketDisconnect:
        return


@dataclass(slots=True)
class Visit:
    """One open socket of a visitor."""

    house: House
    frames: Frames
    visitor: Visitor
    account: AccountView
    thread: UUID | None
    last: int = 0
    held: bool = False
    typing: bool = False
    known: asyncio.Event = field(default_factory=asyncio.Event)
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def shown(self) -> Shown:
        """What this visitor sees of messages."""
        return Shown(self.visitor.tenant_id, self.house.vault)

    async def run(self) -> None:
        """Hear and tell until the visitor leaves."""
        if self.thread is not None:
            self.known.set()
        await self._ready()
        await together(asyncio.ensure_future(self._hear()), asyncio.ensure_future(self._tell()))

    async def _ready(self) -> None:
        last, self.held = await self._state()
        self.last = last
        await self.frames.send({"type": "ready", "last": last, "held": self.held})

    async def _hear(self) -> None:
        while True:
            frame = await self.frames.next()
            match frame.get("type"):
                case "ping":
                    await self.frames.send({"type": "pong"})
                case "resume":
                    await self._resume(frame.get("after"))
                case "message":
                    await self._take(frame)
                case "files":
                    await self._show_files(frame.get("n"))
                case _:
                    continue  # a newer widget may say what this server does not know

    async def _resume(self, after: object) -> None:
        if self.thread is None:
            await self._find_thread()  # a file, or another window of theirs, may have begun it
        async with self.telling:
            self.last = after if isinstance(after, int) and 0 <= after < 2**53 else 0
            while await self._tell_some():
                continue
            await self.frames.send({"type": "resumed", "last": self.last})

    async def _show_files(self, n: object) -> None:
        """The files of one message, with links that are good for hours again; nothing of one the visitor cannot see."""
        if self.thread is None or not isinstance(n, int) or not 0 < n < 2**53:
            return
        async with self.house.db.transaction(self.visitor.tenant_id) as session:
            ctx = Context(session, self.visitor.tenant_id)
            found = await conversations.entries_for_visitor(ctx, self.thread, after=n - 1, limit=1)
        for entry in found:
            if entry.n == n:
                await self.frames.send(self.shown.files(entry))

    async def _take(self, frame: Mapping[str, object]) -> None:
        key, text = frame.get("id"), frame.get("text")
        refusal = _refusal(key, text)
        if refusal is not None:
            await self.frames.send({"type": "refused", "id": key, "code": refusal})
            return
        try:
            await self.house.limiter.hit("widget_message", str(self.visitor.id), per_minute=MESSAGES_PER_MINUTE)
        except TooManyRequests as wait:
            refused = {"type": "refused", "id": key, "code": wait.code, "retry_after": wait.retry_after}
            await self.frames.send(refused)
            return
        item = Inbound(
            account=self.account.external_id,
            # of the address, which a reload keeps: each session of somebody signed in is a new visitor
            provider_id=f"{self.visitor.address}/{key}",
            addresses=[self.visitor.address],
            payload=self._payload(str(text)),
        )
        await self.house.receiver.enter(self.visitor.tenant_id, self.account.id, Channel.WEB, item)
        await self.frames.send({"type": "ack", "id": key})
        if self.thread is None:
            await self._find_thread()

    def _payload(self, text: str) -> Mapping[str, object]:
        name = self.visitor.user.name if self.visitor.user else None
        return {"kind": "text", "type": "text", "text": text} | ({"name": name} if name else {})

    async def _find_thread(self) -> None:
        async with self.house.db.transaction(self.visitor.tenant_id) as session:
            ctx = Context(session, self.visitor.tenant_id)
            self.thread = await channels.find_by_address(ctx, self.account.id, [self.visitor.address])
        if self.thread is not None:
            self.known.set()

    async def _tell(self) -> None:
        await self.known.wait()
        async with self.house.realtime.subscribe(f"thread:{self.thread}") as notes:
            await self._tell_news()  # what was said between the first look and the subscription
            while True:
                note = await notes.get()
                if note.get("type") == "typing":
                    await self._show_typing(notes.empty())
                else:
                    await self._tell_news()
                    await self._show_typing(False)

    async def _show_typing(self, on: bool) -> None:
        """Say that an answer is being thought of; what is queued behind such a note is the answer itself."""
        if on != self.typing:
            self.typing = on
            await self.frames.send({"type": "typing", "on": on})

    async def _tell_news(self) -> None:
        """What is new since the last frame, once and in order: a resume and a note may want it at the same time."""
        async with self.telling:
            while await self._tell_some():
                continue

    async def _tell_some(self) -> bool:
        """Send the next stretch; returns whether there was one."""
        if self.thread is None:
            return False
        async with self.house.db.transaction(self.visitor.tenant_id) as session:
            ctx = Context(session, self.visitor.tenant_id)
            entries = await conversations.entries_for_visitor(ctx, self.thread, after=self.last)
            held = (await channels.get_thread(ctx, self.thread)).held_by is not None
        if held != self.held:
            self.held = held
            await self.frames.send({"type": "state", "held": held})
        for entry in entries:
            if entry.n > self.last:
                self.last = entry.n
                await self.frames.send(self.shown.message(entry))
        return bool(entries)

    async def _state(self) -> tuple[int, bool]:
        if self.thread is None:
            return 0, False
        async with self.house.db.transaction(self.visitor.tenant_id) as session:
            ctx = Context(session, self.visitor.tenant_id)
            held = (await channels.get_thread(ctx, self.thread)).held_by is not None
            return await conversations.last_number(ctx, self.thread), held


async def _visit(socket: WebSocket, frames: Frames, house: House) -> Visit:
    frame = await frames.first()
    try:
        visitor = visitors.recognise(str(frame["token"]))
    except VisitorUnknown as error:
        raise Closed(Close.TOKEN) from error
    try:
        async with house.db.transaction(visitor.tenant_id) as session:
            ctx = Context(session, visitor.tenant_id)
            admission.check_origin(socket, await tenants.get(ctx))
            account = await admission.account(ctx)
            thread = await channels.find_by_address(ctx, account.id, [visitor.address])
    except AppError as error:
        raise Closed(Close.POLICY) from error
    return Visit(house, frames, visitor, account, thread)


async def _user(ctx: Context, account_id: UUID, voucher: str | None, slug: str) -> User | None:
    """Whom the page vouches for. A page that vouches where nobody has a secret is told so, not ignored."""
    if voucher is None:
        return None
    secret = await channels.find_secret(ctx, account_id)
    if secret is None:
        raise IdentityRefused("This organisation has no identity secret: nobody can be vouched for.")
    return visitors.vouched(voucher, secret=secret, audience=slug)


def _refusal(key: object, text: object) -> str | None:
    try:
        UUID(key if isinstance(key, str) else "")
    except ValueError:
        return "bad_id"
    if not isinstance(text, str) or not text.strip():
        return "empty"
    if len(text) > LONGEST_TEXT:
        return "too_long"
    return "nul_character" if "\x00" in text else None


def _taken(house: House) -> list[FilesTaken]:
    return [
        FilesTaken(
            kind=each.kind, most_bytes=min(each.most_bytes, attachments.MOST_BYTES), types=list(each.types),
            endings=list(each.endings),
        )
        for each in house.vault.takes()
    ]  # fmt: skip


def _card(tenant: Tenant) -> TenantCard:
    return TenantCard(
        slug=tenant.slug,
        name=tenant.name,
        locale=tenant.locale,
        languages=list(tenant.languages),
        colour=tenant.settings.colour,
        suggestions={lang: list(each) for lang, each in tenant.settings.suggestions.items()},
    )
