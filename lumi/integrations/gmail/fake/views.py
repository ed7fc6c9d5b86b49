"""What the API answers of a mailbox and its mail, in Google's shapes."""

from collections.abc import Iterable
from typing import TypeVar

from lumi.integrations.gmail.base64url import to_base64url
from lumi.integrations.gmail.fake.google import ApiError
from lumi.integrations.gmail.fake.mailbox import Letter, Mailbox
from lumi.integrations.mail.headers import in_words

T = TypeVar("T")
_SNIPPET = 100


def profile(mailbox: Mailbox) -> object:
    """Who the mailbox is."""
    threads = {each.thread_id for each in mailbox.letters.values()}
    counts = {"messagesTotal": len(mailbox.letters), "threadsTotal": len(threads)}
    return {"emailAddress": mailbox.address, **counts, "historyId": str(mailbox.history_id)}


def brief(letter: Letter) -> dict[str, object]:
    """A mail by its ids and labels."""
    return {"id": letter.id, "threadId": letter.thread_id, "labelIds": list(letter.labels)}


def history(mailbox: Mailbox, page: Iterable[tuple[int, Letter]], following: str | None) -> object:
    """A page of what was added."""
    records = [
        {"id": str(at), "messages": [_ids(each)], "messagesAdded": [{"message": brief(each)}]} for at, each in page
    ]
    found: dict[str, object] = {"history": records} if records else {}
    return {**found, "historyId": str(mailbox.history_id), **_following(following)}


def listing(page: list[Letter], count: int, following: str | None) -> object:
    """A page of what a search found."""
    found: dict[str, object] = {"messages": [_ids(each) for each in page]} if page else {}
    return {**found, **_following(following), "resultSizeEstimate": count}


def mail(letter: Letter, wanted: str, headers: set[str]) -> object:
    """One mail in the format that is wanted."""
    found: dict[str, object] = {
        **brief(letter),
        "snippet": letter.mail.full_text[:_SNIPPET],
        "historyId": str(letter.history_id),
        "internalDate": str(letter.at),
        "sizeEstimate": len(letter.raw),
    }
    if wanted == "raw":
        return {**found, "raw": to_base64url(letter.raw)}
    if wanted == "metadata":
        return {**found, "payload": {"mimeType": "text/plain", "headers": _headers(letter, headers)}}
    if wanted == "minimal":
        return found
    raise ApiError(400, f"This twin has no format={wanted[:20]}; it has raw, metadata and minimal.")


def _headers(letter: Letter, wanted: set[str]) -> list[dict[str, str]]:
    head = letter.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    unfolded = head.replace("\n ", " ").replace("\n\t", " ").split("\n")
    pairs = (line.partition(":") for line in unfolded)
    named = [{"name": name, "value": in_words(value)} for name, colon, value in pairs if colon]
    return [each for each in named if not wanted or each["name"].lower() in wanted]


def _ids(letter: Letter) -> dict[str, str]:
    return {"id": letter.id, "threadId": letter.thread_id}


def _following(token: str | None) -> dict[str, object]:
    return {"nextPageToken": token} if token else {}
