"""Which mail no machine may answer: two machines that answer each other never stop (RFC 3834)."""

import re
from collections.abc import Collection
from enum import StrEnum

from lumi.integrations.mail.headers import Address, Headers


class AutoReason(StrEnum):
    """Why a mail is not from somebody who waits for an answer."""

    DELIVERY_REPORT = "delivery_report"
    OWN_ADDRESS = "own_address"
    NO_SENDER = "no_sender"
    AUTO_SUBMITTED = "auto_submitted"
    NO_RETURN_PATH = "no_return_path"
    LIST = "list"
    BULK = "bulk"
    SUPPRESSED = "suppressed"
    MACHINE_SENDER = "machine_sender"


_MACHINE = re.compile(
    r"(?:mailer-?daemon|postmaster|(?:[a-z0-9]+[-_.+])?(?:do[-_.]?)?no[t]?[-_.]?reply|bounces?)(?:[-_.+=].*)?"
)
_BULK = frozenset({"bulk", "junk", "list"})
_ANSWERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")


def reason_in(
    headers: Headers, sender: Address | None, own_addresses: Collection[str], *, is_report: bool
) -> AutoReason | None:
    """Why nobody may answer this mail, the most telling reason first; None when a person seems to wait."""
    if is_report:
        return AutoReason.DELIVERY_REPORT
    if sender is None:
        return AutoReason.NO_SENDER
    if sender.address in {each.lower() for each in own_addresses}:
        return AutoReason.OWN_ADDRESS
    return _reason_in_headers(headers) or (AutoReason.MACHINE_SENDER if is_machine(sender) else None)


def is_machine(sender: Address) -> bool:
    """Whether the address says itself that nobody reads what it is sent."""
    return _MACHINE.fullmatch(sender.address.partition("@")[0]) is not None


def _reason_in_headers(headers: Headers) -> AutoReason | None:
    precedence = _words(headers, "Precedence")
    if _words(headers, "Auto-Submitted") - {"no"} or any(headers.every(each) for each in _ANSWERS):
        return AutoReason.AUTO_SUBMITTED
    if "auto_reply" in precedence:
        return AutoReason.AUTO_SUBMITTED
    if any(each.replace(" ", "") == "<>" for each in headers.every("Return-Path")):
        return AutoReason.NO_RETURN_PATH
    if any(headers.every(each) for each in ("List-Id", "List-Unsubscribe", "List-Post")):
        return AutoReason.LIST
    if precedence & _BULK:
        return AutoReason.BULK
    if _words(headers, "X-Auto-Response-Suppress") - {"none"}:
        return AutoReason.SUPPRESSED
    return None


def _words(headers: Headers, name: str) -> set[str]:
    """The first word of each value of a header, without what follows a semicolon or comma."""
    firsts = {re.split(r"[;,(\s]", each.strip().lower(), maxsplit=1)[0] for each in headers.every(name)}
    return firsts - {""}
