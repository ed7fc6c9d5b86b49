"""The built front end: its files, with the headers browsers keep and guard them by."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lumi.core.errors import NotFound

FOR_EVER = "public, max-age=31536000, immutable"
FIVE_MINUTES = "public, max-age=300"
ASK_FIRST = "no-cache"
# Scripts and styles only from our own files: whatever gets into a page as text stays text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
_WORTH_PACKING = frozenset({".js", ".css", ".html", ".svg", ".json"})
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lumi</title>
<h1>The pages are not built yet</h1>
<p>Run <code>make setup</code> in the folder of Lumi, then load this page again.</p></html>
"""


@dataclass(frozen=True, slots=True)
class Built:
    """One file as it is sent."""

    content: bytes = field(repr=False)
    packed: bytes | None = field(repr=False)
    etag: str
    media_type: str


def folder() -> Path:
    """Where the build is: LUMI_WEB_DIST, or `web/dist` beside the package."""
    given = os.environ.get("LUMI_WEB_DIST")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "web" / "dist"


def find(name: str) -> Built | None:
    """The file of this name below the build, as it is now; None for a name that leads nowhere or elsewhere."""
    root = folder().resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return None
    found = path.stat()
    return _read(path, found.st_mtime_ns, found.st_size)


def page(
    request: Request, name: str, *, ancestors: str = "'none'", status: int = 200, policy: str = POLICY
) -> Response:
    """An HTML page; `ancestors` are the sites that may frame it. Says how to build when it is not built."""
    headers = {"Content-Security-Policy": policy.format(ancestors=ancestors)}
    built = find(name)
    if built is None:
        return HTMLResponse(_NOT_BUILT, 503, headers={**headers, "Cache-Control": "no-store"})
    return send(request, built, kept=ASK_FIRST, status=status, headers=headers)


def asset(request: Request, name: str, *, kept: str = FOR_EVER) -> Response:
    """A file that pages load; raises NotFound."""
    built = find(name)
    if built is None:
        raise NotFound
    return send(request, built, kept=kept)


def send(
    request: Request, built: Built, *, kept: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The file, packed where the browser takes that; 304 when it has this very content."""
    headers = {**(headers or {}), "Cache-Control": kept, "ETag": built.etag, "Vary": "Accept-Encoding"}
    if status == 200 and built.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    content = built.content
    if built.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = built.packed, "gzip"
    return Response(content, status, headers, built.media_type)


@lru_cache(maxsize=200)
def _read(path: Path, _changed: int, _size: int) -> Built:
    content = path.read_bytes()
    packed = gzip.compress(content, 6, mtime=0) if path.suffix in _WORTH_PACKING else None
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # Weak, because the packed and the plain form of one content share it.
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    return Built(content, packed, etag, media_type)
