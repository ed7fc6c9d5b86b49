"""`lumi chat`: talk with an organisation in the terminal, through the same line as every channel."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from lumi.cli.refusals import Refusal, told_in_words
from lumi.cli.screen import emit, note, notes, progress

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.core.context import Context
    from lumi.modules.conversations.public import Entry
    from lumi.modules.tenants.public import Tenant

PATIENCE_SECONDS = 90.0
_FIRST_LOOK_SECONDS = 0.02
_LONGEST_LOOK_SECONDS = 0.25


def chat(
    tenant: Annotated[str, typer.Argument(help="Slug of the organisation, as `lumi tenant list` shows it.")],
    *,
    as_name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Talk under this name and go on where you were.")
    ] = None,
    owner: Annotated[bool, typer.Option("--owner", help="Talk as the owner of the organisation.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each reply as a JSON object on a line.")] = False,
) -> None:
    """Talk with an organisation here in the terminal.

    Type, or pipe lines in: each line is a message, answered before the next one is sent. What is not running is
    started for as long as you talk.
    """
    with told_in_words():
        if owner and as_name:
            raise Refusal("Talk either as the owner or under a name, not both.")
        from lumi.core.loop import run

        try:
            run(_chat(tenant, as_name=as_name, owner=owner, as_json=as_json))
        except KeyboardInterrupt:
            # The thread that waits for a line holds standard input, and Python's own end would trip over that.
            os._exit(130)


async def _chat(slug: str, *, as_name: str | None, owner: bool, as_json: bool) -> None:
    from lumi.cli.attendance import attended
    from lumi.cli.first_start import furnish_if_empty
    from lumi.cli.installation import opened, quiet_settings, tenant_of

    settings = quiet_settings()
    async with AsyncExitStack() as stack:
        with progress("Connecting") as say:
            house = await stack.enter_async_context(opened(settings, say=say))
            await furnish_if_empty(house, say)
            found = await tenant_of(house, slug)
            talk = await _begin(house, found, as_name=as_name, owner=owner)
            await stack.enter_async_context(attended(house))
        await _converse(talk, as_json=as_json)


async def _converse(talk: Talk, *, as_json: bool) -> None:
    show = _as_json if as_json else _as_text
    async for line in _lines():
        replies = await talk.say(line)
        for reply in replies:
            emit(show(reply))
        if not replies:
            note("(no reply: a person holds this conversation, or none is needed)")


async def _lines() -> AsyncGenerator[str]:
    """What the person writes: asked for in a terminal, read as it comes from a pipe."""
    if sys.stdin.isatty():
        note("Ctrl-D ends the conversation.")
    while (line := await _next()) is not None:
        if text := line.replace("\0", "").strip():
            yield text


async def _next() -> str | None:
    """The next line, None at the end."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str | None] = loop.create_future()

    def read() -> None:
        said = _read()
        with suppress(RuntimeError, asyncio.InvalidStateError):  # we have gone meanwhile
            loop.call_soon_threadsafe(line.set_result, said)

    # No thread of the pool: the end of the loop would wait for a line that never comes.
    threading.Thread(target=read, daemon=True).start()
    return await line


def _read() -> str | None:
    """One line, None at the end."""
    if not sys.stdin.isatty():
        return sys.stdin.readline() or None
    try:
        return notes().input("[bold cyan]› [/]")
    except EOFError:
        return None


@dataclass
class Talk:
    """One person in the terminal and the thread they are in."""

    house: House
    tenant: Tenant
    account_id: UUID
    addresses: Sequence[str]
    name: str | None
    thread: UUID | None = None
    seen: int = 0

    async def say(self, words: str) -> Sequence[Entry]:
        """Send a message and wait until it is settled; returns what was said to the person since the last time."""
        from lumi.core.ids import new_id
        from lumi.modules.channels.public import Channel, Inbound

        payload: dict[str, object] = {"kind": "text", "type": "text", "text": words}
        if self.name:
            payload["name"] = self.name
        item = Inbound(self.tenant.slug, f"terminal/{new_id()}", self.addresses, payload)
        await self.house.receiver.enter(self.tenant.id, self.account_id, Channel.TERMINAL, item)
        await self._settled()
        return await self._news()

    async def _settled(self) -> None:
        pause = _FIRST_LOOK_SECONDS
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await self._is_at_rest():
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, _LONGEST_LOOK_SECONDS)
        except TimeoutError:
            raise Refusal(f"No answer after {PATIENCE_SECONDS:.0f} s. `lumi doctor` says what is wrong.") from None

    async def _is_at_rest(self) -> bool:
        from lumi.core.context import Context
        from lumi.modules.channels import public as channels

        async with self.house.db.transaction(self.tenant.id) as session:
            ctx = Context(session, self.tenant.id)
            self.thread = self.thread or await channels.find_by_address(ctx, self.account_id, self.addresses)
            return self.thread is not None and await channels.is_at_rest(ctx, self.thread)

    async def _news(self) -> Sequence[Entry]:
        from lumi.core.context import Context
        from lumi.modules.conversations import public as conversations

        if self.thread is None:
            return ()
        async with self.house.db.transaction(self.tenant.id) as session:
            entries = await conversations.entries_for_visitor(
                Context(session, self.tenant.id), self.thread, after=self.seen
            )
        self.seen = max((entry.n for entry in entries), default=self.seen)
        return [entry for entry in entries if entry.author != "contact"]


async def _begin(house: House, tenant: Tenant, *, as_name: str | None, owner: bool) -> Talk:
    from lumi.core.context import Context
    from lumi.core.ids import new_id
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel
    from lumi.modules.conversations import public as conversations

    async with house.db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id)
        accounts = [each for each in await channels.list_accounts(ctx) if each.channel is Channel.TERMINAL]
        if not accounts:
            raise Refusal(f"{tenant.slug} has no terminal account: `lumi tenant add` and `lumi seed` make one.")
        name, address = (as_name or "").strip() or None, f"terminal:{as_name or new_id()}"
        addresses = await _owner_addresses(ctx) if owner else [address.casefold()]
        talk = Talk(house, tenant, accounts[0].id, addresses, name)
        talk.thread = await channels.find_by_address(ctx, talk.account_id, addresses)
        talk.seen = await conversations.last_number(ctx, talk.thread) if talk.thread else 0
    return talk


async def _owner_addresses(ctx: Context) -> Sequence[str]:
    """Where the owner writes from: the terminal, recognised by the phone number they are known by."""
    from lumi.modules.contacts import public as contacts
    from lumi.modules.contacts.public import PointKind

    cursor: str | None = None
    while True:
        page = await contacts.list_contacts(ctx, search="", cursor=cursor, limit=100)
        for contact in (each for each in page.items if each.is_owner):
            for point in await contacts.points(ctx, contact.id):
                if point.kind is PointKind.PHONE:
                    return ["terminal:owner", f"phone:{point.value}"]
        cursor = page.next
        if cursor is None:
            raise Refusal("This organisation has no owner: `lumi tenant add SLUG --owner +336…` names one.")


def _as_json(reply: Entry) -> str:
    sources: Sequence[Mapping[str, object]] = [
        {"id": source.id, "title": source.title, "url": source.url} for source in reply.sources
    ]
    said = {"text": reply.text, "lang": reply.lang, "sources": sources, "handover": reply.handover}
    return json.dumps(said, ensure_ascii=False)


def _as_text(reply: Entry) -> str:
    sources = [f"  [{source.title}]" + (f" {source.url}" if source.url else "") for source in reply.sources]
    return "\n".join([reply.text, *sources])
