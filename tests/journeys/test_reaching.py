"""What may not leave as it is: by a template, in another thread, or held and shown; and what nobody asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from lumi.core import i18n
from lumi.core.clock import now
from lumi.core.context import Actor, ActorKind
from lumi.core.ids import new_id
from lumi.integrations.whatsapp.fake.ledger import Accepted
from lumi.integrations.whatsapp.fake.templates import Template
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, Channel, Credentials, Inbound, Purpose
from lumi.modules.channels.services import templates
from lumi.modules.channels.values.kinds import TemplatePurpose
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import ConsentPurpose, ConsentSource, ConsentState
from lumi.modules.conversations import public as conversations
from lumi.modules.conversations import repository
from lumi.modules.conversations.errors import ContactStopped, NoConsent, Unreachable
from lumi.modules.conversations.public import FirstWords, InboxState, Spoken
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantChanges, TenantSettings
from tests import factories
from tests.journeys.channels.sites import Provider, telegram
from tests.journeys.conftest import Line
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("worker")
THANKS = i18n.tr("assistant-thanks", "fr")
NEWS = "Votre commande est prête."
CARRIES = Template("follow_up", "fr", "Une réponse pour vous : {{1}} Écrivez-nous quand vous voulez.")
INVITES = Template("write_to_us", "fr", "Nous avons une réponse pour vous : écrivez-nous.")
STAFF = Actor(ActorKind.STAFF, UUID(int=7), "Léa")


@dataclass
class Other:
    """The same person's chat on another channel."""

    provider: Provider
    thread: UUID


async def say(line: Line, text: str = NEWS, purpose: Purpose = Purpose.SERVICE, **more: object) -> Spoken:
    """Write to the person first."""
    async with factories.begin_work(line.house.db, line.tenant, STAFF) as ctx:
        words = FirstWords(text, purpose, **more)  # type: ignore[arg-type] (fields by name)
        return await conversations.say_first(ctx, await contact_of(line), words, key=None)


async def reply(line: Line, text: str) -> None:
    """Somebody of the organisation answers on WhatsApp, and does not keep the conversation."""
    ((thread,),) = await line.rows("select id from thread where channel = 'whatsapp'")
    await say_in(line, thread, text, author=Author.STAFF, purpose=Purpose.STAFF)


async def say_in(
    line: Line, thread: object, text: str, *, author: Author = Author.SYSTEM, purpose: Purpose = Purpose.PROACTIVE
) -> None:
    """Commit something to one thread."""
    assert isinstance(thread, UUID)
    async with factories.begin_work(line.house.db, line.tenant, STAFF) as ctx:
        await channels.lock(ctx, thread, stale=author is Author.STAFF)
        message, n = await repository.add_message(
            ctx, thread, author=author.value, author_id=None, words=text, lang=None
        )
        await channels.commit_delivery(
            ctx, thread, message_n=n, message_id=message, author=author, body=text, purpose=purpose
        )


async def contact_of(line: Line) -> UUID:
    """The person, whichever thread they wrote in."""
    found = (await line.rows("select contact_id from thread where contact_id is not null limit 1"))[0][0]
    assert isinstance(found, UUID)
    return found


async def acquainted(line: Line) -> None:
    """The person has written, and was answered."""
    await line.write("Merci beaucoup !")
    await line.hears(1)


async def close_window(line: Line) -> None:
    """It was longer ago than a day."""
    await line.rows("update event set received_at = received_at - interval '30 h' returning 1")


async def approve(line: Line, *wanted: Template) -> None:
    """The provider approved these, and they reopen conversations."""
    for each in wanted:
        line.twin.twin.templates.put(each)
    waba = line.twin.twin.settings.waba_id
    await line.rows(
        "update channel_account set settings = settings || jsonb_build_object('business_account_id', cast(:w as text))"
        " where id = :a returning 1", w=waba, a=line.account_id,
    )  # fmt: skip
    line.house.sender._accounts.forget()  # type: ignore[attr-defined]
    async with factories.begin_work(line.house.db, line.tenant, STAFF) as ctx:
        for row in await templates.refresh(ctx, line.house.sender, line.account_id):
            if row.name in {each.name for each in wanted}:
                await templates.choose(ctx, line.account_id, row.id, TemplatePurpose.REOPEN)


async def outcome(line: Line) -> list[tuple[object, ...]]:
    """What became of everything that was to leave on WhatsApp after the first answer."""
    found = await line.rows(
        "select state, error from delivery where account_id = :a order by n offset 1", a=line.account_id
    )
    return list(found)


async def quiet(line: Line, **settings: object) -> None:
    """What the organisation wants of manners."""
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        await tenants.change(ctx, version=None, changes=TenantChanges(settings=TenantSettings.model_validate(settings)))


ALWAYS_AWAKE = {"quiet_from": time(0), "quiet_until": time(0)}


