"""What an adapter may know beyond the regular pair: each a question a channel's provider answers or does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from lumi.modules.channels.values import Account, Attention


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
