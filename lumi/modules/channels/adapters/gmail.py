"""Gmail: a push says that a mailbox has news, its history says what, and answers leave by the API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import cast
from uuid import UUID

import orjson

from lumi.core.clock import now
from lumi.core.http import Http, OutsideFailure, Rejected, Unavailable
from lumi.core.ids import made_at
from lumi.core.outside_json import Unreadable as NotJson
from lumi.core.outside_json import as_text
from lumi.integrations.gmail.client import Gmail
from lumi.integrations.gmail.errors import GoogleRejected, HistoryGone, Reason
from lumi.integrations.gmail.oauth import google_token
from lumi.integrations.gmail.oidc import Keys, OidcVerifier
from lumi.integrations.gmail.push import read_push
from lumi.integrations.gmail.shapes import Added, Label
from lumi.modules.channels.adapters import mails
from lumi.modules.channels.adapters.mails import Origin
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.errors import CredentialsMissing
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Broken, Media, Parsed, Pulled
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Carries
from lumi.modules.channels.values.outgoing import Outgoing, Sent

BATCH = 20
BATCH_SECONDS = 30.0
"""Then what was read is handed out: large mails over a slow line would never be all read in the time there is."""
_RECENT = "{in:inbox in:sent} newer_than:7d"
POLL_SECONDS = 300.0
_CLOCKS_APART = timedelta(minutes=1)
_ADDRESS = re.compile(r"[^\s@<>\",]{1,64}@[^\s@<>\",]+\.[^\s@<>\",]+")
_TOPIC = re.compile(r"projects/[^/\s]+/topics/[^/\s]+")
_OF_ONE_MAIL = frozenset({Reason.PAYLOAD, Reason.OTHER})
_PUSH = ("topic", "push_service_account")


class GmailAdapter:
    """The regular pair for Gmail. Nothing of a push is believed but which mailbox to look into."""

    channel = Channel.GMAIL
    capabilities = CAPABILITIES[Channel.GMAIL]
    carries = Carries.IN_ONE
    needs: Sequence[Need] = (
        Need("address", "Address of the mailbox", secret=False, is_id=True),
        Need("client_id", "Client id of the OAuth client", secret=False),
        Need("client_secret", "Client secret of the OAuth client"),
        Need("refresh_token", "Refresh token, granted by the mailbox for gmail.modify"),
        Need("topic", "Pub/Sub topic, as projects/P/topics/T", secret=False, required=False),
        Need("push_service_account", "Service account that signs the pushes", secret=False, required=False),
        Need("push_audience", "Audience of the pushes, when it is not their address", secret=False, required=False),
    )
    poll_seconds = POLL_SECONDS
    renews_daily = True

    def __init__(self, http: Http, *, api_base: str, token_url: str, certs_url: str, public_url: str) -> None:
        """The addresses serve accounts that name none of their own; `public_url` is where the outside reaches us."""
        self._http, self._public_url = http, public_url
        self._where = {"api_base": api_base, "token_url": token_url, "certs_url": certs_url}
        self._clients: dict[UUID, tuple[Account, Gmail]] = {}
        self._keys: dict[str, Keys] = {}

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """No secret of ours proves a push: `signers` does."""
        return False

    async def signers(
        self, headers: Mapping[str, str], body: bytes, apps: Sequence[ProviderApp]
    ) -> Sequence[ProviderApp]:
        """Those whose service account Google signed this for, at an address of theirs.

        Only those of the mailbox it names are looked at, if there are any: keys that cannot be had for somebody else
        are nobody else's business.
        """
        token = headers.get("authorization")
        if not token:
            return []
        named = self.parse(body).news
        found: list[ProviderApp] = []
        unknown: Unavailable | None = None
        for app in [app for app in apps if any(each in app.accounts for each in named)] or apps:
            try:
                if await self._signed(token, app):
                    found.append(app)
            except Unavailable as failure:
                unknown = failure
        if unknown is not None and not found:
            raise unknown
        return found

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """Google asks nothing."""
        return None

    def parse(self, body: bytes) -> Parsed:
        """The mailbox that has news. What is no push is counted: refused, it would come again for a week."""
        try:
            return Parsed(news=[read_push(body).address])
        except NotJson:
            return Parsed(ignored=["push.unreadable"])

    async def pull(self, account: Account, cursor: Mapping[str, object] | None) -> Pulled:
        """The next mails that came in or left; after a gap in the history, those of the last week, once we read it."""
        client = self._client(account)
        if cursor is None:
            began = {"began_at": now().isoformat()}
            return Pulled(Parsed(), {"history_id": (await client.profile()).history_id, **began})
        parsed = Parsed()
        history_id, left = cast("int", cursor["history_id"]), cast("Sequence[str]", cursor.get("left", ()))
        began_at = _began_at(cursor)
        if not left:
            history_id, left = await self._news(client, history_id, parsed)
        rest = left[BATCH:]
        over_at = monotonic() + BATCH_SECONDS
        for place, mail_id in enumerate(left[:BATCH]):
            if place and monotonic() > over_at:
                rest = left[place:]
                break
            try:
                await self._read(client, mail_id, parsed, began_at)
            except OutsideFailure:
                if place == 0:
                    raise
                rest = left[place:]  # those before it are not read again
                break
        moved = {**cursor, "history_id": history_id, "left": list(rest)}
        return Pulled(parsed, moved, more=bool(rest))

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One mail, in Gmail's thread of what it answers as long as that exists."""
        letter = await mails.written(account, message, at=now())
        client = self._client(account)
        try:
            return Sent((await client.send(letter.raw, letter.thread_id)).id)
        except GoogleRejected as refusal:
            if refusal.reason is not Reason.GONE or letter.thread_id is None:
                raise
        return Sent((await client.send(letter.raw)).id)

    async def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """The mail among those sent, by the id that is the same whenever this message is written."""
        _, _, person = message.address.partition(":")
        ours = mails.message_id_of(message.key, account.external_id)
        found = await self._client(account).find_by_message_id(ours, person, made_at(message.key) - _CLOCKS_APART)
        return Sent(found.id) if found is not None else None

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """The file out of its mail, which is read again."""
        stored = await self._client(account).get_raw(str(media.reference.get("mail")))
        if stored is None:
            raise Rejected(0, reason="the mail is no longer there")
        return await mails.file_of(stored.raw, media, most_bytes)

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """The mailbox that is named, with what opens it and, where changes are pushed, who signs for them."""
        address = given["address"].lower()
        topic = given.get("topic")
        if not _ADDRESS.fullmatch(address):
            raise Rejected(0, reason="this is not the address of a mailbox")
        if topic is not None and not _TOPIC.fullmatch(topic):
            raise Rejected(0, reason="a topic is written projects/P/topics/T")
        missing = [name for name in _PUSH if name not in given]
        if len(missing) == 1:
            raise CredentialsMissing(f"To have changes pushed, {missing[0]} is needed.", missing=missing)
        opens = {name: given[name] for name in ("client_id", "client_secret", "refresh_token")}
        signs = {
            "service_account": given.get("push_service_account", ""),
            "audience": given.get("push_audience", ""),
            "certs_url": self._at(settings, "certs_url"),
        }
        return Described(
            external_id=address, app_secret=orjson.dumps(signs).decode(), access_token=orjson.dumps(opens).decode(),
            settings={**settings, "topic": topic},
        )  # fmt: skip

    async def probe(self, account: Account) -> str:
        """The mailbox says whose it is; a token of another one is refused."""
        address = (await self._client(account).profile()).address
        if address != account.external_id:
            raise Rejected(0, reason="the refresh token opens another mailbox")
        return address

    async def examine(self, account: Account, url: str) -> Health:
        """Whether the mailbox still lets us in; when that ends Google tells nobody."""
        await self.probe(account)
        return Health()

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """Changes are pushed to the topic for a week; where the topic pushes them, its owner enters at Google."""
        topic = as_text(account.settings.get("topic"))
        if topic:
            await self._client(account).watch(topic)
        return False

    async def unsubscribe(self, account: Account) -> None:
        """Changes are pushed no more, if they were."""
        if as_text(account.settings.get("topic")):
            await self._client(account).stop()

    async def _news(self, client: Gmail, since: int, parsed: Parsed) -> tuple[int, Sequence[str]]:
        """Where the history stands now, and the ids of mails that are new since then, oldest first."""
        try:
            history = await client.history(since, None)
            return history.history_id, [each.id for each in history.added if _concerns_us(each)]
        except HistoryGone:
            parsed.ignored.append("history.gap")
        stands_at = (await client.profile()).history_id
        return stands_at, [each.id for each in reversed(await client.list_recent(_RECENT))]

    async def _read(self, client: Gmail, mail_id: str, parsed: Parsed, began_at: datetime | None) -> None:
        try:
            stored = await client.get_raw(mail_id)
        except GoogleRejected as refusal:
            if refusal.reason not in _OF_ONE_MAIL:
                raise
            parsed.broken.append(Broken(mail_id.encode(), f"it could not be fetched: {refusal}"))
            return
        added = Added(mail_id, "", stored.labels if stored is not None else frozenset())
        if stored is None or not (added.is_received or added.is_sent):
            parsed.ignored.append("mail.gone" if stored is None else "mail.moved")
        elif began_at is not None and stored.received_at is not None and stored.received_at < began_at:
            parsed.ignored.append("mail.before_us")
        elif not stored.raw:
            parsed.broken.append(Broken(mail_id.encode(), "it has no bytes"))
        else:
            origin = Origin(stored.id, {"mail": stored.id}, stored.received_at, stored.thread_id)
            if added.is_sent:
                mails.take_sent(parsed, await mails.opened(stored.raw, ""), origin, client.address)
            else:
                mails.take(parsed, await mails.opened(stored.raw, client.address), origin)

    async def _signed(self, token: str, app: ProviderApp) -> bool:
        signs = cast("Mapping[str, str]", orjson.loads(app.secret))
        if not signs["service_account"]:
            return False
        path = f"{self._public_url}/webhooks/{self.channel}"
        audiences = (
            [signs["audience"]] if signs["audience"] else [path, *(f"{path}/{i}" for i in app.accounts.values())]
        )
        url = signs["certs_url"]
        keys = self._keys.setdefault(url, Keys(self._http, url))
        for audience in audiences:
            if await OidcVerifier(keys, audience, signs["service_account"]).verify(token):
                return True
        return False

    def _at(self, settings: Mapping[str, object], name: str) -> str:
        return str(settings.get(name) or self._where[name])

    def _client(self, account: Account) -> Gmail:
        known = self._clients.get(account.id)
        if known is None or known[0] is not account:
            opens = cast("Mapping[str, str]", orjson.loads(account.access_token))
            token = google_token(self._http, self._at(account.settings, "token_url"), **opens)
            fresh = Gmail(self._http, self._at(account.settings, "api_base"), token, account.external_id)
            self._clients[account.id] = known = (account, fresh)
        return known[1]


def _concerns_us(mail: Added) -> bool:
    """Whether it came into the inbox or left from the mailbox; what has no labels is looked at."""
    return mail.is_sent or (mail.is_received and (not mail.labels or Label.INBOX in mail.labels))


def _began_at(cursor: Mapping[str, object]) -> datetime | None:
    """What came before was never ours to read; None for a mailbox connected before that was written down."""
    began = cursor.get("began_at")
    return datetime.fromisoformat(began) - _CLOCKS_APART if isinstance(began, str) else None
