"""Text to speech by a server of OpenAI's shape."""

from collections.abc import Mapping

from pydantic import SecretStr

from lumi.core.http import Http
from lumi.integrations.speech.containers import is_mono_opus
from lumi.integrations.speech.errors import SpeechRejected, refuses_format
from lumi.integrations.speech.openai_calls import OpenAiServer, SoundForm
from lumi.integrations.speech.transcoding import FFMPEG, VOICE_NOTE_BYTES, duration_seconds, to_voice_note
from lumi.integrations.speech.voice import speakable, voice_for

TARGET = "text_to_speech"
_USUAL_VOICE = "alloy"


class OpenAiVoice:
    """Has a server speak. Its Opus is taken as it is; of a server that has none, WAV is turned into it."""

    def __init__(
        self,
        http: Http,
        base: str,
        key: SecretStr | str | None,
        model: str,
        voices: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
    ) -> None:
        """`voices` are the server's names by language; OpenAI's speak every one."""
        self._server = OpenAiServer(http, TARGET, base, key)
        self._model = model
        self._voices = voices or {}
        self._timeout = timeout
        self._format = SoundForm.OPUS

    def __repr__(self) -> str:
        return f"OpenAiVoice(model={self._model!r})"

    def missing(self) -> str | None:
        """The program that is not installed."""
        return FFMPEG.missing()

    async def probe(self) -> bool:
        """Whether the server lists the model; raises when it cannot be reached or refuses the key."""
        return await self._server.has_model(self._model)

    async def say(self, text: str, lang: str) -> bytes:
        """The text, spoken."""
        plain = speakable(text)
        voice = voice_for(lang, self._voices, {"*": _USUAL_VOICE})
        try:
            audio = await self._post(plain, voice)
        except SpeechRejected as refusal:
            if self._format is SoundForm.WAV or not refuses_format(refusal):
                raise
            self._format = SoundForm.WAV
            audio = await self._post(plain, voice)
        if is_mono_opus(audio) and len(audio) <= VOICE_NOTE_BYTES:
            await duration_seconds(audio)  # it can be played to its end
            return audio
        return await to_voice_note(audio)

    async def _post(self, text: str, voice: str) -> bytes:
        wishes = {"model": self._model, "input": text, "voice": voice, "response_format": self._format}
        return (await self._server.post("audio/speech", json=wishes, timeout=self._timeout)).body
