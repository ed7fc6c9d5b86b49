"""`lumi webhook post`: play the provider and post a recorded body."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumi.cli.refusals import Refusal, told_in_words
from lumi.cli.screen import complain, emit

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.modules.channels.public import Rehearsal

webhook = typer.Typer(help="Webhooks of providers, played from recordings.", no_args_is_help=True)


@webhook.command("post")
def post(
    channel: Annotated[str, typer.Argument(help="The channel whose provider is played, such as whatsapp.")],
    file: Annotated[Path, typer.Argument(help="The recorded body.", exists=True, dir_okay=False)],
    *,
    tenant: Annotated[str, typer.Option(help="Slug of the organisation it is for.")],
    as_is: Annotated[bool, typer.Option("--as-is", help="Post the bytes unchanged.")] = False,
    sign: Annotated[bool, typer.Option(help="Sign with the secret of the organisation's account.")] = True,
    url: Annotated[str | None, typer.Option(help="Base address of the server. [default: the one of PORT]")] = None,
) -> None:
    """Post a recorded webhook body to the running server, and print the status it answers with.

    The account, the time and the message ids in the body are replaced with the organisation's own, now and new
    ones, so that it counts as a new message; --as-is leaves them.
    """
    with told_in_words():
        from lumi.core.loop import run

        status = run(_post(channel, file.read_bytes(), tenant, as_is=as_is, sign=sign, url=url))
        emit(str(status))
        if status != 200:
            raise typer.Exit(1)


async def _post(channel: str, body: bytes, slug: str, *, as_is: bool, sign: bool, url: str | None) -> int:
    from lumi.cli.installation import opened, quiet_settings, reached, tenant_of
    from lumi.core.context import Context
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel

    settings = quiet_settings()
    if channel not in set(Channel):
        raise Refusal(f"There is no channel {channel!r}. There are: {', '.join(Channel)}.")
    async with opened(settings) as house:
        tenant = await tenant_of(house, slug)
        async with house.db.transaction(tenant.id) as session:
            ctx = Context(session, tenant.id)
            told = await channels.rehearse(ctx, Channel(channel), body, as_is=as_is, sign=sign)
        return await _send(house, told, (url or f"http://{reached(settings)}").rstrip("/"))


async def _send(house: House, told: Rehearsal, base: str) -> int:
    from lumi.core.http.failures import OutcomeUnknown, OutsideFailure, Unavailable

    try:
        answer = await house.http.request("lumi", "POST", base + told.path, data=told.body, headers=told.headers)
    except (Unavailable, OutcomeUnknown) as failure:
        if failure.status is None:
            raise Refusal(f"No server answers at {base}: is `lumi up` running there, with this PORT?") from failure
        return failure.status
    except OutsideFailure as failure:
        complain(failure.body.decode(errors="replace"))
        return failure.status or 0
    return answer.status
