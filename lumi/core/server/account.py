"""Which user of the machine the server runs as. PostgreSQL refuses root, so root hands it to an account of
its own: `lumi`, made once with useradd (or busybox's adduser), else `nobody` where none can be made."""

import os
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import pwd

NAME = "lumi"
_RIVAL_WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    name: str

    @property
    def is_other(self) -> bool:
        """Whether a process has to change its user to become this one."""
        return os.geteuid() != self.uid

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder down to this one lets the account pass, by owner, group and mode."""
        return all(self._may(step, 0o1) for step in (folder, *folder.parents))

    def can_run(self, program: Path) -> bool:
        return self.can_enter(program.parent) and self._may(program, 0o5)

    def _may(self, path: Path, wanted: int) -> bool:
        found = path.stat()
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return stat.S_IMODE(found.st_mode) >> shift & wanted == wanted


def owner_of(path: Path) -> Account | None:
    """The account that owns this path; None when that is root or the path is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Account(found.st_uid, found.st_gid, _name_of(found.st_uid)) if found.st_uid else None


def for_home(home: Path) -> Account:
    """Ourselves; for root the folder's owner if that is a known user, else `lumi`, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _name_of(os.geteuid()))
    owner = owner_of(home)
    if owner is not None and not owner.name.isdigit():
        return owner
    return _find(NAME) or _make() or _find("nobody") or Account(65534, 65534, "nobody")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, name)


def _make() -> Account | None:
    shell = "/usr/sbin/nologin" if Path("/usr/sbin/nologin").exists() else "/sbin/nologin"
    if program := shutil.which("useradd"):
        call = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/var/lib/lumi"]
        call += ["--shell", shell, NAME]
    elif program := shutil.which("adduser"):
        call = [program, "-S", "-D", "-H", "-h", "/var/lib/lumi", "-s", shell, NAME]
    else:
        return None
    subprocess.run(call, capture_output=True, check=False, timeout=30)  # noqa: S603 (fixed words only)
    until = time.monotonic() + _RIVAL_WAIT_SECONDS
    # A refusal may mean that another process is making the same account at this moment.
    while (account := _find(NAME)) is None and time.monotonic() < until:
        time.sleep(0.05)
    return account
