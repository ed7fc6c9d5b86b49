"""A form with one file, as servers take uploads."""

import secrets
from collections.abc import Mapping


def encoded(fields: Mapping[str, str], name: str, filename: str, content: bytes) -> tuple[str, bytes]:
    """The content type and the body. Field names and file name are ours: they hold no quotes and no line ends."""
    boundary = secrets.token_hex(16)
    parts: list[bytes] = []
    for key, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode())
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", content]
    parts.append(f"\r\n--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)
