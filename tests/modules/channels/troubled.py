"""Messages that left, or did not, with nobody having sent them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text as sql

from lumi.core.ids import new_id

if TYPE_CHECKING:
    from lumi.core.context import Context

_ERRORS = {"failed": "131026 Message undeliverable", "unknown": "outcome_unknown", "held": "window_closed"}


async def make_deliveries(ctx: Context, account: UUID, *states: str) -> list[UUID]:
    """A conversation on an account with one message of ours in each of these states; returns their ids."""
    thread = new_id()
    values = {"t": ctx.tenant_id, "a": account, "thread": thread}
    await ctx.session.execute(
        sql(
            "insert into thread (tenant_id, id, account_id, channel, address)"
            " select :t, :thread, :a, channel, 'phone:33612345678' from channel_account where id = :a"
        ),
        values,
    )
    await ctx.session.execute(
        sql("insert into lane (tenant_id, key, message_n, delivery_n) values (:t, :thread, :n, :n)"),
        {**values, "n": len(states)},
    )
    return [await _deliver(ctx, {**values, "n": n}, state) for n, state in enumerate(states, 1)]


async def _deliver(ctx: Context, values: dict[str, object], state: str) -> UUID:
    made, message = new_id(), new_id()
    await ctx.session.execute(
        sql(
            "insert into message (tenant_id, thread_id, n, id, author, text)"
            " values (:t, :thread, :n, :message, 'assistant', 'Bonjour')"
        ),
        {**values, "message": message},
    )
    await ctx.session.execute(
        sql(
            "insert into delivery (tenant_id, id, thread_id, n, account_id, message_n, author, body, state, error,"
            " settled_at) values (:t, :made, :thread, :n, :a, :n, 'assistant', jsonb_build_object('text',"
            " 'Bonjour', 'message_id', cast(:message as text)), cast(:state as text), :error,"
            " case when cast(:state as text) not in ('committed', 'sending') then now() end)"
        ),
        {**values, "made": made, "message": str(message), "state": state, "error": _ERRORS.get(state)},
    )
    return made
