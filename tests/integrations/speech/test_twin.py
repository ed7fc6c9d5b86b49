"""The twin as its user knows it: told what is said, made to misbehave, and a record of everything."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from lumi.core.http import Http, Unavailable
from lumi.integrations.speech.fake.faults import Faults
from lumi.integrations.speech.fake.server import RunningTwin
from lumi.integrations.speech.fake.tones import length_seconds
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.transcriber import Transcript
from tests.integrations.speech.sounds import encoded, needs_ffmpeg, tone

Seen = dict[str, object]


class Control:
    """What a test or a demo does with the twin, over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def post(self, path: str, wishes: Seen, expect: int = 200) -> Seen:
        async with self.session.post(f"/_twin/{path}", json=wishes) as answer:
            assert answer.status == expect
            return await answer.json()

    async def get(self, path: str, **query: int) -> Seen:
        async with self.session.get(f"/_twin/{path}", params=query) as answer:
            assert answer.status == 200
            return await answer.json()


@pytest.fixture
async def control(served: RunningTwin) -> AsyncIterator[Control]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Control(session)


def hearing(http: Http, served: RunningTwin) -> OpenAiTranscriber:
    return OpenAiTranscriber(http, served.url, served.twin.settings.token, "whisper-1")


@needs_ffmpeg
async def test_it_knows_what_it_was_told_by_hash_or_by_the_recording_itself(
    http: Http, served: RunningTwin, control: Control
) -> None:
    first, second = encoded(tone(0.5), "ogg"), encoded(tone(0.6), "ogg")
    sha256 = hashlib.sha256(first).hexdigest()
    assert await control.post("transcripts", {"sha256": sha256.upper(), "text": "Un"}) == {"sha256": sha256}
    await control.post("transcripts", {"audio": base64.b64encode(second).decode(), "text": "Deux", "language": "fr"})
    heard = [await hearing(http, served).transcribe(each) for each in (first, second)]
    assert [each.text for each in heard if isinstance(each, Transcript)] == ["Un", "Deux"]


@pytest.mark.parametrize(
    "wishes", [{}, {"text": "x"}, {"sha256": "ab", "text": "x"}, {"audio": "é", "text": "x"}, {"sha256": "a" * 64}]
)
async def test_what_it_is_told_has_to_make_sense(control: Control, wishes: Seen) -> None:
    await control.post("transcripts", wishes, expect=400)


@needs_ffmpeg
async def test_everything_is_on_record_in_order_before_it_is_answered(
    http: Http, served: RunningTwin, control: Control, tmp_path: Path
) -> None:
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    for seconds in (0.5, 0.6):
        with pytest.raises(Unavailable):
            await hearing(http, served).transcribe(tone(seconds), lang="de")
    lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert [(each["n"], each["type"], each["seconds"], each["filename"]) for each in lines] == [
        (1, "transcription", 0.5, "voice.wav"),
        (2, "transcription", 0.6, "voice.wav"),
    ]
    assert (await control.get("log", after=1, limit=1))["messages"] == [lines[1]]
    assert (await control.get("counts"))["accepted"] == 2


@needs_ffmpeg
async def test_faults_are_rates_and_come_in_the_order_of_the_seed(
    http: Http, served: RunningTwin, control: Control
) -> None:
    async def outcomes() -> list[bool]:
        await control.post("faults", {"reset": True, "seed": 7, "fail_rate": 0.5})
        found: list[bool] = []
        for _ in range(8):
            async with control.session.get("/locales") as answer:
                found.append(answer.status == 200)
        return found

    first = await outcomes()
    assert first == await outcomes()
    assert 0 < sum(first) < 8


@pytest.mark.parametrize("wishes", [{"fail_rat": 1}, {"hallucinate_rate": 2}, {"garbled_rate": "often"}])
async def test_a_fault_that_is_none_is_refused(control: Control, wishes: Seen) -> None:
    await control.post("faults", wishes, expect=400)
    assert (await control.get("faults"))["garbled_rate"] == 0.0


async def test_a_late_answer_is_still_an_answer(http: Http, served: RunningTwin, control: Control) -> None:
    await control.post("faults", {"delay_ms": 30})
    assert await hearing(http, served).probe()


async def test_coquis_server_refuses_an_empty_text_in_its_words(control: Control) -> None:
    for text in ("", "  "):
        async with control.session.get("/api/tts", params={"text": text}) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": "Text parameter is required"})


async def test_coquis_server_takes_a_query_as_well_as_a_form(control: Control) -> None:
    wishes = {"text": "Hello", "speaker_id": "Ana", "language_id": "en"}
    async with (
        control.session.get("/api/tts", params=wishes) as queried,
        control.session.post("/api/tts", data=wishes) as posted,
    ):
        assert (await queried.read())[:4] == (await posted.read())[:4] == b"RIFF"
    taken = cast("list[Seen]", (await control.get("log"))["messages"])
    assert [(each["to"], each["language"]) for each in taken] == [("Ana", "en")] * 2


def test_speech_is_as_long_as_somebody_would_take() -> None:
    assert length_seconds("x" * 150) == 10.0
    assert length_seconds("x" * 150, speed=2.0) == 5.0
    assert (length_seconds(""), length_seconds("x" * 99_999)) == (0.5, 300.0)


def test_it_runs_as_a_process_on_this_machine_only_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "lumi.integrations.speech.fake", "--port", "0"]
    for keys in ({"STT_API_KEY": "sk-given"}, {}):
        env = {name: value for name, value in os.environ.items() if name != "STT_API_KEY"} | keys
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert said["url"].startswith("http://127.0.0.1:")
        assert "whisper-1" in said["models"]
        assert ("token" in said) is not bool(keys)
