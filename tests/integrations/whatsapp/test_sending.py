"""Everything that can be sent, against the twin, and what is refused before it leaves."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from lumi.integrations.whatsapp.choices import Button, Row, Section
from lumi.integrations.whatsapp.client import SentMessage, WhatsApp
from lumi.integrations.whatsapp.errors import GraphRejected, Reason
from lumi.integrations.whatsapp.fake.server import RunningTwin
from lumi.integrations.whatsapp.outgoing import MediaKind

PERSON = "33600000042"
USER_ID = "FR.7001002003004005"
OPUS = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01"
Seen = dict[str, object]
Send = Callable[[WhatsApp], Awaitable[SentMessage]]

THREE = [Button("a", "Mardi"), Button("b", "Mercredi"), Button("c", "Jeudi")]


async def shown(served: RunningTwin, peer: str = PERSON) -> Seen:
    """The last bubble on the person's phone."""
    async with aiohttp.ClientSession(served.url) as phone:
        seen = await (await phone.get("/_twin/messages", params={"peer": peer})).json()
    return seen["messages"][-1]


async def test_buttons_are_shown_under_their_text(whatsapp: WhatsApp, served: RunningTwin) -> None:
    sent = await whatsapp.send_buttons(
        PERSON,
        "Quand ?",
        THREE,
        callback_data="key-1",
        header="Rendez-vous",
        footer="Salon Anaïs",
        reply_to="wamid.OLD",
    )
    bubble = await shown(served)
    assert (bubble["id"], bubble["type"], bubble["reply_to"]) == (sent.id, "interactive", "wamid.OLD")
    assert bubble["content"] == {
        "type": "button",
        "header": {"type": "text", "text": "Rendez-vous"},
        "body": {"text": "Quand ?"},
        "footer": {"text": "Salon Anaïs"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in THREE]},
    }
    [taken] = served.twin.ledger.after(0, 10)
    assert taken.callback_data == "key-1"


async def test_a_list_is_shown_with_its_sections(whatsapp: WhatsApp, served: RunningTwin) -> None:
    sections = [
        Section("Coupes", (Row("1", "Courte", "30 min"), Row("2", "Longue"))),
        Section("Soins", (Row("3", "X"),)),
    ]
    await whatsapp.send_list(USER_ID, "Quoi ?", "Voir", sections, callback_data="1")
    assert (await shown(served, USER_ID))["content"] == {
        "type": "list",
        "body": {"text": "Quoi ?"},
        "action": {
            "button": "Voir",
            "sections": [
                {
                    "title": "Coupes",
                    "rows": [
                        {"id": "1", "title": "Courte", "description": "30 min"},
                        {"id": "2", "title": "Longue"},
                    ],
                },
                {"title": "Soins", "rows": [{"id": "3", "title": "X"}]},
            ],
        },
    }


async def test_the_only_section_of_a_list_needs_no_title(whatsapp: WhatsApp) -> None:
    assert (await whatsapp.send_list(PERSON, "Quoi ?", "Voir", [Section("", (Row("1", "A"),))], callback_data="1")).id


async def test_a_template_is_filled_by_place(whatsapp: WhatsApp, served: RunningTwin) -> None:
    await whatsapp.send_template(PERSON, "visit_reminder", "fr", callback_data="1", parameters=["Zoé", "mardi"])
    assert (await shown(served))["text"] == "Bonjour Zoé, nous vous attendons le mardi."


async def test_a_file_is_sent_by_its_id_with_caption_and_name(whatsapp: WhatsApp, served: RunningTwin) -> None:
    media_id = await whatsapp.upload_media(b"%PDF-", "application/pdf", "devis.pdf")
    await whatsapp.send_media(
        PERSON, MediaKind.DOCUMENT, media_id=media_id, caption="Devis", filename="devis.pdf", callback_data="1"
    )
    bubble = await shown(served)
    assert bubble["content"] == {"id": media_id, "caption": "Devis", "filename": "devis.pdf"}
    assert bubble["text"] == "Devis"


async def test_a_file_is_sent_by_a_link(whatsapp: WhatsApp, served: RunningTwin) -> None:
    await whatsapp.send_media(PERSON, MediaKind.IMAGE, link="https://salon.example/a.jpg", callback_data="1")
    assert (await shown(served))["content"] == {"link": "https://salon.example/a.jpg"}


async def test_a_voice_note_says_that_it_is_one(whatsapp: WhatsApp, served: RunningTwin) -> None:
    media_id = await whatsapp.upload_media(OPUS, "audio/ogg; codecs=opus", "note.ogg")
    await whatsapp.send_media(PERSON, MediaKind.AUDIO, media_id=media_id, voice=True, callback_data="1")
    assert (await shown(served))["content"] == {"id": media_id, "voice": True}


async def test_a_reaction_is_put_on_a_message_and_taken_away(whatsapp: WhatsApp, served: RunningTwin) -> None:
    await whatsapp.send_reaction(PERSON, "wamid.A", "👍", callback_data="1")
    assert (await shown(served))["content"] == {"message_id": "wamid.A", "emoji": "👍"}
    await whatsapp.send_reaction(PERSON, "wamid.A", "", callback_data="2")
    assert (await shown(served))["content"] == {"message_id": "wamid.A", "emoji": ""}


