"""compose.yaml: valid, complete for `docker compose up --build api`, and nothing in it that opens a door."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from lumi.core.server import programs
from tests.deploy.composed import FILE, Service, interpolated, services, started_for
from tests.deploy.programs import of_ours, said_by

SCHEMA = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")


def checked(file: Path) -> tuple[int, str]:
    """What the specification's own schema says of a file."""
    return said_by(of_ours(SCHEMA[0]), *SCHEMA[1:], file)


@pytest.fixture
def known() -> Mapping[str, Service]:
    """The services as they are without any setting."""
    return services({})


def test_it_is_what_the_specification_says() -> None:
    assert checked(FILE) == (0, "ok -- validation done\n")


def test_the_specification_finds_a_fault(tmp_path: Path) -> None:
    faulty = tmp_path / "compose.yaml"
    faulty.write_text(FILE.read_text().replace("depends_on:", "depends-on:"))

    code, said = checked(faulty)

    assert code == 1
    assert "depends-on" in said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}-$A-${MISSING}-$$A", "1-1--$A"),
        ("${A:-2}${EMPTY:-3}${MISSING:-4}", "134"),
        ("${MISSING:-${EMPTY:-${A}}}!", "1!"),
        ("${MISSING:-a:b}@x", "a:b@x"),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, value: str) -> None:
    assert interpolated(text, {"A": "1", "EMPTY": ""}) == value


def test_api_alone_brings_everything_in_an_order_in_which_each_finds_what_it_needs(
    known: Mapping[str, Service],
) -> None:
    started = [each.name for each in started_for("api", known)]

    assert sorted(started) == sorted(known)
    assert started[-1] == "api"
    for each in known.values():
        assert all(started.index(first) < started.index(each.name) for first in each.waits_for)


def test_what_is_waited_for_can_become_what_it_is_waited_for_as(known: Mapping[str, Service]) -> None:
    for each in known.values():
        for name, how in each.waits_for.items():
            if how == "service_healthy":
                assert "healthcheck" in known[name].fields
            if how == "service_completed_successfully":
                assert known[name].fields["restart"] == "no"


def test_only_the_api_is_reached_from_outside_and_only_by_this_machine(known: Mapping[str, Service]) -> None:
    assert {name: each.words("ports") for name, each in known.items() if each.words("ports")} == {
        "api": ["127.0.0.1:8000:8000"]
    }
    assert services({"PORT": "9000", "BIND": "0.0.0.0"})["api"].words("ports") == ["0.0.0.0:9000:8000"]


def test_every_service_gives_up_what_it_does_not_need(known: Mapping[str, Service]) -> None:
    for each in known.values():
        assert each.words("cap_drop") == ["ALL"]
        assert each.words("security_opt") == ["no-new-privileges:true"]
        assert each.fields.get("read_only", each.name == "postgres") is True
        assert "privileged" not in each.fields


def test_it_is_development_unless_it_is_told_otherwise_by_either_name() -> None:
    assert {each.environment["APP_ENV"] for each in services({}).values() if each.is_built} == {"development"}
    for name in ("APP_ENV", "ENV"):
        told = services({name: "production"})
        assert {each.environment["APP_ENV"] for each in told.values() if each.is_built} == {"production"}


def test_a_password_of_ones_own_reaches_the_server_and_who_connects() -> None:
    told = services({"POSTGRES_PASSWORD": "x1y2"})

    assert told["postgres"].environment["POSTGRES_PASSWORD"] == "x1y2"
    assert told["api"].environment["DATABASE_URL"] == "postgresql://lumi:x1y2@postgres:5432/lumi"


def test_settings_of_env_reach_every_process_of_ours_and_none_is_needed(known: Mapping[str, Service]) -> None:
    ours = [each for each in known.values() if each.is_built]

    assert sorted(each.name for each in ours) == ["api", "migrate", "seed", "worker"]
    for each in ours:
        assert each.fields["env_file"] == [{"path": ".env", "required": False}]


def test_what_is_kept_lies_in_named_volumes(known: Mapping[str, Service]) -> None:
    mounted = {each.name: each.words("volumes") for each in known.values() if each.words("volumes")}

    assert mounted.pop("postgres") == ["database:/var/lib/postgresql"]
    assert mounted == {name: ["home:/var/lib/lumi"] for name in ("api", "worker", "migrate", "seed")}


def test_postgresql_is_of_the_version_the_suite_runs_on_with_pgvector(known: Mapping[str, Service]) -> None:
    _, said = said_by(programs.tool("postgres"), "--version")
    major = said.split()[-1].split(".")[0]

    assert cast("str", known["postgres"].fields["image"]).startswith("pgvector/pgvector:")
    assert f"-pg{major}-" in cast("str", known["postgres"].fields["image"])
