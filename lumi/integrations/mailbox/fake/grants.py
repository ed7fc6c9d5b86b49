"""What the owners of the twin's accounts have granted: refresh tokens, and access tokens that end."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import orjson

from lumi.core import clock
from lumi.integrations.mailbox.fake.faults import Faults
from lumi.integrations.twin.faults import Dice


class TokenError(Exception):
    """A refusal of the token endpoint, in the shape and words of Microsoft's."""

    def __init__(self, status: int, error: str, code: int, says: str) -> None:
        super().__init__(says)
        self.status = status
        told = (
            f"AADSTS{code}: {says}\r\nTrace ID: {secrets.token_hex(8)}\r\nTimestamp: {clock.now():%Y-%m-%d %H:%M:%SZ}"
        )
        self.body = orjson.dumps({"error": error, "error_description": told, "error_codes": [code]})


@dataclass(frozen=True, slots=True)
class Given:
    """What an exchange gives; `refresh_token` where it is another than the one that was shown."""

    access_token: str
    seconds: int
    refresh_token: str | None


@dataclass(slots=True)
class Device:
    """A code that somebody enters in a browser, and who did."""

    code: str
    user_code: str
    account: str | None = None
    is_declined: bool = False


class Client(Protocol):
    """The app that access is granted to, as the twin's settings have it."""

    client_id: str
    client_secret: str
    token_seconds: int


class Keeper(Protocol):
    """The twin, as far as it is asked here."""

    faults: Faults
    dice: Dice
    counts: Counter[str]

    @property
    def settings(self) -> Client:
        """The app."""
        ...

    @property
    def mailboxes(self) -> Mapping[str, object]:
        """By account."""
        ...


class Grants:
    """Every grant and what was given for it."""

    def __init__(self, twin: Keeper) -> None:
        self._twin = twin
        self._refresh: dict[str, str] = {}
        self._access: dict[str, tuple[str, float]] = {}
        self._devices: dict[str, Device] = {}

    def grant(self, account: str) -> str:
        """Its owner lets the app in; returns a refresh token of it."""
        token = f"0.A{secrets.token_urlsafe(900)}"  # as long as Microsoft's
        self._refresh[token] = account
        return token

    def exchange(self, client_id: str, client_secret: str, refresh_token: str) -> Given:
        """An access token for a refresh token, which stays good, and on request of the faults another one of these."""
        twin = self._twin
        self._recognise(client_id, client_secret)
        account = self._refresh.get(refresh_token)
        if account is None or twin.dice.falls(twin.faults.refuse_grant_rate):
            raise TokenError(400, "invalid_grant", 700082, "The refresh token has expired due to inactivity.")
        rotated = self.grant(account) if twin.dice.falls(twin.faults.rotate_rate) else None
        return self._given(account, rotated)

    def invite(self, client_id: str) -> Device:
        """Somebody who cannot sign in here wants access for the app."""
        if client_id != self._twin.settings.client_id:
            raise TokenError(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        device = Device(secrets.token_urlsafe(200), secrets.token_hex(4).upper())
        self._devices[device.code] = device
        return device

    def decide(self, user_code: str, account: str | None) -> bool:
        """Somebody signed in as this account enters a code, or declines; whether there is such a code."""
        found = next((each for each in self._devices.values() if each.user_code == user_code), None)
        if found is not None:
            found.account, found.is_declined = account, account is None
        return found is not None

    def redeem(self, client_id: str, client_secret: str, code: str) -> Given:
        """What the owner granted to who waits with a code."""
        self._recognise(client_id, client_secret)
        device = self._devices.get(code)
        if device is None:
            raise TokenError(400, "expired_token", 70020, "The code has expired.")
        if device.is_declined:
            raise TokenError(400, "authorization_declined", 70018, "The end user denied the request.")
        if device.account is None:
            raise TokenError(400, "authorization_pending", 70016, "The user has not entered their code yet.")
        del self._devices[code]
        return self._given(device.account, self.grant(device.account))

    def opened_by(self, access_token: str) -> str | None:
        """The account that an access token opens, while it is valid."""
        account, until = self._access.get(access_token, (None, 0.0))
        return account if clock.now().timestamp() < until else None

    def revoke(self, account: str, *, refresh_tokens: bool) -> None:
        """Take back the access tokens of an account, and on request what was granted."""
        self._access = {token: each for token, each in self._access.items() if each[0] != account}
        if refresh_tokens:
            self._refresh = {token: each for token, each in self._refresh.items() if each != account}

    def forget(self, refresh_token: str) -> None:
        """One refresh token is good no more, its age being what it is."""
        self._refresh.pop(refresh_token, None)

    def refresh_tokens_of(self, account: str) -> Iterable[str]:
        """Those that are good, oldest first."""
        return [token for token, each in self._refresh.items() if each == account]

    def _given(self, account: str, refresh_token: str | None) -> Given:
        token = f"ey{secrets.token_urlsafe(1200)}"
        seconds = self._twin.settings.token_seconds
        self._access[token] = (account, clock.now().timestamp() + seconds)
        self._twin.counts["tokens"] += 1
        return Given(token, seconds, refresh_token)

    def _recognise(self, client_id: str, client_secret: str) -> None:
        client = self._twin.settings
        if client_id != client.client_id:
            raise TokenError(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        if not secrets.compare_digest(client_secret.encode(), client.client_secret.encode()):
            raise TokenError(401, "invalid_client", 7000215, "Invalid client secret provided.")
