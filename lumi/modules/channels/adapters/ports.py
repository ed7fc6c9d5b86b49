"""What an adapter may know beyond the regular pair: each a question a channel's provider answers or does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from lumi.integrations.oauth.device import Invitation
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Media, Parsed, Pulled
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Carries, OutgoingFile
from lumi.modules.channels.values.outgoing import Attention, Capabilities, Outgoing, SeenTemplate, Sent


@dataclass(frozen=True, slots=True)
class Health:
    """What a provider says of an account. `token_expires_at`: None where it never does, or nobody tells.

    `new_token`: one that was given for the old, which is to be kept instead; `webhook_trouble`: why nothing would be
    posted to us: `not_set`, `elsewhere`, `unsubscribed`, or the provider's own words.
    """

    token_expires_at: datetime | None = None
    new_token: str | None = field(default=None, repr=False)
    webhook_trouble: str | None = None


@runtime_checkable
class Examined(Protocol):
    """A channel whose provider can be asked how an account is."""

    async def examine(self, account: Account, url: str) -> Health:
        """Ask about the token, which is renewed where that is due, and the posts to `url`; raises as `send` does."""
        ...


@runtime_checkable
class Inviting(Protocol):
    """A channel whose accounts can grant access in a browser while a program waits for it."""

    grants: Sequence[str]
    """The names of the needs that this gives, and that nobody has to have."""

    async def invite(self, given: Mapping[str, str]) -> Invitation:
        """Ask for a code with what was given of the needs; raises as `send` does, Rejected where none is to be had."""
        ...

    async def accepted(self, given: Mapping[str, str], invitation: Invitation) -> Mapping[str, str] | Invitation:
        """What was granted, by the names of the needs, else the invitation to go on with; raises as `invite` does."""
        ...


@runtime_checkable
class Subscribed(Protocol):
    """A channel whose provider can be told to post nothing any more."""

    async def unsubscribe(self, account: Account) -> None:
        """Have nothing posted any more; raises as `send` does."""
        ...


@runtime_checkable
class Bearer(Protocol):
    """A channel whose provider shows a secret instead of signing."""

    def shown(self, headers: Mapping[str, str]) -> str | None:
        """The secret that came along; None when none did."""
        ...


@runtime_checkable
class Attentive(Protocol):
    """A channel on which people see that they were read."""

    async def attend(self, account: Account, attention: Attention) -> None:
        """Show it; raises as `send` does, and what comes of it changes nothing."""
        ...


@runtime_checkable
class Pulling(Protocol):
    """Its accounts are read rather than posted to.

    Items and receipts name no account (None): they are of the one that was pulled.
    """

    channel: Channel
    poll_seconds: float
    """An account is pulled at least so often, whether or not anything said that it has news."""

    async def pull(self, account: Account, cursor: Mapping[str, object] | None) -> Pulled:
        """One bounded batch from behind the cursor; raises as `send` does, and changes nothing there.

        Without a cursor it is the first time: nothing is read, and the cursor says that reading begins now. What was
        read may be read again: the provider's id of an item is the same each time.
        """
        ...


@runtime_checkable
class Enveloping(Protocol):
    """Many things come in one body; what could not be read is kept without the rest of it."""

    def enveloped(self, part: bytes, external_id: str) -> bytes:
        """The body in which this part would come again, by itself."""
        ...


@runtime_checkable
class Announcing(Protocol):
    """Its provider may only announce a message, which is then read."""

    async def read_announced(self, account: Account, message_id: str) -> Parsed:
        """The message, or nothing where it is not a person's; Broken where it cannot be had. Raises as `send` does."""
        ...

    def announcement(self, account: Account, message_id: str) -> bytes:
        """The body that announces it, as it would come again: the same bytes each time."""
        ...


class Post(Protocol):
    """An account at which somebody stands, over one connection."""

    async def pull(self, cursor: Mapping[str, object] | None) -> Pulled:
        """As `Pulling.pull`."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Whether something may be new since the last `pull` began, as soon as it may; False after so many seconds."""
        ...


