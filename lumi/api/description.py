"""The API's description (OpenAPI): what FastAPI cannot know of a route is said here, for all of them.

Each operation carries `x-permission` (a permission, `signed in` or `public`), `x-limit`, and every refusal it may
answer: its own, declared at the route, and those of whatever surrounds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from lumi.api.webhooks import RawRoute
from lumi.core import errors
from lumi.core.auth import guards_of
from lumi.core.body_limit import UPLOADS
from lumi.core.pagination import BadCursor
from lumi.core.problems import MEDIA_TYPE, refusals

Json = dict[str, object]

_FOREIGN = ("HTTPValidationError", "ValidationError")
_PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}


class Sizes(Protocol):
    """The settings this reads."""

    max_body_bytes: int
    max_webhook_bytes: int
    max_upload_bytes: int


def install(app: FastAPI, sizes: Sizes) -> None:
    """Let this application describe itself in full."""
    plain = app.openapi

    def described() -> Json:
        if app.openapi_schema is None:
            complete(app, plain(), sizes)
        return cast("Json", app.openapi_schema)

    app.openapi = described


def complete(app: FastAPI, document: Json, sizes: Sizes) -> None:
    """Add to each operation of the document what its route asks for and refuses."""
    paths = cast("Mapping[str, Mapping[str, Json]]", document["paths"])
    named: set[str] = set()
    for route, method in _routes(app):
        operation = paths.get(route.path_format or "", {}).get(method.lower())
        if operation is not None:
            _complete(operation, route, sizes)
            operation["operationId"] = _name(route, named)
    schemas = cast("dict[str, Json]", cast("Json", document["components"])["schemas"])
    for name in _FOREIGN:
        schemas.pop(name, None)


def _routes(app: FastAPI) -> Iterator[tuple[RouteContext, str]]:
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            yield from ((route, method) for method in route.methods or ())


def _name(route: RouteContext, named: set[str]) -> str:
    """The handler's name; where it answers under a second path, that too."""
    handler = str(route.name)
    path = str(route.path_format).strip("/").replace("/", "_")
    name = handler if handler not in named else f"{handler}_at_{path}"
    named.add(name)
    return name


def _complete(operation: Json, route: RouteContext, sizes: Sizes) -> None:
    guards = guards_of(route.dependant) - {"public"}
    is_raw, takes_body = isinstance(route.original_route, RawRoute), route.methods != {"GET"}
    operation["x-permission"] = next(iter(sorted(guards)), "public")
    limit = cast("Json", operation.setdefault("x-limit", {}))
    limit["body_bytes"] = sizes.max_webhook_bytes if is_raw else sizes.max_body_bytes
    if UPLOADS.fullmatch(str(route.path_format)):
        limit["body_bytes"] = sizes.max_upload_bytes
    responses = cast("dict[str, Json]", operation["responses"])
    is_validated = responses.get("422", {}).get("description") == "Validation Error"
    if is_validated:
        del responses["422"]
    names = frozenset(str(each["name"]) for each in cast("list[Json]", operation.get("parameters", [])))
    for kind in _surrounding(guards, names, takes_body=takes_body, is_validated=is_validated and not is_raw):
        _declare(responses, kind)
    for status, answer in responses.items():
        if status >= "4":
            answer["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
    operation["responses"] = dict(sorted(responses.items()))


def _surrounding(
    guards: set[str], parameters: frozenset[str], *, takes_body: bool, is_validated: bool
) -> Iterator[type[errors.AppError]]:
    """What is refused before the handler begins, whichever it is."""
    yield errors.Malformed  # a Host or Content-Length that is none
    if guards:
        yield errors.Unauthenticated
    if guards - {"signed in"}:
        yield errors.Forbidden
    if takes_body:
        yield errors.TooLarge
    if is_validated:
        yield errors.Invalid
    if "cursor" in parameters:
        yield BadCursor
    if "if-match" in parameters:
        yield errors.PreconditionRequired
        yield errors.VersionConflict
    yield errors.DependencyUnavailable


def _declare(responses: dict[str, Json], kind: type[errors.AppError]) -> None:
    """Say that this refusal is possible, beside what is said of its status already."""
    says = str(refusals(kind)[kind.status]["description"])
    before = str(responses.get(str(kind.status), {}).get("description", ""))
    if f"`{kind.code}`" not in before:
        responses[str(kind.status)] = {"description": f"{before}\n\n{says}".strip()}
