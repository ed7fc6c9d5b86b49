"""How a large mail is sent: as it is, beside what Gmail should know of it."""

import secrets

import orjson

UPLOAD_ABOVE_BYTES = 4 << 20


def multipart(raw: bytes, thread_id: str | None) -> tuple[str, bytes]:
    """The Content-Type and the body of an upload: the thread as JSON, then the mail itself."""
    boundary = f"lumi-{secrets.token_hex(16)}"
    about = orjson.dumps({"threadId": thread_id} if thread_id else {})
    mark = f"--{boundary}".encode()
    parts = (b"Content-Type: application/json; charset=UTF-8", about), (b"Content-Type: message/rfc822", raw)
    body = b"".join(mark + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return f"multipart/related; boundary={boundary}", body + mark + b"--\r\n"
