"""The side of the twin that its user talks to: what is said in recordings, faults, and what was done."""

import base64
import hashlib
import re
from dataclasses import asdict

from aiohttp import web

from lumi.core.outside_json import as_text
from lumi.integrations.speech.fake.faults import Faults
from lumi.integrations.speech.fake.twin import Spoken, Twin
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_MOST_LOGGED = 10_000


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/transcripts", answered(self.tell)),
            web.post("/_twin/faults", answered(self.set_faults)),
            web.get("/_twin/faults", answered(self.show_faults)),
            web.get("/_twin/log", answered(self.show_log)),
            web.get("/_twin/counts", answered(self.show_counts)),
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

    async def set_faults(self, request: web.Request) -> object:
        """Replace the faults that are named; `reset` puts all at rest first, `seed` starts the die anew."""
        wishes = await object_in(request)
        faults = Faults() if wishes.pop("reset", False) else self._twin.faults
        seed = wishes.pop("seed", None)
        try:
            self._twin.faults = faults.changed(wishes)
        except ValueError as error:
            raise Refused(str(error)) from error
        if isinstance(seed, int):
            self._twin.reseed(seed)
        return asdict(self._twin.faults)

    async def show_faults(self, _request: web.Request) -> object:
        """The faults as they are."""
        return asdict(self._twin.faults)

    async def show_log(self, request: web.Request) -> object:
        """What was heard and spoken after number `after`, at most `limit`, oldest first."""
        limit = min(whole(request, "limit", 1000), _MOST_LOGGED)
        taken = self._twin.ledger.after(whole(request, "after"), limit)
        return {"messages": [asdict(each) for each in taken], "last": self._twin.ledger.count}

    async def show_counts(self, _request: web.Request) -> object:
        """How much was heard and spoken, and refused."""
        return {"accepted": self._twin.ledger.count, **self._twin.counts}


def _hash_of(audio: str | None) -> str:
    try:
        return hashlib.sha256(base64.b64decode(audio or refuse("there is no audio"), validate=True)).hexdigest()
    except ValueError as error:
        raise Refused("the audio is not base64") from error
