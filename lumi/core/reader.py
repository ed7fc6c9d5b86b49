"""Who asks over HTTP, as a reader: in which language words for people are answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from lumi.core.i18n import FALLBACK, known_language


async def _language(request: Request) -> str:
    """The first of the languages that whoever asks reads and Lumi speaks."""
    wished = (each.partition(";")[0].strip() for each in request.headers.get("accept-language", "").split(","))
    return next((known for each in wished if (known := known_language(each))), FALLBACK)


Language = Annotated[str, Depends(_language)]
