"""A program run as a child stays within its limits, sees no secret, and is never left behind."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest
import uvloop

from lumi.core.http import Unavailable
from lumi.integrations.speech.child import Ended, Limits, Program, run
from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected
from tests.waiting import PATIENCE_SECONDS, until

SHELL = Program("sh", "it is everywhere")
PYTHON = Program("python", "it runs this", path=sys.executable)
ROOM = Limits(output_bytes=1 << 20, seconds=20.0, cpu_seconds=10, memory_bytes=1 << 30)


async def shell(script: str, given: bytes = b"", limits: Limits = ROOM, *, keep: bool = True) -> Ended:
    return await run(SHELL, ["-c", script], given, limits, keep=keep)


def alive(mark: str) -> list[psutil.Process]:
    """Processes with this word among their arguments, dead ones nobody has buried included."""
    found: list[psutil.Process] = []
    for each in psutil.process_iter():
        try:
            if mark in each.cmdline() or (each.ppid() == os.getpid() and each.status() == psutil.STATUS_ZOMBIE):
                found.append(each)
        except psutil.Error:
            continue
    return found


async def test_what_goes_in_comes_out() -> None:
    ended = await run(Program("cat", ""), [], b"\x00\xff" * 300_000, ROOM)
    assert (ended.code, ended.output) == (0, b"\x00\xff" * 300_000)


async def test_arguments_are_never_read_by_a_shell() -> None:
    ended = await run(Program("printf", ""), ["%s", "$(id) `id`; id && id | id > x 'y'"], b"", ROOM)
    assert ended.output == b"$(id) `id`; id && id | id > x 'y'"


async def test_a_failure_is_told_by_its_code_and_its_last_words() -> None:
    ended = await shell("echo never mind >&2; exit 7")
    assert (ended.code, ended.words) == (7, "never mind\n")


async def test_last_words_are_kept_short() -> None:
    assert len((await shell("yes word | head -c 100000 >&2")).words) == 2_000


async def test_output_that_is_only_counted_is_not_kept() -> None:
    ended = await shell("head -c 500000 /dev/zero", keep=False)
    assert (ended.size, ended.output) == (500_000, b"")


async def test_more_output_than_allowed_ends_it_at_once() -> None:
    ended = await shell("yes", limits=replace(ROOM, output_bytes=10_000))
    assert ended.overflowed
    assert len(ended.output) <= 10_000


async def test_a_program_that_does_not_listen_does_not_hold_us_up() -> None:
    assert (await shell("exit 0", b"x" * 5_000_000)).code == 0


async def test_more_time_than_allowed_is_unavailable_and_ends_it() -> None:
    with pytest.raises(Unavailable, match=r"sh took more than 0\.3 s"):
        await shell("sleep 61.25", limits=replace(ROOM, seconds=0.3))
    await until(lambda: not alive("61.25"))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_run_cancelled_at_any_moment_leaves_no_process_and_none_of_its_children(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def cancel_each() -> None:
        for turn in range(24):
            task = asyncio.create_task(shell("sleep 62.25 & sleep 62.25; wait"))
            for _ in range(turn % 8):
                await asyncio.sleep(0)
            await asyncio.sleep(turn // 8 * 0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await task
        await until(lambda: not alive("62.25"))

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(cancel_each())


async def test_processor_time_is_limited_and_is_the_fault_of_the_input() -> None:
    began = time.monotonic()
    with pytest.raises(SpeechRejected) as refusal:
        await shell("while :; do :; done", limits=replace(ROOM, cpu_seconds=1))
    assert refusal.value.reason is Reason.TOO_COSTLY
    assert time.monotonic() - began < 8


async def test_memory_is_limited() -> None:
    script = "x = bytearray(512 << 20); print('taken')"
    ended = await run(PYTHON, ["-I", "-c", script], b"", replace(ROOM, memory_bytes=256 << 20))
    assert ended.code == 1
    assert "MemoryError" in ended.words
    assert (await run(PYTHON, ["-I", "-c", script], b"", ROOM)).output == b"taken\n"


async def test_it_can_write_no_file_unless_it_may() -> None:
    with tempfile.NamedTemporaryFile() as file:
        await shell(f"echo stolen > {file.name}")
        assert file.read() == b""
        await shell(f"echo fine > {file.name}", limits=replace(ROOM, file_bytes=4096))
        assert file.read() == b"fine\n"


async def test_nothing_of_our_environment_is_shown_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the-master-key")
    ended = await shell("env")
    names = {line.partition(b"=")[0] for line in ended.output.splitlines()}
    assert names <= {b"PATH", b"LD_LIBRARY_PATH", b"LC_ALL", b"HOME", b"PWD", b"OLDPWD", b"SHLVL", b"_"}


async def test_a_file_is_given_as_it_is_and_can_be_sought_in() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"0123456789")
        file.flush()
        file.seek(0)
        ended = await run(Program("tail", ""), ["-c", "3", "/dev/stdin"], file, ROOM)
    assert ended.output == b"789"


async def test_a_program_that_is_not_there_is_named_with_how_to_get_it() -> None:
    missing = Program("no-such-program", "`apt-get install it`")
    assert missing.missing() == "no-such-program is missing: `apt-get install it`"
    with pytest.raises(ProgramMissing) as failure:
        await run(missing, [], b"", ROOM)
    assert (failure.value.program, failure.value.advice) == ("no-such-program", "`apt-get install it`")
    assert failure.value.reason is Reason.MISSING


async def test_many_at_once_end_each_for_itself() -> None:
    ended = await asyncio.gather(*(shell(f"cat; exit {n}", str(n).encode()) for n in range(12)))
    assert [(each.code, each.output) for each in ended] == [(n, str(n).encode()) for n in range(12)]
