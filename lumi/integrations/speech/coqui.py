"""Text to speech by a server of Coqui TTS (`tts-server`): a form in, WAV out, one text at a time."""

from collections.abc import Mapping

from lumi.core.http import Http, OutsideFailure
from lumi.integrations.speech.errors import translated
from lumi.integrations.speech.transcoding import FFMPEG, to_voice_note
from lumi.integrations.speech.voice import speakable, voice_for

TARGET = "text_to_speech"
NO_SPEAKER = ""


class CoquiVoice:
    """Speaks through a server at an address without a path."""

    def __init__(
        self, http: Http, base: str, voices: Mapping[str, str] | None = None, *, timeout: float = 60.0
    ) -> None:
        """`voices` are the server's speakers by language; a model of a single speaker needs none."""
        self._http = http
        self._base = base.rstrip("/")
        self._voices = voices or {}
        self._timeout = timeout

    def missing(self) -> str | None:
        """The program that is not installed."""
        return FFMPEG.missing()

    async def probe(self) -> str:
        """The language the server says its model has: proves the address."""
        return (await self._call("GET", "locales", None, timeout=10.0)).decode(errors="replace").strip()

    async def say(self, text: str, lang: str) -> bytes:
        """The text, spoken."""
        plain = speakable(text)
        form = {"text": plain, "language_id": lang.partition("-")[0].lower()}
        speaker = voice_for(lang, self._voices, {"*": NO_SPEAKER})
        if speaker:
            form["speaker_id"] = speaker
        return await to_voice_note(await self._call("POST", "api/tts", form, timeout=self._timeout))

    async def _call(self, method: str, path: str, form: Mapping[str, str] | None, *, timeout: float) -> bytes:
        url = f"{self._base}/{path}"
        try:
            answer = await self._http.request(TARGET, method, url, data=form, timeout=timeout, scope=self._base)
        except OutsideFailure as failure:
            in_our_terms = translated(failure)
            if in_our_terms is failure:
                raise
            raise in_our_terms from failure
        return answer.body
