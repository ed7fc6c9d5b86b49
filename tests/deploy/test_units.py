"""The systemd units and the Procfile name commands that there are, in words that systemd knows."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.deploy.programs import ROOT, said_by

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def services_of(unit: Path) -> Mapping[str, Sequence[str]]:
    """The settings of the unit's service, each with its values in order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit.read_text().partition("[Service]")[2], re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def assert_understood(words: Sequence[str]) -> None:
    """Fail unless `lumi` understands these words: it would name what it does not know instead of helping."""
    code, said = said_by(sys.executable, "-m", "lumi", *words, "--help")

    assert code == 0, said


def test_there_are_units_for_the_web_the_worker_and_the_migrations() -> None:
    assert [unit.name for unit in UNITS] == ["lumi-migrate.service", "lumi-web@.service", "lumi-worker@.service"]


def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not on this machine")
    program = tmp_path / "opt" / "lumi" / ".venv" / "bin" / "lumi"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    copies = [tmp_path / unit.name for unit in UNITS]
    for unit, copy in zip(UNITS, copies, strict=True):
        copy.write_text(unit.read_text().replace("/opt/lumi", str(tmp_path / "opt" / "lumi")))

    assert said_by("systemd-analyze", "verify", "--man=no", *copies) == (0, "")

    copies[0].write_text(copies[0].read_text().replace("ProtectSystem=strict", "ProtectSystm=strict"))
    assert "ProtectSystm" in said_by("systemd-analyze", "verify", "--man=no", copies[0])[1]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is_as_nobody_special(unit: Path) -> None:
    said = services_of(unit)
    (command,) = said["ExecStart"]
    program, *words = shlex.split(command.replace("%i", "8000"))

    assert program == "/opt/lumi/.venv/bin/lumi"
    assert_understood(words)
    assert said["User"] == ["lumi"]
    assert said["CapabilityBoundingSet"] == [""]
    assert said["NoNewPrivileges"] == ["yes"]


def test_the_units_are_shut_in_alike() -> None:
    (first, *others) = [unit.read_text().partition("\nCapabilityBoundingSet=")[2].partition("\n[")[0] for unit in UNITS]

    assert first.count("\n") > 20
    assert [other.strip() == first.strip() for other in others] == [True, True]


def test_the_procfile_names_a_release_step_the_web_and_a_worker() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

    assert list(lines) == ["release", "web", "worker"]
    for line in lines.values():
        command = line.partition("python ")[2].split()
        assert command[:2] == ["-m", "lumi"]
        assert_understood(command[2:])
    assert lines["web"].startswith("HOST=0.0.0.0 ")
