"""A twin, and connections to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lumi.integrations.speech.fake.server import RunningTwin, running
from lumi.integrations.speech.fake.twin import TwinSettings


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[RunningTwin]:
    async with running(TwinSettings(log_path=tmp_path / "taken.jsonl")) as twin:
        yield twin
