"""How accounts are, as a table or as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lumi.cli.screen import complain, emit, output
from lumi.core.i18n import FALLBACK

if TYPE_CHECKING:
    from datetime import datetime

    from lumi.modules.channels.public import Status

# Accounts by the slug of their organisation.
Found = Mapping[str, Sequence["Status"]]
_COUNTS = ("waiting", "sent", "delivered", "read", "failed", "held", "unknown")
_COLUMNS = ("channel", "account", "state", "received", "usual", "last heard", *_COUNTS, "token")
_NUMBERS = frozenset({"received", "usual", *_COUNTS})


def emit_json(found: Found) -> None:
    """Every account as it is, one JSON object a line."""
    import orjson

    for slug, accounts in found.items():
        for each in accounts:
            told = {"organisation": slug, **dataclasses.asdict(each)}
            emit(orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS).decode())


def draw(found: Found, *, by_name: bool) -> None:
    """One row an account, separated by tabs where no terminal reads; what is wrong goes to standard error, in words.

    `by_name`: each row begins with its organisation.
    """
    head = ("organisation", *_COLUMNS) if by_name else _COLUMNS
    rows = [(slug, *_row(each)) if by_name else _row(each) for slug, accounts in found.items() for each in accounts]
    if output().is_terminal:
        _draw_table(head, rows)
    else:
        for row in (head, *rows):
            emit("\t".join(row))
    for slug, accounts in found.items():
        for each in accounts:
            for line in _wrong(each):
                complain(f"{f'{slug} ' if by_name else ''}{each.channel} {each.name}: {line}")


def _draw_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in head:
        table.add_column(name, justify="right" if name in _NUMBERS else "left", no_wrap=name != "account")
    for row in rows:
        table.add_row(*row)
    output().print(table)


def _row(each: Status) -> tuple[str, ...]:
    usual = [hour.expected for hour in each.hours if hour.expected is not None]
    return (
        each.channel, each.name, each.state, str(sum(hour.received for hour in each.hours)),
        f"{sum(usual):.0f}" if usual else "-", _minute(each.heard_at),
        *(str(getattr(each.deliveries, name)) for name in _COUNTS), _token(each),
    )  # fmt: skip


def _wrong(each: Status) -> list[str]:
    from lumi.modules.channels import public as channels

    lines = [channels.of_alert(alert.kind, alert.detail, each.channel, FALLBACK) for alert in each.alerts]
    if each.failure is not None:
        why = channels.of_failure(each.failure.why, each.channel, FALLBACK)
        lines.append(f"{_minute(each.failure.at)} {why} ({each.failure.said})")
    return lines


def _token(each: Status) -> str:
    if each.token_refused_at is not None:
        return "refused"
    if each.token_expires_at is None:
        return "-"
    if each.token_days is None:
        return f"ended {each.token_expires_at:%Y-%m-%d}"
    return {0: "its last day", 1: "1 day"}.get(each.token_days, f"{each.token_days} days")


def _minute(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}Z"
