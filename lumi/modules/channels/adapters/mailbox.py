"""Any mailbox: mails read over IMAP while they stay as they are there, answers handed over by SMTP."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import cast

from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import Http, RateLimited, Rejected, Unavailable
from lumi.core.http.lines import Allow
from lumi.core.outside_json import as_text
from lumi.integrations.mail.reader import read
from lumi.integrations.mail.shapes import Mail
from lumi.integrations.mailbox.account import Login, Security, Server
from lumi.integrations.mailbox.hosts import PORTS, hosts_of
from lumi.integrations.mailbox.imap import Imap, Inbox
from lumi.integrations.mailbox.shapes import Fetched, FetchedMail, Position
from lumi.integrations.mailbox.smtp import Smtp
from lumi.integrations.oauth.device import Invitation
from lumi.modules.channels.adapters import mails
from lumi.modules.channels.adapters.granted import Granted, kept
from lumi.modules.channels.adapters.mailbox_order import Laid, Spared, in_order, laid
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Broken, Media, Parsed, Pulled
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Carries
from lumi.modules.channels.values.outgoing import Outgoing, Sent

SEND_SECONDS = 30.0
SENT_SECONDS = 8.0
SENT_LONGEST_SECONDS = 20.0
INBOX_SECONDS = 8.0
"""Then a folder is handed out as far as it was read; its last mail may take a minute. A batch may take 90 seconds."""
INBOX = "INBOX"
CLOCKS_APART = timedelta(minutes=1)
"""A server's clock is not ours, and tells seconds only."""
_ADDRESS = re.compile(r"[^\s@<>\x00-\x1f\x7f]{1,64}@[^\s@<>\x00-\x1f\x7f]{1,253}")
# The two ways to let us in.
PASSWORD, OAUTH = "password", "oauth"
_SECURITIES = ", ".join(Security)
Setting = Mapping[str, object]


class MailboxAdapter:
    """The pair for a mailbox. Nobody posts for it: it is read, and a worker stands by for what comes."""

    channel = Channel.MAILBOX
    capabilities = CAPABILITIES[Channel.MAILBOX]
    carries = Carries.IN_ONE
    grants: Sequence[str] = ("refresh_token",)
    needs: Sequence[Need] = (
        Need("address", "Address people write to", secret=False, is_id=True),
        Need("password", "Its password, or its app password where the provider wants one", way=PASSWORD),
        Need("client_id", "Client id of the app the mailbox granted access to", secret=False, way=OAUTH),
        Need("client_secret", "Secret of that app, where it has one", required=False, way=OAUTH),
        Need("refresh_token", "Refresh token, granted by the mailbox for IMAP and SMTP", way=OAUTH),
        Need("directory", "Directory at Microsoft: id or domain", secret=False, required=False, way=OAUTH),
        Need("user", "Who logs in, where that is not the address", secret=False, required=False),
        Need("imap_host", "Host that mails are read from, if not the usual one", secret=False, required=False),
        Need("imap_port", "Port of it: 993, or 143 with starttls", secret=False, required=False),
        Need("imap_security", f"How it is spoken to: {_SECURITIES}", secret=False, required=False),
        Need("smtp_host", "Host that mails are handed to, if not the usual one", secret=False, required=False),
        Need("smtp_port", "Port of it: 465, or 587 with starttls", secret=False, required=False),
        Need("smtp_security", f"How it is spoken to: {_SECURITIES}", secret=False, required=False),
        Need("folder", "Folder that is read, where that is not the inbox", secret=False, required=False),
        Need("sent_folder", "Folder of what was sent, where the server does not say", secret=False, required=False),
    )

    def __init__(
        self,
        http: Http,
        *,
        allow: Allow,
        poll_seconds: float,
        token_url: str | None = None,
        device_url: str | None = None,
    ) -> None:
        """`allow` says which addresses may be called; a server without IDLE is asked every `poll_seconds`.

        Tokens of mailboxes at no large provider are fetched at `token_url`, without which they cannot be connected so,
        and codes to grant access with at `device_url`.
        """
        self._http, self._allow, self._spared = http, allow, Spared()
        self.granted = Granted(http, token_url, device_url)
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
        letter = await mails.written(account, message, at=clock.now())
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
        login = Login.XOAUTH2 if "refresh_token" in given else Login.PASSWORD
        hosts = self.granted.hosts_of(address, given) if login is Login.XOAUTH2 else hosts_of(address)
        chosen: dict[str, object] = {
            "user": given.get("user") or address,
            "imap": _place(given, "imap", hosts.incoming, Security.TLS),
            "smtp": _place(given, "smtp", hosts.outgoing, hosts.outgoing_security),
            "folder": given.get("folder") or INBOX,
            "sent_folder": given.get("sent_folder"),
            "login": login.value,
            "directory": given.get("directory"),
        }
        secret = kept(given) if login is Login.XOAUTH2 else given["password"]
        described = Described(external_id=address, app_secret="", access_token=secret, settings={**settings, **chosen})
        for name in ("imap", "smtp"):
            _server(described.settings, name, described.access_token)
        self.granted.grant(described.settings, secret)
        return described

    async def invite(self, given: Mapping[str, str]) -> Invitation:
        """A code with which the mailbox of this address grants the app access."""
        return await self.granted.invite(given)

    async def accepted(self, given: Mapping[str, str], invitation: Invitation) -> Mapping[str, str] | Invitation:
        """Its refresh token, once it was granted."""
        found = await self.granted.answered(given, invitation)
        return found if isinstance(found, Invitation) else {"refresh_token": found}

    async def probe(self, account: Account) -> str:
        """Log in to both servers; the mailbox is called by its address."""
        await self._imap(account).probe()
        await self._smtp(account).probe()
        return account.external_id

    async def examine(self, account: Account, url: str) -> Health:
        """Whether both servers still let us in; a refresh token that was given for the one we have is kept.

        That is soon enough, and nothing is lost with a process that ends before: a token that was exchanged stays
        good where they are replaced (Microsoft: ninety days), so the one that is kept opens the mailbox all the same.
        """
        await self.probe(account)
        return Health(new_token=self.granted.replaced(account))

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
            yield Post(account, inbox, self._spared)

    def _imap(self, account: Account) -> Imap:
        server = _server(account.settings, "imap", account.access_token)
        folder = str(account.settings.get("folder") or INBOX)
        return Imap(
            self._http, server, allow=self._allow, tokens=self.granted.tokens(account), folder=folder,
            poll_seconds=self.poll_seconds,
        )  # fmt: skip

    def _smtp(self, account: Account) -> Smtp:
        server = _server(account.settings, "smtp", account.access_token)
        return Smtp(self._http, server, allow=self._allow, tokens=self.granted.tokens(account))


