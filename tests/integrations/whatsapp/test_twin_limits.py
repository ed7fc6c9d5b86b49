"""The twin's templates, window, pair rate and throughput: off until they are asked for, then as the original's."""

import pytest

from lumi.integrations.whatsapp.choices import Button
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.errors import GraphRejected, Reason, Throttled
from lumi.integrations.whatsapp.fake import limits
from lumi.integrations.whatsapp.fake.server import RunningTwin
from lumi.integrations.whatsapp.outgoing import MediaKind
from tests.integrations.whatsapp.conftest import Webhook
from tests.integrations.whatsapp.phone import Phone, Seen

PERSON = "33600000042"
OTHER = "33600000043"
USER_ID = "FR.7001002003004005"


async def remind(whatsapp: WhatsApp, *parameters: str, language: str = "fr") -> None:
    await whatsapp.send_template(PERSON, "visit_reminder", language, callback_data="1", parameters=parameters)


async def test_a_template_that_is_not_there_is_refused_with_404(whatsapp: WhatsApp) -> None:
    with pytest.raises(GraphRejected) as failure:
        await remind(whatsapp, "Zoé", "mardi", language="de")
    assert (failure.value.status, failure.value.code, failure.value.reason) == (404, 132001, Reason.TEMPLATE)


@pytest.mark.parametrize("parameters", [(), ("Zoé",), ("Zoé", "mardi", "10 h")])
async def test_a_template_takes_exactly_its_parameters(whatsapp: WhatsApp, parameters: tuple[str, ...]) -> None:
    with pytest.raises(GraphRejected) as failure:
        await remind(whatsapp, *parameters)
    assert (failure.value.status, failure.value.code) == (400, 132000)


async def test_a_template_may_have_named_places(whatsapp: WhatsApp, phone: Phone) -> None:
    made: Seen = {"name": "offer", "language": "fr", "body": "Offre {{code}} pour {{who}}", "header": "Bonjour"}
    await phone.post("templates", made)
    whole = {"who": "Zoé", "code": "A1"}
    await whatsapp.send_template(PERSON, "offer", "fr", callback_data="1", parameters=whole)
    assert await phone.texts(PERSON) == ["Bonjour\nOffre A1 pour Zoé"]
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_template(PERSON, "offer", "fr", callback_data="1", parameters={"who": "Zoé", "cod": "A1"})
    assert failure.value.code == 132012


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)])
async def test_a_template_that_is_not_approved_is_refused(
    whatsapp: WhatsApp, phone: Phone, status: str, code: int
) -> None:
    await phone.post("templates", {"name": "offer", "language": "fr", "body": "Offre", "status": status})
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_template(PERSON, "offer", "fr", callback_data="1")
    assert (failure.value.code, failure.value.reason) == (code, Reason.TEMPLATE)


async def test_a_code_to_log_in_goes_to_a_phone_number_only(whatsapp: WhatsApp, phone: Phone) -> None:
    await phone.post("templates", {"name": "code", "language": "fr", "body": "{{1}}", "category": "AUTHENTICATION"})
    await whatsapp.send_template(PERSON, "code", "fr", callback_data="1", parameters=["123"])
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_template(USER_ID, "code", "fr", callback_data="1", parameters=["123"])
    assert failure.value.code == 131062


@pytest.mark.parametrize("wishes", [{"name": "a"}, {"name": "a", "language": "fr", "body": "b", "colour": "red"}])
async def test_a_template_that_is_none_is_not_made(phone: Phone, wishes: Seen) -> None:
    await phone.post("templates", wishes, expect=400)


async def test_outside_the_window_only_templates_are_taken(
    whatsapp: WhatsApp, phone: Phone, served: RunningTwin
) -> None:
    await phone.post("limits", {"enforce_window": True})
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    assert (failure.value.status, failure.value.reason) == (400, Reason.WINDOW)
    with pytest.raises(GraphRejected):
        await whatsapp.send_buttons(PERSON, "Quand ?", [Button("a", "Mardi")], callback_data="1")
    assert served.twin.ledger.count == 0

    await remind(whatsapp, "Zoé", "mardi")
    await phone.write(PERSON, "Allô ?")
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="2")
    with pytest.raises(GraphRejected):
        await whatsapp.send_text(OTHER, "Bonjour", callback_data="3")

    await phone.post("limits", {"window_hours": 0})
    with pytest.raises(GraphRejected):
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="4")


