"""What holds on every channel, seen at its provider."""

from __future__ import annotations

from typing import cast

import aiohttp
import pytest

from lumi.core import i18n
from lumi.modules.channels.public import Channel
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantChanges, TenantSettings
from tests import factories
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("worker")
THANKS = i18n.tr("assistant-thanks", "fr")


async def test_a_question_is_answered_where_it_was_asked(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select author, text from message order by n") == [
        ("contact", "Merci beaucoup !"), ("assistant", THANKS),
    ]  # fmt: skip


async def test_choices_are_offered_and_a_number_in_any_script_means_one_of_them(dialogue: Dialogue) -> None:
    can = dialogue.house.sender.capabilities(dialogue.provider.channel)
    if not can.reaches_out:
        pytest.skip("whoever looks is shown by the page what may be asked")
    offered = ["Vos prix ?", "Vos horaires ?"]
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        settings = TenantSettings(suggestions={"fr": tuple(offered)})
        await tenants.change(ctx, version=None, changes=TenantChanges(settings=settings))
    await dialogue.provider.write("Bonjour !")
    await dialogue.hears(1)

    drawn = offered if can.buttons else None  # else they are lines of the text, with their numbers
    assert await dialogue.rows("select body -> 'choices', state <> 'failed' from delivery") == [(drawn, True)]
    await dialogue.provider.write("٢")
    await dialogue.hears(2)
    assert await dialogue.rows("select input -> 'said' -> 0 ->> 'text' from turn order by seq desc limit 1") == [
        ("Vos horaires ?",)
    ]


async def test_what_is_posted_twice_is_answered_once(dialogue: Dialogue) -> None:
    await dialogue.provider.faults(duplicate_webhooks=1)
    await dialogue.provider.write("Merci beaucoup !")

    assert await dialogue.hears(1) == [THANKS]


async def test_a_provider_that_fails_is_tried_again_and_hears_it_once(dialogue: Dialogue) -> None:
    if dialogue.is_ours:
        pytest.skip("what leaves is taken by nobody but us")
    await dialogue.provider.faults(fail_rate=1, status=dialogue.provider.busy)
    await dialogue.provider.write("Merci beaucoup !")
    await until(lambda: dialogue.rows("select 1 from delivery where attempt > 0 and state = 'committed'"))
    await dialogue.provider.faults()
    await dialogue.rows("update delivery set next_try_at = now() returning 1")
    await dialogue.rows("update lane set ready_at = now() where owner is null returning 1")

    assert await dialogue.hears(1) == [THANKS]


async def test_when_nobody_knows_whether_it_left_it_is_never_sent_again_blindly(dialogue: Dialogue) -> None:
    can = dialogue.house.sender.capabilities(dialogue.provider.channel)
    if can.repeatable:
        pytest.skip("it shows once what is sent twice: the next test")
    await dialogue.provider.faults(disconnect_after_accept_rate=1)
    await dialogue.provider.write("Merci beaucoup !")
    assert await dialogue.hears(1) == [THANKS]
    await dialogue.provider.faults()
    if can.lookup is None:
        await dialogue.rows("update delivery set sending_at = sending_at - interval '15 s' returning 1")
        await dialogue.rows("update lane set ready_at = now() where owner is null returning 1")

    known = "unknown" if can.lookup is None else "sent"
    await until(
        lambda: dialogue.rows("select 1 from delivery where app.delivery_rank(state) >= app.delivery_rank(:s)", s=known)
    )

    assert await dialogue.provider.heard() == [THANKS]
    if can.lookup is None:
        told = await dialogue.rows("select state, provider_id is not null from delivery")
        shown = dialogue.provider.channel is Channel.MAILBOX and told == [("sent", True)]  # its copy was read meanwhile
        assert shown or await dialogue.states() == ["unknown"]
    await dialogue.provider.write("Vielen Dank!")
    assert await dialogue.hears(2) == [THANKS, i18n.tr("assistant-thanks", "de")]


async def test_what_may_be_repeated_is_sent_again_when_nobody_knows_and_is_there_once(dialogue: Dialogue) -> None:
    if not dialogue.house.sender.capabilities(dialogue.provider.channel).repeatable:
        pytest.skip("it would be there twice: the test before")
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)

    # as a worker leaves it that died while it was sending
    died = "state = 'sending', settled_at = null, sending_at = now() - interval '15 s'"
    await dialogue.rows(f"update delivery set {died} returning 1")
    await dialogue.rows("update lane set ready_at = now() where owner is null returning 1")
    await until(lambda: dialogue.rows("select 1 from delivery where state = 'sent'"))

    assert await dialogue.provider.heard() == [THANKS]


async def test_a_post_that_nobody_signed_is_refused_and_leaves_nothing(dialogue: Dialogue) -> None:
    async with aiohttp.ClientSession() as stranger, stranger.post(dialogue.webhook, json={"update_id": 1}) as answer:
        assert answer.status == (404 if dialogue.is_ours else 401)

    assert await dialogue.rows("select 1 from event") == []


async def test_whatever_is_authentic_is_acknowledged(dialogue: Dialogue) -> None:
    if not dialogue.is_posted_to:
        pytest.skip("nobody posts for it")
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)

    webhooks = cast("dict[str, int]", (await dialogue.provider.ask("GET", "counts"))["webhooks"])
    assert (webhooks["taken"] >= 1, webhooks.get("repeated", 0), webhooks.get("given_up", 0)) == (True, 0, 0)


@pytest.mark.parametrize("dialogue", [Channel.WHATSAPP, Channel.INSTAGRAM, Channel.MESSENGER], indirect=True, ids=str)
async def test_who_answers_in_the_providers_own_app_is_heard_and_the_bot_is_silent(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)

    await dialogue.provider.ask("POST", "echo", {"to": dialogue.provider.person, "text": "Pablo here."})
    await until(lambda: dialogue.rows("select 1 from message where author = 'staff'"))
    await dialogue.provider.write("Merci !")
    await until(lambda: dialogue.rows("select 1 from event where settled_by = 'human'"))

    assert await dialogue.rows("select text from message where author = 'staff'") == [("Pablo here.",)]
    assert (await dialogue.hears(1)).count(THANKS) == 1


@pytest.mark.parametrize("dialogue", [Channel.TELEGRAM], indirect=True, ids=str)
async def test_a_pressed_button_stops_to_wait_and_says_its_words(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)

    wish = {"from": dialogue.provider.person, "data": "Merci !"}
    await dialogue.provider.ask("POST", "press", wish)

    assert await dialogue.hears(2) == [THANKS, THANKS]

    async def was_answered() -> bool:
        chat = await dialogue.provider.ask("GET", f"messages?peer={dialogue.provider.person}")
        presses = cast("dict[str, dict[str, object]]", chat["presses"])
        return len(presses) == 1 and all(each["is_answered"] for each in presses.values())

    await until(was_answered)


@pytest.mark.parametrize("dialogue", [Channel.TELEGRAM], indirect=True, ids=str)
async def test_an_edited_message_reads_as_it_does_now_and_is_not_answered_again(dialogue: Dialogue) -> None:
    written = await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)

    edit = {"from": dialogue.provider.person, "id": int(written.rpartition(":")[2]), "text": "Merci !"}
    await dialogue.provider.ask("POST", "edit", edit)
    await until(lambda: dialogue.rows("select 1 from message where edited_at is not null"))

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select text from message where author = 'contact'") == [("Merci !",)]
