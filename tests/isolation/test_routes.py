"""Every route of the application, called from B with the ids, keys, cursors and addresses of A."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from tests.isolation.attempts import Attempt, Route, changed, headers_of, leaked, readable
from tests.isolation.guarded_recipes import GUARDED
from tests.isolation.recipes import RECIPES, unmatched

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.isolation.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NAMES: Mapping[Route, str] = {route: " ".join(route) for route in RECIPES}


def callers(world: World, attempt: Attempt) -> Mapping[str, Mapping[str, str]]:
    """Who tries: both kinds of principal of B, and nobody."""
    nobody: dict[str, Mapping[str, str]] = {"nobody": {}}
    return nobody if attempt.proves_itself else {"staff": world.b.staff, "program": world.b.program, **nobody}


def test_every_route_has_a_recipe_and_every_recipe_a_route(app: FastAPI) -> None:
    assert unmatched(app) == []


@pytest.mark.parametrize("route", RECIPES, ids=NAMES.__getitem__)
async def test_a_route_gives_and_changes_nothing_of_the_other(world: World, route: Route) -> None:
    attempts = RECIPES[route](world)
    assert attempts

    for attempt in attempts:
        for who, headers in callers(world, attempt).items():
            await _try(world, route, attempt, who, headers)


async def _try(world: World, route: Route, attempt: Attempt, who: str, headers: Mapping[str, str]) -> None:
    method, _ = route
    before = None if method == "GET" else await world.fingerprint()
    answer = await attempt.send(world.client, method, headers)
    told = f"{who}: {attempt.what}: {method} {attempt.path}: {answer.status_code} {answer.text[:300]}"
    allowed = {401} if who == "nobody" and route in GUARDED else attempt.answers

    assert answer.status_code in allowed, told
    heard = readable(" ".join([answer.text, *headers_of(answer)]))
    assert leaked(world, heard, f"{attempt.said} {answer.request.url}", shows_card=attempt.shows_card) == [], told
    if answer.is_success and method != "GET":
        world.spoken.append(attempt.said)
    # What the worker makes of it, and what reading changes, is seen when the test ends.
    assert before is None or changed(before, await world.fingerprint()) == [], told


async def test_methods_that_a_path_does_not_have_do_nothing(world: World) -> None:
    values = {name: str(world.a.ids["contact"]) for path in RECIPES for name in _names(path[1])}
    filled = {path: path.replace(":path", "").format_map({**values, "channel": "whatsapp"}) for _, path in RECIPES}

    for path, url in filled.items():
        for method in METHODS:
            if (method, path) not in RECIPES:
                answer = await world.client.request(method, url, headers=world.b.staff, json={})
                # 422 and 428 where a neighbour's path has this method and takes the last word for an id
                assert answer.status_code in {404, 405, 422, 428}, f"{method} {url}: {answer.status_code}"
                assert leaked(world, answer.text, url) == []


def _names(path: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(path) if name]
