"""The tree keeps the rules, and each rule is seen to fail on a copy in which it is broken."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shape import channel_names, folders, literals, sizes, source, sql_files
from tests.shape.tree import ROOT

Rule = Callable[[Path], list[str]]

RULES: tuple[Rule, ...] = (
    sizes.long_files,
    sizes.long_functions,
    sizes.long_handlers,
    source.strange_loggers,
    source.stray_figures,
    source.prints,
    source.own_clocks,
    source.commits,
    source.own_connections,
    source.broad_excepts,
    source.explicit_any,
    source.slow_middleware,
    source.eager_relationships,
    source.zones_in_sql,
    literals.bare_values,
    channel_names.channel_names,
    folders.bare_folders,
    folders.code_at_the_door,
    folders.stale_documents,
    folders.registry_hosts,
    folders.undeclared_packages,
    folders.torn_locks,
    sql_files.false_heads,
    sql_files.upward_tables,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


@dataclass(frozen=True)
class Break:
    """A rule, a text that breaks it in one file, and what the rule then adds to what it says.

    The text is the whole file; `after` puts it behind a place in the file instead.
    """

    rule: Rule
    path: str
    text: str
    says: str
    after: str | None = None

    @contextmanager
    def done(self, root: Path) -> Generator[None]:
        """The rule broken below this root, and whole again afterwards."""
        path = root / self.path
        before = path.read_text() if path.exists() else None
        new_folder = not path.parent.exists()
        path.parent.mkdir(exist_ok=True)
        path.write_text(self._broken(before))
        try:
            yield
        finally:
            path.unlink() if before is None else path.write_text(before)
            if new_folder:
                path.parent.rmdir()

    def _broken(self, before: str | None) -> str:
        if self.after is None:
            return self.text
        assert before is not None
        assert self.after in before, f"{self.after!r} is no longer in {self.path}"
        return before.replace(self.after, self.after + self.text, 1)


# In two parts, so that this file does not name it.
REGISTRY = ".".join(("registry", "npmjs", "org"))
STATEMENTS = "    x = 1\n"
HANDLER = '@router.post("/")\nasync def create_toy() -> None:\n    """Make a toy."""\n'
LANES = "lumi/core/sql/lanes.sql"

BREAKS = (
    Break(
        channel_names.channel_names,
        "lumi/modules/conversations/toy.py",
        'def toy(channel: str) -> bool:\n    return channel == "WhatsApp"\n',
        "lumi/modules/conversations/toy.py: not on the list",
    ),
    Break(
        channel_names.channel_names,
        "lumi/modules/assistant/toy.py",
        "from lumi.modules.channels.public import Channel\n\nTOY = Channel.TELEGRAM\n",
        "lumi/modules/assistant/toy.py: not on the list",
    ),
    Break(
        channel_names.channel_names,
        "web/console/src/modules/conversations/toy.ts",
        "export const isToy = (channel: string) => channel === 'whatsapp';\n",
        "web/console/src/modules/conversations/toy.ts: not on the list",
    ),
    Break(
        channel_names.channel_names,
        "web/widget/src/toy.ts",
        "export const isToy = (channel: string) => channel === 'terminal';\n",
        "web/widget/src/toy.ts: not on the list",
    ),
    Break(sizes.long_files, "lumi/core/toy.py", "x = 1\n" * 401, "lumi/core/toy.py: 401 lines"),
    Break(sizes.long_files, "web/widget/toy.ts", "let x = 1;\n" * 401, "web/widget/toy.ts: 401 lines"),
    Break(
        sizes.long_functions,
        "lumi/core/toy.py",
        "def toy() -> None:\n" + STATEMENTS * 50,
        "lumi/core/toy.py:1 toy: 51 lines",
    ),
    Break(
        sizes.long_handlers,
        "lumi/api/toy.py",
        HANDLER + STATEMENTS * 16,
        "lumi/api/toy.py:2 create_toy: 16 lines",
    ),
    Break(
        source.stray_figures,
        "lumi/core/toy.py",
        "from prometheus_client import Counter\n",
        "lumi/core/toy.py:1 prometheus_client.Counter",
    ),
    Break(
        source.strange_loggers,
        "lumi/core/toy.py",
        "import logging\n\nlog = logging.getLogger(__name__)\n",
        "lumi/core/toy.py:3 logging.getLogger",
    ),
    Break(
        source.strange_loggers,
        "lumi/core/toy.py",
        "import structlog\n\nlog = structlog.get_logger()\n",
        "lumi/core/toy.py:3 structlog.get_logger",
    ),
    Break(source.prints, "lumi/core/toy.py", "print(1)\n", "lumi/core/toy.py: not on the list"),
    Break(
        source.prints,
        "lumi/core/server/supervisor.py",
        "",
        "lumi/core/server/supervisor.py: listed and no longer needed, take it off",
    ),
    Break(
        source.own_clocks,
        "lumi/core/toy.py",
        "from datetime import UTC, datetime\n\nx = datetime.now(UTC)\n",
        "lumi/core/toy.py:3 datetime.now",
    ),
    Break(
        source.commits,
        "lumi/modules/contacts/services/toy.py",
        "async def add(ctx: Context) -> None:\n    await ctx.session.commit()\n",
        "lumi/modules/contacts/services/toy.py:2 ctx.session.commit",
    ),
    Break(
        source.own_connections,
        "lumi/integrations/whatsapp/toy.py",
        "import aiohttp\n",
        "lumi/integrations/whatsapp/toy.py: not on the list",
    ),
    Break(
        source.own_connections,
        "lumi/integrations/whatsapp/toy.py",
        "from urllib import request\n",
        "lumi/integrations/whatsapp/toy.py: not on the list",
    ),
    Break(
        source.own_connections,
        "lumi/modules/contacts/toy.py",
        "import asyncio\n\nx = asyncio.open_connection('localhost', 1)\n",
        "lumi/modules/contacts/toy.py: not on the list",
    ),
    Break(
        source.own_connections,
        "lumi/demo/twins.py",
        "",
        "lumi/demo/twins.py: listed and no longer needed, take it off",
    ),
    Break(
        source.broad_excepts,
        "lumi/core/toy.py",
        "try:\n    x = 1\nexcept (ValueError, Exception):\n    x = 2\n",
        "lumi/core/toy.py: not on the list",
    ),
    Break(
        source.broad_excepts,
        "lumi/core/toy.py",
        "try:\n    x = 1\nexcept:\n    x = 2\n",
        "lumi/core/toy.py: not on the list",
    ),
    Break(
        source.broad_excepts,
        "lumi/core/jobs.py",
        "",
        "lumi/core/jobs.py: listed and no longer needed, take it off",
    ),
    Break(source.explicit_any, "tests/toy.py", "from typing import Any\n", "tests/toy.py: not on the list"),
    Break(
        source.explicit_any,
        "lumi/core/toy.py",
        "import typing\n\nx: typing.Any = 1\n",
        "lumi/core/toy.py: not on the list",
    ),
    Break(
        source.slow_middleware,
        "lumi/core/toy.py",
        "class Toy(BaseHTTPMiddleware):\n    pass\n",
        "lumi/core/toy.py:1",
    ),
    Break(
        source.slow_middleware,
        "lumi/core/toy.py",
        '@app.middleware("http")\nasync def toy() -> None:\n    pass\n',
        "lumi/core/toy.py:1",
    ),
    Break(
        source.eager_relationships,
        "lumi/modules/contacts/toy.py",
        'x = relationship("Point", lazy="selectin")\n',
        "lumi/modules/contacts/toy.py:1",
    ),
    Break(
        source.zones_in_sql,
        LANES,
        "\nselect now() at time zone 'Europe/Paris';",
        f"{LANES}:2 select now() at time zone 'Europe/Paris';",
        after="-- tables: lane, job, worker",
    ),
    Break(
        source.zones_in_sql,
        "lumi/core/toy.py",
        "x = \"select date_trunc('day', at, 'Asia/Amman')\"\n",
        "lumi/core/toy.py:1 select date_trunc('day', at, 'Asia/Amman')",
    ),
    Break(source.zones_in_sql, "lumi/core/toy.py", 'x = "select at::date"\n', "lumi/core/toy.py:1 select at::date"),
    Break(folders.bare_folders, "lumi/core/toys/toy.py", "x = 1\n", "lumi/core/toys: no __init__.py"),
    Break(folders.bare_folders, "lumi/core/http/__init__.py", "x = 1\n", "lumi/core/http/__init__.py: no docstring"),
    Break(
        folders.code_at_the_door,
        "lumi/modules/contacts/__init__.py",
        '"""Contacts."""\n\nfrom lumi.modules.contacts.public import add\n',
        "lumi/modules/contacts/__init__.py:3",
    ),
    Break(folders.stale_documents, "docs/toy.md", "See `lumi/core/gone.py`.\n", "docs/toy.md: path lumi/core/gone.py"),
    Break(folders.stale_documents, "docs/toy.md", "See [this](gone.md).\n", "docs/toy.md: link to gone.md"),
    Break(folders.stale_documents, "docs/toy.md", "Run `make tea`.\n", "docs/toy.md: make tea"),
    Break(
        folders.registry_hosts,
        "web/toy.json",
        f'{{"resolved": "https://{REGISTRY}/toy"}}\n',
        "web/toy.json: " + REGISTRY,
    ),
    Break(folders.undeclared_packages, "lumi/core/toy.py", "import hypothesis\n", "lumi/core/toy.py:1 hypothesis"),
    Break(
        folders.torn_locks,
        "pyproject.toml",
        '\n    "toy>=1",',
        "requirements.txt: toy is not pinned",
        after="dependencies = [",
    ),
    Break(folders.torn_locks, "requirements.txt", "toy==1.0\n", "requirements.txt: toy==1.0 has no hash"),
    Break(
        folders.torn_locks,
        "requirements.txt",
        "toy==1.0 \\\n    --hash=sha256:0\n",
        "requirements-dev.txt: toy differs",
    ),
    Break(
        literals.bare_values,
        "lumi/modules/channels/toy.py",
        "def is_web(channel: str) -> bool:\n    return channel == 'web'\n",
        "lumi/modules/channels/toy.py 'web': not on the list",
    ),
    Break(
        literals.bare_values,
        "lumi/modules/channels/toy.py",
        "def toy(state: str) -> bool:\n    return state in ('sent', 'delivered')\n",
        "lumi/modules/channels/toy.py 'delivered': not on the list",
    ),
    Break(
        literals.bare_values,
        "lumi/modules/knowledge/engine/outline.py",
        "FAQ_SIGN = 'q'\n",
        "lumi/modules/knowledge/engine/outline.py 'faq': listed and no longer needed, take it off",
    ),
    Break(
        sql_files.false_heads,
        LANES,
        ", cron",
        f"{LANES}: cron is listed and not used",
        after="-- tables: lane, job, worker",
    ),
    Break(
        sql_files.false_heads,
        LANES,
        "\ninsert into dead_letter (id) select d.id from cron, job d;",
        f"{LANES}: dead_letter is used and not listed",
        after="-- tables: lane, job, worker",
    ),
    Break(
        sql_files.false_heads,
        "lumi/core/sql/toy.sql",
        "select 1;\n",
        "lumi/core/sql/toy.sql: the first line is not `-- tables: …`",
    ),
    Break(
        sql_files.upward_tables,
        LANES,
        "\nselect n from message;",
        f"{LANES}: message",
        after="-- tables: lane, job, worker",
    ),
)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken.rule.__name__}-{broken.path.split('/')[-1]}")
def test_a_broken_rule_is_told(copy: Path, broken: Break) -> None:
    before = broken.rule(copy)
    with broken.done(copy):
        assert broken.says in [each for each in broken.rule(copy) if each not in before]
    assert broken.rule(copy) == before


def test_every_rule_is_seen_to_fail() -> None:
    assert {each.rule for each in BREAKS} == set(RULES)
