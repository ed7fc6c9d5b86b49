"""How the Graph API refuses."""

import secrets

import orjson

INVALID = 100
_LONGEST_QUOTED = 200


class GraphError(Exception):
    """A refusal in the shape the Graph API gives it."""

    def __init__(self, status: int, code: int, details: str, subcode: int = 0, *, kind: str = "OAuthException") -> None:
        super().__init__(details)
        self.status = status
        self.code = code
        error: dict[str, object] = {"message": details, "type": kind, "code": code}
        if subcode:
            error["error_subcode"] = subcode
        self.body = orjson.dumps({"error": {**error, "fbtrace_id": secrets.token_urlsafe(12)}})


def invalid(details: str, subcode: int = 0) -> GraphError:
    """The answer to a parameter that is wrong."""
    return GraphError(400, INVALID, f"(#{INVALID}) {details}", subcode)


def wrong_token(given: str) -> GraphError:
    """The answer to an access token that is missing, unknown, or none at all, which the original quotes."""
    if not given:
        words = "An active access token must be used to query information about the current user."
        return GraphError(400, 2500, words)
    if not given.replace("_", "").replace("-", "").isalnum():
        return GraphError(401, 190, f"Malformed access token {given[:_LONGEST_QUOTED]}")
    return GraphError(401, 190, "Invalid OAuth access token - Cannot parse access token")


def unknown_object(name: str) -> GraphError:
    """The answer to an id that is none of ours."""
    words = (
        f"Unsupported request. Object with ID '{name[:_LONGEST_QUOTED]}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation"
    )
    return GraphError(400, INVALID, words, 33, kind="GraphMethodException")


def window_closed(subcode: int) -> GraphError:
    """The answer to a message for somebody who has not written for too long."""
    return GraphError(400, 10, "(#10) This message is sent outside of allowed window.", subcode)
