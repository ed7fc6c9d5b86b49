"""IMAP's responses: whatever comes, there are values or a refusal to read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.integrations.mailbox.fake import imap_grammar
from lumi.integrations.mailbox.fake.inboxes import Stored
from lumi.integrations.mailbox.imap_dialogue import read_result
from lumi.integrations.mailbox.imap_syntax import (
    Garbled,
    Value,
    day,
    fields,
    folder_name,
    instant,
    quoted,
    values,
    whole,
)

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


RESPONSES: list[tuple[list[bytes], list[Value]]] = [
    ([b"* 12 FETCH (UID 5)"], [b"*", b"12", b"FETCH", [b"UID", b"5"]]),
    ([b"(BODY[] {3}", b"a)\n", b" FLAGS ())"], [[b"BODY[]", b"a)\n", b"FLAGS", []]]),
    ([b"BODY[HEADER.FIELDS (FROM)]<0> NIL"], [b"BODY[HEADER.FIELDS (FROM)]<0>", None]),
    ([b'"a\\"b\\\\" nil "NIL"'], [b'a"b\\', None, b"NIL"]),
    ([b"{0}", b"", b""], [b""]),
]


@pytest.mark.parametrize(("parts", "expected"), RESPONSES)
def test_values_are_read(parts: list[bytes], expected: list[Value]) -> None:
    assert values(parts) == expected


@pytest.mark.parametrize("text", [b"(", b")", b"(a))", b'"open', b"a [b", b"(" * 100 + b")" * 100, b"()" * 9_999])
def test_what_is_no_response_is_not_read(text: bytes) -> None:
    with pytest.raises(Garbled):
        values([text])


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_values_or_garbled(parts: list[bytes]) -> None:
    try:
        found = values(parts)
    except Garbled:
        return
    for each in found:
        whole(each)
        instant(each)
        if isinstance(each, list):
            fields(each)


@given(st.binary(max_size=200))
def test_any_line_is_a_result_or_none(line: bytes) -> None:
    result = read_result(line)
    assert result is None or result.status in ("OK", "NO", "BAD", "PREAUTH", "BYE")


@given(st.binary(max_size=300), st.integers(1, 2**32 - 1), st.integers(10**9, 4 * 10**9))
def test_what_the_twin_writes_is_read(raw: bytes, uid: int, seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    shown = imap_grammar.shown(Stored(uid, raw, at), ["UID", "RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[]<0.9999>"])
    head, _, rest = shown.partition(b"}\r\n")
    size = len(raw)
    row = fields(values([b"(" + head + b"}", rest[:size], rest[size:] + b")"])[0])
    assert (whole(row[b"UID"]), whole(row[b"RFC822.SIZE"]), instant(row[b"INTERNALDATE"])) == (uid, size, at)
    assert row[b"BODY[]<0>"] == raw


@given(st.binary(max_size=50))
def test_a_quoted_word_is_what_it_was(word: bytes) -> None:
    text = quoted(word)
    if text is None:
        assert not all(0x20 <= each < 0x7F for each in word)
    else:
        assert values([text]) == [word]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" 3-Feb-2026 04:05:06 +0000", AT),
        (b"03-Feb-2026 05:05:06 +0100", AT),
        (b"02-Feb-2026 23:05:06 -0500", AT),
        (b"yesterday", None),
        (b"99-Feb-2026 04:05:06 +0000", None),
        (b"\xff", None),
        (None, None),
    ],
)
def test_dates_are_in_utc(text: bytes | None, expected: datetime | None) -> None:
    assert instant(text) == expected


def test_a_day_is_written_in_english() -> None:
    assert day(AT) == b"3-Feb-2026"


@pytest.mark.parametrize("value", [b"-1", b"1.5", b"", b"9" * 30, None, [b"1"]])
def test_what_is_no_number_is_none(value: Value) -> None:
    assert whole(value) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("INBOX", b'"INBOX"'),
        ("Tom & Jerry", b'"Tom &- Jerry"'),
        ("Entwürfe", b'"Entw&APw-rfe"'),
        ("~peter/mail/台北/日本語", b'"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),  # the example of the standard
        ('a"b\\c', b'"a\\"b\\\\c"'),
        ("a\r\nb", b'"a&AA0ACg-b"'),
    ],
)
def test_the_name_of_a_folder_is_said_as_the_standard_wants(name: str, said: bytes) -> None:
    assert folder_name(name) == said
