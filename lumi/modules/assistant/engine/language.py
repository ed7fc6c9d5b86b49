"""The language of a message: common words and spelling decide, a foreign name does not, short words follow history."""

import gc
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock

from lumi.core.i18n import LANGUAGES
from lumi.modules.assistant.engine.lexicon import CENTIBEL, Lexicon, ranked
from lumi.modules.assistant.engine.spelling import Spelling, learn
from lumi.modules.assistant.engine.tokens import LONGEST_TEXT, Script, Word, words

WRITTEN: Mapping[Script, Sequence[str]] = {
    Script.LATIN: ("fr", "en", "es", "de", "it", "pt"),
    Script.CYRILLIC: ("ru",),
    Script.ARABIC: ("ar",),
}
# Words that messages begin and end with, and that news and encyclopedias hardly ever use.
CHAT: Mapping[str, Sequence[str]] = {
    "fr": ["bonjour", "bonsoir", "salut", "merci", "oui", "non", "svp", "stp", "bjr", "slt", "coucou", "rdv"],
    "en": ["hello", "hi", "hey", "thanks", "thank", "please", "yes", "yeah", "sorry", "bye"],
    "es": ["hola", "gracias", "buenas", "buenos", "vale", "adiós", "adios", "perdón", "sí"],
    "de": ["hallo", "danke", "bitte", "ja", "nein", "tschüss", "moin", "servus", "guten"],
    "it": ["ciao", "salve", "grazie", "buongiorno", "buonasera", "prego", "sì", "scusi"],
    "pt": ["olá", "ola", "oi", "obrigado", "obrigada", "bom", "boa", "sim", "não", "tchau"],
    "ar": ["مرحبا", "أهلا", "اهلا", "شكرا", "نعم", "لا", "سلام", "السلام", "عليكم"],
    "ru": ["привет", "здравствуйте", "спасибо", "да", "нет", "добрый", "пожалуйста"],
}
_MARKS = {"¿": "es", "¡": "es", "؟": "ar", "،": "ar", "؛": "ar"}
_MARK = 5.0
# Words rarer than this (centibels) are not kept. Where one language has a script to itself, only grammar matters.
_LEAST = {Script.LATIN: 700, Script.CYRILLIC: 550, Script.ARABIC: 550}
_COMMON = 300
_TEACHERS = 15_000
# The chance that a word is on no list, and the logarithm of a word's frequency at which it says nothing of its script.
_UNLISTED, _NAMELIKE = -4.0, -12.5
_LEAST_SCRIPT = 0.7
# Latin words stay in other scripts as brands and terms far more often than the other way round.
_GUEST = 0.75
# A sentence mostly begins and ends in its own script.
_EDGE = 3.0
# No single word speaks louder against a language than this, and the spelling of a word on no list (a name?) less.
_CLIP, _UNKNOWN = 12.0, 0.6
_HISTORY, _FADING, _REMEMBERED = 2.0, 0.5, 4
_SHARPNESS = 0.8
_loading = Lock()


@dataclass(frozen=True, slots=True)
class Guess:
    """A language and how sure it is, 0 to 1. 0 means that the text said nothing."""

    lang: str
    confidence: float


def detect(text: str, *, among: Sequence[str] | None = None, history: Sequence[str] = ()) -> Guess:
    """The language of `text`, one of `among` (all eight unless told).

    `history` holds the languages of the messages before it, newest last: it decides words that several languages
    share. A text without words is taken for the last of `history`, or the first of `among`, with confidence 0.
    The confidence is weighed against all eight, so a text in a language outside `among` shows as a low one.
    """
    spoken = tuple(among or LANGUAGES)
    before = [language for language in history if language in spoken]
    evidence = _evidence(text)
    known = [language for language in spoken if language in evidence]
    if not known:
        return Guess(before[-1] if before else spoken[0], 0.0)
    scores = {language: _SHARPNESS * said + _told_by(before, language) for language, said in evidence.items()}
    best = max(known, key=scores.__getitem__)
    highest = max(scores.values())
    return Guess(best, math.exp(scores[best] - highest) / sum(math.exp(score - highest) for score in scores.values()))


def prepare() -> None:
    """Loads the model now, which takes about a second; otherwise the first text does."""
    with _loading:
        for script in Script:
            _lexicon(script)
        _spelling()


def _evidence(text: str) -> dict[str, float]:
    """The sum of what every word says for each language; only languages whose script occurs are named."""
    found = words(text)
    if not found:
        return {}
    prepare()
    totals = {language: 0.0 for script in Script for language in WRITTEN[script] if _occurs(script, found)}
    for mark in _MARKS.keys() & set(text[:LONGEST_TEXT]):
        if _MARKS[mark] in totals:
            totals[_MARKS[mark]] += _MARK
    for edge in (found[0], found[-1]):
        for language in WRITTEN[edge.script]:
            totals[language] += _EDGE
    guests = Script.LATIN if any(word.script is not Script.LATIN for word in found) else None
    for word in found:
        weight = word.weight * (_GUEST if word.script is guests else 1.0)
        for part in _parts(word):
            for language, said in zip(WRITTEN[word.script], _said_by(part, word.script), strict=True):
                totals[language] += weight * said
    return totals


def _occurs(script: Script, found: Sequence[Word]) -> bool:
    return any(word.script is script for word in found)


def _parts(word: Word) -> Sequence[str]:
    """`don't` is a word of its own, `l'hôtel` is two."""
    listed = "'" not in word.text or any(log is not None for log in _lexicon(word.script).logs(word.text))
    return [word.text] if listed else word.text.split("'")


def _said_by(word: str, script: Script) -> Sequence[float]:
    """How much a word speaks for each language of its script.

    What it says for the script grows with how common it is: a function word carries the grammar of the sentence,
    a rare word may be a foreign name in it.
    """
    listed = _lexicon(script).logs(word)
    common = max((log for log in listed if log is not None), default=_NAMELIKE)
    for_script = max(_LEAST_SCRIPT, common - _NAMELIKE)
    if script is not Script.LATIN:
        return [for_script]
    spelled = _spelling().logs(word)
    if all(log is None for log in listed):
        spelled = [_UNKNOWN * by_letters for by_letters in spelled]
    chances = [_either(log, _UNLISTED + by_letters) for log, by_letters in zip(listed, spelled, strict=True)]
    highest = max(chances)
    return [for_script + max(-_CLIP, chance - highest) for chance in chances]


def _either(listed: float | None, spelled: float) -> float:
    """The logarithm of the sum of two chances."""
    if listed is None:
        return spelled
    higher, lower = max(listed, spelled), min(listed, spelled)
    return higher + math.log1p(math.exp(lower - higher))


def _told_by(before: Sequence[str], language: str) -> float:
    """What the conversation so far says for a language: most by its last message, less by each one before."""
    latest = reversed(before[-_REMEMBERED:])
    return sum(_HISTORY * _FADING**age for age, earlier in enumerate(latest) if earlier == language)


@cache
def _lexicon(script: Script) -> Lexicon:
    return Lexicon(WRITTEN[script], least=_LEAST[script], chat=CHAT, common=_COMMON)


@cache
def _spelling() -> Spelling:
    learned = learn(_vocabularies(), words=_TEACHERS)
    gc.collect()  # what was read and counted is let go first: the model takes 14 MB less
    return Spelling(learned)


def _vocabularies() -> Sequence[Iterator[tuple[str, float]]]:
    return [
        ((word, -level * CENTIBEL) for word, level in ranked(language, _LEAST[Script.LATIN]))
        for language in WRITTEN[Script.LATIN]
    ]
