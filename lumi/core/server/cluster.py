"""The files of a cluster: made once by initdb, with passwords from the first moment, and our settings."""

import json
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from lumi.core.server.failures import ServerFailed
from lumi.core.server.location import Place
from lumi.core.server.postmaster import ENVIRONMENT, dying_with_us, run_as

SUPERUSER, OWNER, APP, SYSTEM = "postgres", "lumi_owner", "lumi_app", "lumi_system"
DATABASE = "lumi"

# For a small machine: few idle processes, no parallel plans (they need more /dev/shm than containers have).
_SETTINGS = """\
# Written by Lumi at every start; put your own settings into local.conf beside this file, they win.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
huge_pages = off
io_method = sync
max_worker_processes = 4
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
autovacuum_max_workers = 2
wal_level = replica
max_wal_senders = 2
min_wal_size = 48MB
max_wal_size = 512MB
fsync = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
log_lock_waits = on
log_parameter_max_length_on_error = 0
include_if_exists 'local.conf'
"""
# A throwaway serves tests: several houses at once, each with pools of its own.
_SETTINGS_OF_A_THROWAWAY = "fsync = off\nfull_page_writes = off\nautovacuum_naptime = 1h\nmax_connections = 400\n"


def forgo_durability(place: Place) -> None:
    """For a cluster that may be lost with the machine. Says nothing to a cluster that already exists."""
    if not place.data.exists():
        _write(place, place.state / "local.conf", _SETTINGS_OF_A_THROWAWAY, shared=True)


def create_if_missing(place: Place) -> None:
    """Whole or not at all: initdb works in a draft folder that gets its name at the end. Refuses to put an empty
    database where there was one with data, such as on a volume that is not mounted."""
    if not place.data.exists():
        if place.provisioned.exists():
            raise ServerFailed(f"{place.data} was there and is gone: bring it back, or remove {place.state}")
        for leftover in place.state.glob("draft-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        _write(place, place.passwords, json.dumps(_new_passwords()))
        _initdb(place)
    _write(place, place.state / "postgresql.conf", _SETTINGS, shared=True)


def read_passwords(place: Place) -> dict[str, str]:
    """The password of each role that may log in. Refuses when the file was lost: it can't be made again."""
    try:
        found: object = json.loads(place.passwords.read_text())
    except FileNotFoundError:
        raise ServerFailed(f"{place.data} is there and its {place.passwords.name} is gone: put it back") from None
    if not isinstance(found, dict):
        raise ServerFailed(f"{place.passwords} cannot be read as passwords")
    return {str(name): str(word) for name, word in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def mark_provisioned(place: Place) -> None:
    _write(place, place.provisioned, "1\n")


def _new_passwords() -> dict[str, str]:
    return {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}


def _initdb(place: Place) -> None:
    draft = place.state / f"draft-{os.getpid()}"
    words = place.state / f"{draft.name}.word"
    draft.mkdir(mode=0o700)
    _write(place, words, read_passwords(place)[SUPERUSER])
    if os.geteuid() == 0:
        os.chown(draft, place.account.uid, place.account.gid)
        os.chown(words, place.account.uid, place.account.gid)
    command = [
        str(place.bin / "initdb"),
        "-D",
        str(draft),
        "-U",
        SUPERUSER,
        f"--pwfile={words}",
        "--no-instructions",
    ]
    command += [
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]
    try:
        done = subprocess.run(  # noqa: S603 (our own words and paths)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            check=False,
            preexec_fn=dying_with_us(signal.SIGKILL),
            **run_as(place),
        )
    finally:
        words.unlink()
    if done.returncode:
        raise ServerFailed(f"initdb ended with {done.returncode}; see {place.log}")
    draft.rename(place.data)


def _write(place: Place, path: Path, text: str, *, shared: bool = False) -> None:
    """Replaces the file in one step; `shared` lets the server's user read it too."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
    if os.geteuid() == 0:
        os.chown(draft, place.state.stat().st_uid, place.account.gid)
    draft.chmod(0o640 if shared else 0o600)
    draft.rename(path)
