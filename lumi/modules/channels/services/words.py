"""What is wrong with an account, in words for staff."""

from __future__ import annotations

from collections.abc import Mapping

from lumi.core.i18n import tr
from lumi.modules.channels.values.kinds import AlertKind, Channel, DeliveryState, Failure

# What is known of posts that do not reach us; anything else are the provider's own words.
_WEBHOOK = {
    "not_set": "channels-alert-webhook-not-set",
    "elsewhere": "channels-alert-webhook-elsewhere",
    "unsubscribed": "channels-alert-webhook-unsubscribed",
}
_FAILURES = {
    Failure.TOKEN: "channels-failure-token",
    Failure.POLICY: "channels-failure-policy",
    Failure.WINDOW: "channels-failure-window",
    Failure.RECIPIENT: "channels-failure-recipient",
    Failure.CONTENT: "channels-failure-content",
    Failure.TEMPLATE: "channels-failure-template",
    Failure.REGISTRATION: "channels-failure-registration",
    Failure.BUSY: "channels-failure-busy",
    Failure.UNREACHABLE: "channels-failure-unreachable",
    Failure.UNKNOWN: "channels-failure-unknown",
    Failure.OTHER: "channels-failure-other",
}
# What the gate and the receipts write down themselves.
_ERRORS = {"outcome_unknown": Failure.UNKNOWN, "window_closed": Failure.WINDOW, "refused": Failure.OTHER}


def of_alert(kind: AlertKind, detail: Mapping[str, object], channel: Channel, lang: str) -> str:
    """One sentence or two: what is wrong, and what to do."""
    label = channel.label
    if kind is AlertKind.SILENT:
        return tr("channels-alert-silent", lang, expected=_whole(detail, "expected"))
    if kind is AlertKind.TOKEN_EXPIRING:
        return tr("channels-alert-token-expiring", lang, channel=label, days=_whole(detail, "days"))
    if kind is AlertKind.TOKEN_REFUSED:
        return tr("channels-alert-token-refused", lang, channel=label)
    if kind is AlertKind.FAILING:
        return tr("channels-alert-failing", lang, failed=_whole(detail, "failed"), tried=_whole(detail, "tried"))
    if kind is AlertKind.UNKNOWN_OUTCOMES:
        return tr("channels-alert-unknown-outcomes", lang, count=_whole(detail, "count"))
    said = str(detail.get("said", ""))
    known = _WEBHOOK.get(said)
    if known is not None:
        return tr(known, lang, channel=label)
    return tr("channels-alert-webhook-broken", lang, channel=label, said=said)


def of_failure(why: Failure, channel: Channel, lang: str) -> str:
    """Why a send failed, and what to do."""
    return tr(_FAILURES[why], lang, channel=channel.label)


def of_error(error: str, state: DeliveryState, channel: Channel, lang: str) -> str:
    """Why one message did not surely arrive; what only the provider has words for is shown as it said it."""
    known = Failure.UNKNOWN if state is DeliveryState.UNKNOWN else _ERRORS.get(error)
    return error if known is None else of_failure(known, channel, lang)


def _whole(detail: Mapping[str, object], name: str) -> int:
    value = detail.get(name, 0)
    return value if isinstance(value, int) else 0
