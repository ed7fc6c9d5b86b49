"""The port of text to speech: what a voice is, what it can be given, and which voice speaks which language."""

import unicodedata
from collections.abc import Mapping
from typing import Protocol

from lumi.integrations.speech.errors import Reason, SpeechRejected

LONGEST_TEXT = 4096
EVERY_LANGUAGE = "*"
_BREAKS = "\n\t"


class Voice(Protocol):
    """Speaks a text as a voice note."""

    def missing(self) -> str | None:
        """What is not installed or set, and how to get it; None when all is there."""
        ...

    async def say(self, text: str, lang: str) -> bytes:
        """The text, spoken: Ogg/Opus, mono, 48 kHz. One attempt; `lang` is as `fr` or `pt-BR`.

        Raises SpeechRejected (nothing to speak, more than LONGEST_TEXT characters, no voice for the language),
        RateLimited or Unavailable; it changes nothing anywhere and may be asked again.
        """
        ...


def speakable(text: str) -> str:
    """The text without control characters; SpeechRejected when nothing is left, or more than is spoken at once."""
    plain = "".join(each if each in _BREAKS or unicodedata.category(each)[0] != "C" else " " for each in text).strip()
    if not any(each.isalnum() for each in plain):
        raise SpeechRejected(Reason.UNSPEAKABLE, "there is nothing to speak")
    if len(plain) > LONGEST_TEXT:
        raise SpeechRejected(Reason.UNSPEAKABLE, f"a spoken text has at most {LONGEST_TEXT} characters")
    return plain


def voice_for(lang: str, *choices: Mapping[str, str]) -> str:
    """The voice for a language: of the whole tag, else of its language, else for every one, in the first that has one.

    SpeechRejected when there is none.
    """
    tag = lang.lower()
    for voices in choices:
        for key in (tag, tag.partition("-")[0], EVERY_LANGUAGE):
            if key in voices:
                return voices[key]
    raise SpeechRejected(Reason.LANGUAGE, f"there is no voice for {tag[:20]!r}")
