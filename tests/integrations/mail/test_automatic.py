"""Mail that no machine may answer, and what mail servers report."""

import pytest

from lumi.integrations.mail.automatic import AutoReason
from lumi.integrations.mail.reader import read
from lumi.integrations.mail.shapes import Bounce
from tests.integrations.mail.letters import letter, part, read_letter, several


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("Auto-Submitted", "auto-replied", AutoReason.AUTO_SUBMITTED),
        ("Auto-Submitted", "Auto-Generated; owner=x", AutoReason.AUTO_SUBMITTED),
        ("X-Autoreply", "yes", AutoReason.AUTO_SUBMITTED),
        ("Precedence", "auto_reply", AutoReason.AUTO_SUBMITTED),
        ("Precedence", "Bulk", AutoReason.BULK),
        ("Precedence", "junk", AutoReason.BULK),
        ("Precedence", "list", AutoReason.BULK),
        ("List-Id", "<news.shop.example>", AutoReason.LIST),
        ("List-Unsubscribe", "<https://shop.example/u>", AutoReason.LIST),
        ("X-Auto-Response-Suppress", "OOF, AutoReply", AutoReason.SUPPRESSED),
        ("Return-Path", "<>", AutoReason.NO_RETURN_PATH),
        ("Return-Path", "< >", AutoReason.NO_RETURN_PATH),
        ("From", "MAILER-DAEMON@mx.example", AutoReason.MACHINE_SENDER),
        ("From", "Postmaster <postmaster@mx.example>", AutoReason.MACHINE_SENDER),
        ("From", "no-reply@shop.example", AutoReason.MACHINE_SENDER),
        ("From", "noreply+42@shop.example", AutoReason.MACHINE_SENDER),
        ("From", "orders-noreply@shop.example", AutoReason.MACHINE_SENDER),
        ("From", "do_not_reply@shop.example", AutoReason.MACHINE_SENDER),
        ("From", "donotreply@shop.example", AutoReason.MACHINE_SENDER),
        ("From", "bounces+x=y@shop.example", AutoReason.MACHINE_SENDER),
        ("From", None, AutoReason.NO_SENDER),
    ],
)
def test_a_mail_of_a_machine_says_why_it_is_one(header: str, value: str | None, reason: AutoReason) -> None:
    assert read_letter("Bonjour", **{header: value}).automatic is reason


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Auto-Submitted", "no"),
        ("Auto-Submitted", "No (a person)"),
        ("Auto-Submitted", ""),
        ("Precedence", "first-class"),
        ("X-Auto-Response-Suppress", "None"),
        ("Return-Path", "<anais@guest.example>"),
        ("From", "noreen@guest.example"),
        ("From", "nora.reply@guest.example"),
        ("From", "replay@guest.example"),
        ("From", "bouncer@guest.example"),
    ],
)
def test_a_person_is_not_taken_for_a_machine(header: str, value: str) -> None:
    assert read_letter("Bonjour", **{header: value}).automatic is None


def test_our_own_addresses_do_not_answer_each_other() -> None:
    raw = letter(From="Lumi <Salon@Lumi.example>")
    assert read(raw, ["SALON@lumi.example"]).automatic is AutoReason.OWN_ADDRESS
    assert read(raw, ["other@lumi.example"]).automatic is None


def report(action: str, status: str, original: str = "Message-ID: <ours@lumi.example>") -> tuple[bytes, str]:
    groups = (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        "Original-Recipient: rfc822;Gone@Guest.example\r\nFinal-Recipient: rfc822;box17@guest.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
    )
    return several(
        "multipart/report; report-type=delivery-status",
        part("Your mail could not be delivered."),
        part(groups, "message/delivery-status"),
        part(f"{original}\r\nSubject: Hi\r\n\r\nHello", "message/rfc822"),
    )


def test_a_bounce_names_the_recipient_the_status_and_our_mail() -> None:
    body, kind = report("failed", "5.1.1")
    mail = read_letter(body, Content_Type=kind, From="mailer-daemon@mx.example")
    assert mail.automatic is AutoReason.DELIVERY_REPORT
    assert mail.bounce == Bounce(
        "gone@guest.example", "5.1.1", True, "<ours@lumi.example>", "smtp; 550 5.1.1 No such user"
    )
    assert mail.text == "Your mail could not be delivered."


def test_our_own_key_is_preferred_to_the_id_a_provider_gave() -> None:
    body, kind = report("failed", "5.1.1", "Message-ID: <theirs@mx.example>\r\nX-Lumi-Message-ID: <ours@lumi.example>")
    bounce = read_letter(body, Content_Type=kind).bounce
    assert bounce is not None
    assert bounce.original_message_id == "<ours@lumi.example>"


def test_a_delay_is_no_failure() -> None:
    body, kind = report("delayed", "4.4.1")
    bounce = read_letter(body, Content_Type=kind).bounce
    assert bounce is not None
    assert (bounce.status, bounce.permanent) == ("4.4.1", False)


def test_a_delivery_that_succeeded_is_no_bounce() -> None:
    body, kind = report("delivered", "2.0.0")
    mail = read_letter(body, Content_Type=kind)
    assert (mail.bounce, mail.automatic) == (None, AutoReason.DELIVERY_REPORT)


def test_only_the_headers_of_our_mail_may_come_back() -> None:
    body, kind = several(
        "multipart/report; report-type=delivery-status",
        part("Failed."),
        part(
            "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\nAction: failed\r\n",
            "message/delivery-status",
        ),
        part("Message-ID: <ours@lumi.example>\r\nSubject: Hi\r\n", "text/rfc822-headers"),
    )
    bounce = read_letter(body, Content_Type=kind).bounce
    assert bounce == Bounce("a@x.example", None, True, "<ours@lumi.example>", "")


def test_a_bounce_without_a_report_is_known_by_its_header() -> None:
    mail = read_letter("Failed.", X_Failed_Recipients="gone@guest.example", In_Reply_To="<ours@lumi.example>")
    assert mail.bounce == Bounce("gone@guest.example", None, True, "<ours@lumi.example>", "")
    assert mail.automatic is AutoReason.DELIVERY_REPORT
