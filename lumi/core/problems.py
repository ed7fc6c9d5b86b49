"""How refusals travel: problem+json, and what a route says of those it may answer, and of how often it is asked."""

from pydantic import BaseModel, Field

from lumi.core.errors import AppError

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """A refusal (RFC 9457). `code` is for programs, `detail` for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = Field(default=[], description="Of `invalid`: `where`, `code` and `message` of each.")
    request_id: str


Refusals = dict[int | str, dict[str, object]]


def refusals(*kinds: type[AppError]) -> Refusals:
    """What a route declares as its refusals, by status, in the words of their classes."""
    declared: Refusals = {}
    for kind in kinds:
        says = f"`{kind.code}`: {(kind.__doc__ or '').splitlines()[0]}"
        before = declared.get(kind.status, {}).get("description")
        description = f"{before}\n\n{says}" if before else says
        declared[kind.status] = {"model": Problem, "description": description}
    return declared


def limited(**per_minute: int) -> dict[str, dict[str, dict[str, int]]]:
    """What a route declares (`openapi_extra`) of how many requests a minute it takes, from whom: `network=10`."""
    return {"x-limit": {"requests_per_minute": per_minute}}
