"""For every route what B tries there with something of A. A route without a recipe fails the suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tests.isolation.attempts import Recipe, Route
from tests.isolation.guarded_recipes import GUARDED
from tests.isolation.open_recipes import OPEN

if TYPE_CHECKING:
    from fastapi import FastAPI

RECIPES: Mapping[Route, Recipe] = {**OPEN, **GUARDED}


def routes_of(app: FastAPI) -> Iterator[Route]:
    """Every method and path the application answers, in the schema or not."""
    from fastapi.routing import iter_route_contexts

    for route in iter_route_contexts(app.routes):
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, route.path or ""


def unmatched(app: FastAPI) -> list[str]:
    """Routes without a recipe, and recipes without a route."""
    there = set(routes_of(app))
    there |= {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    new = [f"{method} {path}: has no recipe" for method, path in there - RECIPES.keys()]
    return new + [f"{method} {path}: a recipe for no route" for method, path in RECIPES.keys() - there]
