"""Text to speech: each engine gives a voice note, names what it lacks, and refuses what cannot be spoken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lumi.core.http import Http, RateLimited, Unavailable
from lumi.integrations.speech.child import Program
from lumi.integrations.speech.coqui import CoquiVoice
from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected
from lumi.integrations.speech.espeak import ESPEAK, VOICES, EspeakVoice
from lumi.integrations.speech.fake.faults import Faults
from lumi.integrations.speech.fake.server import RunningTwin
from lumi.integrations.speech.openai_calls import SoundForm
from lumi.integrations.speech.openai_voice import OpenAiVoice
from lumi.integrations.speech.piper import PIPER, PiperVoice
from lumi.integrations.speech.transcoding import VOICE_NOTE_BYTES, duration_seconds, to_wav_16k
from lumi.integrations.speech.voice import LONGEST_TEXT, Voice, speakable, voice_for
from tests.integrations.speech.servers import answering
from tests.integrations.speech.sounds import encoded, loudness, needs_espeak, needs_ffmpeg, read_wav, stream_of, tone

pytestmark = needs_ffmpeg

SENTENCES = {
    "fr": "Bonjour, votre table est réservée pour demain soir à vingt heures.",
    "en": "Hello, your table is booked for tomorrow evening at eight o'clock.",
    "es": "Hola, su mesa está reservada para mañana a las ocho de la tarde.",
    "de": "Guten Tag, Ihr Tisch ist für morgen Abend um acht Uhr reserviert.",
    "it": "Buongiorno, il suo tavolo è prenotato per domani sera alle otto.",
    "pt": "Bom dia, a sua mesa está reservada para amanhã às oito da noite.",
    "ar": "مرحبا، تم حجز طاولتكم غدا في الساعة الثامنة مساء.",
    "ru": "Здравствуйте, ваш столик забронирован на завтра на восемь вечера.",
}
PIPER_VOICES = os.environ.get("PIPER_VOICES_DIR")
speaks = pytest.mark.skipif(
    not (PIPER_VOICES and PIPER.find()), reason="needs piper and a PIPER_VOICES_DIR with an English voice"
)


async def seconds_of(note: bytes) -> float:
    """How long a voice note is, once it is seen to be one that sounds."""
    assert note.startswith(b"OggS")
    assert stream_of(note) == {"codec_name": "opus", "channels": "1", "sample_rate": "48000"}
    assert len(note) <= VOICE_NOTE_BYTES
    assert loudness(await to_wav_16k(note)) > 100
    return await duration_seconds(note)


def openai(http: Http, served: RunningTwin, voices: dict[str, str] | None = None, *, key: str = "") -> OpenAiVoice:
    return OpenAiVoice(http, served.url, key or served.twin.settings.token, "gpt-4o-mini-tts", voices, timeout=20.0)


@needs_espeak
@pytest.mark.parametrize("lang", SENTENCES)
async def test_espeak_speaks_every_language_of_ours(lang: str) -> None:
    note = await EspeakVoice().say(SENTENCES[lang], lang)
    assert 2.0 < await seconds_of(note) < 12.0


@needs_espeak
async def test_what_espeak_says_comes_back_as_wav_of_the_same_length() -> None:
    note = await EspeakVoice().say(SENTENCES["fr"], "fr")
    channels, hertz, samples = read_wav(await to_wav_16k(note))
    assert (channels, hertz) == (1, 16_000)
    assert len(samples) / hertz == pytest.approx(await duration_seconds(note), abs=0.01)


@needs_espeak
async def test_a_longer_text_takes_longer() -> None:
    short, long = await EspeakVoice().say("Oui.", "fr"), await EspeakVoice().say(SENTENCES["fr"] * 3, "fr")
    assert await duration_seconds(long) > 5 * await duration_seconds(short)


@needs_espeak
async def test_the_longest_text_is_spoken_and_can_be_played_at_once() -> None:
    text = "." * (LONGEST_TEXT - 900) + "a b c d e f " * 75
    assert len(speakable(text)) == LONGEST_TEXT - 1
    assert await seconds_of(await EspeakVoice().say(text, "en")) > 40


@needs_espeak
async def test_what_looks_like_an_option_or_a_phoneme_is_only_text() -> None:
    plain = await duration_seconds(await EspeakVoice().say("Version two", "en"))
    assert await duration_seconds(await EspeakVoice().say("--version two", "en")) >= plain
    # Phonemes would be a murmur of half a second; the letters are spelt.
    assert await duration_seconds(await EspeakVoice().say("[[h@]]", "en")) > 0.8


@needs_espeak
async def test_a_voice_of_ones_own_is_taken_for_its_language() -> None:
    british, american = EspeakVoice(), EspeakVoice({"en": "en-us"})
    english = [await to_wav_16k(await each.say(SENTENCES["en"], "en")) for each in (british, american)]
    assert english[0] != english[1]
    french = [await to_wav_16k(await each.say("Bonjour", "fr")) for each in (british, american)]
    assert french[0] == french[1]


@needs_espeak
async def test_a_voice_that_espeak_does_not_have_is_told() -> None:
    with pytest.raises(Unavailable, match="espeak-ng ended with"):
        await EspeakVoice({"*": "klingonese"}).say("Hello", "en")


async def test_espeak_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert EspeakVoice().missing() == (
        "espeak-ng is missing: `apt-get install espeak-ng`, or your system's package of that name"
    )
    with pytest.raises(ProgramMissing) as failure:
        await EspeakVoice().say("Hello", "en")
    assert failure.value.program == ESPEAK.name


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x07", "…!?", "x" * (LONGEST_TEXT + 1)])
async def test_what_cannot_be_spoken_is_refused_without_a_call(http: Http, served: RunningTwin, text: str) -> None:
    voices: list[Voice] = [EspeakVoice(), openai(http, served), CoquiVoice(http, served.url), PiperVoice(None)]
    for each in voices:
        with pytest.raises(SpeechRejected) as refusal:
            await each.say(text, "fr")
        assert refusal.value.reason is Reason.UNSPEAKABLE
    assert served.twin.ledger.count == 0


def test_control_characters_are_not_spoken() -> None:
    assert speakable(" Bonjour\x1b[31m\u202e à\x00 tous\n2 ") == "Bonjour [31m  à  tous\n2"


def test_the_most_fitting_voice_is_taken() -> None:
    own = {"pt-br": "Ana", "fr": "Luc", "*": "Alex"}
    assert [voice_for(lang, own, VOICES) for lang in ("pt-BR", "pt", "fr-CA", "de")] == ["Ana", "Alex", "Luc", "Alex"]
    assert [voice_for(lang, {}, VOICES) for lang in ("pt-BR", "pt-PT", "en-US")] == ["pt-br", "pt", "en-gb"]
    with pytest.raises(SpeechRejected) as refusal:
        voice_for("tlh", {}, VOICES)
    assert refusal.value.reason is Reason.LANGUAGE


async def test_opus_of_a_server_is_taken_as_it_is(http: Http, served: RunningTwin) -> None:
    note = await openai(http, served, {"fr": "nova"}).say("Bonjour, à demain.", "fr")
    assert await seconds_of(note) == pytest.approx(1.2, abs=0.1)
    [taken] = served.twin.ledger.after(0, 10)
    assert (taken.to, taken.text) == ("nova", "Bonjour, à demain.")


async def test_a_server_without_opus_is_asked_for_wav_from_then_on(http: Http, served: RunningTwin) -> None:
    served.twin.settings.forms = (SoundForm.MP3, SoundForm.WAV)
    voice = openai(http, served)
    for _ in range(2):
        assert await seconds_of(await voice.say("Bonjour", "fr")) > 0.4
    assert served.twin.counts["refused"] == 1


@pytest.mark.parametrize("kind", ["mp3", "wav", "-c:a libopus -ac 2 -f ogg"])
async def test_a_server_that_answers_in_another_form_is_understood(http: Http, kind: str) -> None:
    async with answering(200, encoded(tone(1.0), kind)) as base:
        assert await seconds_of(await OpenAiVoice(http, base, None, "m").say("Hi", "en")) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("faults", [Faults(garbled_rate=1), Faults(truncated_rate=1)])
async def test_an_answer_that_is_no_speech_is_refused(http: Http, served: RunningTwin, faults: Faults) -> None:
    served.twin.faults = faults
    for each in (openai(http, served), CoquiVoice(http, served.url)):
        with pytest.raises(SpeechRejected) as refusal:
            await each.say("Bonjour", "fr")
        assert refusal.value.reason is Reason.NOT_AUDIO


async def test_failures_of_servers_are_the_four_of_everybody(http: Http, served: RunningTwin) -> None:
    voices = (openai(http, served), CoquiVoice(http, served.url, timeout=20.0))
    for faults, failure in (
        (Faults(fail_rate=1, status=503), Unavailable),
        (Faults(fail_rate=1, status=429), RateLimited),
        (Faults(fail_rate=1, status=400), SpeechRejected),
        (Faults(disconnect_after_accept_rate=1), Unavailable),
    ):
        served.twin.faults = faults
        for each in voices:
            with pytest.raises(failure):
                await each.say("Bonjour", "fr")


async def test_a_wrong_key_is_refused_and_shown_nowhere(http: Http, served: RunningTwin) -> None:
    voice = openai(http, served, key="sk-that-is-wrong")
    with pytest.raises(SpeechRejected) as refusal:
        await voice.say("Bonjour", "fr")
    assert refusal.value.reason is Reason.AUTH
    assert "sk-that" not in f"{voice!r} {vars(refusal.value)} {refusal.value}"


async def test_coqui_is_told_the_speaker_and_the_language(http: Http, served: RunningTwin) -> None:
    note = await CoquiVoice(http, served.url + "/", {"fr": "Ana Florence"}).say("Bonjour, à demain.", "fr-FR")
    assert await seconds_of(note) == pytest.approx(1.2, abs=0.1)
    [taken] = served.twin.ledger.after(0, 10)
    assert (taken.to, taken.language, taken.text) == ("Ana Florence", "fr", "Bonjour, à demain.")


async def test_probes_prove_the_address_and_speak_nothing(http: Http, served: RunningTwin) -> None:
    assert await openai(http, served).probe() is True
    assert await CoquiVoice(http, served.url).probe() == "multilingual"
    assert served.twin.ledger.count == 0


async def test_piper_names_what_is_missing(tmp_path: Path) -> None:
    program = Program("piper", PIPER.advice, path="/bin/true")
    for folder in (None, tmp_path):
        said = PiperVoice(folder, program=program).missing()
        assert said is not None
        assert "PIPER_VOICES_DIR" in said
        with pytest.raises(ProgramMissing):
            await PiperVoice(folder, program=program).say("Hello", "en")


async def test_piper_speaks_the_languages_of_its_files(tmp_path: Path) -> None:
    program = Program("piper", PIPER.advice, path="/bin/true")
    (tmp_path / "en_GB-alba-medium.onnx").touch()
    assert PiperVoice(tmp_path, program=program).missing() is None
    chosen = PiperVoice(tmp_path, {"fr": "fr_FR-siwis-medium"}, program=program)
    assert chosen.missing() == f"there is no fr_FR-siwis-medium.onnx in {tmp_path}"
    with pytest.raises(SpeechRejected) as refusal:
        await PiperVoice(tmp_path, program=program).say("Bonjour", "fr")
    assert refusal.value.reason is Reason.LANGUAGE


def test_without_piper_it_is_named() -> None:
    program = Program("no-such-piper", PIPER.advice)
    assert PiperVoice(None, program=program).missing() == f"no-such-piper is missing: {PIPER.advice}"


@speaks
async def test_a_real_voice_of_piper_speaks() -> None:
    voice = PiperVoice(Path(PIPER_VOICES or ""))
    assert voice.missing() is None
    assert 2.0 < await seconds_of(await voice.say(SENTENCES["en"], "en")) < 10.0
    assert await duration_seconds(await voice.say("One line.\n\n  And another.\n", "en")) > 1.0
