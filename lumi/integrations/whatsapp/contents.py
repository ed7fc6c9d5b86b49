"""What a message can hold besides words, each in a shape of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class MediaRef(NamedTuple):
    """A file the person sent: its id lives for 7 days, its `url` for 5 minutes and needs our token.

    `mime` keeps its parameter (`audio/ogg; codecs=opus`), `sha256` is base64 as WhatsApp sends it.
    """

    id: str | None
    mime: str | None
    sha256: str | None
    caption: str | None
    filename: str | None
    voice: bool
    animated: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the map, in degrees."""

    latitude: float
    longitude: float
    name: str | None
    address: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class ContactPhone:
    """One number on a contact card; the ids are there when it is on WhatsApp."""

    phone: str | None
    wa_id: str | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Somebody's card, as it was shared."""

    name: str
    phones: tuple[ContactPhone, ...]
    emails: tuple[str, ...]
    company: str | None
    vcard: str | None


@dataclass(frozen=True, slots=True)
class SharedContacts:
    """Cards the person sent; `requested` when they answer our request for a number."""

    cards: tuple[ContactCard, ...]
    requested: bool


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """A form that was filled in. `response_json` is theirs and need not be an object."""

    name: str | None
    response_json: str | None


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order; the price is for one piece."""

    product_id: str
    quantity: int | None
    price: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """What the person put into the basket of a catalogue."""

    catalog_id: str | None
    items: tuple[OrderItem, ...]


class IdentityChangeKind(StrEnum):
    """What changed about somebody."""

    NUMBER = "user_changed_number"
    USER_ID = "user_changed_user_id"
    KEY = "customer_identity_changed"


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """Somebody is reached elsewhere from now on, or uses another device. What is not new is None.

    The message's own sender is the old address where WhatsApp names it, else the new one.
    """

    kind: IdentityChangeKind
    phone: str | None
    user_id: str | None
    parent_user_id: str | None
    previous_user_id: str | None
    key_hash: str | None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something WhatsApp does not pass on; `kind` says what it was, as `poll`, where that is known."""

    kind: str | None
    code: int | None


@dataclass(frozen=True, slots=True)
class Referral:
    """The advertisement or post the person came from."""

    source_type: str | None
    source_id: str | None
    source_url: str | None
    headline: str | None
    body: str | None
    media_url: str | None
    click_id: str | None
    welcome_text: str | None


Content = Location | SharedContacts | FlowAnswer | Order | IdentityChange | Unsupported


class Details(NamedTuple):
    """What a message of one type adds to its words."""

    media: MediaRef | None = None
    choice_id: str | None = None
    button_payload: str | None = None
    emoji: str | None = None
    content: Content | None = None
    referral: Referral | None = None


PLAIN = Details()
