"""The job queue and its one task: the turn of a conversation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import procrastinate
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from benchmarks.conventional.database import Sessions
from benchmarks.conventional.models import Conversation, Delivery, InboundEvent, Message, Turn
from benchmarks.conventional.schemas import SendAnswer
from benchmarks.conventional.settings import settings

HISTORY = 8
_size = settings.queue_pool
queue = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=settings.conninfo(), min_size=_size, max_size=_size)
)
Post = Callable[[str, dict[str, object]], Awaitable[bytes]]


class Means:
    """What a turn works with; set when the worker starts."""

    sessions: Sessions
    post: Post


@asynccontextmanager
async def open_queue() -> AsyncGenerator[None]:
    """The queue over its own pool."""
    if not settings.sped_up:
        async with queue.open_async():
            yield
        return
    pool = AsyncConnectionPool(settings.conninfo(), min_size=_size, max_size=_size, open=False)
    async with pool, queue.open_async(pool):
        yield


@queue.task(name="take_turn", retry=procrastinate.RetryStrategy(max_attempts=8, exponential_wait=2))
async def take_turn(event_id: int) -> None:
    """Record, think, save, send, mark."""
    async with Means.sessions() as session, session.begin():
        delivery, address = await _save(session, event_id)
    if delivery.state == "sent":
        return
    provider_id = await _send(address, str(delivery.body["text"]), delivery.id)
    async with Means.sessions() as session, session.begin():
        await session.execute(
            update(Delivery)
            .where(Delivery.id == delivery.id)
            .values(state="sent", provider_id=provider_id, settled_at=datetime.now(UTC))
        )


async def _save(session: AsyncSession, event_id: int) -> tuple[Delivery, str]:
    """The delivery of this event, committed before anything is sent; one found there already is sent again."""
    began_at = datetime.now(UTC)
    asked = joinedload(InboundEvent.conversation)
    event = await session.get_one(
        InboundEvent, event_id, options=[asked.joinedload(Conversation.contact), asked.joinedload(Conversation.account)]
    )
    conversation = event.conversation
    address = conversation.contact.address
    if event.settled_at is not None:
        turn = (
            await session.scalars(select(Turn).options(joinedload(Turn.delivery)).where(Turn.event_id == event_id))
        ).one()
        return turn.delivery, address
    earlier = (
        select(Message).where(Message.conversation_id == conversation.id).order_by(Message.n.desc()).limit(HISTORY)
    )
    history = (await session.scalars(earlier)).all()
    text = str(event.payload["text"])
    reply = think(text)
    first = conversation.last_n + 1
    conversation.last_n += 2
    conversation.active_at = event.settled_at = datetime.now(UTC)
    delivery = Delivery(conversation_id=conversation.id, message_n=first + 1, body={"text": reply}, state="sending")
    turn = Turn(
        conversation_id=conversation.id, event_id=event_id, delivery=delivery, began_at=began_at,
        input={"text": text, "history": [each.text for each in history]}, effects={"say": reply},
    )  # fmt: skip
    session.add_all(
        [
            Message(conversation_id=conversation.id, n=first, author="contact", text=text),
            Message(conversation_id=conversation.id, n=first + 1, author="assistant", text=reply),
            turn,
        ]
    )
    await session.flush()
    return delivery, address


def think(text: str) -> str:
    """The trivial brain of both builds."""
    return text


async def _send(address: str, text: str, delivery_id: int) -> str:
    body: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": address,
        "type": "text",
        "text": {"body": text, "preview_url": False},
        "biz_opaque_callback_data": str(delivery_id),
    }
    return SendAnswer.model_validate_json(await Means.post(settings.graph_url, body)).messages[0].id
