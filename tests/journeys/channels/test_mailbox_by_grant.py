"""A mailbox that takes no password: connected by what its owner granted, read and answered as long as that holds."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.core import i18n
from lumi.integrations.mailbox.fake.server import RunningTwin, running
from lumi.integrations.mailbox.fake.twin import TwinSettings
from lumi.modules.channels import public as channels
from lumi.modules.channels import rules
from lumi.modules.channels.adapters.mailbox import MailboxAdapter
from lumi.modules.channels.errors import AccountTaken, ProviderRefused
from lumi.modules.channels.events import ExamineAccount
from lumi.modules.channels.public import Channel, NewAccount
from lumi.modules.channels.services import examining, providers, pull, status, watching
from tests import factories
from tests.journeys.channels.conftest import Dialogue
from tests.journeys.channels.sites import Provider
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lumi.api.house import House
    from lumi.modules.tenants.public import Tenant

pytestmark = pytest.mark.usefixtures("worker")
ADDRESS, PERSON = "salon@twin.example", "ana@guest.example"
THANKS = i18n.tr("assistant-thanks", "fr")


@dataclass
class Granted:
    """A tenant's mailbox at a twin that is asked for tokens, and somebody who writes to it."""

    dialogue: Dialogue
    twin: RunningTwin
    adapter: MailboxAdapter

    async def connect(self, **changes: str) -> UUID:
        """As its owner does, with what they granted just now."""
        given = {**given_by(self.twin), **changes}
        async with factories.begin_work(self.dialogue.house.db, self.dialogue.tenant) as ctx:
            made = await channels.connect_account(
                ctx, self.dialogue.house.sender, NewAccount(Channel.MAILBOX, given, "Salon Éclat"), address=""
            )
        return made.account.id

    async def revoke(self, *, grant: bool) -> None:
        """What was given for the grant is good no more; with `grant`, that neither."""
        await self.dialogue.provider.ask("POST", "tokens/revoke", {"account": ADDRESS, "grant": grant})

    async def column(self, name: str) -> object:
        """What is kept of the account under a name."""
        ((found,),) = await self.dialogue.rows(f"select {name} from channel_account where channel = 'mailbox'")
        return found

    async def kept(self) -> dict[str, str]:
        """The secret of the account, opened."""
        account = await self.dialogue.house.sender.ready(self.dialogue.tenant.id, self.dialogue.account_id)
        assert account is not None
        return cast("dict[str, str]", json.loads(account.access_token))

    async def try_now(self) -> None:
        """Let what waits wait no longer."""
        await self.dialogue.rows("update delivery set next_try_at = now(), error = null returning 1")
        await self.dialogue.rows(
            "update lane set ready_at = now() where owner is null returning pg_notify('lumi_wake', 'lanes')::text"
        )

    async def examine(self) -> None:
        """As a worker does each day."""
        async with factories.begin_work(self.dialogue.house.db, self.dialogue.tenant) as ctx:
            await examining.examine(
                ctx, self.dialogue.house.sender, ExamineAccount(self.dialogue.account_id), address=""
            )

    @property
    def tokens(self) -> int:
        """How many access tokens were given so far."""
        return self.twin.twin.counts["tokens"]


def given_by(twin: RunningTwin) -> dict[str, str]:
    """What the owner of the mailbox has, having granted access just now."""
    settings = twin.twin.settings
    given = {
        "address": ADDRESS,
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "refresh_token": twin.twin.grants.grant(ADDRESS),
    }
    for name, port in (("imap", twin.ports.imap), ("smtp", twin.ports.smtp)):
        given |= {f"{name}_host": twin.host, f"{name}_port": str(port), f"{name}_security": "plain"}
    return given


@pytest.fixture
async def granted(app: FastAPI, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Granted]:
    """The mailbox, connected by what its owner granted."""
    house: House = app.state.house
    adapter = house.sender.adapter(Channel.MAILBOX)
    assert isinstance(adapter, MailboxAdapter)
    # A connection that the server ends is made again at once, however short it lived.
    monkeypatch.setattr(pull, "BROKE_SOON_SECONDS", 0.0)
    monkeypatch.setattr(providers, "FIRST_EXAMINED", timedelta(days=1))  # a test says when it is
    async with running(TwinSettings(accounts=(ADDRESS,), keeps_copies=True)) as twin:
        monkeypatch.setattr(adapter.granted, "token_url", twin.token_url)
        provider = Provider(Channel.MAILBOX, twin.url, ADDRESS, {}, PERSON, busy=451)
        found = Granted(Dialogue(provider, tenant, house, UUID(int=0), "", is_posted_to=False), twin, adapter)
        found.dialogue.account_id = await found.connect()
        yield found
        async with factories.begin_work(house.db, tenant) as ctx:
            await channels.disconnect(ctx, house.sender, found.dialogue.account_id)