class Post:
    """One mailbox while it is open."""

    def __init__(self, account: Account, inbox: Inbox, spared: Spared) -> None:
        self._account, self._inbox, self._spared = account, inbox, spared
        self._sent_folder = as_text(account.settings.get("sent_folder"))

    async def pull(self, cursor: Mapping[str, object] | None) -> Pulled:
        """What came in and what left behind the cursor, some of it at a time, in the order of the server's clock.

        Where a folder holds more, the other one is told up to then: an answer told before its question would be
        nobody's, and one told after later mails would count as an answer to them.
        """
        if cursor is None:
            begins = await self._inbox.fetch_sent_since(None, self._sent_folder)
            began = {"began_at": clock.now().isoformat(), "old_to": 0}
            return Pulled(Parsed(), _at(self._inbox.end) | began | _of_sent(begins))
        # What left is looked at first: the mails it answers are in the inbox by then.
        sent = await self._sent_since(_position(cursor.get("sent")))
        fetched = await self._inbox.fetch_since(
            _number(cursor["uid_validity"]), _number(cursor["uid"]), until=sent.rest_at if sent else None,
            seconds=INBOX_SECONDS,
        )  # fmt: skip
        if sent is not None and fetched.rest_at is not None:
            sent = sent.up_to(fetched.rest_at)
        old_to = self._inbox.end.last_uid if fetched.reset else _number(cursor["old_to"])
        began = datetime.fromisoformat(str(cursor["began_at"])) - CLOCKS_APART
        moved = {**cursor, **_at(fetched.position), "old_to": old_to, **_of_sent(sent)}
        more = fetched.more or (sent is not None and sent.more)
        return Pulled(await self._parsed(fetched, sent, began, old_to), moved, more)

    async def wait(self, seconds: float) -> bool:
        """Whether mail may have come since the last `pull` began, as soon as it may; False after so many seconds."""
        return await self._inbox.wait(seconds)

    async def _sent_since(self, position: Position | None) -> Fetched | None:
        """What left, in a time of its own; None where it cannot be read, which keeps nothing back that came in."""
        if self._spared.holds(self._account.id):
            return None
        try:
            async with asyncio.timeout(SENT_LONGEST_SECONDS):
                found = await self._inbox.fetch_sent_since(
                    position, self._sent_folder, concerns=_is_answer, seconds=SENT_SECONDS
                )
        except (Unavailable, RateLimited, TimeoutError) as failure:
            # Patience that is asked for is kept by sparing the folder. If the account paused as long itself, the folder
            # would be spared no more afterwards, and every attempt would end here.
            self._spared.note_failed(self._account.id)
            raise Unavailable("the folder of what was sent cannot be read") from failure
        self._spared.note_read(self._account.id)
        return found

    async def _parsed(self, fetched: Fetched, sent: Fetched | None, began: datetime, old_to: int) -> Parsed:
        """What is new for us: numbered anew, a mailbox shows mails again that lay there before it was connected."""
        parsed = Parsed()
        came = await _opened(fetched, self._account.external_id, has_left=False)
        left = None if sent is None else await _opened(sent, "", has_left=True)
        for each in in_order(came, left or ()):
            if each.has_left and _is_since(each.fetched, began):
                self._take_sent(parsed, each)
            elif not each.has_left and (each.fetched.uid > old_to or _is_since(each.fetched, began)):
                self._take(parsed, each, fetched.uid_validity)
        uids = [f"{self._account.external_id} uid {uid}".encode() for uid in fetched.unreadable]
        parsed.broken = [Broken(uid, "the server does not hand this mail out") for uid in uids]
        return parsed

    def _take(self, parsed: Parsed, each: Laid, uid_validity: int) -> None:
        place = {"uid_validity": uid_validity, "uid": each.fetched.uid}
        origin = mails.Origin(_provider_id(each.mail, each.fetched), place, each.fetched.internal_date)
        mails.take(parsed, each.mail, origin)

    def _take_sent(self, parsed: Parsed, each: Laid) -> None:
        provider_id = each.mail.own_key or _provider_id(each.mail, each.fetched)
        origin = mails.Origin(provider_id, {}, each.fetched.internal_date)
        mails.take_sent(parsed, each.mail, origin, self._account.external_id)


