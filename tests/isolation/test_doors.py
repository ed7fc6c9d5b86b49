"""The doors between modules, entered from B with the ids of A: what a caller's mistake would meet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from lumi.core import clock
from lumi.core.errors import AppError, NotFound, Unauthenticated
from lumi.core.http import Rejected
from lumi.modules.accounts import public as accounts
from lumi.modules.accounts.services import tokens
from lumi.modules.accounts.values import AccessClaims
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, Channel, Outgoing
from lumi.modules.contacts import public as contacts
from lumi.modules.conversations import public as conversations
from lumi.modules.knowledge import public as knowledge
from lumi.modules.tenants import public as tenants
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from lumi.core.context import Context
    from lumi.modules.accounts.public import Entrance
    from tests.isolation.world import Side, World

DOORS: dict[str, Callable[[Context, Side], Awaitable[object]]] = {
    "channels.get_thread": lambda ctx, a: channels.get_thread(ctx, a.ids["visit"]),
    "channels.hold": lambda ctx, a: channels.hold(ctx, a.ids["visit"], holder=a.ids["identity"]),
    "channels.let_go": lambda ctx, a: channels.let_go(ctx, a.ids["chat"]),
    "channels.lock": lambda ctx, a: channels.lock(ctx, a.ids["chat"]),
    "channels.commit_delivery": lambda ctx, a: channels.commit_delivery(
        ctx, a.ids["chat"], message_n=1, message_id=a.ids["message"], author=Author.STAFF, body="Mallory"
    ),
    "channels.find_secret": lambda ctx, a: channels.find_secret(ctx, a.ids["web"]),
    "contacts.get": lambda ctx, a: contacts.get(ctx, a.ids["contact"]),
    "contacts.points": lambda ctx, a: contacts.points(ctx, a.ids["contact"]),
    "contacts.stop": lambda ctx, a: contacts.stop(ctx, a.ids["contact"]),
    "contacts.resume": lambda ctx, a: contacts.resume(ctx, a.ids["contact"]),
    "contacts.appoint_owner": lambda ctx, a: contacts.appoint_owner(ctx, a.ids["contact"]),
    "conversations.get_conversation": lambda ctx, a: conversations.get_conversation(ctx, a.ids["visit"]),
    "conversations.list_entries": lambda ctx, a: conversations.list_entries(ctx, a.ids["visit"]),
    "knowledge.get_document": lambda ctx, a: knowledge.get_document(ctx, a.ids["document"]),
    "knowledge.list_sections": lambda ctx, a: knowledge.list_sections(ctx, a.ids["document"]),
    "knowledge.archive_document": lambda ctx, a: knowledge.archive_document(ctx, a.ids["document"]),
    "knowledge.close_gap": lambda ctx, a: knowledge.close_gap(ctx, a.ids["gap"]),
    "accounts.remove_member": lambda ctx, a: accounts.remove_member(ctx, identity_id=a.ids["identity"]),
}
FINDERS: dict[str, Callable[[Context, Side], Awaitable[object]]] = {
    "channels.find_by_address": lambda ctx, a: channels.find_by_address(ctx, a.ids["web"], [f"phone:{a.phone[1:]}"]),
    "contacts.by_ids": lambda ctx, a: contacts.by_ids(ctx, [a.ids["contact"]]),
    "conversations.entries_for_visitor": lambda ctx, a: conversations.entries_for_visitor(ctx, a.ids["visit"], after=0),
    "conversations.last_number": lambda ctx, a: conversations.last_number(ctx, a.ids["visit"]),
    "accounts.names_of": lambda ctx, a: accounts.names_of(ctx, [a.ids["identity"]]),
}


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_anothers_is_not_found(world: World, door: str) -> None:
    with pytest.raises(AppError) as refusal:
        async with factories.begin_work(world.house.db, world.b.tenant) as ctx:
            await DOORS[door](ctx, world.a)

    assert refusal.value.status == NotFound.status


@pytest.mark.parametrize("door", FINDERS)
async def test_who_looks_for_what_is_anothers_finds_nothing(world: World, door: str) -> None:
    async with factories.begin_work(world.house.db, world.b.tenant) as ctx:
        assert not await FINDERS[door](ctx, world.a)


async def test_a_thread_is_not_given_to_a_contact_of_the_other(world: World) -> None:
    a, b = world.a, world.b
    with pytest.raises(Exception, match="thread_tenant_id_contact_id_fkey"):
        async with factories.begin_work(world.house.db, b.tenant) as ctx:
            await channels.belongs_to(ctx, b.ids["visit"], a.ids["contact"])
    with pytest.raises(Exception, match="thread_tenant_id_contact_id_fkey"):
        await channels.threads_belong_to(world.house.db.pool, b.tenant.id, {b.ids["visit"]: a.ids["contact"]})


async def test_a_thread_of_the_other_is_not_given_away(world: World) -> None:
    a, b = world.a, world.b
    async with factories.begin_work(world.house.db, a.tenant) as ctx:
        before = await channels.get_thread(ctx, a.ids["visit"])

    await channels.threads_belong_to(world.house.db.pool, b.tenant.id, {a.ids["visit"]: b.ids["contact"]})

    async with factories.begin_work(world.house.db, a.tenant) as ctx:
        assert await channels.get_thread(ctx, a.ids["visit"]) == before


async def test_knowledge_asked_by_b_answers_from_what_b_knows(world: World) -> None:
    found = await knowledge.find_passages(world.house.db.pool, world.b.tenant.id, world.a.texts["question"], "fr", 10)

    assert {str(each.document_id) for each in found} & world.ids_of_a == set()
    assert all(world.a.words.mark not in each.text for each in found)


async def test_the_names_of_b_lead_to_b(world: World) -> None:
    assert await tenants.find_by_slug(world.house.db, world.b.tenant.slug) != world.a.tenant
    async with factories.begin_work(world.house.db, world.b.tenant) as ctx:
        assert (await tenants.get(ctx)).id == world.b.tenant.id


async def _send_as(world: World, tenant_id: UUID, account_id: UUID) -> None:
    message = Outgoing(world.b.ids["delivery"], world.b.ids["chat"], 1, f"phone:{world.b.phone[1:]}", "Mallory")
    await world.house.sender.send_text(
        Channel.WHATSAPP, tenant_id=tenant_id, account_id=account_id, addresses=[], message=message
    )


async def test_nothing_is_sent_for_b_through_an_account_of_a(world: World) -> None:
    await _send_as(world, world.a.tenant.id, world.a.ids["whatsapp"])  # what A sends is remembered for a while
    sent = world.twin.twin.ledger.count

    with pytest.raises(Rejected):
        await _send_as(world, world.b.tenant.id, world.a.ids["whatsapp"])

    assert world.twin.twin.ledger.count == sent


async def test_a_signed_token_with_our_session_and_anothers_tenant_opens_nothing(world: World) -> None:
    entrance = cast("Entrance", world.app.state.entrance)
    claims = tokens.read(entrance.keys, world.b.access_token, clock.now())
    assert isinstance(claims, AccessClaims)
    await accounts.authenticate(entrance, world.b.access_token)  # our session is remembered for a while
    mixed = tokens.issue(entrance.keys, replace(claims, tenant_id=world.a.tenant.id), clock.now())

    with pytest.raises(Unauthenticated):
        await accounts.authenticate(entrance, mixed)
