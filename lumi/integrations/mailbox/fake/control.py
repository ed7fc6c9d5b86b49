"""The side of the twin that its user talks to: somebody's mails to look at and to write, faults, and counts."""

from dataclasses import asdict

from aiohttp import web

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.mailbox.fake.letters import Correspondence
from lumi.integrations.mailbox.fake.twin import Twin
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole
from lumi.integrations.twin.switches import Switches, until_newer


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._switches = Switches(twin)

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.post("/_twin/answer", answered(self.answer)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/rebuild", answered(self.rebuild)),
            web.post("/_twin/tokens/revoke", answered(self.revoke)),
            web.post("/_twin/tokens/decide", answered(self.decide)),
            *self._switches.routes(),
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

    async def answer(self, request: web.Request) -> object:
        """Somebody of the account `from` writes `text` under a `subject` to the person `to`, past its SMTP server.

        Optional: `headers` of the mail, as `In-Reply-To`.
        """
        wishes = await object_in(request)
        account = self._account(as_text(wishes.get("from")))
        person, text = as_text(wishes.get("to")), as_text(wishes.get("text"))
        headers = {name: str(value) for name, value in as_object(wishes.get("headers")).items()}
        if not person or text is None:
            refuse("it takes an address in `to`, and a `text`")
        return {"id": self._twin.answer(account, person, as_text(wishes.get("subject")) or "", text, headers)}

    async def show(self, request: web.Request) -> object:
        """The mails between `peer` and `account` with `n` above `after`."""
        return self._view(self._letters(request), whole(request, "after"))

    async def wait(self, request: web.Request) -> object:
        """The same as soon as there is more than `version`, or unchanged after `timeout` seconds."""
        letters = self._letters(request)
        await until_newer(request, letters)
        return self._view(letters, whole(request, "after"))

    async def rebuild(self, request: web.Request) -> object:
        """The server lost its index of `account`: all mails get other uids, and every connection ends."""
        mailbox = self._twin.mailboxes[self._account(as_text((await object_in(request)).get("account")))]
        mailbox.rebuild()
        return {"uid_validity": mailbox.uid_validity}

    async def revoke(self, request: web.Request) -> object:
        """The access tokens of `account` are valid no more; with `grant`, its refresh tokens neither."""
        wishes = await object_in(request)
        account = self._account(as_text(wishes.get("account")))
        self._twin.grants.revoke(account, refresh_tokens=bool(wishes.get("grant")))
        self._twin.mailboxes[account].stir()
        return {"revoked": account}

    async def decide(self, request: web.Request) -> object:
        """Somebody signed in as `account` enters `user_code` in a browser; with `decline`, refuses."""
        wishes = await object_in(request)
        account = None if wishes.get("decline") else self._account(as_text(wishes.get("account")))
        if not self._twin.grants.decide(as_text(wishes.get("user_code")) or "", account):
            refuse("there is no such code")
        return {"granted": account}

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
