"""The types that are accepted. What is not here is refused."""

from __future__ import annotations

from lumi.modules.files.values import FileKind, FileType


def _type(kind: FileKind, mime: str, endings: str, aliases: str = "") -> FileType:
    return FileType(mime, kind, tuple(f".{each}" for each in endings.split()), frozenset(aliases.split()))


JPEG = _type(FileKind.IMAGE, "image/jpeg", "jpg jpeg jpe jfif", "image/jpg image/pjpeg")
PNG = _type(FileKind.IMAGE, "image/png", "png", "image/x-png")
WEBP = _type(FileKind.IMAGE, "image/webp", "webp")
GIF = _type(FileKind.IMAGE, "image/gif", "gif")

# Providers mean the one by `audio/ogg` and refuse the others, which have the name of the container.
OPUS = _type(FileKind.AUDIO, "audio/ogg", "ogg oga opus", "audio/opus application/ogg")
OGG = _type(FileKind.AUDIO, "application/ogg", "ogg oga", "audio/ogg audio/vorbis audio/speex audio/flac")
MP3 = _type(FileKind.AUDIO, "audio/mpeg", "mp3 mpga", "audio/mp3 audio/mpeg3 audio/x-mpeg-3 audio/x-mp3")
AAC = _type(FileKind.AUDIO, "audio/aac", "aac", "audio/x-aac audio/aacp audio/x-hx-aac-adts")
M4A = _type(FileKind.AUDIO, "audio/mp4", "m4a m4b mp4", "audio/x-m4a audio/m4a audio/mp4a-latm audio/aac")
AMR = _type(FileKind.AUDIO, "audio/amr", "amr awb", "audio/amr-wb audio/3gpp")
WAV = _type(FileKind.AUDIO, "audio/wav", "wav", "audio/x-wav audio/wave audio/vnd.wave")
WEBM_AUDIO = _type(FileKind.AUDIO, "audio/webm", "weba webm")

MP4 = _type(FileKind.VIDEO, "video/mp4", "mp4 m4v", "video/x-m4v application/mp4")
THREE_GP = _type(FileKind.VIDEO, "video/3gpp", "3gp 3gpp 3g2", "video/3gp video/3gpp2 audio/3gpp")
WEBM = _type(FileKind.VIDEO, "video/webm", "webm")

PDF = _type(FileKind.DOCUMENT, "application/pdf", "pdf", "application/x-pdf")
TEXT = _type(FileKind.DOCUMENT, "text/plain", "txt text log md", "text/markdown")
CSV = _type(
    FileKind.DOCUMENT, "text/csv", "csv", "application/csv text/comma-separated-values application/vnd.ms-excel"
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = _type(FileKind.DOCUMENT, f"{_OFFICE}.wordprocessingml.document", "docx", "application/zip")
XLSX = _type(FileKind.DOCUMENT, f"{_OFFICE}.spreadsheetml.sheet", "xlsx", "application/zip")
PPTX = _type(FileKind.DOCUMENT, f"{_OFFICE}.presentationml.presentation", "pptx", "application/zip")

ACCEPTED = (
    JPEG, PNG, WEBP, GIF, OPUS, OGG, MP3, AAC, M4A, AMR, WAV, WEBM_AUDIO, MP4, THREE_GP, WEBM, PDF, TEXT, CSV, DOCX,
    XLSX, PPTX,
)  # fmt: skip
ENDINGS = frozenset(ending for each in ACCEPTED for ending in each.endings)
# What people's programs say when they do not know.
SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})


def of_kind(kind: FileKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The types of a kind, and what names of such files end with."""
    found = [each for each in ACCEPTED if each.kind is kind]
    return tuple(each.mime for each in found), tuple(dict.fromkeys(end for each in found for end in each.endings))
