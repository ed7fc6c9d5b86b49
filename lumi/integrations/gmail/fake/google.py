"""How Google refuses, in its own shape and words."""

import orjson

_REASONS: dict[int, tuple[str, str, str]] = {
    400: ("invalidArgument", "INVALID_ARGUMENT", "global"),
    401: ("authError", "UNAUTHENTICATED", "global"),
    403: ("rateLimitExceeded", "PERMISSION_DENIED", "usageLimits"),
    404: ("notFound", "NOT_FOUND", "global"),
    413: ("uploadTooLarge", "INVALID_ARGUMENT", "global"),
    429: ("rateLimitExceeded", "RESOURCE_EXHAUSTED", "usageLimits"),
    500: ("backendError", "INTERNAL", "global"),
    503: ("backendError", "UNAVAILABLE", "global"),
}


class ApiError(Exception):
    """A refusal of the Gmail API."""

    def __init__(self, status: int, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        known, name, domain = _REASONS.get(status, ("backendError", "UNKNOWN", "global"))
        inner = {"message": message, "domain": domain, "reason": reason or known}
        self.body = orjson.dumps(
            {"error": {"code": status, "message": message, "errors": [inner], "status": name}},
        )


class TokenError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = orjson.dumps({"error": error, "error_description": description})


def wrong_token() -> ApiError:
    """The answer to a missing, unknown or expired access token."""
    return ApiError(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential.",
    )


def not_found() -> ApiError:
    """The answer to an id that is none, or a history id that is too old."""
    return ApiError(404, "Requested entity was not found.")


def simulated(status: int) -> ApiError:
    """A failure that was asked for."""
    return ApiError(status, "Simulated failure")
