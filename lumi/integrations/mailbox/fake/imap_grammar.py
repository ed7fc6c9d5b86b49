"""What a client of IMAP asks for, and what it is answered with. Written apart from how our client reads and writes."""

import re
from datetime import date, datetime
from typing import NoReturn

from lumi.integrations.mailbox.fake.inboxes import Stored

LITERAL = re.compile(rb"\{(\d{1,9})(\+?)\}$")
_WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\{\d+\+?\})|([^\s"]+)')
_ITEM = re.compile(r"BODY(?:\.PEEK)?\[[A-Z]*\](?:<\d+\.\d+>)?|[A-Z0-9.]+", re.IGNORECASE)
_PART = re.compile(r"BODY(\.PEEK)?\[(|HEADER)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class Malformed(Exception):
    """The server answers BAD with this text."""


def words(parts: list[bytes]) -> list[bytes]:
    """The words of a command, whose `parts` are text and literals in turn."""
    literals = iter(parts[1::2])
    found: list[bytes] = []
    for text in parts[::2]:
        for each in _WORD.finditer(text):
            quoted, literal, plain = each.groups()
            found.append(next(literals) if literal else plain or re.sub(rb"\\(.)", rb"\1", quoted))
    return found


def uids(text: str, mails: list[Stored]) -> set[int]:
    """The uids in a set such as `1,4:7,9:*`. As by the standard, `9:*` and `*:9` are the same."""
    last = mails[-1].uid if mails else 0
    found: set[int] = set()
    for each in text.split(","):
        ends = [last if end == "*" else int(end) if end.isdecimal() else _malformed() for end in each.split(":", 1)]
        found |= {mail.uid for mail in mails if min(ends) <= mail.uid <= max(ends)}
    return found


def searched(text: str, mails: list[Stored]) -> set[int]:
    """The uids of the mails that a SEARCH asks for: ALL, UID set, SINCE day."""
    match text.upper().split():
        case ["ALL"]:
            return {each.uid for each in mails}
        case ["UID", numbers]:
            return uids(numbers, mails)
        case ["SINCE", day]:
            first = _day(day)
            return {each.uid for each in mails if each.at.date() >= first}
        case _:
            return _malformed()


def items(text: str) -> list[str]:
    """The items that a FETCH asks for."""
    inner = text.strip().removeprefix("(").removesuffix(")")
    found = _ITEM.findall(inner)
    return found if found and " ".join(found) == inner else _malformed()


def shown(mail: Stored, wanted: list[str]) -> bytes:
    """The inside of the answer to a FETCH."""
    told: list[bytes] = []
    for item in wanted:
        match item.upper():
            case "UID":
                told.append(b"UID %d" % mail.uid)
            case "RFC822.SIZE":
                told.append(b"RFC822.SIZE %d" % len(mail.raw))
            case "INTERNALDATE":
                told.append(b'INTERNALDATE "' + _date_time(mail.at) + b'"')
            case "FLAGS":
                told.append(b"FLAGS (" + " ".join(sorted(mail.flags)).encode() + b")")
            case _:
                told.append(_part(mail, item))
    return b" ".join(told)


def is_whole(item: str) -> bool:
    """Whether this asks for a whole mail."""
    found = _PART.fullmatch(item)
    return found is not None and not found[2]


def marks_seen(item: str) -> bool:
    """Whether a mail counts as read after this."""
    found = _PART.fullmatch(item)
    return found is not None and not found[1]


def _part(mail: Stored, item: str) -> bytes:
    found = _PART.fullmatch(item) or _malformed()
    name, content = b"BODY[]", mail.raw
    if found[2]:
        head, separator, _ = mail.raw.partition(b"\r\n\r\n")
        name, content = b"BODY[HEADER]", head + separator
    if found[3] is not None:
        name += b"<%d>" % int(found[3])
        content = content[int(found[3]) :][: int(found[4])]
    return name + b" {%d}\r\n" % len(content) + content


def _date_time(at: datetime) -> bytes:
    return f"{at.day:2d}-{_MONTHS[at.month - 1].title()}-{at:%Y %H:%M:%S %z}".encode()


def _day(text: str) -> date:
    day, month, year = text.strip('"').split("-")
    return date(int(year), _MONTHS.index(month) + 1, int(day))


def _malformed() -> NoReturn:
    raise Malformed("Error in IMAP command: it cannot be read")