async def test_outside_the_window_a_message_may_also_be_taken_and_fail(
    whatsapp: WhatsApp, phone: Phone, webhook: Webhook
) -> None:
    await phone.post("limits", {"enforce_window": True, "window_as_status": True})
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="key-1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 1)
    [status] = webhook.statuses_seen
    assert (status.id, status.status, status.callback_data) == (sent.id, "failed", "key-1")
    assert [each.code for each in status.errors] == [131047]


async def test_one_person_is_written_to_in_bursts_and_then_slowly(whatsapp: WhatsApp, phone: Phone) -> None:
    await phone.post("limits", {"pair_burst": 3, "pair_seconds": 60})
    for n in range(3):
        await whatsapp.send_text(PERSON, f"Nr. {n}", callback_data="1")
    with pytest.raises(Throttled) as failure:
        await whatsapp.send_text(PERSON, "Nr. 3", callback_data="1")
    assert (failure.value.code, failure.value.of_person) == (131056, True)
    assert (await whatsapp.send_text(OTHER, "Bonjour", callback_data="1")).id

    await phone.post("limits", {"pair_seconds": 0})
    assert (await whatsapp.send_text(PERSON, "Nr. 3", callback_data="1")).id


async def test_a_number_has_so_many_messages_a_second_in_both_directions(
    whatsapp: WhatsApp, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "THROUGHPUT_SECONDS", 60.0)  # however slow this machine is
    await phone.post("limits", {"throughput": 4})
    await phone.write(PERSON, "Allô ?")
    for n in range(3):
        await whatsapp.send_text(f"3360000004{n}", "Bonjour", callback_data="1")
    with pytest.raises(Throttled) as failure:
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    assert (failure.value.code, failure.value.of_person) == (130429, False)


async def test_without_limits_a_burst_is_taken(whatsapp: WhatsApp, served: RunningTwin) -> None:
    for n in range(100):
        await whatsapp.send_text(PERSON, f"Nr. {n}", callback_data="1")
    assert served.twin.ledger.count == 100


@pytest.mark.parametrize("wishes", [{"pair_brust": 1}, {"throughput": "many"}, {"window_hours": -1}])
async def test_a_limit_that_is_none_is_refused(phone: Phone, wishes: Seen) -> None:
    before = await phone.get("limits")
    await phone.post("limits", wishes, expect=400)
    assert await phone.get("limits") == before


async def test_a_file_that_was_not_uploaded_is_refused(whatsapp: WhatsApp) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_media(PERSON, MediaKind.IMAGE, media_id="1", callback_data="1")
    assert failure.value.code == 100


async def test_a_file_sent_as_what_it_is_not_fails(whatsapp: WhatsApp, webhook: Webhook) -> None:
    media_id = await whatsapp.upload_media(b"%PDF-", "application/pdf", "a.pdf")
    await whatsapp.send_media(PERSON, MediaKind.IMAGE, media_id=media_id, callback_data="1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 1)
    [status] = webhook.statuses_seen
    assert (status.status, [each.code for each in status.errors]) == ("failed", [131053])


async def test_a_recording_in_ogg_that_is_not_opus_fails(whatsapp: WhatsApp, webhook: Webhook) -> None:
    media_id = await whatsapp.upload_media(b"OggS\x00\x02" + bytes(20) + b"\x01\x1e\x01vorbis", "audio/ogg", "a.ogg")
    await whatsapp.send_media(PERSON, MediaKind.AUDIO, media_id=media_id, callback_data="1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 1)
    [status] = webhook.statuses_seen
    assert (status.status, [each.code for each in status.errors]) == ("failed", [131053])
