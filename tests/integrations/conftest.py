"""What every outside system is called through."""

from collections.abc import AsyncIterator

import pytest

from lumi.core.http import Http


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """Our way out; never closed to a twin that fails on purpose."""
    async with Http(failures_to_open=1000) as opened:
        yield opened