async def _opened(fetched: Fetched, own_address: str, *, has_left: bool) -> Sequence[Laid]:
    opened = [await mails.opened(each.raw, own_address) for each in fetched.messages]
    return laid(fetched, opened, has_left=has_left)


def _is_answer(headers: bytes) -> bool:
    return mails.is_answer(read(headers))


def _provider_id(mail: Mail, fetched: FetchedMail) -> str:
    """The same for a mail under whatever number it lies there. Some programs give one id to all their mails."""
    if mail.message_id is None:
        return f"sha256:{hashlib.sha256(fetched.raw).hexdigest()}"
    sender = mail.sender.address if mail.sender else ""
    told = f"{mail.date}\n{sender}\n{mail.subject}\n{mail.in_reply_to}"
    return f"{mail.message_id} {hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _is_since(mail: FetchedMail, moment: datetime) -> bool:
    return mail.internal_date is None or mail.internal_date >= moment


def _of_sent(fetched: Fetched | None) -> dict[str, object]:
    """How far the folder of what was sent was read, as the cursor keeps it."""
    return {} if fetched is None else {"sent": _at(fetched.position)}


def _position(kept: object) -> Position | None:
    if not isinstance(kept, dict):
        return None
    at = cast("Mapping[str, object]", kept)
    return Position(_number(at.get("uid_validity")), _number(at.get("uid")))


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


def _server(settings: Mapping[str, object], name: str, kept_secret: str) -> Server:
    """One of the two servers; raises Rejected when it cannot be one. Where tokens log in, it is given no secret."""
    place = cast("Setting", settings.get(name) or {})
    secret = "" if settings.get("login") == Login.XOAUTH2 else kept_secret
    try:
        return Server(
            str(place["host"]), _number(place["port"]), str(settings["user"]), SecretStr(secret),
            Security(str(place["security"])), authorities=cast("str | None", settings.get("authorities")),
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise Rejected(0, reason=f"{name}: {error}") from error
