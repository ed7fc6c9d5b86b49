"""Refusals and failures as RFC 9457 problems: one shape for everything that is not an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lumi.core.auth import request_id
from lumi.core.db import DATABASE_GONE, is_gone
from lumi.core.errors import AppError, DependencyUnavailable, Forbidden, Invalid, NotFound, TooManyRequests
from lumi.core.logging import get_logger
from lumi.core.problems import MEDIA_TYPE

log = get_logger("lumi.http")


def install(app: FastAPI) -> None:
    """Render every refusal and failure of this application."""
    app.add_exception_handler(AppError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    for kind in DATABASE_GONE:
        app.add_exception_handler(kind, _gone)
    app.add_exception_handler(Exception, _failed)


def problem(
    code: str,
    status: int,
    title: str,
    detail: str,
    *,
    errors: Sequence[object] = (),
    extra: Mapping[str, object] | None = None,
) -> Response:
    """One problem document."""
    body = {
        "type": f"urn:lumi:problem:{code}", "title": title, "status": status, "code": code, "detail": detail,
        "errors": errors, "request_id": request_id(), **(extra or {}),
    }  # fmt: skip
    return Response(orjson.dumps(body, default=str), status, media_type=MEDIA_TYPE)


async def _refused(_request: Request, error: Exception) -> Response:
    refusal = cast("AppError", error)
    answer = problem(refusal.code, refusal.status, refusal.title, refusal.detail, extra=refusal.extra)
    if isinstance(refusal, TooManyRequests):
        answer.headers["Retry-After"] = str(refusal.extra["retry_after"])
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _invalid(_request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error)
    errors = [
        {
            "where": ".".join(map(str, cast("tuple[object, ...]", each["loc"]))),
            "code": each["type"],
            "message": each["msg"],
        }
        for each in cast("Sequence[Mapping[str, object]]", found.errors())
    ]
    refusal = Invalid()
    return problem(refusal.code, refusal.status, refusal.title, refusal.detail, errors=errors)


async def _http(_request: Request, error: Exception) -> Response:
    found = cast("HTTPException", error)
    refusal: AppError = {403: Forbidden(), 404: NotFound()}.get(found.status_code, AppError(found.detail))
    answer = problem(
        refusal.code if found.status_code in {403, 404} else f"http_{found.status_code}",
        found.status_code,
        refusal.title,
        refusal.detail,
    )
    answer.headers.update(found.headers or {})
    return answer


async def _gone(_request: Request, error: Exception) -> Response:
    log.error("database_gone", reason=type(error).__name__)
    refusal = DependencyUnavailable()
    answer = problem(refusal.code, refusal.status, refusal.title, refusal.detail)
    answer.headers["Retry-After"] = "2"
    return answer


async def _database(request: Request, error: Exception) -> Response:
    return await (_gone if is_gone(error) else _failed)(request, error)


async def _failed(_request: Request, error: Exception) -> Response:
    log.error("request_failed", exc_info=error)
    return problem("internal", 500, "Something went wrong on our side.", "Something went wrong on our side.")
