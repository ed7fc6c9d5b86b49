"""A server that says or hands out more than it was asked for: what is kept of it has an end."""

import pytest

from lumi.core.http import Http, Unavailable
from lumi.integrations.mailbox.imap_reading import BEGINNING_BYTES, LONGEST_HEADERS_BYTES
from lumi.integrations.mailbox.shapes import Position
from tests.integrations.mailbox.scripted import CAPABLE, DONE, GREETING, OPENED, OPENING, client, scripted

SEARCHED = b"* SEARCH\r\n" + DONE
MEGABYTE = b"x" * (1 << 20)


@pytest.mark.parametrize(
    "responses",
    [
        b"* OK\r\n" * 40_000,
        (b"* OK " + MEGABYTE + b"\r\n") * 4,
        (b'* LIST () "/" {%d}\r\n' % len(MEGABYTE) + MEGABYTE + b"\r\n") * 5,
        b"* LIST" + b" {0}\r\n" * 40_000 + b"\r\n",
    ],
    ids=["short lines", "long lines", "literals", "one of many pieces"],
)
async def test_an_answer_without_end_is_not_kept(http: Http, responses: bytes) -> None:
    says = (*OPENING, responses + DONE, SEARCHED, b"TAG OK bye")
    async with scripted(*says) as server, client(http, server.port, largest_mail_bytes=10).opened() as inbox:
        with pytest.raises(Unavailable):
            await inbox.fetch_since(7, 8)


async def test_who_is_told_too_much_while_it_waits_for_mail_reads_no_more(http: Http) -> None:
    idle = CAPABLE.replace(b"IMAP4rev1", b"IMAP4rev1 IDLE")
    told = b"+ idling\r\n* OK {%d}\r\n" % (5 << 20) + MEGABYTE * 5
    says = (GREETING, idle, DONE, idle, OPENED, DONE, SEARCHED, told, b"* 2 EXISTS\r\nL7 OK done", b"TAG OK bye")
    async with scripted(*says) as server, client(http, server.port, largest_mail_bytes=10).opened() as inbox:
        await inbox.fetch_since(7, 8)
        with pytest.raises(Unavailable):
            await inbox.wait(30)


@pytest.mark.parametrize(("concerns", "most_bytes"), [(False, LONGEST_HEADERS_BYTES), (True, BEGINNING_BYTES)])
async def test_of_what_left_no_more_is_kept_than_was_asked_for(http: Http, concerns: bool, most_bytes: int) -> None:
    handed_out = b"* 1 FETCH (UID 9 BODY[%s]<0> {%d}\r\n" + b"x" * (most_bytes + 1) + b")\r\n" + DONE
    says = (
        OPENED,
        DONE,
        b"* SEARCH 9\r\n" + DONE,
        b"* 1 FETCH (UID 9 RFC822.SIZE 1)\r\n" + DONE,
        handed_out % (b"HEADER", most_bytes + 1),
        *([handed_out % (b"", most_bytes + 1)] if concerns else []),
        OPENED,
    )
    async with scripted(*OPENING, *says, b"TAG OK bye") as server, client(http, server.port).opened() as inbox:
        found = await inbox.fetch_sent_since(Position(7, 8), "Sent", concerns=lambda _: concerns)

    assert found is not None
    assert [(len(each.raw), each.headers_only) for each in found.messages] == [(most_bytes, not concerns)]


async def test_a_piece_is_as_large_as_the_mails_that_came_whatever_the_server_said_of_them(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumi.integrations.mailbox.imap_reading.MOST_BYTES", 10)
    says = (
        DONE,
        b"* SEARCH 9 10 11\r\n" + DONE,
        b"".join(b"* %d FETCH (UID %d RFC822.SIZE 1)\r\n" % (uid, uid) for uid in (9, 10, 11)) + DONE,
        *(b'* 1 FETCH (UID %d BODY[] "12345678")\r\n' % uid + DONE for uid in (9, 10, 11)),
    )
    async with scripted(*OPENING, *says, b"TAG OK bye") as server, client(http, server.port).opened() as inbox:
        fetched = await inbox.fetch_since(7, 8)

    assert [each.uid for each in fetched.messages] == [9, 10]
    assert fetched.more
