"""The lines a twin cut, as its log has them."""

from __future__ import annotations

import json
from pathlib import Path


def cuts(log: Path) -> list[str]:
    """The ids of the messages that were taken and not answered, in order."""
    lines = (json.loads(line) for line in log.read_text().splitlines())
    return [line["cut"] for line in lines if "cut" in line]
