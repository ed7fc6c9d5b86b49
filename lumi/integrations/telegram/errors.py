"""What the Bot API's refusals mean. It has no codes beyond HTTP's: what 400 means, its words say."""

from enum import StrEnum

import orjson

from lumi.core.http import OutsideFailure, RateLimited, Rejected
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.telegram.identity import whole

BAD_REQUEST = 400
FORBIDDEN = 403
NOT_FOUND = 404


class Reason(StrEnum):
    """Why Telegram refuses for good, by what has to be done about it."""

    AUTH = "auth"
    """The token is wrong or was revoked: stop until its owner gives another."""
    RECIPIENT = "recipient"
    """This person blocked the bot, is gone, or never started it."""
    MOVED = "moved"
    """The chat has another id now, `moved_to`: keep it and send again."""
    PAYLOAD = "payload"
    """The message itself is not right."""
    UNCHANGED = "unchanged"
    """An edit that changes nothing."""
    EXPIRED = "expired"
    """The press of a button was answered too late."""
    FILE = "file"
    """The file is too big, gone or unknown."""
    CONFLICT = "conflict"
    """Somebody else reads the updates of this bot, or a webhook does."""
    OTHER = "other"


_BY_STATUS = {
    BAD_REQUEST: Reason.PAYLOAD,
    401: Reason.AUTH,
    403: Reason.RECIPIENT,
    409: Reason.CONFLICT,
    413: Reason.FILE,
}
_WRONG_TOKEN = "not found"  # noqa: S105 - all that 404 says to a token that is none; an unknown method is named
_BY_WORDS = (
    ("message is not modified", Reason.UNCHANGED),
    ("query is too old", Reason.EXPIRED),
    ("query id is invalid", Reason.EXPIRED),
    ("chat not found", Reason.RECIPIENT),
    ("user not found", Reason.RECIPIENT),
    ("deactivated", Reason.RECIPIENT),
    ("peer_id_invalid", Reason.RECIPIENT),
    ("file is too big", Reason.FILE),
    ("file is temporarily unavailable", Reason.FILE),
    ("file_id", Reason.FILE),
    ("file id", Reason.FILE),
)


class TelegramRejected(Rejected):
    """Telegram refuses this for good; `reason` says whom it concerns, `details` what it said.

    `moved_to` is the chat's new id when `reason` is MOVED. `lasting` is `blocked` where nothing reaches this person.
    """

    def __init__(
        self, status: int, details: str, reason: Reason, body: bytes = b"", *, moved_to: int | None = None
    ) -> None:
        super().__init__(status, body, f"refused with {status} ({reason})")
        self.details = details
        self.reason = reason
        self.moved_to = moved_to
        self.lasting = "blocked" if status == FORBIDDEN else None


def translated(failure: OutsideFailure) -> OutsideFailure:
    """The failure in Telegram's terms when its body holds a refusal of the Bot API, else the failure as it is."""
    answer = _answer_in(failure.body)
    if answer.get("ok") is not False:
        return failure
    parameters = as_object(answer.get("parameters"))
    if isinstance(failure, RateLimited):
        wait = whole(parameters.get("retry_after")) or 0
        found: OutsideFailure = RateLimited(max(float(wait), failure.retry_after), failure.body, failure.status)
    elif isinstance(failure, Rejected):
        details = as_text(answer.get("description")) or ""
        moved_to = whole(parameters.get("migrate_to_chat_id"))
        status = failure.status or 0
        reason = Reason.MOVED if moved_to is not None else reason_of(status, details)
        found = TelegramRejected(status, details, reason, failure.body, moved_to=moved_to)
    else:
        return failure
    found.target = failure.target
    return found


def reason_of(status: int, details: str) -> Reason:
    """The class of a refusal, by its status and, where that is not enough, by its words."""
    words = details.casefold()
    if status == NOT_FOUND:
        return Reason.AUTH if words == _WRONG_TOKEN else Reason.OTHER
    if status == BAD_REQUEST:
        for phrase, reason in _BY_WORDS:
            if phrase in words:
                return reason
    return _BY_STATUS.get(status, Reason.OTHER)


def _answer_in(body: bytes) -> dict[str, object]:
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return as_object(answer)