@runtime_checkable
class Standing(Protocol):
    """It is told of news over a connection that is held: a worker stands by for each of its accounts."""

    channel: Channel

    def standing(self, account: Account) -> AbstractAsyncContextManager[Post]:
        """The account until the end of the block; raises as `send` does, in the block too."""
        ...


@runtime_checkable
class Proving(Protocol):
    """Its proof of a post takes more than the app's secret, such as somebody's keys."""

    async def signers(
        self, headers: Mapping[str, str], body: bytes, apps: Sequence[ProviderApp]
    ) -> Sequence[ProviderApp]:
        """The apps for which this body is authentic; raises Unavailable when that cannot be told at present."""
        ...


@runtime_checkable
class Searching(Protocol):
    """Its provider can be asked what became of a send (`Lookup.SEARCH`)."""

    async def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """What it took of this message before; None when it knows of nothing, which a search may say too early."""
        ...


@runtime_checkable
class Renewing(Protocol):
    """Its subscription runs out and is renewed each day by `subscribe`."""

    renews_daily: bool


@runtime_checkable
class FetchesMedia(Protocol):
    """An adapter whose people can send files."""

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """The file, whole; an address that has expired is replaced by a fresh one where the provider gives one.

        Raises MediaTooLarge, and as `send` does: Rejected when it cannot be had any more, Unavailable or RateLimited
        when it may be later.
        """
        ...


@runtime_checkable
class KeepsMedia(Protocol):
    """A surface of our own: what people send on it is kept here before their message is entered."""

    def kept(self, media: Media) -> UUID | None:
        """The file it is; None when it was never kept."""
        ...


@runtime_checkable
class Bringing(Protocol):
    """Files are brought to its provider first and sent by what it calls them: the one may be repeated."""

    async def bring(self, account: Account, file: OutgoingFile) -> str:
        """What the provider calls this file from now on; raises as `send` does."""
        ...


class Unite(Protocol):
    """Lets all these addresses lead to one thread: what was said in several is brought together."""

    async def __call__(
        self, tenant_id: UUID, account_id: UUID, addresses: Sequence[str], *, moved: bool = False
    ) -> None:
        """Commits by itself; nothing happens where they lead to one already, or to none. `moved`: as in Moved."""
        ...


class Adapter(Protocol):
    """One channel: the regular pair of receive and send, and how an account of it is connected."""

    channel: Channel
    capabilities: Capabilities
    carries: Carries
    needs: Sequence[Need]
    """What is needed to connect an account; nothing: these are surfaces of our own."""

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """Whether this app signed these bytes; constant time."""
        ...

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """The answer to the provider's question whether this is our address; None when the token is not the app's."""
        ...

    def parse(self, body: bytes) -> Parsed:
        """Take an authentic body apart; raises Unreadable when it cannot even be opened."""
        ...

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One attempt; raises core.http's Unavailable, Rejected, RateLimited or OutcomeUnknown."""
        ...

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """The account these needs lead to, taken at their word; raises Rejected when they cannot be right.

        `settings` are those it was connected with before.
        """
        ...

    async def probe(self, account: Account) -> str:
        """Ask whether address, token and id are right, changing nothing: what the provider calls the account.

        Raises as `send` does.
        """
        ...

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """Have the provider post to this address; False where its owner enters it there. Raises as `send` does."""
        ...


@runtime_checkable
class KeepsTemplates(Protocol):
    """A channel whose provider approves texts before they are sent."""

    async def templates(self, account: Account) -> Sequence[SeenTemplate]:
        """Every template of the account; raises Rejected where the account does not say whose they are."""
        ...


@runtime_checkable
class AnswersPresses(Protocol):
    """A channel on which a button waits until its press is acknowledged."""

    async def answer_press(self, account: Account, press: str) -> None:
        """End the wait; one that nobody is in any more is fine."""
        ...
