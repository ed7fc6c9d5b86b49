"""Access tokens of one grant: fetched when they are needed, kept while they are good, and never shown."""

import asyncio
import dataclasses
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response, Unavailable
from lumi.core.outside_json import as_object, as_text

RENEW_SECONDS_BEFORE = 60
LONGEST_LIFETIME_SECONDS = 86_400
_DEFAULT_LIFETIME_SECONDS = 300
_TIMEOUT_SECONDS = 10.0
# Whoever keeps a grant keeps what it has become within a day or two, and a token lives for an hour.
_GRANTS_REMEMBERED = 100

Translate = Callable[[OutsideFailure], OutsideFailure]


class TokenSource(Protocol):
    """Where access tokens come from: await it for one."""

    async def __call__(self) -> str:
        """An access token that is valid now."""
        ...

    def forget(self, token: str) -> None:
        """This token was refused: do not give it again."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What an owner has granted to a client, and where it is exchanged.

    A public client has no secret. Without a `scope` the tokens are for everything that was granted.
    """

    token_url: str
    client_id: str
    client_secret: SecretStr | None
    refresh_token: SecretStr
    scope: str = field(default="", kw_only=True)

    @property
    def form(self) -> dict[str, str]:
        """The exchange, as the token endpoint wants it."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "refresh_token": self.refresh_token.get_secret_value(),
        }
        if self.client_secret is not None:
            form["client_secret"] = self.client_secret.get_secret_value()
        return form | ({"scope": self.scope} if self.scope else {})


class OAuthToken:
    """Access tokens of one grant, each used until a minute before it expires."""

    def __init__(self, http: Http, grant: Grant, *, target: str, translate: Translate) -> None:
        """`target` is what the token endpoint is called in logs; `translate` says what its refusals mean."""
        self._http, self._target, self._translate = http, target, translate
        self._grants = deque([grant], maxlen=_GRANTS_REMEMBERED)
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at: datetime | None = None

    def __repr__(self) -> str:
        return f"OAuthToken(client_id={self.grant.client_id!r})"

    @property
    def grant(self) -> Grant:
        """The grant as it is now: some endpoints give another refresh token with each access token."""
        return self._grants[-1]

    def serves(self, grant: Grant) -> bool:
        """Whether its tokens are those of this grant, be it what it is now or what that has come from."""
        return grant in self._grants

    async def __call__(self) -> str:
        """An access token. Raises Unavailable, RateLimited, or what a refusal is translated to."""
        async with self._lock:
            if self._token is None or self._renew_at is None or clock.now() >= self._renew_at:
                await self._renew()
            assert self._token is not None  # noqa: S101 - renewed just now
            return self._token

    def forget(self, token: str) -> None:
        """This token was refused although it should be valid: fetch another when one is asked for."""
        if token == self._token:
            self._token = None

    async def _renew(self) -> None:
        asked_at = clock.now()
        answer = await self._exchange()
        fields = _object_in(answer)
        token = as_text(fields.get("access_token"))
        if not _is_token(token):
            raise self._gone_wrong("it answered without an access token", answer.status)
        lifetime = fields.get("expires_in")
        seconds = lifetime if isinstance(lifetime, int | float) and lifetime > 0 else _DEFAULT_LIFETIME_SECONDS
        self._token = token
        self._renew_at = asked_at + timedelta(seconds=min(seconds, LONGEST_LIFETIME_SECONDS) - RENEW_SECONDS_BEFORE)
        rotated = as_text(fields.get("refresh_token"))
        if rotated is not None and _is_token(rotated):
            self._note(dataclasses.replace(self.grant, refresh_token=SecretStr(rotated)))

    def _note(self, grant: Grant) -> None:
        if grant != self.grant:
            self._grants.append(grant)

    async def _exchange(self) -> Response:
        url = self.grant.token_url
        try:
            return await self._http.request(
                self._target, "POST", url, data=self.grant.form, timeout=_TIMEOUT_SECONDS, scope=url
            )
        except OutcomeUnknown as failure:
            # Whoever waits for a token has sent nothing yet; a second exchange does no harm.
            raise self._gone_wrong("no token was answered", failure.status) from failure
        except OutsideFailure as failure:
            in_their_terms = self._translate(failure)
            if in_their_terms is failure:
                raise
            raise in_their_terms from failure

    def _gone_wrong(self, reason: str, status: int | None) -> Unavailable:
        failure = Unavailable(reason, status=status)
        failure.target = self._target
        return failure


def _is_token(value: str | None) -> bool:
    return bool(value) and value.isascii() and value.isprintable()


def _object_in(answer: Response) -> dict[str, object]:
    try:
        return as_object(answer.json())
    except ValueError:
        return {}
