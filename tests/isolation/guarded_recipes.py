"""What B tries with something of A on the routes that ask for a token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.isolation.attempts import Attempt, only
from tests.isolation.conversation_recipes import IN_CONVERSATIONS

if TYPE_CHECKING:
    from tests.isolation.attempts import Recipe, Route
    from tests.isolation.world import Json, World

_OWN_LIST = "the list is of whoever asks, a cursor only a place in it"
_OWN_THINGS = "what B makes is B's own: nothing tells whether A has the same"
_CREDENTIALS = "wrong credentials, without saying which part was wrong"


def _bearers(path: str, world: World) -> list[Attempt]:
    """Keys and tokens put together from parts of both; each is worth nothing."""
    a, b = world.a, world.b
    a_hex, b_hex = a.tenant.id.hex, b.tenant.id.hex
    key_of_a, key_of_b = a.api_key.split("_", 2)[2], b.api_key.split("_", 2)[2]
    head, claims, seal = b.access_token.split(".")
    _, claims_of_a, seal_of_a = a.access_token.split(".")
    forged = {
        "A's key under B's name": f"lumi_{b_hex}_{key_of_a}",
        "B's key under A's name": f"lumi_{a_hex}_{key_of_b}",
        "A's claims with B's signature": f"{head}.{claims_of_a}.{seal}",
        "B's claims with A's signature": f"{head}.{claims}.{seal_of_a}",
        "A's refresh token": a.refresh_token,
        "A's visitor token": a.visitor_token,
        "A's id": str(a.tenant.id),
    }
    return [
        only(what, path, 401, because=_CREDENTIALS, headers={"Authorization": f"Bearer {token}"}, proves_itself=True)
        for what, token in forged.items()
    ]


def _listed(path: str, *, search: bool = False) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        cursor = world.a.cursors[path]
        found = [
            only("A's cursor", path, 200, because=_OWN_LIST, query={"cursor": cursor}),
            only("all there is", path, 200, because=_OWN_LIST, query={"limit": 100}),
        ]
        other = next(each for kept, each in world.a.cursors.items() if kept != path)
        found.append(
            only("a cursor of another list", path, 422, because="made for another list", query={"cursor": other})
        )
        if search:
            for word in (world.a.words.bait, world.a.phone, world.a.words.mark[:-1]):
                found.append(only("a word of A", path, 200, because=_OWN_LIST, query={"search": word}))
        return found

    return attempts


def _no_bearer(path: str) -> Recipe:
    return lambda world: _bearers(path, world)


def _me(world: World) -> Sequence[Attempt]:
    own = only("A's cookie beside B's token", "/v1/auth/me", 200, because=_OWN_LIST,
                headers={"Cookie": f"lumi_refresh={world.a.refresh_token}"})  # fmt: skip
    return [*_bearers("/v1/auth/me", world), own]


def _create_api_key(world: World) -> Sequence[Attempt]:
    body: Json = {"name": world.a.words.bait, "permissions": ["contacts:read"]}
    aimed: Json = {**body, "tenant_id": str(world.a.tenant.id), "id": str(world.a.ids["api_key"])}
    return [
        only("a name of A", "/v1/api-keys", 201, because=_OWN_THINGS, body=body),
        only("A's id in the body", "/v1/api-keys", 422, because="there is no such field", body=aimed),
    ]


def _own(path: str) -> Recipe:
    """A route that takes no id: what query and header name of A makes no difference."""

    def attempts(world: World) -> Sequence[Attempt]:
        aimed: dict[str, str | int] = {"tenant_id": str(world.a.tenant.id), "tenant": world.a.tenant.slug}
        headers = {"X-Tenant-Id": str(world.a.tenant.id), "X-Tenant": world.a.tenant.slug}
        return [only("A's id and slug", path, 200, because=_OWN_LIST, query=aimed, headers=headers)]

    return attempts


def _update_tenant(world: World) -> Sequence[Attempt]:
    version = str(3 + 1)  # A was changed three times, B never
    aimed: Json = {"id": str(world.a.tenant.id), "name": "Mallory"}
    stale = "B's own tenant has another version"
    return [
        only("A's version", "/v1/tenant", 409, because=stale, body={"name": "Mallory"}, headers={"If-Match": version}),
        only("A's id", "/v1/tenant", 422, because="there is no such field", body=aimed, headers={"If-Match": "*"}),
    ]


def _create_identifier(world: World) -> Sequence[Attempt]:
    body: Json = {"kind": "domain", "value": world.a.texts["domain"]}
    return [only("A's domain", "/v1/tenant/identifiers", 201, because=_OWN_THINGS, body=body)]


def _delete_identifier(world: World) -> Sequence[Attempt]:
    return [Attempt("A's domain", f"/v1/tenant/identifiers/domain/{world.a.texts['shop']}")]


def _account(end: str, **query: str) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        names = ("whatsapp", "web", "contact")
        return [Attempt(f"A's {name}", f"/v1/channels/{world.a.ids[name]}{end}", query=query) for name in names]

    return attempts


def _connect_channel(world: World) -> Sequence[Attempt]:
    keys: Json = {"app_secret": "of B", "access_token": world.twin.twin.settings.token}
    body: Json = {"channel": "whatsapp", "external_id": world.a.number, "name": "Mallory", **keys}
    aimed: Json = {**body, "id": str(world.a.ids["whatsapp"])}
    asked = "the provider is asked first, and does not give A's number to B"
    return [
        only("A's number", "/v1/channels", 409, because=asked, body=body),
        only("A's id in the body", "/v1/channels", 422, because="there is no such field", body=aimed),
    ]


def _widget_of_a(world: World) -> Sequence[Attempt]:
    return [
        Attempt(f"A's {name}", f"/v1/channels/{world.a.ids[name]}/identity-secret")
        for name in ("web", "whatsapp", "contact")
    ]


def _create_contact(world: World) -> Sequence[Attempt]:
    a = world.a
    body: Json = {"name": "Zoé", "points": [{"kind": "phone", "value": a.phone}]}
    visitor: Json = {"name": "Zoé", "points": [{"kind": "email", "value": f"{a.words.bait}@guest.example"}]}
    aimed: Json = {"name": "Zoé", "id": str(a.ids["contact"]), "tenant_id": str(a.tenant.id)}
    once = "the first of B makes B's own, the next clash with it; A's is never met"
    return [
        only("A's contact's phone", "/v1/contacts", 201, 409, because=once, body=body),
        only("an address like A's", "/v1/contacts", 201, 409, because=once, body=visitor),
        only("A's ids in the body", "/v1/contacts", 422, because="there is no such field", body=aimed),
    ]


def _contact(suffix: str = "", *, body: object = None, match: Sequence[str] = ()) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        path = f"/v1/contacts/{world.a.ids['contact']}{suffix}"
        if not match:
            return [Attempt("A's contact", path, body=body)]
        return [Attempt(f"A's contact, If-Match {tag}", path, body=body, headers={"If-Match": tag}) for tag in match]

    return attempts


def _document_body(world: World) -> Json:
    return {"lang": "fr", "title": "Mallory", "text": "Mallory", "external_id": world.a.texts["external_id"]}


def _create_document(world: World) -> Sequence[Attempt]:
    body = _document_body(world)
    aimed = {**body, "id": str(world.a.ids["document"])}
    once = "the first of B is B's own, the next clash with it; A's is never met"
    return [
        only("A's external id", "/v1/knowledge/documents", 201, 409, because=once, body=body),
        only("A's id", "/v1/knowledge/documents", 422, because="there is no such field", body=aimed),
    ]


def _upload(world: World) -> Sequence[Attempt]:
    once = "the first of B is B's own, the next clash with it; A's is never met"
    return [
        only("A's external id", "/v1/knowledge/documents/files", 201, 409, because=once,
              files={"file": (f"{world.a.words.bait}.md", b"# Mallory\n\ntext\n")},
              data={"lang": "fr", "external_id": f"{world.a.texts['external_id']}"}),
    ]  # fmt: skip


def _send_file(world: World) -> Sequence[Attempt]:
    sent = {"file": (f"{world.a.words.bait}.txt", b"Mallory")}
    key = {"Idempotency-Key": world.a.texts["file_key"]}
    return [
        only("a name of A", "/v1/files", 201, because=_OWN_THINGS, files=sent),
        only("A's key", "/v1/files", 201, because="a key belongs to who used it", files=sent, headers=key),
        only("A's id beside it", "/v1/files", 201, because="fields beside the file are not read", files=sent,
              data={"id": str(world.a.ids["file"]), "tenant_id": str(world.a.tenant.id)}),
    ]  # fmt: skip


def _file(suffix: str = "", *, body: object = None) -> Recipe:
    return lambda world: [
        Attempt(f"A's {name}", f"/v1/files/{world.a.ids[name]}{suffix}", body=body) for name in ("file", "document")
    ]


def _documents(suffix: str = "", *, write: bool = False, body: bool = False) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        paths = [f"/v1/knowledge/documents/{world.a.ids[name]}{suffix}" for name in ("document", "faq", "section")]
        given = _document_body(world) if body else None
        tags = ("1", "2", '"2"', "*") if write else ("",)
        return [
            Attempt(f"A's document, If-Match {tag}", path, body=given, headers={"If-Match": tag} if tag else {})
            for path in paths
            for tag in tags
        ]

    return attempts


def _ask(path: str) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        a = world.a
        asked = (a.texts["question"], a.words.bait, f"Horaires {a.words.bait} lundi ?")
        return [
            only("A's question", path, 200, because=_OWN_LIST, body={"question": question, "lang": "fr"})
            for question in asked
        ]

    return attempts


def _gap(world: World) -> Sequence[Attempt]:
    return [Attempt("A's gap", f"/v1/knowledge/gaps/{world.a.ids['gap']}/close")]


def _templates(suffix: str = "") -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        return [
            Attempt(f"A's {name}", f"/v1/channels/{world.a.ids[name]}/templates{suffix}")
            for name in ("whatsapp", "web", "contact")
        ]

    return attempts


def _choose_template(world: World) -> Sequence[Attempt]:
    a, b = world.a, world.b
    return [
        Attempt(f"A's template of {whose} number", f"/v1/channels/{account}/templates/{a.ids['template']}",
                body={"purpose": "reopen"})
        for whose, account in (("A's", a.ids["whatsapp"]), ("B's", b.ids["whatsapp"]))
    ]  # fmt: skip


def _letters(world: World) -> Sequence[Attempt]:
    listed = _listed("/v1/dead-letters")(world)
    queries: list[dict[str, str | int]] = [{"source": "job"}, {"source": "webhook", "open": "true"}, {"open": "false"}]
    return [
        *listed,
        *(only("filtered", "/v1/dead-letters", 200, because=_OWN_LIST, query=query) for query in queries),
    ]


def _letter(suffix: str) -> Recipe:
    def attempts(world: World) -> Sequence[Attempt]:
        return [Attempt(f"A's {name}", f"/v1/dead-letters/{world.a.ids[name]}{suffix}") for name in ("letter", "job")]

    return attempts


def _states(world: World) -> Sequence[Attempt]:
    listed = _listed("/v1/conversations")(world)
    waiting = only("those that wait", "/v1/conversations", 200, because=_OWN_LIST, query={"state": "waiting"})
    held = only("those that are held", "/v1/conversations", 200, because=_OWN_LIST, query={"state": "held"})
    return [*listed, waiting, held]


GUARDED: dict[Route, Recipe] = {
    **IN_CONVERSATIONS,
    ("GET", "/v1/conversations"): _states,
    ("POST", "/v1/auth/sign-out"): _no_bearer("/v1/auth/sign-out"),
    ("GET", "/v1/auth/me"): _me,
    ("GET", "/v1/staff"): _listed("/v1/staff"),
    ("GET", "/v1/roles"): _own("/v1/roles"),
    ("GET", "/v1/api-keys"): _listed("/v1/api-keys"),
    ("POST", "/v1/api-keys"): _create_api_key,
    ("DELETE", "/v1/api-keys/{key_id}"): lambda w: [
        Attempt(f"A's {name}", f"/v1/api-keys/{w.a.ids[name]}") for name in ("api_key", "session", "identity", "role")
    ],
    ("GET", "/v1/audit"): _listed("/v1/audit"),
    ("GET", "/v1/tenant"): _own("/v1/tenant"),
    ("PATCH", "/v1/tenant"): _update_tenant,
    ("GET", "/v1/tenant/identifiers"): _listed("/v1/tenant/identifiers"),
    ("POST", "/v1/tenant/identifiers"): _create_identifier,
    ("DELETE", "/v1/tenant/identifiers/{kind}/{value}"): _delete_identifier,
    ("GET", "/v1/channels"): _listed("/v1/channels"),
    ("GET", "/v1/channels/needs"): _own("/v1/channels/needs"),
    ("POST", "/v1/channels"): _connect_channel,
    ("PUT", "/v1/channels/{account_id}/voice"): lambda w: [
        Attempt(f"A's {name}", f"/v1/channels/{w.a.ids[name]}/voice", body={"aloud": False})
        for name in ("whatsapp", "web", "contact")
    ],
    ("DELETE", "/v1/channels/{account_id}"): lambda w: [
        Attempt(f"A's {name}", f"/v1/channels/{w.a.ids[name]}") for name in ("whatsapp", "web", "contact")
    ],
    ("POST", "/v1/channels/{account_id}/identity-secret"): _widget_of_a,
    ("DELETE", "/v1/channels/{account_id}/identity-secret"): _widget_of_a,
    ("GET", "/v1/channels/{account_id}/status"): _account("/status"),
    ("GET", "/v1/channels/{account_id}/deliveries"): _account("/deliveries", state="unknown"),
    ("GET", "/v1/channels/{account_id}/templates"): _templates(),
    ("POST", "/v1/channels/{account_id}/templates/refresh"): _templates("/refresh"),
    ("PUT", "/v1/channels/{account_id}/templates/{template_id}"): _choose_template,
    ("POST", "/v1/contacts/{contact_id}/messages"): _contact("/messages", body={"text": "Mallory"}),
    ("GET", "/v1/contacts"): _listed("/v1/contacts", search=True),
    ("POST", "/v1/contacts"): _create_contact,
    ("GET", "/v1/contacts/{contact_id}"): _contact(),
    ("PATCH", "/v1/contacts/{contact_id}"): _contact(body={"name": "Mallory"}, match=("1", "2", "*")),
    ("GET", "/v1/contacts/{contact_id}/points"): _contact("/points"),
    ("GET", "/v1/contacts/{contact_id}/consents"): _contact("/consents"),
    ("POST", "/v1/contacts/{contact_id}/consents"): _contact("/consents", body={"state": "withdrawn"}),
    ("PUT", "/v1/contacts/{contact_id}/owner"): _contact("/owner"),
    ("DELETE", "/v1/contacts/{contact_id}/owner"): _contact("/owner"),
    ("POST", "/v1/files"): _send_file,
    ("GET", "/v1/files/{file_id}"): _file(),
    ("POST", "/v1/files/{file_id}/url"): _file("/url", body={"seconds": 60}),
    ("DELETE", "/v1/files/{file_id}"): _file(),
    ("POST", "/v1/knowledge/documents"): _create_document,
    ("POST", "/v1/knowledge/documents/files"): _upload,
    ("GET", "/v1/knowledge/documents"): _listed("/v1/knowledge/documents"),
    ("GET", "/v1/knowledge/documents/{document_id}"): _documents(),
    ("PUT", "/v1/knowledge/documents/{document_id}"): _documents(write=True, body=True),
    ("DELETE", "/v1/knowledge/documents/{document_id}"): _documents(write=True),
    ("GET", "/v1/knowledge/documents/{document_id}/sections"): _documents("/sections"),
    ("POST", "/v1/knowledge/search"): _ask("/v1/knowledge/search"),
    ("POST", "/v1/knowledge/ask"): _ask("/v1/knowledge/ask"),
    ("GET", "/v1/knowledge/gaps"): _listed("/v1/knowledge/gaps"),
    ("POST", "/v1/knowledge/gaps/{gap_id}/close"): _gap,
    ("GET", "/v1/dead-letters"): _letters,
    ("POST", "/v1/dead-letters/{letter_id}/close"): _letter("/close"),
    ("POST", "/v1/dead-letters/{letter_id}/requeue"): _letter("/requeue"),
}
