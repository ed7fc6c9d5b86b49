"""Which recogniser and which voice the settings choose."""

from dataclasses import replace

from lumi.core.http import Http
from lumi.core.setting_groups.speech import SpeechSettings, SttEngine, TtsEngine
from lumi.integrations.speech.coqui import CoquiVoice
from lumi.integrations.speech.espeak import EspeakVoice
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.openai_voice import OpenAiVoice
from lumi.integrations.speech.piper import PiperVoice
from lumi.integrations.speech.transcoding import LIMITS
from lumi.integrations.speech.transcriber import Transcriber
from lumi.integrations.speech.voice import Voice
from lumi.integrations.speech.whisper_local import WhisperTranscriber


def transcriber(settings: SpeechSettings, http: Http) -> Transcriber | None:
    """Who hears voice notes; None when nobody does."""
    limits = replace(LIMITS, audio_seconds=settings.voice_note_max_seconds)
    match settings.stt_engine:
        case SttEngine.OFF:
            return None
        case SttEngine.OPENAI:
            return OpenAiTranscriber(
                http,
                settings.stt_base_url,
                settings.stt_api_key,
                settings.stt_model,
                timeout=settings.stt_timeout_seconds,
                limits=limits,
            )
        case SttEngine.WHISPER:
            return WhisperTranscriber(settings.whisper_model_dir, threads=settings.whisper_threads, limits=limits)


def voice(settings: SpeechSettings, http: Http) -> Voice | None:
    """Who speaks answers; None when they are written."""
    voices = settings.tts_voices
    match settings.tts_engine:
        case TtsEngine.OFF:
            return None
        case TtsEngine.ESPEAK:
            return EspeakVoice(voices)
        case TtsEngine.PIPER:
            return PiperVoice(settings.piper_voices_dir, voices)
        case TtsEngine.COQUI:
            return CoquiVoice(http, settings.tts_base_url, voices, timeout=settings.tts_timeout_seconds)
        case TtsEngine.OPENAI:
            return OpenAiVoice(
                http,
                settings.tts_base_url,
                settings.tts_api_key,
                settings.tts_model,
                voices,
                timeout=settings.tts_timeout_seconds,
            )
