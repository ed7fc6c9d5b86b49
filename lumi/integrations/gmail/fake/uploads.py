"""Reads what is posted to the upload address: a mail as it is, or beside what Gmail should know of it."""

from email import policy
from email.parser import BytesParser

import orjson

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.gmail.fake.google import ApiError


def read_upload(body: bytes, content_type: str) -> tuple[bytes, str | None]:
    """The bytes of the mail and the thread it is meant for."""
    if content_type.startswith("message/rfc822"):
        return body, None
    boundary = content_type.partition("boundary=")[2].strip('"')
    parts = body.split(f"--{boundary}".encode()) if boundary else []
    if not content_type.startswith("multipart/related") or len(parts) != 4:
        raise ApiError(400, "Malformed multipart body.", "badContent")
    about, mail = (_content(each) for each in parts[1:3])
    try:
        fields = as_object(orjson.loads(about))
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "Malformed multipart body.", "badContent") from error
    return mail, as_text(fields.get("threadId"))


def _content(part: bytes) -> bytes:
    head, gap, content = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
    kind = BytesParser(policy=policy.compat32).parsebytes(head, headersonly=True).get_content_type()
    if not gap or kind not in ("application/json", "message/rfc822"):
        raise ApiError(400, "Malformed multipart body.", "badContent")
    return content.removesuffix(b"\r\n")
