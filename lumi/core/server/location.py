"""Where the server of a LUMI_HOME keeps its data, socket, passwords, locks and log.

All of it lies in `LUMI_HOME/server`. Root's server runs as another user, and where that user cannot reach
LUMI_HOME (a folder under /root) it all lies in `/var/lib/lumi/<hash>` instead; where it cannot reach the
wheel, the programs are copied to `/var/lib/lumi`. The choice is written down in `LUMI_HOME/server.at`, so a
later chmod does not lose the data.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lumi.core.server import account, locks, programs
from lumi.core.server.account import Account

SHELF = Path("/var/lib/lumi")
_SOCKET_NAME_BYTES = len("/.s.PGSQL.5432")
_SOCKET_PATH_LIMIT_BYTES = 103  # macOS has the shortest; Linux allows 107


@dataclass(frozen=True)
class Place:
    home: Path
    state: Path
    socket_dir: Path
    bin: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def passwords(self) -> Path:
        return self.state / "passwords.json"

    @property
    def log(self) -> Path:
        return self.state / "server.log"

    @property
    def clients_lock(self) -> Path:
        return self.state / "clients.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor for its life; holds its process id once a server runs under it."""
        return self.state / "supervisor.lock"

    @property
    def provisioned(self) -> Path:
        """There once roles, database and extension are complete."""
        return self.state / "provisioned"

    @property
    def note(self) -> str | None:
        """What an operator should know about unusual places; None when everything lies in LUMI_HOME."""
        told: list[str] = []
        if self.state.parent != self.home:
            told.append(f"{self.home} is closed to the user {self.account.name}: data is kept in {self.state}")
        if self.bin != programs.folder():
            told.append(f"the programs are closed to the user {self.account.name}: copied to {self.bin}")
        return "; ".join(told) or None


def prepare(home: Path, say: Callable[[str], None]) -> Place:
    """Finds or makes the folders of this home's server. Safe to call from several processes at once."""
    home = home.expanduser().resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.alone_in(home):
        state = _known_state(home)
        runner = (state and account.owner_of(state / "data")) or account.for_home(home)
        if runner.is_other and os.geteuid() != 0:
            raise PermissionError(f"the database in {state} belongs to the user {runner.name}: run as that user")
        _let_pass(home, runner)
        if state is None:
            state = _choose_state(home, runner)
        keeper = home.stat().st_uid
        _folder(state, owner=keeper, group=runner.gid, mode=0o710 if runner.uid != keeper else 0o700)
        sockets = _socket_dir(state)
        _folder(sockets, owner=runner.uid, group=runner.gid, mode=0o700)
        return Place(home, state, sockets, _bin(runner, say), runner)


def _known_state(home: Path) -> Path | None:
    record = home / "server.at"
    if record.exists():
        return Path(record.read_text().strip())
    inside = home / "server"
    return inside if (inside / "data").exists() else None


def _choose_state(home: Path, runner: Account) -> Path:
    if not runner.is_other or runner.can_enter(home):
        return home / "server"
    state = _shelf() / _hash(home)
    record = home / "server.at"
    record.write_text(f"{state}\n")
    os.chown(record, home.stat().st_uid, -1)
    return state


def _shelf() -> Path:
    SHELF.mkdir(parents=True, exist_ok=True)
    if not SHELF.stat().st_mode & 0o001:
        SHELF.chmod(0o711)
    return SHELF


def _let_pass(home: Path, runner: Account) -> None:
    # LUMI_HOME is ours: its group becomes the server's, which may walk through it and not look around.
    found = home.stat()
    if not runner.is_other or found.st_uid != 0 or found.st_mode & 0o001:
        return
    if found.st_gid != runner.gid or not found.st_mode & 0o010:
        os.chown(home, -1, runner.gid)
        home.chmod(stat.S_IMODE(found.st_mode) & 0o700 | 0o010)


def _folder(path: Path, *, owner: int, group: int, mode: int) -> None:
    """Makes the folder, or sees to it that it is ours. Refuses one that somebody else put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
        raise PermissionError(f"{path} belongs to another user: remove it, or run as its owner")
    if os.geteuid() == 0 and (found.st_uid, found.st_gid) != (owner, group):
        os.chown(path, owner, group)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)


def _socket_dir(state: Path) -> Path:
    inside = state / "run"
    if len(os.fsencode(inside)) + _SOCKET_NAME_BYTES <= _SOCKET_PATH_LIMIT_BYTES:
        return inside
    if os.geteuid() == 0:
        return _shelf() / f"run-{_hash(state)}"
    return Path("/tmp") / f"lumi-{_hash(state)}"  # noqa: S108 (checked to be ours, 0700)


def _bin(runner: Account, say: Callable[[str], None]) -> Path:
    found = programs.folder()
    if not runner.is_other or runner.can_run(found / "postgres"):
        return found
    say("Copying the database programs to where their user may run them")
    return programs.copy_below(_shelf())


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
