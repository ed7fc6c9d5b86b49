"""If-Match: which version of something somebody means to change."""

from typing import Annotated

from fastapi import Depends, Header

from lumi.core.errors import Malformed, PreconditionRequired


def expected_version(if_match: Annotated[str | None, Header(max_length=64)] = None) -> int | None:
    """The version of If-Match, None for `*`: whichever it is. Raises PreconditionRequired without one."""
    if if_match is None:
        raise PreconditionRequired
    tag = if_match.strip().removeprefix("W/").strip('"')
    if tag == "*":
        return None
    if not (tag.isascii() and tag.isdigit()):
        raise Malformed("If-Match takes the version that was read, or *.")
    return int(tag)


ExpectedVersion = Annotated[int | None, Depends(expected_version)]
