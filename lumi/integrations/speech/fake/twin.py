"""The twin itself: what it was told about recordings, and everything it heard and spoke."""

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lumi.core import clock
from lumi.integrations.speech.fake.faults import Faults
from lumi.integrations.speech.fake.ledger import Accepted
from lumi.integrations.speech.openai_calls import SoundForm
from lumi.integrations.twin.faults import Dice
from lumi.integrations.twin.ledger import Ledger

_KEPT_RECORDINGS = 100_000


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    token: str = field(default_factory=lambda: "sk-" + secrets.token_urlsafe(24))
    models: dict[str, bool] = field(
        default_factory=lambda: {"whisper-1": True, "gpt-4o-transcribe": False, "gpt-4o-mini-tts": True, "tts-1": True}
    )
    """Its models, and whether one that hears tells more than the text."""
    voices: tuple[str, ...] = ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer")
    forms: tuple[SoundForm, ...] = tuple(SoundForm)
    """The forms of speech it makes; servers other than OpenAI's make fewer."""
    log_path: Path | None = None
    """Where everything heard and spoken is written, one JSON object a line."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said in a recording, and in which language (as `fr`)."""

    text: str
    language: str | None = None


class Twin:
    """All of the twin but its HTTP: one object, one event loop."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.faults = Faults()
        self.dice = Dice(settings.seed)
        self.ledger: Ledger[Accepted] = Ledger(settings.log_path)
        self.counts: Counter[str] = Counter()
        self._told: dict[str, Spoken] = {}

    async def close(self) -> None:
        """Stop: nothing more is written down."""
        self.ledger.close()

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        self.dice = Dice(seed)

    def tell(self, sha256: str, spoken: Spoken) -> None:
        """Have it know what is said in the recording with this hash."""
        self._told[sha256.lower()] = spoken
        if len(self._told) > _KEPT_RECORDINGS:
            del self._told[next(iter(self._told))]

    def said_in(self, recording: bytes) -> Spoken:
        """What it was told about this recording; silence when it was told nothing."""
        return self._told.get(hashlib.sha256(recording).hexdigest(), Spoken(""))

    def note(
        self,
        kind: str,
        to: str,
        text: str,
        sound: bytes,
        *,
        seconds: float,
        filename: str | None = None,
        language: str | None = None,
    ) -> None:
        """Write down what was heard or spoken, before it is answered."""
        self.ledger.append(
            Accepted(
                n=self.ledger.count + 1,
                at=clock.now().timestamp(),
                id=secrets.token_hex(12),
                to=to,
                type=kind,
                text=text,
                sha256=hashlib.sha256(sound).hexdigest(),
                filename=filename,
                language=language,
                seconds=round(seconds, 3),
            )
        )
