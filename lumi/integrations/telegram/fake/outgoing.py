"""What the Bot API demands of a message before it takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lumi.integrations.telegram.fake.arguments import Arguments, File
from lumi.integrations.telegram.fake.files import Files, KeptFile
from lumi.integrations.telegram.fake.markup import flaw_in_keyboard, read_text
from lumi.integrations.telegram.fake.pictures import size_of
from lumi.integrations.telegram.fake.refusal import ApiError, bad
from lumi.integrations.telegram.identity import whole
from lumi.integrations.telegram.limits import utf16_length
from lumi.integrations.telegram.shapes import MessageType

_LONGEST_TEXT = 4096
_LONGEST_CAPTION = 1024
_LARGEST_PHOTO_BYTES = 10 << 20
LARGEST_UPLOAD_BYTES = 50 << 20
_MUSIC = frozenset({"audio/mpeg", "audio/mp4", "audio/x-m4a"})
_LONGEST_SIDES = 10_000
_MOST_SLENDER = 20


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message the twin will take; `content` is all that stands beside its words in the answer."""

    type: MessageType
    text: str | None
    content: dict[str, object]
    reply_to: int | None
    may_lose_reply: bool


def read_message(asked: Arguments, _files: Files) -> Outgoing:
    """What `sendMessage` asks for; ApiError when it is not right."""
    words, entities = words_of(asked)
    return _outgoing(asked, MessageType.TEXT, words, {"text": words} | _if_any("entities", entities))


def read_voice(asked: Arguments, files: Files) -> Outgoing:
    """What `sendVoice` asks for."""
    kept, sent = _file_in(asked, MessageType.VOICE, files)
    seconds = asked.whole("duration")
    content = {"duration": seconds or 0, "mime_type": sent.mime if sent else "audio/ogg", **kept.described}
    return _captioned(asked, MessageType.VOICE, content)


def read_photo(asked: Arguments, files: Files) -> Outgoing:
    """What `sendPhoto` asks for."""
    kept, sent = _file_in(asked, MessageType.PHOTO, files, _check_picture)
    width, height = size_of((sent or kept).content) or (0, 0)
    return _captioned(asked, MessageType.PHOTO, [{**kept.described, "width": width, "height": height}])


def read_document(asked: Arguments, files: Files) -> Outgoing:
    """What `sendDocument` asks for."""
    kept, sent = _file_in(asked, MessageType.DOCUMENT, files)
    named = {"file_name": sent.name, "mime_type": sent.mime} if sent else {}
    return _captioned(asked, MessageType.DOCUMENT, {**named, **kept.described})


def read_audio(asked: Arguments, files: Files) -> Outgoing:
    """What `sendAudio` asks for: MP3 and M4A are music, anything else is taken for a document, as there."""
    kept, sent = _file_in(asked, MessageType.AUDIO, files)
    named = {"file_name": sent.name, "mime_type": sent.mime} if sent else {}
    if sent is not None and sent.mime not in _MUSIC:
        return _captioned(asked, MessageType.DOCUMENT, {**named, **kept.described})
    return _captioned(asked, MessageType.AUDIO, {"duration": asked.whole("duration") or 0, **named, **kept.described})


def read_video(asked: Arguments, files: Files) -> Outgoing:
    """What `sendVideo` asks for; what is no MP4 is taken for a document."""
    kept, sent = _file_in(asked, MessageType.VIDEO, files)
    named = {"file_name": sent.name, "mime_type": sent.mime} if sent else {}
    if sent is not None and sent.mime != "video/mp4":
        return _captioned(asked, MessageType.DOCUMENT, {**named, **kept.described})
    seen = {each: asked.whole(each) or 0 for each in ("duration", "width", "height")}
    return _captioned(asked, MessageType.VIDEO, {**seen, **named, **kept.described})


def words_of(asked: Arguments) -> tuple[str, list[dict[str, object]]]:
    """The text of a new or edited message without its markup; ApiError when it is empty or too long."""
    words, entities = read_text(asked.text("text"), asked.text("parse_mode"))
    if not words.strip():
        raise bad("message text is empty")
    if utf16_length(words) > _LONGEST_TEXT:
        raise bad("message is too long")
    return words, entities


def keyboard_of(asked: Arguments) -> dict[str, object]:
    """The buttons under a message, under the name they have in it."""
    markup = asked.object("reply_markup")
    flaw = flaw_in_keyboard(markup)
    if flaw is not None:
        raise bad(flaw)
    return {"reply_markup": markup} if markup and markup.get("inline_keyboard") else {}


def _captioned(asked: Arguments, kind: MessageType, file: object) -> Outgoing:
    words, entities = read_text(asked.text("caption"), asked.text("parse_mode"))
    if utf16_length(words) > _LONGEST_CAPTION:
        raise bad("message caption is too long")
    content = {kind.value: file} | _if_any("caption", words) | _if_any("caption_entities", entities)
    return _outgoing(asked, kind, words or None, content)


def _outgoing(asked: Arguments, kind: MessageType, words: str | None, content: dict[str, object]) -> Outgoing:
    reply = asked.object("reply_parameters") or {}
    reply_to = whole(reply.get("message_id")) or asked.whole("reply_to_message_id")
    may_lose = reply.get("allow_sending_without_reply") is True or asked.flag("allow_sending_without_reply")
    return Outgoing(kind, words, content | keyboard_of(asked), reply_to, may_lose)


def _file_in(
    asked: Arguments, kind: MessageType, files: Files, check: Callable[[File], None] | None = None
) -> tuple[KeptFile, File | None]:
    """The file that was sent along, or the kept one whose id was given."""
    sent = asked.file(kind)
    if sent is None:
        given = asked.text(kind)
        if not given:
            raise bad(f"there is no {kind} in the request")
        kept = files.find(given)
        if kept is None:
            raise bad("wrong file identifier/HTTP URL specified")
        return kept, None
    if not sent.content:
        raise bad("file must be non-empty")
    if len(sent.content) > LARGEST_UPLOAD_BYTES:
        raise ApiError(413)
    if check is not None:
        check(sent)
    return files.keep(kind, sent.content, sent.name), sent


def _check_picture(sent: File) -> None:
    if len(sent.content) > _LARGEST_PHOTO_BYTES:
        raise bad("file is too big")
    sides = size_of(sent.content)
    if sides is None:
        raise bad("IMAGE_PROCESS_FAILED")
    if sum(sides) > _LONGEST_SIDES or max(sides) > _MOST_SLENDER * min(sides):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def _if_any(key: str, value: object) -> dict[str, object]:
    return {key: value} if value else {}
