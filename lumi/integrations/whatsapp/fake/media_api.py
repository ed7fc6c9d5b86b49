"""The side of the twin that files go through: their upload, description, download and removal."""

from __future__ import annotations

import orjson
from aiohttp import web

from lumi.integrations.whatsapp.fake.access import DONE, Access, base_of, json_answer, refusing
from lumi.integrations.whatsapp.fake.graph import INVALID, GraphError, unknown_object
from lumi.integrations.whatsapp.fake.media import MIMES, PLACE, File, plain
from lumi.integrations.whatsapp.fake.twin import Twin

_TOO_LARGE = 131053


class MediaApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin, access: Access) -> None:
        self._twin = twin
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.get(PLACE, refusing(self.download)),
            web.post("/{version}/{object}/media", refusing(self.upload)),
            web.delete("/{version}/{object}", refusing(self.delete)),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        """Keep the file of a form."""
        number = self._access.number(request)
        form = await request.post()
        file = form.get("file")
        mime, content = _read(file) if isinstance(file, web.FileField) else (None, b"")
        await self._access.fail_first()
        if form.get("messaging_product") != "whatsapp":
            raise GraphError(400, INVALID, "Param messaging_product must be one of {WHATSAPP}")
        if mime is None:
            raise GraphError(400, INVALID, "The parameter file is required")
        kept = self._twin.files.keep(number, mime, content)
        self._twin.counts["uploads"] += 1
        return await self._access.fail_afterwards(request, orjson.dumps({"id": kept.id}))

    def describe(self, request: web.Request, file: File) -> web.Response:
        """Where the file is for five minutes; another number's file is not there."""
        if request.query.get("phone_number_id", file.number) != file.number:
            raise unknown_object(file.id)
        base = base_of(request, f"/{request.match_info['version']}/{file.id}")
        url = self._twin.files.address(base, file, "getMedia", self._twin.settings.limits.media_url_seconds)
        return json_answer(orjson.dumps(file.description(url)))

    async def download(self, request: web.Request) -> web.Response:
        """The bytes, for who has the token and an address that is not over."""
        self._access.check(request)
        file = self._twin.files.at(request.query)
        if file is None:
            return web.Response(status=404)
        content = file.content[:-1] + b"\0" if self._twin.dice.falls(self._twin.faults.damaged_files) else file.content
        return web.Response(body=content, headers={"Content-Type": file.mime})

    async def delete(self, request: web.Request) -> web.Response:
        """Keep the file no longer."""
        self._access.check(request)
        name = request.match_info["object"]
        if self._twin.files.find(name) is None:
            raise unknown_object(name)
        self._twin.files.forget(name)
        return json_answer(DONE)


def _read(file: web.FileField) -> tuple[str, bytes]:
    """Its type and its bytes. Closed at once: a caller who hangs up would leave it open."""
    with file.file:
        found = MIMES.get(plain(file.content_type))
        if found is None:
            allowed = ", ".join(sorted(MIMES))
            raise GraphError(400, INVALID, f"Param file must be a file with one of the following types: {allowed}")
        content = file.file.read(found[1] + 1)
    if not 0 < len(content) <= found[1]:
        raise GraphError(400, _TOO_LARGE, f"Media upload error: a file of this type has 1 to {found[1]} bytes")
    return file.content_type, content
