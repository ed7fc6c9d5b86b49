"""Our calls to Gmail, against the twin with and without its faults."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lumi.core import clock
from lumi.core.http import Http, OutcomeUnknown, Rejected, Unavailable
from lumi.integrations.gmail.client import LARGEST_MAIL_BYTES, Gmail
from lumi.integrations.gmail.errors import GoogleRejected, HistoryGone, Reason, Throttled
from lumi.integrations.gmail.fake.faults import Faults
from lumi.integrations.gmail.fake.ledger import SentEntry
from lumi.integrations.gmail.fake.server import RunningTwin
from lumi.integrations.mail.composing import answer_subject, new_message_id
from lumi.integrations.mail.reader import read
from lumi.integrations.oauth.tokens import OAuthToken
from tests.integrations.gmail.salon import ADDRESS, GUEST, Writer, answer

Taken = Callable[[], list[SentEntry]]


async def test_the_profile_tells_whose_mailbox_it_is(gmail: Gmail) -> None:
    profile = await gmail.profile()
    assert (profile.address, profile.history_id > 0) == (ADDRESS, True)


async def test_a_watch_lasts_seven_days(gmail: Gmail, served: RunningTwin) -> None:
    watch = await gmail.watch(served.twin.settings.topic)
    assert watch.history_id == (await gmail.profile()).history_id
    assert timedelta(days=6, hours=23) < watch.expires_at - clock.now() <= timedelta(days=7)


async def test_a_topic_that_is_not_ours_is_refused(gmail: Gmail) -> None:
    with pytest.raises(GoogleRejected) as failure:
        await gmail.watch("projects/other/topics/other")
    assert (failure.value.status, failure.value.reason) == (400, Reason.PAYLOAD)


async def test_history_tells_what_came_since_in_order_and_each_once(gmail: Gmail, writer: Writer) -> None:
    since = (await gmail.profile()).history_id
    written = [await writer.write(f"Nr. {n}") for n in range(3)]
    history = await gmail.history(since)
    assert [each.id for each in history.added] == [each["id"] for each in written]
    assert all(each.is_received and each.thread_id for each in history.added)
    assert history.history_id == (await gmail.profile()).history_id
    assert (await gmail.history(history.history_id)).added == ()


async def test_history_is_read_to_its_last_page(gmail: Gmail, served: RunningTwin) -> None:
    since = (await gmail.profile()).history_id
    box = served.twin.mailboxes[ADDRESS]
    for n in range(1203):
        box.add(f"From: {GUEST}\r\nMessage-ID: <{n}@x.example>\r\n\r\nhi".encode(), ("INBOX",))
    history = await gmail.history(since)
    assert len({each.id for each in history.added}) == 1203
    assert history.history_id == box.history_id


async def test_history_without_a_label_tells_of_sent_mail_too(gmail: Gmail, writer: Writer) -> None:
    since = (await gmail.profile()).history_id
    await writer.write()
    sent = await gmail.send(answer())
    assert [each.is_received for each in (await gmail.history(since)).added] == [True]
    [received, own] = (await gmail.history(since, label=None)).added
    assert (own.id, own.is_sent, own.is_received) == (sent.id, True, False)
    assert not received.is_sent


@pytest.mark.parametrize("label", ["SPAM", "TRASH", "DRAFT"])
async def test_what_is_not_in_the_inbox_was_not_received(gmail: Gmail, writer: Writer, label: str) -> None:
    since = (await gmail.profile()).history_id
    await writer.write(label=label)
    assert (await gmail.history(since)).added == ()
    [found] = (await gmail.history(since, label=None)).added
    assert not found.is_received


async def test_history_that_is_too_old_is_gone_and_the_gap_can_be_listed(gmail: Gmail, writer: Writer) -> None:
    since = (await gmail.profile()).history_id
    written = [await writer.write(f"Nr. {n}") for n in range(2)]
    await writer.post("history/forget", {})
    with pytest.raises(HistoryGone):
        await gmail.history(since)
    now = (await gmail.profile()).history_id
    listed = await gmail.list_recent()
    assert {each.id for each in listed} == {each["id"] for each in written}
    assert (await gmail.history(now)).added == ()


async def test_a_search_without_a_find_is_empty(gmail: Gmail) -> None:
    assert await gmail.list_recent("in:inbox newer_than:7d") == ()


async def test_a_mail_is_had_as_it_was_written(gmail: Gmail, writer: Writer) -> None:
    written = await writer.write("Déjà vu ?\n> old", subject="Été")
    stored = await gmail.get_raw(written["id"])
    assert stored is not None
    mail = read(stored.raw)
    assert (mail.subject, mail.text, mail.message_id) == ("Été", "Déjà vu ?", written["message_id"])
    assert (stored.thread_id, "INBOX" in stored.labels) == (written["thread_id"], True)
    assert stored.received_at is not None
    assert abs(clock.now() - stored.received_at) < timedelta(seconds=30)


@pytest.mark.parametrize("mail_id", ["gone", "../profile", "a/b?c"])
async def test_a_mail_that_is_no_longer_there_is_none(gmail: Gmail, writer: Writer, mail_id: str) -> None:
    written = await writer.write()
    await writer.post("mails/delete", {"id": written["id"]})
    assert await gmail.get_raw(written["id"]) is None
    assert await gmail.get_raw(mail_id) is None
    assert await gmail.message_id_of(mail_id) is None


async def test_a_mail_that_is_too_large_to_read_is_refused_and_not_asked_for_again(
    gmail: Gmail, served: RunningTwin
) -> None:
    raw = b"From: a@guest.example\r\n\r\n" + b"x" * (25 << 20)
    letter = served.twin.mailboxes[ADDRESS].add(raw, ("INBOX",))
    with pytest.raises(GoogleRejected) as failure:
        await gmail.get_raw(letter.id)
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)


async def test_a_mail_is_asked_for_again_when_it_was_not_answered(
    gmail: Gmail, writer: Writer, served: RunningTwin
) -> None:
    written = await writer.write()
    await writer.post("faults", {"fail_reads": 0.5, "seed": 1, "status": 503})
    assert await gmail.get_raw(written["id"]) is not None
    assert served.twin.counts["refused"] > 0


async def test_an_answer_goes_into_the_thread(gmail: Gmail, writer: Writer, taken: Taken) -> None:
    written = await writer.write("Mardi ?")
    stored = await gmail.get_raw(written["id"])
    assert stored is not None
    mail = read(stored.raw)
    key = new_message_id("lumi.example")
    raw = answer("Oui.", subject=answer_subject(mail.subject), message_id=key, chain=mail.chain)
    sent = await gmail.send(raw, written["thread_id"])
    [entry] = taken()
    assert sent.thread_id == written["thread_id"]
    assert (entry.to, entry.subject, entry.text, entry.message_id) == (GUEST, "Re: Rendez-vous", "Oui.", key)
    assert await writer.texts() == ["Mardi ?", "Oui."]


async def test_the_id_that_others_see_is_told(gmail: Gmail, taken: Taken) -> None:
    sent = await gmail.send(answer())
    shown = await gmail.message_id_of(sent.id)
    assert shown == taken()[0].shown_id
    assert shown != taken()[0].message_id


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_send_whose_answer_was_lost_is_found_by_our_id(
    gmail: Gmail, served: RunningTwin, keeps: bool, taken: Taken
) -> None:
    served.twin.settings.keeps_message_ids = keeps
    since, key = clock.now(), new_message_id("lumi.example")
    await gmail.send(answer("Autre", message_id=new_message_id("lumi.example")))
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await gmail.send(answer("Oui.", message_id=key))
    found = await gmail.find_by_message_id(key, GUEST, since)
    assert found is not None
    assert (found.id, found.thread_id) == (taken()[1].id, taken()[1].thread_id)


async def test_a_send_that_never_arrived_is_not_found(gmail: Gmail, served: RunningTwin, taken: Taken) -> None:
    since, key = clock.now(), new_message_id("lumi.example")
    await gmail.send(answer())
    served.twin.faults = Faults(fail_rate=1, status=502)
    with pytest.raises(OutcomeUnknown):
        await gmail.send(answer(message_id=key))
    assert len(taken()) == 1
    assert await gmail.find_by_message_id(key, GUEST, since) is None


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # core.http hands bodies over as bytes
async def test_a_large_mail_is_uploaded_and_arrives_whole(gmail: Gmail, writer: Writer, served: RunningTwin) -> None:
    written = await writer.write()
    raw = answer(("y" * 75 + "\n") * 60_000, subject="Re: Rendez-vous", chain=[written["message_id"]])
    sent = await gmail.send(raw, written["thread_id"])
    assert sent.thread_id == written["thread_id"]
    assert served.twin.mailboxes[ADDRESS].letters[sent.id].raw.endswith(raw[-4_000_000:])


@pytest.mark.parametrize("raw", [b"", b"x" * (LARGEST_MAIL_BYTES + 1)])
async def test_a_mail_that_is_too_large_is_refused_without_a_call(
    gmail: Gmail, served: RunningTwin, raw: bytes
) -> None:
    with pytest.raises(GoogleRejected) as failure:
        await gmail.send(raw)
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)
    assert served.twin.counts["tokens"] == 0


@pytest.mark.parametrize(("status", "kind"), [(500, Unavailable), (503, Unavailable), (502, OutcomeUnknown)])
async def test_a_failure_of_theirs_passes_or_leaves_us_not_knowing(
    gmail: Gmail, served: RunningTwin, status: int, kind: type[Exception], taken: Taken
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status)
    with pytest.raises(kind):
        await gmail.send(answer())
    assert taken() == []


@pytest.mark.parametrize("status", [403, 429])
async def test_a_throttle_is_told_as_one(gmail: Gmail, served: RunningTwin, status: int) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status)
    with pytest.raises(Throttled) as failure:
        await gmail.send(answer())
    assert failure.value.retry_after >= 2.0


async def test_reads_are_repeated_until_they_are_answered(gmail: Gmail, served: RunningTwin, writer: Writer) -> None:
    await writer.write()
    await writer.post("faults", {"fail_reads": 0.5, "seed": 3, "status": 503})
    assert len(await gmail.list_recent()) == 1


async def test_a_send_is_never_repeated(gmail: Gmail, served: RunningTwin) -> None:
    served.twin.faults = Faults(fail_rate=1, status=503)
    with pytest.raises(Unavailable):
        await gmail.send(answer())
    assert served.twin.counts["refused"] == 1


async def test_a_mail_without_a_recipient_is_refused_as_such(gmail: Gmail) -> None:
    with pytest.raises(GoogleRejected) as failure:
        await gmail.send(b"From: salon@lumi.example\r\nSubject: x\r\n\r\nhi")
    assert failure.value.reason is Reason.RECIPIENT


async def test_an_answer_without_an_id_has_an_unknown_outcome(
    http: Http, served: RunningTwin, token: OAuthToken
) -> None:
    elsewhere = Gmail(http, f"{served.url}/_twin/history/forget?", token, ADDRESS)
    with pytest.raises(OutcomeUnknown):
        await elsewhere.send(answer())


async def test_an_answer_that_is_not_googles_keeps_its_status(
    http: Http, served: RunningTwin, token: OAuthToken
) -> None:
    with pytest.raises(Rejected) as failure:
        await Gmail(http, f"{served.url}/nothing/here", token, ADDRESS).send(answer())
    assert failure.value.status == 404


async def test_a_mailbox_whose_server_is_gone_does_not_stop_another(
    served: RunningTwin, token: OAuthToken, unused_tcp_port: int
) -> None:
    async with Http(failures_to_open=2) as http:
        gone = Gmail(http, f"http://127.0.0.1:{unused_tcp_port}", token, "other@lumi.example")
        for _ in range(2):
            with pytest.raises(Unavailable, match="not connected"):
                await gone.send(answer())
        with pytest.raises(Unavailable, match="resting"):
            await gone.send(answer())
        assert (await Gmail(http, served.url, token, ADDRESS).send(answer())).id


async def test_times_of_any_zone_find_what_was_sent(gmail: Gmail, taken: Taken) -> None:
    key = new_message_id("lumi.example")
    await gmail.send(answer(message_id=key))
    ahead = datetime.now(UTC) + timedelta(hours=1)
    assert await gmail.find_by_message_id(key, GUEST, ahead) is None
    assert await gmail.find_by_message_id(key, GUEST, ahead - timedelta(hours=2)) is not None
