"""The file of a backup, and the programs that fill it: whole or not at all, and nothing in it is believed unchecked."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from lumi.core.backup import archive, belongings, programs
from lumi.core.backup.archive import Facts
from lumi.core.backup.belongings import Places
from lumi.core.backup.failures import BackupFailed

FACTS = Facts(lumi="0.1.0", revision="r", postgres=180004, made_at="2026-11-21T08:00:00+00:00", key_mark="m")


def quiet(_line: str) -> None:
    """Progress nobody watches."""


def places(home: Path) -> Places:
    """Where files are when nobody says otherwise."""
    return Places(home, home / "uploads")


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def written(path: Path, parts: Mapping[str, bytes]) -> Path:
    """A complete backup of these parts."""
    with archive.drafting(path, quiet) as draft:
        for name, body in parts.items():
            await draft.take(name, pieces(body[:3], body[3:]), name)
        draft.close(FACTS)
    return path


async def test_what_was_put_in_comes_out_and_any_tar_reads_it(tmp_path: Path) -> None:
    parts = {"one": b"first", "files/uploads/two": bytes(700_000), "empty": b""}
    path = await written(tmp_path / "b.lumi", parts)

    with archive.opened(path) as backup:
        backup.verify(quiet)
        assert {name: b"".join(backup.chunks(name)) for name in parts} == parts
        assert backup.manifest.revision == "r"
    with tarfile.open(path) as tar:
        assert tar.getnames() == [*parts, "manifest.json"]


async def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = await written(tmp_path / "b.lumi", {"one": b"first"})

    assert path.stat().st_mode & 0o777 == 0o600


async def test_one_that_fails_half_way_leaves_nothing_and_the_older_one_as_it_was(tmp_path: Path) -> None:
    path = await written(tmp_path / "b.lumi", {"one": b"older"})
    before = path.read_bytes()

    async def broken() -> AsyncIterator[bytes]:
        yield b"newer"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"), archive.drafting(path, quiet) as draft:
        await draft.take("one", broken(), "one")

    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["b.lumi"]


async def test_one_that_was_cut_off_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    path = await written(tmp_path / "b.lumi", {"one": bytes(5000), "two": bytes(5000)})
    whole = path.read_bytes()
    manifest_ends = whole.rindex(b"}") + 1
    for length in range(0, manifest_ends, 509):
        path.write_bytes(whole[:length])
        with pytest.raises(BackupFailed, match=r"not a backup|not all|form"), archive.opened(path):
            pass


async def test_a_changed_byte_is_found_and_the_part_is_named(tmp_path: Path) -> None:
    path = await written(tmp_path / "b.lumi", {"one": b"a" * 600, "two": b"b" * 600})
    path.write_bytes(path.read_bytes().replace(b"b" * 600, b"b" * 300 + b"c" + b"b" * 299))

    with archive.opened(path) as backup, pytest.raises(BackupFailed, match="two in the backup is damaged"):
        backup.verify(quiet)


async def test_a_part_that_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    path = await written(tmp_path / "b.lumi", {"one": b"first"})
    with tarfile.open(path, "a") as tar:
        smuggled = tarfile.TarInfo("files/secret.key")
        smuggled.size = 3
        tar.addfile(smuggled, io.BytesIO(b"key"))

    with pytest.raises(BackupFailed, match="is not what its manifest"), archive.opened(path):
        pass


@pytest.mark.parametrize("body", [b"", b"PGDMP", b"\x1f\x8b\x08", b"a" * 2000])
def test_what_is_no_backup_at_all_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "b.lumi"
    path.write_bytes(body)

    with pytest.raises(BackupFailed, match="not a backup"), archive.opened(path):
        pass


@pytest.mark.parametrize(
    "name",
    [
        "files/../escaped",
        "files//etc/lumi",
        "files/server/passwords.json",
        "files/",
        "files/uploads/../../x",
        "files/uploads",
    ],
)
async def test_a_file_that_belongs_to_no_place_of_lumi_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str
) -> None:
    path = await written(tmp_path / "b.lumi", {name: b"x"})

    with archive.opened(path) as backup, pytest.raises(BackupFailed, match="belongs to no place"):
        belongings.stage(backup, places(tmp_path / "home"))

    assert not any((tmp_path / "home").rglob("*"))


async def test_files_go_to_their_places_at_once_and_what_was_there_is_gone(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for home, word in ((old, "old"), (new, "new")):
        (home / "uploads" / word).mkdir(parents=True)
        (home / "uploads" / word / "photo").write_text(word)
        (home / "secret.key").write_text(word)
        (home / "logs").mkdir()
    (new / "demo.json").write_text("new")
    with archive.drafting(tmp_path / "b.lumi", quiet) as draft:
        await belongings.save(draft, places(old), quiet)
        draft.close(FACTS)

    with archive.opened(tmp_path / "b.lumi") as backup:
        staged = belongings.stage(backup, places(new))
        assert (new / "secret.key").read_text() == "new"
        staged.settle()

    there = sorted(str(file.relative_to(new)) for file in new.rglob("*"))
    assert there == ["logs", "secret.key", "uploads", "uploads/old", "uploads/old/photo"]
    assert (new / "secret.key").read_text() == "old"
    assert (new / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("inside", [True, False])
async def test_uploads_are_kept_wherever_their_folder_is_here_and_there(tmp_path: Path, inside: bool) -> None:
    here = Places(tmp_path / "old", tmp_path / "old" / "media" if inside else tmp_path / "disk" / "files")
    there = Places(tmp_path / "new", tmp_path / "elsewhere" if inside else tmp_path / "new" / "uploads")
    for name, word in (("tenant/ab/cd/id", "kept"), ("incoming/half", "half"), ("restoring-1/x", "left")):
        (here.uploads / name).parent.mkdir(parents=True, exist_ok=True)
        (here.uploads / name).write_text(word)
    (there.uploads / "before").mkdir(parents=True)
    (there.uploads / "before" / "photo").write_text("before")
    with archive.drafting(tmp_path / "b.lumi", quiet) as draft:
        await belongings.save(draft, here, quiet)
        draft.close(FACTS)

    with archive.opened(tmp_path / "b.lumi") as backup:
        assert backup.names("files/") == ["files/uploads/tenant/ab/cd/id"]
        belongings.stage(backup, there).drop()
        assert (there.uploads / "before" / "photo").read_text() == "before"
        belongings.stage(backup, there).settle()

    assert [each for each in there.uploads.rglob("*") if each.is_file()] == [there.uploads / "tenant/ab/cd/id"]
    assert (there.uploads / "tenant/ab/cd/id").read_text() == "kept"
    assert not list(there.home.glob("restoring-*")) + list(there.uploads.glob("restoring-*"))


def test_what_is_only_passing_through_is_nobodys_upload(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "half").write_text("x")

    assert not belongings.has_uploads(tmp_path)
    assert not belongings.has_uploads(tmp_path / "missing")
    (tmp_path / "tenant").mkdir()
    (tmp_path / "tenant" / "file").write_text("x")
    assert belongings.has_uploads(tmp_path)


def installed(folder: Path, version: str) -> Path:
    """A folder with PostgreSQL's client programs of a version."""
    folder.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_oldest_programs_that_know_the_server_are_taken(tmp_path: Path) -> None:
    folders = [installed(tmp_path / version, version) for version in ("15.4", "20.1", "18.4", "19.2")]

    assert programs.fitting(180_000, folders).name == "18.4"
    assert programs.fitting(190_002, folders).name == "19.2"
    assert programs.fitting(200_000, folders).name == "20.1"


def test_without_programs_as_new_as_the_server_it_is_refused_in_one_sentence(tmp_path: Path) -> None:
    lonely = installed(tmp_path / "incomplete", "19.1")
    (lonely / "psql").unlink()

    with pytest.raises(BackupFailed) as refused:
        programs.fitting(190_001, [installed(tmp_path / "old", "18.4"), lonely])

    assert str(refused.value) == (
        "The server is PostgreSQL 19 and this machine has no pg_dump of version 19 or newer: "
        "install its client programs (postgresql-client-19)."
    )


def test_a_password_stays_out_of_the_command_line_and_the_environment_of_others_out_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")

    address, password = programs.without_password("postgresql+asyncpg://me:p%40ss@db.example:5433/lumi?sslmode=require")
    given = programs.environment(password, {"role": "lumi_owner"})

    assert address == "postgresql://me@db.example:5433/lumi?sslmode=require"
    assert {name: value for name, value in given.items() if name.startswith("PG")} == {
        "PGPASSWORD": "p@ss", "PGOPTIONS": "-c role=lumi_owner",
    }  # fmt: skip
