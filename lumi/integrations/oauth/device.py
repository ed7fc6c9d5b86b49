"""Granting access in a browser somewhere while a program waits for it (RFC 8628)."""

from dataclasses import dataclass, field

import orjson

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, Rejected, Unavailable
from lumi.core.outside_json import as_object, as_text

_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
_TIMEOUT_SECONDS = 10.0
_DEFAULT_INTERVAL_SECONDS = 5.0
_SLOWER_SECONDS = 5.0
_PENDING, _SLOW_DOWN = "authorization_pending", "slow_down"


@dataclass(frozen=True, slots=True)
class Client:
    """An app, where codes and tokens are asked for, and for what. A public one has no secret."""

    client_id: str
    client_secret: str = field(repr=False)
    device_url: str
    token_url: str
    scope: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody enters where, within so many seconds; whoever waits asks every `interval` seconds."""

    user_code: str
    address: str
    seconds: float
    interval: float
    device_code: str = field(repr=False)

    @property
    def slower(self) -> "Invitation":
        """The same for who asked too often."""
        pause = self.interval + _SLOWER_SECONDS
        return Invitation(self.user_code, self.address, self.seconds, pause, self.device_code)


async def invite(http: Http, client: Client, *, target: str) -> Invitation:
    """Ask for a code; raises Rejected, RateLimited or Unavailable, and what is no invitation is Unavailable."""
    asked = {"client_id": client.client_id} | ({"scope": client.scope} if client.scope else {})
    fields = await _posted(http, client.device_url, asked, target)
    code, shown = as_text(fields.get("device_code")), as_text(fields.get("user_code"))
    address = as_text(fields.get("verification_uri")) or as_text(fields.get("verification_url"))
    if not code or not shown or not address or not f"{shown}{address}".isprintable():
        raise _gone_wrong(target, "it answered without a code")
    return Invitation(
        shown, address, _seconds(fields.get("expires_in"), 900.0),
        _seconds(fields.get("interval"), _DEFAULT_INTERVAL_SECONDS), code,
    )  # fmt: skip


async def answered(http: Http, client: Client, invitation: Invitation, *, target: str) -> str | Invitation:
    """The refresh token once access is granted, else the invitation to go on with; raises as `invite` does.

    Rejected when it was declined, or the code has ended.
    """
    asked = {"grant_type": _GRANT_TYPE, "client_id": client.client_id, "device_code": invitation.device_code}
    if client.client_secret:
        asked["client_secret"] = client.client_secret
    try:
        fields = await _posted(http, client.token_url, asked, target)
    except Rejected as refusal:
        word = error_in(refusal)
        if word not in (_PENDING, _SLOW_DOWN):
            raise
        return invitation if word == _PENDING else invitation.slower
    token = as_text(fields.get("refresh_token"))
    if not token or not token.isascii() or not token.isprintable():
        raise Rejected(0, reason="no refresh token was granted: the app has to ask for offline_access")
    return token


def error_in(refusal: OutsideFailure) -> str:
    """The word by which a refusal is named; empty where there is none."""
    try:
        answer: object = orjson.loads(refusal.body)
    except orjson.JSONDecodeError:
        return ""
    return as_text(as_object(answer).get("error")) or ""


async def _posted(http: Http, url: str, form: dict[str, str], target: str) -> dict[str, object]:
    try:
        answer = await http.request(target, "POST", url, data=form, timeout=_TIMEOUT_SECONDS, scope=url)
        return as_object(answer.json())
    except OutcomeUnknown as failure:
        raise _gone_wrong(target, "nothing was answered") from failure  # it is asked again: that does no harm
    except ValueError as error:
        raise _gone_wrong(target, "this is no answer of a token endpoint") from error


def _gone_wrong(target: str, reason: str) -> Unavailable:
    failure = Unavailable(reason)
    failure.target = target
    return failure


def _seconds(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else otherwise
