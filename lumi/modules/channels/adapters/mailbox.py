"""Any mailbox: mails read over IMAP while they stay as they are there, answers handed over by SMTP."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import cast

from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import Http, Rejected
from lumi.core.http.lines import Allow
from lumi.integrations.mail.shapes import Mail
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.hosts import PORTS, hosts_of
from lumi.integrations.mailbox.imap import Imap, Inbox
from lumi.integrations.mailbox.shapes import Fetched, FetchedMail, Position
from lumi.integrations.mailbox.smtp import Smtp
from lumi.modules.channels.adapters import mails
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Broken, Media, Parsed, Pulled
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.outgoing import Outgoing, Sent

SEND_SECONDS = 30.0
INBOX = "INBOX"
CLOCKS_APART = timedelta(minutes=1)
"""A server's clock is not ours, and tells seconds only."""
_ADDRESS = re.compile(r"[^\s@<>\x00-\x1f\x7f]{1,64}@[^\s@<>\x00-\x1f\x7f]{1,253}")
_SECURITIES = ", ".join(Security)
Setting = Mapping[str, object]


class MailboxAdapter:
    """The pair for a mailbox. Nobody posts for it: it is read, and a worker stands by for what comes."""

    channel = Channel.MAILBOX
    capabilities = CAPABILITIES[Channel.MAILBOX]
    needs: Sequence[Need] = (
        Need("address", "Address people write to", secret=False, is_id=True),
        Need("password", "Its password, or its app password where the provider wants one"),
        Need("user", "Who logs in, where that is not the address", secret=False, required=False),
        Need("imap_host", "Host that mails are read from, if not the usual one", secret=False, required=False),
        Need("imap_port", "Port of it: 993, or 143 with starttls", secret=False, required=False),
        Need("imap_security", f"How it is spoken to: {_SECURITIES}", secret=False, required=False),
        Need("smtp_host", "Host that mails are handed to, if not the usual one", secret=False, required=False),
        Need("smtp_port", "Port of it: 465, or 587 with starttls", secret=False, required=False),
        Need("smtp_security", f"How it is spoken to: {_SECURITIES}", secret=False, required=False),
        Need("folder", "Folder that is read, where that is not the inbox", secret=False, required=False),
    )

    def __init__(self, http: Http, *, allow: Allow, poll_seconds: float) -> None:
        """`allow` says which addresses may be called; a server without IDLE is asked every `poll_seconds`."""
        self._http, self._allow = http, allow
        self.poll_seconds = poll_seconds

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """Nobody posts for a mailbox."""
        return False

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """Nobody asks."""
        return None

    def parse(self, body: bytes) -> Parsed:
        """Nothing comes this way."""
        return Parsed()

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One attempt; from the last dot of the mail to the server's answer nobody can tell whether it is there."""
        letter = mails.write(account, message, at=clock.now())
        recipient = message.address.partition(":")[2]
        await self._smtp(account).send(letter.raw, account.external_id, [recipient], timeout=SEND_SECONDS)
        return Sent(letter.message_id)

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """The file out of its mail, which is read again where it lay."""
        where = Position(_number(media.reference.get("uid_validity")), _number(media.reference.get("uid")))
        async with self._imap(account).opened() as inbox:
            raw = await inbox.fetch_one(where)
        if raw is None:
            raise Rejected(0, reason="the mail is no longer where it was")
        return await mails.file_of(raw, media, most_bytes)

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """The mailbox of this address, at the servers that were named or that its domain suggests."""
        address = given["address"].strip().lower()
        if not _ADDRESS.fullmatch(address):
            raise Rejected(0, reason="this is no address of a mailbox")
        hosts = hosts_of(address)
        chosen: dict[str, object] = {
            "user": given.get("user") or address,
            "imap": _place(given, "imap", hosts.incoming, Security.TLS),
            "smtp": _place(given, "smtp", hosts.outgoing, hosts.outgoing_security),
            "folder": given.get("folder") or INBOX,
        }
        described = Described(
            external_id=address, app_secret="", access_token=given["password"], settings={**settings, **chosen}
        )
        for name in ("imap", "smtp"):
            _server(described.settings, name, described.access_token)
        return described

    async def probe(self, account: Account) -> str:
        """Log in to both servers; the mailbox is called by its address."""
        await self._imap(account).probe()
        await self._smtp(account).probe()
        return account.external_id

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """There is nobody to be told."""
        return True

    async def pull(self, account: Account, cursor: Mapping[str, object] | None) -> Pulled:
        """What came in behind the cursor, over a connection of its own."""
        async with self.standing(account) as post:
            return await post.pull(cursor)

    @asynccontextmanager
    async def standing(self, account: Account) -> AsyncGenerator[Post]:
        """The mailbox, open until the end of the block."""
        async with self._imap(account).opened() as inbox:
            yield Post(account, inbox)

    def _imap(self, account: Account) -> Imap:
        server = _server(account.settings, "imap", account.access_token)
        folder = str(account.settings.get("folder") or INBOX)
        return Imap(self._http, server, allow=self._allow, folder=folder, poll_seconds=self.poll_seconds)

    def _smtp(self, account: Account) -> Smtp:
        return Smtp(self._http, _server(account.settings, "smtp", account.access_token), allow=self._allow)


