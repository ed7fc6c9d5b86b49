"""Accounts as they are shown: in words, and in somebody's language."""

from __future__ import annotations

from lumi.modules.channels.schemas import (
    AlertRead,
    ChannelStatus,
    DeliveryCounts,
    FailureRead,
    HourRead,
    TokenRead,
    TroubledDelivery,
)
from lumi.modules.channels.services import words
from lumi.modules.channels.services.status import LastFailure, Status, Troubled
from lumi.modules.channels.values.kinds import Channel


def status(found: Status, lang: str) -> ChannelStatus:
    """How an account is."""
    return ChannelStatus(
        id=found.id, channel=found.channel, name=found.name, state=found.state,
        alerts=[
            AlertRead(
                kind=each.kind, raised_at=each.raised_at,
                says=words.of_alert(each.kind, each.detail, found.channel, lang),
            )
            for each in found.alerts
        ],
        heard_at=found.heard_at, checked_at=found.checked_at,
        token=TokenRead(
            expires_at=found.token_expires_at, days_left=found.token_days, has_ended=found.token_ended,
            refused_at=found.token_refused_at,
        ),
        failure=found.failure and _failure(found.failure, found.channel, lang),
        deliveries=DeliveryCounts.model_validate(found.deliveries, from_attributes=True),
        hours=[HourRead.model_validate(each, from_attributes=True) for each in found.hours],
    )  # fmt: skip


def troubled(found: Troubled, lang: str) -> TroubledDelivery:
    """A message that did not surely arrive."""
    return TroubledDelivery(
        id=found.id, conversation_id=found.thread_id, message_id=found.message_id, state=found.state,
        text=found.excerpt, says=words.of_error(found.error, found.state, found.channel, lang), at=found.at,
    )  # fmt: skip


def _failure(found: LastFailure, channel: Channel, lang: str) -> FailureRead:
    return FailureRead(at=found.at, why=found.why, says=words.of_failure(found.why, channel, lang), said=found.said)
