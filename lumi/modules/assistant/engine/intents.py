"""From what was said to commands: rules only, the same in every language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lumi.modules.assistant.engine import people, phrases
from lumi.modules.assistant.values import Command, Intent, Said, TurnInput

Detect = Callable[[str, Sequence[str], Sequence[str]], str]

_READABLE = frozenset({"text"})
# Of a recording that is there: why nobody knows what is said in it.
_NOT_HEARD = frozenset({"nobody_hears", "silence", "too_long", "unheard"})
# What people write below a picture, and what they were heard to say, are words like any other.
_WORDED = frozenset({"text", "media"})
_MOST_QUESTIONS = 3
# Words we ask for in every language: they say nothing of the language of whoever writes them.
_EVERYWHERE = frozenset({"stop", "start"})


def understand(
    given: TurnInput, *, detect: Detect, is_stop: Callable[[str], bool], is_start: Callable[[str], bool]
) -> tuple[Command, ...]:
    """What the person wants, in the order they said it; a burst is read together.

    `detect(text, among, history)` names the language of a text; a stop word wins over everything else.
    """
    commands: list[Command] = []
    history = list(given.languages_before)
    for said in given.said:
        before = history or [given.speaker.locale]
        is_everywhere = said.text.strip().casefold() in _EVERYWHERE
        lang = before[-1] if is_everywhere else detect(said.text, given.speaker.languages, before)
        if said.lang in given.speaker.languages:
            lang = said.lang or lang
        if said.kind in _WORDED and said.text.strip():
            history.append(lang)
        commands.extend(_commands(said, lang, is_stop, is_start))
    decisive = [command for command in commands if command.intent in (Intent.STOP, Intent.RESUME)]
    return tuple(decisive[-1:] or _joined(commands))


def _commands(
    said: Said, lang: str, is_stop: Callable[[str], bool], is_start: Callable[[str], bool]
) -> Sequence[Command]:
    if said.kind == "reaction":
        return [Command(Intent.SILENT, "", lang)]
    if said.lacking is not None:
        intent = Intent.UNHEARD if said.lacking in _NOT_HEARD else Intent.NOT_HAD
        return [Command(intent, "", lang, said.lacking), *_in_words(said, lang, is_stop, is_start)]
    if said.kind not in _READABLE and not (said.kind in _WORDED and said.text.strip()):
        return [Command(Intent.UNREADABLE, "", lang, said.type)]
    return _in_words(said, lang, is_stop, is_start)


def _in_words(
    said: Said, lang: str, is_stop: Callable[[str], bool], is_start: Callable[[str], bool]
) -> Sequence[Command]:
    if said.kind not in _READABLE and not said.text.strip():
        return []
    if is_stop(said.text):
        return [Command(Intent.STOP, said.text, lang)]
    if is_start(said.text):
        return [Command(Intent.RESUME, said.text, lang)]
    folded = phrases.fold(said.text)
    if not folded:
        return [Command(Intent.EMPTY, said.text, lang)]
    if people.asks_for_a_person(folded):
        return [Command(Intent.HUMAN, said.text, lang)]
    return _courtesy_and_question(said.text, folded, lang)


def _courtesy_and_question(text: str, folded: str, lang: str) -> Sequence[Command]:
    """Greetings, thanks and goodbyes around what is left; what is left is the question."""
    found: list[Command] = []
    rest = folded
    for intent, words in (
        (Intent.GREETING, phrases.GREETINGS),
        (Intent.THANKS, phrases.THANKS),
        (Intent.GOODBYE, phrases.GOODBYES),
    ):
        shorter = _without(rest, words)
        if shorter != rest:
            found.append(Command(intent, text, lang))
            rest = shorter
    if found:
        rest = _without(rest, phrases.SMALL_TALK)
    if rest:
        found.append(Command(Intent.QUESTION, text, lang))
    return found


def _without(text: str, words: Sequence[str]) -> str:
    """The text without these phrases at its beginning and end."""
    for phrase in words:
        if text == phrase:
            return ""
        if text.startswith(f"{phrase} "):
            return _without(text[len(phrase) + 1 :], words)
        if text.endswith(f" {phrase}"):
            return _without(text[: -len(phrase) - 1], words)
    return text


def _joined(commands: Sequence[Command]) -> Sequence[Command]:
    """Fragments of one question become one; courtesies beside something real are dropped."""
    questions = [command for command in commands if command.intent is Intent.QUESTION]
    others = [command for command in commands if command.intent is not Intent.QUESTION]
    merged: list[Command] = []
    for question in questions:
        whole = merged and not _is_complete(merged[-1].text)
        if whole or (merged and _is_fragment(question.text)):
            last = merged.pop()
            merged.append(Command(Intent.QUESTION, f"{last.text} {question.text}", question.lang))
        else:
            merged.append(question)
    lacking = [command for command in others if command.intent in (Intent.UNHEARD, Intent.NOT_HAD)][-1:]
    if merged:
        human = [command for command in others if command.intent is Intent.HUMAN][:1]
        return [*merged[-_MOST_QUESTIONS:], *(human or lacking)]
    if lacking:
        return lacking
    for intent in (Intent.HUMAN, Intent.UNREADABLE, Intent.THANKS, Intent.GOODBYE, Intent.GREETING, Intent.EMPTY):
        chosen = [command for command in others if command.intent is intent]
        if chosen:
            return chosen[-1:]
    return others[-1:]


def _is_complete(text: str) -> bool:
    return text.rstrip().endswith(("?", "؟", ".", "!"))


def _is_fragment(text: str) -> bool:
    return len(text.split()) <= 2 and not text.rstrip().endswith(("?", "؟"))
