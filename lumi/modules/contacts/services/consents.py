"""What people agreed to, and took back: an account that is only added to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.modules.contacts import repository
from lumi.modules.contacts.events import ConsentGiven, ConsentWithdrawn
from lumi.modules.contacts.models import Consent
from lumi.modules.contacts.services import people
from lumi.modules.contacts.services.identity import locked
from lumi.modules.contacts.values import ConsentPurpose, ConsentSource, ConsentState

MOST_SHOWN = 100


async def note_consent(
    ctx: Context,
    contact_id: UUID,
    purpose: ConsentPurpose,
    state: ConsentState,
    *,
    source: ConsentSource,
    evidence: str = "",
) -> Consent:
    """Write down that a person agreed, or took it back, and how that is known; it counts from this moment on.

    Raises ContactNotFound. Emits ConsentGiven or ConsentWithdrawn.
    """
    person = await locked(ctx, contact_id)
    row = Consent(
        tenant_id=ctx.tenant_id, id=new_id(), contact_id=person.id, purpose=purpose.value, state=state.value,
        source=source.value, evidence=evidence, at=ctx.now,
    )  # fmt: skip
    ctx.session.add(row)
    await ctx.session.flush()
    detail = {"purpose": purpose.value, "source": source.value}
    await audit(ctx, f"contacts.consent_{state.value}", target=f"contact:{person.id}", detail=detail)
    told = ConsentGiven if state is ConsentState.GRANTED else ConsentWithdrawn
    await ctx.emit(told(contact_id=person.id, purpose=purpose.value))
    return row


async def list_consents(ctx: Context, contact_id: UUID) -> Sequence[Consent]:
    """The last hundred words of a person on what may be done, the newest first; raises ContactNotFound."""
    person = await people.get(ctx, contact_id)
    return await repository.consents(ctx.session, ctx.tenant_id, person.id, MOST_SHOWN)


async def consent_to(ctx: Context, contact_id: UUID, purpose: ConsentPurpose) -> ConsentState | None:
    """What a person's newest word on a purpose is; None when they were never asked."""
    row = await repository.newest_consent(ctx.session, ctx.tenant_id, contact_id, purpose.value)
    return ConsentState(row.state) if row is not None else None
