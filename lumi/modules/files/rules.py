"""What follows from what is known of a file: which type it is taken for, its name, who may have which part of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from urllib.parse import quote
from uuid import UUID

from lumi.modules.files.errors import (
    Infected,
    NoScanner,
    NotScanned,
    RangeNotSatisfiable,
    ScanFailed,
    TypeContradicted,
    TypeRefused,
)
from lumi.modules.files.values import FileKind, FileState, FileType

LONGEST_NAME = 200
# How long browsers may keep a kind, the link allowing.
_KEPT_SECONDS = {
    FileKind.IMAGE: 24 * 3600,
    FileKind.AUDIO: 24 * 3600,
    FileKind.VIDEO: 3600,
    FileKind.DOCUMENT: 300,
}
_SHOWN = frozenset({FileKind.IMAGE, FileKind.AUDIO, FileKind.VIDEO})
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def chosen(
    possible: Sequence[FileType],
    *,
    declared: str | None,
    name: str,
    says_nothing: Collection[str],
    endings: Collection[str],
) -> FileType:
    """The type of a file whose bytes allow these. Refuses a declared type or an ending that is none of them.

    `says_nothing` are types that programs declare when they do not know; `endings` those that name a type.
    """
    if not possible:
        raise TypeRefused
    mime = (declared or "").partition(";")[0].strip().lower()
    left = [each for each in possible if mime in says_nothing or mime == each.mime or mime in each.aliases]
    ending = ending_of(name)
    if ending in endings:
        left = [each for each in left if ending in each.endings]
    if not left:
        raise TypeContradicted
    return left[0]


def ending_of(name: str) -> str:
    """`.pdf` of `Menu.PDF`, nothing of a name without one."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if stem and dot else ""


def clean_name(name: str, kind: FileType) -> str:
    """A name as it may be shown and saved under: no folders, nothing invisible, the ending of its type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in last)
    shown = " ".join(shown.split()).strip(". ")
    ending = ending_of(shown)
    if ending not in kind.endings:
        ending = kind.endings[0]
        return f"{shown[: LONGEST_NAME - len(ending)] or 'file'}{ending}"
    return shown[: -len(ending)][: LONGEST_NAME - len(ending)].rstrip(". ") + shown[-len(ending) :]


def storage_key(tenant_id: UUID, file_id: UUID) -> str:
    """Where the bytes are kept below the storage: made of ids alone, spread by bits that are random."""
    name = file_id.hex
    return f"{tenant_id.hex}/{name[-2:]}/{name[-4:-2]}/{name}"


def refusal(state: FileState, *, scanning: bool, unseen: bool) -> Exception | None:
    """Why a file in this state is not handed out; None when it is. Without a scanner what nobody saw is if `unseen`."""
    if state is FileState.UNSCANNED and not scanning:
        return None if unseen else NoScanner()
    if state is FileState.CLEAN:
        return None
    return {FileState.INFECTED: Infected(), FileState.FAILED: ScanFailed()}.get(state, NotScanned())


def kept_seconds(kind: FileKind, left: float) -> int:
    """How long a browser may keep a file of this kind when its link has so many seconds left."""
    return max(0, min(_KEPT_SECONDS[kind], int(left)))


def disposition(name: str, kind: FileKind) -> str:
    """The Content-Disposition: shown in its place where that runs nothing, else saved."""
    plain = "file" + ending_of(name)
    way = "inline" if kind in _SHOWN else "attachment"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def span(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and length of what a Range header asks for; None for all of it. Refuses what lies behind the end.

    Several ranges at once, other units and what is no range get the whole, as HTTP allows.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        start = size - length
    else:
        start = int(first)
        if last and int(last) < start:
            return None
        length = min(int(last) if last else size, size - 1) - start + 1
    if length <= 0:
        raise RangeNotSatisfiable
    return start, length
