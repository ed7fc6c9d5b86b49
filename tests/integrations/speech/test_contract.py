"""What any server with the shape of OpenAI's audio API has to do; the twin does.

Another server is tried by SPEECH_CONTRACT_BASE, _KEY, _STT_MODEL, _TTS_MODEL and _VOICE: it hears and speaks for real.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import cast

import aiohttp
import pytest

from lumi.core.http import Http
from lumi.integrations.speech.errors import Reason, SpeechRejected
from lumi.integrations.speech.fake.server import RunningTwin
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.openai_voice import OpenAiVoice
from lumi.integrations.speech.transcoding import duration_seconds
from lumi.integrations.speech.transcriber import Silence
from tests.integrations.speech.sounds import encoded, needs_ffmpeg, tone

pytestmark = needs_ffmpeg

OWN_BASE = os.environ.get("SPEECH_CONTRACT_BASE")
TEXT = "Hello, this is a test."
NOTE = encoded(tone(1.0, loudness=0), "ogg")
Fields = dict[str, str]
Answer = tuple[int, dict[str, object]]


@dataclass(frozen=True)
class Server:
    """Where the server is, what it knows us by, and what it hears and speaks with."""

    base: str
    key: str
    stt_model: str
    tts_model: str
    voice: str

    def hearing(self, http: Http, *, key: str = "", model: str = "") -> OpenAiTranscriber:
        return OpenAiTranscriber(http, self.base, key or self.key, model or self.stt_model)

    async def transcribe(self, fields: Fields, file: tuple[str, bytes] | None) -> Answer:
        form = aiohttp.FormData(fields)
        if file is not None:
            form.add_field("file", io.BytesIO(file[1]), filename=file[0])
        return await self._post("audio/transcriptions", form)

    async def speak(self, wishes: dict[str, object]) -> Answer:
        return await self._post("audio/speech", wishes)

    async def _post(self, path: str, body: aiohttp.FormData | dict[str, object]) -> Answer:
        headers = {"Authorization": f"Bearer {self.key}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            wishes = {"json": body} if isinstance(body, dict) else {"data": body}
            async with session.post(f"{self.base}/v1/{path}", **wishes) as answer:  # pyright: ignore[reportArgumentType] - either
                is_json = answer.content_type == "application/json"
                return answer.status, cast("dict[str, object]", await answer.json()) if is_json else {}


@pytest.fixture(params=["twin", "own"] if OWN_BASE else ["twin"])
def server(request: pytest.FixtureRequest, served: RunningTwin) -> Server:
    if request.param == "own":
        told = (os.environ[f"SPEECH_CONTRACT_{name}"] for name in ("KEY", "STT_MODEL", "TTS_MODEL", "VOICE"))
        return Server(OWN_BASE or "", *told)
    return Server(served.url, served.twin.settings.token, "whisper-1", "gpt-4o-mini-tts", "alloy")


def error_of(answer: Answer) -> dict[str, object]:
    error = answer[1]["error"]
    assert isinstance(error, dict)
    return cast("dict[str, object]", error)


async def test_silence_is_heard_as_silence(http: Http, server: Server) -> None:
    assert isinstance(await server.hearing(http).transcribe(NOTE), Silence)


async def test_plain_answers_hold_the_text_alone(server: Server) -> None:
    status, answer = await server.transcribe({"model": server.stt_model}, ("voice.ogg", NOTE))
    assert status == 200
    assert isinstance(answer["text"], str)


async def test_verbose_answers_tell_language_length_and_stretches(server: Server) -> None:
    fields = {"model": server.stt_model, "response_format": "verbose_json"}
    status, answer = await server.transcribe(fields, ("voice.ogg", NOTE))
    assert status == 200
    assert isinstance(answer["segments"], list)
    assert isinstance(answer["language"], str)
    assert answer["duration"] == pytest.approx(1.0, abs=0.2)


async def test_text_becomes_a_voice_note(http: Http, server: Server) -> None:
    voice = OpenAiVoice(http, server.base, server.key, server.tts_model, {"*": server.voice})
    assert 0.5 < await duration_seconds(await voice.say(TEXT, "en")) < 10


@pytest.mark.parametrize("form", ["wav", "flac", "mp3", "aac", "opus"])
async def test_speech_comes_in_the_form_that_was_asked_for(server: Server, form: str) -> None:
    wishes = {"model": server.tts_model, "voice": server.voice, "input": TEXT, "response_format": form}
    headers = {"Authorization": f"Bearer {server.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base}/v1/audio/speech", json=wishes) as answer,
    ):
        assert answer.status == 200
        assert 0.5 < await duration_seconds(await answer.read()) < 10


async def test_a_wrong_key_is_refused_as_such(http: Http, server: Server) -> None:
    with pytest.raises(SpeechRejected) as refusal:
        await server.hearing(http, key="sk-not-the-key").transcribe(NOTE)
    assert (refusal.value.status, refusal.value.reason) == (401, Reason.AUTH)


async def test_an_unknown_model_is_refused_as_such(http: Http, server: Server) -> None:
    with pytest.raises(SpeechRejected) as refusal:
        await server.hearing(http, model="whisper-of-nobody").transcribe(NOTE)
    assert (refusal.value.status, refusal.value.reason) == (404, Reason.MODEL)


@pytest.mark.parametrize(
    ("fields", "file"),
    [
        ({}, ("voice.ogg", NOTE)),
        ({"model": "whisper-1"}, None),
        ({"model": "whisper-1"}, ("voice", NOTE)),
        ({"model": "whisper-1"}, ("voice.exe", NOTE)),
        ({"model": "whisper-1"}, ("voice.ogg", b"hello")),
        ({"model": "whisper-1"}, ("voice.ogg", encoded(tone(0.05), "ogg"))),
        ({"model": "whisper-1", "response_format": "poem"}, ("voice.ogg", NOTE)),
    ],
)
async def test_a_recording_that_is_not_right_is_refused_with_an_error(
    server: Server, fields: Fields, file: tuple[str, bytes] | None
) -> None:
    given = {key: server.stt_model if key == "model" else value for key, value in fields.items()}
    answer = await server.transcribe(given, file)
    assert answer[0] == 400
    assert error_of(answer)["message"]


async def test_a_recording_above_25_mb_is_refused_for_its_size(server: Server) -> None:
    answer = await server.transcribe({"model": server.stt_model}, ("voice.wav", bytes(26_214_401)))
    assert answer[0] == 413


@pytest.mark.parametrize(
    "wrong",
    [{"input": ""}, {"input": "x" * 4097}, {"voice": "nobody"}, {"response_format": "vinyl"}, {"speed": 9}],
)
async def test_a_text_that_is_not_right_is_refused_with_an_error(server: Server, wrong: dict[str, object]) -> None:
    answer = await server.speak({"model": server.tts_model, "voice": server.voice, "input": TEXT, **wrong})
    assert answer[0] == 400
    assert error_of(answer)["type"] == "invalid_request_error"


async def test_a_model_that_tells_only_the_text_names_the_field_it_refuses(served: RunningTwin) -> None:
    server = Server(served.url, served.twin.settings.token, "gpt-4o-transcribe", "", "")
    fields = {"model": "gpt-4o-transcribe", "response_format": "verbose_json"}
    answer = await server.transcribe(fields, ("voice.ogg", NOTE))
    assert answer[0] == 400
    assert error_of(answer)["param"] == "response_format"
