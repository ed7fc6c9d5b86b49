"""How Telegram proves that an update is its own: by a secret that only we and it know. Bodies are not signed."""

import hmac
import re
from collections.abc import Mapping

HEADER = "X-Telegram-Bot-Api-Secret-Token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def is_possible(secret: str) -> bool:
    """Whether Telegram takes this as a secret."""
    return _SECRET.fullmatch(secret) is not None


def secret_in(headers: Mapping[str, str]) -> str | None:
    """The secret that came along, however the header's name is spelt."""
    found = headers.get(HEADER) or headers.get(HEADER.lower())
    if found is not None:
        return found
    return next((value for name, value in headers.items() if name.lower() == HEADER.lower()), None)


def verify(secret: str, headers: Mapping[str, str]) -> bool:
    """Whether the request came with this secret; compared in constant time. An empty secret verifies nothing."""
    given = secret_in(headers)
    if not secret or given is None:
        return False
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
