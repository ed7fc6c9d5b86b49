"""How the Bot API refuses a call."""

from collections.abc import Mapping

from lumi.integrations.telegram.fake.wire import to_bytes

STATUS_WORDS = {
    400: "Bad Request: simulated failure",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
}
WEBHOOK_IS_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
ENDED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"


class ApiError(Exception):
    """A refusal in the shape the Bot API gives it."""

    def __init__(
        self, status: int, description: str = "", parameters: Mapping[str, int] | None = None, *, code: int = 0
    ) -> None:
        words = description or STATUS_WORDS.get(status, "Simulated failure")
        super().__init__(words)
        self.status = status
        self.retry_after = parameters.get("retry_after") if parameters else None
        answer: dict[str, object] = {"ok": False, "error_code": code or status, "description": words}
        if parameters:
            answer["parameters"] = dict(parameters)
        self.body = to_bytes(answer)


def bad(why: str) -> ApiError:
    """What is wrong with a call, in the original's words."""
    return ApiError(400, f"Bad Request: {why}")


def too_many(seconds: int) -> ApiError:
    """The whole bot has to be silent for so long."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def moved(chat_id: int) -> ApiError:
    """The chat has another id now."""
    return ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat_id})
