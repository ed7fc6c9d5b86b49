"""The twin's side that speaks: `POST /v1/audio/speech`, Coqui's `/api/tts`, and the lists of both."""

import orjson
from aiohttp import web

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.speech.fake import refusals, tones
from lumi.integrations.speech.fake.twin import Twin
from lumi.integrations.speech.openai_calls import SoundForm

_KIND = "speech"
_FIRST_BYTES = 40


class Speaking:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def list_models(self, _request: web.Request) -> web.Response:
        """The models, as OpenAI lists them."""
        listed = [{"id": name, "object": "model", "owned_by": "twin"} for name in self._twin.settings.models]
        return web.Response(body=orjson.dumps({"object": "list", "data": listed}), content_type="application/json")

    async def speak(self, request: web.Request) -> web.Response:
        """A tone in place of the words of `input`."""
        wishes = await _wishes(request)
        text, model, voice = (as_text(wishes.get(name)) for name in ("input", "model", "voice"))
        form = self._form(as_text(wishes.get("response_format")) or SoundForm.MP3)
        speed = wishes.get("speed", 1.0)
        if not text:
            raise refusals.missing("input")
        if len(text) > refusals.LONGEST_TEXT:
            raise refusals.too_long_text()
        if model not in self._twin.settings.models:
            raise refusals.unknown_model(model or "")
        if voice not in self._twin.settings.voices:
            raise refusals.unknown_value("voice", voice or "")
        if not isinstance(speed, int | float) or not 0.25 <= speed <= 4:
            raise refusals.unknown_value("speed", str(speed))
        return await self._sound(text, voice or "", form, float(speed), None)

    async def speak_coqui(self, request: web.Request) -> web.Response:
        """The same as Coqui's server does it: `text`, `speaker_id` and `language_id` in a query or a form."""
        given = {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}
        text = given.get("text", "")
        if not text.strip():
            body = orjson.dumps({"error": "Text parameter is required"})
            return web.Response(body=body, status=400, content_type="application/json")
        return await self._sound(text, given.get("speaker_id", ""), SoundForm.WAV, 1.0, given.get("language_id"))

    async def list_locales(self, _request: web.Request) -> web.Response:
        """The language of Coqui's model."""
        return web.Response(text="multilingual\n")

    def _form(self, wished: str) -> SoundForm:
        if wished not in self._twin.settings.forms:
            raise refusals.unknown_value("response_format", wished)
        return SoundForm(wished)

    async def _sound(self, text: str, voice: str, form: SoundForm, speed: float, language: str | None) -> web.Response:
        seconds = tones.length_seconds(text, speed)
        sound = await tones.tone(seconds, form)
        self._twin.note(_KIND, voice, text, sound, seconds=seconds, language=language)
        if self._twin.dice.falls(self._twin.faults.truncated_rate):
            sound = sound[:_FIRST_BYTES]
        return web.Response(body=sound, content_type=tones.TYPES[form])


async def _wishes(request: web.Request) -> dict[str, object]:
    try:
        loaded: object = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise refusals.ApiError(400, "We could not parse the JSON body of your request.") from error
    return as_object(loaded)
