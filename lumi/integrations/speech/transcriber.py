"""The port of speech to text, and when what a recogniser heard was nobody speaking.

Recognisers of Whisper's family fill silence with sentences of their training, as thanks for watching. They say how
sure they were, and that is believed."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

NO_SPEECH_FROM = 0.6
LEAST_LOGPROB = -1.0
MOST_COMPRESSION = 2.4
"""Text that packs better than this says the same thing over and over."""

# Notes of a recogniser on what it heard instead of words, as [BLANK_AUDIO] or (music).
_NOTES = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What somebody said. `confidence` is between 0 and 1; None where the recogniser does not tell."""

    text: str
    language: str | None
    confidence: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody was heard to say anything in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of recognised text; what the recogniser did not tell about it is None."""

    text: str
    seconds: float
    avg_logprob: float | None
    no_speech_prob: float | None
    compression_ratio: float | None

    @property
    def is_speech(self) -> bool:
        """Whether it is likely that somebody said this."""
        return not (
            (self.no_speech_prob is not None and self.no_speech_prob > NO_SPEECH_FROM)
            or (self.avg_logprob is not None and self.avg_logprob < LEAST_LOGPROB)
            or (self.compression_ratio is not None and self.compression_ratio > MOST_COMPRESSION)
        )


class Transcriber(Protocol):
    """Hears what is said in a recording."""

    def missing(self) -> str | None:
        """What is not installed or set, and how to get it; None when all is there."""
        ...

    async def transcribe(self, audio: bytes, *, lang: str | None = None) -> Transcript | Silence:
        """One attempt. `lang` is what the speaker is likely to speak, as `fr`.

        Raises SpeechRejected, RateLimited or Unavailable; it changes nothing anywhere and may be asked again.
        """
        ...


def judged(segments: Sequence[Segment], language: str | None, seconds: float) -> Transcript | Silence:
    """The words of the segments that are speech, or Silence when none is."""
    spoken = [each for each in segments if each.is_speech]
    text = " ".join(words for each in spoken if (words := each.text.strip()))
    if not has_words(text):
        return Silence(seconds)
    return Transcript(text, language, _confidence(spoken), seconds)


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit besides a recogniser's own notes."""
    return any(each.isalnum() for each in _NOTES.sub("", text))


def _confidence(segments: Sequence[Segment]) -> float | None:
    told = [(each.avg_logprob, max(each.seconds, 0.01)) for each in segments if each.avg_logprob is not None]
    if not told:
        return None
    mean = sum(logprob * weight for logprob, weight in told) / sum(weight for _, weight in told)
    return round(min(math.exp(mean), 1.0), 3)
