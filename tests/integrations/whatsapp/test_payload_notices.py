"""What WhatsApp tells about an account, and what people of the business write in its own app."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from lumi.integrations.whatsapp.payloads import AccountNotice, NoticeKind, parse
from lumi.integrations.whatsapp.shapes import TemplateRef
from tests.integrations.whatsapp.events import NUMBER, PERSON, USER_ID, Part, echo, event, message, read, text, value


def only_notice(kind: str, told: object) -> AccountNotice:
    batch = read(event(told, field=kind, time=1795000000))
    assert (batch.messages, batch.statuses, batch.ignored, batch.broken) == ([], [], {}, [])
    [notice] = batch.notices
    return notice


def test_a_template_that_was_approved_is_named(body: Callable[[str], bytes]) -> None:
    batch = parse(body("template_approved"))
    [notice] = batch.notices
    assert (notice.kind, notice.event, notice.reason) == (NoticeKind.TEMPLATE_STATUS, "APPROVED", None)
    assert notice.template == TemplateRef("990000000000001", "rappel", "fr", None)
    assert (notice.waba_id, notice.at, batch.ignored) == ("445900000000017", None, {})


@pytest.mark.parametrize(
    ("kind", "told", "summary"),
    [
        (
            "message_template_status_update",
            {"event": "REJECTED", "message_template_name": "rappel", "reason": "INVALID_FORMAT"},
            ("REJECTED", "INVALID_FORMAT", None, None, None),
        ),
        (
            "message_template_quality_update",
            {"previous_quality_score": "GREEN", "new_quality_score": "RED", "message_template_id": 7},
            (None, None, None, "GREEN", "RED"),
        ),
        (
            "template_category_update",
            {"message_template_id": 7, "new_category": "UTILITY", "correct_category": "MARKETING"},
            (None, None, None, None, "MARKETING"),
        ),
        (
            "phone_number_quality_update",
            {"event": "DOWNGRADE", "old_limit": "TIER_10K", "current_limit": "TIER_2K"},
            ("DOWNGRADE", None, None, "TIER_10K", "TIER_2K"),
        ),
        (
            "phone_number_name_update",
            {"decision": "REJECTED", "rejection_reason": "NAME_FORMAT_UNACCEPTABLE"},
            ("REJECTED", "NAME_FORMAT_UNACCEPTABLE", None, None, None),
        ),
        (
            "account_update",
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}},
            ("DISABLED_UPDATE", "SCHEDULE_FOR_DISABLE", None, None, None),
        ),
        (
            "account_update",
            {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SCAM"}},
            ("ACCOUNT_VIOLATION", "SCAM", None, None, None),
        ),
        (
            "account_alerts",
            {"alert_info": {"alert_type": "LIMIT", "alert_severity": "WARNING", "alert_description": "Cannot grow"}},
            ("LIMIT", "Cannot grow", "WARNING", None, None),
        ),
        ("account_review_update", {"decision": "APPROVED"}, ("APPROVED", None, None, None, None)),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": 2000},
            (None, None, None, None, "2000"),
        ),
        ("security", {"event": "PIN_CHANGED"}, ("PIN_CHANGED", None, None, None, None)),
    ],
)
def test_every_kind_of_notice_is_summed_up_alike(kind: str, told: Part, summary: tuple[str | None, ...]) -> None:
    notice = only_notice(kind, told)
    assert (notice.event, notice.reason, notice.severity, notice.previous, notice.current) == summary
    assert (notice.kind.value, notice.raw) == (kind, told)
    assert notice.at == datetime.fromtimestamp(1795000000, UTC)


def test_a_notice_about_a_number_says_which() -> None:
    assert only_notice("security", {"display_phone_number": "33186000042"}).display_phone_number == "33186000042"


def test_a_person_who_wants_no_advertising_is_named() -> None:
    wishes = [
        {"wa_id": "33600000042", "category": "marketing_messages", "value": "stop", "timestamp": 1795000009},
        {"wa_id": "33600000043", "user_id": USER_ID, "value": "resume", "timestamp": "soon"},
        "x",
    ]
    batch = read(event(value(contacts=[PERSON], user_preferences=wishes), field="user_preferences"))
    stop, resume = batch.notices
    assert (stop.kind, stop.event, stop.phone, stop.user_id) == (NoticeKind.PREFERENCE, "stop", "33600000042", None)
    assert (stop.phone_number_id, stop.at) == (NUMBER, datetime.fromtimestamp(1795000009, UTC))
    assert (resume.event, resume.user_id, resume.at) == ("resume", USER_ID, None)
    assert [each.reason for each in batch.broken] == ["one of its user_preferences is not an object"]


def test_a_changed_user_id_leads_from_the_old_to_the_new() -> None:
    change = {"wa_id": "33600000042", "user_id": {"previous": "FR.1", "current": "FR.2"}, "timestamp": "1795000009"}
    [notice] = read(event(value(user_id_update=[change]), field="user_id_update")).notices
    assert (notice.previous, notice.current, notice.user_id, notice.phone) == ("FR.1", "FR.2", "FR.2", "33600000042")


@pytest.mark.parametrize("told", [None, "x", [], {}, 7])
def test_a_notice_without_a_value_is_broken(told: object) -> None:
    batch = read(event(told, field="account_update"))
    assert (batch.notices, len(batch.broken)) == ([], 1)


def test_what_is_written_in_the_business_app_is_an_echo_and_no_message() -> None:
    batch = read(event(value(message_echoes=[echo()]), field="smb_message_echoes"))
    [found] = batch.echoes
    assert (batch.messages, batch.ignored, batch.broken) == ([], {}, [])
    assert (found.id, found.type, found.text, found.to_phone) == ("wamid.E", "text", "Bonjour", "33600000042")
    assert (found.phone_number_id, found.waba_id) == (NUMBER, "445900000000000")
    assert found.timestamp == datetime.fromtimestamp(1795000000, UTC)


def test_an_echo_may_be_a_file_a_reaction_or_about_an_earlier_one() -> None:
    file = message("image", {"id": "7", "caption": "Voilà"}, to="33600000042")
    reaction = message("reaction", {"message_id": "wamid.A", "emoji": "👍"}, to="33600000042")
    revoked = message("revoke", {"original_message_id": "wamid.B"}, to="33600000042")
    first, second, third = read(
        event(value(message_echoes=[file, reaction, revoked]), field="smb_message_echoes")
    ).echoes
    assert first.media is not None
    assert (first.media.id, first.text) == ("7", "Voilà")
    assert (second.emoji, second.target_id) == ("👍", "wamid.A")
    assert third.target_id == "wamid.B"


def test_an_echo_to_somebody_without_a_phone_has_the_user_id() -> None:
    item = echo(to=None, to_user_id=USER_ID)
    [found] = read(event(value(message_echoes=[item]), field="smb_message_echoes")).echoes
    assert (found.to_phone, found.to_user_id) == (None, USER_ID)


@pytest.mark.parametrize("changes", [{"to": None}, {"id": None}, {"timestamp": None}, {"text": None}, {"type": None}])
def test_an_echo_that_lacks_what_is_vital_is_broken(changes: Part) -> None:
    batch = read(event(value(message_echoes=[echo(**changes), echo()]), field="smb_message_echoes"))
    assert (len(batch.echoes), len(batch.broken)) == (1, 1)


def test_an_echo_of_an_unknown_type_is_counted() -> None:
    batch = read(event(value(message_echoes=[echo(type="hologram")]), field="smb_message_echoes"))
    assert batch.ignored == {"echo.hologram": 1}


def test_messages_under_the_field_of_echoes_are_counted_and_not_read() -> None:
    batch = read(event(value(messages=[text()]), field="smb_message_echoes"))
    assert (batch.messages, batch.ignored) == ([], {"value.messages": 1})
