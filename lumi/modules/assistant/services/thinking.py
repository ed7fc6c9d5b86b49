"""Think: from what was read to what is proposed. No transaction, no connection held, nothing changed."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast
from uuid import UUID

from lumi.core import i18n
from lumi.modules.assistant import rules
from lumi.modules.assistant.engine import decide, intents
from lumi.modules.assistant.engine.language import detect
from lumi.modules.assistant.values import (
    Answer,
    Command,
    Decision,
    Intent,
    LaneState,
    Said,
    Speaker,
    TurnInput,
)
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, Channel
from lumi.modules.contacts import public as contacts

# What knowledge says to a question: `(tenant, question, language)`, None below the evidence threshold.
Knowledge = Callable[[UUID, str, str], Awaitable[Answer | None]]
_VOICE = decide.Voice(i18n.tr, i18n.language_name)


def read(state: LaneState, speaker: Speaker, *, spent: bool = False) -> TurnInput:
    """The input of a decision, taken from one snapshot of the thread. What a machine sent, nobody answers."""
    messages = [event for event in state.events if event.kind == "message" and not event.payload.get("automatic")]
    offered = _offered(state)
    said = tuple(
        Said(
            event.n,
            str(event.payload.get("kind", "text")),
            str(event.payload.get("type", "text")),
            channels.chosen(text, offered) or text,
            str(event.payload["lang"]) if event.payload.get("lang") else None,
            rules.lacking(event),
        )
        for event in messages
        for text in [str(event.payload.get("text", ""))]
    )
    spoken = tuple(str(each["lang"]) for each in state.history if each.get("lang"))
    greeted = any(each.get("author") == "assistant" for each in state.history)
    if greeted or not channels.CAPABILITIES[Channel(state.channel)].reaches_out:
        # offered once; our own surfaces show them by themselves
        speaker = dataclasses.replace(speaker, suggestions=())
    late = rules.is_late(state.events, channels.CAPABILITIES[Channel(state.channel)].late_hours)
    return TurnInput(said, spoken, speaker, greeted, state.wants_human, state.stopped, spent, late)


def wishes_silence(state: LaneState) -> bool | None:
    """Whether the person wants to hear no more, or again, by the last such word; None when they said neither."""
    wish = None
    for event in state.events:
        is_said = event.kind == "message" and not event.payload.get("automatic")
        words = str(event.payload.get("text", "")) if is_said else ""
        if contacts.is_stop_word(words):
            wish = True
        elif contacts.is_start_word(words):
            wish = False
    return wish


def _offered(state: LaneState) -> Sequence[str]:
    """The choices under what was said last by us: a number that is typed then means one of them."""
    for each in reversed(state.history):
        if each.get("author") != Author.CONTACT:
            return cast("Sequence[str]", each.get("choices") or ())
    return ()


async def think(tenant_id: UUID, given: TurnInput, knowledge: Knowledge) -> Decision:
    """What to say and do about this input."""
    commands = intents.understand(
        given, detect=_language, is_stop=contacts.is_stop_word, is_start=contacts.is_start_word
    )
    asked = () if given.stopped else commands
    answers = await _answers(tenant_id, asked, knowledge)
    return decide.decide(given, commands, answers, _VOICE)


async def _answers(tenant_id: UUID, commands: Sequence[Command], knowledge: Knowledge) -> Mapping[int, Answer | None]:
    asked = [index for index, command in enumerate(commands) if command.intent is Intent.QUESTION]
    found = await asyncio.gather(*(knowledge(tenant_id, commands[index].text, commands[index].lang) for index in asked))
    return dict(zip(asked, found, strict=True))


def _language(text: str, among: Sequence[str], history: Sequence[str]) -> str:
    return detect(text, among=among, history=history).lang
