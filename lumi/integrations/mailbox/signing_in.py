"""Logging in with an access token: one that is refused is exchanged for a fresh one, once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from pydantic import SecretStr

from lumi.integrations.mailbox.account import Login, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason, ReconnectRequired
from lumi.integrations.oauth.tokens import TokenSource

T = TypeVar("T")

_NOT_TAKEN = "an access token that was just given for it is not taken"


async def signed_in(server: Server, tokens: TokenSource | None, step: Callable[[Server], Awaitable[T]]) -> T:
    """The step at this server with its own secret, or with a token where there are any.

    A login that is refused did nothing, so with a fresh token the step is taken once more; refused again, it is
    ReconnectRequired. Tokens are fetched before the step, outside its time and its policy: who gives them is another.
    """
    if tokens is None:
        return await step(server)
    for is_last in (False, True):
        token = await tokens()
        try:
            return await step(replace(server, secret=SecretStr(token), login=Login.XOAUTH2))
        except MailRejected as refusal:
            if refusal.reason is not Reason.AUTH:
                raise
            tokens.forget(token)
            if is_last:
                raise _not_taken(refusal) from refusal
    raise AssertionError("the second attempt returns or raises")


def _not_taken(refusal: MailRejected) -> ReconnectRequired:
    last = ReconnectRequired(refusal.status or 0, refusal.details, _NOT_TAKEN)
    last.target = refusal.target
    return last
