"""What an adapter may be besides the regular pair: a channel has the roles its provider makes possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from lumi.modules.channels.values import Account, Channel, Outgoing, ProviderApp, Pulled, Sent


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