class Post:
    """One mailbox while it is open."""

    def __init__(self, account: Account, inbox: Inbox) -> None:
        self._account, self._inbox = account, inbox

    async def pull(self, cursor: Mapping[str, object] | None) -> Pulled:
        """What came in behind the cursor, some of it at a time."""
        if cursor is None:
            return Pulled(Parsed(), _at(self._inbox.end) | {"began_at": clock.now().isoformat(), "old_to": 0})
        fetched = await self._inbox.fetch_since(_number(cursor["uid_validity"]), _number(cursor["uid"]))
        old_to = self._inbox.end.last_uid if fetched.reset else _number(cursor["old_to"])
        began = datetime.fromisoformat(str(cursor["began_at"])) - CLOCKS_APART
        moved = {**cursor, **_at(fetched.position), "old_to": old_to}
        return Pulled(await self._parsed(fetched, began, old_to), moved, fetched.more)

    async def wait(self, seconds: float) -> bool:
        """Whether mail may have come since the last `pull` began, as soon as it may; False after so many seconds."""
        return await self._inbox.wait(seconds)

    async def _parsed(self, fetched: Fetched, began: datetime, old_to: int) -> Parsed:
        """What is new for us: numbered anew, a mailbox shows mails again that lay there before it was connected."""
        parsed = Parsed()
        for each in fetched.messages:
            if each.uid > old_to or each.internal_date is None or each.internal_date >= began:
                mail = await mails.opened(each.raw, self._account.external_id)
                place = {"uid_validity": fetched.uid_validity, "uid": each.uid}
                mails.take(parsed, mail, mails.Origin(_provider_id(mail, each), place, each.internal_date))
        uids = [f"{self._account.external_id} uid {uid}".encode() for uid in fetched.unreadable]
        parsed.broken = [Broken(uid, "the server does not hand this mail out") for uid in uids]
        return parsed


def _provider_id(mail: Mail, fetched: FetchedMail) -> str:
    """The same for a mail under whatever number it lies there. Some programs give one id to all their mails."""
    if mail.message_id is None:
        return f"sha256:{hashlib.sha256(fetched.raw).hexdigest()}"
    sender = mail.sender.address if mail.sender else ""
    told = f"{mail.date}\n{sender}\n{mail.subject}\n{mail.in_reply_to}"
    return f"{mail.message_id} {hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _at(position: Position) -> dict[str, object]:
    return {"uid_validity": position.uid_validity, "uid": position.last_uid}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _place(given: Mapping[str, str], name: str, host: str, security: Security) -> Setting:
    wished = given.get(f"{name}_security", "").lower()
    if wished and wished not in list(Security):
        raise Rejected(0, reason=f"{name} is spoken to by one of {_SECURITIES}")
    chosen = Security(wished) if wished else security
    port = given.get(f"{name}_port") or str(PORTS[chosen][name == "smtp"])
    if not port.isdecimal():
        raise Rejected(0, reason=f"the port of {name} is a number")
    return {"host": given.get(f"{name}_host") or host, "port": int(port), "security": chosen.value}


def _server(settings: Mapping[str, object], name: str, password: str) -> Server:
    """One of the two servers; raises Rejected when it cannot be one."""
    place = cast("Setting", settings.get(name) or {})
    try:
        return Server(
            str(place["host"]), _number(place["port"]), str(settings["user"]), SecretStr(password),
            Security(str(place["security"])), authorities=cast("str | None", settings.get("authorities")),
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise Rejected(0, reason=f"{name}: {error}") from error
