"""Speech to text by a server of OpenAI's shape, against the twin with and without its faults."""

from __future__ import annotations

import hashlib

import pytest
from aiohttp import web

from lumi.core.http import Http, RateLimited, Unavailable
from lumi.core.outside_json import dump
from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected
from lumi.integrations.speech.fake.faults import Faults
from lumi.integrations.speech.fake.server import RunningTwin
from lumi.integrations.speech.fake.twin import Spoken
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.transcriber import Silence, Transcript
from tests.integrations.listening import serving
from tests.integrations.speech.servers import answering
from tests.integrations.speech.sounds import encoded, needs_ffmpeg, tone

pytestmark = needs_ffmpeg

NOTE = encoded(tone(1.0), "ogg")


def client(
    http: Http, served: RunningTwin, *, model: str = "whisper-1", key: str | None = None, base: str | None = None
) -> OpenAiTranscriber:
    return OpenAiTranscriber(http, base or served.url, key or served.twin.settings.token, model, timeout=20.0)


def told(served: RunningTwin, text: str, language: str | None = None, recording: bytes = NOTE) -> None:
    served.twin.tell(hashlib.sha256(recording).hexdigest(), Spoken(text, language))


async def test_a_voice_note_becomes_its_words(http: Http, served: RunningTwin) -> None:
    told(served, "Bonjour, une table pour deux ?", "fr")
    heard = await client(http, served).transcribe(NOTE)
    assert heard == Transcript("Bonjour, une table pour deux ?", "fr", 0.779, heard.seconds)
    assert heard.seconds == pytest.approx(1.0, abs=0.05)


async def test_what_the_twin_was_told_nothing_about_is_silence(http: Http, served: RunningTwin) -> None:
    assert isinstance(await client(http, served).transcribe(NOTE), Silence)


async def test_the_file_is_named_after_what_it_is_and_sent_as_it_came(http: Http, served: RunningTwin) -> None:
    recordings = [encoded(tone(0.5), kind) for kind in ("ogg", "m4a", "mp3")]
    for each in recordings:
        await client(http, served).transcribe(each)
    taken = list(served.twin.ledger.after(0, 10))
    assert [each.filename for each in taken] == [f"voice.{x}" for x in ("ogg", "m4a", "mp3")]
    assert [each.sha256 for each in taken] == [hashlib.sha256(each).hexdigest() for each in recordings]


async def test_what_servers_do_not_read_is_sent_as_a_voice_note(http: Http, served: RunningTwin) -> None:
    await client(http, served).transcribe(encoded(tone(0.5), "aac"))
    [taken] = served.twin.ledger.after(0, 10)
    assert taken.filename == "voice.ogg"


async def test_the_likely_language_is_passed_on_as_its_code(http: Http, served: RunningTwin) -> None:
    await client(http, served).transcribe(NOTE, lang="pt-BR")
    [taken] = served.twin.ledger.after(0, 10)
    assert taken.language == "pt"


async def test_a_model_that_tells_only_the_text_is_asked_for_that_from_then_on(http: Http, served: RunningTwin) -> None:
    told(served, "Hola")
    hearing = client(http, served, model="gpt-4o-transcribe")
    for _ in range(2):
        heard = await hearing.transcribe(NOTE)
        assert isinstance(heard, Transcript)
        assert (heard.text, heard.language, heard.confidence) == ("Hola", None, None)
    assert served.twin.counts["refused"] == 1


async def test_thanks_for_watching_is_silence(http: Http, served: RunningTwin) -> None:
    told(served, "Bonjour")
    served.twin.faults = Faults(hallucinate_rate=1)
    assert isinstance(await client(http, served).transcribe(NOTE), Silence)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.AUTH),
        (403, Reason.AUTH),
        (402, Reason.CREDIT),
        (404, Reason.MODEL),
        (400, Reason.PAYLOAD),
        (422, Reason.PAYLOAD),
        (413, Reason.TOO_LARGE),
        (409, Reason.OTHER),
        (302, Reason.OTHER),
    ],
)
async def test_a_refusal_says_what_has_to_be_done(http: Http, served: RunningTwin, status: int, reason: Reason) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status)
    with pytest.raises(SpeechRejected) as refusal:
        await client(http, served).transcribe(NOTE)
    assert (refusal.value.reason, refusal.value.status, refusal.value.target) == (reason, status, "speech_to_text")


@pytest.mark.parametrize("faults", [Faults(fail_rate=1, status=503), Faults(disconnect_after_accept_rate=1)])
async def test_trouble_there_is_unavailable_and_may_be_asked_again(
    http: Http, served: RunningTwin, faults: Faults
) -> None:
    told(served, "Bonjour")
    served.twin.faults = faults
    with pytest.raises(Unavailable):
        await client(http, served).transcribe(NOTE)
    served.twin.faults = Faults()
    assert isinstance(await client(http, served).transcribe(NOTE), Transcript)


