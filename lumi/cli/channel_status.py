"""How accounts are, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lumi.cli.screen import complain, emit, output
from lumi.core.i18n import FALLBACK

if TYPE_CHECKING:
    from datetime import datetime

    from lumi.modules.channels.public import Status

_COLUMNS = ("channel", "account", "state", "received", "usual", "last heard", "failed", "held", "unknown", "token")
_NUMBERS = frozenset({"received", "usual", "failed", "held", "unknown"})


def emit_json(found: Sequence[Status]) -> None:
    """Every account as it is, one JSON object a line."""
    import orjson

    for each in found:
        emit(orjson.dumps(each, default=str, option=orjson.OPT_NON_STR_KEYS).decode())


def draw(found: Sequence[Status]) -> None:
    """One row an account, separated by tabs where no terminal reads; what is wrong goes to standard error, in words."""
    if output().is_terminal:
        _draw_table(found)
    else:
        for row in (_COLUMNS, *map(_row, found)):
            emit("\t".join(row))
    for each in found:
        for line in _wrong(each):
            complain(f"{each.channel} {each.name}: {line}")


def _draw_table(found: Sequence[Status]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _NUMBERS else "left", no_wrap=name != "account")
    for each in found:
        table.add_row(*_row(each))
    output().print(table)


def _row(each: Status) -> tuple[str, ...]:
    usual = [hour.expected for hour in each.hours if hour.expected is not None]
    counts = {str(state): str(count) for state, count in each.troubled.items()}
    return (
        each.channel, each.name, each.state, str(sum(hour.received for hour in each.hours)),
        f"{sum(usual):.0f}" if usual else "-", _minute(each.heard_at),
        counts["failed"], counts["held"], counts["unknown"], _token(each),
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