async def test_a_mail_comes_in_and_its_answer_leaves(granted: Granted) -> None:
    await granted.dialogue.provider.write("Merci beaucoup !")

    assert await granted.dialogue.hears(1) == [THANKS]


async def test_reading_sending_and_examining_share_one_access_token(granted: Granted) -> None:
    before = granted.tokens
    await granted.dialogue.provider.write("Merci beaucoup !")
    await granted.dialogue.hears(1)
    await granted.examine()

    assert (before, granted.tokens) == (1, 1)


async def test_a_token_that_is_good_no_more_is_exchanged_for_another_and_nobody_notices(granted: Granted) -> None:
    await granted.revoke(grant=False)
    await granted.dialogue.provider.write("Merci beaucoup !")

    assert await granted.dialogue.hears(1) == [THANKS]
    assert await granted.column("token_refused_at") is None
    assert granted.tokens == 2


async def test_a_grant_that_was_taken_back_is_told_in_words_and_what_waits_leaves_after_connecting_again(
    granted: Granted,
) -> None:
    dialogue = granted.dialogue
    await dialogue.provider.faults(fail_rate=1, status=451)
    await dialogue.provider.write("Merci beaucoup !")
    await until(lambda: dialogue.rows("select 1 from delivery where attempt > 0 and state = 'committed'"))
    await dialogue.provider.faults()
    await granted.revoke(grant=True)
    await dialogue.rows("update delivery set next_try_at = now() returning 1")
    await dialogue.rows("update lane set ready_at = now() where owner is null returning 1")
    await until(
        lambda: dialogue.rows("select 1 from delivery where state = 'committed' and starts_with(error, 'token')")
    )
    await until(lambda: dialogue.rows("select 1 from channel_account where token_refused_at is not null"))

    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        await watching.watch(ctx)
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        shown = await status.get_status(ctx, dialogue.account_id)
    [alert] = shown.alerts
    said = channels.of_alert(alert.kind, alert.detail, Channel.MAILBOX, "en")
    assert (shown.state, "until the account is connected again" in said) == (channels.AccountState.BROKEN, True)
    assert shown.failure is not None
    assert "The refresh token has expired" in shown.failure.said

    await dialogue.provider.write("Vielen Dank!")  # nobody reads it yet
    await granted.connect()
    await dialogue.rows("update delivery set next_try_at = now() where state = 'committed' returning 1")
    await dialogue.rows("update lane set ready_at = now() where owner is null returning 1")
    assert await dialogue.hears(2) == [THANKS, i18n.tr("assistant-thanks", "de")]
    assert await dialogue.states() == ["sent", "sent"]
    assert await granted.column("token_refused_at") is None


async def test_of_a_mailbox_that_is_shut_one_message_is_tried_and_every_other_waits_untried(granted: Granted) -> None:
    dialogue = granted.dialogue
    await dialogue.provider.faults(refuse_smtp_login_rate=1, status=535, error_code=578)
    for person in (PERSON, "bea@guest.example", "cleo@guest.example"):
        await dialogue.provider.write("Merci beaucoup !", **{"from": person})
        await until(
            lambda: dialogue.rows("select 1 from delivery having bool_and(state = 'committed' and next_try_at > now())")
        )
    await until(lambda: dialogue.rows("select 1 from delivery offset 2"))

    tried = await dialogue.rows("select id from delivery where sending_at is not null")
    assert len(tried) == 1
    assert granted.twin.twin.ledger.count == 0


async def test_however_often_a_shut_mailbox_refuses_a_message_it_has_all_its_attempts_afterwards(
    granted: Granted,
) -> None:
    dialogue = granted.dialogue
    await dialogue.provider.faults(refuse_smtp_login_rate=1, status=535, error_code=578)
    await dialogue.provider.write("Merci beaucoup !")
    for _ in range(rules.MAX_ATTEMPTS):
        await until(lambda: dialogue.rows("select 1 from delivery where starts_with(error, 'token')"))
        dialogue.house.sender.forget_pause(dialogue.account_id)
        await granted.try_now()
    await until(lambda: dialogue.rows("select 1 from delivery where starts_with(error, 'token')"))

    await dialogue.provider.faults()
    await granted.connect()
    await dialogue.provider.faults(fail_rate=1, status=451)
    await granted.try_now()
    await until(lambda: dialogue.rows("select 1 from delivery where not starts_with(error, 'token')"))
    await dialogue.provider.faults()

    assert await dialogue.states() == ["committed"]
    assert await dialogue.hears(1) == [THANKS]


async def test_a_mailbox_that_may_be_read_no_more_says_so_although_nothing_is_to_leave(granted: Granted) -> None:
    await granted.revoke(grant=True)

    await until(lambda: granted.dialogue.rows("select 1 from channel_account where token_refused_at is not null"))
    assert await granted.dialogue.rows("select failures > 0 from channel_cursor") == [(True,)]


