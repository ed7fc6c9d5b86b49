"""What a file is, by its bytes: never by its name or by what its sender says.

The beginning names the candidates, more than one only where the bytes do not tell them apart (the same container
holds sound and pictures, and a table of values is a text). What was declared chooses among them, and nothing else.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Sequence

from lumi.modules.files.engine import types
from lumi.modules.files.values import FileType

HEAD_BYTES = 4096

_ZIP = b"PK\x03\x04"
_OPUS = b"OpusHead"
_OGG_SOUND = (b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_FILM_BRANDS = frozenset(
    {
        b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso8", b"mp41", b"mp42", b"avc1", b"MSNV", b"dash",
        b"M4V ", b"M4VH", b"M4VP", b"f4v ", b"mmp4",
    }
)  # fmt: skip
_STARTS: tuple[tuple[bytes, FileType], ...] = (
    (b"\xff\xd8\xff", types.JPEG),
    (b"\x89PNG\r\n\x1a\n", types.PNG),
    (b"GIF87a", types.GIF),
    (b"GIF89a", types.GIF),
    (b"%PDF-", types.PDF),
    (b"#!AMR\n", types.AMR),
    (b"#!AMR-WB\n", types.AMR),
    (b"ID3", types.MP3),
)
# What a text cannot have in it, and how one begins that a program would run or a browser would draw.
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_RUNS = re.compile(rb"\s*(<[!?/a-z]|#!|%!ps|\{\\rtf|@echo|mime-version:)", re.IGNORECASE)
_MACROS = re.compile(r"vbaproject\.bin$|vbadata\.xml$|/activex/|macrosheets/", re.IGNORECASE)
_MAIN_PARTS = (("word/", types.DOCX), ("xl/", types.XLSX), ("ppt/", types.PPTX))


def candidates(head: bytes) -> Sequence[FileType]:
    """What a file that begins so may be; nothing when it is not accepted."""
    for start, found in _STARTS:
        if head.startswith(start):
            return (found,)
    contained = _in_a_container(head)
    if contained is not None:
        return contained
    if head[:1] == b"\xff":
        return _raw_sound(head)
    if head.startswith(_ZIP):
        return (types.DOCX, types.XLSX, types.PPTX)
    return (types.TEXT, types.CSV) if is_text(head, cut=len(head) >= HEAD_BYTES) else ()


def is_text(head: bytes, *, cut: bool) -> bool:
    """Whether a file that begins so is a text in UTF-8 that nothing would run; `cut` when there is more of it."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=not cut)
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(head) and not _RUNS.match(head.removeprefix(codecs.BOM_UTF8))


def office(parts: Collection[str]) -> FileType | None:
    """Which office document has parts of these names; None for another archive, or one with macros."""
    if "[Content_Types].xml" not in parts or any(_MACROS.search(name) for name in parts):
        return None
    found = [kind for folder, kind in _MAIN_PARTS if any(name.startswith(folder) for name in parts)]
    return found[0] if len(found) == 1 else None


class TextWatch:
    """Sees to it that a text stays one to its end."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def stays_text(self, chunk: bytes, *, last: bool = False) -> bool:
        """Whether what came so far is still a text."""
        try:
            self._decoder.decode(chunk, final=last)
        except UnicodeDecodeError:
            return False
        return not _CONTROLS.search(chunk)


def _in_a_container(head: bytes) -> Sequence[FileType] | None:
    """What lies in a container that has a name of its own; None when it is none of these."""
    if head.startswith(b"RIFF"):
        return {b"WEBP": (types.WEBP,), b"WAVE": (types.WAV,)}.get(head[8:12], ())
    if head.startswith(b"OggS"):
        return _ogg(head[28:36])
    if head[4:8] == b"ftyp":
        return _iso(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3"):
        return (types.WEBM, types.WEBM_AUDIO) if b"\x42\x82\x84webm" in head[:64] else ()
    return None


def _ogg(codec: bytes) -> Sequence[FileType]:
    """What the first page of a stream says that it holds."""
    if codec == _OPUS:
        return (types.OPUS,)
    return (types.OGG,) if codec.startswith(_OGG_SOUND) else ()


def _iso(brand: bytes) -> Sequence[FileType]:
    if brand in _SOUND_BRANDS:
        return (types.M4A,)
    if brand[:3] in (b"3gp", b"3g2"):
        return (types.THREE_GP,)
    return (types.MP4, types.M4A) if brand in _FILM_BRANDS else ()


def _raw_sound(head: bytes) -> Sequence[FileType]:
    """MPEG frames without a container: the sync word, then bits that are not all possible."""
    if len(head) < 4 or head[1] & 0xE0 != 0xE0:
        return ()
    layer, version = head[1] >> 1 & 3, head[1] >> 3 & 3
    if layer == 0:
        return (types.AAC,) if head[1] & 0xF0 == 0xF0 and head[2] >> 2 & 0xF < 13 else ()
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    # The third layer alone: a text in UTF-16 begins like the first.
    return (types.MP3,) if layer == 1 and version != 1 and bitrate not in (0, 15) and rate != 3 else ()
