"""What a webhook holds once it is read. Says nothing about our domain."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lumi.integrations.whatsapp.contents import PLAIN, Content, Details, MediaRef, Referral


@dataclass(frozen=True, slots=True)
class Message:
    """One inbound message. At least one of `from_phone` and `from_user_id` is there."""

    phone_number_id: str
    waba_id: str
    id: str
    type: str
    timestamp: datetime
    from_phone: str | None
    from_user_id: str | None
    parent_user_id: str | None
    profile_name: str | None
    username: str | None
    text: str | None
    """The words of a message, the caption of a file, the title of what was chosen, the new words of an edit."""
    context_id: str | None
    target_id: str | None
    """The message that a reaction, an edit or a revocation is about."""
    group_id: str | None
    raw: dict[str, object]
    details: Details = PLAIN
    """What it holds besides words. One for all plain messages: most are, and filling six fields costs time."""

    @property
    def media(self) -> MediaRef | None:
        """The file of a message, or of an edit."""
        return self.details.media

    @property
    def choice_id(self) -> str | None:
        """The id we gave to the button or row that was chosen."""
        return self.details.choice_id

    @property
    def button_payload(self) -> str | None:
        """What we put behind the button of a template; without it WhatsApp gives the button's text."""
        return self.details.button_payload

    @property
    def emoji(self) -> str | None:
        """Of a reaction; "" takes an earlier one away. None: this is no reaction."""
        return self.details.emoji

    @property
    def content(self) -> Content | None:
        """What is neither words nor a file: a place, cards, a form, an order, a change of address, unsupported."""
        return self.details.content

    @property
    def referral(self) -> Referral | None:
        """The advertisement or post the person came from."""
        return self.details.referral


@dataclass(frozen=True, slots=True)
class Echo:
    """A message that somebody of the business wrote in the WhatsApp Business app, not through us."""

    phone_number_id: str
    waba_id: str
    id: str
    type: str
    timestamp: datetime
    to_phone: str | None
    to_user_id: str | None
    text: str | None
    context_id: str | None
    target_id: str | None
    media: MediaRef | None
    emoji: str | None
    content: Content | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class ErrorNote:
    """Why a message failed. Decide on `code`; texts change."""

    code: int
    title: str
    details: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message we sent. Order them by rank: several may carry the same second."""

    phone_number_id: str
    waba_id: str
    id: str
    status: str
    timestamp: datetime
    recipient_phone: str | None
    recipient_user_id: str | None
    recipient_parent_id: str | None
    callback_data: str | None
    errors: tuple[ErrorNote, ...]


class NoticeKind(StrEnum):
    """What WhatsApp tells about an account, by the field it subscribes to."""

    TEMPLATE_STATUS = "message_template_status_update"
    TEMPLATE_QUALITY = "message_template_quality_update"
    TEMPLATE_COMPONENTS = "message_template_components_update"
    TEMPLATE_CATEGORY = "template_category_update"
    NUMBER_QUALITY = "phone_number_quality_update"
    NUMBER_NAME = "phone_number_name_update"
    ACCOUNT = "account_update"
    ACCOUNT_ALERT = "account_alerts"
    ACCOUNT_REVIEW = "account_review_update"
    CAPABILITY = "business_capability_update"
    SECURITY = "security"
    PREFERENCE = "user_preferences"
    USER_ID = "user_id_update"


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """The template a notice is about."""

    id: str | None
    name: str | None
    language: str | None
    category: str | None


@dataclass(frozen=True, slots=True)
class AccountNotice:
    """Something about the account, one of its numbers, a template, or a person's wishes; words are WhatsApp's own.

    `event` is what happened (APPROVED, DISABLED_UPDATE, stop), `reason` why, `previous` and `current` are the
    values that changed: a quality, a limit, a category, a BSUID. `phone` and `user_id` are the person's, of
    preferences and changed ids only.
    """

    waba_id: str
    kind: NoticeKind
    at: datetime | None
    phone_number_id: str | None
    display_phone_number: str | None
    event: str | None
    reason: str | None
    severity: str | None
    previous: str | None
    current: str | None
    template: TemplateRef | None
    phone: str | None
    user_id: str | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """Something authentic that cannot be read: `raw` is its JSON, `phone_number_id` its place if known."""

    reason: str
    raw: bytes
    phone_number_id: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything in one body, in its order.

    `ignored` counts kinds such as `field.flows`. What stands before the dot is one of object, entry, field,
    value, error, message, status, echo; what stands after it comes from outside and is no closed set.
    """

    messages: list[Message] = field(default_factory=list[Message])
    statuses: list[Status] = field(default_factory=list[Status])
    ignored: Counter[str] = field(default_factory=Counter[str])
    broken: list[BrokenItem] = field(default_factory=list[BrokenItem])
    echoes: list[Echo] = field(default_factory=list[Echo])
    notices: list[AccountNotice] = field(default_factory=list[AccountNotice])
