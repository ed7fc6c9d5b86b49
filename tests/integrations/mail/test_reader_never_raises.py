"""Whatever bytes arrive, a mail is read from them, and all of it can be stored."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.mail.reader import read
from tests.integrations.mail.letters import HEAD, letter

NAMES = [
    *HEAD,
    *("Reply-To", "Cc", "Sender", "References", "In-Reply-To", "Return-Path", "Auto-Submitted", "Precedence"),
    *("List-Id", "X-Failed-Recipients", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "X-Odd"),
]
SIGNS = [
    "=?utf-8?Q?",
    "=?x?B?",
    "?=",
    *"<>@()[]\"\\;,:'",
    "\n",
    "\r\n",
    "\n ",
    "\0",
    "é",
    "\ud83d",
    "0",
    "99",
    "a@b.example",
]
KINDS = ["multipart/mixed", "multipart/report", "multipart/alternative", "message/rfc822", "message/delivery-status"]
WORDS = ["text/html", "; boundary=b1", "--b1", "--b1--", "; charset=", "utf-7", "punycode", "name*0*=", "format=flowed"]
CODES = ["base64", "quoted-printable", "x-uuencode", "begin 644 x"]
PIECES = st.sampled_from([*SIGNS, *KINDS, *WORDS, *CODES])
MESSES = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)
HTML = st.lists(
    st.sampled_from(
        ["<", ">", "</", "<!--", "-->", "<a href=", "<p>", "<blockquote>", "</p>", '"', "'", "&#0;", "&#xD83D;"]
    )
    | st.text(max_size=5),
    max_size=20,
).map("".join)


def check(raw: bytes) -> None:
    mail = read(raw, ["salon@lumi.example"])
    texts = [mail.subject, mail.text, mail.full_text, *mail.references, mail.message_id, mail.own_key, mail.thread_key]
    texts += [
        name for each in (mail.sender, mail.reply_to, *mail.recipients) if each for name in (each.name, each.address)
    ]
    texts += [each.name for each in mail.attachments] + [each.mime for each in mail.attachments]
    texts += [mail.bounce.recipient, mail.bounce.diagnostic] if mail.bounce else []
    for text in texts:
        assert "\0" not in (text or "")
        (text or "").encode()
    assert all(len(each.content()) == each.size for each in mail.attachments)
    assert mail.date is None or mail.date.utcoffset() is not None


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    check(raw)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), MESSES), max_size=6), st.lists(MESSES, max_size=8))
def test_any_headers_over_any_parts_are_a_mail(headers: list[tuple[str, str]], lines: list[str]) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    check((head + "\r\n" + "\r\n".join(lines)).encode("utf-8", "surrogatepass"))


@settings(max_examples=120, deadline=None)
@given(HTML, st.sampled_from(["utf-8", "utf-7", "utf-16", "nonsense"]))
def test_any_html_has_words(html: str, charset: str) -> None:
    check(letter(html.encode("utf-8", "replace"), Content_Type=f"text/html; charset={charset}"))
