"""Which tests need more than Python: told from the fixtures they ask for, so that nobody has to remember a marker.

And which run where: those that share something dear run in one process, the longest first.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

# Whoever asks for one of these, directly or through others, starts or uses something outside the test's process.
OUTSIDE = frozenset(
    {"database_url", "redis_server", "redis_url", "make_redis", "home", "server", "empty", "running", "hidden"}
)
# Whole folders whose tests start processes.
PROCESSES = frozenset({"chaos", "cli"})
# What the tests of a folder share takes long to start: a running Lumi, two furnished organisations, a browser.
TOGETHER = frozenset({"tests/cli", "tests/isolation", "tests/browser", "tests/plans"})
# Those of such a folder that do not use it.
APART = frozenset({"tests/cli/test_commands.py", "tests/cli/test_first_start.py", "tests/cli/test_init.py"})
# Begun late, these would be waited for: the longest first, and of those that wait one beside one that computes.
LONGEST = (
    "tests/cli", "tests/chaos/test_kill_nine.py", "tests/chaos/test_storm.py", "tests/deploy/test_steps.py",
    "tests/chaos/test_merge.py", "tests/chaos/test_poison.py", "tests/chaos", "tests/journeys/test_restored_house.py",
    "tests/journeys/channels/test_every_channel.py", "tests/api/test_any_request.py", "tests/core/test_migrations.py",
    "tests/benchmarks", "tests/core/test_backup.py", "tests/shape/test_tree.py", "tests/bodies",
    "tests/integrations/mailbox/test_contract.py", "tests/journeys", "tests/deploy", "tests/isolation", "tests/core",
    "tests/browser", "tests/api",
)  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded to collect stays to the end: Python need not look through it again and again for what may go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that needs something outside its own process; put the longest first."""
    for item in items:
        fixtures: Sequence[str] = getattr(item, "fixturenames", ())
        if OUTSIDE.intersection(fixtures) or PROCESSES.intersection(item.path.parts):
            item.add_marker(pytest.mark.integration)
    items.sort(key=lambda item: _rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Of several processes each takes a file, or a folder whose tests share something, and then the next."""
    from xdist.scheduler import LoadScopeScheduling

    class Files(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _place(nodeid)

    return Files(config, log)


def _place(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    folder = path.rpartition("/")[0]
    return folder if folder in TOGETHER and path not in APART else path


def _rank(nodeid: str) -> int:
    path = nodeid.partition("::")[0]
    return next((rank for rank, long in enumerate(LONGEST) if f"{path}/".startswith(f"{long}/")), len(LONGEST))
