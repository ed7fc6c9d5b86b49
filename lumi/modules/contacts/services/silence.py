"""Who wants to hear no more from us."""

from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.modules.contacts import repository
from lumi.modules.contacts.events import ContactResumed, ContactStopped
from lumi.modules.contacts.services.identity import locked, seen
from lumi.modules.contacts.values import Contact


async def stop(ctx: Context, contact_id: UUID) -> Contact:
    """Nothing is sent to this person from now on; emits ContactStopped, the first time."""
    row = await locked(ctx, contact_id)
    if row.stopped_at is None:
        row.stopped_at = ctx.now
        row.version += 1
        await ctx.session.flush()
        await repository.mirror(ctx.session, row)
        await audit(ctx, "contacts.contact_stopped", target=f"contact:{row.id}")
        await ctx.emit(ContactStopped(contact_id=row.id))
    return seen(row)


async def resume(ctx: Context, contact_id: UUID) -> Contact:
    """This person may be written to again; emits ContactResumed if they had stopped."""
    row = await locked(ctx, contact_id)
    if row.stopped_at is not None:
        row.stopped_at = None
        row.version += 1
        await ctx.session.flush()
        await repository.mirror(ctx.session, row)
        await audit(ctx, "contacts.contact_resumed", target=f"contact:{row.id}")
        await ctx.emit(ContactResumed(contact_id=row.id))
    return seen(row)
