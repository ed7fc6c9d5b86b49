"""What docs/install.md tells people to do is done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.deploy.programs import ROOT
from tests.deploy.running import empty_server, tell

pytestmark = pytest.mark.integration
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "docs" / "install.md").read_text(), re.MULTILINE | re.DOTALL)


def block(language: str, holding: str) -> str:
    """The only block of this language that holds these words."""
    (found,) = (text for kind, text in BLOCKS if kind == language and holding in text)
    return found


def statements(holding: str) -> list[str]:
    """The statements of such a block of SQL."""
    return [each.strip() for each in block("sql", holding).split(";") if each.strip()]


def run(folder: Path, *command: str, **variables: str) -> str:
    """What a command prints in this folder, with nothing of the tests' own environment; it has to succeed."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(folder: Path) -> Path:
    """The `.env` that the page makes."""
    run(folder, "sh", "-c", block("sh", "RSA_PRIVATE_KEY="))
    return folder / ".env"


def settings_of(file: Path) -> Mapping[str, object]:
    """What Lumi reads in this `.env`, with its key opened; every complaint of production fails."""
    program = (
        "import json\n"
        "from lumi.core.settings import get_settings\n"
        "from lumi.modules.accounts.services.keys import SigningKeys\n"
        "settings = get_settings().require()\n"
        "print(json.dumps({'env': settings.app_env, 'kid': SigningKeys.load(settings).kid}))\n"
    )
    return cast("dict[str, object]", json.loads(run(file.parent, sys.executable, "-c", program)))


def test_the_keys_it_makes_are_all_that_production_needs_and_its_owners_alone(tmp_path: Path) -> None:
    file = written(tmp_path)

    assert settings_of(file)["env"] == "production"
    assert file.stat().st_mode & 0o777 == 0o600
    assert re.search(r"^POSTGRES_PASSWORD=[0-9a-f]{48}$", file.read_text(), re.MULTILINE)


def test_each_time_it_makes_others(tmp_path: Path) -> None:
    kids: set[object] = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        kids.add(settings_of(written(tmp_path / name))["kid"])

    assert len(kids) == 2


def test_each_of_its_settings_stands_on_a_line_of_its_own_as_compose_and_systemd_want_it(tmp_path: Path) -> None:
    for line in written(tmp_path).read_text().splitlines():
        # Nothing in it that either of them would read as something else: no `$`, no blank but in single quotes.
        assert re.fullmatch(r"[A-Z_]+=([\w:/.,-]+|'[^'$]+')", line), line


async def test_the_role_it_makes_can_migrate_and_what_it_removes_is_all_there_was(tmp_path: Path) -> None:
    async with empty_server() as server:
        (url,) = re.findall(r"^DATABASE_URL=(.*)$", block("sh", "DATABASE_URL="), re.MULTILINE)
        here = url.replace("@127.0.0.1:5432/lumi", f"@/lumi?{urlsplit(server.admin_url).query}")
        roles = "select rolname from pg_roles where rolname like 'lumi%'"

        await tell(server, *statements("create role"))
        written(tmp_path)
        for _ in range(2):
            run(tmp_path, sys.executable, "-m", "lumi", "migrate", DATABASE_URL=here)
        listed = run(tmp_path, sys.executable, "-m", "lumi", "tenant", "list", DATABASE_URL=here)
        await tell(server, *statements("drop role"))

        admin = await asyncpg.connect(server.admin_url, database="postgres")
        assert await admin.fetch(roles) == []
        assert listed == ""
        await admin.close()
