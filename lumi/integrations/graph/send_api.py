"""The calls we make to Messenger and Instagram, one account each: what both have in common."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from urllib.parse import quote, urlencode

import orjson
from pydantic import SecretStr

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response
from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.graph import tokens
from lumi.integrations.graph.messaging_content import identifier, instant
from lumi.integrations.graph.messaging_shapes import AttachmentKind
from lumi.integrations.graph.send_errors import INVALID_PARAMETER, WRONG_TOKEN, SendRejected, translated

MOST_QUICK_REPLIES = 13
LONGEST_QUICK_REPLY_TITLE = 20
LONGEST_QUICK_REPLY_PAYLOAD = 1000
LONGEST_URL = 2000
_PATH_PART = re.compile(r"[A-Za-z0-9_.]+")
_MESSAGE_ID = re.compile(r"(?!\.+$)[A-Za-z0-9_.:$=+/-]{1,512}")
_MESSAGE_SECONDS = 10.0
_MEDIA_SECONDS = 30.0  # Meta fetches the file before it answers
_ACTION_SECONDS = 5.0


class SenderAction(StrEnum):
    """What the person sees of us besides messages. Typing ends with a message or after 20 s."""

    TYPING_ON = "typing_on"
    TYPING_OFF = "typing_off"
    MARK_SEEN = "mark_seen"


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Meta took the message. Its echo carries the same id, and may have come already."""

    id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class AccountNamed:
    """The account itself, as people see it; `id` is the one webhooks are about."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """One message as Meta keeps it. `from_id` is the account's own when it sent it; media are not told."""

    id: str
    from_id: str | None
    to_ids: tuple[str, ...]
    text: str | None
    at: datetime | None


