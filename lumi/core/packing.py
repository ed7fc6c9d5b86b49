"""Values on their way to Redis: those over 1 KiB are compressed where that makes them smaller.

The first byte says which: `=` as they are, `z` compressed.
"""

import zlib

COMPRESSED_FROM_BYTES = 1_024
_PLAIN, _COMPRESSED = b"=", b"z"
_FAST = 1


def pack(value: bytes) -> bytes:
    """What is stored."""
    if len(value) > COMPRESSED_FROM_BYTES:
        smaller = zlib.compress(value, _FAST)
        if len(smaller) < len(value):
            return _COMPRESSED + smaller
    return _PLAIN + value


def unpack(stored: bytes) -> bytes | None:
    """What was stored; None for anything `pack` did not write."""
    if stored.startswith(_PLAIN):
        return stored[1:]
    if not stored.startswith(_COMPRESSED):
        return None
    try:
        return zlib.decompress(stored[1:])
    except zlib.error:
        return None
