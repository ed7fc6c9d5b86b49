"""Every route that reads, with every filter it has. A route of the application that is not here fails the suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from fastapi.routing import APIRoute, iter_route_contexts

from lumi.core.auth import guards_of
from tests.plans.rows import MANY, made
from tests.shape.changes import QUESTIONS
from tests.shape.routes import names

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient, Response

_HALF = MANY // 2


@dataclass(frozen=True, slots=True)
class Question:
    """One request; `thread` stands for the longest thread, `account` for the one it is on."""

    path: str
    json: Mapping[str, object] | None = None

    async def ask(self, client: AsyncClient, thread: UUID, account: UUID, cursor: str | None = None) -> Response:
        """The answer, or that of the page at the cursor."""
        path = self.path.replace("{thread}", str(thread)).replace("{account}", str(account))
        if cursor is not None:
            path += f"{'&' if '?' in path else '?'}cursor={quote(cursor)}"
        return await client.request("GET" if self.json is None else "POST", path, json=self.json)


def _each(*paths: str) -> Sequence[Question]:
    return [Question(path) for path in paths]


_CONTACT, _DOCUMENT = f"/v1/contacts/{made(7, _HALF + 1)}", f"/v1/knowledge/documents/{made(15, _HALF + 1)}"
_ASKED: Mapping[str, object] = {"question": "coupe mariage unique777", "lang": "fr"}

READS: Mapping[str, Sequence[Question]] = {
    "GET /v1/auth/me": _each("/v1/auth/me"),
    "GET /v1/staff": _each("/v1/staff"),
    "GET /v1/roles": _each("/v1/roles"),
    "GET /v1/api-keys": _each("/v1/api-keys", "/v1/api-keys?limit=100"),
    "GET /v1/audit": _each("/v1/audit", "/v1/audit?action=contacts.added", "/v1/audit?action=never.done"),
    "GET /v1/tenant": _each("/v1/tenant"),
    "GET /v1/channels": _each("/v1/channels"),
    "GET /v1/channels/{account_id}/status": _each("/v1/channels/{account}/status"),
    "GET /v1/channels/{account_id}/deliveries": _each("/v1/channels/{account}/deliveries?state=unknown"),
    "GET /v1/channels/{account_id}/templates": _each(f"/v1/channels/{made(24, 1)}/templates"),
    "GET /v1/tenant/identifiers": _each("/v1/tenant/identifiers"),
    "GET /v1/contacts": _each(
        "/v1/contacts", "/v1/contacts?search=amelie", "/v1/contacts?search=nobody", "/v1/contacts?search=%2B33610000777"
    ),
    "GET /v1/contacts/{contact_id}": _each(_CONTACT),
    "GET /v1/contacts/{contact_id}/points": _each(f"{_CONTACT}/points"),
    "GET /v1/contacts/{contact_id}/consents": _each(f"{_CONTACT}/consents"),
    "GET /v1/files/{file_id}": _each(f"/v1/files/{made(18, _HALF + 1)}"),
    "GET /v1/knowledge/documents": _each("/v1/knowledge/documents"),
    "GET /v1/knowledge/documents/{document_id}": _each(_DOCUMENT),
    "GET /v1/knowledge/documents/{document_id}/sections": _each(f"{_DOCUMENT}/sections"),
    "GET /v1/knowledge/gaps": _each("/v1/knowledge/gaps", "/v1/knowledge/gaps?closed=true"),
    "POST /v1/knowledge/search": [
        Question("/v1/knowledge/search", _ASKED),
        Question("/v1/knowledge/search", {"question": "horaires"}),
    ],
    "POST /v1/knowledge/ask": [Question("/v1/knowledge/ask", _ASKED)],
    "GET /v1/conversations": _each(
        "/v1/conversations", "/v1/conversations?state=waiting", "/v1/conversations?state=held",
        "/v1/conversations?state=unsent",
    ),
    "GET /v1/conversations/{conversation_id}": _each("/v1/conversations/{thread}"),
    "GET /v1/conversations/{conversation_id}/attachments/{attachment_id}": _each(
        f"/v1/conversations/{{thread}}/attachments/{made(19, MANY + 1)}"
    ),
    "GET /v1/conversations/{conversation_id}/messages": _each(
        "/v1/conversations/{thread}/messages",
        f"/v1/conversations/{{thread}}/messages?after={_HALF}",
        f"/v1/conversations/{{thread}}/messages?before={_HALF}",
    ),
    "GET /v1/dead-letters": _each(
        "/v1/dead-letters", "/v1/dead-letters?source=webhook", "/v1/dead-letters?open=true",
        "/v1/dead-letters?open=false", "/v1/dead-letters?source=job&open=true",
    ),
}  # fmt: skip


# What the code itself knows: the database is not asked.
UNASKED = frozenset({"GET /v1/channels/needs"})


def reading_routes(app: FastAPI) -> set[str]:
    """The routes by which somebody who signed in reads from the database."""
    found = {
        name
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and guards_of(route.dependant) - {"public"}
        for name in names(route)
        if name.startswith("GET ") or name in QUESTIONS
    }
    return found - UNASKED
