"""The side of the twin that its user talks to: people to write as and to look at, faults, and counts."""

from typing import cast

from aiohttp import web

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.gmail.fake.google import ApiError
from lumi.integrations.gmail.fake.letters import from_person
from lumi.integrations.gmail.fake.mailbox import Letter, Mailbox
from lumi.integrations.gmail.fake.twin import Twin
from lumi.integrations.gmail.shapes import Label
from lumi.integrations.mail.composing import answer_subject
from lumi.integrations.mail.headers import Address
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole
from lumi.integrations.twin.switches import Switches, until_newer


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._switches = Switches(twin, twin.poster.told)

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.post("/_twin/answer", answered(self.answer)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/webhook", answered(self.subscribe)),
            web.post("/_twin/history/forget", answered(self.forget_history)),
            web.post("/_twin/mails/delete", answered(self.delete)),
            web.post("/_twin/tokens/revoke", answered(self.revoke)),
            *self._switches.routes(),
        ]

    async def write(self, request: web.Request) -> object:
        """A person (`from`, `name`) writes `subject` and `text`, or the bytes of `raw` as they are.

        Optional: `to`, the mailbox; `in_reply_to`, the Message-ID of a mail in it; `html`; `headers`, which
        replace or add; `label`, where it arrives (INBOX); `id`, Gmail's id of it; `at`, when it did (Unix seconds).
        """
        wishes = await object_in(request)
        mailbox = self._mailbox(as_text(wishes.get("to")))
        raw = as_text(wishes.get("raw"))
        label = as_text(wishes.get("label")) or Label.INBOX
        content = raw.encode("utf-8", "replace") if raw is not None else _written(wishes, mailbox)
        try:
            letter = self._twin.receive(mailbox, content, as_text(wishes.get("id")), label, _moment(wishes.get("at")))
        except ApiError as error:
            raise Refused(str(error)) from error
        ids = {"id": letter.id, "message_id": letter.mail.message_id, "thread_id": letter.thread_id}
        return {**ids, "history_id": letter.history_id, "n": letter.n, "version": mailbox.version}

    async def answer(self, request: web.Request) -> object:
        """Somebody writes `text` to the person `to` in Gmail itself, from the mailbox `from`.

        Optional: `in_reply_to`, the Message-ID of a mail in it; `subject`; `headers`, which replace or add.
        """
        wishes = await object_in(request)
        mailbox = self._mailbox(as_text(wishes.get("from")))
        person = as_text(wishes.get("to")) or refuse("it takes an address in `to`")
        letter = mailbox.add(_written({**wishes, "from": mailbox.address}, mailbox, person), (Label.SENT,))
        return {"id": letter.id, "message_id": letter.mail.message_id, "thread_id": letter.thread_id}

    async def show(self, request: web.Request) -> object:
        """The mails between `peer` and the mailbox `number`, those with `n` above `after`."""
        return _view(self._mailbox(request.query.get("number")), request)

    async def wait(self, request: web.Request) -> object:
        """The same as soon as the mailbox is newer than `version`, or unchanged after `timeout` seconds."""
        mailbox = self._mailbox(request.query.get("number"))
        await until_newer(request, mailbox)
        return _view(mailbox, request)

    async def subscribe(self, request: web.Request) -> object:
        """Post to `url` from now on, signed for `audience`; both null: nowhere."""
        wishes = await object_in(request)
        self._twin.poster.url = as_text(wishes.get("url"))
        self._twin.settings.audience = as_text(wishes.get("audience"))
        return {"url": self._twin.poster.url, "audience": self._twin.settings.audience or self._twin.poster.url}

    async def forget_history(self, request: web.Request) -> object:
        """What was added to the mailbox `to` until now is told no more: asking for it is answered with 404."""
        mailbox = self._mailbox(as_text((await object_in(request)).get("to")))
        mailbox.forget_history()
        return {"oldest_history_id": mailbox.oldest_history_id}

    async def delete(self, request: web.Request) -> object:
        """The mail `id` of the mailbox `to` is gone."""
        wishes = await object_in(request)
        mailbox = self._mailbox(as_text(wishes.get("to")))
        mailbox.remove(as_text(wishes.get("id")) or refuse("there is no id"))
        return {"left": len(mailbox.letters)}

    async def revoke(self, request: web.Request) -> object:
        """The access tokens of the mailbox `to` are valid no more; with `grant`, the refresh token neither."""
        wishes = await object_in(request)
        address = self._mailbox(as_text(wishes.get("to"))).address
        self._twin.revoke(address, refresh_token=bool(wishes.get("grant")))
        return {"revoked": address}

    def _mailbox(self, address: str | None) -> Mailbox:
        boxes = self._twin.mailboxes
        if address is None:
            return next(iter(boxes.values()))
        return boxes.get(address.lower()) or refuse("there is no such mailbox")


def _written(wishes: dict[str, object], mailbox: Mailbox, to: str | None = None) -> bytes:
    person = Address((as_text(wishes.get("from")) or "").lower(), as_text(wishes.get("name")) or "")
    text = as_text(wishes.get("text"))
    if "@" not in person.address or text is None:
        refuse("it takes an address in `from`, and a `text`")
    parent = as_text(wishes.get("in_reply_to"))
    known = mailbox.with_message_id(parent) if parent else None
    chain = known.mail.chain if known else (parent,) if parent else ()
    subject = as_text(wishes.get("subject")) or (answer_subject(known.mail.subject) if known else "")
    headers = {name: str(value) for name, value in as_object(wishes.get("headers")).items()}
    try:
        return from_person(
            person, to or mailbox.address, subject, text, html=as_text(wishes.get("html")), chain=chain, headers=headers
        )
    except ValueError as error:
        raise Refused("it cannot be a mail") from error


def _moment(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _view(mailbox: Mailbox, request: web.Request) -> object:
    peer = (request.query.get("peer") or refuse("there is no peer")).lower()
    shown = [_entry(each) for each in mailbox.with_peer(peer, whole(request, "after"))]
    last = cast("int", shown[-1]["n"]) if shown else whole(request, "after")
    return {"messages": shown, "last": last, "version": mailbox.version}


def _entry(letter: Letter) -> dict[str, object]:
    """A mail as the person sees it: `mine` is what they wrote themselves."""
    mail = letter.mail
    ids = {"n": letter.n, "id": letter.id, "message_id": mail.message_id, "thread_id": letter.thread_id}
    words = {"subject": mail.subject, "text": mail.full_text, "labels": list(letter.labels)}
    return {**ids, **words, "mine": Label.SENT not in letter.labels, "at": letter.at / 1000}
