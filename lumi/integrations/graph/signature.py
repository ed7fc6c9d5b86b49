"""How WhatsApp proves that a request is its own: over the raw bytes, before anything is parsed."""

import hmac
from collections.abc import Mapping

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(secret: str, body: bytes) -> str:
    """The value of the signature header for exactly these bytes."""
    return _PREFIX + hmac.digest(secret.encode(), body, "sha256").hex()


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header signs these bytes; compared in constant time. An empty secret verifies nothing."""
    if not secret or header is None:
        return False
    return hmac.compare_digest(sign(secret, body).encode(), header.encode("utf-8", "replace"))


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """The text that answers a subscription request, or None: refuse it. An empty token subscribes nobody."""
    given = query.get("hub.verify_token", "")
    same = hmac.compare_digest(given.encode("utf-8", "replace"), verify_token.encode())
    if not verify_token or not same or query.get("hub.mode") != "subscribe":
        return None
    return query.get("hub.challenge")
