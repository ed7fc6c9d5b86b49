"""One call to the Graph API as one business number: addressed, authorised, and failing in WhatsApp's terms."""

from __future__ import annotations

import re

from pydantic import SecretStr

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response, Unavailable
from lumi.core.http.answers import Body
from lumi.core.outside_json import as_object
from lumi.integrations.whatsapp.errors import INVALID_PARAMETER, TARGET, GraphRejected, translated

_PATH_PART = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*")


class GraphCalls:
    """What every group of calls of one account shares; each call is a single attempt, reads may be repeated."""

    def __init__(self, http: Http, api_base: str, version: str, token: SecretStr | str, phone_number_id: str) -> None:
        """`api_base` is the server's address without version, as `https://graph.facebook.com`."""
        for part in (version, phone_number_id):
            if not _PATH_PART.fullmatch(part):
                raise ValueError("a Graph version or phone number id has only letters, digits, dots and _")
        self._http = http
        self._phone_number_id = phone_number_id
        self._base = api_base.rstrip("/")
        self._version_url = f"{self._base}/{version}"
        self._number_url = f"{self._version_url}/{phone_number_id}"
        plain = token.get_secret_value() if isinstance(token, SecretStr) else token
        self._headers = {"Authorization": f"Bearer {plain}"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(phone_number_id={self._phone_number_id!r})"

    async def _call(
        self,
        method: str,
        url: str,
        message: dict[str, object] | None = None,
        *,
        data: Body = None,
        mime: str | None = None,
        attempt: int = 0,
        timeout: float = 10.0,
        repeatable: bool = False,
        part: str = "",
    ) -> Response:
        """The answer. `data` of type `mime` goes instead of a message; `part` of the account rests by itself."""
        headers = self._headers if mime is None else {**self._headers, "Content-Type": mime}
        try:
            return await self._http.request(
                TARGET, method, url, json=message, data=data, headers=headers, timeout=timeout,
                repeatable=repeatable, scope=self._number_url + part,
            )  # fmt: skip
        except OutsideFailure as failure:
            in_their_terms = translated(failure, attempt=attempt)
            if in_their_terms is failure:
                raise
            raise in_their_terms from failure

    async def _call_harmless(
        self,
        method: str,
        url: str,
        message: dict[str, object] | None = None,
        *,
        data: Body = None,
        mime: str | None = None,
        timeout: float = 10.0,
        part: str = "",
    ) -> Response:
        """One attempt at what may be done twice: without an answer it is simply not done yet."""
        try:
            return await self._call(method, url, message, data=data, mime=mime, timeout=timeout, part=part)
        except OutcomeUnknown as lost:
            raise unanswered(lost.args[0], lost.status, lost.body) from lost

    def _object_url(self, object_id: str, edge: str = "") -> str:
        """The address of an object of Meta's; an id that would change the address is refused."""
        if not _PATH_PART.fullmatch(object_id):
            raise refused_here("an id has only letters, digits, dots and _")
        return f"{self._version_url}/{object_id}{edge}"


def object_in(answer: Response) -> dict[str, object]:
    """The JSON object that was answered; empty when it is none."""
    try:
        return as_object(answer.json())
    except ValueError:
        return {}


def refused_here(why: str, code: int = INVALID_PARAMETER) -> GraphRejected:
    """What WhatsApp would refuse, refused without asking: its status is 0."""
    refusal = GraphRejected(0, code, why)
    refusal.target = TARGET
    return refusal


def unanswered(why: str, status: int | None = None, body: bytes = b"") -> Unavailable:
    """What has to be asked again: there was no answer, or none that says what was asked."""
    failure = Unavailable(why, status=status, body=body)
    failure.target = TARGET
    return failure
