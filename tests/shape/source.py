"""Rules about how code is written that no linter of ours can see."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

from tests.shape.tree import calls, compared, dotted, files, imported, modules, place, text_of, walk

# The lists of this file may only shrink: an entry that is needed no more fails too.
MAY_SAY_ANY: frozenset[str] = frozenset()
MAY_CATCH_EVERYTHING = frozenset(
    {
        "lumi/cli/refusals.py",  # the top handler of the command line
        "lumi/core/batches.py",  # hands the error to whoever waits for the batch
        "lumi/core/jobs.py",  # runs jobs
        "lumi/core/lanes.py",  # runs turns
        "lumi/expendable.py",  # the top handler of the process that takes one turn
        "lumi/worker.py",  # the top handler of the worker
    }
)
MAY_CONNECT = frozenset(
    {
        "lumi/cli/doctor.py",  # asks the server as its owner
        "lumi/cli/web_server.py",  # the web server's own sockets, by type: it opens none
        "lumi/cli/up.py",  # waits for its own web server
        "lumi/demo/keys.py",  # finds a free port
        "lumi/demo/twins.py",  # serves the twin
    }
)
MAY_PRINT = frozenset({"lumi/core/server/supervisor.py"})  # its stream is its log

CONNECTING = frozenset(
    [
        "aiohttp",
        "aioimaplib",
        "aiosmtplib",
        "ftplib",
        "http.client",
        "httpx",
        "httpx2",
        "imaplib",
        "poplib",
        "psycopg",
        "redis",
        "requests",
        "smtplib",
        "socket",
        "ssl",
        "telnetlib",
        "urllib.request",
        "urllib3",
        "websockets",
    ]
)
CONNECTING_CALLS = frozenset(
    {"asyncio.open_connection", "asyncio.open_unix_connection", "asyncpg.connect", "asyncpg.create_pool"}
)
LOGGERS = frozenset({"logging.getLogger", "structlog.get_logger", "structlog.getLogger", "structlog.stdlib.get_logger"})
CLOCKS = frozenset({"datetime.now", "datetime.datetime.now", "datetime.utcnow", "date.today", "datetime.date.today"})
FIGURES = ("lumi/core/metrics.py", "lumi/core/figures/*")
COMMITTERS = frozenset({"lumi/core/db.py", "lumi/core/migrate.py"})


def strange_loggers(root: Path) -> list[str]:
    """Loggers that do not come from lumi.core.logging: they would print what ours leaves out."""
    return [
        f"{name}:{line} {call}"
        for name, tree in modules(root, "lumi")
        if name != "lumi/core/logging.py"
        for line, call, _ in calls(tree)
        if call in LOGGERS
    ]


def stray_figures(root: Path) -> list[str]:
    """Figures declared outside lumi.core.metrics: nobody would find them, their sentence or their labels."""
    return [
        f"{name}:{line} {what}"
        for name, tree in modules(root, "lumi")
        if not any(fnmatch(name, each) for each in FIGURES)
        for line, what in imported(tree)
        if what.split(".")[0] == "prometheus_client"
    ]


def prints(root: Path) -> list[str]:
    """`print` outside of the command line."""
    found = {
        name
        for name, tree in modules(root, "lumi")
        if not name.startswith("lumi/cli/") and any(call == "print" for _, call, _ in calls(tree))
    }
    return compared(found, MAY_PRINT)


def own_clocks(root: Path) -> list[str]:
    """Reading the time elsewhere than in lumi.core.clock."""
    return [
        f"{name}:{line} {call}"
        for name, tree in modules(root, "lumi")
        if name != "lumi/core/clock.py"
        for line, call, _ in calls(tree)
        if call in CLOCKS
    ]


def commits(root: Path) -> list[str]:
    """Services flush; the transaction's owner commits."""
    return [
        f"{name}:{line} {call}"
        for name, tree in modules(root, "lumi")
        if name not in COMMITTERS
        for line, call, _ in calls(tree)
        if call.endswith((".commit", ".rollback"))
    ]


