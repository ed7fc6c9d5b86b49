"""The API's description is committed, says everything of every operation, and takes nothing away unsaid."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from lumi.core.settings import get_settings
from tests.api.narrowing import narrowed

if TYPE_CHECKING:
    from fastapi import FastAPI

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
AGAIN = "the code says something else: .venv/bin/lumi openapi > docs/openapi.json"

Operations = Mapping[str, Mapping[str, object]]


@pytest.fixture(scope="module")
def committed() -> dict[str, object]:
    """What is promised."""
    return cast("dict[str, object]", json.loads(COMMITTED.read_text()))


@pytest.fixture
def now(app: FastAPI) -> dict[str, object]:
    """What the code does."""
    return cast("dict[str, object]", json.loads(json.dumps(app.openapi())))


def operations(document: Mapping[str, object]) -> Operations:
    paths = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", document["paths"])
    return {f"{method.upper()} {path}": each for path, methods in paths.items() for method, each in methods.items()}


def test_nothing_that_was_promised_is_removed_or_narrowed(committed: dict[str, object], now: dict[str, object]) -> None:
    assert narrowed(committed, now) == []


def test_the_committed_description_is_that_of_the_code(committed: dict[str, object], now: dict[str, object]) -> None:
    assert committed == now, AGAIN


def test_each_operation_says_its_permission_its_limit_and_its_refusals(now: dict[str, object]) -> None:
    silent: list[str] = []
    for name, operation in operations(now).items():
        refused = {status for status in cast("Mapping[str, object]", operation["responses"]) if status >= "4"}
        wanted = {"400", "503"}
        if operation["x-permission"] != "public":
            wanted |= {"401"} if operation["x-permission"] == "signed in" else {"401", "403"}
        if "requests_per_minute" in cast("Mapping[str, object]", operation["x-limit"]):
            wanted |= {"429"}
        if "{" in name and "/webhooks/" not in name:
            wanted |= {"404"}
        silent += [f"{name}: {status}" for status in sorted(wanted - refused)]
        silent += [f"{name}: no sentence" for _ in "." if not operation.get("description")]
        silent += [f"{name}: no limit" for _ in "." if not cast("Mapping[str, object]", operation["x-limit"])]
    assert silent == []


def test_operations_are_named_after_their_handlers_and_each_name_is_used_once(now: dict[str, object]) -> None:
    names = [str(operation["operationId"]) for operation in operations(now).values()]

    assert "create_contact" in names
    assert len(names) == len(set(names))


Break = Callable[[dict[str, object]], object]


def at(document: dict[str, object], *steps: str) -> dict[str, object]:
    """The object at the end of these steps."""
    for step in steps:
        document = cast("dict[str, object]", document[step])
    return document


CONTACTS = ("paths", "/v1/contacts")
CONTACT = ("components", "schemas", "ContactRead")
CREATE = ("components", "schemas", "ContactCreate")
LIMIT = (*CONTACTS, "get", "parameters")


def _limit(document: dict[str, object]) -> dict[str, object]:
    parameters = cast("list[dict[str, object]]", at(document, *CONTACTS, "get")["parameters"])
    return next(each for each in parameters if each["name"] == "limit")


BREAKS: Mapping[str, tuple[Break, str]] = {
    "a route": (lambda d: at(d, *CONTACTS).pop("post"), "POST /v1/contacts: removed"),
    "a status": (
        lambda d: at(d, *CONTACTS, "post", "responses").pop("409"),
        "POST /v1/contacts: status 409 removed",
    ),
    "a field of an answer": (
        lambda d: at(d, *CONTACT, "properties").pop("name"),
        "GET /v1/contacts: 200.items[].name removed",
    ),
    "the promise that a field is there": (
        lambda d: cast("list[str]", at(d, *CONTACT)["required"]).remove("id"),
        "GET /v1/contacts: 200.items[].id may be missing now",
    ),
    "the type of a field": (
        lambda d: at(d, *CONTACT, "properties", "id").update(type="integer"),
        "GET /v1/contacts: 200.items[].id may be integer now",
    ),
    "a field that is taken": (
        lambda d: at(d, *CREATE, "properties").pop("name"),
        "POST /v1/contacts: body.name removed",
    ),
    "a field that may be left out": (
        lambda d: at(d, *CREATE).update(required=["name"]),
        "POST /v1/contacts: body.name is required now",
    ),
    "a value of a closed set": (
        lambda d: cast("list[str]", at(d, "components", "schemas", "PointKind")["enum"]).remove("email"),
        "POST /v1/contacts: body.points[].kind no longer takes =email",
    ),
    "a parameter": (
        lambda d: at(d, *CONTACTS, "get").update(parameters=[]),
        "GET /v1/contacts: parameter limit removed",
    ),
    "a bound": (
        lambda d: at(_limit(d), "schema").update(maximum=50),
        "GET /v1/contacts: parameter limit is held to maximum 50",
    ),
    "a permission": (
        lambda d: at(d, *CONTACTS, "get").update({"x-permission": "tenants:write"}),
        "GET /v1/contacts: asks for tenants:write instead of contacts:read",
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_is_taken_away_is_named(now: dict[str, object], what: str) -> None:
    take, named = BREAKS[what]
    after = copy.deepcopy(now)
    take(after)

    assert named in narrowed(now, after)


def test_what_is_added_takes_nothing_away(now: dict[str, object]) -> None:
    before = copy.deepcopy(now)
    at(before, *CONTACTS).pop("post")
    at(before, *CONTACT, "properties").pop("version")

    assert narrowed(before, now) == []


def test_where_files_are_sent_to_a_body_may_be_as_large_as_the_largest_file(now: dict[str, object]) -> None:
    def limit(each: Mapping[str, object]) -> object:
        return cast("Mapping[str, object]", each["x-limit"])["body_bytes"]

    largest = {name for name, each in operations(now).items() if limit(each) == get_settings().max_upload_bytes}

    assert largest == {
        "POST /v1/files", "POST /v1/widget/files", "POST /v1/conversations/{conversation_id}/attachments",
    }  # fmt: skip
