"""Access to a mailbox that its owner has granted: a refresh token, and access tokens that it is exchanged for."""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Response, Unavailable
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.gmail.errors import translated

TARGET = "google_oauth"
RENEW_SECONDS_BEFORE = 60
_DEFAULT_LIFETIME_SECONDS = 300
_TIMEOUT_SECONDS = 10.0


class TokenSource(Protocol):
    """Where access tokens come from: await it for one."""

    async def __call__(self) -> str:
        """An access token that is valid now."""
        ...

    def forget(self, token: str) -> None:
        """This token was refused: do not give it again."""
        ...


class OAuthToken:
    """Access tokens of one refresh token, each used until a minute before it expires."""

    def __init__(
        self,
        http: Http,
        token_url: str,
        client_id: str,
        client_secret: SecretStr | str,
        refresh_token: SecretStr | str,
    ) -> None:
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = _secret(client_secret)
        self._refresh_token = _secret(refresh_token)
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at: datetime | None = None

    def __repr__(self) -> str:
        return f"OAuthToken(client_id={self._client_id!r})"

    async def __call__(self) -> str:
        """An access token. Raises ReconnectRequired when the permission is gone, GoogleRejected or Unavailable."""
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
        if not token or not token.isascii() or not token.isprintable():
            raise _gone_wrong("it answered without an access token", answer.status)
        lifetime = fields.get("expires_in")
        seconds = lifetime if isinstance(lifetime, int | float) and lifetime > 0 else _DEFAULT_LIFETIME_SECONDS
        self._token = token
        self._renew_at = asked_at + timedelta(seconds=min(seconds, 86_400) - RENEW_SECONDS_BEFORE)

    async def _exchange(self) -> Response:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
            "refresh_token": self._refresh_token.get_secret_value(),
        }
        try:
            return await self._http.request(
                TARGET, "POST", self._token_url, data=form, timeout=_TIMEOUT_SECONDS, scope=self._token_url
            )
        except OutcomeUnknown as failure:
            # Whoever waits for a token has sent nothing yet; a second exchange does no harm.
            raise _gone_wrong("no token was answered", failure.status) from failure
        except OutsideFailure as failure:
            in_their_terms = translated(failure)
            if in_their_terms is failure:
                raise
            raise in_their_terms from failure


def _gone_wrong(reason: str, status: int | None) -> Unavailable:
    failure = Unavailable(reason, status=status)
    failure.target = TARGET
    return failure


def _secret(value: SecretStr | str) -> SecretStr:
    return value if isinstance(value, SecretStr) else SecretStr(value)


def _object_in(answer: Response) -> dict[str, object]:
    try:
        return as_object(answer.json())
    except ValueError:
        return {}
