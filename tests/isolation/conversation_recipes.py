"""What B tries with conversations of A."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.isolation.attempts import Attempt, only
from tests.isolation.furnishing import fresh_id

if TYPE_CHECKING:
    from tests.isolation.attempts import Recipe, Route
    from tests.isolation.world import Json, World


def _conversations(suffix: str = "", *, body: object = None, numbers: bool = False) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        queries: list[dict[str, str | int]] = [{"after": 0}, {"before": 5}, {"limit": 1}] if numbers else [{}]
        return [
            Attempt(f"A's {name}", f"/v1/conversations/{world.a.ids[name]}{suffix}", body=body, query=query)
            for name in ("visit", "chat", "message", "delivery")
            for query in queries
        ]

    return attempts


def _send_again(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    return [
        Attempt(f"{whose} message in {place} conversation", f"/v1/conversations/{chat}/messages/{message}/send-again")
        for whose, message in (("A's", a.ids["message"]), ("B's", b.ids["message"]))
        for place, chat in (("A's", a.ids["chat"]), ("B's", b.ids["chat"]))
        if (whose, place) != ("B's", "B's")
    ]


def _reply(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    key = {"Idempotency-Key": a.texts["idempotency"]}
    fresh = {"Idempotency-Key": fresh_id()}
    body: Json = {"text": "Mallory"}
    return [
        *_conversations("/replies", body=body)(world),
        Attempt("A's key", f"/v1/conversations/{a.ids['chat']}/replies", body=body, headers=key),
        Attempt("a fresh key", f"/v1/conversations/{a.ids['chat']}/replies", body=body, headers=fresh),
        only("A's file at home", f"/v1/conversations/{b.ids['chat']}/replies", 404, 409, headers=fresh,
              body={"text": "", "attachment_id": str(a.ids["attachment"])},
              because="B has no such file; 409 where another of B holds"),
        only("A's key at home", f"/v1/conversations/{b.ids['chat']}/replies", 201, 409, body=body, headers=key,
              because="a key belongs to who used it: A's message does not come back; 409 where another of B holds"),
    ]  # fmt: skip


def _attach(world: World) -> Sequence[Attempt]:
    sent = {"file": ("menu.txt", b"Mallory")}
    key = {"Idempotency-Key": world.a.texts["file_key"]}
    return [
        Attempt(f"A's {name}", f"/v1/conversations/{world.a.ids[name]}/attachments", files=sent, headers=headers)
        for name in ("visit", "chat", "message")
        for headers in ({}, key)
    ]


def _attached(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    return [
        Attempt(f"{whose} {name} in {place} conversation", f"/v1/conversations/{chat}/attachments/{side.ids[name]}")
        for whose, side, name in (("A's", a, "attachment"), ("A's", a, "file"), ("B's", b, "attachment"))
        for place, chat in (("A's", a.ids["chat"]), ("B's", b.ids["chat"]))
        if (whose, place) != ("B's", "B's")
    ]


IN_CONVERSATIONS: dict[Route, Recipe] = {
    ("GET", "/v1/conversations/{conversation_id}"): _conversations(),
    ("GET", "/v1/conversations/{conversation_id}/messages"): _conversations("/messages", numbers=True),
    ("POST", "/v1/conversations/{conversation_id}/replies"): _reply,
    ("POST", "/v1/conversations/{conversation_id}/attachments"): _attach,
    ("GET", "/v1/conversations/{conversation_id}/attachments/{attachment_id}"): _attached,
    ("DELETE", "/v1/conversations/{conversation_id}/attachments/{attachment_id}"): _attached,
    ("POST", "/v1/conversations/{conversation_id}/messages/{message_id}/send-again"): _send_again,
    ("POST", "/v1/conversations/{conversation_id}/take-over"): _conversations("/take-over"),
    ("POST", "/v1/conversations/{conversation_id}/hand-back"): _conversations("/hand-back"),
}
