"""Which files each channel takes, how large and with how much text beside them, as its documentation says."""

from __future__ import annotations

from collections.abc import Mapping

from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Takes
from lumi.modules.files.public import FileKind

_MEGABYTE = 1 << 20
LONGEST_MAIL = 100_000
LONGEST_SHOWN = 20_000
_DOCUMENT = FileKind.DOCUMENT
# `audio/ogg` is Ogg with Opus, nothing else.
# A bot's uploads; what is of another type is taken as a document.
_TELEGRAM_FILES: Mapping[FileKind, Takes] = {
    FileKind.IMAGE: Takes(10 * _MEGABYTE, frozenset({"image/jpeg", "image/png", "image/webp"}), caption=1024),
    FileKind.AUDIO: Takes(50 * _MEGABYTE, frozenset({"audio/ogg", "audio/mpeg", "audio/mp4"}), caption=1024),
    FileKind.VIDEO: Takes(50 * _MEGABYTE, frozenset({"video/mp4"}), caption=1024),
    _DOCUMENT: Takes(50 * _MEGABYTE, caption=1024),
}
_PICTURES = frozenset({"image/jpeg", "image/png"})
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OFFICE_TYPES = frozenset(
    f"{_OFFICE}.{each}" for each in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
_WHATSAPP_FILES: Mapping[FileKind, Takes] = {
    FileKind.IMAGE: Takes(5 * _MEGABYTE, _PICTURES, caption=1024),
    FileKind.AUDIO: Takes(
        16 * _MEGABYTE, frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})
    ),
    FileKind.VIDEO: Takes(16 * _MEGABYTE, frozenset({"video/mp4", "video/3gpp"}), caption=1024),
    _DOCUMENT: Takes(100 * _MEGABYTE, frozenset({"text/plain", "application/pdf"}) | _OFFICE_TYPES, caption=1024),
}
_META_AUDIO = Takes(25 * _MEGABYTE, frozenset({"audio/aac", "audio/mp4", "audio/wav"}))
_META_VIDEO = Takes(25 * _MEGABYTE, frozenset({"video/mp4", "video/webm"}))
_MESSENGER_FILES: Mapping[FileKind, Takes] = {
    FileKind.IMAGE: Takes(8 * _MEGABYTE, _PICTURES | {"image/gif"}),
    FileKind.AUDIO: _META_AUDIO,
    FileKind.VIDEO: _META_VIDEO,
    _DOCUMENT: Takes(25 * _MEGABYTE),
}
_INSTAGRAM_FILES: Mapping[FileKind, Takes] = {
    FileKind.IMAGE: Takes(8 * _MEGABYTE, _PICTURES),
    FileKind.AUDIO: _META_AUDIO,
    FileKind.VIDEO: _META_VIDEO,
    _DOCUMENT: Takes(25 * _MEGABYTE, frozenset({"application/pdf"})),
}
# What a mail of 25 MB holds once its files are written in seven bits.
_MAILED = Takes(18 * _MEGABYTE, caption=LONGEST_MAIL)
_MAIL_FILES: Mapping[FileKind, Takes] = dict.fromkeys(FileKind, _MAILED)
# Our own surface shows whatever is kept here, as large as the proxies of `deploy/` let it come in.
_SHOWN_HERE = Takes(64 * _MEGABYTE, caption=LONGEST_SHOWN)
_WEB_FILES: Mapping[FileKind, Takes] = dict.fromkeys(FileKind, _SHOWN_HERE)

MEDIA: Mapping[Channel, Mapping[FileKind, Takes]] = {
    Channel.WHATSAPP: _WHATSAPP_FILES,
    Channel.TELEGRAM: _TELEGRAM_FILES,
    Channel.INSTAGRAM: _INSTAGRAM_FILES,
    Channel.MESSENGER: _MESSENGER_FILES,
    Channel.GMAIL: _MAIL_FILES,
    Channel.MAILBOX: _MAIL_FILES,
    Channel.WEB: _WEB_FILES,
}
