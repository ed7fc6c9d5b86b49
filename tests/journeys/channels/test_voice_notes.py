"""A voice note from end to end: fetched, kept, heard, answered."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

from lumi.core.i18n import tr
from lumi.integrations.speech.espeak import EspeakVoice
from lumi.modules.channels.public import Channel
from lumi.modules.channels.services import voice
from tests import factories
from tests.integrations.speech.sounds import needs_espeak, needs_ffmpeg
from tests.journeys.channels.hearing import (
    Chatty,
    Ears,
    Hoarse,
    again,
    ears_of,
    recording,
    say,
    sent_to,
    speaking,
    undecided,
)
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.journeys.channels.conftest import Dialogue

pytestmark = [pytest.mark.usefixtures("worker"), needs_ffmpeg]
with_voice = pytest.mark.parametrize("dialogue", [Channel.WHATSAPP, Channel.TELEGRAM], ids=str, indirect=True)


@pytest.fixture
async def ears(app: FastAPI) -> AsyncGenerator[Ears]:
    """Somebody hears."""
    async with ears_of(app.state.house) as found:
        yield found


@with_voice
async def test_what_somebody_says_is_answered_and_staff_read_it(dialogue: Dialogue, ears: Ears) -> None:
    note = recording()
    ears.know(note, "Vielen Dank!", "de")

    await say(dialogue, note)

    assert await dialogue.hears(1) == [tr("assistant-thanks", "de")]
    ((kind, words, lang),) = await dialogue.rows("select kind, text, lang from message where author = 'contact'")
    assert (kind, words, lang) == ("media", "Vielen Dank!", "de")
    ((state, transcript, mime),) = await dialogue.rows(
        "select a.state, a.transcript, f.mime from attachment a join stored_file f on f.id = a.file_id"
    )
    assert (state, transcript, mime) == ("ready", "Vielen Dank!", "audio/ogg")


@with_voice
async def test_in_production_where_nobody_said_who_looks_it_is_heard_and_handed_to_nobody(
    dialogue: Dialogue, ears: Ears, app: FastAPI
) -> None:
    note = recording()
    ears.know(note, "Vielen Dank!", "de")
    with undecided(app, ears):
        await say(dialogue, note)

        assert await dialogue.hears(1) == [tr("assistant-thanks", "de")]
    assert await dialogue.rows("select state from stored_file") == [("unscanned",)]


@with_voice
async def test_text_that_comes_while_a_note_is_heard_is_answered_with_it_and_in_order(
    dialogue: Dialogue, ears: Ears
) -> None:
    note = recording()
    ears.know(note, "I would like to speak to a human", "en")
    ears.slow(1500)

    await say(dialogue, note)
    await dialogue.provider.write("Thanks!")

    assert await dialogue.hears(1) == [tr("assistant-human-requested", "en")]
    said = await dialogue.rows("select text from message where author = 'contact' order by n")
    assert said == [("I would like to speak to a human",), ("Thanks!",)]


@with_voice
async def test_where_nobody_hears_the_guest_is_told_once_and_a_person_is_wanted(dialogue: Dialogue) -> None:
    await say(dialogue, recording())
    told = await dialogue.hears(1)
    await say(dialogue, recording(1.5))
    await until(lambda: dialogue.rows("select 1 from attachment where state = 'ready' offset 1"))

    assert told == [tr("assistant-unheard", "fr", why="nobody_hears")]
    assert await dialogue.hears(1) == told
    assert await dialogue.rows("select wants_human_at is not null from thread") == [(True,)]
    kept = await dialogue.rows("select state, error, file_id is not null from attachment order by event_n")
    assert kept == [("ready", "nobody_hears", True)] * 2


@with_voice
@needs_espeak
async def test_whoever_speaks_is_answered_aloud_where_there_is_a_voice(dialogue: Dialogue, ears: Ears) -> None:
    note = recording()
    ears.know(note, "Merci beaucoup", "fr")

    with speaking(dialogue, EspeakVoice()):
        await say(dialogue, note)
        await dialogue.hears(1)

    (sent,) = await sent_to(dialogue)
    assert sent["type"] == ("audio" if dialogue.provider.channel is Channel.WHATSAPP else "voice")
    ((kept, state),) = await dialogue.rows(
        "select m.text, d.state from message m join delivery d on d.message_n = m.n where m.author = 'assistant'"
    )
    assert kept == tr("assistant-thanks", "fr")
    assert state in ("sent", "delivered", "read")


@with_voice
async def test_a_voice_that_fails_leaves_the_text(dialogue: Dialogue, ears: Ears) -> None:
    note = recording()
    ears.know(note, "Merci beaucoup", "fr")

    with speaking(dialogue, Hoarse()):
        await say(dialogue, note)

        assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]


@with_voice
async def test_an_owner_who_wants_text_gets_text(dialogue: Dialogue, ears: Ears) -> None:
    note = recording()
    ears.know(note, "Merci beaucoup", "fr")
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        await voice.choose(ctx, dialogue.account_id, aloud=False)

    with speaking(dialogue, Chatty()):
        await say(dialogue, note)

        assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]


@with_voice
async def test_who_writes_is_answered_in_writing(dialogue: Dialogue) -> None:
    with speaking(dialogue, Chatty()):
        await dialogue.provider.write("Merci beaucoup")

        assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]


@with_voice
async def test_a_server_that_cannot_hear_now_is_asked_again(dialogue: Dialogue, ears: Ears) -> None:
    note = recording()
    ears.know(note, "Merci beaucoup", "fr")
    ears.fail(1.0)

    await say(dialogue, note)
    postponed = "select 1 from job where kind = 'attachments.HearAttachment' and args ->> 'attempt' = '1'"
    await until(lambda: dialogue.rows(postponed))
    ears.fail(0.0)

    assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]


@with_voice
async def test_a_note_in_which_nobody_speaks_is_for_a_person(dialogue: Dialogue, ears: Ears) -> None:
    await say(dialogue, recording())  # the twin was told nothing about it

    assert await dialogue.hears(1) == [tr("assistant-unheard", "fr", why="silence")]
    assert await dialogue.rows("select state, error from attachment") == [("ready", "silence")]
    assert ears.heard == 1


@with_voice
async def test_jobs_that_run_twice_keep_and_answer_once(dialogue: Dialogue, ears: Ears) -> None:
    note = recording()
    ears.know(note, "Merci beaucoup", "fr")
    await say(dialogue, note)
    assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]

    ((attachment,),) = await dialogue.rows("select id from attachment")
    await again(dialogue, attachment)

    assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]
    assert await dialogue.rows("select count(*) from stored_file") == [(1,)]
    assert await dialogue.rows("select count(*) from event where kind = 'heard'") == [(1,)]
    assert ears.heard == 1
