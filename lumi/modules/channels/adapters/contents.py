"""What a message holds besides words and files, in the few shapes that staff are shown.

Each is a value under its name in the `content` of an event's payload: several may stand in one message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from lumi.integrations.graph import messaging_shapes as meta
from lumi.integrations.telegram import shapes as telegram
from lumi.integrations.whatsapp import contents as whatsapp
from lumi.integrations.whatsapp.shapes import Echo, Message

_LONGEST_WORDS = 4_000
_MOST = 50


class Place(TypedDict):
    """A spot in degrees."""

    latitude: float
    longitude: float
    name: str | None
    address: str | None


class Card(TypedDict):
    """Somebody whose card was shared."""

    name: str | None
    phones: Sequence[str]
    emails: Sequence[str]


class Line(TypedDict):
    """One line of an order; the price is for one piece."""

    product: str
    quantity: int | None
    price: float | None
    currency: str | None


class Origin(TypedDict):
    """The advertisement or link a person came by."""

    title: str | None
    url: str | None
    id: str | None


Content = dict[str, object]


def of_whatsapp(message: Message) -> Content:
    """Of a message on WhatsApp."""
    found = _whatsapp_shape(message.content)
    if message.emoji is not None:
        found["reaction"] = {"emoji": message.emoji or None, "target": message.target_id}
    if message.button_payload:
        found["button"] = message.button_payload
    if message.referral is not None:
        origin = message.referral
        found["referral"] = Origin(title=origin.headline, url=origin.source_url, id=origin.source_id)
    return found


def of_echo(echo: Echo) -> Content:
    """Of what somebody wrote in the app of the business: files of it are not fetched, only named."""
    return _whatsapp_shape(echo.content) | ({"files": [echo.type]} if echo.media is not None else {})


def of_telegram(message: telegram.Message) -> Content:
    """Of a message on Telegram."""
    found: Content = {}
    if (place := message.place) is not None:
        found["place"] = Place(
            latitude=place.latitude, longitude=place.longitude, name=place.title, address=place.address
        )
    if (card := message.contact) is not None:
        found["cards"] = [Card(name=card.name, phones=[card.phone], emails=[])]
    return found


def of_meta(message: meta.Message) -> Content:
    """Of a message on Messenger or Instagram."""
    found: Content = {}
    for each in message.attachments:
        if each.latitude is not None and each.longitude is not None:
            found["place"] = Place(latitude=each.latitude, longitude=each.longitude, name=each.title, address=None)
    links = [each.url for each in message.attachments if each.kind in _LINKS and each.url]
    if links:
        found["links"] = links[:_MOST]
    if message.story_id or message.story_url:
        found["story"] = {"id": message.story_id, "url": message.story_url}
    if message.text and message.payload:
        found["button"] = message.payload
    if (origin := message.referral) is not None:
        found["referral"] = Origin(title=origin.ref, url=None, id=origin.ad_id or origin.product_id)
    return found


def kept(payload: Mapping[str, object], content: Content) -> dict[str, object]:
    """The payload with this content, where there is any."""
    return {**payload, "content": content} if content else dict(payload)


def _whatsapp_shape(found: whatsapp.Content | None) -> Content:
    match found:
        case whatsapp.Location():
            place = Place(latitude=found.latitude, longitude=found.longitude, name=found.name, address=found.address)
            return {"place": place}
        case whatsapp.SharedContacts():
            return {"cards": [_card(each) for each in found.cards[:_MOST]]}
        case whatsapp.Order():
            lines = [
                Line(product=each.product_id, quantity=each.quantity, price=each.price, currency=each.currency)
                for each in found.items[:_MOST]
            ]
            return {"order": lines}
        case whatsapp.FlowAnswer():
            return {"form": {"name": found.name, "answers": (found.response_json or "")[:_LONGEST_WORDS]}}
        case _:
            return {}


def _card(card: whatsapp.ContactCard) -> Card:
    phones = [each.phone or each.wa_id or "" for each in card.phones]
    return Card(name=card.name or None, phones=[each for each in phones if each], emails=list(card.emails))


_LINKS = frozenset({"share", "fallback", "ig_post"})
