"""Lumi's own surfaces, the web widget and the terminal: the ledger is what they show, a send is a nudge to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from lumi.core.realtime import Realtime
from lumi.modules.channels.errors import NotConnectable, Unreadable
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Media, Parsed
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Carries
from lumi.modules.channels.values.outgoing import Outgoing, Sent


class SurfaceAdapter:
    """The regular pair for a surface that reads the ledger itself and asks for what it missed."""

    needs: Sequence[Need] = ()
    carries = Carries.NOTHING

    def __init__(self, channel: Channel, realtime: Realtime) -> None:
        self.channel = channel
        self.capabilities = CAPABILITIES[channel]
        self._realtime = realtime

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """Nothing is posted here from outside."""
        return False

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """Nobody subscribes here."""
        return None

    def parse(self, body: bytes) -> Parsed:
        """Nothing is posted here from outside."""
        raise Unreadable("this channel takes no webhooks")

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """Tell whoever watches the thread that its ledger has grown."""
        self._realtime.publish(f"thread:{message.thread_id}", {"type": "message", "n": message.message_n})
        return Sent(None)

    def kept(self, media: Media) -> UUID | None:
        """What a visitor sent lies in the vault before its message is entered."""
        return media.kept

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """Nobody has an account of these anywhere else."""
        raise NotConnectable

    async def probe(self, account: Account) -> str:
        """There is nobody to ask."""
        return account.name

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """Nobody posts."""
        return True
