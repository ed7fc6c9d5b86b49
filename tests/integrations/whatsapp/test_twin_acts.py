"""What people do besides writing: edit, take back, react, play, hide their number, use the business's own app."""

import base64
from typing import cast

import pytest

from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.contents import Location
from lumi.integrations.whatsapp.fake import acts
from lumi.integrations.whatsapp.outgoing import MediaKind
from lumi.integrations.whatsapp.payloads import NoticeKind
from tests.integrations.whatsapp.conftest import Webhook
from tests.integrations.whatsapp.phone import Phone, Seen

PERSON = "33600000042"
USER_ID = "FR.7001002003004005"
OPUS = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01"


async def test_an_edit_changes_the_bubble_and_is_posted(phone: Phone, webhook: Webhook) -> None:
    first = await phone.write(PERSON, "À 19 h")
    edited = await phone.post("edit", {"from": PERSON, "id": first, "text": "À 20 h"})
    await webhook.until(lambda: len(webhook.messages) == 2)
    found = next(each for each in webhook.messages if each.type == "edit")
    assert (found.id, found.target_id, found.text) == (edited["id"], first, "À 20 h")
    [bubble] = await phone.bubbles(PERSON)
    assert (bubble["text"], bubble["edited"]) == ("À 20 h", True)


async def test_the_caption_of_a_file_may_be_edited(phone: Phone, webhook: Webhook) -> None:
    media = {"base64": base64.b64encode(b"\x89PNG").decode(), "mime": "image/png", "caption": "Ceci"}
    first = await phone.post("inbound", {"from": PERSON, "media": media})
    await phone.post("edit", {"from": PERSON, "id": first["id"], "text": "Cela"})
    await webhook.until(lambda: len(webhook.messages) == 2)
    found = next(each for each in webhook.messages if each.type == "edit")
    assert found.text == "Cela"
    assert found.media is not None


async def test_an_edit_comes_within_a_quarter_of_an_hour(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await phone.write(PERSON, "À 19 h")
    monkeypatch.setattr(acts, "EDIT_SECONDS", -1)
    await phone.post("edit", {"from": PERSON, "id": first, "text": "À 20 h"}, expect=400)


async def test_a_message_taken_back_is_gone_from_the_phone(phone: Phone, webhook: Webhook) -> None:
    first = await phone.write(PERSON, "Oups")
    await phone.post("revoke", {"from": PERSON, "id": first})
    await webhook.until(lambda: len(webhook.messages) == 2)
    found = next(each for each in webhook.messages if each.type == "revoke")
    assert found.target_id == first
    [bubble] = await phone.bubbles(PERSON)
    assert (bubble["text"], bubble["content"], bubble["revoked"]) == (None, {}, True)
    await phone.post("edit", {"from": PERSON, "id": first, "text": "Si"}, expect=400)


async def test_only_own_messages_are_edited_and_taken_back(phone: Phone, whatsapp: WhatsApp) -> None:
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    await phone.post("edit", {"from": PERSON, "id": sent.id, "text": "Salut"}, expect=400)
    await phone.post("revoke", {"from": PERSON, "id": sent.id}, expect=400)
    await phone.post("revoke", {"from": PERSON, "id": "wamid.NONE"}, expect=400)


async def test_a_reaction_is_put_and_taken_away(phone: Phone, webhook: Webhook, whatsapp: WhatsApp) -> None:
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    await phone.post("react", {"from": PERSON, "id": sent.id, "emoji": "👍"})
    await webhook.until(lambda: len(webhook.messages) == 1)
    assert (webhook.messages[0].emoji, webhook.messages[0].target_id) == ("👍", sent.id)
    assert (await phone.bubbles(PERSON))[0]["reaction"] == "👍"

    await phone.post("react", {"from": PERSON, "id": sent.id})
    await webhook.until(lambda: len(webhook.messages) == 2)
    assert webhook.messages[1].emoji == ""


async def test_a_reaction_opens_the_window(phone: Phone, whatsapp: WhatsApp) -> None:
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    await phone.post("react", {"from": PERSON, "id": sent.id, "emoji": "👍"})
    await phone.post("limits", {"enforce_window": True})
    assert (await whatsapp.send_text(PERSON, "Merci", callback_data="2")).id


async def test_voice_notes_are_played_and_nothing_else_is(phone: Phone, whatsapp: WhatsApp, webhook: Webhook) -> None:
    await phone.post("statuses", {"statuses": ["delivered", "played"], "status_pause_ms": 1})
    media_id = await whatsapp.upload_media(OPUS, "audio/ogg", "a.ogg")
    note = await whatsapp.send_media(PERSON, MediaKind.AUDIO, media_id=media_id, voice=True, callback_data="1")
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="2")
    await webhook.until(lambda: len(webhook.statuses_seen) == 3)
    assert [each.id for each in webhook.statuses_seen if each.status == "played"] == [note.id]


