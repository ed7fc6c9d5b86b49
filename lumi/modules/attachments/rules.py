"""What follows from how a fetch, a look or a hearing ended: decisions without a session or a clock."""

from __future__ import annotations

from lumi.core.errors import AppError
from lumi.integrations.speech.errors import Reason, SpeechRejected
from lumi.modules.attachments.values import AttachmentState, Why
from lumi.modules.files.public import FileState, Infected, NotScanned, ScanFailed

# Attempts of a fetch, the last an hour after the first; and of a hearing, within what a guest waits.
MOST_FETCHES = 36
MOST_HEARINGS = 3
_HEARD_NOT = {
    Reason.TOO_LONG: Why.TOO_LONG,
    Reason.TOO_LARGE: Why.TOO_LONG,
    Reason.TOO_COSTLY: Why.TOO_LONG,
    Reason.MISSING: Why.NOBODY_HEARS,
    Reason.AUTH: Why.NOBODY_HEARS,
    Reason.CREDIT: Why.NOBODY_HEARS,
    Reason.MODEL: Why.NOBODY_HEARS,
}


def pause_seconds(attempt: int, retry_after: float | None) -> float:
    """How long until the next attempt; the other side's own word counts more."""
    return max(retry_after or 0.0, min(120.0, 2.0**attempt))


def after_look(found: FileState) -> tuple[AttachmentState, Why] | None:
    """What a file in this state is settled as; None where it may be handed out, or nobody has looked yet."""
    if found is FileState.INFECTED:
        return AttachmentState.REFUSED, Why.MALWARE
    if found is FileState.FAILED:
        return AttachmentState.FAILED, Why.UNSCANNED
    return None


def unfinished(found: FileState, *, is_recording: bool) -> tuple[AttachmentState, Why | None]:
    """What a file in this state is settled as when nobody goes on with it."""
    return after_look(found) or (AttachmentState.READY, Why.UNHEARD if is_recording else None)


def refusal(state: AttachmentState) -> AppError | None:
    """Why a file of ours in this state cannot be sent; None when it can."""
    if state is AttachmentState.READY:
        return None
    return {AttachmentState.REFUSED: Infected(), AttachmentState.FAILED: ScanFailed()}.get(state, NotScanned())


def unheard(failure: SpeechRejected) -> Why:
    """Why a recording will never be heard."""
    return _HEARD_NOT.get(failure.reason, Why.UNHEARD)


def file_name(name: str, kind: str, *, is_voice: bool) -> str:
    """What a file is called whose sender gave it no name; the files module adds the ending of its type."""
    return name or ("voice" if is_voice else kind)
