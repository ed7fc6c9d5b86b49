"""`make up`, `make down`, `make health`, `make logs`: one Lumi in the background, known by its data folder."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from lumi.core.settings import Settings, get_settings

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120
STOP_SECONDS = 30
screen = Console(highlight=False)


def up(settings: Settings) -> int:
    """Start, and return when it answers or has given up."""
    kept = settings.lumi_home / "lumi.pid"
    if (running := _running(kept)) is not None:
        screen.print(f"Lumi runs already (process {running}); make down stops it.")
        return 0
    log = settings.lumi_home / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-m", "lumi", "up"]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    kept.write_text(str(process.pid))
    with screen.status("Starting Lumi"):
        started = _wait(lambda: _is_up(process, settings), START_SECONDS)
    screen.print(log.read_text(errors="replace").strip(), markup=False)
    if started and process.poll() is None:
        screen.print("\nmake logs follows the logs, make down stops it.")
        return 0
    if process.poll() is None:
        _stop(process.pid)
    kept.unlink(missing_ok=True)
    screen.print(f"Lumi did not start; the whole output is in {log}.", markup=False)
    return 1


def down(settings: Settings) -> int:
    """Stop, and return when it has ended; nothing to stop is fine."""
    kept = settings.lumi_home / "lumi.pid"
    running = _running(kept)
    if running is None:
        screen.print("Nothing runs in the background here.")
    else:
        with screen.status("Stopping Lumi"):
            stopped = _stop(running)
        if not stopped:
            screen.print(f"Process {running} has not ended within {STOP_SECONDS} s.")
            return 1
        screen.print("Stopped.")
    kept.unlink(missing_ok=True)
    return 0


def health(settings: Settings) -> int:
    """Print what /readyz says; 0 when everything answers."""
    status, body = _readyz(settings)
    if status is None:
        screen.print(f"Nothing answers at {_address(settings)}.")
        return 1
    screen.print(json.dumps(body, indent=2), markup=False)
    return 0 if status == 200 and body.get("status") == "ok" else 1


def logs(settings: Settings) -> int:
    """Follow every log of the data folder until Ctrl-C."""
    files = sorted(str(path) for path in (settings.lumi_home / "logs").glob("*.log"))
    if not files:
        screen.print(f"No logs yet in {settings.lumi_home / 'logs'}.", markup=False)
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(["tail", "-n", "40", "-F", *files], check=False)
    return 0


def _is_up(process: "subprocess.Popen[bytes]", settings: Settings) -> bool:
    if process.poll() is not None:
        return True
    status, body = _readyz(settings)
    return status == 200 and body.get("status") == "ok"


def _readyz(settings: Settings) -> tuple[int | None, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"{_address(settings)}/readyz", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"{}")
    except (OSError, ValueError):
        return None, {}


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _running(kept: Path) -> int | None:
    """The process of the pid file, if it is a Lumi and not another that was given its number."""
    try:
        process = int(kept.read_text())
    except (OSError, ValueError):
        return None
    return process if "lumi" in _command(process) else None


def _command(process: int) -> str:
    listed = Path("/proc") / str(process) / "cmdline"
    if Path("/proc/self").exists():
        return listed.read_text(errors="replace") if listed.exists() else ""
    asked = subprocess.run(["ps", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False)
    return asked.stdout


def _stop(process: int) -> bool:
    os.kill(process, signal.SIGTERM)
    return _wait(lambda: not _lives(process), STOP_SECONDS)


def _lives(process: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, os.WNOHANG)  # our own child would otherwise stay as a zombie
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _wait(until: Callable[[], bool], seconds: float) -> bool:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if until():
            return True
        time.sleep(0.1)
    return False


COMMANDS = {"up": up, "down": down, "health": health, "logs": logs}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](get_settings()))
