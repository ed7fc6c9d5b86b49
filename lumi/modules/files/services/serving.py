"""Handing a file to whoever has its link: what is said beside the bytes, and which of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from lumi.core.clock import now
from lumi.modules.files import rules
from lumi.modules.files.services.vault import Vault
from lumi.modules.files.values import FileKind, StoredFile

# Whatever is in a file runs nothing, loads nothing and belongs to no origin.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser says it wants."""

    range: str | None = None
    if_none_match: str | None = None
    if_range: str | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes] = field(repr=False)


async def serve(vault: Vault, token: str, asked: Asked) -> Serving:
    """The file of a link, or the part that was asked for. Raises what `by_link` and `begin` raise."""
    file, granted = await vault.by_link(token)
    tag = f'"{file.sha256.hex()[:32]}"'
    kept = rules.kept_seconds(file.kind, (granted.expires_at - now()).total_seconds())
    headers = {**_said_of(file), "ETag": tag, "Cache-Control": f"private, max-age={kept}"}
    if tag in (asked.if_none_match or ""):
        return Serving(304, headers, _nothing())
    part = rules.span(asked.range, file.size_bytes) if asked.if_range in (None, tag) else None
    if part is None:
        headers["Content-Length"] = str(file.size_bytes)
        return Serving(200, headers, await vault.begin(file))
    start, length = part
    headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{file.size_bytes}"
    headers["Content-Length"] = str(length)
    return Serving(206, headers, await vault.begin(file, start, length))


def _said_of(file: StoredFile) -> dict[str, str]:
    is_text = file.kind is FileKind.DOCUMENT and file.mime.startswith("text/")
    return {
        "Content-Type": f"{file.mime}; charset=utf-8" if is_text else file.mime,
        "Content-Disposition": rules.disposition(file.name, file.kind),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Accept-Ranges": "bytes",
    }


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
