"""A webhook: where the updates of a bot are posted, until each is answered with success."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from functools import partial

from lumi.core import clock
from lumi.integrations.telegram.fake.updates import Update, Updates
from lumi.integrations.telegram.webhook_secret import HEADER
from lumi.integrations.twin.poster import Poster

_REPEATED = "repeated"


class Webhook:
    """Posts the updates of one chat one after the other, those of several chats at once."""

    def __init__(
        self, url: str, secret: str, updates: Updates, counts: Counter[str], falls_twice: Callable[[], bool]
    ) -> None:
        """What waits in `updates` is posted at once; `falls_twice` says of each post whether it is made twice."""
        self.url = url
        self.secret = secret
        self.max_connections = 40
        self._updates = updates
        self._falls_twice = falls_twice
        self._lines: dict[int, deque[Update]] = {}
        self._poster = Poster(self._prove)
        self._poster.url = url
        self._poster.counts = counts
        self._repeats_seen = counts[_REPEATED]
        self._last_error_at: int | None = None
        for update in updates.all():
            self.post(update)

    @property
    def last_error_at(self) -> int | None:
        """When a post was last known to have failed, in Unix seconds."""
        self._look_for_errors()
        return self._last_error_at

    def post(self, update: Update) -> None:
        """Post it as soon as those before it in its line are taken."""
        line = self._lines.setdefault(update.line, deque())
        line.append(update)
        if len(line) == 1:
            self._post(update)

    async def close(self) -> None:
        """Post nothing any more; what was not taken stays an update."""
        await self._poster.close()

    def _post(self, update: Update) -> None:
        body = update.body
        self._poster.post(body, on_taken=partial(self._taken, update))
        if self._falls_twice():
            self._poster.post(body)

    def _taken(self, update: Update) -> None:
        self._updates.taken(update)
        line = self._lines[update.line]
        line.popleft()
        if line:
            self._post(line[0])
        else:
            del self._lines[update.line]

    def _prove(self, _body: bytes) -> Mapping[str, str]:
        self._look_for_errors()
        return {HEADER: self.secret} if self.secret else {}

    def _look_for_errors(self) -> None:
        repeats = self._poster.counts[_REPEATED]
        if repeats > self._repeats_seen:
            self._repeats_seen = repeats
            self._last_error_at = int(clock.now().timestamp())
