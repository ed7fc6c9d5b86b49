"""How a call to the Bot API is made. Its token is part of every address: no address leaves this file."""

import re
from collections.abc import Mapping

import orjson
from pydantic import SecretStr

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response
from lumi.core.http.answers import Body
from lumi.core.http.forms import Upload, form
from lumi.core.outside_json import as_object
from lumi.integrations.telegram.errors import Reason, translated
from lumi.integrations.telegram.limits import refused

TARGET = "telegram"
_TOKEN = re.compile(r"([0-9]{1,20}):[A-Za-z0-9_-]+")
_FILE_PATH = re.compile(r"(?!/)(?!(?:.*/)?\.{1,2}(?:/|$))[^?#%\\\x00-\x20]{1,1024}")
_UPLOAD_SECONDS = 60.0
_DOWNLOAD_SECONDS = 60.0


class BotApi:
    """The Bot API as one bot sees it. What goes wrong is one of core.http's four failures, without any address."""

    def __init__(self, http: Http, api_base: str, token: SecretStr | str) -> None:
        """A token that cannot be one is refused by every call, as Telegram would."""
        plain = token.get_secret_value() if isinstance(token, SecretStr) else token
        parts = _TOKEN.fullmatch(plain)
        base = api_base.rstrip("/")
        self._http = http
        self._bot = f"/bot{plain}" if parts else None
        self._base = base
        self.bot_id = parts[1] if parts else None
        self._scope = f"{base}/bot{self.bot_id}"

    def __repr__(self) -> str:
        return f"BotApi(bot_id={self.bot_id!r})"

    async def call(
        self, method: str, fields: Mapping[str, object], *, timeout: float = 10.0, repeatable: bool = False
    ) -> object:
        """The `result` of a method; fields that are None are left out."""
        body = _json({key: value for key, value in fields.items() if value is not None})
        answer = await self._request("POST", f"/{method}", body, "application/json", timeout, repeatable)
        return _result_in(answer)

    async def upload(self, method: str, fields: Mapping[str, object], key: str, file: Upload) -> object:
        """The same with a file in the field `key`."""
        texts = {name: _as_form(value) for name, value in fields.items() if value is not None}
        body, content_type = form(texts, file, key=key)
        return _result_in(await self._request("POST", f"/{method}", body, content_type, _UPLOAD_SECONDS, False))

    async def fetch(self, path: str) -> bytes:
        """The content of a file at the path that `getFile` named; refused when this is no such path."""
        if not _FILE_PATH.fullmatch(path):
            raise refused("this is no path of a file", Reason.FILE)
        answer = await self._request("GET", f"/{path}", None, None, _DOWNLOAD_SECONDS, True, root="/file")
        return answer.body

    async def _request(
        self,
        verb: str,
        path: str,
        body: Body,
        content_type: str | None,
        timeout: float,
        repeatable: bool,
        *,
        root: str = "",
    ) -> Response:
        if self._bot is None:
            raise refused("a bot's token is its id, a colon and a secret", Reason.AUTH)
        try:
            return await self._http.request(
                TARGET, verb, f"{self._base}{root}{self._bot}{path}", data=body,
                headers={"Content-Type": content_type} if content_type else None,
                timeout=timeout, repeatable=repeatable, scope=self._scope,
            )  # fmt: skip
        except OutsideFailure as failure:
            found = translated(failure)
        # What lies behind a failure may show the whole address, as a connection's time-out does: it ends here.
        found.__cause__ = found.__context__ = None
        raise found.with_traceback(None)


def _result_in(answer: Response) -> object:
    try:
        found = as_object(answer.json())
    except ValueError:
        found = {}
    if found.get("ok") is not True or "result" not in found:
        unknown = OutcomeUnknown("it answered without a result", status=answer.status, body=answer.body)
        unknown.target = TARGET
        raise unknown
    return found["result"]


def _as_form(value: object) -> str:
    return value if isinstance(value, str) else _json(value).decode()


def _json(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:  # half of a surrogate pair, which no JSON can carry
        raise refused("this is no text") from error
