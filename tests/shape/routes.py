"""Rules about routes, asked of the application itself. Each list may only shrink."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from lumi.core.auth import guards_of
from tests.shape.tree import compared

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Everybody may call these: pages and their files, health, sign-in, and what proves itself by a signature or a token.
PUBLIC = frozenset(
    {
        "GET /",
        "GET /assets/demo/{name:path}",
        "GET /assets/widget/{name:path}",
        "GET /chat/{slug}",
        "GET /console",
        "GET /console/assets/{name:path}",
        "GET /console/{_place:path}",
        "GET /demo/organisations",
        "GET /demo/phone",
        "GET /demo/phone/messages",
        "POST /demo/phone/messages",
        "GET /docs",
        "GET /docs/assets/{name:path}",
        "GET /files/{token}",
        "GET /health/live",
        "GET /health/ready",
        "GET /healthz",
        "GET /livez",
        "GET /metrics",
        "GET /readyz",
        "POST /v1/auth/refresh",
        "POST /v1/auth/sign-in",
        "POST /v1/widget/files",
        "POST /v1/widget/{slug}/session",
        "GET /webhook",
        "POST /webhook",
        "GET /telegram_webhook",
        "POST /telegram_webhook",
        "GET /instagram_webhook",
        "POST /instagram_webhook",
        "GET /webhooks/{channel}",
        "POST /webhooks/{channel}",
        "GET /webhooks/{channel}/{account}",
        "POST /webhooks/{channel}/{account}",
        "GET /widget.js",
        "GET /widget/frame/{slug}",
    }
)
# They authenticate by their first frame; the isolation suite speaks every message they know.
SOCKETS = frozenset({"SOCKET /v1/console/socket", "SOCKET /v1/widget/socket"})
# Not ours: what the framework adds.
FRAMEWORK = frozenset({"GET /openapi.json", "HEAD /openapi.json"})


def open_routes(app: FastAPI) -> list[str]:
    """Routes without a permission that are not on the list of public ones, and sockets that are not on theirs."""
    found: list[str] = []
    public: set[str] = set()
    others: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute):
            others.update(names(route))
            continue
        guards = guards_of(route.dependant)
        if not guards:
            found += [f"{name}: neither a permission nor public" for name in names(route)]
        elif guards == {"public"}:
            public.update(names(route))
        elif "public" in guards:
            found += [f"{name}: public and guarded" for name in names(route)]
    return sorted(found) + compared(public, PUBLIC) + compared(others, SOCKETS | FRAMEWORK)


def guarded_changes(app: FastAPI) -> list[str]:
    """The routes by which somebody who signed in changes something."""
    return sorted(
        name
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and guards_of(route.dependant) - {"public"}
        for name in names(route)
        if name.split(" ")[0] in MUTATING
    )


def names(route: RouteContext) -> Iterator[str]:
    """The route as people write it, once for each method."""
    path = cast("str", route.path)
    methods = sorted(route.methods or ["SOCKET"])
    return (f"{method} {path}" for method in methods)
