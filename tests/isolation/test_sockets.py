"""Every frame a socket takes, said from B's session with the ids and tokens of A; and what B hears while A talks."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from lumi.api import console, widget
from tests.isolation.attempts import leaked
from tests.isolation.furnishing import RememberLater
from tests.isolation.talk import CONSOLE, WIDGET, Frame, Talk, talk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from tests.isolation.world import World

TOKEN = 4001
POLICY = 1008
# What a client may say on each socket, and what of A it says it with.
FRAMES: Mapping[str, Mapping[str, Callable[[World], Sequence[Frame]]]] = {
    WIDGET: {
        "ping": lambda w: [{"type": "ping", "tenant": w.a.tenant.slug}],
        "resume": lambda w: [
            {"type": "resume", "after": 0},
            {"type": "resume", "after": 0, "thread": w.a.ids["visit"], "tenant": w.a.tenant.id},
            {"type": "resume", "after": str(w.a.ids["visit"]), "token": w.a.visitor_token},
        ],
        "files": lambda w: [
            *({"type": "files", "n": n} for n in range(1, 6)),
            {"type": "files", "n": 1, "thread": w.a.ids["visit"], "tenant": w.a.tenant.id},
            {"type": "files", "n": str(w.a.ids["file"]), "file": w.a.ids["file"]},
        ],
        "message": lambda w: [
            {"type": "message", "id": w.a.texts["visitor_message"], "text": "Mallory ?", "thread": w.a.ids["visit"],
             "account": w.a.ids["web"], "tenant": w.a.tenant.id},
            {"type": "message", "id": str(uuid4()), "text": w.a.texts["question"]},
            {"type": "message", "id": f"{w.a.ids['visit']}/{w.a.texts['visitor_message']}", "text": "Mallory"},
        ],
        "auth": lambda w: [{"type": "auth", "token": w.a.visitor_token}],
    },
    CONSOLE: {
        "ping": lambda w: [{"type": "ping", "tenant": w.a.tenant.id}],
        "auth": lambda w: [{"type": "auth", "token": w.a.access_token}],
    },
}  # fmt: skip
UNKNOWN: Callable[[World], Sequence[Frame]] = lambda w: [  # noqa: E731
    {"type": "subscribe", "topic": f"thread:{w.a.ids['visit']}"},
    {"type": "conversation", "id": w.a.ids["visit"], "n": 1},
    {"type": "resync", "tenant": w.a.tenant.id},
    {"type": None, "tenant": w.a.tenant.id},
]


def frames_of(source: str) -> set[str]:
    """The frame types that the code of a socket compares what it hears with."""
    tree = ast.parse(source)
    taken = [node.value for node in ast.walk(tree) if isinstance(node, ast.MatchValue)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == "frame.get('type')":
            taken += node.comparators
    return {str(each.value) for each in taken if isinstance(each, ast.Constant)}


@pytest.mark.parametrize(("path", "module"), [(WIDGET, widget), (CONSOLE, console)])
def test_every_frame_a_socket_takes_is_tried(path: str, module: ModuleType) -> None:
    source = Path(str(module.__file__)).read_text()

    assert frames_of(source) | {"auth"} == FRAMES[path].keys()
    assert "peek" in frames_of(source.replace('case "ping"', 'case "peek"').replace('== "ping"', '== "peek"'))


@pytest.mark.parametrize("kind", FRAMES[WIDGET])
async def test_a_frame_of_bs_visitor_reaches_nothing_of_a(world: World, kind: str) -> None:
    async with talk(world.port, WIDGET, world.b.visitor_token) as visitor:
        await visitor.until("ready")
        for frame in FRAMES[WIDGET][kind](world):
            await visitor.say(frame)
            if kind == "message":
                world.spoken.append(str(frame))
                await visitor.until("refused" if "/" in str(frame["id"]) else "ack")
                await world.at_rest(world.b)
        await visitor.say({"type": "ping"})
        await visitor.until("pong")
        await visitor.rest()

    assert leaked(world, " ".join(visitor.heard)) == []


@pytest.mark.parametrize("kind", FRAMES[CONSOLE])
async def test_a_frame_of_bs_console_reaches_nothing_of_a(world: World, kind: str) -> None:
    async with talk(world.port, CONSOLE, world.b.access_token) as staff:
        await staff.until("ready")
        for frame in FRAMES[CONSOLE][kind](world):
            await staff.say(frame)
        await staff.say({"type": "ping"})
        await staff.until("pong")
        await staff.rest()

    assert leaked(world, " ".join(staff.heard)) == []


@pytest.mark.parametrize("path", [WIDGET, CONSOLE])
async def test_keys_of_another_kind_open_no_socket(world: World, path: str) -> None:
    a, b = world.a, world.b
    wrong = [a.refresh_token, str(a.ids["visit"]), f"lumi_{b.tenant.id.hex}_{a.api_key.split('_', 2)[2]}"]
    wrong += [a.access_token, b.access_token, a.api_key] if path == WIDGET else [a.visitor_token, b.visitor_token]
    head, _, seal = (b.visitor_token if path == WIDGET else b.access_token).split(".")
    claims = (a.visitor_token if path == WIDGET else a.access_token).split(".")[1]
    for token in [*wrong, f"{head}.{claims}.{seal}"]:
        async with talk(world.port, path, token) as socket:
            assert await socket.closed_with() == TOKEN, token
        assert leaked(world, " ".join(socket.heard)) == []


@pytest.mark.parametrize("path", [WIDGET, CONSOLE])
async def test_who_begins_with_another_frame_hears_nothing(world: World, path: str) -> None:
    others: list[Frame] = [{"type": "resume", "after": 0}, {"type": "ping"}]
    for frame in [*UNKNOWN(world), *others]:
        async with talk(world.port, path, "") as socket:
            await socket.say(frame)
            assert await socket.closed_with() in {TOKEN, POLICY}
        assert socket.heard == []


async def test_b_hears_nothing_while_a_is_talked_with(furnished: World) -> None:
    world = furnished
    async with (
        talk(world.port, WIDGET, world.b.visitor_token) as visitor,
        talk(world.port, CONSOLE, world.b.access_token) as staff,
        talk(world.port, CONSOLE, world.a.access_token) as colleague,
        talk(world.port, WIDGET, world.a.visitor_token) as guest,
    ):
        for socket in (visitor, staff, colleague, guest):
            await socket.until("ready")
        for socket in (visitor, staff):
            for frame in UNKNOWN(world):
                await socket.say(frame)
        before = len(visitor.heard), len(staff.heard)

        await guest.say({"type": "message", "id": str(uuid4()), "text": f"{world.a.words.mark} : Merci !"})
        await guest.until("ack")
        await world.at_rest(world.a)
        await guest.until("message", author="assistant")
        path = f"/v1/conversations/{world.a.ids['visit']}"
        for act, held in (("take-over", True), ("hand-back", False)):
            await world.call(world.a, "POST", f"{path}/{act}")
            await world.at_rest(world.a)
            await guest.until("state", held=held)
        await colleague.until("conversation", id=str(world.a.ids["visit"]))
        await _rest(visitor, staff)

    assert (len(visitor.heard), len(staff.heard)) == before
    await world.at_rest(world.a)


async def test_a_subscriber_of_bs_topics_hears_nothing_of_a(furnished: World) -> None:
    world, realtime = furnished, furnished.house.realtime
    a, b = world.a, world.b
    async with (
        realtime.subscribe(f"tenant:{b.tenant.id}") as ours,
        realtime.subscribe(f"thread:{b.ids['visit']}") as thread,
        realtime.subscribe(f"tenant:{a.tenant.id}") as theirs,
    ):
        for topic in (f"thread:{a.ids['visit']}", f"tenant:{a.tenant.id} x", f"tenant:{a.tenant.id}"):
            realtime.publish(topic, {"type": "conversation", "id": world.a.words.mark})

        assert (await theirs.get())["id"] == world.a.words.mark
        assert ours.empty()
        assert thread.empty()


async def test_the_cache_keeps_the_keys_of_tenants_apart(furnished: World) -> None:
    cache, a, b = furnished.house.cache, furnished.a.tenant.id, furnished.b.tenant.id
    await cache.set(a, "isolation", "key", b"of A", ttl=60)
    await cache.set(b, "isolation", f"t_{a}:key", b"of B", ttl=60)

    assert await cache.get(b, "isolation", "key") is None
    await cache.drop(b, "isolation", "key")
    assert await cache.get(a, "isolation", "key") == b"of A"
    assert await cache.get(a, "isolation", f"t_{a}:key") is None


async def test_a_jobs_payload_is_read_under_its_own_tenant_only(furnished: World) -> None:
    a, b = furnished.a, furnished.b
    found = await furnished.rows(b, "select args ->> 'words' from job where id = :id", id=a.ids["job"])
    own = await furnished.rows(a, "select args ->> 'words' from job where id = :id", id=a.ids["job"])

    assert (found, own) == ([], [(RememberLater(a.words.mark).words,)])


async def _rest(*sockets: Talk) -> None:
    for socket in sockets:
        await socket.rest()
