"""What a message holds besides words: staff see it, on every channel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import orjson
import pytest

from lumi.modules.channels.public import Channel
from tests.waiting import until

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from tests.conftest import StaffHeaders
    from tests.journeys.channels.conftest import Dialogue

pytestmark = pytest.mark.usefixtures("worker")
Seen = dict[str, object]


def on(*channels: Channel) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("dialogue", channels, indirect=True, ids=str)


class Inbox:
    """What staff see of the conversation."""

    def __init__(self, client: AsyncClient, headers: dict[str, str], dialogue: Dialogue) -> None:
        self._client, self._headers, self._dialogue = client, headers, dialogue

    async def messages(self, count: int, author: str = "contact") -> list[Seen]:
        """Wait for so many messages of somebody."""
        await until(
            lambda: self._dialogue.rows("select 1 from message where author = :a offset :n", a=author, n=count - 1)
        )
        ((thread,),) = await self._dialogue.rows("select id from thread")
        answer = await self._client.get(f"/v1/conversations/{thread}/messages", headers=self._headers)
        return [each for each in cast("list[Seen]", answer.json()["items"]) if each["author"] == author]

    async def content(self) -> Seen:
        """What the one message of the person holds, without what is not there."""
        (message,) = await self.messages(1)
        return {name: found for name, found in cast("Seen", message["content"]).items() if found not in (None, [])}


@pytest.fixture
async def inbox(client: AsyncClient, staff: StaffHeaders, dialogue: Dialogue) -> Inbox:
    return Inbox(client, await staff("conversations:read"), dialogue)


async def sends(dialogue: Dialogue, kind: str, content: object, **more: object) -> None:
    """The person sends something that is no text."""
    wishes = {"from": dialogue.provider.person, "type": kind, "content": content, **more}
    await dialogue.provider.ask("POST", "inbound", wishes)


SPOT = {"latitude": 48.85, "longitude": 2.35}


@on(Channel.WHATSAPP, Channel.TELEGRAM)
async def test_a_place_is_shown_where_it_is(dialogue: Dialogue, inbox: Inbox) -> None:
    await sends(dialogue, "location", SPOT)

    assert await inbox.content() == {"place": {**SPOT, "name": None, "address": None}}


@on(Channel.MESSENGER)
async def test_a_place_on_messenger_is_shown_where_it_is(dialogue: Dialogue, inbox: Inbox) -> None:
    await sends(dialogue, "location", {"coordinates": {"lat": 48.85, "long": 2.35}})

    assert await inbox.content() == {"place": {**SPOT, "name": None, "address": None}}


@on(Channel.TELEGRAM)
async def test_a_card_of_telegram_is_shown_with_its_number(dialogue: Dialogue, inbox: Inbox) -> None:
    await sends(dialogue, "contact", {"phone_number": "+33600000001", "first_name": "Zoé"})

    assert await inbox.content() == {"cards": [{"name": "Zoé", "phones": ["+33600000001"], "emails": []}]}


@on(Channel.WHATSAPP)
@pytest.mark.parametrize(
    ("kind", "content", "shown"),
    [
        (
            "contacts", [{"name": {"formatted_name": "Zoé"}, "phones": [{"phone": "+33 6"}]}],
            {"cards": [{"name": "Zoé", "phones": ["+33 6"], "emails": []}]},
        ),
        (
            "order", {"catalog_id": "1", "product_items": [
                {"product_retailer_id": "r7", "quantity": 2, "item_price": 9.5, "currency": "EUR"},
            ]},
            {"order": [{"product": "r7", "quantity": 2, "price": 9.5, "currency": "EUR"}]},
        ),
        (
            "interactive", {"type": "nfm_reply", "nfm_reply": {"name": "f", "body": "Sent", "response_json": "[1]"}},
            {"form": {"name": "f", "answers": "[1]"}},
        ),
        ("button", {"payload": "yes-17", "text": "Oui"}, {"button": "yes-17"}),
    ],
    ids=["contacts", "order", "form", "button"],
)  # fmt: skip
async def test_what_whatsapp_brings_is_shown(
    dialogue: Dialogue, inbox: Inbox, kind: str, content: object, shown: Seen
) -> None:
    await sends(dialogue, kind, content)

    assert await inbox.content() == shown


@on(Channel.WHATSAPP)
async def test_a_reaction_is_shown_with_what_it_is_about_and_so_is_its_end(dialogue: Dialogue, inbox: Inbox) -> None:
    asked = await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    for count, emoji in enumerate(("👍", None), 2):
        await dialogue.provider.ask("POST", "react", {"from": dialogue.provider.person, "id": asked, "emoji": emoji})
        await inbox.messages(count)

    _, given, taken = await inbox.messages(3)
    about = {"to": "Merci beaucoup !"}
    assert cast("Seen", given["content"])["reaction"] == {"emoji": "👍", **about}
    assert cast("Seen", taken["content"])["reaction"] == {"emoji": None, **about}


@on(Channel.INSTAGRAM)
async def test_the_story_that_is_answered_is_shown(dialogue: Dialogue, inbox: Inbox) -> None:
    body: Seen = {
        "sender": {"id": dialogue.provider.person}, "recipient": {"id": dialogue.provider.external_id},
        "message": {"mid": "m1", "text": "Combien ?", "reply_to": {"story": {"id": "s1", "url": "https://cdn.example/s"}}},
    }  # fmt: skip
    parsed = dialogue.house.sender.adapter(Channel.INSTAGRAM).parse(instagram(dialogue, body))
    account = await dialogue.house.sender.account(dialogue.tenant.id, dialogue.account_id)
    await dialogue.house.receiver.take_pulled(account, parsed)

    assert await inbox.content() == {"story": {"id": "s1", "url": "https://cdn.example/s"}}


@on(Channel.INSTAGRAM)
@pytest.mark.parametrize("kind", ["story_mention", "ig_reel", "reel", "ig_story"])
async def test_a_file_of_a_story_or_reel_is_copied_before_it_is_gone(dialogue: Dialogue, kind: str) -> None:
    await sends(dialogue, kind, {"url": "https://cdn.example/story.jpg"})

    await until(lambda: dialogue.rows("select 1 from attachment"))
    kept = "select reference ->> 'url' from attachment"
    assert await dialogue.rows(kept) == [("https://cdn.example/story.jpg",)]


@on(Channel.WHATSAPP)
async def test_a_file_that_staff_sent_in_the_app_is_named(dialogue: Dialogue, inbox: Inbox) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    image = {"id": "7", "mime_type": "image/jpeg"}
    echo = {"to": dialogue.provider.person, "type": "image", "content": image}
    await dialogue.provider.ask("POST", "echo", echo)

    (message,) = await inbox.messages(1, "staff")
    assert cast("Seen", message["content"])["files"] == ["image"]


def instagram(dialogue: Dialogue, item: Seen) -> bytes:
    """The body of this item."""
    return orjson.dumps({"object": "instagram", "entry": [{"id": dialogue.provider.external_id, "messaging": [item]}]})
