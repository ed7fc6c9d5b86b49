"""The bare parts: what PostgreSQL itself commits with as many clients, by its own pgbench."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.line_parts.figures import percentile
from benchmarks.line_parts.ground import Ground, password, server_words
from benchmarks.line_parts.processes import Failed
from lumi.core.server import attach

# The two rows that a webhook leaves, as one statement and one commit: its key, unchanged if known, and the event.
_STATEMENT = """\
with new as (
    insert into event_key (tenant_id, account_id, provider_id)
    values ('{tenant}', '{account}', 'pgbench.' || uuidv7()) on conflict do nothing returning provider_id
)
insert into event (tenant_id, thread_id, n, kind, provider_id, payload, sent_at, settled_at, settled_by)
select '{tenant}', '{thread}', nextval('bench_n'), 'message', provider_id,
    '{{"kind":"text","type":"text","text":"Do you open on Sunday morning?","name":"Guest 33600000000"}}',
    now(), now(), 'human' from new;
"""


@dataclass(frozen=True)
class Bare:
    """Commits a second, and milliseconds each."""

    rate: float
    latency_ms: list[float]

    def ms(self, share: float) -> float:
        """A percentile of the time one commit takes."""
        return percentile(self.latency_ms, share)


async def insert_and_commit(ground: Ground, *, clients: int, seconds: float, rate: float | None = None) -> Bare:
    """The same INSERT and COMMIT, `clients` at a time, each again as soon as it is done.

    With a rate so many a second, whether they are done or not; each then takes from its planned instant on.
    """
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="pgbench-", dir=ground.logs))
    script = folder / "insert.sql"
    script.write_text(await _statement(ground))
    process = await asyncio.create_subprocess_exec(
        str(attach.tool("pgbench")), *server_words(ground.server), "-n", "-M", "prepared", "-f", str(script),
        "-c", str(clients), "-j", "1", "-T", str(max(1, round(seconds))), "-l", "--log-prefix", str(folder / "took"),
        *(["-R", f"{rate:g}"] if rate else []),
        "lumi", env={**os.environ, "PGPASSWORD": password(ground.server)}, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said = (await process.communicate())[0].decode()
    finally:
        if process.returncode is None:
            process.kill()
    found = re.search(r"tps = ([\d.]+)", said)
    if process.returncode or found is None:
        raise Failed(f"pgbench: {said[-2000:]}")
    took = await asyncio.to_thread(_latencies, folder)
    await asyncio.to_thread(shutil.rmtree, folder)
    return Bare(float(found[1]), took)


def _latencies(folder: Path) -> list[float]:
    lines = (line for file in folder.glob("took*") for line in file.read_text().splitlines())
    return [int(line.split(" ", 3)[2]) / 1000 for line in lines]


async def _statement(ground: Ground) -> str:
    """The script, on a thread of its own that no lane knows."""
    thread = await ground.bench_thread()
    return _STATEMENT.format(tenant=ground.tenant_id, account=ground.account_id, thread=thread)