# What twins share: outside systems make their own connections.
TWINS = "lumi/integrations/twin/"


def own_connections(root: Path) -> list[str]:
    """Connections opened elsewhere than in lumi.core; twins are servers and may."""
    found: set[str] = set()
    for name, tree in modules(root, "lumi"):
        if name.startswith(("lumi/core/", TWINS)) or fnmatch(name, "lumi/integrations/*/fake*"):
            continue
        if any(_is_below(each, CONNECTING) for _, each in imported(tree)):
            found.add(name)
        if any(call in CONNECTING_CALLS for _, call, _ in calls(tree)):
            found.add(name)
    return compared(found, MAY_CONNECT)


def _is_below(name: str, packages: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in packages for length in range(1, len(parts) + 1))


def broad_excepts(root: Path) -> list[str]:
    """`except Exception` and wider; only what runs foreign code for others may."""
    found: set[str] = set()
    for name, tree in modules(root, "lumi"):
        for node in walk(tree):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node):
                found.add(name)
    return compared(found, MAY_CATCH_EVERYTHING)


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(dotted(one) in ("Exception", "BaseException") for one in each)


def explicit_any(root: Path) -> list[str]:
    """`typing.Any`, written out; ruff's ANN401 sees only some of its places."""
    found: set[str] = set()
    for name, tree in modules(root, "lumi", "tests", "benchmarks", "scripts", "migrations"):
        named = any(each in ("typing.Any", "typing_extensions.Any") for _, each in imported(tree))
        if named or any(dotted(node) == "typing.Any" for node in walk(tree) if isinstance(node, ast.Attribute)):
            found.add(name)
    return compared(found, MAY_SAY_ANY)


def slow_middleware(root: Path) -> list[str]:
    """BaseHTTPMiddleware and `@app.middleware`: they cost more than half of the requests a second."""
    return [
        f"{name}:{node.lineno}"
        for name, tree in modules(root, "lumi")
        for node in walk(tree)
        if (isinstance(node, ast.Name | ast.Attribute) and dotted(node).endswith("BaseHTTPMiddleware"))
        or (isinstance(node, ast.Call) and dotted(node.func).endswith(".middleware"))
    ]


def eager_relationships(root: Path) -> list[str]:
    """Relationships that load by themselves; each has to say lazy="raise"."""
    return [
        f"{name}:{line}"
        for name, tree in modules(root, "lumi")
        for line, call, node in calls(tree)
        if call.split(".")[-1] == "relationship"
        and not any(
            each.arg == "lazy" and isinstance(each.value, ast.Constant) and each.value.value == "raise"
            for each in node.keywords
        )
    ]


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


# Zones belong to Python, whose tzdata is ours; the server's can be wrong by months.
_ZONES = re.compile(
    r"at\s+time\s+zone|::\s*timestamp\b|::\s*date\b|\bcast\s*\([^)]*\bas\s+(timestamp(?!tz)|date)\b|\btimezone\s*\("
    r"|date_trunc\s*\([^,()]*,[^,()]*,|set\s+(local\s+)?time\s*zone\b(?!\s+(?:to\s+|=\s*)?'UTC')|\bcurrent_date\b|\blocaltimestamp\b",
    re.IGNORECASE,
)


def zones_in_sql(root: Path) -> list[str]:
    """Conversions between zones in SQL, in files and in the texts of Python."""
    found = [
        f"{place(root, path)}:{line} {text.strip()}"
        for path in files(root, ["lumi", "migrations"], ".sql")
        for line, text in enumerate(text_of(path).splitlines(), 1)
        if _ZONES.search(text.partition("--")[0])
    ]
    for name, tree in modules(root, "lumi", "migrations"):
        found += [
            f"{name}:{node.lineno} {node.value.strip()[:60]}"
            for node in walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ZONES.search(node.value)
        ]
    return found
