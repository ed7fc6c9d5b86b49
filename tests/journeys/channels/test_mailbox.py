"""A mailbox at a real Dovecot: a mail comes, and its answer stands in the same thread."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core import i18n
from lumi.core.http import Http
from lumi.integrations.mailbox.fake.server import RunningTwin, running
from lumi.integrations.mailbox.fake.twin import TwinSettings
from lumi.modules.channels import public as channels
from lumi.modules.channels.errors import ProviderRefused
from lumi.modules.channels.public import Channel, NewAccount
from lumi.modules.channels.services import pull
from tests import factories
from tests.integrations.mailbox import dovecot
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.integrations.mailbox.providers import Provider, played_by_dovecot

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lumi.api.house import House
    from lumi.modules.tenants.public import Tenant

PERSON = "ana@guest.example"
PATIENCE_SECONDS = 60.0
THANKS = i18n.tr("assistant-thanks", "fr")
pytestmark = pytest.mark.usefixtures("worker")


@dataclass
class Correspondence:
    """Somebody who writes to a mailbox at Dovecot, and reads what comes back."""

    provider: Provider
    twin: RunningTwin
    house: House
    tenant: Tenant

    async def write(self, number: int, words: str) -> str:
        """Write a mail; returns its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = PERSON, ACCOUNT, "Un rendez-vous"
        mail["Message-ID"] = f"<{number}@guest.example>"
        mail.set_content(words)
        await self.provider.deliver(mail.as_bytes().replace(b"\n", b"\r\n"))
        return str(mail["Message-ID"])

    async def answers(self, count: int) -> list[EmailMessage]:
        """Wait for so many answers in the person's inbox."""
        inbox = self.twin.twin.mailboxes[PERSON]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(inbox.mails) < count:  # noqa: ASYNC110 - nobody tells a test that a mail has come
                await asyncio.sleep(0.05)
        return [email.message_from_bytes(each.raw, policy=email.policy.SMTP) for each in inbox.mails]

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of the tenant."""
        async with self.house.db.transaction(self.tenant.id) as session:
            return [tuple(row) for row in (await session.execute(sql(statement))).all()]


@pytest.fixture
async def correspondence(app: FastAPI, tenant: Tenant) -> AsyncGenerator[Correspondence]:
    """The mailbox connected as its owner would; that its certificate is good, the machine's owner says."""
    house: House = app.state.house
    settings = TwinSettings(accounts=(ACCOUNT, PERSON))
    async with running(settings) as twin, Http() as http:
        with dovecot.dovecot(twin.ports.smtp, settings.password) as started:
            provider = played_by_dovecot(http, started, twin, dovecot.PASSWORD)
            async with factories.begin_work(house.db, tenant) as ctx:
                trusted = {"authorities": started.authority}
                await channels.connect(ctx, channel=Channel.MAILBOX, external_id=ACCOUNT, name="?", settings=trusted)
            given = {"address": ACCOUNT, "password": dovecot.PASSWORD}
            for name, port in (("imap", started.imap), ("smtp", started.submission)):
                given |= {f"{name}_host": "127.0.0.1", f"{name}_port": str(port), f"{name}_security": "starttls"}
            async with factories.begin_work(house.db, tenant) as ctx:
                made = await channels.connect_account(
                    ctx, house.sender, NewAccount(Channel.MAILBOX, given, "Salon Éclat"), address=""
                )
            yield Correspondence(provider, twin, house, tenant)
            async with factories.begin_work(house.db, tenant) as ctx:
                await channels.disconnect(ctx, house.sender, made.account.id)


async def test_a_mail_is_answered_in_its_thread_and_stays_as_it_was(correspondence: Correspondence) -> None:
    asked = await correspondence.write(1, "Merci beaucoup !")
    [answer] = await correspondence.answers(1)

    assert answer["In-Reply-To"] == asked
    assert answer["References"] == asked
    assert answer["Subject"] == "Re: Un rendez-vous"
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["From"] == f"Salon Éclat <{ACCOUNT}>"
    assert answer.get_content().strip() == THANKS
    assert b"Seen" not in await correspondence.provider.flags(1)


async def test_when_the_server_numbers_its_mails_anew_nothing_is_answered_twice(
    monkeypatch: pytest.MonkeyPatch, correspondence: Correspondence
) -> None:
    monkeypatch.setattr(pull, "WAIT_SECONDS", 1.0)
    monkeypatch.setattr(pull, "STAND_SECONDS", 1.0)  # Dovecot tells connections that are open already nothing
    await correspondence.write(1, "Merci beaucoup !")
    await correspondence.answers(1)
    correspondence.provider.lose_index()
    await correspondence.write(2, "Vielen Dank!")
    answers = await correspondence.answers(2)

    assert [each.get_content().strip() for each in answers] == [THANKS, i18n.tr("assistant-thanks", "de")]
    assert await correspondence.rows("select count(*) from event") == [(2,)]


async def test_a_wrong_password_is_refused_and_nothing_is_kept(app: FastAPI, tenant: Tenant) -> None:
    house: House = app.state.house
    settings = TwinSettings(accounts=("spa@twin.example",))
    async with running(settings) as twin:
        given = {"address": "spa@twin.example", "password": "wrong"}
        for name, port in (("imap", twin.ports.imap), ("smtp", twin.ports.smtp)):
            given |= {f"{name}_host": twin.host, f"{name}_port": str(port), f"{name}_security": "plain"}
        with pytest.raises(ProviderRefused):
            async with factories.begin_work(house.db, tenant) as ctx:
                await channels.connect_account(ctx, house.sender, NewAccount(Channel.MAILBOX, given), address="")
    async with house.db.transaction(tenant.id) as session:
        assert (await session.execute(sql("select 1 from channel_account where channel = 'mailbox'"))).all() == []
