"""The calls we make to Gmail, one mailbox each."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import orjson

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response, Unavailable
from lumi.core.outside_json import as_text
from lumi.integrations.gmail import answers
from lumi.integrations.gmail.base64url import to_base64url
from lumi.integrations.gmail.errors import GoogleRejected, HistoryGone, Reason, translated
from lumi.integrations.gmail.shapes import Added, History, Label, Profile, SentMail, StoredMail, Watch
from lumi.integrations.gmail.upload import UPLOAD_ABOVE_BYTES, multipart
from lumi.integrations.mail.reader import KEY_HEADER
from lumi.integrations.oauth.tokens import TokenSource

TARGET = "gmail"
LARGEST_MAIL_BYTES = 36_700_160
PAGE_SIZE = 500
MOST_PAGES = 200
LARGEST_READ_BYTES = 23 << 20
"""Of a mail: in base64, a larger one is more than we read of any answer."""
_MOST_LOOKED_AT = 25
_SEND_TIMEOUT_SECONDS = 30.0
_NOT_FOUND = 404
_UNAUTHORIZED = 401


class Gmail:
    """One mailbox; every call is a single attempt, but for reads, which are repeated when nothing was answered.

    What goes wrong is Unavailable, RateLimited (as `Throttled`), Rejected (as `GoogleRejected` with its reason,
    `ReconnectRequired` or `HistoryGone`) or, when sending, OutcomeUnknown: look the mail up by its message id.
    """

    def __init__(self, http: Http, api_base: str, token_source: TokenSource, address: str) -> None:
        """`api_base` is the server's address, as `https://gmail.googleapis.com`."""
        self._http = http
        self._token_source = token_source
        self.address = address.lower()
        self._base = api_base.rstrip("/")
        self._user_url = f"{self._base}/gmail/v1/users/me"
        self._scope = f"{self._base}/{self.address}"

    def __repr__(self) -> str:
        return f"Gmail(address={self.address!r})"

    async def profile(self) -> Profile:
        """The mailbox behind the token: tells whether address and token are right, and where its history stands."""
        return answers.profile(await self._read("/profile"))

    async def watch(self, topic: str) -> Watch:
        """Have changes of the inbox pushed to `projects/P/topics/T` for seven days; a new watch replaces the old."""
        asked = {"topicName": topic, "labelIds": [Label.INBOX], "labelFilterBehavior": "include"}
        return answers.watch(await self._call("POST", "/watch", json=asked, repeatable=True))

    async def stop(self) -> None:
        """No pushes any more."""
        await self._call("POST", "/stop", json={}, repeatable=True)

    async def history(self, since: int, label: Label | None = Label.INBOX) -> History:
        """What was added after this history id, all pages of it; raises HistoryGone when that is too long ago.

        With a label only what carries it; None tells of everything, sent mails and drafts too.
        """
        asked = {"startHistoryId": str(since), "historyTypes": "messageAdded", "maxResults": str(PAGE_SIZE)}
        if label is not None:
            asked["labelId"] = label
        found: dict[str, Added] = {}
        newest = since
        try:
            async for page in self._pages("/history", asked):
                found.update((each.id, each) for each in answers.added_in(page))
                newest = max(newest, answers.history_id(page) or 0)
        except GoogleRejected as failure:
            if failure.status != _NOT_FOUND:
                raise
            gone = HistoryGone(_NOT_FOUND, failure.word, failure.details, failure.body)
            gone.target = TARGET
            raise gone from failure
        return History(tuple(found.values()), newest)

    async def list_recent(self, query: str = "in:inbox newer_than:7d") -> tuple[Added, ...]:
        """The mails that match a search, newest first, each once: for the gap that HistoryGone leaves.

        Take the history id of `profile` before, and go on from there afterwards.
        """
        pages = self._pages("/messages", {"q": query, "maxResults": str(PAGE_SIZE)})
        found = {each.id: each async for page in pages for each in answers.listed_in(page)}
        return tuple(found.values())

    async def get_raw(self, mail_id: str) -> StoredMail | None:
        """The mail with its bytes, or None when it is no longer there; GoogleRejected when it is too large to read."""
        path = f"/messages/{quote(mail_id, safe='')}"
        try:
            return answers.stored(await self._read_or_none(f"{path}?format=raw", repeatable=False))
        except (Unavailable, OutcomeUnknown):
            about = await self._read_or_none(f"{path}?format=minimal") or {}
        size = about.get("sizeEstimate")
        if isinstance(size, int) and size > LARGEST_READ_BYTES:
            raise GoogleRejected(0, "tooLarge", "it is too large to read", reason=Reason.PAYLOAD)
        return answers.stored(await self._read_or_none(f"{path}?format=raw"))

    async def message_id_of(self, mail_id: str) -> str | None:
        """The Message-ID that others see on this mail: Gmail may replace ours. None when it is no longer there."""
        return (await self._ids_of(mail_id)).get("message-id") or None

    async def send(self, raw: bytes, thread_id: str | None = None) -> SentMail:
        """Send a composed mail, into a thread when its headers belong there too. Never repeated.

        Gmail keeps no key of ours: after OutcomeUnknown, `find_by_message_id` tells.
        """
        if not 0 < len(raw) <= LARGEST_MAIL_BYTES:
            raise GoogleRejected(0, "uploadTooLarge", f"a mail has at most {LARGEST_MAIL_BYTES} bytes")
        if len(raw) > UPLOAD_ABOVE_BYTES:
            kind, body = multipart(raw, thread_id)
            url = f"{self._base}/upload/gmail/v1/users/me/messages/send?uploadType=multipart"
        else:
            message = {"raw": to_base64url(raw), **({"threadId": thread_id} if thread_id else {})}
            kind, body, url = "application/json", orjson.dumps(message), f"{self._user_url}/messages/send"
        headers = {"Content-Type": kind}
        answer = await self._call("POST", url, data=body, headers=headers, timeout=_SEND_TIMEOUT_SECONDS)
        sent = answers.sent(answer)
        if sent is None:
            unknown = OutcomeUnknown("it answered without an id", status=answer.status, body=answer.body)
            unknown.target = TARGET
            raise unknown
        return sent

    async def find_by_message_id(self, message_id: str, to: str, since: datetime) -> SentMail | None:
        """The mail we sent under this id, if it was sent: searched by id and, as Gmail may have replaced that,
        among what was sent to this address since then by the copy of the id in a header of ours.

        A search may lag behind a send by some seconds: None is sure only later.
        """
        bare = message_id.strip().strip("<>")
        for each in await self._search(f"rfc822msgid:{bare}"):
            return SentMail(each.id, each.thread_id)
        after = int(since.astimezone(UTC).timestamp()) - 1
        for each in (await self._search(f"in:sent to:{to} after:{after}"))[:_MOST_LOOKED_AT]:
            if (await self._ids_of(each.id)).get(KEY_HEADER.lower(), "").strip("<>") == bare:
                return SentMail(each.id, each.thread_id)
        return None

    async def _search(self, query: str) -> list[Added]:
        asked = {"q": query, "maxResults": str(_MOST_LOOKED_AT), "includeSpamTrash": "true"}
        return answers.listed_in(await self._read(f"/messages?{urlencode(asked)}"))

    async def _ids_of(self, mail_id: str) -> Mapping[str, str]:
        wanted = f"?format=metadata&metadataHeaders=Message-ID&metadataHeaders={KEY_HEADER}"
        return answers.headers_in(await self._read_or_none(f"/messages/{quote(mail_id, safe='')}{wanted}") or {})

    async def _pages(self, path: str, asked: dict[str, str]) -> AsyncIterator[dict[str, object]]:
        """Each page of an answer, to the end."""
        page_token: str | None = None
        for _ in range(MOST_PAGES):
            more = {"pageToken": page_token} if page_token else {}
            page = await self._read(f"{path}?{urlencode({**asked, **more})}")
            yield page
            following = as_text(page.get("nextPageToken"))
            if not following or following == page_token:
                return
            page_token = following
        endless = Unavailable("its pages do not end")
        endless.target = TARGET
        raise endless

    async def _read(self, path: str, *, repeatable: bool = True) -> dict[str, object]:
        return answers.object_in(await self._call("GET", path, repeatable=repeatable))

    async def _read_or_none(self, path: str, *, repeatable: bool = True) -> dict[str, object] | None:
        try:
            return await self._read(path, repeatable=repeatable)
        except GoogleRejected as failure:
            if failure.reason is Reason.GONE:
                return None
            raise

    async def _call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 15.0,
        repeatable: bool = False,
    ) -> Response:
        """One call; with a fresh token once more when the one in hand is refused, which does nothing there."""
        url = path if path.startswith(self._base) else f"{self._user_url}{path}"
        for is_last in (False, True):
            token = await self._token_source()
            try:
                return await self._http.request(
                    TARGET, method, url,
                    json=json, data=data, headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                    timeout=timeout, repeatable=repeatable, scope=self._scope,
                )  # fmt: skip
            except OutsideFailure as failure:
                if failure.status == _UNAUTHORIZED:
                    self._token_source.forget(token)
                    if not is_last:
                        continue
                in_their_terms = translated(failure)
                if in_their_terms is failure:
                    raise
                raise in_their_terms from failure
        raise AssertionError("the second attempt returns or raises")
