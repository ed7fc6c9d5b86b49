"""What travels over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from lumi.core.dead_letters import Letter, Source
from lumi.modules.channels.values.accounts import ConnectedAccount, Need, NewAccount
from lumi.modules.channels.values.kinds import (
    AccountState,
    AlertKind,
    Channel,
    DeliveryState,
    Failure,
    TemplatePurpose,
    TemplateStatus,
)

AccountName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")
]
NeedName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
ExternalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.]{1,64}$")]
# A refresh token of Microsoft has more than a thousand characters, and they promise no end of it.
Secret = Annotated[SecretStr, Field(min_length=1, max_length=8192)]


class DeadLetterRead(BaseModel):
    """Something authentic that could not be used."""

    id: UUID
    source: Source
    origin: str = Field(description="Where it lay: a channel, `conversation/number` of an event, the id of a job.")
    reason: str
    body: str = Field(
        description="The beginning of what came, as text: what is not UTF-8 or cannot be printed is shown as U+FFFD."
    )
    body_bytes: int = Field(description="The length of all that came; more than `body` when it is long.")
    created_at: datetime
    closed_at: datetime | None
    requeued_at: datetime | None = Field(description="When it was closed by being tried again.")

    @classmethod
    def of(cls, letter: Letter) -> DeadLetterRead:
        """The letter as staff may see it."""
        return cls(
            id=letter.id, source=letter.source, origin=letter.origin, reason=letter.reason,
            body=letter.shown, body_bytes=letter.size_bytes, created_at=letter.created_at,
            closed_at=letter.closed_at, requeued_at=letter.requeued_at,
        )  # fmt: skip


class ChannelCreate(BaseModel):
    """An account at a provider. What is secret goes in and is never shown again."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel
    external_id: ExternalId | None = Field(
        None, description="The account's id at the provider: of WhatsApp, the phone number id."
    )
    name: AccountName | None = Field(None, description="What staff call it; what the provider calls it when left out.")
    app_secret: Secret | None = Field(None, description="What the provider signs its webhooks with.")
    access_token: Secret | None = Field(None, description="What lets us send.")
    verify_token: Secret | None = Field(None, description="Asked back when the webhook is set up; made when left out.")
    credentials: dict[NeedName, Secret] = Field(
        default_factory=dict,
        max_length=20,
        description="What the channel needs by the names `GET /v1/channels/needs` gives; wins over the fields above.",
    )

    def wanted(self, needs: Sequence[Need]) -> NewAccount:
        """The same without HTTP."""
        fields = {"app_secret": self.app_secret, "access_token": self.access_token, "verify_token": self.verify_token}
        given = {name: value.get_secret_value() for name, value in {**fields, **self.credentials}.items() if value}
        if self.external_id is not None:
            given = {need.name: self.external_id for need in needs if need.is_id} | given
        return NewAccount(self.channel, given, self.name)


class VoiceChoice(BaseModel):
    """How whoever speaks is answered."""

    model_config = ConfigDict(extra="forbid")

    aloud: bool = Field(description="By a voice note; false: always in writing.")


class ChannelNeed(BaseModel):
    """Something the owner of an account has from its provider."""

    name: str
    says: str
    secret: bool
    required: bool
    way: str | None = Field(
        description="Of several ways to let Lumi in, the one this belongs to; an account is connected in one of them,"
        " and `required` means in that one. Null: it belongs to every way."
    )


class ChannelNeeds(BaseModel):
    """A channel that can be connected, and what that takes."""

    channel: Channel
    needs: list[ChannelNeed]


class ConnectableChannels(BaseModel):
    """Every channel that can be connected."""

    items: list[ChannelNeeds]


class ChannelRead(BaseModel):
    """A connected account, without its secrets."""

    id: UUID
    channel: Channel
    external_id: str
    name: str
    connected_at: datetime
    disconnected_at: datetime | None
    state: AccountState = Field(description="How the account is; `GET /v1/channels/{account_id}/status` says why.")
    was_heard: bool = Field(description="Whether anything came in these last weeks.")
    webhook_url: str | None = Field(description="Where the provider posts; null for Lumi's own surfaces.")
    voice_answers: bool = Field(description="Whether voice notes may be answered aloud.")
    has_templates: bool = Field(description="Whether its provider approves texts that may reopen a conversation.")
    from_outside: bool = Field(description="Whether people outside write to it, and not only whoever runs Lumi.")

    @classmethod
    def of(cls, account: ConnectedAccount, address: str) -> ChannelRead:
        """The account of an installation that the outside reaches at `address`."""
        return cls(
            id=account.id, channel=account.channel, external_id=account.external_id, name=account.name,
            connected_at=account.connected_at, disconnected_at=account.disconnected_at, was_heard=account.was_heard,
            state=account.state,
            webhook_url=account.webhook_path and address + account.webhook_path, voice_answers=account.voice_answers,
            has_templates=account.has_templates, from_outside=account.from_outside,
        )  # fmt: skip


