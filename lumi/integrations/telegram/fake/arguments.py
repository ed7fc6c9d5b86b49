"""The arguments of a call: from the address, as JSON, as a form, or as a form with files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson
from aiohttp import web

from lumi.core.outside_json import as_object
from lumi.integrations.telegram.fake.refusal import bad
from lumi.integrations.telegram.identity import whole


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent along."""

    name: str
    mime: str
    content: bytes


class Arguments:
    """Values as they came: numbers and objects may be texts, as in a form."""

    def __init__(self, values: Mapping[str, object], files: Mapping[str, File] | None = None) -> None:
        self._values = values
        self._files = files or {}

    def text(self, key: str) -> str:
        """The value as text, empty when it is not there."""
        value = self._values.get(key)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, str | int) else ""

    def whole(self, key: str) -> int | None:
        """The value as a whole number, if it is one."""
        return whole(self._values.get(key))

    def flag(self, key: str) -> bool:
        """Whether it is there and true."""
        return self.text(key).lower() in {"true", "1", "yes", "t"}

    def object(self, key: str) -> dict[str, object] | None:
        """The object, also when it came as JSON in a text; None when it is not there."""
        found = self._parsed(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise bad("object expected as reply markup" if key == "reply_markup" else f"object expected as {key}")
        return as_object(cast("object", found))

    def list(self, key: str) -> list[object] | None:
        """The list, also when it came as JSON in a text; None when it is not there or none."""
        found = self._parsed(key)
        return cast("list[object]", found) if isinstance(found, list) else None

    def file(self, key: str) -> File | None:
        """The file in this field."""
        return self._files.get(key)

    def _parsed(self, key: str) -> object:
        value = self._values.get(key)
        if not isinstance(value, str):
            return value
        try:
            return cast("object", orjson.loads(value)) if value else None
        except orjson.JSONDecodeError as error:
            raise bad(f"can't parse {key.replace('_', ' ')} JSON object") from error


async def arguments_of(request: web.Request) -> Arguments:
    """All of them; those of the body win over those of the address."""
    values: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            loaded: object = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise bad("can't parse JSON object") from error
        return Arguments(values | as_object(loaded))
    files: dict[str, File] = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            content = await asyncio.to_thread(value.file.read)
            files[key] = File(value.filename, value.content_type.partition(";")[0], content)
        elif isinstance(value, str):
            values[key] = value
    return Arguments(values, files)
