"""`make redis-shell`, `debug-db`, `debug-redis`, `debug-logs`, `metrics`, `web-logs`: a look inside Lumi."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit, urlunsplit

from lumi.core.settings import Settings, get_settings

ROOT = Path(__file__).resolve().parents[1]
WORRYING = frozenset({"warning", "error", "critical"})
MOST_LINES = 50

DATABASE = """
\\echo Tables by size
select relname as table, n_live_tup as rows, n_dead_tup as dead, pg_size_pretty(pg_total_relation_size(relid)) as size
from pg_stat_user_tables order by pg_total_relation_size(relid) desc limit 15;
\\echo What runs now
select pid, usename, state, now() - xact_start as since, wait_event, left(query, 100) as query
from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid();
\\echo Who waits for whom
select pid, pg_blocking_pids(pid) as waits_for from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0;
"""


def debug_db(settings: Settings) -> int:
    """Sizes, what runs, who waits for whom."""
    return subprocess.run(
        [sys.executable, "-m", "lumi", "db-shell", "--quiet"], cwd=ROOT, input=DATABASE, text=True, check=False
    ).returncode


def redis_shell(settings: Settings) -> int:
    """redis-cli on the Redis of the settings."""
    return _redis(settings, [])


def debug_redis(settings: Settings) -> int:
    """What Redis says of itself, and how many keys are ours."""
    for words in (["info", "server"], ["info", "memory"], ["info", "clients"], ["info", "keyspace"]):
        if status := _redis(settings, words):
            return status
    return 0


def debug_logs(settings: Settings) -> int:
    """The newest warnings and errors of all logs."""
    found = [
        f"{file.stem}: {line}"
        for file in sorted((settings.lumi_home / "logs").glob("*.log"))
        for line in file.read_text(errors="replace").splitlines()
        if _is_worrying(line)
    ]
    print("\n".join(found[-MOST_LINES:]) or f"No warning and no error in {settings.lumi_home / 'logs'}.")
    return 0


def metrics(settings: Settings) -> int:
    """All figures of the running Lumi."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/metrics"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            print(answer.read().decode(), end="")
    except urllib.error.HTTPError as refusal:
        return _refuse(f"{address} answers {refusal.code}: PROMETHEUS_ENABLED may be off.")
    except OSError:
        return _refuse(f"Nothing answers at {address}; make up starts it.")
    return 0


def one_log(settings: Settings, name: str) -> int:
    """Follow the log of one process, of this folder or of its container."""
    file = settings.lumi_home / "logs" / f"{name}.log"
    if file.exists():
        return _follow(["tail", "-n", "40", "-F", str(file)])
    if name in _containers():
        return _follow(["docker", "compose", "logs", "--follow", "--tail", "40", name])
    known = sorted(each.stem for each in (settings.lumi_home / "logs").glob("*.log"))
    return _refuse(f"There is no log of {name} here; there are: {', '.join(known) or 'none yet, make up starts some'}.")


def _redis(settings: Settings, words: Sequence[str]) -> int:
    if settings.redis_address is None:
        return _refuse("REDIS_URL is not set: Lumi runs without Redis here.")
    if shutil.which("redis-cli") is None:
        return _refuse("redis-cli is not installed. On Debian and Ubuntu: apt install redis-tools")
    address, environment = _without_password(settings.redis_address)
    command = ["redis-cli", "-u", address, *words]
    return subprocess.run(command, env=environment, check=False).returncode


def _without_password(address: str) -> tuple[str, Mapping[str, str]]:
    """The address as redis-cli takes it, and the password where no list of processes shows it."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    if parts.username:
        place = f"{parts.username}@{place}"
    secret = {"REDISCLI_AUTH": unquote(parts.password)} if parts.password else {}
    return urlunsplit((parts.scheme, place, parts.path, "", "")), {**os.environ, **secret}


def _is_worrying(line: str) -> bool:
    try:
        said: object = json.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and cast("dict[str, object]", said).get("level") in WORRYING


def _containers() -> Sequence[str]:
    if shutil.which("docker") is None:
        return []
    asked = subprocess.run(
        ["docker", "compose", "ps", "--services"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.split() if asked.returncode == 0 else []


def _follow(command: Sequence[str]) -> int:
    try:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 1


COMMANDS: Mapping[str, Callable[[Settings], int]] = {
    "redis-shell": redis_shell,
    "debug-db": debug_db,
    "debug-redis": debug_redis,
    "debug-logs": debug_logs,
    "metrics": metrics,
}

if __name__ == "__main__":
    asked_for = sys.argv[1]
    chosen = COMMANDS.get(asked_for)
    sys.exit(chosen(get_settings()) if chosen else one_log(get_settings(), asked_for.removesuffix("-logs")))
