"""Pure rules of accounts: addresses, passwords, the shape of tokens, what a refresh token gets."""

import base64
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lumi.modules.accounts.errors import AddressNotValid, PasswordTooWeak
from lumi.modules.accounts.values import REFRESH_GRACE, RefreshVerdict, Token

API_KEY_PREFIX = "lumi_"
SECRET_BYTES = 32
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
LONGEST_ADDRESS = 254

_ADDRESS = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)*")
_API_KEY = re.compile(r"lumi_([0-9a-f]{32})_([0-9a-f]{32})_[\w-]{43}", re.ASCII)
_REFRESH = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})\.[\w-]{43}", re.ASCII)


def fold_address(address: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return unicodedata.normalize("NFKC", address).strip().lower()


def check_address(address: str) -> str:
    """The folded address; raises AddressNotValid."""
    folded = fold_address(address)
    if len(folded) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(folded):
        raise AddressNotValid
    return folded


def check_password(password: str) -> None:
    """Raise PasswordTooWeak for one that is too short, or longer than anybody types."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordTooWeak


def api_key(tenant_id: UUID, key_id: UUID, secret: bytes) -> Token:
    """A new API key: `lumi_<tenant>_<key>_<secret>`."""
    return Token(tenant_id, key_id, f"{API_KEY_PREFIX}{tenant_id.hex}_{key_id.hex}_{_text(secret)}")


def read_api_key(text: str) -> Token | None:
    """The parts of an API key, or None when it has another shape."""
    return _read(_API_KEY, text)


def refresh_token(tenant_id: UUID, token_id: UUID, secret: bytes) -> Token:
    """A new refresh token: `<tenant>.<token>.<secret>`."""
    return Token(tenant_id, token_id, f"{tenant_id.hex}.{token_id.hex}.{_text(secret)}")


def read_refresh_token(text: str) -> Token | None:
    """The parts of a refresh token, or None when it has another shape."""
    return _read(_REFRESH, text)


@dataclass(frozen=True, slots=True)
class Presented:
    """What is known of a refresh token whose secret was right and whose session is alive."""

    expires_at: datetime
    used_at: datetime | None
    same_client: bool


def judge_refresh(token: Presented, now: datetime) -> RefreshVerdict:
    """What the token gets.

    A used token is repeated for a few seconds to the client that used it (it gets the very same successor, so
    two tabs stay on one line). Anywhere else, or later, somebody has a copy: the session must end.
    """
    if token.expires_at <= now:
        return RefreshVerdict.ENDED
    if token.used_at is None:
        return RefreshVerdict.ROTATE
    if token.same_client and now - token.used_at <= REFRESH_GRACE:
        return RefreshVerdict.REPEAT
    return RefreshVerdict.REUSED


def _read(shape: re.Pattern[str], text: str) -> Token | None:
    found = shape.fullmatch(text)
    return Token(UUID(hex=found[1]), UUID(hex=found[2]), text) if found else None


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")
