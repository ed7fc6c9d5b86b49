"""The messages we send, in WhatsApp's form and within its limits: what is too long never leaves."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lumi.integrations.whatsapp.calls import refused_here

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_LINK = 2048
LONGEST_FILENAME = 240
LONGEST_PARAMETER = 1024
LONGEST_EMOJI = 32
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,4})?")

Body = dict[str, object]


class MediaKind(StrEnum):
    """How a file is sent, which decides how it is shown."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"


_CAPTIONED = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT})


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """What is said about a file that is sent: a caption, a name to save it under, whether it is a voice note."""

    caption: str | None = None
    filename: str | None = None
    voice: bool = False


def text_body(body: str) -> Body:
    """A text without a preview of its links."""
    fitting("a text", body, LONGEST_TEXT)
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def media_body(kind: MediaKind, media_id: str | None, link: str | None, options: MediaOptions) -> Body:
    """A file that was uploaded before, or one that WhatsApp fetches from a link."""
    if (media_id is None) == (link is None):
        raise refused_here("a file is sent by its media id or by a link, and not by both")
    content: Body = {"id": media_id} if media_id is not None else {"link": link}
    if link is not None and not (link.startswith(("https://", "http://")) and len(link) <= LONGEST_LINK):
        raise refused_here(f"a link begins with https:// and has at most {LONGEST_LINK} characters")
    if media_id is not None:
        fitting("a media id", media_id, 256)
    if options.caption is not None:
        _only_for(kind in _CAPTIONED, "a caption")
        fitting("a caption", options.caption, LONGEST_CAPTION)
        content["caption"] = options.caption
    if options.filename is not None:
        _only_for(kind is MediaKind.DOCUMENT, "a file name")
        fitting("a file name", options.filename, LONGEST_FILENAME)
        content["filename"] = options.filename
    if options.voice:
        _only_for(kind is MediaKind.AUDIO, "a voice flag")
        content["voice"] = True
    return {"type": kind.value, kind.value: content}


def reaction_body(message_id: str, emoji: str) -> Body:
    """An emoji on a message; an empty one takes it away again."""
    fitting("a message id", message_id, 256)
    if len(emoji) > LONGEST_EMOJI:
        raise refused_here("a reaction is one emoji")
    return {"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}}


def location_body(latitude: float, longitude: float, name: str | None, address: str | None) -> Body:
    """A place on the map."""
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise refused_here("a place has a latitude of at most 90 and a longitude of at most 180 degrees")
    told = {"name": name, "address": address}
    for noun, value in told.items():
        if value is not None:
            fitting(f"the {noun} of a place", value, 1000)
    place = {"latitude": latitude, "longitude": longitude}
    return {"type": "location", "location": place | {key: value for key, value in told.items() if value}}


def template_body(
    name: str,
    language: str,
    parameters: Sequence[str] | Mapping[str, str],
    components: Sequence[Mapping[str, object]],
) -> Body:
    """A template with what fills its body, by place or by name, and its other components as they are."""
    if not _TEMPLATE_NAME.fullmatch(name):
        raise refused_here("a template's name has 1 to 512 lower case letters, digits and _")
    if not _LANGUAGE.fullmatch(language):
        raise refused_here("a template's language is a code such as fr or en_US")
    whole: list[Mapping[str, object]] = list(components)
    if parameters:
        whole.append({"type": "body", "parameters": _parameters(parameters)})
    template: Body = {"name": name, "language": {"code": language}}
    if whole:
        template["components"] = whole
    return {"type": "template", "template": template}


def _parameters(given: Sequence[str] | Mapping[str, str]) -> list[Body]:
    named = isinstance(given, Mapping)
    for value in given.values() if named else given:
        fitting("what fills a template", value, LONGEST_PARAMETER)
    if named:
        return [{"type": "text", "parameter_name": name, "text": value} for name, value in given.items()]
    return [{"type": "text", "text": value} for value in given]


def fitting(noun: str, value: str, longest: int) -> None:
    """Refuse what has no words or more characters than fit."""
    if len(value) > longest or not value.strip():
        raise refused_here(f"{noun} has 1 to {longest} characters, not all of them blank")


def _only_for(allowed: bool, noun: str) -> None:
    if not allowed:
        raise refused_here(f"this kind of file has no {noun.removeprefix('a ')}")
