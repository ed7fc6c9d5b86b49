"""Names, ranges, and who may have what."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.modules.files import rules
from lumi.modules.files.engine import types
from lumi.modules.files.errors import Infected, NoScanner, NotScanned, RangeNotSatisfiable, ScanFailed
from lumi.modules.files.values import FileKind, FileState


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("menu.pdf", "menu.pdf"),
        ("Menu d'été.PDF", "Menu d'été.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\zoe\\menu.pdf", "menu.pdf"),
        ("menu.html", "menu.html.pdf"),
        ("menu.pdf.exe", "menu.pdf.exe.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        (".pdf", "pdf.pdf"),
        ("a\x00b\r\nc\t.pdf", "a b c.pdf"),
        ("gpj.\u202efdp.pdf", "gpj. fdp.pdf"),
        ("e\u0301te\u0301.pdf", "\u00e9t\u00e9.pdf"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("x" * 500, "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_folders_and_tricks_and_with_the_ending_of_its_type(
    given_name: str, shown: str
) -> None:
    assert rules.clean_name(given_name, types.PDF) == shown


@given(st.text(max_size=400))
def test_whatever_it_is_called_its_name_is_short_visible_and_ends_as_its_type_does(name: str) -> None:
    shown = rules.clean_name(name, types.TEXT)

    assert 0 < len(shown) <= rules.LONGEST_NAME
    assert rules.ending_of(shown) in types.TEXT.endings
    assert not set(shown) & set("/\\\r\n\x00\u202e")
    assert rules.clean_name(shown, types.TEXT) == shown
    header = rules.disposition(shown, FileKind.DOCUMENT)
    assert header.isascii()
    assert header.isprintable()


def test_a_key_is_made_of_ids_alone() -> None:
    tenant, file = UUID(int=1), UUID("01999999-aaaa-7bbb-8ccc-dddddddd1234")

    assert rules.storage_key(tenant, file) == f"{tenant.hex}/34/12/{file.hex}"


@pytest.mark.parametrize(
    ("state", "with_scanner", "undecided", "off"),
    [
        (FileState.CLEAN, None, None, None),
        (FileState.UNSCANNED, NotScanned, NoScanner, None),
        (FileState.PENDING, NotScanned, NotScanned, NotScanned),
        (FileState.FAILED, ScanFailed, ScanFailed, ScanFailed),
        (FileState.INFECTED, Infected, Infected, Infected),
    ],
)
def test_only_what_was_found_clean_goes_out_unless_it_was_decided_that_nobody_looks(
    state: FileState,
    with_scanner: type[Exception] | None,
    undecided: type[Exception] | None,
    off: type[Exception] | None,
) -> None:
    ways = (True, False, with_scanner), (True, True, with_scanner), (False, False, undecided), (False, True, off)
    for scanning, unseen, expected in ways:
        found = rules.refusal(state, scanning=scanning, unseen=unseen)
        assert (type(found) if found else None) is expected


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 10)),
        ("bytes=90-500", (90, 10)),
        ("bytes=-10", (90, 10)),
        ("bytes=-500", (0, 100)),
        ("bytes=99-99", (99, 1)),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=a-b", None),
        ("bytes=0-99999999999999999999", None),
    ],
)
def test_a_range_is_the_part_it_says_and_anything_else_the_whole(
    header: str | None, span: tuple[int, int] | None
) -> None:
    assert rules.span(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_what_lies_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        rules.span(header, 100)


@given(st.integers(1, 10**6), st.integers(0, 2 * 10**6), st.integers(0, 2 * 10**6))
def test_a_part_lies_in_the_file(size: int, first: int, last: int) -> None:
    try:
        part = rules.span(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    if part is not None:
        assert 0 <= part[0] < part[0] + part[1] <= size


def test_a_browser_keeps_nothing_longer_than_its_link_is_good() -> None:
    assert rules.kept_seconds(FileKind.IMAGE, 60.9) == 60
    assert rules.kept_seconds(FileKind.IMAGE, 10**6) == 86_400
    assert rules.kept_seconds(FileKind.DOCUMENT, 10**6) == 300
    assert rules.kept_seconds(FileKind.VIDEO, -5) == 0


def test_only_pictures_and_recordings_are_shown_in_place() -> None:
    assert rules.disposition("photo.png", FileKind.IMAGE).startswith("inline; ")
    assert rules.disposition("été.pdf", FileKind.DOCUMENT) == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf"
    )
