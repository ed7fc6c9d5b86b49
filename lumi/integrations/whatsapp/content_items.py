"""Reads what a message holds besides words. Nothing here is vital: what cannot be read is not there."""

from __future__ import annotations

import math
from collections.abc import Callable

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.contents import (
    PLAIN,
    ContactCard,
    ContactPhone,
    Details,
    FlowAnswer,
    IdentityChange,
    IdentityChangeKind,
    Location,
    MediaRef,
    Order,
    OrderItem,
    Referral,
    SharedContacts,
    Unsupported,
)
from lumi.integrations.whatsapp.identity import address, identifier

Fields = dict[str, object]


_IDENTITY_KINDS: dict[str | None, IdentityChangeKind] = {
    "user_changed_number": IdentityChangeKind.NUMBER,
    "customer_changed_number": IdentityChangeKind.NUMBER,
    "user_changed_user_id": IdentityChangeKind.USER_ID,
    "customer_identity_changed": IdentityChangeKind.KEY,
}


def details_of(kind: str, item: Fields) -> Details:
    """What this message holds besides words."""
    reader = _READERS.get(kind)
    found = PLAIN if reader is None else reader(item)
    return found._replace(referral=_referral(as_object(item["referral"]))) if "referral" in item else found


def _referral(found: Fields) -> Referral | None:
    if not found:
        return None
    return Referral(
        source_type=as_text(found.get("source_type")),
        source_id=identifier(found.get("source_id")),
        source_url=as_text(found.get("source_url")),
        headline=as_text(found.get("headline")),
        body=as_text(found.get("body")),
        media_url=as_text(found.get("image_url")) or as_text(found.get("video_url")),
        click_id=as_text(found.get("ctwa_clid")),
        welcome_text=as_text(as_object(found.get("welcome_message")).get("text")),
    )


def _media(kind: str) -> Callable[[Fields], Details]:
    is_voice = kind == "voice"

    def read(item: Fields) -> Details:
        get = as_object(item.get(kind)).get
        media_id, url = identifier(get("id")), as_text(get("url"))
        if media_id is None and url is None:
            return PLAIN
        caption, filename = get("caption"), get("filename")
        return Details(
            MediaRef(
                media_id,
                as_text(get("mime_type")),
                as_text(get("sha256")),
                None if caption is None else as_text(caption),
                None if filename is None else as_text(filename),
                is_voice or get("voice") is True,
                get("animated") is True,
                url,
            )
        )

    return read


def _interactive(item: Fields) -> Details:
    found = as_object(item.get("interactive"))
    if "nfm_reply" in found:
        form = as_object(found["nfm_reply"])
        return Details(content=FlowAnswer(as_text(form.get("name")), as_text(form.get("response_json"))))
    chosen = as_object(found.get("button_reply") or found.get("list_reply"))
    return Details(choice_id=identifier(chosen.get("id")))


def _button(item: Fields) -> Details:
    return Details(button_payload=as_text(as_object(item.get("button")).get("payload")))


def _reaction(item: Fields) -> Details:
    return Details(emoji=as_text(as_object(item.get("reaction")).get("emoji")) or "")


def _edit(item: Fields) -> Details:
    """Only the file: the new words and the old message's id stand in the message itself."""
    message = as_object(as_object(item.get("edit")).get("message"))
    reader = _MEDIA_READERS.get(as_text(message.get("type")) or "")
    return PLAIN if reader is None else reader(message)


def _location(item: Fields) -> Details:
    found = as_object(item.get("location"))
    latitude, longitude = _degrees(found.get("latitude"), 90), _degrees(found.get("longitude"), 180)
    if latitude is None or longitude is None:
        return PLAIN
    words = (as_text(found.get(key)) for key in ("name", "address", "url"))
    return Details(content=Location(latitude, longitude, *words))


def _contacts(item: Fields) -> Details:
    cards = tuple(_card(card) for each in as_list(item.get("contacts")) if (card := as_object(each)))
    return Details(content=SharedContacts(cards, item.get("origin") == "contact_request"))


def _card(found: Fields) -> ContactCard:
    name = as_object(found.get("name"))
    parts = (as_text(name.get(key)) for key in ("first_name", "last_name"))
    phones = (as_object(each) for each in as_list(found.get("phones")))
    emails = (as_text(as_object(each).get("email")) for each in as_list(found.get("emails")))
    return ContactCard(
        name=as_text(name.get("formatted_name")) or " ".join(each for each in parts if each),
        phones=tuple(
            ContactPhone(as_text(each.get("phone")), *address(each.get("wa_id"), each.get("user_id")))
            for each in phones
            if each
        ),
        emails=tuple(each for each in emails if each),
        company=as_text(as_object(found.get("org")).get("company")),
        vcard=as_text(found.get("vcard")),
    )


def _order(item: Fields) -> Details:
    found = as_object(item.get("order"))
    lines = (as_object(each) for each in as_list(found.get("product_items")))
    items = tuple(
        OrderItem(
            product_id,
            int(quantity) if (quantity := _number(line.get("quantity"))) is not None else None,
            _number(line.get("item_price")),
            as_text(line.get("currency")),
        )
        for line in lines
        if (product_id := identifier(line.get("product_retailer_id"))) is not None
    )
    return Details(content=Order(identifier(found.get("catalog_id")), items))


def _system(item: Fields) -> Details:
    found = as_object(item.get("system"))
    kind = _IDENTITY_KINDS.get(as_text(found.get("type")))
    if kind is None:
        return PLAIN
    phone, user_id = address(found.get("wa_id") or found.get("new_wa_id"), found.get("user_id"))
    return Details(
        content=IdentityChange(
            kind=kind,
            phone=phone,
            user_id=user_id,
            parent_user_id=identifier(found.get("parent_user_id")),
            previous_user_id=identifier(found.get("previous_user_id")),
            key_hash=as_text(as_object(item.get("identity")).get("hash")),
        )
    )


def _unsupported(item: Fields) -> Details:
    code = as_object(next(iter(as_list(item.get("errors"))), None)).get("code")
    kind = as_text(as_object(item.get("unsupported")).get("type"))
    return Details(content=Unsupported(kind, code if isinstance(code, int) else None))


def _degrees(value: object, most: int) -> float | None:
    found = _number(value)
    return found if found is not None and abs(found) <= most else None


def _number(value: object) -> float | None:
    """A number, even when it was sent as a text; None for what is none, endless or out of all proportion."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


_MEDIA_READERS = {kind: _media(kind) for kind in ("image", "video", "audio", "voice", "document", "sticker")}
_READERS: dict[str, Callable[[Fields], Details]] = {
    **_MEDIA_READERS,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "edit": _edit,
    "location": _location,
    "contacts": _contacts,
    "order": _order,
    "system": _system,
    "unsupported": _unsupported,
}
