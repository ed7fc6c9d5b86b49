"""What we send: the same words when it is read again, in its thread, and without headers that were smuggled in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.mail.automatic import AutoReason
from lumi.integrations.mail.composing import (
    LONGEST_NAME,
    LONGEST_SUBJECT,
    Enclosure,
    Uncomposable,
    answer_subject,
    compose,
    new_message_id,
)
from lumi.integrations.mail.headers import Address
from lumi.integrations.mail.reader import read
from tests.integrations.mail.letters import read_letter

SALON = Address("salon@lumi.example", "Lumi Salon")
GUEST = Address("anais@guest.example", "Anaïs Martin")
AT = datetime(2026, 11, 20, 10, 33, tzinfo=UTC)
OWN_ID = "<ours@lumi.example>"


def composed(
    subject: str = "Rendez-vous",
    text: str = "Bonjour",
    *,
    sender: Address = SALON,
    to: Address = GUEST,
    message_id: str = OWN_ID,
    chain: tuple[str, ...] = (),
    automatic: bool = False,
    reply_to: Address | None = None,
    enclosures: tuple[Enclosure, ...] = (),
) -> bytes:
    return compose(
        sender=sender, to=to, subject=subject, text=text, message_id=message_id, at=AT, chain=chain,
        automatic=automatic, reply_to=reply_to, enclosures=enclosures,
    )  # fmt: skip


def test_what_was_composed_is_read_again() -> None:
    mail = read(composed(reply_to=Address("reply@lumi.example")))
    assert (mail.sender, mail.recipients, mail.date) == (SALON, (GUEST,), AT)
    assert (mail.subject, mail.text, mail.automatic) == ("Rendez-vous", "Bonjour", None)
    assert (mail.message_id, mail.own_key) == (OWN_ID, OWN_ID)
    assert mail.answer_to == Address("reply@lumi.example")


def test_an_answer_stays_in_its_thread() -> None:
    first = read_letter(References="<a@x.example> <b@x.example>", In_Reply_To="<b@x.example>")
    answer = read(composed(answer_subject(first.subject), chain=first.chain))
    assert answer.in_reply_to == first.message_id
    assert answer.references == ("<a@x.example>", "<b@x.example>", "<first@guest.example>")
    assert (answer.thread_key, answer.subject) == (first.thread_key, "Re: Rendez-vous")


def test_a_long_chain_keeps_its_beginning_and_its_latest_part() -> None:
    chain = tuple(f"<{'x' * 100}{n}@guest.example>" for n in range(100))
    answer = read(composed(chain=chain))
    assert len(answer.references) == 30
    assert (answer.references[0], answer.references[-1], answer.in_reply_to) == (chain[0], chain[-1], chain[-1])


def test_ids_that_cannot_be_named_in_a_mail_are_left_out_of_the_chain() -> None:
    assert read(composed(chain=("<a@x.example>", "<é@x.example>"))).references == ("<a@x.example>",)


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Visit", "Re: Visit"),
        ("Re: Visit", "Re: Visit"),
        ("RE: AW: Re[2]: SV : Visit", "Re: Visit"),
        ("Réf: Visit", "Re: Réf: Visit"),
        ("RES: RIF: R: Ответ: رد: Visit", "Re: Visit"),
        ("Fwd: Visit", "Re: Fwd: Visit"),
        ("Reception: Visit", "Re: Reception: Visit"),
        ("two\r\n lines", "Re: two lines"),
        ("", "Re:"),
        ("x" * 600, "Re: " + "x" * (LONGEST_SUBJECT - 4)),
    ],
)
def test_an_answer_has_the_same_subject_after_one_re(subject: str, answer: str) -> None:
    assert answer_subject(subject) == answer
    assert answer_subject(answer_subject(subject)) == answer


def test_what_a_machine_wrote_says_so_and_is_not_answered_by_another() -> None:
    raw = composed(automatic=True)
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in raw
    assert read(raw).automatic is AutoReason.AUTO_SUBMITTED


def test_files_travel_with_their_names() -> None:
    files = (
        Enclosure("été 2026.pdf", "application/pdf", b"%PDF"),
        Enclosure("a.eml", "message/rfc822", b"From: a@b.example\r\n\r\nhi"),
        Enclosure("b", "not a kind", b"\0\xff"),
    )
    mail = read(composed(enclosures=files))
    assert mail.text == "Bonjour"
    assert [(each.name, each.mime, each.content()) for each in mail.attachments] == [
        ("été 2026.pdf", "application/pdf", b"%PDF"),
        ("a.eml", "application/octet-stream", files[1].content),
        ("b", "application/octet-stream", b"\0\xff"),
    ]


def test_fresh_ids_are_all_different_and_of_our_domain() -> None:
    ids = {new_message_id("mail.lumi.example") for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"<[0-9a-f]{32}@mail\.lumi\.example>", each) for each in ids)


@pytest.mark.parametrize(
    "domain", ["", "localhost", "a b.example", "x@y.example", "a.example\r\nBcc: b@c", "-.example"]
)
def test_a_domain_that_servers_would_not_keep_is_refused(domain: str) -> None:
    with pytest.raises(Uncomposable):
        new_message_id(domain)


INTO: dict[str, Callable[[str], bytes]] = {
    "subject": lambda words: composed(words),
    "name": lambda words: composed(sender=Address("salon@lumi.example", words)),
    "address": lambda words: composed(to=Address(f"{words}@guest.example")),
    "message_id": lambda words: composed(message_id=f"<{words}@lumi.example>"),
    "chain": lambda words: composed(chain=(f"<{words}@x.example>",)),
    "file": lambda words: composed(enclosures=(Enclosure(words, "text/plain", b""),)),
    "reply_to": lambda words: composed(reply_to=Address("a@b.example", words)),
}


@pytest.mark.parametrize("breaking", ["\r\n", "\n", "\r", "\0", "\x0b", "\u2028", "\x85"])
@pytest.mark.parametrize("field", INTO)
def test_a_line_break_in_any_field_is_refused(field: str, breaking: str) -> None:
    with pytest.raises(Uncomposable) as refused:
        INTO[field](f"x{breaking}Bcc: victim@guest.example")
    assert "victim" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anais",
        "a@",
        "@b.example",
        "a b@c.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "é@b.example",
        "a@é..example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Uncomposable):
        composed(to=Address(address))


def test_a_domain_beyond_ascii_is_written_as_servers_want_it() -> None:
    assert b"<anais@xn--caf-dma.example>" in composed(to=Address("anais@café.example", "Anaïs"))


@pytest.mark.parametrize(("field", "longest"), [("subject", LONGEST_SUBJECT), ("name", LONGEST_NAME)])
def test_what_is_too_long_is_refused(field: str, longest: int) -> None:
    assert INTO[field]("x" * longest)
    with pytest.raises(Uncomposable):
        INTO[field]("x" * (longest + 1))


LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)


@settings(max_examples=120, deadline=None)
@given(LINE, LINE, st.text(max_size=200), st.binary(max_size=40), LINE)
def test_whatever_is_written_is_the_same_when_it_is_read(
    subject: str, name: str, text: str, content: bytes, file: str
) -> None:
    raw = composed(
        subject, text, to=Address("anais@guest.example", name), chain=("<a@x.example>",),
        enclosures=(Enclosure(file, "application/pdf", content),),
    )  # fmt: skip
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(len(line) <= 998 and line.isascii() for line in raw.split(b"\r\n"))
    assert all(len(line) <= 78 for line in head if b"=?" in line)
    assert b"bcc" not in {line.partition(b":")[0].lower() for line in head}
    mail = read(raw)
    assert mail.subject == " ".join(subject.split())
    assert [each.address for each in mail.recipients] == ["anais@guest.example"]
    assert mail.recipients[0].name == shown(name)
    assert mail.references == ("<a@x.example>",)
    assert mail.full_text == read_as(text)
    assert mail.attachments[0].content() == content


def shown(name: str) -> str:
    plain = " ".join(name.split()).strip("\"' ")
    return "" if plain.lower() == "anais@guest.example" else plain


def read_as(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
