"""Settings as an environment says."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import pytest

from lumi.core.settings import Settings, get_settings


class Given(Protocol):
    """`given(LOG_LEVEL="debug")`: the settings of a process with these variables; raises MissingSetting."""

    def __call__(self, **variables: str) -> Settings: ...


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Generator[Given]:
    """Settings read as a process reads them when it starts; afterwards as before."""

    def read(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        return get_settings()

    yield read
    get_settings.cache_clear()
