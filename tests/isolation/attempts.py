"""One try to reach the other side over HTTP, and what of it must not come true."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

    from tests.isolation.world import World

Route = tuple[str, str]
Recipe = Callable[["World"], "Sequence[Attempt]"]
_TOKEN = re.compile(r"eyJ[\w-]+\.([\w-]+)\.[\w-]*")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request from B with something of A in it.

    404 is the answer unless `answers` says another one, and then `because` says why that one tells nothing of A.
    `proves_itself` says that a secret, a signature or a password in it decides: who sends it does not matter.
    `shows_card` allows what visitors see of A: its name, its slug and, in their token, its id.
    """

    what: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    body: object = None
    content: bytes | None = None
    files: Mapping[str, tuple[str, bytes]] | None = None
    data: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: frozenset[int] = frozenset({404})
    because: str = ""
    proves_itself: bool = False
    shows_card: bool = False

    def __post_init__(self) -> None:
        if self.answers != frozenset({404}) and not self.because:
            raise ValueError(f"{self.path}: an answer other than 404 needs its reason")

    @property
    def said(self) -> str:
        """Everything that B says in it."""
        parts = [self.path, *map(str, self.query.values()), *self.headers.values(), repr(self.files), repr(self.data)]
        body = orjson.dumps(self.body).decode() if self.body is not None else ""
        return unquote(" ".join([*parts, body, (self.content or b"").decode(errors="replace")]))

    async def send(self, client: AsyncClient, method: str, who: Mapping[str, str]) -> Response:
        """Send it with the headers of somebody, unless it brings its own."""
        return await client.request(
            method, self.path, params=dict(self.query), json=self.body, content=self.content, files=self.files,
            data=self.data, headers={**who, **self.headers}, follow_redirects=False,
        )  # fmt: skip


def only(what: str, path: str, *statuses: int, because: str, **more: object) -> Attempt:
    """An attempt whose answer is one of these, and why that tells nothing of A."""
    return Attempt(what, path, answers=frozenset(statuses), because=because, **more)  # type: ignore[arg-type]


def readable(text: str) -> str:
    """A text with what its signed tokens say in the clear."""
    bodies = [_opened(found) for found in _TOKEN.findall(text)]
    return " ".join([text, *bodies])


def leaked(world: World, text: str, said: str = "", *, shows_card: bool = False) -> list[str]:
    """What of A stands in a text for B, other than what B said."""
    shown = {world.a.words.card, world.a.tenant.slug, str(world.a.tenant.id)} if shows_card else set[str]()
    own = " ".join([said, *world.spoken])
    words = (each for each in world.kept - shown if each not in own)
    return [each for each in words if each in text]


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Tables in which A has other rows than before."""
    return [f"{name}: {before.get(name)} became {after.get(name)}" for name in after if before.get(name) != after[name]]


def headers_of(answer: Response) -> Iterable[str]:
    """The header values of an answer."""
    return (f"{name}: {value}" for name, value in answer.headers.items())


def _opened(part: str) -> str:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode(errors="replace")
    except binascii.Error:
        return ""
