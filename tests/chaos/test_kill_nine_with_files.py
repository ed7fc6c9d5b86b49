"""kill -9 while a file is fetched, kept or heard: it is there once and answered once."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from lumi.core.i18n import tr
from lumi.core.setting_groups.speech import SttEngine
from lumi.integrations.speech.fake.server import running
from lumi.integrations.speech.fake.twin import Spoken
from tests.chaos.dying import until_dead
from tests.integrations.speech.sounds import needs_ffmpeg
from tests.journeys.channels.hearing import recording
from tests.journeys.conftest import Line
from tests.serving import working

if TYPE_CHECKING:
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.chaos


async def die_at(line: Line, database_url: str, step: str, when: str, body: bytes, **env: str) -> None:
    """Let a worker take up what this body brings, and die there."""
    async with until_dead("worker", database_url, step, when, **env):
        await line.post(body)


def a_message(line: Line, kind: str, mime: str, content: bytes, **more: object) -> bytes:
    """A file the person sends."""
    kept = line.twin.twin.files.keep(line.number, mime, content)
    described: Mapping[str, object] = {"id": kept.id, "mime_type": mime, **more}
    return line.body(line.message(None, type=kind, **{kind: described}))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["fetch", "keep"])
async def test_a_worker_killed_with_a_file_in_its_hands_is_replaced(
    line: Line, database_url: str, step: str, when: str
) -> None:
    body = a_message(line, "document", "text/plain", b"Menu\n", filename="menu.txt", caption="Merci !")
    await die_at(line, database_url, step, when, body)

    async with working(line.house):
        (reply,) = await line.hears(1)

    assert reply.text == tr("assistant-thanks", "fr")
    assert await line.rows("select state from attachment") == [("ready",)]
    assert await line.rows("select count(*) from stored_file") == [(1,)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_worker_killed_between_the_upload_of_a_file_and_its_message_is_replaced_and_it_leaves_once(
    line: Line, staff: StaffHeaders, database_url: str, when: str
) -> None:
    await line.write("Bonjour")
    async with working(line.house):
        await line.hears(1)
    path, headers = f"/v1/conversations/{await line.thread()}", await staff("conversations:write")
    sent = {"file": ("menu.txt", b"Menu\n", "text/plain")}
    attached = (await line.client.post(f"{path}/attachments", files=sent, headers=headers)).json()
    folder = str(line.house.settings.uploads_folder)
    async with until_dead("worker", database_url, "bring", when, UPLOADS_ROOT=folder):
        body = {"text": "Voici.", "attachment_id": attached["id"]}
        assert (await line.client.post(f"{path}/replies", json=body, headers=headers)).status_code == 201
    assert await line.rows("select state from delivery order by n offset 1") == [("committed",)]
    assert len(line.heard()) == 1

    async with working(line.house):
        _, last = await line.hears(2)

    assert (last.type, last.text) == ("document", "Voici.")
    assert await line.rows("select state, attempt from delivery order by n offset 1") == [("sent", 1)]


@needs_ffmpeg
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_worker_killed_while_it_hears_is_replaced(line: Line, database_url: str, when: str) -> None:
    note = recording()
    async with running() as ears:
        ears.twin.tell(hashlib.sha256(note).hexdigest(), Spoken("Merci !", "fr"))
        token = ears.twin.settings.token
        env = {"STT_ENGINE": "openai", "STT_BASE_URL": ears.url, "STT_API_KEY": token}
        env["UPLOADS_ROOT"] = str(line.house.settings.uploads_folder)
        body = a_message(line, "audio", "audio/ogg; codecs=opus", note, voice=True)
        await die_at(line, database_url, "hear", when, body, **env)
        told = {"stt_engine": SttEngine.OPENAI, "stt_base_url": ears.url, "stt_api_key": token}
        line.house = dataclasses.replace(line.house, settings=line.house.settings.model_copy(update=told))

        async with working(line.house):
            (reply,) = await line.hears(1)

    assert reply.text == tr("assistant-thanks", "fr")
    assert await line.rows("select state, transcript from attachment") == [("ready", "Merci !")]
    assert await line.rows("select count(*) from event where kind = 'heard'") == [(1,)]
