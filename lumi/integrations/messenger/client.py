"""The calls we make to Messenger, one page each."""

from collections.abc import Sequence

from lumi.core.outside_json import as_text
from lumi.integrations.graph.messaging_content import identifier
from lumi.integrations.graph.send_api import AccountNamed, SendApi, SentMessage, text_message
from lumi.integrations.graph.send_errors import INVALID_PARAMETER, SendRejected

LONGEST_TEXT = 2000
"""In characters."""
LONGEST_METADATA = 999


class Messenger(SendApi):
    """Sends from one page, with the page's token, through `https://graph.facebook.com`."""

    target = "messenger"
    default_fields = (
        "messages",
        "messaging_postbacks",
        "messaging_optins",
        "messaging_referrals",
        "message_deliveries",
        "message_reads",
        "message_echoes",
        "message_edits",
        "message_reactions",
    )

    async def send_text(
        self,
        person_id: str,
        text: str,
        *,
        human_agent: bool = False,
        quick_replies: Sequence[tuple[str, str]] = (),
        reply_to: str | None = None,
        metadata: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send a text; `metadata` comes back with its echo.

        `human_agent`: a person typed this, which may be said for up to 7 days instead of 24 hours, and only when
        it is so. `quick_replies` are pairs of title and payload; `reply_to` is the id of the message it quotes.
        """
        message = text_message(text, quick_replies, len(text) <= LONGEST_TEXT, f"{LONGEST_TEXT} characters")
        if metadata is not None:
            if len(metadata) > LONGEST_METADATA:
                raise SendRejected(0, INVALID_PARAMETER, f"metadata has at most {LONGEST_METADATA} characters")
            message["metadata"] = metadata
        return await self._deliver(person_id, message, human_agent, reply_to=reply_to, attempt=attempt)

    async def describe(self) -> AccountNamed:
        """The page; refuses a token that is another page's."""
        found = await self._describe("id,name")
        return self._named(identifier(found.get("id")), as_text(found.get("name")))
