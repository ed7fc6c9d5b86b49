"""What B tries with something of A on the routes that everybody may call."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from tests import factories
from tests.isolation.attempts import Attempt, only
from tests.isolation.furnishing import message, signed, status, whatsapp_body
from tests.modules.files.samples import PNG

if TYPE_CHECKING:
    from tests.isolation.attempts import Recipe, Route
    from tests.isolation.world import Json, World

_OF_NO_TENANT = "says nothing of any tenant"
_CREDENTIALS = "wrong credentials, without saying which part was wrong"
_VISITORS = "what every visitor sees of an organisation"
_PAGE = "a page without data, 503 while the pages are not built"


def _sign_in(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    path = "/v1/auth/sign-in"
    tries: dict[str, Json] = {
        "B's person at A": {"email": b.email, "password": b.password, "tenant": a.tenant.slug},
        "A's person with B's password": {"email": a.email, "password": b.password},
        "A's person at B": {"email": a.email, "password": b.password, "tenant": b.tenant.slug},
    }
    return [only(what, path, 401, because=_CREDENTIALS, body=body, proves_itself=True) for what, body in tries.items()]


def _refresh(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    path = "/v1/auth/refresh"
    _, token_of_a, secret_of_a = a.refresh_token.split(".")
    _, token_of_b, secret_of_b = b.refresh_token.split(".")
    forged = {
        "A's token under B's name": f"{b.tenant.id.hex}.{token_of_a}.{secret_of_a}",
        "B's token under A's name": f"{a.tenant.id.hex}.{token_of_b}.{secret_of_b}",
        "A's token with B's secret": f"{a.tenant.id.hex}.{token_of_a}.{secret_of_b}",
    }
    by_body = [
        only(what, path, 401, because=_CREDENTIALS, body={"refresh_token": token}) for what, token in forged.items()
    ]
    by_cookie = [
        only(what, path, 401, because=_CREDENTIALS, headers={"Cookie": f"lumi_refresh={token}"})
        for what, token in forged.items()
    ]
    return [*by_body, *by_cookie]


def _session(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    theirs, ours = f"/v1/widget/{a.tenant.slug}/session", f"/v1/widget/{b.tenant.slug}/session"
    stranger = "to B a visitor of A is somebody new, without a thread"
    closed = "B's site is not listed by A"
    return [
        only("B's visitor at A", theirs, 200, because=_VISITORS, body={"token": b.visitor_token}, shows_card=True),
        only("A's visitor at B", ours, 200, because=stranger, body={"token": a.visitor_token}),
        only("A's staff token at B", ours, 200, because=stranger, body={"token": a.access_token}),
        only("from B's site", theirs, 403, because=closed, body={}, headers={"Origin": b.page}),
        only("from A's site at B", ours, 403, because="A's site is not listed by B", body={},
              headers={"Origin": a.page}),
        Attempt("A's id for a slug", f"/v1/widget/{a.tenant.id}/session", body={}),
    ]  # fmt: skip


def _send_file(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    head, _, seal = b.visitor_token.split(".")
    tokens = {
        "A's claims under B's seal": f"{head}.{a.visitor_token.split('.')[1]}.{seal}",
        "A's staff token": a.access_token,
        "A's thread for a token": str(a.ids["visit"]),
    }
    path, file = "/v1/widget/files", {"file": ("photo.png", PNG)}

    def headers(token: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": a.texts["visitor_message"], **more}

    own = "it is a message of B's own conversation"
    closed = "A's site is not listed by B"
    return [
        *(only(what, path, 401, because=_CREDENTIALS, files=file, headers=headers(each)) for what, each in
          tokens.items()),
        only("the id of a message of A", path, 201, because=own, files=file, headers=headers(b.visitor_token)),
        only("A's thread in the form", path, 201, because=own, files=file, headers=headers(b.visitor_token),
             data={"thread": str(a.ids["visit"]), "tenant": str(a.tenant.id)}),
        only("from A's site", path, 403, because=closed, files=file, headers=headers(b.visitor_token, Origin=a.page)),
    ]  # fmt: skip


def _take(path: Callable[[World], str], *, foreign: bool = False) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        a, b = world.a, world.b
        known = message(b, a.texts["received"], "Bonjour, Mallory ?", sender=factories.a_phone_number())
        bodies = {
            "a message for A's number": whatsapp_body(
                b, message(b, f"wamid.{uuid4().hex}", "Mallory"), number=a.number
            ),
            "the id of a message of A": whatsapp_body(b, known),
            "a status for A's number": whatsapp_body(b, statuses=[status(a.texts["sent"], "failed")], number=a.number),
            "a status of A's message": whatsapp_body(
                b, statuses=[status(a.texts["sent"], "failed", delivery=a.ids["delivery"])]
            ),
            "no JSON": b"{",
        }
        statuses, why = (401, "B's app signs for no account of A") if foreign else (200, "only B's own is believed")
        tries = [
            only(what, path(world), statuses, because=why, content=body, headers=signed(b, body), proves_itself=True)
            for what, body in bodies.items()
        ]
        body = whatsapp_body(a, message(a, f"wamid.{uuid4().hex}", "Mallory"))
        unsigned = {**signed(b, body), "X-Hub-Signature-256": "sha256=" + "0" * 64}
        return [*tries, only("no signature", path(world), 401, because=_CREDENTIALS, content=body, headers=unsigned)]

    return attempts


def _verify(path: Callable[[World], str]) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        query = {"hub.mode": "subscribe", "hub.challenge": "42"}
        theirs = f"/webhooks/whatsapp/{world.a.ids['whatsapp']}"
        no = "B's verify token opens no account of A"
        return [
            only("B's token at A's account", theirs, 403, because=no,
                  query={**query, "hub.verify_token": world.b.verify_token}),
            only("A's secret for a token", path(world), 403, because=_CREDENTIALS,
                  query={**query, "hub.verify_token": world.a.secret}),
            Attempt("A's site has no webhook", f"/webhooks/pigeon/{world.a.ids['web']}", query=query),
        ]  # fmt: skip

    return attempts


def _plain(path: str, *statuses: int, because: str = _OF_NO_TENANT, card: bool = False) -> Recipe:
    """A route that takes nothing of anybody's: whatever is in query and header, it says the same."""

    def attempts(world: World) -> Sequence[Attempt]:
        a = world.a
        filled = (
            path.replace("{slug}", a.tenant.slug).replace("{name}", f"{a.words.bait}.js").replace("{place}", "inbox")
        )
        query = {"tenant": a.tenant.slug, "id": str(a.ids["contact"])}
        return [only("A's ids", filled, *statuses, because=because, query=query, shows_card=card)]

    return attempts