@pytest.fixture
async def other(line: Line) -> AsyncGenerator[Other]:
    """The person writes on Telegram as well."""
    await acquainted(line)
    async with telegram() as provider:
        token = provider.given["bot_token"]
        async with factories.begin_work(line.house.db, line.tenant) as ctx:
            account = await channels.connect(
                ctx, channel=Channel.TELEGRAM, external_id=provider.external_id, name="Bot",
                credentials=Credentials("x", "", token), settings={"api_base": provider.url},
            )  # fmt: skip
        await provider.write("Merci !")
        said = {"kind": "text", "type": "text", "text": "Merci !"}
        address = f"telegram:{provider.person}"
        item = Inbound(None, str(new_id()), [address], said)
        await line.house.receiver.enter(line.tenant.id, account, Channel.TELEGRAM, item)
        await line.settled()
        ((thread,),) = await line.rows("select id from thread where channel = 'telegram'")
        assert isinstance(thread, UUID)
        ((person,),) = await line.rows("select contact_id from thread where channel = 'whatsapp'")
        async with factories.begin_work(line.house.db, line.tenant) as ctx:
            await channels.belongs_to(ctx, thread, person)  # type: ignore[arg-type] (an id)
        yield Other(provider, thread)


async def test_when_the_window_is_closed_the_text_leaves_in_an_approved_template(line: Line) -> None:
    await acquainted(line)
    await approve(line, CARRIES)
    await close_window(line)

    await reply(line, NEWS)

    assert [(each.type, each.text) for each in await line.hears(2)][1:] == [
        ("template", f"Une réponse pour vous : {NEWS} Écrivez-nous quand vous voulez.")
    ]
    assert await outcome(line) == [("sent", None)]


async def test_a_text_no_template_can_carry_waits_and_the_person_is_asked_once_to_write(line: Line) -> None:
    await acquainted(line)
    await approve(line, CARRIES, INVITES)
    await close_window(line)

    await reply(line, "Deux lignes :\nla première, la seconde.")
    await reply(line, "Et encore\nune.")

    assert [(each.type, each.text) for each in await line.hears(2)][1:] == [("template", INVITES.body)]
    assert sorted(await outcome(line), key=str) == [
        ("held", "window_closed"),
        ("held", "window_closed"),
        ("sent", None),
    ]
    await line.write("Merci !")
    said = [each.text for each in await line.hears(5)]
    assert said[2:] == ["Deux lignes :\nla première, la seconde.", "Et encore\nune.", THANKS]


async def test_without_a_template_it_is_said_in_the_thread_of_the_person_that_is_open(line: Line, other: Other) -> None:
    await line.rows(
        "update event set received_at = received_at - interval '30 h' where thread_id <> :t returning 1", t=other.thread
    )

    await reply(line, NEWS)
    await line.settled()

    assert (await other.provider.heard())[-1] == NEWS
    assert len(line.heard()) == 1
    assert await outcome(line) == [("withdrawn", "moved")]
    ((there, source),) = await line.rows(
        "select body ->> 'moved_from', continues from delivery where thread_id = :t and continues is not null",
        t=other.thread,
    )
    ((here, to),) = await line.rows("select id, body ->> 'moved_to' from delivery where error = 'moved'")
    ((whatsapp,),) = await line.rows("select id from thread where channel = 'whatsapp'")
    assert (there, source, to) == (str(whatsapp), here, str(other.thread))


async def test_where_nothing_reaches_the_person_it_is_held_and_shown_until_they_write(line: Line) -> None:
    await acquainted(line)
    await close_window(line)

    await reply(line, NEWS)
    await line.settled()

    assert await outcome(line) == [("held", "window_closed")]
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        unsent = await conversations.list_conversations(ctx, state=InboxState.UNSENT, cursor=None, limit=10)
    assert [each.id for each in unsent.items] == [await line.thread()]
    await line.write("Merci !")
    assert [each.text for each in await line.hears(3)] == [THANKS, NEWS, THANKS]


async def test_neither_a_template_nor_another_thread_goes_round_a_stop(line: Line, other: Other) -> None:
    await approve(line, CARRIES, INVITES)
    heard = len(await other.provider.heard())
    await line.rows("update event set received_at = received_at - interval '30 h' where kind = 'message' returning 1")
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        await contacts.stop(ctx, await contact_of(line))

    await reply(line, NEWS)
    await line.settled()

    assert await outcome(line) == [("withdrawn", "stopped")]
    assert (len(line.heard()), len(await other.provider.heard())) == (1, heard)
    with pytest.raises(ContactStopped):
        await say(line)


