"""What a handler of channels may ask for."""

from typing import Annotated, cast

from fastapi import Depends, Request

from lumi.core.auth import allow
from lumi.core.context import Context
from lumi.modules.channels.services.receive import Receiver
from lumi.modules.channels.services.send import Sender

DeadLettersRead = Annotated[Context, allow("dead_letters:read")]
DeadLettersWrite = Annotated[Context, allow("dead_letters:write")]
ChannelsRead = Annotated[Context, allow("channels:read")]
ChannelsWrite = Annotated[Context, allow("channels:write")]


async def _sender(request: Request) -> Sender:
    return cast("Sender", request.app.state.sender)


async def _receiver(request: Request) -> Receiver:
    return cast("Receiver", request.app.state.receiver)


async def _public_address(request: Request) -> str:
    return cast("str", request.app.state.settings.base_url)


CurrentReceiver = Annotated[Receiver, Depends(_receiver)]
CurrentSender = Annotated[Sender, Depends(_sender)]
# Where the outside reaches us, without a trailing slash.
PublicAddress = Annotated[str, Depends(_public_address)]
