"""What messages hold besides words."""

from collections.abc import Callable

import pytest

from lumi.integrations.whatsapp.contents import (
    ContactCard,
    ContactPhone,
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
from lumi.integrations.whatsapp.payloads import Message, parse
from tests.integrations.whatsapp.events import PERSON, USER_ID, Part, event, message, read, text, value


def read_one(item: Part) -> Message:
    batch = read(event(value(contacts=[PERSON], messages=[item])))
    assert batch.broken == []
    [found] = batch.messages
    return found


def test_a_voice_note_is_a_file_that_keeps_the_parameter_of_its_type(body: Callable[[str], bytes]) -> None:
    [found] = parse(body("voice_note")).messages
    assert found.media == MediaRef(
        id="880000000000001",
        mime="audio/ogg; codecs=opus",
        sha256="q83vEjRWeJA=",
        caption=None,
        filename=None,
        voice=True,
        animated=False,
        url="https://lookaside.example/attachments/?mid=880000000000001&ext=1795000302",
    )


def test_a_document_has_its_name_and_its_caption_is_its_text() -> None:
    file = {"id": 88, "mime_type": "application/pdf", "caption": "Devis", "filename": "devis.pdf"}
    found = read_one(message("document", file))
    assert found.media == MediaRef("88", "application/pdf", None, "Devis", "devis.pdf", False, False, None)
    assert found.text == "Devis"


def test_a_sticker_may_move() -> None:
    found = read_one(message("sticker", {"id": "9", "mime_type": "image/webp", "animated": True}))
    assert found.media is not None
    assert found.media.animated


def test_the_voice_message_of_old_is_a_voice_note() -> None:
    found = read_one(message("voice", {"id": "9", "mime_type": "audio/ogg"}))
    assert found.media is not None
    assert found.media.voice


@pytest.mark.parametrize("file", [{}, {"mime_type": "image/png"}, None, "x", {"id": {"a": 1}}])
def test_a_file_that_cannot_be_fetched_is_none_and_the_message_is_there(file: object) -> None:
    item = message("image", file) | {"image": file}
    assert read_one(item).media is None


def test_a_place_has_degrees_and_names() -> None:
    place = {"latitude": "48.85", "longitude": 2, "name": "Salon", "address": "1 rue X", "url": "https://salon.example"}
    assert read_one(message("location", place)).content == Location(
        48.85, 2.0, "Salon", "1 rue X", "https://salon.example"
    )


@pytest.mark.parametrize("latitude", [None, "north", True, 91, "nan", "inf", [1]])
def test_a_place_that_is_nowhere_is_none(latitude: object) -> None:
    place = {"latitude": latitude, "longitude": 2}
    assert read_one(message("location", place)).content is None


def test_cards_have_names_numbers_and_ids() -> None:
    card = {
        "name": {"formatted_name": "Zoé Faure", "first_name": "Zoé"},
        "phones": [{"phone": "+33 6 00 00 00 99", "wa_id": "33600000099", "user_id": USER_ID, "type": "CELL"}],
        "emails": [{"email": "zoe@faure.example"}, {"type": "WORK"}],
        "org": {"company": "Faure"},
        "vcard": "BEGIN:VCARD",
    }
    nameless = {"name": {"first_name": "Léo", "last_name": "Roy"}, "phones": "none"}
    found = read_one(message("contacts", [card, nameless, 7], origin="contact_request")).content
    assert found == SharedContacts(
        (
            ContactCard(
                "Zoé Faure",
                (ContactPhone("+33 6 00 00 00 99", "33600000099", USER_ID),),
                ("zoe@faure.example",),
                "Faure",
                "BEGIN:VCARD",
            ),
            ContactCard("Léo Roy", (), (), None, None),
        ),
        requested=True,
    )


@pytest.mark.parametrize("kind", ["button_reply", "list_reply"])
def test_a_choice_brings_our_id_back(kind: str) -> None:
    found = read_one(message("interactive", {"type": kind, kind: {"id": "slot-7", "title": "Mardi"}}))
    assert (found.choice_id, found.text) == ("slot-7", "Mardi")


def test_the_button_of_a_template_brings_our_payload_back() -> None:
    found = read_one(message("button", {"payload": "confirm:7", "text": "Je viens"}))
    assert (found.button_payload, found.choice_id, found.text) == ("confirm:7", None, "Je viens")


def test_a_form_that_was_filled_in_keeps_its_answer_as_text(body: Callable[[str], bytes]) -> None:
    [found] = parse(body("flow_reply")).messages
    assert found.content == FlowAnswer("flow", '["coupe","brushing"]')


def test_a_reaction_has_its_emoji() -> None:
    assert read_one(message("reaction", {"message_id": "wamid.OLD", "emoji": "👍"})).emoji == "👍"


@pytest.mark.parametrize("reaction", [{"message_id": "wamid.OLD"}, {"message_id": "wamid.OLD", "emoji": ""}])
def test_a_reaction_that_was_taken_away_has_an_empty_emoji(reaction: Part) -> None:
    found = read_one(message("reaction", reaction))
    assert (found.emoji, found.target_id) == ("", "wamid.OLD")


def test_what_is_no_reaction_has_no_emoji() -> None:
    assert read_one(text()).emoji is None


def test_an_edited_caption_comes_with_its_file() -> None:
    edit = {
        "original_message_id": "wamid.OLD",
        "message": {"type": "image", "image": {"id": "7", "caption": "Plutôt ceci"}},
    }
    found = read_one(message("edit", edit))
    assert (found.text, found.target_id) == ("Plutôt ceci", "wamid.OLD")
    assert found.media is not None
    assert found.media.id == "7"


def test_a_message_taken_back_names_the_old_one() -> None:
    found = read_one(message("revoke", {"original_message_id": "wamid.OLD"}))
    assert (found.type, found.target_id, found.text) == ("revoke", "wamid.OLD", None)


@pytest.mark.parametrize(
    ("system", "change"),
    [
        (
            {"type": "user_changed_number", "wa_id": "33600000043", "user_id": "FR.9"},
            IdentityChange(IdentityChangeKind.NUMBER, "33600000043", "FR.9", None, None, None),
        ),
        (
            {"type": "customer_changed_number", "new_wa_id": "33600000043"},
            IdentityChange(IdentityChangeKind.NUMBER, "33600000043", None, None, None, None),
        ),
        (
            {"type": "user_changed_user_id", "user_id": "FR.9", "parent_user_id": "FR.ENT.1"},
            IdentityChange(IdentityChangeKind.USER_ID, None, "FR.9", "FR.ENT.1", None, None),
        ),
    ],
)
def test_a_person_who_is_reached_elsewhere_is_told_by_the_new_address(system: Part, change: IdentityChange) -> None:
    found = read_one(message("system", system))
    assert (found.from_phone, found.content) == ("33600000042", change)


def test_a_new_device_is_told_by_its_key() -> None:
    system = {"type": "customer_identity_changed", "body": "The security code has changed"}
    found = read_one(message("system", system, identity={"hash": "a1b2", "acknowledged": False}))
    assert found.content == IdentityChange(IdentityChangeKind.KEY, None, None, None, None, "a1b2")


def test_a_change_that_names_no_sender_is_from_the_new_address() -> None:
    item = message("system", {"type": "user_changed_user_id", "user_id": "FR.9"}, **{"from": None})
    [found] = read(event(value(messages=[item]))).messages
    assert (found.from_phone, found.from_user_id) == (None, "FR.9")


def test_a_system_message_of_another_kind_changes_nobody() -> None:
    assert read_one(message("system", {"type": "weather", "body": "Rain"})).content is None


def test_what_is_not_passed_on_says_what_it_was(body: Callable[[str], bytes]) -> None:
    [found] = parse(body("unsupported")).messages
    assert found.content == Unsupported("poll", 131051)


def test_an_order_has_its_lines() -> None:
    lines = [
        {"product_retailer_id": "gel", "quantity": "2", "item_price": 9.5, "currency": "EUR"},
        {"product_retailer_id": 7, "quantity": "many"},
        {"quantity": 1},
    ]
    found = read_one(message("order", {"catalog_id": 12, "text": "Pour mardi", "product_items": lines}))
    assert found.content == Order("12", (OrderItem("gel", 2, 9.5, "EUR"), OrderItem("7", None, None, None)))
    assert found.text == "Pour mardi"


def test_an_advertisement_the_person_came_from_is_named() -> None:
    source = {
        "source_url": "https://fb.example/ad",
        "source_id": "42",
        "source_type": "ad",
        "headline": "Ouverture",
        "body": "Venez",
        "image_url": "https://fb.example/ad.jpg",
        "ctwa_clid": "click-1",
        "welcome_message": {"text": "Bonjour !"},
    }
    assert read_one(text(referral=source)).referral == Referral(
        "ad", "42", "https://fb.example/ad", "Ouverture", "Venez", "https://fb.example/ad.jpg", "click-1", "Bonjour !"
    )


@pytest.mark.parametrize("source", ["x", {}, [1]])
def test_a_source_that_is_none_is_not_there(source: object) -> None:
    assert read_one(text(referral=source)).referral is None
