"""Speech: who hears voice notes and who speaks the answers."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import NOBODY

SPEECH: JsonDict = {"needed_by": "whoever wants voice notes heard, or answered by voice"}


class SttEngine(StrEnum):
    """Who hears."""

    OFF = "off"
    OPENAI = "openai"
    WHISPER = "whisper"


class TtsEngine(StrEnum):
    """Who speaks."""

    OFF = "off"
    ESPEAK = "espeak"
    PIPER = "piper"
    COQUI = "coqui"
    OPENAI = "openai"


class SpeechSettings(BaseSettings):
    """Voice notes"""

    stt_engine: SttEngine = Field(
        SttEngine.OFF,
        description="Who hears voice notes: `off`, `openai` (a server of its shape at `STT_BASE_URL`), or `whisper` "
        "(faster-whisper on this machine, the extra `whisper`). Off: staff see the note, the guest is told.",
        json_schema_extra=SPEECH,
    )
    stt_base_url: str = Field(
        "", description="The address of that server, as `http://127.0.0.1:8000`.", json_schema_extra=SPEECH
    )
    stt_api_key: SecretStr | None = Field(
        None, description="Its key; servers of one's own often want none.", json_schema_extra=SPEECH
    )
    stt_model: str = Field("whisper-1", min_length=1, description="Its model.", json_schema_extra=SPEECH)
    stt_timeout_seconds: float = Field(
        60.0, gt=0, le=600, description="After how many seconds it is given up.", json_schema_extra=NOBODY
    )
    whisper_model_dir: Path | None = Field(
        None,
        description="The folder of faster-whisper's model, converted for CTranslate2. Nothing is downloaded.",
        json_schema_extra=SPEECH,
    )
    whisper_threads: int = Field(
        2, ge=1, le=64, description="How many threads it may use for one recording.", json_schema_extra=NOBODY
    )
    voice_note_max_seconds: int = Field(
        15 * 60, ge=1, le=3_600, description="The longest voice note that is heard.", json_schema_extra=NOBODY
    )
    tts_engine: TtsEngine = Field(
        TtsEngine.OFF,
        description="Who speaks answers to voice notes: `off` (they are written), `espeak`, `piper`, `coqui` or "
        "`openai` (servers of those shapes at `TTS_BASE_URL`).",
        json_schema_extra=SPEECH,
    )
    tts_base_url: str = Field("", description="The address of that server.", json_schema_extra=SPEECH)
    tts_api_key: SecretStr | None = Field(
        None, description="Its key; servers of one's own often want none.", json_schema_extra=SPEECH
    )
    tts_model: str = Field("gpt-4o-mini-tts", min_length=1, description="Its model.", json_schema_extra=SPEECH)
    tts_voice: str = Field(
        "",
        description="The voice, in the engine's own name for it: one for every language as `alloy`, or by language as "
        "`fr=fr_FR-siwis-medium,en=en_GB-alba-medium`. Empty: a fitting one.",
        json_schema_extra=SPEECH,
    )
    tts_timeout_seconds: float = Field(
        60.0, gt=0, le=600, description="After how many seconds a server is given up.", json_schema_extra=NOBODY
    )
    piper_voices_dir: Path | None = Field(
        None,
        description="The folder of piper's voices: `NAME.onnx` and `NAME.onnx.json` of each.",
        json_schema_extra=SPEECH,
    )

    @field_validator("whisper_model_dir", "piper_voices_dir")
    @classmethod
    def _absolute_folder(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("stt_base_url", "tts_base_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("tts_voice")
    @classmethod
    def _voices_by_language(cls, value: str) -> str:
        voices_by_language(value)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        lacking = [
            name
            for name, needed, value in (
                ("STT_BASE_URL", self.stt_engine is SttEngine.OPENAI, self.stt_base_url),
                ("WHISPER_MODEL_DIR", self.stt_engine is SttEngine.WHISPER, self.whisper_model_dir),
                ("TTS_BASE_URL", self.tts_engine in (TtsEngine.OPENAI, TtsEngine.COQUI), self.tts_base_url),
                ("PIPER_VOICES_DIR", self.tts_engine is TtsEngine.PIPER, self.piper_voices_dir),
            )
            if needed and not value
        ]
        if lacking:
            raise ValueError(f"STT_ENGINE and TTS_ENGINE need {' and '.join(lacking)} too")
        return self

    @property
    def tts_voices(self) -> Mapping[str, str]:
        """The voices of TTS_VOICE by language in lower case; `*` is for every other one."""
        return voices_by_language(self.tts_voice)


def voices_by_language(value: str) -> Mapping[str, str]:
    """The voices in `fr=NAME,en=NAME`, or in a single name; ValueError when neither is meant."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in value.split(","))):
        lang, given, name = part.partition("=")
        key, voice = (lang.strip().lower(), name.strip()) if given else ("*", part)
        if not key or not voice or voice.startswith("-") or key in found:
            raise ValueError("one voice, or one for each language as `fr=NAME,en=NAME`")
        found[key] = voice
    return found