def _open_file(world: World) -> Sequence[Attempt]:
    """Links put together from parts of both: the ids of one under the seal of the other, and every half alone."""
    a, b = (base64.urlsafe_b64decode(side.texts["file_token"]) for side in (world.a, world.b))
    head, seal = 37, 32
    forged = {
        "A's ids under B's seal": a[:head] + b[head:],
        "A's organisation with B's file": a[:17] + b[17:head] + b[-seal:],
        "B's organisation with A's file": b[:17] + a[17:head] + b[-seal:],
        "A's file for longer": a[:33] + b"\xff" * 4 + a[-seal:],
        "A's ids without a seal": a[:head],
        "A's ids and no proof": a[:head] + bytes(seal),
    }
    tokens = {what: base64.urlsafe_b64encode(raw).decode() for what, raw in forged.items()}
    tokens |= {"A's id": str(world.a.ids["file"]), "A's id bare": world.a.ids["file"].hex}
    return [Attempt(what, f"/files/{token}") for what, token in tokens.items()]


def _write_on_phone(world: World) -> Sequence[Attempt]:
    body: Json = {"slug": world.a.tenant.slug, "from": "33600000001", "text": "Mallory"}
    return [Attempt("A's slug", "/demo/phone/messages", body=body)]


def _read_phone(world: World) -> Sequence[Attempt]:
    query = {"slug": world.a.tenant.slug, "peer": world.a.phone.lstrip("+")}
    return [Attempt("A's slug and contact", "/demo/phone/messages", query=query)]


