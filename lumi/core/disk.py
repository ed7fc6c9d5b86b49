"""Disks, and what is left of them."""

from __future__ import annotations

import shutil
from pathlib import Path


def nearest(folder: Path) -> Path:
    """The folder, or what is nearest above it and there already."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def free_bytes(folder: Path) -> int:
    """How much more fits on the disk of a folder that may still have to be made."""
    return shutil.disk_usage(nearest(folder)).free
