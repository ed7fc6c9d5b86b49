"""Mailboxes that take no password: what their owner granted, and the access tokens it is exchanged for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID

import orjson
from pydantic import SecretStr

from lumi.core.http import Http, Rejected
from lumi.core.known import MOST_KEPT
from lumi.core.outside_json import as_text
from lumi.integrations.mailbox.account import Login
from lumi.integrations.mailbox.granting import Granting, granting
from lumi.integrations.mailbox.hosts import GMAIL, MICROSOFT, Hosts, hosts_of, known_hosts
from lumi.integrations.mailbox.oauth import TARGET, mailbox_token
from lumi.integrations.oauth import device
from lumi.integrations.oauth.device import Client, Invitation
from lumi.integrations.oauth.tokens import Grant, OAuthToken
from lumi.modules.channels.values.accounts import Account

_PARTS = ("client_id", "client_secret", "refresh_token")


def kept(parts: Mapping[str, str]) -> str:
    """What is kept of a grant, sealed as an account's secret is."""
    return orjson.dumps({name: parts.get(name, "") for name in _PARTS}).decode()


class Granted:
    """The grants of this process's mailboxes: reading, sending and examining one share its tokens."""

    def __init__(self, http: Http, token_url: str | None, device_url: str | None = None) -> None:
        """Tokens of mailboxes at no large provider are fetched at `token_url`, codes at `device_url`: both are the
        operator's business.
        """
        self._http, self.token_url, self.device_url = http, token_url, device_url
        self._sources: dict[tuple[UUID, str], OAuthToken] = {}

    def hosts_of(self, address: str, given: Mapping[str, str]) -> Hosts:
        """The servers that are not named: of a domain of somebody's own they are Microsoft's, unless tokens of others
        are to be had.
        """
        named = given.get("imap_host", "").lower()
        chosen = next((each for each in (MICROSOFT, GMAIL) if each.incoming == named), None)
        if chosen is not None or named:
            return chosen or hosts_of(address)
        at_microsoft = bool(given.get("directory")) or self.token_url is None
        return known_hosts(address) or (MICROSOFT if at_microsoft else hosts_of(address))

    def grant(self, settings: Mapping[str, object], secret: str) -> Grant | None:
        """What the owner granted; None where the secret is a password. Raises Rejected when nobody gives tokens for it,
        or when they would be shown to somebody else.
        """
        if settings.get("login") != Login.XOAUTH2:
            return None
        hosts = [str(cast("Mapping[str, object]", settings[name])["host"]) for name in ("imap", "smtp")]
        who = self._who_gives(hosts[0], as_text(settings.get("directory")))
        if who.hosts is not None and not {each.lower() for each in hosts} <= who.hosts:
            raise Rejected(0, reason="access tokens are shown to the servers of who gives them only")
        parts = cast("Mapping[str, str]", orjson.loads(secret))
        client_secret = SecretStr(parts["client_secret"]) if parts["client_secret"] else None
        return Grant(
            who.token_url, parts["client_id"], client_secret, SecretStr(parts["refresh_token"]), scope=who.scope
        )

    def tokens(self, account: Account) -> OAuthToken | None:
        """The tokens of a mailbox, the same for everybody in this process while it is connected as it is."""
        grant = self.grant(account.settings, account.access_token)
        if grant is None:
            return None
        name = (account.tenant_id, account.external_id)
        known = self._sources.get(name)
        if known is None or not known.serves(grant):
            if len(self._sources) >= MOST_KEPT:
                self.forget()
            self._sources[name] = known = mailbox_token(self._http, grant)
        return known

    def replaced(self, account: Account) -> str | None:
        """What is to be kept now that another refresh token was given for the one that is; None where none was."""
        source = self.tokens(account)
        if source is None:
            return None
        now = source.grant
        fresh = kept(
            {
                "client_id": now.client_id,
                "client_secret": now.client_secret.get_secret_value() if now.client_secret else "",
                "refresh_token": now.refresh_token.get_secret_value(),
            }
        )
        return fresh if fresh != account.access_token else None

    async def invite(self, given: Mapping[str, str]) -> Invitation:
        """A code with which a mailbox grants access in a browser; raises Rejected where none are given."""
        try:
            return await device.invite(self._http, self._client(given), target=TARGET)
        except Rejected as refusal:
            raise _declined(refusal) from refusal

    async def answered(self, given: Mapping[str, str], invitation: Invitation) -> str | Invitation:
        """The refresh token, once it was granted; else the invitation to go on with."""
        try:
            return await device.answered(self._http, self._client(given), invitation, target=TARGET)
        except Rejected as refusal:
            raise _declined(refusal) from refusal

    def _client(self, given: Mapping[str, str]) -> Client:
        host = given.get("imap_host") or self.hosts_of(given["address"], given).incoming
        who = self._who_gives(host, given.get("directory"))
        if who.device_url is None:
            raise Rejected(0, reason="who gives access tokens for it gives no codes; a refresh token is had otherwise")
        return Client(given["client_id"], given.get("client_secret", ""), who.device_url, who.token_url, who.scope)

    def forget(self) -> None:
        """No token of anybody's is kept."""
        self._sources.clear()

    def _who_gives(self, imap_host: str, directory: str | None) -> Granting:
        elsewhere = Granting(self.token_url, self.device_url) if self.token_url else None
        try:
            who = granting(imap_host, directory, elsewhere)
        except ValueError as error:
            raise Rejected(0, reason=str(error)) from error
        if who is None:
            raise Rejected(0, reason="nobody is known who gives access tokens for it: MAILBOX_TOKEN_URL says who")
        return who


def _declined(refusal: Rejected) -> Rejected:
    """The refusal with the word it was named by."""
    word = device.error_in(refusal)
    return Rejected(refusal.status or 0, reason=f"access was not granted ({word})") if word else refusal