async def test_a_mailbox_that_could_be_read_again_is_examined_and_what_was_noted_is_over(granted: Granted) -> None:
    dialogue = granted.dialogue
    await dialogue.provider.faults(refuse_grant_rate=1)
    await granted.revoke(grant=False)
    await until(lambda: dialogue.rows("select 1 from channel_account where token_refused_at is not null"))
    await until(lambda: dialogue.rows("select 1 from channel_cursor where failures > 0 and leased_by is null"))

    await dialogue.provider.faults()
    await dialogue.rows("update channel_cursor set next_at = now() returning 1")
    await until(lambda: dialogue.rows("select 1 from channel_account where token_refused_at is null"))


async def test_a_token_endpoint_that_is_away_for_a_moment_is_no_reason_to_connect_again(granted: Granted) -> None:
    await granted.dialogue.provider.faults(token_fail_rate=1)
    await granted.revoke(grant=False)
    await granted.examine()
    assert await granted.column("token_refused_at") is None

    await granted.dialogue.provider.faults()
    await granted.dialogue.provider.write("Merci beaucoup !")
    assert await granted.dialogue.hears(1) == [THANKS]


async def test_a_refresh_token_that_was_given_for_the_old_one_is_kept_and_used_from_then_on(granted: Granted) -> None:
    first = await granted.kept()
    await granted.dialogue.provider.faults(rotate_rate=1)
    await granted.revoke(grant=False)
    await granted.examine()
    second = await granted.kept()
    assert second == {**first, "refresh_token": list(granted.twin.twin.grants.refresh_tokens_of(ADDRESS))[-1]}

    tokens = granted.tokens
    await granted.dialogue.provider.write("Merci beaucoup !")
    assert await granted.dialogue.hears(1) == [THANKS]
    assert granted.tokens == tokens  # the source that rotated it serves what it became

    granted.twin.twin.grants.forget(first["refresh_token"])
    granted.adapter.granted.forget()  # as in a process that has just begun
    await granted.examine()
    assert await granted.column("token_refused_at") is None


async def test_a_grant_is_sealed_and_shown_to_nobody(
    granted: Granted, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [*(await granted.kept()).values()][1:]
    assert all(len(each) > 30 for each in secrets)
    await granted.dialogue.provider.write("Merci beaucoup !")
    await granted.dialogue.hears(1)
    await granted.revoke(grant=True)
    await granted.examine()

    account = await granted.dialogue.house.sender.ready(granted.dialogue.tenant.id, granted.dialogue.account_id)
    assert account is not None
    async with factories.begin_work(granted.dialogue.house.db, granted.dialogue.tenant) as ctx:
        shown = [repr(account), repr(await status.get_status(ctx, account.id))]
    shown += [
        repr(granted.adapter.granted.tokens(account)),
        repr(granted.adapter.granted.grant(account.settings, account.access_token)),
    ]
    shown += [str(await granted.dialogue.rows("select * from channel_account"))]
    shown += [str(await granted.dialogue.rows("select * from channel_cursor"))]
    told = "".join([*shown, *capfd.readouterr(), caplog.text])
    assert [each for each in secrets if each in told] == []


async def test_what_was_granted_for_one_mailbox_opens_no_other_tenants(
    granted: Granted, app: FastAPI, tenant: Tenant
) -> None:
    house: House = app.state.house
    other = await factories.make_tenant(house.db)
    account = await house.sender.ready(tenant.id, granted.dialogue.account_id)
    assert account is not None

    assert await house.sender.ready(other.id, granted.dialogue.account_id) is None
    with pytest.raises(AccountTaken):
        async with factories.begin_work(house.db, other) as ctx:
            await channels.connect_account(
                ctx, house.sender, NewAccount(Channel.MAILBOX, given_by(granted.twin)), address=""
            )
    async with house.db.transaction(other.id) as session:
        assert (await session.execute(sql("select 1 from channel_account"))).all() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"refresh_token": "invented"}, "has to grant access again (invalid_grant, AADSTS700082)"),
        ({"client_secret": "invented"}, "the client is not accepted (invalid_client, AADSTS7000215)"),
        ({"directory": "common"}, "only mailboxes at Microsoft have a directory"),
        ({"imap_host": "outlook.office365.com"}, "shown to the servers of who gives them only"),
    ],
)
async def test_a_grant_that_opens_nothing_is_refused_in_words_and_what_was_there_stays(
    granted: Granted, changes: dict[str, str], says: str
) -> None:
    before = await granted.kept()

    with pytest.raises(ProviderRefused) as refusal:
        await granted.connect(**changes)

    assert says in str(refusal.value.detail)
    assert await granted.kept() == before
