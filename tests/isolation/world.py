"""Two tenants with a row in every table, made by what the product itself offers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from uuid import UUID

import asyncpg

from lumi.core.context import Context
from tests.isolation import whole
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient, Response

    from lumi.api.house import House
    from lumi.integrations.whatsapp.fake.server import RunningTwin
    from lumi.modules.tenants.public import Tenant

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in every text of one tenant, so that it is known wherever it turns up.

    `mark` is in private texts and the other side never sends it; `bait` is in what the other side sends, to find
    and to clash with; `card` is what visitors see.
    """

    mark: str
    bait: str
    card: str

    @classmethod
    def fresh(cls, name: str) -> Words:
        """Words that stand nowhere else."""
        return cls(*(f"{kind}{name}{secrets.token_hex(6)}" for kind in ("kept", "bait", "card")))


@dataclass(slots=True)
class Side:
    """One tenant with everything in it, and the keys to it."""

    words: Words
    tenant: Tenant
    email: str
    password: str = field(repr=False)
    number: str
    """The id of its number at WhatsApp."""
    secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    phone: str
    """The phone number of a contact."""
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    visitor_token: str = field(default="", repr=False)
    ids: dict[str, UUID] = field(default_factory=dict[str, UUID])
    """By what they name: contact, document, faq, section, gap, api_key, web, whatsapp, visit, chat, ..."""
    texts: dict[str, str] = field(default_factory=dict[str, str])
    """Keys and names of the outside: domain, idempotency, external_id, sent, received, visitor_message, ..."""
    cursors: dict[str, str] = field(default_factory=dict[str, str])
    """By path: where the second page of a list begins."""

    @property
    def staff(self) -> dict[str, str]:
        """The headers of somebody who may do everything here."""
        return {"Authorization": f"Bearer {self.access_token}"}

    @property
    def program(self) -> dict[str, str]:
        """The headers of a program that may do everything here."""
        return {"Authorization": f"Bearer {self.api_key}"}

    @property
    def page(self) -> str:
        """A site that may show the widget."""
        return f"https://{self.words.card}.example"


@dataclass(slots=True)
class World:
    """Two sides in one installation, and where they can be entered."""

    app: FastAPI
    house: House
    client: AsyncClient
    twin: RunningTwin
    port: int
    truth: asyncpg.Connection[asyncpg.Record]
    wake: Callable[[], None]
    """Lets the worker look at once: what only its own clock would bring costs no test five seconds."""
    sides: list[Side] = field(default_factory=list[Side])

    @property
    def a(self) -> Side:
        """Whose nothing may be seen."""
        return self.sides[0]

    @property
    def b(self) -> Side:
        """Who tries."""
        return self.sides[1]

    @property
    def kept(self) -> frozenset[str]:
        """What of A may stand in no answer to B unless B said it: marks, ids, keys, addresses."""
        a = self.a
        said = {a.words.mark, a.words.bait, a.words.card, a.phone.lstrip("+"), a.number, a.secret, a.verify_token}
        tokens = {a.access_token, a.refresh_token, a.api_key, a.visitor_token, a.password, a.email, a.tenant.slug}
        return frozenset(said | tokens | set(a.texts.values()) | self.ids_of_a)

    ids_of_a: frozenset[str] = frozenset()
    fingerprinting: str = ""
    spoken: list[str] = field(default_factory=list[str])
    """What B has said and was taken: from then on it may come back to B as B's own."""

    async def fingerprint(self) -> dict[str, str]:
        """What A has, in truth."""
        self.fingerprinting = self.fingerprinting or await whole.fingerprinting(self.truth)
        return await whole.taken(self.truth, self.fingerprinting, self.a.tenant.id)

    async def rows(self, side: Side, statement: str, **values: object) -> Sequence[tuple[object, ...]]:
        """Rows of a side's own tables, as the application sees them."""
        from sqlalchemy import text as sql

        async with self.house.db.transaction(side.tenant.id) as session:
            return [tuple(row) for row in (await session.execute(sql(statement), values)).all()]

    async def call(
        self, side: Side, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> Json:
        """What the API answers this side's staff; the answer must be a good one."""
        answer = await self.client.request(method, path, json=body, headers={**side.staff, **(headers or {})})
        return good(answer)

    async def at_rest(self, side: Side) -> None:
        """Wait until nothing of this side moves any more."""

        async def still() -> bool:
            self.wake()
            busy = await self.rows(
                side,
                "select 1 from event where settled_at is null union all select 1 from lane where owner is not null"
                " union all select 1 from lane where ready_at is not null"
                " union all select 1 from delivery where state in ('committed', 'sending')"
                " union all select 1 from job where dead_at is null and ready_at <= now() limit 1",
            )
            return not busy

        await until(still)

    async def begin(self, side: Side, work: Callable[[Context], Awaitable[UUID]]) -> UUID:
        """A unit of work of this side; commits."""
        async with self.house.db.transaction(side.tenant.id) as session:
            return await work(Context(session, side.tenant.id))


def good(answer: Response) -> Json:
    """The body of an answer that must be a success."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return cast("Json", json.loads(answer.content)) if answer.content else {}
