"""The inbox over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, status

from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import Page
from lumi.core.problems import refusals
from lumi.core.reader import Language
from lumi.modules.attachments import public as attachments
from lumi.modules.channels import public as channels
from lumi.modules.contacts import public as contacts
from lumi.modules.conversations import public as conversations
from lumi.modules.conversations.deps import ConversationsRead, ConversationsWrite, CurrentVault, FileLinks
from lumi.modules.conversations.errors import (
    ContactStopped,
    ConversationNotFound,
    HeldByAnother,
    KeyReused,
    MessageNotFound,
    NoConsent,
    NotHeld,
    NothingToSend,
    Unreachable,
)
from lumi.modules.conversations.schemas import (
    ConversationRead,
    MessageCreate,
    MessageList,
    MessageRead,
    ReplyCreate,
    SpokenRead,
)
from lumi.modules.conversations.values import InboxState

router = APIRouter(tags=["conversations"])
first_words = APIRouter(tags=["conversations"])

FILE_REFUSALS = (attachments.AttachmentSent, *channels.FILE_REFUSALS, *attachments.CLOSED)
Number = Annotated[int, Query(ge=0, le=2**53)]


@router.get("")
async def list_conversations(
    ctx: ConversationsRead, state: InboxState = InboxState.ALL, limit: Limit = 20, cursor: CursorToken = None
) -> Page[ConversationRead]:
    """The inbox: all conversations, or those that wait for a person, that one holds, or with something unsent."""
    page = await conversations.list_conversations(ctx, state=state, cursor=cursor, limit=limit)
    return page.map(ConversationRead.model_validate)


@router.get("/{conversation_id}", responses=refusals(ConversationNotFound))
async def get_conversation(ctx: ConversationsRead, conversation_id: UUID) -> ConversationRead:
    """One conversation."""
    return ConversationRead.model_validate(await conversations.get_conversation(ctx, conversation_id))


@router.get("/{conversation_id}/messages", responses=refusals(ConversationNotFound))
async def list_messages(
    ctx: ConversationsRead,
    conversation_id: UUID,
    links: FileLinks,
    lang: Language,
    after: Number = 0,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Limit = 50,
) -> MessageList:
    """Messages in order: those after a number, or the last ones before another. Links to files expire."""
    found, last = await conversations.list_entries(ctx, conversation_id, after=after, before=before, limit=limit)
    return MessageList(items=[MessageRead.of(entry, partial(links, ctx), lang) for entry in found], last=last)


@router.post(
    "/{conversation_id}/replies",
    status_code=status.HTTP_201_CREATED,
    responses=refusals(ConversationNotFound, HeldByAnother, KeyReused, *FILE_REFUSALS),
)
async def create_reply(
    ctx: ConversationsWrite,
    vault: CurrentVault,
    conversation_id: UUID,
    body: ReplyCreate,
    links: FileLinks,
    lang: Language,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> MessageRead:
    """Answer as a person, with or without a file. You then hold the conversation, and the assistant is silent."""
    entry = await conversations.reply(
        vault, ctx, conversation_id, words=body.text, key=idempotency_key, attachment_id=body.attachment_id
    )
    return MessageRead.of(entry, partial(links, ctx), lang)


@router.post(
    "/{conversation_id}/messages/{message_id}/send-again",
    responses=refusals(ConversationNotFound, MessageNotFound, NothingToSend),
)
async def send_message_again(
    ctx: ConversationsWrite, conversation_id: UUID, message_id: UUID, links: FileLinks, lang: Language
) -> MessageRead:
    """Let a message leave once more whose outcome is unknown, or that could not leave: it may arrive twice."""
    entry = await conversations.send_again(ctx, conversation_id, message_id)
    return MessageRead.of(entry, partial(links, ctx), lang)


@first_words.post(
    "/{contact_id}/messages",
    status_code=status.HTTP_201_CREATED,
    responses=refusals(contacts.ContactNotFound, ContactStopped, NoConsent, Unreachable, KeyReused),
)
async def create_message(
    ctx: ConversationsWrite,
    contact_id: UUID,
    body: MessageCreate,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> SpokenRead:
    """Write to a person first, where they are best reached. What is proactive keeps quiet hours and caps."""
    return SpokenRead.model_validate(await conversations.say_first(ctx, contact_id, body.words(), key=idempotency_key))


@router.post("/{conversation_id}/take-over", responses=refusals(ConversationNotFound, HeldByAnother))
async def take_over_conversation(ctx: ConversationsWrite, conversation_id: UUID) -> ConversationRead:
    """Take the conversation: the assistant falls silent until you hand it back."""
    return ConversationRead.model_validate(await conversations.take_over(ctx, conversation_id))


@router.post("/{conversation_id}/hand-back", responses=refusals(ConversationNotFound, NotHeld))
async def hand_back_conversation(ctx: ConversationsWrite, conversation_id: UUID) -> ConversationRead:
    """Give the conversation back to the assistant, which answers what comes from now on."""
    return ConversationRead.model_validate(await conversations.hand_back(ctx, conversation_id))
