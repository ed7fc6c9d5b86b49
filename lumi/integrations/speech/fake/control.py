"""The side of the twin that its user talks to: what is said in recordings, faults, and what was done."""

import base64
import hashlib
import re

from aiohttp import web

from lumi.core.outside_json import as_text
from lumi.integrations.speech.fake.twin import Spoken, Twin
from lumi.integrations.twin.control import Refused, answered, object_in, refuse
from lumi.integrations.twin.switches import Switches

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._switches = Switches(twin)

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/transcripts", answered(self.tell)),
            *self._switches.routes(),
        ]

    async def tell(self, request: web.Request) -> object:
        """A `text`, and a `language` if known, is said in the recording with this `sha256`, or in this `audio`
        (base64)."""
        wishes = await object_in(request)
        text = as_text(wishes.get("text"))
        if text is None:
            refuse("there is no text")
        sha256 = as_text(wishes.get("sha256")) or _hash_of(as_text(wishes.get("audio")))
        if not _SHA256.fullmatch(sha256):
            refuse("a sha256 has 64 hexadecimal digits")
        self._twin.tell(sha256, Spoken(text, as_text(wishes.get("language"))))
        return {"sha256": sha256.lower()}


def _hash_of(audio: str | None) -> str:
    try:
        return hashlib.sha256(base64.b64decode(audio or refuse("there is no audio"), validate=True)).hexdigest()
    except ValueError as error:
        raise Refused("the audio is not base64") from error