async def test_a_notice_about_a_template_has_the_provider_asked_what_is_true(line: Line) -> None:
    await acquainted(line)
    await approve(line, CARRIES)
    line.twin.twin.templates.put(Template(CARRIES.name, CARRIES.language, CARRIES.body, status="PAUSED"))
    told = {"event": "APPROVED", "message_template_id": 1, "message_template_name": CARRIES.name,
            "message_template_language": "fr"}  # fmt: skip
    change = {"field": "message_template_status_update", "value": told}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 1, "changes": [change]}]}

    assert (await line.post(orjson.dumps(body))).status_code == 200

    paused = "select 1 from message_template where name = :n and status = 'paused'"
    await until(lambda: line.rows(paused, n=CARRIES.name))
    await close_window(line)
    await reply(line, NEWS)
    await line.settled()
    assert await outcome(line) == [("held", "window_closed")]


async def test_the_first_word_goes_where_the_person_was_heard_last(line: Line, other: Other) -> None:
    await quiet(line, **ALWAYS_AWAKE)

    spoken = await say(line, purpose=Purpose.PROACTIVE)
    await line.settled()

    assert spoken.conversation_id == other.thread
    assert (await other.provider.heard())[-1] == NEWS


async def test_nobody_is_written_to_first_whom_nothing_reaches(line: Line) -> None:
    await acquainted(line)
    await close_window(line)

    with pytest.raises(Unreachable):
        await say(line)


async def test_what_nobody_asked_for_waits_for_the_end_of_the_quiet_hours_and_delays_no_answer(line: Line) -> None:
    await acquainted(line)
    here = now().astimezone(ZoneInfo(line.tenant.time_zone))
    begins, ends = (here - timedelta(hours=1)).time(), (here + timedelta(hours=1)).time()
    await quiet(line, quiet_from=begins, quiet_until=ends)

    await say(line, purpose=Purpose.PROACTIVE)
    await say(line, "Votre rendez-vous est confirmé.")
    await line.write("Merci !")

    assert [each.text for each in await hears(line, 3)] == [THANKS, "Votre rendez-vous est confirmé.", THANKS]
    ((state, error, leaves),) = await line.rows(
        "select state, error, next_try_at - now() from delivery where purpose = 'proactive'"
    )
    assert (state, error) == ("committed", "quiet_hours")
    assert isinstance(leaves, timedelta)
    assert timedelta(minutes=58) < leaves < timedelta(minutes=71)


async def hears(line: Line, count: int) -> list[Accepted]:
    """Wait until the person has got so many messages, whatever still waits."""
    await until(lambda: len(line.heard()) >= count)
    return list(line.heard())


async def test_two_workers_never_say_more_than_the_cap_allows_though_they_speak_in_two_threads(
    line: Line, other: Other
) -> None:
    await quiet(line, **ALWAYS_AWAKE, proactive_per_day=1)
    threads = [row[0] for row in await line.rows("select id from thread order by id")]

    await asyncio.gather(*(say_in(line, thread, f"Nouvelle {n}.") for n, thread in enumerate(threads * 3)))
    await line.settled()

    states = await line.rows("select state, error, count(*) from delivery where purpose = 'proactive' group by 1, 2")
    assert sorted(states) == [("held", "day_full", 5), ("sent", None, 1)]


async def test_whoever_took_their_consent_back_is_not_written_to_unasked_though_it_was_on_its_way(line: Line) -> None:
    await acquainted(line)
    contact, (thread,) = await contact_of(line), (await line.rows("select id from thread"))[0]
    await quiet(line, **ALWAYS_AWAKE)
    async with factories.begin_work(line.house.db, line.tenant, STAFF) as ctx:
        await contacts.note_consent(
            ctx, contact, ConsentPurpose.PROACTIVE, ConsentState.WITHDRAWN, source=ConsentSource.PERSON
        )

    with pytest.raises(NoConsent):
        await say(line, purpose=Purpose.PROACTIVE)
    await say_in(line, thread, NEWS)  # committed before, as by a program that waits
    await line.settled()
    await say_in(line, thread, "Votre table est prête.", purpose=Purpose.SERVICE)

    assert [each.text for each in await line.hears(2)] == [THANKS, "Votre table est prête."]
    assert await line.rows("select state, error from delivery where purpose = 'proactive'") == [
        ("withdrawn", "no_consent")
    ]


async def test_where_consent_is_needed_only_who_gave_it_is_written_to_unasked(line: Line) -> None:
    await acquainted(line)
    await quiet(line, **ALWAYS_AWAKE, proactive_needs_consent=True)

    with pytest.raises(NoConsent):
        await say(line, purpose=Purpose.PROACTIVE)
    async with factories.begin_work(line.house.db, line.tenant, STAFF) as ctx:
        await contacts.note_consent(
            ctx, await contact_of(line), ConsentPurpose.PROACTIVE, ConsentState.GRANTED, source=ConsentSource.STAFF
        )
    await say(line, purpose=Purpose.PROACTIVE)

    assert [each.text for each in await line.hears(2)] == [THANKS, NEWS]
