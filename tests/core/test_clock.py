"""Time is aware, in UTC, and zones are those of the package tzdata, whatever the machine has."""

from __future__ import annotations

import subprocess
import sys
import zoneinfo
from datetime import timedelta
from pathlib import Path

from lumi.core import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_no_folder_of_the_machine_is_looked_into_for_zones() -> None:
    assert zoneinfo.TZPATH == ()


def test_a_zone_is_the_packages_although_the_machine_has_another(tmp_path: Path) -> None:
    (tmp_path / "Africa").mkdir()
    program = (
        "import importlib.resources as r, pathlib, sys\n"
        f"pathlib.Path({str(tmp_path)!r}, 'Africa', 'Casablanca').write_bytes("
        "r.files('tzdata.zoneinfo.Asia').joinpath('Tokyo').read_bytes())\n"
        "from zoneinfo import ZoneInfo\n"
        "from datetime import datetime\n"
        "at = datetime(2026, 11, 20, 12)\n"
        "if len(sys.argv) > 1:\n"
        "    from lumi.core import clock\n"
        "print(ZoneInfo('Africa/Casablanca').utcoffset(at).total_seconds() / 3600)\n"
    )
    environment = {"PYTHONTZPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def hours(*words: str) -> float:
        done = subprocess.run(
            [sys.executable, "-c", program, *words], env=environment, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    assert hours() == 9.0  # what the machine says is believed by Python alone
    assert hours("ours") == 0.0
