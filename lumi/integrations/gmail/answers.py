"""Reads what Gmail answers. No key is taken for granted; what lacks its id is left out."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from lumi.core.http import Response, Unavailable
from lumi.core.outside_json import Unreadable, as_list, as_object, as_text, load_object
from lumi.integrations.gmail.base64url import from_base64
from lumi.integrations.gmail.push import history_id_in
from lumi.integrations.gmail.shapes import Added, Profile, SentMail, StoredMail, Watch

Fields = Mapping[str, object]


def object_in(answer: Response) -> dict[str, object]:
    """The JSON object that was answered; Unavailable when something between us answered in its place."""
    try:
        return load_object(answer.body)
    except Unreadable as error:
        raise Unavailable("it answered no JSON object", status=answer.status) from error


def profile(fields: Fields) -> Profile:
    """Who the mailbox is."""
    return Profile((as_text(fields.get("emailAddress")) or "").lower(), history_id(fields) or 0)


def watch(answer: Response) -> Watch:
    """Since when and until when changes are pushed."""
    fields = object_in(answer)
    return Watch(history_id(fields) or 0, _instant(fields.get("expiration")) or datetime.fromtimestamp(0, UTC))


def history_id(fields: Fields) -> int | None:
    """Where the history stands."""
    try:
        return history_id_in(fields.get("historyId"))
    except Unreadable:
        return None


def added_in(page: Fields) -> Iterator[Added]:
    """The mails that a page of history says were added; the list itself is missing when there are none."""
    for record in as_list(page.get("history")):
        for each in as_list(as_object(record).get("messagesAdded")):
            found = _added(as_object(as_object(each).get("message")))
            if found is not None:
                yield found


def listed_in(page: Fields) -> list[Added]:
    """The mails of a page of a search."""
    each = (_added(as_object(item)) for item in as_list(page.get("messages")))
    return [found for found in each if found is not None]


def stored(fields: Fields | None) -> StoredMail | None:
    """The mail with its bytes; None when it is not there."""
    known = _added(fields) if fields is not None else None
    if fields is None or known is None:
        return None
    try:
        raw = from_base64(as_text(fields.get("raw")) or "")
    except ValueError:
        raw = b""
    return StoredMail(known.id, known.thread_id, known.labels, _instant(fields.get("internalDate")), raw)


def sent(answer: Response) -> SentMail | None:
    """What was sent; None when the answer does not say."""
    try:
        found = _added(load_object(answer.body))
    except Unreadable:
        return None
    return SentMail(found.id, found.thread_id) if found is not None else None


def headers_in(fields: Fields) -> dict[str, str]:
    """The headers of a mail by their names in lower case."""
    found: dict[str, str] = {}
    for each in as_list(as_object(fields.get("payload")).get("headers")):
        name, value = as_text(as_object(each).get("name")), as_text(as_object(each).get("value"))
        if name and value:
            found.setdefault(name.lower(), value.strip())
    return found


def _added(fields: Fields) -> Added | None:
    mail_id = as_text(fields.get("id"))
    if not mail_id:
        return None
    labels = frozenset(each for each in as_list(fields.get("labelIds")) if isinstance(each, str))
    return Added(mail_id, as_text(fields.get("threadId")) or "", labels)


def _instant(value: object) -> datetime | None:
    """Milliseconds since 1970, which Google sends as text."""
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC) if isinstance(value, str | int) else None
    except (ValueError, OverflowError, OSError):
        return None
