"""What mail servers' refusals mean: decided by their codes, where they give any."""

import re
from enum import StrEnum

from lumi.core.http import OutsideFailure, RateLimited, Rejected, Unavailable

PAUSE_SECONDS = 300.0
"""How long to be silent when a server asks for patience: none says how long, and grey lists take five minutes."""

# What a connection can die of, in whatever layer: time-outs and TLS are OSErrors too.
TROUBLES = (OSError, EOFError)

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")
_IMAP_LATER = frozenset({"UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN"})
_IMAP_TOO_MUCH = frozenset({"LIMIT", "OVERQUOTA", "THROTTLED"})


class Reason(StrEnum):
    """Why a server refuses for good, by what has to be done about it."""

    AUTH = "auth"
    ADDRESS = "address"
    ENCRYPTION = "encryption"
    MAILBOX = "mailbox"
    SENDER = "sender"
    RECIPIENT = "recipient"
    SIZE = "size"
    POLICY = "policy"
    PAYLOAD = "payload"
    OTHER = "other"


_MEANING = {
    Reason.AUTH: "user and password are not accepted",
    Reason.ADDRESS: "its address is none of the public internet's, nor in MAIL_NETWORKS",
    Reason.ENCRYPTION: "the connection cannot be encrypted so that it can be trusted",
    Reason.MAILBOX: "there is no such folder",
    Reason.SENDER: "mails from this sender are not taken",
    Reason.RECIPIENT: "mails to this recipient are not taken",
    Reason.SIZE: "the mail is too large",
    Reason.POLICY: "its rules forbid it",
}


class Step(StrEnum):
    """How far a mail had come when the server answered."""

    GREETING = "greeting"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class MailRejected(Rejected):
    """Refused for good; `reason` says whom it concerns. `details` are the server's words and may name people.

    `status` is the reply code of SMTP, and 0 where there was none.
    """

    def __init__(self, status: int, reason: Reason, details: str, *, meaning: str | None = None) -> None:
        code = f", code {status}" if status else ""
        means = _MEANING.get(reason) if meaning is None else meaning
        said = f"refused ({reason}{code}){f': {means}' if means else ''}"
        super().__init__(status, reason=said, of_account=reason is Reason.AUTH)
        self.reason = reason
        self.details = details


class ReconnectRequired(MailRejected):
    """No access token is given, or none is taken: the owner of the mailbox has to grant access again."""

    def __init__(self, status: int, details: str, meaning: str) -> None:
        super().__init__(status, Reason.AUTH, details, meaning=meaning)


def lost(error: Exception) -> Unavailable:
    """A connection that could not be made or broke, when nothing was carried out."""
    return Unavailable(type(error).__name__)


def imap_refusal(code: str, text: str, reason: Reason) -> OutsideFailure:
    """What a NO or BAD means; `reason` when its code says nothing else."""
    if code in _IMAP_TOO_MUCH or "too many" in text.lower():
        # Gmail has no code for too many connections, and it must not look like a wrong password.
        return RateLimited(PAUSE_SECONDS, status=None)
    if code in _IMAP_LATER:
        return Unavailable(f"answered {code}")
    if code == "PRIVACYREQUIRED":
        reason = Reason.ENCRYPTION
    return MailRejected(0, reason, text)


def smtp_refusal(code: int, text: str, step: Step) -> OutsideFailure:
    """What a reply that is no success means."""
    found = _STATUS.match(text)
    status = found[1] if found else ""
    if 500 <= code < 600:
        return MailRejected(code, _reason(code, status, step), text)
    if 400 <= code < 500 and _asks_for_patience(code, status):
        return RateLimited(PAUSE_SECONDS, status=code, of_person=step is Step.RECIPIENT)
    return Unavailable(f"answered {code} {status}".rstrip(), status=code)


def _asks_for_patience(code: int, status: str) -> bool:
    """Pacing and grey lists: of a mail or a connection, not of a login (454)."""
    return code == 432 or (code in (421, 450, 451) and (status.startswith("4.7.") or status == "4.2.1"))


def _reason(code: int, status: str, step: Step) -> Reason:
    kind = status[:4]
    if step is Step.LOGIN or code in (530, 534, 535) or status in ("5.7.8", "5.7.9", "5.7.57"):
        return Reason.AUTH
    if status in ("5.3.4", "5.2.3") or (code == 552 and kind not in ("5.7.", "5.2.")):
        return Reason.SIZE
    if step is Step.SENDER:
        return Reason.PAYLOAD if kind in ("5.5.", "5.6.") else Reason.SENDER
    if kind == "5.7." or step is Step.GREETING:
        return Reason.POLICY
    if kind in ("5.1.", "5.2."):
        return Reason.RECIPIENT
    if kind in ("5.5.", "5.6.") or 500 <= code <= 504:
        return Reason.PAYLOAD
    if step is Step.RECIPIENT:
        return Reason.RECIPIENT
    return Reason.POLICY if code in (550, 554) else Reason.OTHER
