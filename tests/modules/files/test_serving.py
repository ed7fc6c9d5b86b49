"""What a link gives to whoever has it: the bytes, harmless, and no longer than was said."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lumi.core import clock
from lumi.core.ids import new_id
from lumi.modules.files.events import ScanFile
from lumi.modules.files.public import Infected, NotScanned, ScanFailed, open_vault
from lumi.modules.files.services import links, scanning
from lumi.modules.files.values import FileState, Finding, Pass
from tests import factories
from tests.modules.files import samples
from tests.modules.files.conftest import Looker, kept

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from httpx2 import AsyncClient, Response

    from lumi.core.db import Database
    from lumi.core.http import Http
    from lumi.core.settings import Settings
    from lumi.modules.files.public import StoredFile, Vault
    from lumi.modules.tenants.public import Tenant

pytestmark = pytest.mark.usefixtures("ours")


async def stored(vault: Vault, database: Database, tenant: Tenant, name: str) -> StoredFile:
    async with factories.begin_work(database, tenant) as ctx:
        return await vault.store(ctx, name=name, chunks=samples.pieces(samples.TAKEN[name][0]))


async def linked(vault: Vault, database: Database, tenant: Tenant, name: str, *, seconds: int | None = None) -> str:
    file = await stored(vault, database, tenant, name)
    async with factories.begin_work(database, tenant) as ctx:
        return (await vault.link(ctx, file.id, seconds=seconds)).url.removeprefix("https://lumi.example")


def token_of(tenant: Tenant, file: StoredFile, *, left: timedelta) -> str:
    return links.token(Pass(tenant.id, file.id, clock.now() + left))


@pytest.mark.parametrize("name", samples.TAKEN)
async def test_whoever_has_the_link_gets_the_bytes_and_nothing_in_them_runs(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant, name: str
) -> None:
    body, mime, kind = samples.TAKEN[name]
    url = await linked(vault, database, tenant, name)

    answer = await client.get(url)

    assert (answer.status_code, answer.content) == (200, body)
    says = answer.headers
    assert says["content-type"].partition(";")[0] == mime
    assert says["x-content-type-options"] == "nosniff"
    assert "sandbox" in says["content-security-policy"]
    assert "script-src" not in says["content-security-policy"]
    assert says["content-security-policy"].startswith("default-src 'none'")
    assert says["referrer-policy"] == "no-referrer"
    assert says["content-disposition"].startswith("attachment" if kind == "document" else "inline")
    assert says["content-length"] == str(len(body))


async def test_a_link_is_good_as_long_as_it_says_and_no_browser_keeps_it_longer(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant
) -> None:
    url = await linked(vault, database, tenant, "photo.png", seconds=40)
    file = await stored(vault, database, tenant, "photo.png")

    private, _, age = (await client.get(url)).headers["cache-control"].partition(", max-age=")
    assert private == "private"
    assert 30 <= int(age) <= 40
    late = await client.get(f"/files/{token_of(tenant, file, left=-timedelta(seconds=1))}")
    assert (late.status_code, late.json()["code"]) == (410, "link_expired")


async def test_a_link_that_was_changed_or_made_up_leads_nowhere(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    file = await stored(vault, database, tenant, "photo.png")
    good = token_of(tenant, file, left=timedelta(minutes=1))
    raw = bytearray(base64.urlsafe_b64decode(good))
    changed = [bytes(raw[:n]) + bytes([raw[n] ^ 1]) + bytes(raw[n + 1 :]) for n in range(len(raw))]
    forged = [base64.urlsafe_b64encode(each).decode() for each in (*changed, raw[:-1], raw + b"x", raw[:37], b"")]
    elsewhere = [
        links.token(Pass(other_tenant.id, file.id, clock.now() + timedelta(minutes=1))),
        links.token(Pass(tenant.id, new_id(), clock.now() + timedelta(minutes=1))),
    ]

    assert (await client.get(f"/files/{good}")).status_code == 200
    for token in (*forged, *elsewhere, good[:-1], f"{good}=", f"{good}A", "x", "é", "a" * 200):
        answer = await client.get(f"/files/{token}")
        assert answer.status_code in {404, 405}, token
    assert links.read(good.replace("-", "+").replace("_", "/")) in {None, links.read(good)}


def test_a_link_says_what_was_put_in_and_is_written_in_one_way_only() -> None:
    granted = Pass(new_id(), new_id(), datetime(2026, 11, 21, 8, tzinfo=UTC))
    token = links.token(granted)

    assert links.read(token) == granted
    assert links.token(granted) == token
    assert len(token) == 92
    assert token.replace("-", "").replace("_", "").isalnum()
    assert granted.file_id.hex not in token


@pytest.mark.parametrize("name", ["song.mp3", "film.mp4", "menu.pdf"])
async def test_a_part_can_be_had_as_players_ask_for_it(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant, name: str
) -> None:
    body = samples.TAKEN[name][0]
    url = await linked(vault, database, tenant, name)

    size = len(body)
    for header, first, end in (("bytes=0-3", 0, 4), ("bytes=10-", 10, size), ("bytes=-5", size - 5, size)):
        part = await client.get(url, headers={"Range": header})
        assert (part.status_code, part.content) == (206, body[first:end])
        assert part.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
    assert (await client.get(url, headers={"Range": f"bytes={len(body)}-"})).status_code == 416
    assert (await client.get(url, headers={"Range": "bytes=0-1,3-4"})).status_code == 200


async def test_what_the_browser_has_is_not_sent_again(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant
) -> None:
    url = await linked(vault, database, tenant, "song.mp3")
    tag = (await client.get(url)).headers["etag"]

    again = await client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get(url, headers={"Range": "bytes=0-3", "If-Range": tag})).status_code == 206
    assert (await client.get(url, headers={"Range": "bytes=0-3", "If-Range": '"other"'})).status_code == 200


async def test_a_large_file_comes_whole(client: AsyncClient, vault: Vault, database: Database, tenant: Tenant) -> None:
    body = samples.TAKEN["film.mp4"][0] + bytes(range(256)) * 8_000
    async with factories.begin_work(database, tenant) as ctx:
        file = await vault.store(ctx, name="film.mp4", chunks=samples.pieces(body))
        assert await vault.read(ctx, file.id) == body
    url = f"/files/{token_of(tenant, file, left=timedelta(minutes=1))}"

    assert (await client.get(url)).content == body
    assert (await client.get(url, headers={"Range": "bytes=300000-1300000"})).content == body[300_000:1_300_001]


async def test_bytes_that_are_gone_are_told_before_anything_is_promised(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant, files_root: Path
) -> None:
    url = await linked(vault, database, tenant, "photo.png")
    for each in kept(files_root):
        each.unlink()

    answer = await client.get(url)

    assert (answer.status_code, answer.json()["code"]) == (410, "bytes_gone")


@pytest.mark.parametrize(
    ("finding", "status", "code"),
    [
        (None, 409, "not_scanned"),
        (Finding(FileState.INFECTED, "Eicar"), 410, "file_infected"),
        (Finding(FileState.FAILED, "too large"), 409, "scan_failed"),
        (Finding(FileState.CLEAN), 200, ""),
    ],
)
async def test_with_a_scanner_nothing_is_handed_out_that_is_not_clean(
    client: AsyncClient,
    vault: Vault,
    database: Database,
    tenant: Tenant,
    finding: Finding | None,
    status: int,
    code: str,
) -> None:
    file = await stored(vault, database, tenant, "photo.png")
    vault.scanner = Looker([finding or Finding(FileState.CLEAN)])
    if finding is not None:
        async with factories.begin_work(database, tenant) as ctx:
            await scanning.scan(vault, ctx, ScanFile(file.id))

    answer: Response = await client.get(f"/files/{token_of(tenant, file, left=timedelta(minutes=1))}")

    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == code


async def test_what_came_in_while_nobody_looked_is_shut_once_somebody_does(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant
) -> None:
    url = await linked(vault, database, tenant, "photo.png")
    assert (await client.get(url)).status_code == 200

    vault.scanner = Looker([Finding(FileState.CLEAN)])

    assert (await client.get(url)).json()["code"] == "not_scanned"


@pytest.mark.parametrize("scanner", [None, "off"])
async def test_in_production_what_nobody_looks_at_is_kept_and_handed_out_only_where_that_was_decided(
    app: FastAPI, client: AsyncClient, database: Database, tenant: Tenant, settings: Settings, http: Http,
    scanner: str | None,
) -> None:  # fmt: skip
    told = {"app_env": "production", "scanner": scanner}
    app.state.vault = vault = open_vault(settings.model_copy(update=told), database, http)
    file = await stored(vault, database, tenant, "photo.png")

    answer = await client.get(f"/files/{token_of(tenant, file, left=timedelta(minutes=1))}")

    assert file.state is FileState.UNSCANNED
    assert answer.status_code == (409 if scanner is None else 200)
    assert scanner is not None or answer.json()["code"] == "no_scanner"
    assert (vault.passing(tenant.id, file.id, file.state) is None) == (scanner is None)
    async with factories.begin_work(database, tenant) as ctx:
        for_us = await vault.get_for_us(ctx, file.id)
    assert b"".join([each async for each in await vault.begin(for_us)]) == samples.TAKEN["photo.png"][0]


@pytest.mark.parametrize("state", [FileState.INFECTED, FileState.FAILED, FileState.PENDING])
async def test_what_somebody_is_to_look_at_or_found_bad_is_not_read_by_us_either(
    vault: Vault, database: Database, tenant: Tenant, state: FileState
) -> None:
    vault.scanner = Looker([Finding(FileState.CLEAN)])
    file = await stored(vault, database, tenant, "photo.png")
    if state is not FileState.PENDING:
        vault.scanner = Looker([Finding(state, "Eicar")])
        async with factories.begin_work(database, tenant) as ctx:
            await scanning.scan(vault, ctx, ScanFile(file.id))

    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises((Infected, ScanFailed, NotScanned)):
            await vault.get_for_us(ctx, file.id)


async def test_the_link_stands_in_no_line_of_the_log(
    client: AsyncClient, vault: Vault, database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await linked(vault, database, tenant, "photo.png")
    capsys.readouterr()

    await client.get(url)

    said = [line for line in capsys.readouterr().err.splitlines() if "httpx2" not in line]
    assert any("/files/***" in line for line in said)
    assert not any(url.rpartition("/")[2] in line for line in said)
