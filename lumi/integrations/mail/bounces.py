"""Reports of mail servers: whether a mail of ours arrived, and why not (RFC 3464)."""

import re
from collections.abc import Iterable
from email import policy
from email.parser import BytesHeaderParser
from typing import cast

from lumi.integrations.mail.headers import BROKEN, Headers
from lumi.integrations.mail.parts import Part, children, content_of, mime_of
from lumi.integrations.mail.shapes import Bounce

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_LONGEST_DIAGNOSTIC = 500
_ORIGINALS = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"})


def is_report(message: Part, headers: Headers) -> bool:
    """Whether a mail server wrote this about another mail: a delivery, a delay, a receipt, a complaint."""
    return mime_of(message) == "multipart/report" or headers.first("X-Failed-Recipients") is not None


def bounce_in(message: Part, headers: Headers, files: Iterable[Part], key_header: str) -> Bounce | None:
    """What it reports of a delivery that failed or is late; None when it is no such report."""
    original = _original_id(headers, files, key_header)
    for part in files:
        if mime_of(part) == "message/delivery-status":
            found = _first_failed([_headers(each) for each in children(part)])
            return _bounce(found, original) if found is not None else None
    failed = headers.addresses("X-Failed-Recipients")
    return Bounce(failed[0].address, None, True, original, "") if failed else None


def _first_failed(groups: list[Headers]) -> Headers | None:
    """The recipient who was not reached for good, else one for whom the server still tries."""
    actions = [
        (_word(each, "Action"), each) for each in groups if each.first("Final-Recipient") or each.first("Action")
    ]
    failed = [each for action, each in actions if action == "failed"]
    late = [each for action, each in actions if action == "delayed"]
    return next(iter(failed + late), None)


def _bounce(group: Headers, original: str | None) -> Bounce:
    status = _STATUS.search(group.first("Status") or "") or _STATUS.search(group.first("Diagnostic-Code") or "")
    return Bounce(
        recipient=_recipient(group),
        status=status.group() if status else None,
        permanent=_word(group, "Action") == "failed",
        original_message_id=original,
        diagnostic=(group.first("Diagnostic-Code") or "")[:_LONGEST_DIAGNOSTIC],
    )


def _recipient(group: Headers) -> str | None:
    """The address we wrote to: the server may have sent it on to another."""
    for name in ("Original-Recipient", "Final-Recipient"):
        address = (group.first(name) or "").partition(";")[2].strip().strip("<>").lower()
        if "@" in address:
            return address
    return None


def _original_id(headers: Headers, files: Iterable[Part], key_header: str) -> str | None:
    """The id of the mail it is about: from the copy it encloses, else from its own thread."""
    for part in files:
        if mime_of(part) in _ORIGINALS:
            inner = children(part)
            enclosed = _headers(inner[0]) if inner else _headers_in(content_of(part))
            found = enclosed.ids(key_header) or enclosed.ids("Message-ID")
            if found:
                return found[0]
    return next(iter(headers.ids("In-Reply-To") or headers.ids("References")[-1:]), None)


def _word(group: Headers, name: str) -> str:
    return (group.first(name) or "").strip().lower()


def _headers(part: Part) -> Headers:
    return Headers(cast("Iterable[tuple[str, str]]", part.raw_items()))


def _headers_in(data: bytes) -> Headers:
    try:
        return _headers(BytesHeaderParser(policy=policy.compat32).parsebytes(data))
    except BROKEN:
        return Headers(())
