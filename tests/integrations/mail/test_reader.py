"""What a mail says: its headers, its words and its files, in whatever way they are written."""

from datetime import UTC, datetime

import pytest

from lumi.integrations.mail.headers import Address
from lumi.integrations.mail.reader import read
from tests.integrations.mail.letters import letter, part, read_letter, several


def test_a_plain_mail_is_read_whole() -> None:
    mail = read_letter("Bonjour,\r\nmardi ?\r\n", Reply_To="Anaïs <other@guest.example>", Cc="b@guest.example")
    assert (mail.message_id, mail.subject) == ("<first@guest.example>", "Rendez-vous")
    assert mail.sender == Address("anais@guest.example", "Anaïs Martin")
    assert mail.answer_to == mail.reply_to == Address("other@guest.example", "Anaïs")
    assert [each.address for each in mail.recipients] == ["salon@lumi.example", "b@guest.example"]
    assert mail.date == datetime(2026, 11, 20, 9, 33, tzinfo=UTC)
    assert mail.text == mail.full_text == "Bonjour,\nmardi ?"
    assert (mail.automatic, mail.bounce, mail.own_key, mail.attachments) == (None, None, None, ())


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("=?utf-8?Q?Caf=C3=A9_?= =?utf-8?B?8J+Muw==?=", "Café 🌻"),
        ("=?iso-8859-1?Q?d=E9j=E0?= vu", "déjà vu"),
        ("=?utf-8?Q?half_a_=C3?= =?utf-8?Q?=A9_character?=", "half a é character"),
        ("=?nonsense?Q?abc?=", "abc"),
        ("=?utf-8?B?not base64?=", "=?utf-8?B?not base64?="),
        ("folded\r\n over lines", "folded over lines"),
        ("raw ünïcode", "raw ünïcode"),
        ("a\0b\x07c", "ab c"),
    ],
)
def test_a_subject_is_one_line_of_words(written: str, read_as: str) -> None:
    assert read_letter(Subject=written).subject.replace(" ", "") == read_as.replace(" ", "")


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ('"Martin, Anaïs" <A.Martin@Guest.Example>', "a.martin@guest.example", "Martin, Anaïs"),
        ("=?utf-8?Q?Ana=C3=AFs?= <a@guest.example>", "a@guest.example", "Anaïs"),
        ("=?utf-8?Q?Ana=C3=AFs_<a@guest.example>?=", "a@guest.example", "Anaïs"),
        ("a@guest.example (Anaïs)", "a@guest.example", "Anaïs"),
        ("a@guest.example", "a@guest.example", ""),
        ("<a@guest.example>, b@guest.example", "a@guest.example", ""),
    ],
)
def test_a_sender_has_an_address_and_perhaps_a_name(written: str, address: str, name: str) -> None:
    assert read_letter(From=written).sender == Address(address, name)


