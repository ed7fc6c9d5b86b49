"""What a handler of channels may ask for."""

from typing import Annotated, cast

from fastapi import Depends, Request

from lumi.core.auth import allow
from lumi.core.context import Context
from lumi.core.i18n import FALLBACK, known_language
from lumi.modules.channels.services.send import Sender

DeadLettersRead = Annotated[Context, allow("dead_letters:read")]
DeadLettersWrite = Annotated[Context, allow("dead_letters:write")]
ChannelsRead = Annotated[Context, allow("channels:read")]
ChannelsWrite = Annotated[Context, allow("channels:write")]


async def _language(request: Request) -> str:
    """The first of the languages that whoever asks reads and Lumi speaks."""
    wished = (each.partition(";")[0].strip() for each in request.headers.get("accept-language", "").split(","))
    return next((known for each in wished if (known := known_language(each))), FALLBACK)


async def _sender(request: Request) -> Sender:
    return cast("Sender", request.app.state.sender)


async def _public_address(request: Request) -> str:
    return cast("str", request.app.state.settings.base_url)


Language = Annotated[str, Depends(_language)]
CurrentSender = Annotated[Sender, Depends(_sender)]
# Where the outside reaches us, without a trailing slash.
PublicAddress = Annotated[str, Depends(_public_address)]