class IdentitySecret(BaseModel):
    """What the page around the widget signs with."""

    secret: str = Field(description="Shown this once. It belongs on your server, never in a page.")


class ChannelConnected(BaseModel):
    """What to enter at the provider."""

    account: ChannelRead
    verify_token: str | None = Field(description="Shown this once; null where there is nothing to enter.")


class AlertRead(BaseModel):
    """Something that is wrong with an account now."""

    kind: AlertKind
    raised_at: datetime
    says: str = Field(description="What is wrong and what to do, in the language of `Accept-Language`.")


class HourRead(BaseModel):
    """One hour of an account."""

    hour: datetime
    expected: float | None = Field(description="What this hour usually brings; null without two weeks of history.")
    received: int
    sent: int
    failed: int
    unknown: int


class TokenRead(BaseModel):
    """What lets us speak for the account."""

    expires_at: datetime | None = Field(description="Null for one that never ends, or of which nobody tells.")
    days_left: int | None = Field(description="Whole days until then, 0 on the last; null once it has ended.")
    has_ended: bool = Field(description="It ended at `expires_at`.")
    refused_at: datetime | None = Field(description="Since when the provider refuses it.")


class FailureRead(BaseModel):
    """How the last send failed; null once one was taken again."""

    at: datetime
    why: Failure
    says: str
    said: str = Field(description="The provider's own words.")


class DeliveryCounts(BaseModel):
    """Messages of an account by state, of thirty days except for those that wait."""

    waiting: int = Field(description="Not left yet.")
    later: int = Field(description="Of those: waiting for a time, such as the next try or the end of quiet hours.")
    sent: int = Field(
        description="Taken by the provider, of which nothing more is known: some tell nothing, and what becomes of a"
        " message later than a week after it left is not counted."
    )
    delivered: int
    read: int
    failed: int = Field(description="Refused for good.")
    unknown: int = Field(description="Nobody can tell whether they left.")
    held: int = Field(description="Kept back, because they may not be sent now.")


class ChannelStatus(BaseModel):
    """How an account is."""

    id: UUID
    channel: Channel
    name: str
    state: AccountState
    alerts: list[AlertRead]
    heard_at: datetime | None = Field(description="When anything came in last, counted every ten minutes.")
    checked_at: datetime | None = Field(description="When the provider was last asked how the account is.")
    token: TokenRead
    failure: FailureRead | None
    deliveries: DeliveryCounts
    hours: list[HourRead] = Field(description="The last 24, in UTC; the last of them has not ended.")


class TroubledDelivery(BaseModel):
    """A message, or a part of one, that did not surely arrive."""

    id: UUID
    conversation_id: UUID
    message_id: UUID = Field(description="What is sent again.")
    state: DeliveryState
    text: str = Field(description="How it begins.")
    says: str
    at: datetime


class ChannelDisconnected(BaseModel):
    """Nothing comes in or goes out any more."""

    provider_told: bool = Field(description="False: the provider could not be told; end the webhook there.")


class TemplateRead(BaseModel):
    """A text the provider approved, or has not."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    language: str
    category: str
    body: str = Field(description="The text with its places, as `Your table for {{1}}`.")
    status: TemplateStatus
    reason: str | None = Field(description="Why the provider refused it.")
    purpose: TemplatePurpose | None = Field(description="What it is sent for; null: never by itself.")
    seen_at: datetime = Field(description="When the provider was asked last.")


class TemplateList(BaseModel):
    """The templates of an account, by name and language."""

    items: list[TemplateRead]


class TemplateChoice(BaseModel):
    """What a template is to be sent for."""

    model_config = ConfigDict(extra="forbid")

    purpose: TemplatePurpose | None
