"""Passwords: Argon2id, in a thread, as much work for nobody as for somebody."""

import asyncio
import base64
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106's second choice with one lane: 64 MiB and three passes, about 0.1 s on one core.
MEMORY_KIB = 65_536
PASSES = 3
LANES = 1
# Each hash holds its 64 MiB; more at once would only wait for the cores with the memory in their hands.
AT_ONCE = 2


class Passwords:
    """Makes and checks hashes. One a process."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, lanes: int = LANES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._nobody = _hash_of_nobody(memory_kib, passes, lanes)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """The hash to store."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, _fold(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one of the stored hash; without a hash the same work, and no."""
        async with self._room:
            right = await asyncio.to_thread(self._verify, stored or self._nobody, _fold(password))
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _fold(password: str) -> str:
    """The same password typed on another keyboard may be other code points."""
    return unicodedata.normalize("NFKC", password)


def _hash_of_nobody(memory_kib: int, passes: int, lanes: int) -> str:
    """A hash no password has: checking against it costs what a real one costs."""
    salt, tag = (base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${tag}"
