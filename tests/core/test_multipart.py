"""The file of a form, taken as it arrives: whole, cut anywhere, or no form at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.core.errors import Malformed
from lumi.core.multipart import Incoming, NoFile, incoming

TYPE = "multipart/form-data; boundary=edge"
BODY = bytes(range(256)) * 3 + b"\r\n--edg not the edge\r\n"


def part(headers: str, body: bytes = BODY) -> bytes:
    return b"--edge\r\n" + headers.encode() + b"\r\n\r\n" + body + b"\r\n"


FILE = 'Content-Disposition: form-data; name="file"; filename="menu.pdf"\r\nContent-Type: application/pdf'
NOTE = 'Content-Disposition: form-data; name="note"'
END = b"--edge--\r\n"


async def arriving(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def taken(*pieces: bytes, kind: str = TYPE) -> tuple[Incoming, bytes]:
    found = await incoming(kind, arriving(pieces))
    return found, b"".join([chunk async for chunk in found.chunks])


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
@pytest.mark.parametrize("around", [(b"", b""), (part(NOTE, b"words"), b""), (b"", part(NOTE, b"words"))])
async def test_the_file_comes_with_its_name_and_type_however_it_is_cut(size: int, around: tuple[bytes, bytes]) -> None:
    whole = around[0] + part(FILE) + around[1] + END

    found, body = await taken(*cut(whole, size))

    assert (found.name, found.declared, body) == ("menu.pdf", "application/pdf", BODY)


async def test_its_chunks_come_before_the_rest_has_arrived() -> None:
    whole, read = part(FILE, bytes(10_000)) + END, 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read
        for piece in cut(whole, 1000):
            read += len(piece)
            yield piece

    found = await incoming(TYPE, counted())
    await anext(found.chunks)

    assert read <= 2000


async def test_a_name_may_have_any_letters_and_a_type_may_be_missing() -> None:
    headers = 'Content-Disposition: form-data; name="file"; filename="été \u200f\U0001f338.pdf"'

    found, body = await taken(part(headers, b""), END)

    assert (found.name, found.declared, body) == ("été \u200f\U0001f338.pdf", None, b"")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", part(FILE) + END),
        ("application/json", b"{}"),
        ("multipart/form-data", part(FILE) + END),
        ("multipart/mixed; boundary=edge", part(FILE) + END),
        (f"multipart/form-data; boundary={'x' * 1000}", b""),
        ("multipart/form-data; boundary=\u20ac", b""),
        (TYPE, b""),
        (TYPE, END),
        (TYPE, part(NOTE) + END),
        (TYPE, part('Content-Disposition: form-data; name="file"') + END),
        (TYPE, part('Content-Disposition: form-data; name="other"; filename="x"') + END),
        (TYPE, part("Content-Type: text/plain") + END),
    ],
)
async def test_a_body_without_the_file_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(NoFile):
        await taken(*cut(body, 50), kind=kind)


@pytest.mark.parametrize(
    "body",
    [
        part(FILE) + part(FILE) + END,
        part(FILE) + b"--other\r\n",
        part(FILE)[:-10],
        part(FILE),
        part(FILE) + b"--edge",
        part(FILE) + part(NOTE, bytes(100_000)) + END,
        part(FILE) + part(NOTE, b"") * 30 + END,
        part(f"X: {'x' * 10_000}\r\n{FILE}") + END,
        b"garbage" + part(FILE) + END,
    ],
)
async def test_a_body_that_breaks_off_or_is_not_one_file_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        await taken(*cut(body, 1000))


@given(st.binary(max_size=300), st.integers(1, 50))
async def test_whatever_arrives_it_is_a_file_or_refused(noise: bytes, size: int) -> None:
    for body in (noise, b"--edge\r\n" + noise, part(FILE)[:60] + noise, part(FILE) + noise):
        try:
            await taken(*cut(body, size))
        except Malformed:
            continue


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_the_words_before_a_file_come_with_it_and_those_behind_it_do_not(size: int) -> None:
    late = 'Content-Disposition: form-data; name="late"'
    whole = part(NOTE, "Voilà".encode()) + part(FILE) + part(late, b"words") + END

    found, body = await taken(*cut(whole, size))

    assert (found.fields, body) == ({"note": "Voilà"}, BODY)


async def test_another_file_before_it_is_no_words() -> None:
    other = 'Content-Disposition: form-data; name="other"; filename="a.txt"'

    found, _ = await taken(part(other, b"content") + part(FILE) + END)

    assert found.fields == {}
