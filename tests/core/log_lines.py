"""How log lines leave the process while a test looks at them."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lumi.core.logging import Format, configure


@dataclass
class Lines:
    """Log settings; without any, every line from info on is JSON."""

    log_level: str = "INFO"
    log_format: Format = "json"
    log_file: Path | None = None
    log_file_max_bytes: int = 1_024
    log_file_kept: int = 2


@contextmanager
def as_json() -> Generator[None]:
    """JSON inside, the console afterwards, and the standard library's logger as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure(Lines())
    yield
    configure(Lines(log_format="console"))
    root.handlers[:] = handlers
    root.setLevel(level)
