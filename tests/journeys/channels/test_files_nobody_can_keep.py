"""Attachments while a storage is away, a disk is full or something breaks: fetched later, and nobody waits for ever."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from pydantic import SecretStr

from lumi.core.i18n import tr
from lumi.core.jobs import MAX_ATTEMPTS
from lumi.integrations.clamd.fake import server as clamd
from lumi.integrations.clamd.fake.twin import EICAR
from lumi.integrations.speech.transcriber import Silence, Transcript
from lumi.modules.attachments.rules import MOST_FETCHES, pause_seconds
from lumi.modules.attachments.services import fetching
from lumi.modules.channels.public import Channel, Sender
from tests.integrations.speech.sounds import needs_ffmpeg
from tests.journeys.channels.hearing import at, desk_of, kept_by, recording, say, scanner_at, send
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.core.context import Context
    from lumi.modules.files.public import FileScanned
    from tests.journeys.channels.conftest import Dialogue

pytestmark = pytest.mark.usefixtures("worker")
on_one = pytest.mark.parametrize("dialogue", [Channel.WHATSAPP], ids=str, indirect=True)
STATES = "select state, error, file_id is not null from attachment"
AT_REST = "kind = 'attachments.FetchAttachment' and ready_at > now() and owner is null"
WAITING = f"select 1 from job where {AT_REST}"
LAST_OF_ALL = (
    f"update job set args = jsonb_set(args, '{{attempt}}', '{MOST_FETCHES - 1}'), ready_at = now() where {AT_REST}"
    " returning id"
)
NOBODY = {
    "s3_endpoint": "http://127.0.0.1:1", "s3_bucket": "guests", "s3_access_key": SecretStr("key"),
    "s3_secret_key": SecretStr("secret"),
}  # fmt: skip


class Bursting:
    """Whoever fetches or hears here breaks in a way nobody thought of."""

    def missing(self) -> str | None:
        return None

    def kept(self, *_args: object) -> None:
        """Nothing is here already."""

    async def fetch_media(self, *_args: object, **_named: object) -> bytes:
        raise ZeroDivisionError

    async def transcribe(self, audio: bytes) -> Transcript | Silence:
        raise ZeroDivisionError


@pytest.fixture(params=["bucket", "disk"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, object]:
    """Settings of a storage that keeps nothing now."""
    if request.param == "bucket":
        return dict(NOBODY)
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    return {"uploads_root": tmp_path / "taken"}


@on_one
async def test_what_cannot_be_kept_now_is_fetched_again_and_kept_when_the_storage_is_back(
    dialogue: Dialogue, away: dict[str, object]
) -> None:
    with kept_by(dialogue.house, **away):
        await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
        await until(lambda: dialogue.rows(WAITING))
        assert await dialogue.rows(STATES) == [("waiting", None, False)]

    assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]
    await until(lambda: dialogue.rows(f"{STATES} where state = 'ready'"))
    assert await dialogue.rows("select 1 from dead_letter") == []


@on_one
async def test_what_could_not_be_kept_for_an_hour_has_failed(dialogue: Dialogue, away: dict[str, object]) -> None:
    with kept_by(dialogue.house, **away):
        await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
        await until(lambda: dialogue.rows(LAST_OF_ALL))
        await dialogue.rows("select pg_notify('lumi_wake', 'jobs')")

        await until(lambda: dialogue.rows(f"{STATES} where state <> 'waiting'"))

    assert await dialogue.rows(STATES) == [("failed", "unreachable", False)]
    assert await dialogue.rows("select 1 from dead_letter") == []


def test_a_provider_or_a_storage_is_asked_again_for_an_hour() -> None:
    assert 3_400 < sum(pause_seconds(attempt, None) for attempt in range(MOST_FETCHES - 1)) < 3_700


async def last_attempt(dialogue: Dialogue, kind: str) -> None:
    """Let the job that failed die of its next attempt."""
    dying = f"update job set crashes = {MAX_ATTEMPTS - 1}, ready_at = now() where kind = '{kind}' and error is not null"
    await until(lambda: dialogue.rows(f"{dying} returning id"))
    await dialogue.rows("select pg_notify('lumi_wake', 'jobs')")


@on_one
async def test_when_fetching_breaks_for_good_the_file_has_failed_and_staff_see_a_dead_letter(
    dialogue: Dialogue,
) -> None:
    desk = dataclasses.replace(desk_of(dialogue.house), sender=cast("Sender", Bursting()))
    with at(dialogue.house, desk):
        await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
        await last_attempt(dialogue, "attachments.FetchAttachment")

        await until(lambda: dialogue.rows(f"{STATES} where state <> 'waiting'"))

    assert await dialogue.rows(STATES) == [("failed", "unreachable", False)]
    assert await dialogue.rows("select reason from dead_letter") == [("ZeroDivisionError: ",)]


@on_one
@needs_ffmpeg
async def test_when_hearing_breaks_for_good_the_recording_stays_and_says_that_nobody_heard_it(
    dialogue: Dialogue,
) -> None:
    with at(dialogue.house, dataclasses.replace(desk_of(dialogue.house), transcriber=Bursting())):
        await say(dialogue, recording())
        await last_attempt(dialogue, "attachments.HearAttachment")

        await until(lambda: dialogue.rows(f"{STATES} where state <> 'waiting'"))

    assert await dialogue.rows(STATES) == [("ready", "unheard", True)]


async def burst(_ctx: Context, _event: FileScanned) -> None:
    raise ZeroDivisionError


@on_one
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("document", ("ready", None, True)),
        ("audio", ("ready", "unheard", True)),
        ("malware", ("refused", "malware", True)),
    ],
)
async def test_when_going_on_from_a_look_breaks_for_good_what_was_found_is_all_there_is(
    dialogue: Dialogue, kind: str, outcome: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "scanned", burst)
    async with clamd.running() as scanner, scanner_at(dialogue.house, scanner.address):
        if kind == "audio":
            await say(dialogue, recording())
        else:
            content = EICAR if kind == "malware" else b"Menu\n"
            await send(dialogue, "document", content, "text/plain", name="menu.txt", caption="Merci beaucoup")
        await last_attempt(dialogue, "files.FileScanned>lumi.modules.attachments.tasks.file_scanned")

        await until(lambda: dialogue.rows(f"{STATES} where state <> 'waiting'"))

    assert await dialogue.rows(STATES) == [outcome]
    assert await dialogue.rows("select reason from dead_letter") == [("ZeroDivisionError: ",)]
