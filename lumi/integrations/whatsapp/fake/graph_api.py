"""The side of the twin that a business talks to: the Graph API's two calls."""

import orjson
from aiohttp import web

from lumi.integrations.whatsapp.fake.access import DONE, Access, json_answer, refusing
from lumi.integrations.whatsapp.fake.graph import GraphError, Outgoing, ReadNotice, read_post, unknown_object
from lumi.integrations.whatsapp.fake.media_api import MediaApi
from lumi.integrations.whatsapp.fake.twin import Twin
from lumi.integrations.whatsapp.identity import is_user_id


class GraphApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin, access: Access, media: MediaApi) -> None:
        self._twin = twin
        self._access = access
        self._media = media

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/{version}/{object}/messages", self.post_message),
            web.get("/{version}/{object}", refusing(self.show)),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """A number or a file, as the Graph API describes it."""
        self._access.check(request)
        name = request.match_info["object"]
        file = self._twin.files.find(name)
        if file is not None:
            return self._media.describe(request, file)
        shown = self._twin.settings.numbers.get(name)
        if shown is None:
            raise unknown_object(name)
        body = {"id": name, "display_phone_number": shown, "verified_name": f"Twin {name[-4:]}"}
        return json_answer(orjson.dumps(body))

    async def post_message(self, request: web.Request) -> web.Response:
        """Take a message or a read notice, or fail in the way that was asked for."""
        try:
            number = self._access.number(request)
            asked = read_post(await request.read())
            await self._access.fail_first()
            message_id, answer = self._notice(asked) if isinstance(asked, ReadNotice) else self._take(number, asked)
        except GraphError as error:
            self._twin.counts["refused"] += 1
            return json_answer(error.body, error.status)
        return await self._access.fail_afterwards(request, answer, message_id)

    def _notice(self, notice: ReadNotice) -> tuple[None, bytes]:
        self._twin.notice(notice)
        return None, DONE

    def _take(self, number: str, message: Outgoing) -> tuple[str, bytes]:
        message_id, person = self._twin.accept(number, message)
        contact = {"input": message.given}
        if not is_user_id(message.given):
            contact["wa_id"] = message.address
        if person.user_id:
            contact["user_id"] = person.user_id
        sent = {"id": message_id, "message_status": "accepted"}
        told = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}
        return message_id, orjson.dumps(told)
