"""Speech to text by a server of OpenAI's shape: OpenAI's own, speaches, vLLM and others."""

from __future__ import annotations

from pydantic import SecretStr

from lumi.core.http import Http, Response
from lumi.core.http.forms import Upload, form
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.speech.containers import FLAC, MP3, MP4, OGG, WAV, WEBM, container_of
from lumi.integrations.speech.errors import Reason, SpeechRejected, refuses_format
from lumi.integrations.speech.openai_calls import OpenAiServer, TextForm
from lumi.integrations.speech.segments import segments_in
from lumi.integrations.speech.transcoding import FFMPEG, LIMITS, AudioLimits, duration_seconds, to_voice_note
from lumi.integrations.speech.transcriber import Silence, Transcript, has_words, judged

TARGET = "speech_to_text"
_TAKEN_AS_THEY_ARE = frozenset({OGG, MP3, MP4, WAV, WEBM, FLAC})
# Whisper's own names of the languages we answer in; most servers give the code instead.
_CODES = {
    "arabic": "ar", "english": "en", "french": "fr", "german": "de", "italian": "it", "portuguese": "pt",
    "russian": "ru", "spanish": "es",
}  # fmt: skip


class OpenAiTranscriber:
    """Has a server hear recordings. How long one is, we find out ourselves before anything is paid for."""

    def __init__(
        self,
        http: Http,
        base: str,
        key: SecretStr | str | None,
        model: str,
        *,
        timeout: float = 60.0,
        limits: AudioLimits = LIMITS,
    ) -> None:
        self._server = OpenAiServer(http, TARGET, base, key)
        self._model = model
        self._timeout = timeout
        self._limits = limits
        self._format = TextForm.VERBOSE

    def __repr__(self) -> str:
        return f"OpenAiTranscriber(model={self._model!r})"

    def missing(self) -> str | None:
        """What is not installed, and how to get it."""
        return FFMPEG.missing()

    async def probe(self) -> bool:
        """Whether the server lists the model; raises when it cannot be reached or refuses the key."""
        return await self._server.has_model(self._model)

    async def transcribe(self, audio: bytes, *, lang: str | None = None) -> Transcript | Silence:
        """What is said in it. Servers that tell only the text are asked for that from their first refusal on."""
        seconds = await duration_seconds(audio, self._limits)
        container = container_of(audio)
        if container not in _TAKEN_AS_THEY_ARE:
            audio, container = await to_voice_note(audio, self._limits), OGG
        filename = f"voice.{container.extension}"
        try:
            answer = await self._post(audio, filename, lang)
        except SpeechRejected as refusal:
            if self._format is TextForm.PLAIN or not refuses_format(refusal):
                raise
            self._format = TextForm.PLAIN
            answer = await self._post(audio, filename, lang)
        return _heard(answer, seconds)

    async def _post(self, audio: bytes, filename: str, lang: str | None) -> Response:
        fields = {"model": self._model, "response_format": self._format, "temperature": "0"}
        if lang is not None:
            fields["language"] = lang.partition("-")[0].lower()
        body = form(fields, Upload(filename, "application/octet-stream", audio))
        return await self._server.post("audio/transcriptions", form=body, timeout=self._timeout)


def _heard(answer: Response, seconds: float) -> Transcript | Silence:
    try:
        found = as_object(answer.json())
    except ValueError:
        found = {}
    text = as_text(found.get("text"))
    if text is None:
        raise _unreadable(answer)
    language = _code(as_text(found.get("language")))
    segments = segments_in(found)
    if segments:
        return judged(segments, language, seconds)
    return Transcript(text.strip(), language, None, seconds) if has_words(text) else Silence(seconds)


def _code(language: str | None) -> str | None:
    """The ISO 639-1 code of a language told by code or by Whisper's name of it."""
    word = (language or "").strip().lower()
    return _CODES.get(word) or (word if len(word) == 2 and word.isalpha() else None)


def _unreadable(answer: Response) -> SpeechRejected:
    refusal = SpeechRejected(Reason.OTHER, "the answer holds no text", status=answer.status, body=answer.body)
    refusal.target = TARGET
    return refusal
