"""People correct and take back what they wrote, and owners answer from the provider's own app."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lumi.core import i18n
from lumi.core.clock import now
from lumi.modules.channels.public import Channel, EventKind, Inbound
from lumi.modules.channels.values.incoming import Parsed
from tests.journeys.conftest import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import StaffHeaders


def edited(line: Line, original: str, words: str) -> dict[str, object]:
    inner = {"type": "text", "text": {"body": words}}
    return line.message(None, type="edit", edit={"original_message_id": original, "message": inner})


def revoked(line: Line, original: str) -> dict[str, object]:
    return line.message(None, type="revoke", revoke={"original_message_id": original})


async def echo(
    line: Line, words: str, *, provider_id: str = "mid.echo", said: Mapping[str, object] | None = None
) -> None:
    """What left from the account by other hands than ours, as an adapter tells it."""
    payload = {"kind": "text", "type": "text", "text": words, **(said or {})}
    item = Inbound(line.number, provider_id, [f"phone:{line.person}"], payload, kind=EventKind.ECHO)
    assert await line.house.receiver.enter(line.tenant.id, line.account_id, Channel.WHATSAPP, item)


async def ledger(line: Line) -> list[tuple[object, ...]]:
    return list(await line.rows("select author, text from message order by n"))


@pytest.mark.usefixtures("worker")
class TestOfWhatWasAnswered:
    async def test_an_edit_is_shown_and_not_answered_again(self, line: Line) -> None:
        first = line.message("Merci !")
        await line.post(line.body(first))
        await line.hears(1)

        await line.post(line.body(edited(line, str(first["id"]), "Merci à vous !")))

        assert len(await line.hears(1)) == 1
        assert (await ledger(line))[0] == ("contact", "Merci à vous !")
        assert await line.rows("select edited_at is not null from message where n = 1") == [(True,)]

    async def test_words_taken_back_are_neither_in_the_ledger_nor_among_the_events(self, line: Line) -> None:
        first = line.message("Merci ! Mon code est 4711")
        await line.post(line.body(first))
        await line.hears(1)

        await line.post(line.body(revoked(line, str(first["id"]))))
        await line.hears(1)

        assert (await ledger(line))[0] == ("contact", "")
        assert await line.rows("select count(*) from event where payload::text like '%4711%'") == [(0,)]


@pytest.mark.usefixtures("worker")
class TestOfWhatIsNotAnsweredYet:
    async def test_an_edited_message_is_answered_once_as_it_reads_now(self, line: Line) -> None:
        first = line.message("Danke !")
        await line.post(line.body(first, edited(line, str(first["id"]), "شكرا جزيلا!")))

        (reply,) = await line.hears(1)
        assert reply.text == i18n.tr("assistant-thanks", "ar")

    async def test_a_deleted_message_is_not_answered(self, line: Line) -> None:
        first = line.message("Merci !")
        await line.post(line.body(first, revoked(line, str(first["id"]))))
        await line.settled()

        assert line.heard() == []
        settled = await line.rows("select kind, settled_by from event order by n")
        assert settled == [("message", "superseded"), ("deletion", "not_needed")]

    async def test_a_change_that_comes_before_its_message_waits_for_it(self, line: Line) -> None:
        first = line.message("Danke !")
        await line.post(line.body(edited(line, str(first["id"]), "شكرا جزيلا!")))
        await line.settled()
        assert line.heard() == []
        assert await line.rows("select settled_by from event") == [("parked",)]

        await line.post(line.body(first))

        (reply,) = await line.hears(1)
        assert reply.text == i18n.tr("assistant-thanks", "ar")
        assert await line.rows("select count(*) from event where settled_by = 'parked'") == [(0,)]

    async def test_the_same_change_twice_has_one_effect(self, line: Line) -> None:
        first = line.message("Merci !")
        change = line.body(edited(line, str(first["id"]), "Merci à vous !"))
        await line.post(line.body(first))
        await line.post(change)
        await line.post(change)
        await line.hears(1)

        assert await line.rows("select count(*) from event where kind = 'edit'") == [(1,)]


@pytest.mark.usefixtures("worker")
class TestOfWhatAPersonWritesInTheProvidersApp:
    async def test_staff_see_it_and_it_answers_what_was_asked_before(self, line: Line) -> None:
        await line.write("Do you sell motor oil for tractors?")
        await line.hears(1)

        await echo(line, "Yes, ask for Pablo.")
        await line.settled()

        assert (await ledger(line))[-1] == ("staff", "Yes, ask for Pablo.")
        assert len(line.heard()) == 1

    async def test_the_bot_is_silent_while_they_talk_and_speaks_again_afterwards(self, line: Line) -> None:
        await echo(line, "Hello, Pablo here.")
        await line.write("Thank you!")
        await line.settled()
        assert line.heard() == []
        assert await line.rows("select settled_by from event where kind = 'message'") == [("human",)]

        await line.rows("update thread set quiet_until = now() returning 1")
        await line.write("Thank you very much!")

        (reply,) = await line.hears(1)
        assert reply.text == i18n.tr("assistant-thanks", "en")

    async def test_told_late_it_does_not_answer_what_was_asked_after_it_was_written(self, line: Line) -> None:
        asked, told = (
            Inbound(line.number, f"mid.{kind}", [f"phone:{line.person}"], {"kind": "text", "text": words}, at, kind)
            for kind, words, at in (
                (EventKind.MESSAGE, "Thank you!", now()),
                (EventKind.ECHO, "Pablo here.", now() - timedelta(hours=2)),
            )
        )
        account = await line.house.sender.account(line.tenant.id, line.account_id)
        await line.house.receiver.take_pulled(account, Parsed(inbound=[asked, told]))

        (reply,) = await line.hears(1)
        assert reply.text == i18n.tr("assistant-thanks", "en")
        await line.settled()
        assert ("staff", "Pablo here.") in await ledger(line)

    async def test_what_we_sent_ourselves_is_nobodys_words(self, line: Line) -> None:
        await line.write("Merci !")
        (reply,) = await line.hears(1)
        await line.rows("update delivery set state = 'unknown', provider_id = null returning 1")

        await echo(line, str(reply.text), provider_id=reply.id, said={"unsigned": True})
        await line.settled()

        assert await line.rows("select state, provider_id from delivery") == [("sent", reply.id)]
        assert [author for author, _ in await ledger(line)] == ["contact", "assistant"]
        assert await line.rows("select quiet_until from thread") == [(None,)]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("sending_at = sending_at - interval '3 days'", {"unsigned": True}),
            ("attempt = attempt", {"unsigned": True, "content": {"files": ["image"]}}),
            ("body = body || '{\"file\": {}}'", {"unsigned": True}),
            ("attempt = attempt", {}),
        ],
        ids=["at another time", "with a picture", "without the picture", "where ours would be signed"],
    )
    async def test_the_same_words_are_theirs(self, line: Line, change: str, said: dict[str, object]) -> None:
        """What nobody knows the outcome of stays so, and a person who speaks is heard."""
        await line.write("Merci !")
        (reply,) = await line.hears(1)
        await line.rows(f"update delivery set state = 'unknown', provider_id = null, {change} returning 1")

        await echo(line, str(reply.text), said=said)
        await line.settled()

        assert await line.rows("select state, provider_id from delivery") == [("unknown", None)]
        assert (await ledger(line))[-1] == ("staff", reply.text)
        assert await line.rows("select 1 from thread where quiet_until > now()") == [(1,)]


@pytest.mark.usefixtures("worker")
async def test_staff_are_told_that_words_were_changed_or_taken_back(line: Line, staff: StaffHeaders) -> None:
    headers = await staff("conversations:read")
    first, second = line.message("Merci !"), line.message("Oubliez ça.")
    await line.post(line.body(first, second))
    await line.hears(1)
    await line.post(line.body(edited(line, str(first["id"]), "Merci à vous !"), revoked(line, str(second["id"]))))
    await line.settled()

    messages = await line.client.get(f"/v1/conversations/{await line.thread()}/messages", headers=headers)
    changed, gone, *_ = messages.json()["items"]

    assert (changed["text"], changed["edited_at"] is None, changed["deleted_at"]) == ("Merci à vous !", False, None)
    assert (gone["text"], gone["deleted_at"] is None) == ("", False)
