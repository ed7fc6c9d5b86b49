"""A harmless archive that no clamd looks into whole: what it says of it tells whether it says so at all."""

from __future__ import annotations

import io
import zipfile
from functools import cache

# Its MaxRecursion can be set to 100 at most.
_LEVELS = 150


@cache
def too_deep() -> bytes:
    """Some fifteen kilobytes: archives within archives, and nothing in the last."""
    body = bytes(1024)
    for _ in range(_LEVELS):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a"), body)
        body = packed.getvalue()
    return body
