"""Secrets at rest and keys for other purposes, all derived from the one master key.

A sealed value is `1 | key id (4) | nonce (12) | ciphertext and tag`. The key id says which master key sealed
it, so a new one can take over while values sealed by the old one still open.
"""

import hashlib
import secrets
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lumi.core.settings import get_settings

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD_BYTES = len(_VERSION) + _KEY_ID_BYTES
_LEAST_BYTES = _HEAD_BYTES + _NONCE_BYTES + _TAG_BYTES


class NotOpened(Exception):
    """This was sealed by a key we do not have, for another tenant, or has been changed."""


class Keyring:
    """Master keys: the current one seals, the retired ones still open."""

    def __init__(self, current: bytes, retired: Sequence[bytes] = ()) -> None:
        self._current = current
        self._by_id = {_key_id(key): key for key in (*retired, current)}

    def derive(self, purpose: str) -> bytes:
        """32 bytes for this purpose alone; they tell nothing of the master key or of another purpose."""
        return _stretch(self._current, f"lumi:{purpose}".encode())

    def seal(self, plain: bytes | str, *, tenant_id: UUID) -> bytes:
        """Encrypt for one tenant. The same text sealed twice differs."""
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _VERSION + _key_id(self._current)
        sealed = AESGCM(_tenant_key(self._current, tenant_id)).encrypt(nonce, data, head + tenant_id.bytes)
        return head + nonce + sealed

    def open_sealed(self, blob: bytes, *, tenant_id: UUID) -> bytes:
        """What was sealed for this tenant; raises NotOpened."""
        head, nonce = blob[:_HEAD_BYTES], blob[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
        key = self._by_id.get(head[len(_VERSION) :])
        if len(blob) < _LEAST_BYTES or not head.startswith(_VERSION) or key is None:
            raise NotOpened
        try:
            opener = AESGCM(_tenant_key(key, tenant_id))
            return opener.decrypt(nonce, blob[_HEAD_BYTES + _NONCE_BYTES :], head + tenant_id.bytes)
        except InvalidTag:
            raise NotOpened from None


def seal(plain: bytes | str, *, tenant_id: UUID) -> bytes:
    """Encrypt for one tenant with this installation's key (AES-256-GCM, a key per tenant)."""
    return keyring().seal(plain, tenant_id=tenant_id)


def open_sealed(blob: bytes, *, tenant_id: UUID) -> bytes:
    """What was sealed for this tenant; raises NotOpened for anything else."""
    return keyring().open_sealed(blob, tenant_id=tenant_id)


def derive(purpose: str) -> bytes:
    """A 32-byte key for this purpose, the same in every process of this installation."""
    return keyring().derive(purpose)


def digest(token: str | bytes) -> bytes:
    """What is stored instead of a token: its SHA-256. Only for secrets of 128 random bits and more."""
    return hashlib.sha256(token.encode() if isinstance(token, str) else token).digest()


def keyring() -> Keyring:
    """The keys of this installation."""
    return _keyring(get_settings().master_key().get_secret_value())


@lru_cache(maxsize=4)
def _keyring(master_key: str) -> Keyring:
    return Keyring(master_key.encode())


@lru_cache(maxsize=4096)
def _tenant_key(master: bytes, tenant_id: UUID) -> bytes:
    return _stretch(master, b"lumi:seal:" + tenant_id.bytes)


@lru_cache(maxsize=16)
def _key_id(master: bytes) -> bytes:
    return _stretch(master, b"lumi:key-id")[:_KEY_ID_BYTES]


def _stretch(master: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)
