"""Base64 as Google writes it, and as it is read from anybody."""

import base64
import binascii
import re

_OUTSIDE = re.compile(r"[^A-Za-z0-9+/]")


def to_base64url(data: bytes) -> str:
    """These bytes in the alphabet that is safe in addresses, padded."""
    return base64.urlsafe_b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """The bytes in a text of either alphabet, with or without padding; ValueError when there are none."""
    plain = _OUTSIDE.sub("", text.replace("-", "+").replace("_", "/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error
