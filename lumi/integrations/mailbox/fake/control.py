"""The side of the twin that its user talks to: somebody's mails to look at and to write, faults, and counts."""

from dataclasses import asdict
from typing import cast

from aiohttp import web

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.mailbox.fake.faults import Faults
from lumi.integrations.mailbox.fake.letters import Correspondence
from lumi.integrations.mailbox.fake.twin import Twin
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole

_LONGEST_WAIT_SECONDS = 60.0
_MOST_LOGGED = 10_000


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/faults", answered(self.set_faults)),
            web.get("/_twin/faults", answered(self.show_faults)),
            web.post("/_twin/rebuild", answered(self.rebuild)),
            web.get("/_twin/log", answered(self.show_log)),
            web.get("/_twin/counts", answered(self.show_counts)),
        ]

    async def write(self, request: web.Request) -> object:
        """A person (`from`, `name`) writes `text` under a `subject`, or a mail comes in as it stands in `raw`.

        Optional: `to`, the account written to; `headers` of the mail, as `In-Reply-To`.
        """
        wishes = await object_in(request)
        account = self._account(as_text(wishes.get("to")))
        raw = as_text(wishes.get("raw"))
        if raw is not None:
            return {"id": self._twin.receive(account, raw.encode("utf-8", "surrogateescape"))}
        sender = as_text(wishes.get("from")) or refuse("it takes an address")
        text = as_text(wishes.get("text")) or refuse("there is no text")
        headers = {name: str(value) for name, value in as_object(wishes.get("headers")).items()}
        name, subject = as_text(wishes.get("name")) or "", as_text(wishes.get("subject")) or ""
        try:
            return {"id": self._twin.write(account, sender, name, subject, text, headers)}
        except ValueError as error:
            raise Refused(f"this makes no mail: {error}") from error

    async def show(self, request: web.Request) -> object:
        """The mails between `peer` and `account` with `n` above `after`."""
        return self._view(self._letters(request), whole(request, "after"))

    async def wait(self, request: web.Request) -> object:
        """The same as soon as there is more than `version`, or unchanged after `timeout` seconds."""
        letters = self._letters(request)
        seconds = min(float(whole(request, "timeout", 25)), _LONGEST_WAIT_SECONDS)
        await letters.newer_than(whole(request, "version"), seconds)
        return self._view(letters, whole(request, "after"))

    async def set_faults(self, request: web.Request) -> object:
        """Replace the faults that are named; `reset` puts all at rest first, `seed` starts the die anew."""
        wishes = await object_in(request)
        faults = Faults() if wishes.pop("reset", False) else self._twin.faults
        seed = wishes.pop("seed", None)
        try:
            self._twin.faults = faults.changed(wishes)
        except ValueError as error:
            raise Refused(str(error)) from error
        if isinstance(seed, int):
            self._twin.reseed(seed)
        return asdict(self._twin.faults)

    async def show_faults(self, _request: web.Request) -> object:
        """The faults as they are."""
        return asdict(self._twin.faults)

    async def rebuild(self, request: web.Request) -> object:
        """The server lost its index of `account`: all mails get other uids, and every connection ends."""
        mailbox = self._twin.mailboxes[self._account(as_text((await object_in(request)).get("account")))]
        mailbox.rebuild()
        return {"uid_validity": mailbox.uid_validity}

    async def show_log(self, request: web.Request) -> object:
        """Mails taken after number `after`, at most `limit`, oldest first."""
        limit = min(whole(request, "limit", 1000), _MOST_LOGGED)
        taken = self._twin.ledger.after(whole(request, "after"), limit)
        return {"messages": [asdict(each) for each in taken], "last": self._twin.ledger.count}

    async def show_counts(self, _request: web.Request) -> object:
        """How many mails were taken and refused, how many came in, and how many connections are open."""
        inbound = sum(len(each.mails) for each in self._twin.mailboxes.values())
        counts = {"accepted": self._twin.ledger.count, "inbound": inbound, "connections": self._twin.connections}
        return {**counts, **cast("dict[str, int]", self._twin.counts)}

    def _account(self, wished: str | None) -> str:
        if wished is None:
            return next(iter(self._twin.mailboxes))
        return wished if wished in self._twin.mailboxes else refuse("there is no such account")

    def _letters(self, request: web.Request) -> Correspondence:
        account = self._account(request.query.get("account"))
        return self._twin.letters.between(account, request.query.get("peer") or refuse("whose mails?"))

    def _view(self, letters: Correspondence, after: int) -> object:
        shown = [asdict(each) for each in letters.letters if each.n > after]
        return {"messages": shown, "last": letters.version, "version": letters.version}
