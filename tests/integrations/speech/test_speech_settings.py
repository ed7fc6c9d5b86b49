"""What an operator sets about speech chooses who hears and who speaks, and what is missing is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from lumi.core.http import Http
from lumi.core.setting_groups.speech import SpeechSettings
from lumi.integrations.speech import engines
from lumi.integrations.speech.coqui import CoquiVoice
from lumi.integrations.speech.espeak import EspeakVoice
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.openai_voice import OpenAiVoice
from lumi.integrations.speech.piper import PiperVoice
from lumi.integrations.speech.whisper_local import WhisperTranscriber

NAMES = (
    "STT_ENGINE", "STT_BASE_URL", "WHISPER_MODEL_DIR", "TTS_ENGINE", "TTS_BASE_URL", "TTS_VOICE", "PIPER_VOICES_DIR",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> SpeechSettings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return SpeechSettings()  # pyright: ignore[reportCallIssue] - every field comes from the environment


def test_nobody_hears_and_nobody_speaks_unless_asked(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)
    assert engines.transcriber(settings, http) is None
    assert engines.voice(settings, http) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"STT_ENGINE": "openai", "STT_BASE_URL": "http://127.0.0.1:9"}, OpenAiTranscriber),
        ({"STT_ENGINE": "whisper", "WHISPER_MODEL_DIR": "~/model"}, WhisperTranscriber),
    ],
)
def test_each_recogniser_can_be_chosen(
    http: Http, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], kind: type
) -> None:
    assert isinstance(engines.transcriber(read(monkeypatch, **values), http), kind)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"TTS_ENGINE": "espeak"}, EspeakVoice),
        ({"TTS_ENGINE": "piper", "PIPER_VOICES_DIR": "/voices"}, PiperVoice),
        ({"TTS_ENGINE": "coqui", "TTS_BASE_URL": "http://127.0.0.1:5002"}, CoquiVoice),
        ({"TTS_ENGINE": "openai", "TTS_BASE_URL": "https://speech.example/v1/"}, OpenAiVoice),
    ],
)
def test_each_voice_can_be_chosen(
    http: Http, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], kind: type
) -> None:
    assert isinstance(engines.voice(read(monkeypatch, **values), http), kind)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"STT_ENGINE": "openai"}, "STT_BASE_URL"),
        ({"STT_ENGINE": "whisper"}, "WHISPER_MODEL_DIR"),
        ({"TTS_ENGINE": "openai"}, "TTS_BASE_URL"),
        ({"TTS_ENGINE": "coqui"}, "TTS_BASE_URL"),
        ({"TTS_ENGINE": "piper"}, "PIPER_VOICES_DIR"),
        ({"STT_ENGINE": "openai", "TTS_ENGINE": "piper"}, "STT_BASE_URL and PIPER_VOICES_DIR"),
        ({"STT_BASE_URL": "127.0.0.1:8000"}, "http://"),
        ({"TTS_VOICE": "fr="}, "one voice"),
        ({"TTS_VOICE": "fr=a,fr=b"}, "one voice"),
        ({"TTS_VOICE": "-w/etc/passwd"}, "one voice"),
    ],
)
def test_what_does_not_go_together_is_refused_and_says_why(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        read(monkeypatch, **values)


@pytest.mark.parametrize(
    ("value", "voices"),
    [
        ("", {}),
        ("alloy", {"*": "alloy"}),
        ("fr=Luc, pt-BR = Ana ,Alex", {"fr": "Luc", "pt-br": "Ana", "*": "Alex"}),
    ],
)
def test_a_voice_is_for_every_language_or_for_one(
    monkeypatch: pytest.MonkeyPatch, value: str, voices: dict[str, str]
) -> None:
    assert read(monkeypatch, TTS_VOICE=value).tts_voices == voices


def test_folders_are_whole_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, WHISPER_MODEL_DIR="~/model", PIPER_VOICES_DIR="voices")
    assert settings.whisper_model_dir == Path("~/model").expanduser()
    assert settings.piper_voices_dir == Path("voices").absolute()


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(read(monkeypatch, STT_API_KEY="sk-secret-1", TTS_API_KEY="sk-secret-2"))
    assert "sk-secret" not in shown