OPEN: dict[Route, Recipe] = {
    ("GET", "/healthz"): _plain("/healthz", 200),
    ("GET", "/health/live"): _plain("/health/live", 200),
    ("GET", "/health/ready"): _plain("/health/ready", 200),
    ("GET", "/livez"): _plain("/livez", 200),
    ("GET", "/readyz"): _plain("/readyz", 200),
    ("GET", "/metrics"): _plain("/metrics", 200),
    ("GET", "/openapi.json"): _plain("/openapi.json", 200),
    ("GET", "/webhook"): _verify(lambda _: "/webhook"),
    ("POST", "/webhook"): _take(lambda _: "/webhook"),
    ("GET", "/telegram_webhook"): _verify(lambda _: "/telegram_webhook"),
    ("POST", "/telegram_webhook"): _take(lambda _: "/telegram_webhook", foreign=True),
    ("GET", "/instagram_webhook"): _verify(lambda _: "/instagram_webhook"),
    ("POST", "/instagram_webhook"): _take(lambda _: "/instagram_webhook", foreign=True),
    ("GET", "/webhooks/{channel}"): _verify(lambda _: "/webhooks/whatsapp"),
    ("POST", "/webhooks/{channel}"): _take(lambda _: "/webhooks/whatsapp"),
    ("GET", "/webhooks/{channel}/{account}"): _verify(lambda w: f"/webhooks/whatsapp/{w.a.ids['whatsapp']}"),
    ("POST", "/webhooks/{channel}/{account}"): lambda world: [
        *_take(lambda w: f"/webhooks/whatsapp/{w.a.ids['whatsapp']}", foreign=True)(world),
        *_take(lambda w: f"/webhooks/whatsapp/{w.b.ids['whatsapp']}")(world),
        Attempt("A's site", f"/webhooks/web/{world.a.ids['web']}", content=b"{}", headers=signed(world.b, b"{}")),
    ],
    ("POST", "/v1/widget/files"): _send_file,
    ("POST", "/v1/widget/{slug}/session"): _session,
    ("POST", "/v1/auth/sign-in"): _sign_in,
    ("POST", "/v1/auth/refresh"): _refresh,
    ("GET", "/files/{token}"): _open_file,
    ("GET", "/"): _plain("/", 200, 307, 503, because=_PAGE),
    ("GET", "/chat/{slug}"): _plain("/chat/{slug}", 200, 503, because=_PAGE),
    ("GET", "/widget/frame/{slug}"): _plain("/widget/frame/{slug}", 200, 503, because=_VISITORS, card=True),
    ("GET", "/widget.js"): _plain("/widget.js", 200, 404, because=_PAGE),
    ("GET", "/assets/widget/{name:path}"): _plain("/assets/widget/{name}", 404, because=_PAGE),
    ("GET", "/console/assets/{name:path}"): _plain("/console/assets/{name}", 404, because=_PAGE),
    ("GET", "/console"): _plain("/console", 200, 503, because=_PAGE),
    ("GET", "/console/{_place:path}"): _plain("/console/{place}", 200, 503, because=_PAGE),
    ("GET", "/docs"): _plain("/docs", 200, 503, because=_PAGE),
    ("GET", "/docs/assets/{name:path}"): _plain("/docs/assets/{name}", 404, because=_PAGE),
    ("GET", "/demo/phone"): _plain("/demo/phone", 200, 503, because=_PAGE),
    ("GET", "/assets/demo/{name:path}"): _plain("/assets/demo/{name}", 404, because=_PAGE),
    ("GET", "/demo/organisations"): _plain("/demo/organisations", 200, because="the demo's own organisations only"),
    ("POST", "/demo/phone/messages"): _write_on_phone,
    ("GET", "/demo/phone/messages"): _read_phone,
}
