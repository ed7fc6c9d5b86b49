"""The web process: takes webhooks, answers 200 once they are committed."""

from __future__ import annotations

import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.conventional.database import Sessions, open_engine
from benchmarks.conventional.models import Account, Contact, Conversation, InboundEvent
from benchmarks.conventional.queue import open_queue, take_turn
from benchmarks.conventional.schemas import InboundMessage, Sender, Value, WebhookBody
from benchmarks.conventional.settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """The pools, open as long as the process serves."""
    engine, sessions = open_engine(settings.web_pool)
    async with open_queue(), sessions() as session:
        accounts = (await session.scalars(select(Account))).all()
        app.state.sessions, app.state.accounts = sessions, {each.phone_number_id: each.id for each in accounts}
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan, openapi_url=None)


async def verified_body(request: Request) -> WebhookBody:
    """The body, once its signature over the raw bytes is found right."""
    raw = await request.body()
    expected = "sha256=" + hmac.digest(settings.app_secret.get_secret_value().encode(), raw, "sha256").hex()
    if not hmac.compare_digest(expected, request.headers.get("x-hub-signature-256", "")):
        raise HTTPException(401)
    return WebhookBody.model_validate_json(raw)


@app.post("/webhook")
async def take_webhook(body: Annotated[WebhookBody, Depends(verified_body)], request: Request) -> dict[str, bool]:
    """Commit what is new, with its job."""
    sessions: Sessions = request.app.state.sessions
    accounts: dict[str, int] = request.app.state.accounts
    async with sessions() as session, session.begin():
        for value in (change.value for entry in body.entry for change in entry.changes if change.field == "messages"):
            account_id = accounts.get(value.metadata.phone_number_id)
            if account_id is not None:
                await _take(session, account_id, value)
    return {"ok": True}


async def _take(session: AsyncSession, account_id: int, value: Value) -> None:
    senders = {sender.wa_id: sender for sender in value.contacts}
    for message in value.messages:
        conversation_id = await _conversation(session, account_id, message, senders.get(message.from_))
        event_id = await session.scalar(
            insert(InboundEvent)
            .values(
                account_id=account_id,
                conversation_id=conversation_id,
                provider_id=message.id,
                payload={"type": message.type, "text": message.text.body if message.text else ""},
            )
            .on_conflict_do_nothing()
            .returning(InboundEvent.id)
        )
        if event_id is None:
            continue
        connection = await (await session.connection()).get_raw_connection()
        await take_turn.configure(
            lock=f"conversation-{conversation_id}", connection=connection.driver_connection
        ).defer_async(event_id=event_id)


async def _conversation(session: AsyncSession, account_id: int, message: InboundMessage, sender: Sender | None) -> int:
    known = await session.scalar(
        select(Conversation.id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Contact.account_id == account_id, Contact.address == message.from_)
    )
    if known is not None:
        return known
    name = sender.profile.name if sender else None
    contact_id = await session.scalar(
        insert(Contact)
        .values(account_id=account_id, address=message.from_, name=name)
        .on_conflict_do_update(index_elements=["account_id", "address"], set_={"name": name})
        .returning(Contact.id)
    )
    made = await session.scalar(
        insert(Conversation)
        .values(account_id=account_id, contact_id=contact_id)
        .on_conflict_do_update(index_elements=["contact_id"], set_={"account_id": account_id})
        .returning(Conversation.id)
    )
    if made is None:
        raise RuntimeError("an upsert returns its row")
    return made
