"""What a mail is to us, and how an answer to it is written."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from lumi.core.http import Rejected
from lumi.core.ids import made_at, new_id
from lumi.integrations.mail.reader import read
from lumi.modules.channels.adapters import mails
from lumi.modules.channels.adapters.mails import Origin
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.incoming import Inbound, Media, Parsed
from lumi.modules.channels.values.kinds import Channel, DeliveryState
from lumi.modules.channels.values.outgoing import Outgoing

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OWN = "salon@salon.example"
ACCOUNT = Account(new_id(), new_id(), Channel.GMAIL, OWN, "Salon Éclat", "token", {})
HEAD = {"From": "Ana <Ana@Guest.example>", "To": OWN, "Message-ID": "<one@guest.example>", "Subject": "Hola"}


def taken(text: str = "¿Qué precio tiene?", content_type: str = "text/plain; charset=utf-8", **headers: str) -> Parsed:
    lines = [f"{name}: {value}" for name, value in {**HEAD, "Content-Type": content_type, **headers}.items()]
    parsed = Parsed()
    mails.take(parsed, read("\r\n".join([*lines, "", text]).encode(), [OWN]), Origin("m1", {"mail": "m1"}, AT, "t1"))
    return parsed


def said(parsed: Parsed) -> Inbound:
    (found,) = parsed.inbound
    return found


def outgoing(**changes: object) -> Outgoing:
    base: dict[str, object] = {"key": new_id(), "thread_id": new_id(), "message_n": 1, "text": "40 euros."}
    return Outgoing(address="email:ana@guest.example", **{**base, **changes})  # type: ignore[arg-type]


def test_a_mail_is_what_a_person_said_with_all_that_an_answer_needs() -> None:
    item = said(taken(References="<zero@salon.example>"))

    assert (item.account, item.provider_id, item.sent_at) == (None, "m1", AT)
    assert item.addresses == ["email:ana@guest.example"]
    assert item.payload == {
        "kind": "text", "type": "mail", "text": "¿Qué precio tiene?", "subject": "Hola", "name": "Ana",
        "reply": {
            "message_id": "<one@guest.example>", "references": ["<zero@salon.example>", "<one@guest.example>"],
            "subject": "Hola", "thread_id": "t1",
        },
    }  # fmt: skip


def test_the_person_is_whom_an_answer_goes_to() -> None:
    assert said(taken(**{"Reply-To": "Bea <bea@guest.example>"})).addresses == ["email:bea@guest.example"]


def with_file(headers: str, content: bytes) -> str:
    encoded = base64.b64encode(content).decode()
    return (
        "--b\r\nContent-Type: text/plain\r\n\r\n\r\n"
        f"--b\r\n{headers}\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b--"
    )


def test_files_are_listed_with_what_fetching_them_takes() -> None:
    body = with_file('Content-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"', b"abc")
    payload = said(taken(body, "multipart/mixed; boundary=b")).payload

    assert (payload["kind"], payload["text"]) == ("media", "")
    assert payload["media"] == [
        {
            "kind": "image", "reference": {"mail": "m1", "n": 0}, "voice": False, "name": "a.png",
            "mime": "image/png", "size": 3,
        },
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "is_listed"), [(2_000, False), (40_000, True)], ids=["logo", "photo"])
def test_a_picture_in_the_text_is_a_file_when_it_is_no_logo(size: int, *, is_listed: bool) -> None:
    body = with_file("Content-Type: image/jpeg\r\nContent-Disposition: inline", bytes(size))
    payload = said(taken(body, "multipart/mixed; boundary=b", Subject="")).payload

    assert ("media" in payload) is is_listed


async def test_a_file_that_is_not_in_its_mail_is_refused() -> None:
    raw = b"Content-Type: text/plain\r\n\r\nHola"
    with pytest.raises(Rejected):
        await mails.file_of(raw, Media("document", {"mail": "m1", "n": 0}), 1_000)


def test_a_mail_without_a_word_but_its_subject_says_its_subject() -> None:
    assert said(taken("", Subject="¿Abren el lunes?")).payload["text"] == "¿Abren el lunes?"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"From": OWN}, "own_address"),
        ({"From": ""}, "no_sender"),
        ({"List-Unsubscribe": "<https://a.example>"}, "list"),
        ({"Precedence": "junk"}, "bulk"),
        ({"Content-Type": "multipart/report; report-type=disposition-notification; boundary=b"}, "delivery_report"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_nobody_in_particular_wrote_is_counted_and_not_shown(headers: dict[str, str], reason: str) -> None:
    parsed = taken(**headers)

    assert (parsed.inbound, parsed.receipts, parsed.ignored) == ([], [], [f"automatic.{reason}"])


def test_what_a_machine_wrote_to_us_is_shown_and_marked() -> None:
    item = said(taken(**{"Auto-Submitted": "auto-generated"}))

    assert item.payload["automatic"] == "auto_submitted"


def report(action: str, message_id: str) -> Parsed:
    body = (
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\n"
        f"Final-Recipient: rfc822; ana@guest.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--"
    )
    return taken(body, "multipart/report; report-type=delivery-status; boundary=b", From="mailer-daemon@a.example")


def test_a_mail_that_came_back_is_the_failure_of_the_delivery_its_id_names() -> None:
    key = new_id()
    (receipt,) = report("failed", mails.message_id_of(key, OWN)).receipts

    assert (receipt.delivery_id, receipt.state, receipt.error) == (key, DeliveryState.FAILED, "recipient: 5.1.1")


def test_a_mail_that_is_merely_late_has_not_failed() -> None:
    parsed = report("delayed", mails.message_id_of(new_id(), OWN))

    assert (parsed.receipts, parsed.ignored) == ([], ["bounce.late"])


def test_an_answer_has_the_same_id_however_often_it_is_written() -> None:
    message = outgoing()
    first, again = (mails.write(ACCOUNT, message, at=AT) for _ in range(2))

    assert first.message_id == again.message_id == f"<{message.key.hex}@salon.example>"
    assert mails.key_in(first.message_id) == message.key


@pytest.mark.parametrize("stranger", [None, "", "<one@guest.example>", f"<{'g' * 32}@salon.example>"])
def test_an_id_that_is_not_ours_names_no_delivery(stranger: str | None) -> None:
    assert mails.key_in(stranger) is None


def test_an_answer_without_anything_to_answer_begins_a_thread_under_our_name() -> None:
    letter = mails.write(ACCOUNT, outgoing(), at=AT)
    mail = read(letter.raw)

    assert (mail.subject, mail.references, letter.thread_id) == ("Salon Éclat", (), None)
    assert mail.sender is not None
    assert (mail.sender.address, mail.sender.name) == (OWN, "Salon Éclat")


@pytest.mark.parametrize("reply", [{"references": "x", "subject": 5, "thread_id": 7}, {"references": [None, 3]}])
def test_whatever_an_old_event_carried_an_answer_can_be_written(reply: dict[str, object]) -> None:
    assert read(mails.write(ACCOUNT, outgoing(reply=reply), at=AT).raw).text == "40 euros."


def test_an_address_no_mail_can_go_to_is_refused() -> None:
    message = Outgoing(new_id(), new_id(), 1, "phone:+33123", "40 euros.")
    with pytest.raises(Rejected):
        mails.write(ACCOUNT, message, at=AT)


@pytest.mark.parametrize("own", ["salon@localhost", "salon@\u3002", "salon"])
def test_a_mailbox_without_a_real_domain_has_ids_all_the_same(own: str) -> None:
    assert mails.message_id_of(UUID(int=1), own).endswith("@mail.invalid>")


def test_an_id_says_when_it_was_made() -> None:
    assert abs((made_at(new_id()) - datetime.now(UTC)).total_seconds()) < 5
