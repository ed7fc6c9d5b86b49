"""From commands and what knowledge says to effects: the pure decision of a turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lumi.modules.assistant.values import (
    Answer,
    CallHuman,
    Command,
    Decision,
    Effect,
    Intent,
    NoteGap,
    ResumeWriting,
    Say,
    Source,
    StopWriting,
    TurnInput,
)

Phrase = Callable[..., str]
_MEDIA = {"audio": "voice", "voice": "voice", "image": "image", "photo": "image", "sticker": "image", "video": "video",
          "video_note": "video", "animation": "video", "document": "document", "file": "document",
          "location": "location", "venue": "location"}  # fmt: skip


class Voice:
    """How the organisation phrases things: `tr(key, lang, **variables)` and the name of a language."""

    def __init__(self, tr: Phrase, language_name: Callable[[str, str], str]) -> None:
        self.tr, self.language_name = tr, language_name


def decide(
    given: TurnInput, commands: Sequence[Command], answers: Mapping[int, Answer | None], voice: Voice
) -> Decision:
    """What to say and do. `answers` holds what knowledge says to the question at each index of `commands`.

    Somebody who asked to receive nothing more hears nothing until they write the start word.
    """
    if given.stopped and not any(command.intent is Intent.RESUME for command in commands):
        return Decision(tuple(commands), (), None)
    effects: list[Effect] = []
    said: list[Say] = []
    for index, command in enumerate(commands):
        spoken, wanted = _one(given, command, answers.get(index), voice)
        effects.extend(wanted)
        said.extend(spoken)
    if said and (given.spent or given.late):
        effects = _left_to_people(given, effects)
    elif said:
        effects.append(_together(said))
    return Decision(tuple(commands), tuple(effects), commands[-1].lang if commands else None)


def _left_to_people(given: TurnInput, effects: Sequence[Effect]) -> list[Effect]:
    """The same without a word: whoever works here is called, once."""
    called = given.wants_human or any(isinstance(effect, CallHuman) for effect in effects)
    return [*effects] if called else [*effects, CallHuman()]


def _one(
    given: TurnInput, command: Command, answer: Answer | None, voice: Voice
) -> tuple[Sequence[Say], Sequence[Effect]]:
    tr, lang = voice.tr, command.lang
    match command.intent:
        case Intent.QUESTION if answer is not None:
            return [_quoted(answer, lang, voice)], []
        case Intent.QUESTION:
            return [_plain(tr("assistant-unknown", lang), lang)], [NoteGap(command.text, lang)]
        case Intent.HUMAN:
            key = "assistant-human-already" if given.wants_human else "assistant-human-requested"
            text = tr(key, lang)
            return [Say(text, text, lang, handover=True)], [CallHuman()]
        case Intent.STOP:
            text = tr("channels-stopped", lang)
            return [Say(text, text, lang, confirms_stop=True)], [StopWriting()]
        case Intent.RESUME if given.stopped:
            text = tr("channels-resumed", lang)
            return [Say(text, text, lang, confirms_stop=True)], [ResumeWriting()]
        case Intent.RESUME | Intent.GREETING:
            text = _greeting(given, lang, voice)
            return [Say(text, text, lang, choices=dict(given.speaker.suggestions).get(lang, ()))], []
        case Intent.THANKS:
            return [_plain(tr("assistant-thanks", lang), lang)], []
        case Intent.GOODBYE:
            return [_plain(tr("assistant-goodbye", lang), lang)], []
        case Intent.UNREADABLE:
            kind = _MEDIA.get(command.detail, "other")
            return [_plain(tr("assistant-unreadable", lang, kind=kind), lang)], []
        case Intent.UNHEARD | Intent.NOT_HAD if given.wants_human:
            return [], []  # it was told once, and a person is on the way
        case Intent.UNHEARD:
            text = tr("assistant-unheard", lang, why=command.detail)
            return [Say(text, text, lang, handover=True)], [CallHuman()]
        case Intent.NOT_HAD:
            text = tr("assistant-file-not-had", lang, why=command.detail)
            return [Say(text, text, lang, handover=True)], [CallHuman()]
        case Intent.EMPTY:
            return [_plain(tr("assistant-rephrase", lang), lang)], []
        case Intent.SILENT:
            return [], []


def _greeting(given: TurnInput, lang: str, voice: Voice) -> str:
    if given.greeted:
        return voice.tr("assistant-greeting-again", lang)
    return voice.tr("assistant-greeting", lang, organisation=given.speaker.name)


def _plain(text: str, lang: str) -> Say:
    return Say(text, text, lang)


def _quoted(answer: Answer, lang: str, voice: Voice) -> Say:
    """Knowledge is quoted as written; in another language than the question's, that is said first."""
    text = answer.text
    if answer.lang != lang:
        named = voice.language_name(answer.lang, lang)
        text = f"{voice.tr('assistant-quoted', lang, language=named)}\n{text}"
    titles = list(dict.fromkeys(source.title for source in answer.sources))
    lines = [voice.tr("assistant-source", lang, title=title) for title in titles]
    return Say(text, "\n\n".join([text, "\n".join(lines)]) if lines else text, lang, answer.sources)


def _together(said: Sequence[Say]) -> Say:
    """Several answers are one message: a burst is answered once."""
    if len(said) == 1:
        return said[0]
    once = list(dict.fromkeys(said))
    sources: dict[str, Source] = {source.id: source for say in once for source in say.sources}
    return Say(
        "\n\n".join(say.text for say in once),
        "\n\n".join(say.plain for say in once),
        once[-1].lang,
        tuple(sources.values()),
        any(say.handover for say in once),
        any(say.confirms_stop for say in once),
        once[-1].choices,
    )
