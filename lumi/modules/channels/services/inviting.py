"""Connecting an account whose owner grants access in a browser, while we wait for it."""

from __future__ import annotations

import asyncio
import dataclasses
import time

from lumi.core.http import RateLimited, Unavailable
from lumi.core.logging import get_logger
from lumi.integrations.oauth.device import Invitation
from lumi.modules.channels.adapters.ports import Inviting
from lumi.modules.channels.errors import NotConnectable, ProviderRefused
from lumi.modules.channels.services.providers import provider_says
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.accounts import NewAccount

log = get_logger("lumi.channels")


def inviting(sender: Sender, wanted: NewAccount) -> Inviting:
    """What asks for access to accounts of this channel; raises NotConnectable where nobody can grant it so."""
    adapter = sender.adapter(wanted.channel)
    if not isinstance(adapter, Inviting):
        raise NotConnectable("Access to accounts of this channel is not granted in a browser.")
    return adapter


async def invite(sender: Sender, wanted: NewAccount) -> Invitation:
    """Ask the provider for a code; raises NotConnectable, ProviderRefused and DependencyUnavailable."""
    with provider_says():
        return await inviting(sender, wanted).invite(wanted.given)


async def await_grant(sender: Sender, wanted: NewAccount, invitation: Invitation) -> NewAccount:
    """Wait until its owner has granted access: the account with what that gave.

    Raises ProviderRefused when they declined, or the code ended.
    """
    adapter, ends = inviting(sender, wanted), time.monotonic() + invitation.seconds
    while time.monotonic() < ends:
        await asyncio.sleep(invitation.interval)
        with provider_says():
            try:
                found = await adapter.accepted(wanted.given, invitation)
            except (Unavailable, RateLimited) as failure:
                log.warning("grant_not_asked_for", reason=str(failure))
                continue
        if not isinstance(found, Invitation):
            return dataclasses.replace(wanted, given={**wanted.given, **found})
        invitation = found
    raise ProviderRefused("Nobody granted access in time. Nothing was stored.")
