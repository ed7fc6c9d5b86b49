"""Files as people send them, small: each type that is accepted, and what is refused whatever it is called."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import AsyncIterator, Mapping

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    + bytes(40)
)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
EBML = (
    b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04B\x85\x81\x02"
    + bytes(60)
)


def ogg(codec: bytes) -> bytes:
    """The first page of an Ogg stream."""
    return b"OggS\x00\x02" + bytes(8) + struct.pack("<III", 7, 0, 0) + b"\x01\x13" + codec + bytes(40)


def riff(form: bytes) -> bytes:
    """A RIFF container."""
    return b"RIFF" + struct.pack("<I", 60) + form + b"fmt " + bytes(52)


def iso(brand: bytes) -> bytes:
    """The head of an MP4 and its kin."""
    return struct.pack(">I", 24) + b"ftyp" + brand + struct.pack(">I", 512) + b"isomiso2" + bytes(64)


def office(folder: str, *more: str) -> bytes:
    """An office document with a part in this folder."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("[Content_Types].xml", "_rels/.rels", f"{folder}/main.xml", *more):
            archive.writestr(name, "<x/>")
    return made.getvalue()


def crowded(parts: int, *, says: int, zip64: bool) -> bytes:
    """An office document with so many more parts in its list, of which its end `says` how many there are.

    With `zip64` its end lies about its length too, and a record before it tells the truth.
    """
    document = office("word")
    end = document.rfind(b"PK\x05\x06")
    began, listed = struct.unpack("<I", document[end + 16 : end + 20])[0], document[:end]
    nameless = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    length = end - began + len(nameless) * parts
    body = listed + nameless * parts
    if not zip64:
        return body + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, says & 0xFFFF, says & 0xFFFF, length, began, 0)
    record = b"PK\x06\x06" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, says, says, length, began)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(body), 1)
    return body + record + locator + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 3, 3, 0xFFFFFFFF, 0xFFFFFFFF, 0)


_OFFICE = "application/vnd.openxmlformats-officedocument"
# By what they are called: the bytes, the type, the kind.
TAKEN: Mapping[str, tuple[bytes, str, str]] = {
    "photo.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40), "image/jpeg", "image"),
    "photo.png": (PNG, "image/png", "image"),
    "photo.webp": (riff(b"WEBP"), "image/webp", "image"),
    "dance.gif": (b"GIF89a\x01\x00\x01\x00" + bytes(40), "image/gif", "image"),
    "voice.ogg": (ogg(b"OpusHead\x01\x01"), "audio/ogg", "audio"),
    "voice.opus": (ogg(b"OpusHead\x01\x01"), "audio/ogg", "audio"),
    "song.oga": (ogg(b"\x01vorbis\x00\x00"), "application/ogg", "audio"),
    "song.mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(40), "audio/mpeg", "audio"),
    "bare.mp3": (b"\xff\xfb\x90\x64" + bytes(40), "audio/mpeg", "audio"),
    "song.m4a": (iso(b"M4A "), "audio/mp4", "audio"),
    "song.aac": (b"\xff\xf1\x50\x80" + bytes(40), "audio/aac", "audio"),
    "voice.amr": (b"#!AMR\n\x3c" + bytes(40), "audio/amr", "audio"),
    "voice.wav": (riff(b"WAVE"), "audio/wav", "audio"),
    "voice.weba": (EBML, "audio/webm", "audio"),
    "film.mp4": (iso(b"isom"), "video/mp4", "video"),
    "film.3gp": (iso(b"3gp5"), "video/3gpp", "video"),
    "film.webm": (EBML, "video/webm", "video"),
    "menu.pdf": (PDF, "application/pdf", "document"),
    "notes.txt": ("Ouvert à partir de 9 h\r\n\tfermé lundi\n".encode(), "text/plain", "document"),
    "prices.csv": ("soin;prix\nélégance;40\n".encode(), "text/csv", "document"),
    "letter.docx": (office("word"), f"{_OFFICE}.wordprocessingml.document", "document"),
    "table.xlsx": (office("xl"), f"{_OFFICE}.spreadsheetml.sheet", "document"),
    "talk.pptx": (office("ppt"), f"{_OFFICE}.presentationml.presentation", "document"),
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED: Mapping[str, bytes] = {
    "drawing.svg": SVG,
    "drawing with a head.svg": b'<?xml version="1.0"?>\n' + SVG,
    "behind a mark and spaces.svg": b"\xef\xbb\xbf \r\n\t" + SVG,
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page in capitals.html": b"\n<SCRIPT>alert(1)</SCRIPT>",
    "page as a comment.html": b"<!-- x --><script>alert(1)</script>",
    "saved page.mht": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
    "script.sh": b"#!/bin/sh\nrm -rf /\n",
    "batch.bat": b"@echo off\r\n",
    "postscript.ps": b"%!PS-Adobe-3.0\n",
    "rich.rtf": b"{\\rtf1\\ansi x}",
    "program.exe": b"MZ\x90\x00\x03\x00\x00\x00" + bytes(100),
    "program": b"\x7fELF\x02\x01\x01\x00" + bytes(100),
    "program.class": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(50),
    "archive.zip": office("photos").replace(b"[Content_Types].xml", b"[Something_else].xml"),
    "not an office document.zip": office("other"),
    "macros.docm": office("word", "word/vbaProject.bin"),
    "two at once.docx": office("word", "xl/workbook.xml"),
    "cut off.docx": office("word")[:60],
    "archive.gz": b"\x1f\x8b\x08\x00" + bytes(40),
    "archive.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
    "film.avi": riff(b"AVI "),
    "film.mov": iso(b"qt  "),
    "photo.heic": iso(b"heic"),
    "film.mkv": EBML.replace(b"webm", b"matr"),
    "film.ogv": ogg(b"\x80theora\x03"),
    "photo.bmp": b"BM" + bytes(60),
    "photo.tiff": b"II*\x00" + bytes(60),
    "photo.ico": b"\x00\x00\x01\x00" + bytes(60),
    "flash.swf": b"FWS\x05" + bytes(60),
    "layer that is none.mp3": b"\xff\xe1\x50\x80" + bytes(40),
    "latin.txt": "déjà vu".encode("latin-1"),
    "wide.txt": "wide".encode("utf-16"),
    "bell.txt": b"ring \x07",
    "nul.txt": b"nothing\x00here",
    "late.txt": b"a" * 300_000 + b"\x00",
    "cut in a letter.txt": "é".encode()[:1],
    "late cut.txt": b"a" * 300_000 + "é".encode()[:1],
}


async def pieces(body: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    """A body as it arrives."""
    for start in range(0, len(body), size):
        yield body[start : start + size]