async def test_a_status_is_posted_when_it_is_asked_for(phone: Phone, whatsapp: WhatsApp, webhook: Webhook) -> None:
    await phone.post("statuses", {"statuses": []})
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="key-1")
    await phone.post("status", {"id": sent.id, "status": "read"})
    await webhook.until(lambda: len(webhook.statuses_seen) == 1)
    [status] = webhook.statuses_seen
    assert (status.id, status.status, status.callback_data) == (sent.id, "read", "key-1")
    assert cast("Seen", (await phone.get("messages", peer=PERSON))["states"])[sent.id] == "read"
    await phone.post("status", {"id": "wamid.NONE", "status": "read"}, expect=400)


async def test_what_is_written_in_the_business_app_is_echoed(phone: Phone, webhook: Webhook) -> None:
    written = await phone.post("echo", {"to": PERSON, "text": "Je m'en occupe"})
    await webhook.until(lambda: len(webhook.echoes) == 1)
    [echo] = webhook.echoes
    assert (echo.id, echo.text, echo.to_phone) == (written["id"], "Je m'en occupe", PERSON)
    assert await phone.texts(PERSON) == ["Je m'en occupe"]
    assert webhook.messages == []
    assert (await phone.get("counts"))["accepted"] == 0


async def test_somebody_with_a_username_hides_the_number_from_who_did_not_use_it(
    phone: Phone, webhook: Webhook, whatsapp: WhatsApp
) -> None:
    hidden: Seen = {"user_id": USER_ID, "username": "zoe", "name": "Zoé", "hides_phone": True}
    await phone.write(PERSON, "Hola", **hidden)
    await webhook.until(lambda: len(webhook.messages) == 1)
    [message] = webhook.messages
    assert (message.from_phone, message.from_user_id, message.username) == (None, USER_ID, "zoe")

    await phone.post("statuses", {"statuses": ["sent"]})
    await whatsapp.send_text(USER_ID, "¡Hola!", callback_data="1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 1)
    first = webhook.statuses_seen[0]
    assert (first.recipient_phone, first.recipient_user_id) == (None, USER_ID)

    await whatsapp.send_text(PERSON, "¿Sí?", callback_data="2")
    await webhook.until(lambda: len(webhook.statuses_seen) == 2)
    assert webhook.statuses_seen[1].recipient_phone == PERSON
    assert await phone.texts(PERSON) == await phone.texts(USER_ID) == ["Hola", "¡Hola!", "¿Sí?"]


async def test_nobody_hides_the_number_without_another_id(phone: Phone) -> None:
    await phone.post("inbound", {"from": PERSON, "text": "Hola", "hides_phone": True}, expect=400)


async def test_a_place_and_an_advertisement_are_passed_on(phone: Phone, webhook: Webhook) -> None:
    place = {"latitude": 48.85, "longitude": 2.35}
    await phone.post("inbound", {"from": PERSON, "type": "location", "content": place, "referral": {"source_id": "7"}})
    await webhook.until(lambda: len(webhook.messages) == 1)
    [message] = webhook.messages
    assert message.content == Location(48.85, 2.35, None, None, None)
    assert message.referral is not None
    assert message.referral.source_id == "7"


@pytest.mark.parametrize("media", [{"base64": "!", "mime": "image/png"}, {"base64": "AAAA"}])
async def test_a_file_that_is_none_is_not_written(phone: Phone, media: Seen) -> None:
    await phone.post("inbound", {"from": PERSON, "media": media}, expect=400)


async def test_anything_about_the_account_is_posted(phone: Phone, webhook: Webhook) -> None:
    await phone.post("notice", {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}})
    await webhook.until(lambda: len(webhook.batches) == 1)
    [notice] = webhook.batches[0].notices
    assert (notice.kind, notice.event, notice.waba_id) == (NoticeKind.ACCOUNT, "ACCOUNT_DELETED", "210000000000001")
    assert notice.at is not None