async def test_a_place_is_sent_with_its_name(whatsapp: WhatsApp, served: RunningTwin) -> None:
    await whatsapp.send_location(PERSON, 48.85, 2.35, name="Salon", address="1 rue X", callback_data="1")
    assert (await shown(served))["content"] == {
        "latitude": 48.85,
        "longitude": 2.35,
        "name": "Salon",
        "address": "1 rue X",
    }


def buttons(*each: Button, body: str = "Quand ?", header: str | None = None, footer: str | None = None) -> Send:
    return lambda client: client.send_buttons(PERSON, body, each, callback_data="1", header=header, footer=footer)


def rows(*sections: Section, body: str = "Quoi ?", label: str = "Voir") -> Send:
    return lambda client: client.send_list(PERSON, body, label, sections, callback_data="1")


def template(name: str = "visit_reminder", language: str = "fr", *parameters: str) -> Send:
    return lambda client: client.send_template(PERSON, name, language, callback_data="1", parameters=parameters)


def media(
    kind: MediaKind = MediaKind.IMAGE,
    media_id: str | None = "1",
    link: str | None = None,
    caption: str | None = None,
    filename: str | None = None,
    voice: bool = False,
) -> Send:
    return lambda client: client.send_media(
        PERSON, kind, media_id=media_id, link=link, caption=caption, filename=filename, voice=voice, callback_data="1"
    )


def place(latitude: float, longitude: float, name: str | None = None) -> Send:
    return lambda client: client.send_location(PERSON, latitude, longitude, name=name, callback_data="1")


def reaction(message_id: str, emoji: str) -> Send:
    return lambda client: client.send_reaction(PERSON, message_id, emoji, callback_data="1")


def keyed(callback_data: str) -> Send:
    return lambda client: client.send_buttons(PERSON, "Quand ?", THREE, callback_data=callback_data)


def many(count: int) -> tuple[Row, ...]:
    return tuple(Row(str(n), f"Rang {n}") for n in range(count))


@pytest.mark.parametrize(
    "send",
    [
        buttons(),
        buttons(*THREE, Button("d", "Vendredi")),
        buttons(Button("a", "x" * 21)),
        buttons(Button("a", " ")),
        buttons(Button("i" * 257, "Oui")),
        buttons(Button("a", "Oui"), Button("a", "Non")),
        buttons(Button("a", "Oui"), Button("b", "Oui")),
        buttons(*THREE, body="x" * 1025),
        buttons(*THREE, body=""),
        buttons(*THREE, header="x" * 61),
        buttons(*THREE, footer="x" * 61),
        rows(),
        rows(Section("A", ())),
        rows(Section("A", many(6)), Section("B", many(5))),
        rows(*(Section(str(n), many(1)) for n in range(11))),
        rows(Section("", many(1)), Section("B", (Row("z", "Z"),))),
        rows(Section("x" * 25, many(1))),
        rows(Section("A", (Row("i" * 201, "A"),))),
        rows(Section("A", (Row("1", "x" * 25),))),
        rows(Section("A", (Row("1", "A", "d" * 73),))),
        rows(Section("A", (Row("1", "A"), Row("1", "B")))),
        rows(Section("A", many(1)), label="x" * 21),
        rows(Section("A", many(1)), body="x" * 4097),
        template("Visit Reminder"),
        template("visit_reminder", "French, please"),
        template("visit_reminder", "fr", "Zoé", ""),
        template("visit_reminder", "fr", "x" * 1025),
        media(media_id=None),
        media(link="https://a.example/a.jpg"),
        media(media_id=None, link="ftp://a.example/a.jpg"),
        media(media_id=None, link="https://a.example/" + "a" * 2048),
        media(caption="x" * 1025),
        media(MediaKind.AUDIO, caption="Ceci"),
        media(MediaKind.STICKER, caption="Ceci"),
        media(MediaKind.IMAGE, filename="a.jpg"),
        media(MediaKind.DOCUMENT, voice=True),
        place(91, 2),
        place(48, 181),
        place(float("nan"), 2),
        place(48, 2, name="x" * 1001),
        reaction("", "👍"),
        reaction("wamid.A", "👍" * 33),
        keyed("k" * 513),
    ],
)
async def test_what_is_beyond_the_limits_never_leaves(whatsapp: WhatsApp, served: RunningTwin, send: Send) -> None:
    with pytest.raises(GraphRejected) as failure:
        await send(whatsapp)
    assert (failure.value.status, failure.value.reason, failure.value.target) == (0, Reason.PAYLOAD, "whatsapp")
    assert served.twin.counts["refused"] == served.twin.ledger.count == 0


@pytest.mark.parametrize(
    "send",
    [
        buttons(Button("i" * 256, "x" * 20), body="x" * 1024, header="x" * 60, footer="x" * 60),
        rows(Section("x" * 24, (Row("i" * 200, "x" * 24, "d" * 72),)), label="x" * 20, body="x" * 4096),
        rows(*(Section(str(n), (Row(str(n), "A"),)) for n in range(10))),
        template("visit_reminder", "fr", "x" * 1024, "y"),
        media(media_id=None, link="https://a.example/a.jpg", caption="x" * 1024),
        place(-90, 180),
    ],
)
async def test_what_is_just_within_the_limits_is_taken(whatsapp: WhatsApp, served: RunningTwin, send: Send) -> None:
    sent = await send(whatsapp)
    assert (await shown(served))["id"] == sent.id
