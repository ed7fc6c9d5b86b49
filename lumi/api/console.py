"""The console's socket: tells staff which conversation changed; they read it over HTTP with their permissions."""

from __future__ import annotations

import asyncio
from typing import cast

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from lumi.api.frames import Close, Closed, Frames, together
from lumi.api.inside import house_of
from lumi.core.auth import Authenticator, Principal
from lumi.core.clock import now
from lumi.core.errors import AppError
from lumi.core.metrics import SOCKETS
from lumi.core.realtime import Realtime

router = APIRouter()


@router.websocket("/socket")
async def watch_conversations(socket: WebSocket) -> None:
    """Authenticate by the first frame, then hear of every conversation of the tenant that changes."""
    await socket.accept()
    frames = Frames(socket)
    try:
        principal = await _principal(socket, frames)
        with SOCKETS.labels("console").track_inprogress():
            await _serve(frames, principal, house_of(socket).realtime)
    except Closed as reason:
        await frames.close(reason.code)
    except WebSocketDisconnect:
        return


async def _principal(socket: WebSocket, frames: Frames) -> Principal:
    frame = await frames.first()
    authenticate = cast("Authenticator", socket.app.state.authenticator)
    try:
        principal = await authenticate(str(frame["token"]))
        principal.require("conversations:read")
    except AppError as refusal:
        raise Closed(Close.TOKEN if refusal.status == 401 else Close.POLICY) from refusal
    return principal


async def _serve(frames: Frames, principal: Principal, realtime: Realtime) -> None:
    async with realtime.subscribe(f"tenant:{principal.tenant_id}") as notes:

        async def tell() -> None:
            await frames.send({"type": "ready"})
            while True:
                await frames.send(await notes.get())

        async def hear() -> None:
            while True:
                frame = await frames.next()
                if frame.get("type") == "ping":
                    await frames.send({"type": "pong"})

        async def expire() -> None:
            if principal.expires_at is None:
                await asyncio.Event().wait()
                return
            await asyncio.sleep(max(0.0, (principal.expires_at - now()).total_seconds()))
            raise Closed(Close.TOKEN)

        await together(*(asyncio.ensure_future(loop) for loop in (tell(), hear(), expire())))
