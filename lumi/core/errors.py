"""Refusals. Each has a code for programs, a sentence for people and an HTTP status."""

from typing import ClassVar


class AppError(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, detail: str | None = None, **extra: object) -> None:
        """`detail` replaces the sentence of the class; `extra` is rendered beside it in the answer."""
        doc = (type(self).__doc__ or "").strip()
        self.title = doc.splitlines()[0] if doc else self.code
        self.detail = detail or self.title
        self.extra = extra
        super().__init__(self.detail)


class Malformed(AppError):
    """The request could not be read."""

    code = "malformed"
    status = 400


class Unauthenticated(AppError):
    """Sign in first: the token is missing, wrong or expired."""

    code = "unauthenticated"
    status = 401


class Forbidden(AppError):
    """You can see this, but you may not do that."""

    code = "forbidden"
    status = 403


class NotFound(AppError):
    """There is nothing here by that name."""

    code = "not_found"
    status = 404


class Conflict(AppError):
    """This contradicts what is already there."""

    code = "conflict"
    status = 409


class VersionConflict(AppError):
    """Somebody changed this meanwhile; read it again."""

    code = "version_conflict"
    status = 409


class PreconditionRequired(AppError):
    """Say which version you are changing with If-Match."""

    code = "precondition_required"
    status = 428


class TooLarge(AppError):
    """The body is larger than what is accepted here."""

    code = "too_large"
    status = 413


class Invalid(AppError):
    """Some fields of the request are not valid."""

    code = "invalid"
    status = 422


class TooManyRequests(AppError):
    """Too many requests; wait and try again."""

    code = "too_many_requests"
    status = 429

    def __init__(self, retry_after: float, detail: str | None = None) -> None:
        """`retry_after` in seconds goes into the Retry-After header."""
        super().__init__(detail, retry_after=max(1, round(retry_after)))
        self.retry_after = retry_after


class DependencyUnavailable(AppError):
    """Something this needs is not answering right now."""

    code = "dependency_unavailable"
    status = 503
