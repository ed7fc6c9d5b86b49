"""Which tests need more than Python: told from the fixtures they ask for, so that nobody has to remember a marker."""

from collections.abc import Sequence

import pytest

# Whoever asks for one of these, directly or through others, starts or uses something outside the test's process.
OUTSIDE = frozenset(
    {"database_url", "redis_server", "redis_url", "make_redis", "home", "server", "empty", "running", "hidden"}
)
# Whole folders whose tests start processes.
PROCESSES = frozenset({"chaos", "cli"})


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark each test that needs something outside its own process."""
    for item in items:
        fixtures: Sequence[str] = getattr(item, "fixturenames", ())
        if OUTSIDE.intersection(fixtures) or PROCESSES.intersection(item.path.parts):
            item.add_marker(pytest.mark.integration)
