"""Why speech goes wrong, as the four failures of `lumi.core.http`: whoever calls decides by those alone."""

from enum import StrEnum

import orjson

from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.outside_json import as_object, as_text

NO_CREDIT = "insufficient_quota"


class Reason(StrEnum):
    """Why something cannot be heard or spoken, by what has to be done about it."""

    MISSING = "missing"
    """A program, an extra or a file is not installed."""
    AUTH = "auth"
    CREDIT = "credit"
    MODEL = "model"
    LANGUAGE = "language"
    UNSPEAKABLE = "unspeakable"
    """Nothing to speak, or more than is spoken at once."""
    NOT_AUDIO = "not_audio"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_COSTLY = "too_costly"
    """It used up the processor time it may take."""
    PAYLOAD = "payload"
    OTHER = "other"


class SpeechRejected(Rejected):
    """This will not be heard or spoken, however often it is tried; `details` is for staff and holds no content."""

    def __init__(self, reason: Reason, details: str, *, status: int = 0, body: bytes = b"") -> None:
        super().__init__(status, body, f"refused ({reason}): {details}")
        self.reason = reason
        self.details = details


class ProgramMissing(SpeechRejected):
    """A program or an extra is not installed; `advice` is how to get it."""

    def __init__(self, program: str, advice: str) -> None:
        super().__init__(Reason.MISSING, f"{program} is missing: {advice}")
        self.program = program
        self.advice = advice


def translated(failure: OutsideFailure) -> OutsideFailure:
    """The failure in terms of speech. A lost answer is Unavailable: asking again changes nothing there."""
    if isinstance(failure, OutcomeUnknown):
        found: OutsideFailure = Unavailable(str(failure.args[0]), status=failure.status, body=failure.body)
    elif isinstance(failure, RateLimited) and error_in(failure.body).get("code") == NO_CREDIT:
        found = SpeechRejected(Reason.CREDIT, "there is no credit left", status=429, body=failure.body)
    elif isinstance(failure, Rejected) and not isinstance(failure, SpeechRejected):
        status = failure.status or 0
        reason = _reason_of(status, failure.body)
        found = SpeechRejected(reason, f"answered {status}", status=status, body=failure.body)
    else:
        return failure
    found.target = failure.target
    return found


def error_in(body: bytes) -> dict[str, object]:
    """The error object of an OpenAI-compatible answer; empty when there is none."""
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = as_object(answer).get("error")
    return {"message": error} if isinstance(error, str) else as_object(error)


def refuses_format(failure: OutsideFailure) -> bool:
    """Whether the server refuses the form of the answer we asked for, and could give another."""
    if failure.status not in (400, 415, 422):
        return False
    error = error_in(failure.body)
    named = as_text(error.get("param")) == "response_format"
    # Other servers than OpenAI's name the field in the words of their validation.
    return named or b"response_format" in failure.body


def _reason_of(status: int, body: bytes) -> Reason:
    if status in (401, 403):
        return Reason.AUTH
    if status == 404:
        return Reason.MODEL
    if status == 413:
        return Reason.TOO_LARGE
    if error_in(body).get("code") == NO_CREDIT or status == 402:
        return Reason.CREDIT
    return Reason.PAYLOAD if status in (400, 415, 422) else Reason.OTHER
