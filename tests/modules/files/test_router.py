"""Files over HTTP: sent, asked about, linked to, deleted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pytest

from tests.modules.files import samples
from tests.modules.files.conftest import kept

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.files.services.vault import Vault
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders

Json = dict[str, object]
PATH = "/v1/files"
FORM = b"--x\r\nContent-Disposition: form-data; ?\r\n\r\nwords\r\n--x--\r\n"
ROUTES = [
    ("POST", "", "files:write"),
    ("GET", "/{id}", "files:read"),
    ("POST", "/{id}/url", "files:read"),
    ("DELETE", "/{id}", "files:write"),
]


@pytest.fixture
async def headers(staff: StaffHeaders) -> dict[str, str]:
    return await staff("files:read", "files:write")


async def send(
    client: AsyncClient,
    headers: dict[str, str],
    name: str = "photo.png",
    body: bytes = samples.PNG,
    kind: str = "image/png",
) -> Json:
    answer = await client.post(PATH, headers=headers, files={"file": (name, body, kind)})
    assert answer.status_code == 201, answer.text
    return cast("Json", answer.json())


@pytest.mark.parametrize(("method", "path", "permission"), ROUTES)
async def test_a_stranger_is_refused_and_so_is_who_may_do_something_else(
    client: AsyncClient, staff: StaffHeaders, method: str, path: str, permission: str
) -> None:
    url = PATH + path.format(id=uuid4())
    other = await staff("files:read" if permission == "files:write" else "files:write")

    assert (await client.request(method, url)).status_code == 401
    assert (await client.request(method, url, headers=other)).status_code == 403


async def test_a_strangers_body_is_not_read(client: AsyncClient, ours: Vault) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 1 << 24:
            read += 65536
            yield bytes(65536)

    answer = await client.post(PATH, content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert answer.status_code == 401
    assert read < 1 << 22


async def test_whoever_sends_slowly_holds_no_connection_to_the_database(
    client: AsyncClient, headers: dict[str, str], ours: Vault, app: FastAPI
) -> None:
    pool, held = app.state.database.engine.pool, list[int]()

    async def slow() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="photo.png"\r\n\r\n' + samples.PNG
        for _ in range(3):
            held.append(pool.checkedout())
            yield bytes(300_000)
        yield b"\r\n--x--\r\n"

    kind = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await client.post(PATH, headers=kind, content=slow())

    assert answer.status_code == 201
    assert answer.json()["size_bytes"] == len(samples.PNG) + 900_000
    assert held == [0, 0, 0]


@pytest.mark.parametrize("name", samples.TAKEN)
async def test_what_was_sent_is_kept_and_told(
    client: AsyncClient, headers: dict[str, str], ours: Vault, name: str
) -> None:
    body, mime, kind = samples.TAKEN[name]

    made = await send(client, headers, name, body, mime)

    read = (await client.get(f"{PATH}/{made['id']}", headers=headers)).json()
    assert read == made
    assert (made["name"], made["mime"], made["kind"]) == (name, mime, kind)
    assert (made["size_bytes"], made["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert (made["state"], made["note"], made["scanned_at"]) == ("unscanned", None, None)


async def test_it_lies_under_its_ids_and_only_we_can_read_it(
    client: AsyncClient, headers: dict[str, str], ours: Vault, files_root: Path, tenant: Tenant
) -> None:
    made = await send(client, headers, "../../été.png")

    (place,) = kept(files_root)
    name = str(made["id"]).replace("-", "")
    assert place.relative_to(files_root).parts == (tenant.id.hex, name[-2:], name[-4:-2], name)
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert made["name"] == "été.png"


async def test_the_audit_says_that_nobody_looked(
    client: AsyncClient, headers: dict[str, str], ours: Vault, staff: StaffHeaders
) -> None:
    made = await send(client, headers)

    page = await client.get("/v1/audit", headers=await staff("audit:read"))
    (entry,) = [each for each in page.json()["items"] if each["target"] == f"file:{made['id']}"]
    assert entry["action"] == "files.stored"
    assert entry["detail"]["state"] == "unscanned"


@pytest.mark.parametrize(
    ("name", "body", "kind", "status", "code"),
    [
        ("drawing.svg", samples.SVG, "image/svg+xml", 415, "type_refused"),
        ("photo.png", samples.SVG, "image/png", 415, "type_refused"),
        ("photo.png", samples.PDF, "image/png", 415, "type_contradicted"),
        ("photo.png", b"", "image/png", 422, "empty_file"),
    ],
)
async def test_what_is_refused_is_refused_by_name_and_leaves_nothing(
    client: AsyncClient, headers: dict[str, str], ours: Vault, files_root: Path,
    name: str, body: bytes, kind: str, status: int, code: str,
) -> None:  # fmt: skip
    answer = await client.post(PATH, headers=headers, files={"file": (name, body, kind)})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept(files_root) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"", "multipart/form-data"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (FORM.replace(b"?", b'name="file"'), "multipart/form-data; boundary=x"),
        (FORM.replace(b"?", b'name="other"; filename="a"'), "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
async def test_a_body_without_a_file_is_refused(
    client: AsyncClient, headers: dict[str, str], content: bytes, kind: str
) -> None:
    answer = await client.post(PATH, headers={**headers, "Content-Type": kind}, content=content)

    assert (answer.status_code, answer.json()["code"]) == (400, "no_file")


async def test_the_same_key_gives_the_same_file_and_another_content_is_refused(
    client: AsyncClient, headers: dict[str, str], ours: Vault, staff: StaffHeaders
) -> None:
    mine = {**headers, "Idempotency-Key": "upload-1"}
    made = await send(client, mine)

    assert await send(client, mine) == made
    changed = await client.post(PATH, headers=mine, files={"file": ("photo.png", samples.PNG + b"x", "image/png")})
    renamed = await client.post(PATH, headers=mine, files={"file": ("other.png", samples.PNG, "image/png")})
    assert {(each.status_code, each.json()["code"]) for each in (changed, renamed)} == {(422, "idempotency_mismatch")}
    somebody = {**await staff("files:write"), "Idempotency-Key": "upload-1"}
    assert (await send(client, somebody))["id"] != made["id"]


async def test_sent_twice_at_once_with_one_key_it_is_one_file(
    client: AsyncClient, headers: dict[str, str], ours: Vault
) -> None:
    import asyncio

    mine = {**headers, "Idempotency-Key": "upload-2"}

    made = await asyncio.gather(*(send(client, mine) for _ in range(4)))

    assert len({each["id"] for each in made}) == 1


async def test_a_deleted_file_is_nowhere_any_more(client: AsyncClient, headers: dict[str, str], ours: Vault) -> None:
    made = await send(client, headers)
    link = (await client.post(f"{PATH}/{made['id']}/url", headers=headers)).json()["url"]

    assert (await client.delete(f"{PATH}/{made['id']}", headers=headers)).status_code == 204

    assert (await client.get(link.removeprefix("https://lumi.example"))).status_code == 404
    for method, path in (("GET", ""), ("POST", "/url"), ("DELETE", "")):
        assert (await client.request(method, f"{PATH}/{made['id']}{path}", headers=headers)).status_code == 404


async def test_a_file_of_another_organisation_is_not_there(
    client: AsyncClient, headers: dict[str, str], ours: Vault, staff: StaffHeaders, other_tenant: Tenant
) -> None:
    made = await send(client, headers)
    theirs = await staff("files:read", "files:write", tenant=other_tenant)

    for method, path in (("GET", ""), ("POST", "/url"), ("DELETE", "")):
        assert (await client.request(method, f"{PATH}/{made['id']}{path}", headers=theirs)).status_code == 404


async def test_a_transaction_that_fails_leaves_bytes_that_are_removed_later(
    vault: Vault, database: Database, tenant: Tenant, files_root: Path
) -> None:
    from sqlalchemy import text

    from lumi.core.context import Context
    from lumi.modules.files.events import RemoveBytes
    from lumi.modules.files.services import forgetting
    from tests import factories

    async def fail() -> None:
        async with factories.begin_work(database, tenant) as ctx:
            await vault.store(ctx, name="photo.png", chunks=samples.pieces(samples.PNG))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert len(kept(files_root)) == 1

    async with factories.begin_work(database, tenant) as ctx:
        rows = await ctx.session.execute(text("select args from job where kind = 'files.RemoveBytes'"))
        (args,) = rows.scalars()
        await forgetting.remove_bytes(vault, Context(ctx.session, tenant.id), RemoveBytes(**args))
    assert kept(files_root) == []
