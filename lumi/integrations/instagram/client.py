"""The calls we make to Instagram, one professional account each."""

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import Http
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.graph import tokens
from lumi.integrations.graph.messaging_content import identifier
from lumi.integrations.graph.send_api import AccountNamed, SendApi, SentMessage, object_in, text_message

LONGEST_TEXT_BYTES = 1000
"""In bytes of UTF-8, not in characters."""
_FACEBOOK = "graph.facebook.com"


class Login(StrEnum):
    """How the account was connected: by itself, or through the page that it is linked to."""

    INSTAGRAM = "instagram_login"
    FACEBOOK = "facebook_login"


class Instagram(SendApi):
    """Sends from one account: through `https://graph.instagram.com` with a token of its own (Instagram Login),
    or through `https://graph.facebook.com` with the token of its page (Facebook Login)."""

    target = "instagram"
    default_fields = (
        "messages",
        "messaging_postbacks",
        "messaging_optins",
        "messaging_referral",
        "messaging_seen",
        "message_edit",
        "message_reactions",
    )

    def __init__(
        self,
        http: Http,
        api_base: str,
        version: str,
        token: SecretStr | str,
        account_id: str,
        *,
        login: Login | None = None,
    ) -> None:
        """`account_id` is the professional account's; `login` is seen from the address when it is not given."""
        super().__init__(http, api_base, version, token, account_id)
        by_page = urlsplit(api_base).hostname == _FACEBOOK
        self._base = api_base.rstrip("/")
        self._login = login or (Login.FACEBOOK if by_page else Login.INSTAGRAM)

    async def send_text(
        self,
        person_id: str,
        text: str,
        *,
        human_agent: bool = False,
        quick_replies: Sequence[tuple[str, str]] = (),
        reply_to: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send a text of at most 1000 bytes.

        `human_agent`: a person typed this, which may be said for up to 7 days instead of 24 hours, and only when
        it is so. `quick_replies` are pairs of title and payload; `reply_to` is the id of the message it quotes.
        """
        fits = len(text.encode(errors="replace")) <= LONGEST_TEXT_BYTES
        message = text_message(text, quick_replies, fits, f"{LONGEST_TEXT_BYTES} bytes")
        return await self._deliver(person_id, message, human_agent, reply_to=reply_to, attempt=attempt)

    async def subscribe(self, fields: Sequence[str] = ()) -> None:
        """As for every account; a page has one field for all of Instagram, the rest is set in the app."""
        by_page = self._login is Login.FACEBOOK
        await super().subscribe(fields or (("messages",) if by_page else self.default_fields))

    @property
    def renews_tokens(self) -> bool:
        """Whether the token is the account's own, which ends after sixty days and can be renewed before."""
        return self._login is Login.INSTAGRAM

    async def renew_token(self) -> tokens.Renewed | None:
        """A token for sixty more days; None when none is given. One younger than a day is refused."""
        answer = await self._call("GET", f"{self._base}/{tokens.renewal_of(self._token)}")
        return tokens.renewed_in(object_in(answer), clock.now())

    async def describe(self) -> AccountNamed:
        """The account; refuses a token that is another's, or whose page is linked to another."""
        if self._login is Login.INSTAGRAM:
            found = await self._describe("user_id,username")
            return self._named(identifier(found.get("user_id")), as_text(found.get("username")))
        page = await self._describe("instagram_business_account{id,username}")
        found = as_object(page.get("instagram_business_account"))
        return self._named(identifier(found.get("id")), as_text(found.get("username")))