class SendApi(ABC):
    """Sends from one account; every call is a single attempt, reading alone is repeated.

    What goes wrong is Unavailable, RateLimited (as `Throttled`), Rejected (as `SendRejected`, with code,
    subcode, details and reason) or OutcomeUnknown: it may or may not have been carried out.
    """

    target: ClassVar[str]
    default_fields: ClassVar[tuple[str, ...]]

    def __init__(self, http: Http, api_base: str, version: str, token: SecretStr | str, account_id: str) -> None:
        """`api_base` is the server's address without version; `account_id` the one webhooks are about."""
        for part in (version, account_id):
            if not _PATH_PART.fullmatch(part):
                raise ValueError("a Graph version or account id has only letters, digits, dots and _")
        self._http = http
        self._account_id = account_id
        self._root = f"{api_base.rstrip('/')}/{version}"
        self._scope = f"{self._root}/{account_id}"
        # Whose token it is decides who `me` is: a page for one login, an Instagram account for the other.
        self._me = f"{self._root}/me"
        self._token = token.get_secret_value() if isinstance(token, SecretStr) else token
        self._headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(account_id={self._account_id!r})"

    async def send_attachment(
        self,
        person_id: str,
        kind: AttachmentKind,
        url: str,
        *,
        human_agent: bool = False,
        metadata: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send a file by its https address, which Meta fetches before it answers; `metadata` comes back with its echo,
        where the account has that.
        """
        if not url.startswith("https://") or len(url) > LONGEST_URL:
            raise _refused(f"a file is sent by an https address of at most {LONGEST_URL} characters")
        message: dict[str, object] = {"attachment": {"type": str(kind), "payload": {"url": url}}}
        if metadata is not None:
            message["metadata"] = metadata
        return await self._deliver(person_id, message, human_agent, attempt=attempt, timeout=_MEDIA_SECONDS)

    async def sender_action(self, person_id: str, action: SenderAction) -> None:
        """Show that we type, or that we read what the person wrote."""
        await self._post({"recipient": _recipient(person_id), "sender_action": str(action)}, timeout=_ACTION_SECONDS)

    @abstractmethod
    async def describe(self) -> AccountNamed:
        """The account these calls are made from: tells whether address, token and id are right."""

    async def subscribe(self, fields: Sequence[str] = ()) -> None:
        """Have these kinds of events posted to the app's webhook from now on; by default all that we read."""
        query = urlencode({"subscribed_fields": ",".join(fields or self.default_fields)})
        await self._call("POST", f"{self._me}/subscribed_apps?{query}")

    async def subscribed_fields(self) -> frozenset[str]:
        """The kinds of events that are posted; empty once Meta has ended the subscription after failures."""
        answer = await self._call("GET", f"{self._me}/subscribed_apps", repeatable=True)
        apps = (as_object(each) for each in as_list(object_in(answer).get("data")))
        return frozenset(
            name for app in apps for each in as_list(app.get("subscribed_fields")) if (name := as_text(each))
        )

    async def unsubscribe(self) -> None:
        """Have nothing posted any more; fine when nothing was."""
        await self._call("DELETE", f"{self._me}/subscribed_apps")

    async def token_expires_at(self) -> datetime | None:
        """When the token ends, None when it never does; refuses one that is not valid any more."""
        answer = await self._call("GET", f"{self._root}/{tokens.asked_of(self._token)}", repeatable=True)
        info = tokens.info_in(object_in(answer))
        if not info.is_valid:
            raise SendRejected(answer.status, info.code, info.said)
        return info.expires_at

    async def read_message(self, message_id: str) -> ReadMessage:
        """A message by its id: for what was announced and did not come. Only a chat's last 20 can be read."""
        if not _MESSAGE_ID.fullmatch(message_id):
            raise _refused("it is no id of a message")
        fields = "fields=from,to,message,created_time"
        answer = await self._call("GET", f"{self._root}/{quote(message_id, safe='')}?{fields}", repeatable=True)
        found = object_in(answer)
        to = as_list(as_object(found.get("to")).get("data"))
        return ReadMessage(
            id=message_id,
            from_id=identifier(as_object(found.get("from")).get("id")),
            to_ids=tuple(to_id for each in to if (to_id := identifier(as_object(each).get("id")))),
            text=as_text(found.get("message")) or None,
            at=instant(found.get("created_time")),
        )

    async def _describe(self, fields: str) -> dict[str, object]:
        return object_in(await self._call("GET", f"{self._me}?{urlencode({'fields': fields})}"))

    def _named(self, account_id: str | None, name: str | None) -> AccountNamed:
        if account_id != self._account_id:
            raise SendRejected(0, WRONG_TOKEN, "the token belongs to another account")
        return AccountNamed(self._account_id, name or "")

    async def _deliver(
        self,
        person_id: str,
        message: dict[str, object],
        human_agent: bool,
        *,
        reply_to: str | None = None,
        attempt: int = 0,
        timeout: float = _MESSAGE_SECONDS,
    ) -> SentMessage:
        body: dict[str, object] = {
            "recipient": _recipient(person_id),
            "messaging_type": "MESSAGE_TAG" if human_agent else "RESPONSE",
            "message": message,
        }
        if human_agent:
            body["tag"] = "HUMAN_AGENT"
        if reply_to is not None:
            body["reply_to"] = {"mid": reply_to}
        return _sent(self.target, person_id, await self._post(body, attempt=attempt, timeout=timeout))

    async def _post(self, body: dict[str, object], *, attempt: int = 0, timeout: float) -> Response:
        return await self._call("POST", f"{self._me}/messages", body, attempt=attempt, timeout=timeout)

    async def _call(
        self,
        method: str,
        url: str,
        body: dict[str, object] | None = None,
        *,
        attempt: int = 0,
        timeout: float = _MESSAGE_SECONDS,
        repeatable: bool = False,
    ) -> Response:
        data = None if body is None else _encoded(body)
        try:
            return await self._http.request(
                self.target, method, url,
                data=data, headers=self._headers, timeout=timeout, repeatable=repeatable, scope=self._scope,
            )  # fmt: skip
        except OutsideFailure as failure:
            # Meta quotes a token that it finds malformed.
            failure.body = failure.body.replace(self._token.encode(), b"...") if self._token else failure.body
            in_their_terms = translated(failure, attempt=attempt)
            if in_their_terms is failure:
                raise
            raise in_their_terms from failure


def text_message(text: str, quick_replies: Sequence[tuple[str, str]], fits: bool, limit: str) -> dict[str, object]:
    """The message of a text whose length was measured (`fits`), with its quick replies; refuses what is malformed."""
    if not text or not fits:
        raise _refused(f"a text has 1 to {limit}")
    message: dict[str, object] = {"text": text}
    if quick_replies:
        message["quick_replies"] = _quick_replies(quick_replies)
    return message


def object_in(answer: Response) -> dict[str, object]:
    """The JSON object of an answer, empty when there is none."""
    try:
        return as_object(answer.json())
    except ValueError:
        return {}


def _quick_replies(offered: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    if len(offered) > MOST_QUICK_REPLIES:
        raise _refused(f"there are at most {MOST_QUICK_REPLIES} quick replies")
    for title, payload in offered:
        if not 0 < len(title) <= LONGEST_QUICK_REPLY_TITLE:
            raise _refused(f"the title of a quick reply has 1 to {LONGEST_QUICK_REPLY_TITLE} characters")
        if not 0 < len(payload) <= LONGEST_QUICK_REPLY_PAYLOAD:
            raise _refused(f"the payload of a quick reply has 1 to {LONGEST_QUICK_REPLY_PAYLOAD} characters")
    return [{"content_type": "text", "title": title, "payload": payload} for title, payload in offered]


def _encoded(body: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError as error:
        raise _refused("a text has no half characters") from error


def _recipient(person_id: str) -> dict[str, str]:
    if identifier(person_id) is None:
        raise _refused("a person has an id")
    return {"id": person_id}


def _refused(why: str) -> SendRejected:
    return SendRejected(0, INVALID_PARAMETER, why)


def _sent(target: str, person_id: str, answer: Response) -> SentMessage:
    """What the answer says was taken; one without a message id leaves us not knowing."""
    found = object_in(answer)
    message_id = identifier(found.get("message_id"))
    if message_id is None:
        unknown = OutcomeUnknown("it answered without a message id", status=answer.status, body=answer.body)
        unknown.target = target
        raise unknown
    return SentMessage(message_id, identifier(found.get("recipient_id")) or person_id)
