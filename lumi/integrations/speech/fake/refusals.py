"""How OpenAI refuses: its error object, in its words."""

import re

import orjson
from aiohttp import web

MOST_BYTES = 26_214_400
LONGEST_TEXT = 4096
_SUPPORTED = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
EXTENSIONS = frozenset(re.findall(r"[a-z0-9]+", _SUPPORTED))
_INVALID = "invalid_request_error"


class ApiError(Exception):
    """A refusal in the shape the API gives it."""

    def __init__(
        self, status: int, message: str, *, kind: str = _INVALID, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = orjson.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})

    def answer(self, retry_after: int | None = None) -> web.Response:
        """The refusal as a response; one of asking too often says when to ask again."""
        headers = {"Retry-After": str(retry_after)} if retry_after is not None and self.status == 429 else {}
        return web.Response(body=self.body, status=self.status, content_type="application/json", headers=headers)


def no_key() -> ApiError:
    """The answer to a request without a key."""
    return ApiError(401, "You didn't provide an API key. You need to provide your API key in an Authorization header.")


def wrong_key() -> ApiError:
    """The answer to a key that is none of ours; it does not repeat it."""
    return ApiError(401, "Incorrect API key provided.", code="invalid_api_key")


def unknown_model(name: str) -> ApiError:
    """The answer to a model that is not here."""
    message = f"The model `{name[:60]}` does not exist or you do not have access to it."
    return ApiError(404, message, code="model_not_found")


def missing(name: str) -> ApiError:
    """The answer to a request without a field it needs."""
    return ApiError(400, f"you must provide a {name} parameter", param=name)


def wrong_extension() -> ApiError:
    """The answer to a file whose name ends in no known way."""
    return ApiError(400, f"Invalid file format. Supported formats: {_SUPPORTED}")


def not_decoded() -> ApiError:
    """The answer to a file that is not what its name says."""
    return ApiError(400, "The audio file could not be decoded or its format is not supported.", param="file")


def too_short() -> ApiError:
    """The answer to next to nothing."""
    message = "Audio file is too short. Minimum audio length is 0.1 seconds."
    return ApiError(400, message, param="file", code="audio_too_short")


def too_large(size: int) -> ApiError:
    """The answer to a file above the limit."""
    message = f"413: Maximum content size limit ({MOST_BYTES}) exceeded ({size} bytes read)"
    return ApiError(413, message, kind="server_error")


def too_long_text() -> ApiError:
    """The answer to more text than is spoken at once."""
    message = f"String should have at most {LONGEST_TEXT} characters"
    return ApiError(400, message, param="input", code="string_too_long")


def wrong_form(given: str, model: str) -> ApiError:
    """The answer to a form of answer that this model does not give."""
    message = f"response_format '{given[:40]}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
    return ApiError(400, message, param="response_format", code="unsupported_value")


def unknown_value(name: str, given: str) -> ApiError:
    """The answer to a value that is none of those there are."""
    return ApiError(400, f"Invalid value: '{given[:40]}'.", param=name, code="invalid_value")


def simulated(status: int, code: int) -> ApiError:
    """The answer that a fault asks for."""
    if status == 429:
        return ApiError(429, "Rate limit reached.", kind="requests", code="rate_limit_exceeded")
    return ApiError(status, "Simulated failure", kind="server_error", code=str(code))
