"""Making the demo organisations: may run twice, and in two processes at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.ids import new_id
from lumi.core.settings import Settings
from lumi.demo import characters, keys
from lumi.demo.characters import Organisation
from lumi.demo.keys import DemoKeys
from lumi.modules.accounts import public as accounts
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Point, PointKind
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.public import DocumentKind, Draft, TextFormat
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import IdentifierKind

Say = Callable[[str], None]
_SEEDING = 0x73656564


async def is_empty(db: Database) -> bool:
    """Whether nobody has a tenant here."""
    return not await tenants.list_all(db)


async def seed_if_empty(db: Database, settings: Settings, say: Say = lambda _line: None) -> bool:
    """Make the demo organisations where there is no tenant at all; says whether it did."""
    async with _alone(db):
        if not await is_empty(db):
            return False
        await _make(db, settings, say)
        return True


async def seed(db: Database, settings: Settings, say: Say = lambda _line: None) -> DemoKeys:
    """Make what is missing of the demo organisations, and bring their knowledge to what their files say."""
    async with _alone(db):
        return await _make(db, settings, say)


async def connect_twins(db: Database, settings: Settings, kept: DemoKeys) -> None:
    """Point the organisations' WhatsApp accounts to where their twins answer now."""
    for organisation in characters.everyone():
        tenant = await tenants.find_by_slug(db, organisation.slug)
        if tenant is not None:
            async with db.transaction(tenant.id) as session:
                await _connect_whatsapp(Context(session, tenant.id), organisation, kept)
    keys.note_connected(settings.lumi_home, kept)


async def _make(db: Database, settings: Settings, say: Say) -> DemoKeys:
    kept = keys.keep(settings.lumi_home, [each.facts for each in characters.everyone()])
    for organisation in characters.everyone():
        say(f"Making {organisation.name}")
        known = await tenants.find_by_slug(db, organisation.slug)
        tenant_id = known.id if known else new_id()
        async with db.transaction(tenant_id) as session:
            ctx = Context(session, tenant_id)
            if known is None:
                await _found(ctx, organisation)
            await _people(ctx, organisation, kept)
            await _connect(ctx, organisation)
            if keys.wants_twin(settings):
                await _connect_whatsapp(ctx, organisation, kept)
            await knowledge.load_batch(ctx, drafts_of(organisation))
    return keys.note_connected(settings.lumi_home, kept) if keys.wants_twin(settings) else kept


async def _found(ctx: Context, organisation: Organisation) -> None:
    await tenants.add_within(
        ctx,
        slug=organisation.slug,
        name=organisation.name,
        kind=organisation.kind,
        locale=organisation.locale,
        languages=organisation.languages,
        time_zone=organisation.time_zone,
        packs=organisation.packs,
        settings=organisation.settings,
    )
    await accounts.create_default_roles(ctx)


async def _people(ctx: Context, organisation: Organisation, kept: DemoKeys) -> None:
    owner = organisation.owner
    await accounts.ensure_staff(ctx, email=owner.email, name=owner.name, password=kept.password, role="owner")
    points = [Point(PointKind.PHONE, owner.phone), Point(PointKind.EMAIL, owner.email)]
    contact = await contacts.identify(ctx, points, name=owner.name)
    await contacts.appoint_owner(ctx, contact.id)


async def _connect(ctx: Context, organisation: Organisation) -> None:
    for channel in (Channel.WEB, Channel.TERMINAL):
        await channels.connect(ctx, channel=channel, external_id=organisation.slug, name=organisation.name)


async def _connect_whatsapp(ctx: Context, organisation: Organisation, kept: DemoKeys) -> None:
    player = kept.player(organisation.slug)
    if player is None:
        return
    await tenants.claim_identifier(ctx, IdentifierKind.PHONE_NUMBER_ID, player.phone_number_id)
    await channels.connect(
        ctx,
        channel=Channel.WHATSAPP,
        external_id=player.phone_number_id,
        name=player.display_phone_number,
        credentials=Credentials(player.app_secret, player.verify_token, player.access_token),
        settings={"api_base": kept.twin_url(organisation.slug)},
    )


def drafts_of(organisation: Organisation) -> Sequence[Draft]:
    """What an organisation knows: its FAQ, and its documents."""
    entries = [
        Draft(DocumentKind.FAQ, each.lang, each.question, each.answer, keywords=each.tags, external_id=each.id)
        for each in organisation.questions
    ]
    documents = [
        Draft(DocumentKind.DOCUMENT, each.lang, each.title, each.text, TextFormat.MARKDOWN, external_id=each.id)
        for each in organisation.documents
    ]
    return [*entries, *documents]


@asynccontextmanager
async def _alone(db: Database) -> AsyncGenerator[None]:
    """One process at a time makes organisations; the second finds what the first has made."""
    connection = await db.pool.acquire()
    try:
        await connection.execute("select pg_advisory_lock($1)", _SEEDING)
        try:
            yield
        finally:
            await connection.execute("select pg_advisory_unlock($1)", _SEEDING)
    finally:
        await db.pool.release(connection)
