"""Connected accounts and dead letters over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, status

from lumi.core import errors
from lumi.core.dead_letters import Source
from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import DEFAULT_LIMIT, Page
from lumi.core.problems import refusals
from lumi.core.reader import Language
from lumi.modules.channels.deps import (
    ChannelsRead,
    ChannelsWrite,
    CurrentReceiver,
    CurrentSender,
    DeadLettersRead,
    DeadLettersWrite,
    PublicAddress,
)
from lumi.modules.channels.errors import (
    AccountTaken,
    CannotRequeue,
    CredentialsMissing,
    CredentialsMixed,
    LetterClosed,
    LetterNotFound,
    NotConnectable,
    NoTemplates,
    ProviderRefused,
    TemplateNotFound,
    TemplateUnfit,
    UnknownAccount,
)
from lumi.modules.channels.schemas import (
    ChannelConnected,
    ChannelCreate,
    ChannelDisconnected,
    ChannelNeeds,
    ChannelRead,
    ChannelStatus,
    ConnectableChannels,
    DeadLetterRead,
    IdentitySecret,
    TemplateChoice,
    TemplateList,
    TemplateRead,
    TroubledDelivery,
    VoiceChoice,
)
from lumi.modules.channels.services import identity, letters, providers, shown, templates, voice
from lumi.modules.channels.services import status as statuses
from lumi.modules.channels.values.kinds import DeliveryState

router = APIRouter(tags=["channels"])
dead_letters = APIRouter(tags=["dead letters"])

TroubledState = Annotated[
    Literal["unknown", "failed", "held"],
    Query(description="Nobody can tell; refused for good; kept back, because it may not be sent now."),
]
GUARDED = (errors.Unauthenticated, errors.Forbidden)


@router.get("", responses=refusals(*GUARDED))
async def list_channels(
    ctx: ChannelsRead, address: PublicAddress, limit: Limit = DEFAULT_LIMIT, cursor: CursorToken = None
) -> Page[ChannelRead]:
    """The accounts people write to, those that were given up included, oldest first."""
    page = await providers.list_connected(ctx, cursor=cursor, limit=limit)
    return page.map(lambda account: ChannelRead.of(account, address))


@router.get("/needs", responses=refusals(*GUARDED))
async def list_channel_needs(ctx: ChannelsRead, sender: CurrentSender) -> ConnectableChannels:
    """The channels that can be connected, and what each needs from its provider."""
    known = [ChannelNeeds.model_validate(each, from_attributes=True) for each in sender.connectable()]
    return ConnectableChannels(items=known)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=refusals(
        *GUARDED,
        NotConnectable,
        CredentialsMissing,
        CredentialsMixed,
        ProviderRefused,
        AccountTaken,
        errors.DependencyUnavailable,
    ),
)
async def connect_channel(
    ctx: ChannelsWrite, sender: CurrentSender, address: PublicAddress, body: ChannelCreate
) -> ChannelConnected:
    """Connect an account, or renew its credentials: the provider is asked first whether they are right."""
    wanted = body.wanted(sender.adapter(body.channel).needs)
    made = await providers.connect_account(ctx, sender, wanted, address=address)
    return ChannelConnected(account=ChannelRead.of(made.account, address), verify_token=made.verify_token)


@router.delete("/{account_id}", responses=refusals(*GUARDED, UnknownAccount))
async def disconnect_channel(ctx: ChannelsWrite, sender: CurrentSender, account_id: UUID) -> ChannelDisconnected:
    """Nothing comes in or goes out any more. Conversations stay.

    The provider is told to post no more; whether it could be is in the answer, and keeps nobody from disconnecting.
    """
    return ChannelDisconnected(provider_told=await providers.disconnect(ctx, sender, account_id))


@router.get("/{account_id}/status", responses=refusals(*GUARDED, UnknownAccount))
async def get_channel_status(ctx: ChannelsRead, account_id: UUID, lang: Language) -> ChannelStatus:
    """How an account is: what came in beside what usually does, its token, the last failure, what did not arrive."""
    return shown.status(await statuses.get_status(ctx, account_id), lang)


@router.get("/{account_id}/deliveries", responses=refusals(*GUARDED, UnknownAccount))
async def list_channel_deliveries(
    ctx: ChannelsRead,
    account_id: UUID,
    lang: Language,
    state: TroubledState,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorToken = None,
) -> Page[TroubledDelivery]:
    """Messages of an account that did not surely arrive, the newest first. Each can be sent again by its id."""
    page = await statuses.list_troubled(ctx, account_id, state=DeliveryState(state), cursor=cursor, limit=limit)
    return page.map(lambda each: shown.troubled(each, lang))


@router.post(
    "/{account_id}/identity-secret", status_code=status.HTTP_201_CREATED, responses=refusals(*GUARDED, UnknownAccount)
)
async def renew_identity_secret(ctx: ChannelsWrite, account_id: UUID) -> IdentitySecret:
    """A new secret with which your page says who its visitor is; the one before counts no more."""
    return IdentitySecret(secret=await identity.renew_secret(ctx, account_id))


@router.delete(
    "/{account_id}/identity-secret",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=refusals(*GUARDED, UnknownAccount),
)
async def drop_identity_secret(ctx: ChannelsWrite, account_id: UUID) -> None:
    """Visitors are nobody but themselves from now on."""
    await identity.drop_secret(ctx, account_id)


@router.put("/{account_id}/voice", status_code=status.HTTP_204_NO_CONTENT, responses=refusals(*GUARDED, UnknownAccount))
async def choose_voice(ctx: ChannelsWrite, account_id: UUID, body: VoiceChoice) -> None:
    """Whether this account answers voice notes aloud, where Lumi has a voice and the channel takes voice notes."""
    await voice.choose(ctx, account_id, aloud=body.aloud)


@router.get("/{account_id}/templates", responses=refusals(*GUARDED, UnknownAccount, NoTemplates))
async def list_templates(ctx: ChannelsRead, account_id: UUID) -> TemplateList:
    """The texts the provider of an account approved, as it told last."""
    found = await templates.list_templates(ctx, account_id)
    return TemplateList(items=[TemplateRead.model_validate(each) for each in found])


@router.post(
    "/{account_id}/templates/refresh",
    responses=refusals(*GUARDED, UnknownAccount, NoTemplates, ProviderRefused, errors.DependencyUnavailable),
)
async def refresh_templates(ctx: ChannelsWrite, sender: CurrentSender, account_id: UUID) -> TemplateList:
    """Ask the provider now; it is asked every hour by itself, and when it says that something changed."""
    found = await templates.refresh(ctx, sender, account_id)
    return TemplateList(items=[TemplateRead.model_validate(each) for each in found])


@router.put(
    "/{account_id}/templates/{template_id}",
    responses=refusals(*GUARDED, UnknownAccount, NoTemplates, TemplateNotFound, TemplateUnfit),
)
async def choose_template(
    ctx: ChannelsWrite, account_id: UUID, template_id: UUID, body: TemplateChoice
) -> TemplateRead:
    """Have a template sent where free text may not be sent any more (`reopen`), or never (null)."""
    return TemplateRead.model_validate(await templates.choose(ctx, account_id, template_id, body.purpose))


@dead_letters.get("", responses=refusals(*GUARDED))
async def list_dead_letters(
    ctx: DeadLettersRead,
    source: Source | None = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those nobody has closed, or the rest.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorToken = None,
) -> Page[DeadLetterRead]:
    """What was authentic and could not be used, the newest first."""
    page = await letters.list_letters(ctx, source=source, is_open=is_open, cursor=cursor, limit=limit)
    return page.map(DeadLetterRead.of)


@dead_letters.post("/{letter_id}/close", responses=refusals(*GUARDED, LetterNotFound, LetterClosed))
async def close_dead_letter(ctx: DeadLettersWrite, letter_id: UUID) -> DeadLetterRead:
    """Nothing more is to be done about it."""
    return DeadLetterRead.of(await letters.close(ctx, letter_id))


@dead_letters.post("/{letter_id}/requeue", responses=refusals(*GUARDED, LetterNotFound, LetterClosed, CannotRequeue))
async def requeue_dead_letter(ctx: DeadLettersWrite, receiver: CurrentReceiver, letter_id: UUID) -> DeadLetterRead:
    """Try again, once: an event goes to the next turn of its conversation, a job runs again.

    What came by webhook is read anew: a newer release may know it. What still cannot be read stays open.
    """
    return DeadLetterRead.of(await letters.requeue(ctx, receiver, letter_id))
