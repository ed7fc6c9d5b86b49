"""The twin's side that hears: `POST /v1/audio/transcriptions`."""

from dataclasses import dataclass

import orjson
from aiohttp import web

from lumi.integrations.speech.errors import ProgramMissing, SpeechRejected
from lumi.integrations.speech.fake import refusals
from lumi.integrations.speech.fake.twin import Spoken, Twin
from lumi.integrations.speech.openai_calls import TextForm
from lumi.integrations.speech.transcoding import duration_seconds

_HALLUCINATION = Spoken("Thanks for watching!", "en")
_LEAST_SECONDS = 0.1
_NAMES = {
    "ar": "arabic", "de": "german", "en": "english", "es": "spanish", "fr": "french", "it": "italian",
    "pt": "portuguese", "ru": "russian",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Upload:
    recording: bytes
    filename: str
    fields: dict[str, str]


class Hearing:
    """The handler, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def transcribe(self, request: web.Request) -> web.Response:
        """What the twin was told is said in the file, in the form that was asked for."""
        upload = await _uploaded(request)
        model = upload.fields.get("model", "")
        form = self._form(model, upload)
        seconds = await _length(upload.recording)
        made_up = self._twin.dice.falls(self._twin.faults.hallucinate_rate)
        spoken = _HALLUCINATION if made_up else self._twin.said_in(upload.recording)
        language = spoken.language or upload.fields.get("language") or "en"
        self._twin.note(
            "transcription", model, spoken.text, upload.recording,
            seconds=seconds, filename=upload.filename, language=language,
        )  # fmt: skip
        if form is TextForm.BARE:
            return web.Response(text=spoken.text + "\n")
        if form is TextForm.PLAIN:
            return _json({"text": spoken.text})
        return _json(_verbose(spoken.text, language, seconds, sure=not made_up))

    def _form(self, model: str, upload: _Upload) -> TextForm:
        if not model:
            raise refusals.missing("model")
        if model not in self._twin.settings.models:
            raise refusals.unknown_model(model)
        form = upload.fields.get("response_format", TextForm.PLAIN)
        if form not in tuple(TextForm):
            raise refusals.unknown_value("response_format", form)
        if form == TextForm.VERBOSE and not self._twin.settings.models[model]:
            raise refusals.wrong_form(form, model)
        return TextForm(form)


async def _uploaded(request: web.Request) -> _Upload:
    if not request.content_type.startswith("multipart/"):
        raise refusals.ApiError(400, "Could not parse multipart form")
    fields: dict[str, str] = {}
    file: web.FileField | None = None
    try:
        posted = await request.post()
    except ValueError as error:
        raise refusals.ApiError(400, "Could not parse multipart form") from error
    for name, value in posted.items():
        if isinstance(value, web.FileField):
            file = value
        elif isinstance(value, str):
            fields[name] = value
    if file is None:
        raise refusals.missing("file")
    recording = file.file.read()
    if len(recording) > refusals.MOST_BYTES:
        raise refusals.too_large(len(recording))
    if file.filename.rpartition(".")[2].lower() not in refusals.EXTENSIONS:
        raise refusals.wrong_extension()
    return _Upload(recording, file.filename, fields)


async def _length(recording: bytes) -> float:
    try:
        seconds = await duration_seconds(recording)
    except ProgramMissing:
        raise
    except SpeechRejected as refusal:
        raise refusals.not_decoded() from refusal
    if seconds < _LEAST_SECONDS:
        raise refusals.too_short()
    return seconds


def _verbose(text: str, language: str, seconds: float, *, sure: bool) -> dict[str, object]:
    segment: dict[str, object] = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": seconds,
        "text": f" {text}",
        "tokens": [50364],
        "temperature": 0.0,
        "avg_logprob": -0.25 if sure else -0.7,
        "compression_ratio": 1.1,
        "no_speech_prob": 0.02 if sure else 0.91,
    }
    return {
        "task": "transcribe",
        "language": _NAMES.get(language, language),
        "duration": seconds,
        "text": text,
        "segments": [segment] if text else [],
    }


def _json(body: dict[str, object]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")
