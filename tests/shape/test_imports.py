"""The import rules of .importlinter hold, and each is seen to fail on a copy with a forbidden import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.shape.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator

# For each contract the file that breaks it, and what is written into it.
BREAKS: Mapping[str, tuple[str, str]] = {
    "house": ("lumi/api/toy.py", "import lumi.wiring"),
    "order": ("lumi/modules/tenants/tasks.py", "import lumi.modules.contacts.public"),
    "anatomy": ("lumi/modules/contacts/engine.py", "import lumi.modules.contacts.public"),
    "front-door": ("lumi/api/toys.py", "import lumi.modules.contacts.repository"),
    "routers-are-for-the-api": ("lumi/modules/contacts/tasks.py", "import lumi.modules.tenants.router"),
    "routers": ("lumi/modules/assistant/router.py", "import sqlalchemy"),
    "services": ("lumi/modules/contacts/services/toy.py", "import fastapi"),
    "pure": ("lumi/modules/tenants/engine.py", "import sqlalchemy"),
    "integrations": ("lumi/integrations/toy.py", "import asyncpg"),
    "core": ("lumi/core/toy.py", "import lumi.modules.tenants.values"),
    "acyclic-modules": ("lumi/integrations/toys/one.py", "import lumi.integrations.toys.two"),
    "packs": ("lumi/packs/hotel.py", "import lumi.packs.coaching"),
}
# What has to be there for some of them to break.
BESIDE = {
    "lumi/integrations/toys/__init__.py": '"""Toys."""',
    "lumi/integrations/toys/two.py": "import lumi.integrations.toys.one",
    "lumi/packs/coaching.py": '"""Coaching."""',
}


def verdicts(root: Path) -> dict[str, str]:
    """KEPT or BROKEN for every contract of the tree, by its id."""
    program = Path(sys.executable).parent / "lint-imports"
    env = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"}
    ran = subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=root, env=env, capture_output=True, text=True, check=False
    )
    told = dict(re.findall(r"^(.*\S) (KEPT|BROKEN)$", ran.stdout, re.MULTILINE))
    assert told, ran.stdout + ran.stderr
    return {ident: told[name] for ident, name in contracts(root).items()}


def contracts(root: Path) -> dict[str, str]:
    """The contracts of the tree: id and name."""
    found = re.findall(r"^\[importlinter:contract:(.+)\]\nname = (.+)$", (root / ".importlinter").read_text(), re.M)
    return dict(found)


@contextmanager
def written(path: Path, text: str) -> Generator[None]:
    """A new file, and its folder if there was none; gone afterwards."""
    new_folder = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    with path.open("x") as file:
        file.write(text + "\n")
    try:
        yield
    finally:
        path.unlink()
        if new_folder:
            path.parent.rmdir()


def test_every_import_rule_is_kept() -> None:
    assert verdicts(ROOT) == dict.fromkeys(contracts(ROOT), "KEPT")


def test_every_import_rule_is_seen_to_fail(copy: Path) -> None:
    with ExitStack() as stack:
        for path, text in BESIDE.items():
            stack.enter_context(written(copy / path, text))
        for path, text in BREAKS.values():
            stack.enter_context(written(copy / path, text))
        told = verdicts(copy)
    assert told == dict.fromkeys(BREAKS, "BROKEN")