@pytest.mark.parametrize("written", [None, "", "<>", "Anaïs", "undisclosed-recipients:;", "@", "(" * 3000])
def test_a_mail_may_be_from_nobody(written: str | None) -> None:
    assert read_letter(From=written).sender is None


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("Fri, 20 Nov 2026 10:33:00 -0000", 10),
        ("20 Nov 2026 10:33:00", 10),
        ("Fri, 20 Nov 2026 10:33:00 +0530 (IST)", 5),
        ("soon", None),
        ("Fri, 99 Nov 2026 10:33:00 +0000", None),
        ("Fri, 31 Dec 9999 23:00:00 -1400", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_in_utc_or_none(written: str | None, hour: int | None) -> None:
    date = read_letter(Date=written).date
    assert (date.hour if date else None) == hour


def test_the_first_reference_names_the_thread() -> None:
    mail = read_letter(References="<a@x> <b@x>\r\n <c@x>", In_Reply_To="<c@x>")
    assert (mail.thread_key, mail.in_reply_to) == ("<a@x>", "<c@x>")
    assert mail.chain == ("<a@x>", "<b@x>", "<c@x>", "<first@guest.example>")


def test_without_references_the_mail_it_answers_names_the_thread_else_it_does_itself() -> None:
    assert read_letter(In_Reply_To="Your mail of Friday <a@x> (Anaïs)").thread_key == "<a@x>"
    assert read_letter().thread_key == "<first@guest.example>"
    assert read_letter(Message_ID=None).thread_key is None


def test_ids_without_their_brackets_are_given_them() -> None:
    mail = read_letter(Message_ID="first@guest.example", References="a@x,b@x")
    assert (mail.message_id, mail.references) == ("<first@guest.example>", ("<a@x>", "<b@x>"))


@pytest.mark.parametrize(
    ("body", "charset", "words"),
    [
        ("déjà".encode("latin-1"), "iso-8859-1", "déjà"),
        ("“déjà”".encode("cp1252"), "iso-8859-1", "“déjà”"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("مرحبا".encode("cp1256"), "windows-1256", "مرحبا"),
        ("déjà".encode(), "nonsense", "déjà"),
        ("déjà".encode("latin-1"), "us-ascii", "déjà"),
        ("déjà".encode("latin-1"), "punycode", "déjà"),
        (rb"d\u00e9", "unicode_escape", r"d\u00e9"),
        (b"a\0b", "utf-8", "ab"),
        (b"+2D0-", "utf-7", "\ufffd"),
    ],
)
def test_words_are_read_in_the_charset_they_name_or_in_a_likely_one(body: bytes, charset: str, words: str) -> None:
    assert read_letter(body, Content_Type=f"text/plain; charset={charset}").text == words


@pytest.mark.parametrize(
    ("body", "encoding"),
    [("Ym9uam91cg==", "base64"), ("bon=6Aour", "quoted-printable"), ("bonjour", "8bit"), ("bonjour", "nonsense")],
)
def test_transfer_encodings_are_undone(body: str, encoding: str) -> None:
    assert read_letter(body, Content_Transfer_Encoding=encoding).text == "bonjour"


def test_of_alternatives_the_plain_one_is_read() -> None:
    body, kind = several("multipart/alternative", part("plain"), part("<b>rich</b>", "text/html"))
    assert read_letter(body, Content_Type=kind).text == "plain"


def test_an_empty_plain_alternative_gives_way_to_html() -> None:
    body, kind = several("multipart/alternative", part(" "), part("<p>rich &amp; <b>bold</b></p>", "text/html"))
    assert read_letter(body, Content_Type=kind).text == "rich & bold"


def test_words_before_and_after_a_picture_are_both_read() -> None:
    picture = part("R0lGOD", "image/gif; name=a.gif", Content_Transfer_Encoding="base64", Content_ID="<p1>")
    body, kind = several("multipart/mixed", part("before"), picture, part("after"))
    mail = read_letter(body, Content_Type=kind)
    assert mail.text == "before\n\nafter"
    assert [(each.name, each.mime, each.inline) for each in mail.attachments] == [("a.gif", "image/gif", True)]


def test_files_have_name_kind_size_and_bytes() -> None:
    file = part(
        "JVBERi0xLjc=",
        "application/pdf",
        Content_Transfer_Encoding="base64",
        Content_Disposition="attachment; filename*=utf-8''..%2F%C3%A9t%C3%A9.pdf",
    )
    body, kind = several("multipart/mixed", part("voilà"), file)
    [found] = read_letter(body, Content_Type=kind).attachments
    assert (found.name, found.mime, found.size, found.inline) == ("été.pdf", "application/pdf", 8, False)
    assert found.content() == b"%PDF-1.7"


def test_a_file_name_in_an_encoded_word_is_read_and_a_text_file_is_no_text() -> None:
    notes = part("secret plan", Content_Disposition='attachment; filename="=?utf-8?Q?r=C3=A9sum=C3=A9.txt?="')
    body, kind = several("multipart/mixed", part("see file"), notes)
    mail = read_letter(body, Content_Type=kind)
    assert (mail.text, mail.attachments[0].name) == ("see file", "résumé.txt")


def test_a_mail_inside_a_mail_is_a_file() -> None:
    body, kind = several("multipart/mixed", part("fwd"), b"Content-Type: message/rfc822\r\n\r\n" + letter("inner"))
    mail = read_letter(body, Content_Type=kind)
    assert (mail.text, mail.attachments[0].mime) == ("fwd", "message/rfc822")
    assert read(mail.attachments[0].content()).text == "inner"


def test_a_mail_that_is_nothing_but_a_file_has_no_words() -> None:
    mail = read_letter(
        "AAAA", Content_Type="audio/ogg", Content_Transfer_Encoding="base64", Content_Disposition="attachment"
    )
    assert (mail.text, mail.attachments[0].content()) == ("", b"\0\0\0")


def test_a_multipart_without_boundary_is_taken_for_text() -> None:
    assert read_letter("Bonjour", Content_Type="multipart/mixed").text == "Bonjour"


def test_flowing_lines_are_joined_and_quoted_ones_kept_apart() -> None:
    body = "This goes \non here.\n> an old \n> line\nend \n-- \nAnna"
    mail = read_letter(body, Content_Type="text/plain; format=flowed")
    assert (mail.full_text, mail.text) == (
        "This goes on here.\n> an old line\nend \n-- \nAnna",
        "This goes on here.\nend",
    )


def test_parts_nested_without_end_cost_their_words_and_nothing_else() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    mail = read(b"From: a@guest.example\nSubject: deep\n" + deep + b"\nwords")
    assert (mail.subject, mail.sender) == ("deep", Address("a@guest.example"))
