"""The calls we make to WhatsApp, one business number each."""

import re
from dataclasses import dataclass

from pydantic import SecretStr

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response
from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.errors import INVALID_PARAMETER, GraphRejected, translated
from lumi.integrations.whatsapp.identity import international, is_user_id

TARGET = "whatsapp"
LONGEST_TEXT = 4096
LONGEST_CALLBACK_DATA = 512
_PATH_PART = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """WhatsApp took the message: accepted, not yet sent. The ids of its recipient as WhatsApp knows them."""

    id: str
    wa_id: str | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """The business number itself, as people see it."""

    id: str
    display_phone_number: str
    verified_name: str


class WhatsApp:
    """Sends from one business number; every call is a single attempt.

    What goes wrong is Unavailable, RateLimited (as `Throttled`), Rejected (as `GraphRejected`, with code,
    details and reason) or OutcomeUnknown: it may or may not have been carried out.
    """

    def __init__(self, http: Http, api_base: str, version: str, token: SecretStr | str, phone_number_id: str) -> None:
        """`api_base` is the server's address without version, as `https://graph.facebook.com`."""
        for part in (version, phone_number_id):
            if not _PATH_PART.fullmatch(part):
                raise ValueError("a Graph version or phone number id has only letters, digits, dots and _")
        self._http = http
        self._phone_number_id = phone_number_id
        self._number_url = f"{api_base.rstrip('/')}/{version}/{phone_number_id}"
        self._messages_url = f"{self._number_url}/messages"
        plain = token.get_secret_value() if isinstance(token, SecretStr) else token
        self._headers = {"Authorization": f"Bearer {plain}"}

    def __repr__(self) -> str:
        return f"WhatsApp(phone_number_id={self._phone_number_id!r})"

    async def send_text(
        self, to: str, body: str, *, callback_data: str, reply_to: str | None = None, attempt: int = 0
    ) -> SentMessage:
        """Send a text to a phone number or a BSUID; `callback_data` comes back with each of its statuses.

        `reply_to` is the id of the message it quotes. `attempt` counts earlier refusals in a row and makes
        `retry_after` grow.
        """
        _check_lengths(body, callback_data)
        message: dict[str, object] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "type": "text",
            "text": {"body": body, "preview_url": False},
            "biz_opaque_callback_data": callback_data,
        }
        if is_user_id(to):
            message["recipient"] = to
        else:
            message["to"] = international(to)
        if reply_to is not None:
            message["context"] = {"message_id": reply_to}
        return _sent(await self._post(message, attempt=attempt))

    async def mark_read(self, message_id: str, *, typing: bool = False) -> None:
        """Show that this message and those before it were read; `typing` lasts 25 s or until we answer."""
        notice: dict[str, object] = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message_id,
        }
        if typing:
            notice["typing_indicator"] = {"type": "text"}
        await self._post(notice, timeout=5.0)

    async def describe_number(self) -> PhoneNumber:
        """The number these calls are made from: tells whether address, token and id are right."""
        fields = "?fields=display_phone_number,verified_name"
        answer = await self._call("GET", self._number_url + fields, None)
        found = _object_in(answer)
        return PhoneNumber(
            self._phone_number_id,
            as_text(found.get("display_phone_number")) or "",
            as_text(found.get("verified_name")) or "",
        )

    async def _post(self, message: dict[str, object], *, attempt: int = 0, timeout: float = 10.0) -> Response:
        return await self._call("POST", self._messages_url, message, attempt=attempt, timeout=timeout)

    async def _call(
        self,
        method: str,
        url: str,
        message: dict[str, object] | None,
        *,
        attempt: int = 0,
        timeout: float = 10.0,
    ) -> Response:
        try:
            return await self._http.request(
                TARGET, method, url,
                json=message, headers=self._headers, timeout=timeout, scope=self._number_url,
            )  # fmt: skip
        except OutsideFailure as failure:
            in_their_terms = translated(failure, attempt=attempt)
            if in_their_terms is failure:
                raise
            raise in_their_terms from failure


def _check_lengths(body: str, callback_data: str) -> None:
    if not 0 < len(body) <= LONGEST_TEXT:
        raise GraphRejected(0, INVALID_PARAMETER, f"a text has 1 to {LONGEST_TEXT} characters")
    if len(callback_data) > LONGEST_CALLBACK_DATA:
        raise GraphRejected(0, INVALID_PARAMETER, f"callback data has at most {LONGEST_CALLBACK_DATA} characters")


def _object_in(answer: Response) -> dict[str, object]:
    try:
        return as_object(answer.json())
    except ValueError:
        return {}


def _sent(answer: Response) -> SentMessage:
    """What the answer says was taken; one without a message id leaves us not knowing."""
    found = _object_in(answer)
    message = as_object(next(iter(as_list(found.get("messages"))), None))
    contact = as_object(next(iter(as_list(found.get("contacts"))), None))
    message_id = as_text(message.get("id"))
    if not message_id:
        unknown = OutcomeUnknown("it answered without a message id", status=answer.status, body=answer.body)
        unknown.target = TARGET
        raise unknown
    return SentMessage(message_id, as_text(contact.get("wa_id")), as_text(contact.get("user_id")))