async def test_a_server_that_hangs_is_unavailable(http: Http, served: RunningTwin) -> None:
    served.twin.faults = Faults(hang_rate=1)
    hearing = OpenAiTranscriber(http, served.url, served.twin.settings.token, "whisper-1", timeout=0.2)
    with pytest.raises(Unavailable):
        await hearing.transcribe(NOTE)


async def test_asking_too_often_says_when_to_ask_again(http: Http, served: RunningTwin) -> None:
    served.twin.faults = Faults(fail_rate=1, status=429, retry_after=7)
    with pytest.raises(RateLimited) as failure:
        await client(http, served).transcribe(NOTE)
    assert failure.value.retry_after == 7.0


async def test_an_empty_purse_is_not_a_matter_of_waiting(http: Http) -> None:
    body = {
        "error": {"message": "You exceeded your quota.", "type": "insufficient_quota", "code": "insufficient_quota"}
    }
    async with answering(429, dump(body)) as base:
        with pytest.raises(SpeechRejected) as refusal:
            await OpenAiTranscriber(http, base, "k", "whisper-1").transcribe(NOTE)
    assert refusal.value.reason is Reason.CREDIT


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"[]", b'"hi"', b"{}", b'{"text": 3}'])
async def test_an_answer_without_a_text_is_refused(http: Http, body: bytes) -> None:
    async with answering(200, body) as base:
        with pytest.raises(SpeechRejected) as refusal:
            await OpenAiTranscriber(http, base, "k", "whisper-1").transcribe(NOTE)
    assert refusal.value.reason is Reason.OTHER


async def test_a_refusal_of_the_form_is_understood_in_other_words_too(http: Http) -> None:
    seen: list[str] = []

    async def vllm(request: web.Request) -> web.Response:
        wished = str((await request.post())["response_format"])
        seen.append(wished)
        if wished != "json":
            message = "Currently only support response_format `text` or `json`"
            return web.json_response({"object": "error", "message": message, "code": 400}, status=400)
        return web.json_response({"text": "Ciao"})

    async with serving(vllm) as base:
        heard = await OpenAiTranscriber(http, base, None, "m").transcribe(NOTE)
    assert isinstance(heard, Transcript)
    assert (heard.text, seen) == ("Ciao", ["verbose_json", "json"])


async def test_what_is_no_audio_is_refused_before_anything_is_paid_for(http: Http, served: RunningTwin) -> None:
    for body, reason in ((b"hello", Reason.NOT_AUDIO), (b"OggS" + bytes(99), Reason.NOT_AUDIO)):
        with pytest.raises(SpeechRejected) as refusal:
            await client(http, served).transcribe(body)
        assert refusal.value.reason is reason
    assert served.twin.ledger.count == 0


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_the_address_may_be_given_with_or_without_its_version(
    http: Http, served: RunningTwin, ending: str
) -> None:
    assert await client(http, served, base=served.url + ending).probe()


async def test_a_probe_proves_address_key_and_model_and_pays_nothing(http: Http, served: RunningTwin) -> None:
    assert await client(http, served).probe() is True
    assert await client(http, served, model="whisper-9").probe() is False
    with pytest.raises(SpeechRejected) as refusal:
        await client(http, served, key="sk-wrong").probe()
    assert refusal.value.reason is Reason.AUTH
    assert served.twin.ledger.count == 0


async def test_a_server_without_a_list_of_models_still_answers(http: Http) -> None:
    async with answering(404, b"not found") as base:
        assert await OpenAiTranscriber(http, base, None, "m").probe() is False


async def test_the_key_is_shown_nowhere(http: Http, served: RunningTwin, capsys: pytest.CaptureFixture[str]) -> None:
    hearing = client(http, served, key="sk-that-is-wrong")
    with pytest.raises(SpeechRejected) as refusal:
        await hearing.transcribe(NOTE)
    shown = f"{hearing!r} {vars(refusal.value)} {refusal.value!r} {refusal.value} {capsys.readouterr()}"
    assert "sk-that" not in shown


async def test_without_ffmpeg_it_is_named(http: Http, served: RunningTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client(http, served).missing() is None
    monkeypatch.setenv("PATH", "")
    assert client(http, served).missing() == (
        "ffmpeg is missing: `apt-get install ffmpeg`, or your system's package of that name"
    )
    with pytest.raises(ProgramMissing):
        await client(http, served).transcribe(NOTE)
