"""Which thread of a person something is said in, when it may be any of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from lumi.modules.channels.rules import CAPABILITIES, Facts, Route, Verdict, gate
from lumi.modules.channels.values.kinds import Author, DeliveryState, Purpose

_NEVER = datetime.min.replace(tzinfo=UTC)


def first_facts(author: Author, purpose: Purpose) -> Facts:
    """What the gate would look at, of something that has not been said yet."""
    return Facts(
        author=author, state=DeliveryState.COMMITTED, held=False, stopped=False, confirms_stop=False,
        last_inbound_at=None, valid_until=None, newer_open=False, next_try_at=None, sending_at=None, purpose=purpose,
    )  # fmt: skip


def open_route(facts: Facts, routes: Sequence[Route], now: datetime) -> Route | None:
    """The thread heard last in which the gate lets this go as it is; None when there is none.

    Surfaces that only show what is said to who looks at them are no way to reach anybody.
    """
    for route in _heard_last_first(routes):
        there = replace(
            facts, state=DeliveryState.COMMITTED, held=route.held, last_inbound_at=route.heard_at, newer_open=False,
            next_try_at=None, sending_at=None, by_template=False, shut=False,
        )  # fmt: skip
        if gate(there, CAPABILITIES[route.channel], now) is Verdict.GO:
            return route
    return None


def first_route(facts: Facts, routes: Sequence[Route], reopening: Collection[UUID], now: datetime) -> Route | None:
    """The thread for what nobody asked for: an open one, else one heard last that a template of its account reopens."""
    found = open_route(facts, routes, now)
    if found is not None or facts.stopped:
        return found
    by_template = (each for each in _heard_last_first(routes) if each.account_id in reopening and not each.held)
    return next(by_template, None)


def _heard_last_first(routes: Sequence[Route]) -> list[Route]:
    reaching = [each for each in routes if CAPABILITIES[each.channel].reaches_out]
    return sorted(reaching, key=lambda each: (each.heard_at or _NEVER, each.thread_id), reverse=True)
