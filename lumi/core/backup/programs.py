"""PostgreSQL's own programs for a server: those of the wheel, or the machine's where the server is newer."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from glob import glob
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from lumi.core.backup.failures import BackupFailed
from lumi.core.server import programs as wheel

_USED = ("pg_dump", "pg_restore", "psql")
_INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/*/bin")
_MAJOR = re.compile(r"\(PostgreSQL\) (\d+)")


def fitting(server_version_num: int, folders: Iterable[Path] | None = None) -> Path:
    """The folder whose pg_dump is the oldest that still knows this server. Refuses with BackupFailed."""
    wanted = server_version_num // 10_000
    found = {major: folder for folder in reversed([*(folders or _folders())]) if (major := _major(folder)) >= wanted}
    if not found:
        raise BackupFailed(
            f"The server is PostgreSQL {wanted} and this machine has no pg_dump of version {wanted} or newer: "
            f"install its client programs (postgresql-client-{wanted})."
        )
    return found[min(found)]


def without_password(url: str) -> tuple[str, str]:
    """The address for a command line, which others can read, and the password for the environment."""
    parts = urlsplit("postgresql://" + url.partition("://")[2])
    login, _, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=f"{user}@{place}" if user else place)), unquote(password)


def environment(password: str, settings: Mapping[str, str]) -> dict[str, str]:
    """What a program gets: the password where others cannot read it, and these settings for its session."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {**kept, "PGOPTIONS": options, **({"PGPASSWORD": password} if password else {})}


def _folders() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield wheel.folder()
    yield from (Path(each) for each in os.environ.get("PATH", "").split(os.pathsep) if each)
    for pattern in _INSTALLED:
        yield from (Path(each) for each in sorted(glob(pattern)))


def _major(folder: Path) -> int:
    """The major version of a folder with all the programs; 0 for any other."""
    if not all(os.access(folder / name, os.X_OK) for name in _USED):
        return 0
    try:
        said = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (a program of PostgreSQL)
    except OSError:
        return 0
    version = _MAJOR.search(said.stdout)
    return int(version[1]) if version else 0
