"""The one list: modules, channels, tasks, subscribers and schedules; and how a process is put together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from lumi.api.house import House
from lumi.core import runner
from lumi.core.cache import open_cache
from lumi.core.cron import keep_firing
from lumi.core.database import Place, place
from lumi.core.db import Database
from lumi.core.expendable import Children
from lumi.core.figures import scrape
from lumi.core.http import Http
from lumi.core.http.addresses import check_address
from lumi.core.jobs import JobSource, Registry, registry
from lumi.core.lanes import LaneHandler, LaneSource
from lumi.core.limits import Limiter
from lumi.core.realtime import Realtime, open_realtime
from lumi.core.redis_health import RedisProbe
from lumi.core.runner import Pulse, Runner
from lumi.core.schema_state import is_current
from lumi.core.settings import Settings
from lumi.core.wake import Waker
from lumi.integrations.speech import engines as speech
from lumi.modules.accounts import tasks as account_tasks
from lumi.modules.assistant import events as assistant_events
from lumi.modules.assistant import tasks as assistant
from lumi.modules.attachments import events as attachment_events
from lumi.modules.attachments import public as attachments
from lumi.modules.attachments import tasks as attachment_tasks
from lumi.modules.channels import events as channel_events
from lumi.modules.channels import public as channels
from lumi.modules.channels import tasks as channel_tasks
from lumi.modules.channels.public import Adapter, Channel, EventReopened
from lumi.modules.conversations import public as conversations
from lumi.modules.conversations import tasks as conversation_tasks
from lumi.modules.files import public as files
from lumi.modules.files import tasks as file_tasks
from lumi.modules.knowledge import events as knowledge_events
from lumi.modules.knowledge import tasks as knowledge
from lumi.modules.knowledge.public import Recall
from lumi.modules.tenants import public as tenants

if TYPE_CHECKING:
    from fastapi import FastAPI


# What starts a process that takes one turn alone.
CHILD = ["lumi.expendable"]


def register() -> None:
    """Who handles what, once a process."""
    registry.subscribe(assistant_events.QuestionUnanswered, assistant.note_gap)
    registry.subscribe(EventReopened, conversation_tasks.carry_over)
    registry.subscribe(channel_events.AlertRaised, channel_tasks.alert_changed)
    registry.subscribe(channel_events.AlertCleared, channel_tasks.alert_changed)
    registry.add_house(channel_tasks.PurgeSeen, channel_tasks.purge_seen)
    registry.schedule("17 3 * * *", channel_tasks.PurgeSeen(days=30))
    if channels.ask_figures not in scrape.ASKED:
        scrape.ASKED.append(channels.ask_figures)
    registry.add_house(channel_tasks.RefreshAllTemplates, channel_tasks.refresh_all_templates)
    registry.schedule("43 * * * *", channel_tasks.RefreshAllTemplates())
    registry.add(knowledge_events.IndexAgain, knowledge.index_again)
    registry.add_house(knowledge_events.RefreshIndexes, knowledge.refresh_indexes)
    registry.schedule("*/15 * * * *", knowledge_events.RefreshIndexes())
    registry.add(attachment_events.DropAttachments, attachment_tasks.drop_attachments)
    registry.add(attachment_events.DropUnsent, attachment_tasks.drop_unsent)
    registry.add(attachment_events.DropUnclaimed, attachment_tasks.drop_unclaimed)
    registry.subscribe(files.FileScanned, attachment_tasks.file_scanned, given_up=attachment_tasks.file_scanned_in_vain)
    registry.add(assistant_events.Forget, assistant.forget)
    registry.add_house(assistant_events.ForgetOld, assistant.forget_old)
    registry.add_house(account_tasks.ForgetAudit, account_tasks.forget_audit)


register()


def providers(settings: Settings, http: Http) -> Mapping[Channel, Adapter]:
    """Every channel of somebody else's, by its name."""
    return {
        Channel.WHATSAPP: channels.WhatsAppAdapter(
            http, api_base=settings.whatsapp_api_base, version=settings.whatsapp_graph_version
        ),
        Channel.TELEGRAM: channels.TelegramAdapter(http, api_base=settings.telegram_api_base),
        Channel.INSTAGRAM: channels.InstagramAdapter(
            http, api_base=settings.instagram_api_base, version=settings.meta_graph_version
        ),
        Channel.MESSENGER: channels.MessengerAdapter(
            http, api_base=settings.messenger_api_base, version=settings.meta_graph_version
        ),
        Channel.GMAIL: channels.GmailAdapter(
            http, api_base=settings.gmail_api_base, token_url=settings.gmail_token_url,
            certs_url=settings.gmail_certs_url, public_url=settings.base_url,
        ),
        Channel.MAILBOX: channels.MailboxAdapter(
            http, allow=partial(check_address, inside=settings.mail_networks), poll_seconds=settings.mail_poll_seconds,
            token_url=settings.mailbox_token_url, device_url=settings.mailbox_device_url,
        ),
    }  # fmt: skip


def adapters(settings: Settings, http: Http, realtime: Realtime) -> Mapping[Channel, Adapter]:
    """Every channel there is, by its name."""
    ours = {each: channels.SurfaceAdapter(each, realtime) for each in (Channel.WEB, Channel.TERMINAL)}
    return {**providers(settings, http), **ours}


@asynccontextmanager
async def open_house(settings: Settings, *, database_url: str | None = None) -> AsyncGenerator[House]:
    """Everything a process holds, connected; let go in the reverse order."""
    async with AsyncExitStack() as stack:
        url = database_url or await _ready_database(await stack.enter_async_context(place(settings)), settings)
        db = await Database.open(url, pool_size=settings.db_pool_size)
        stack.push_async_callback(db.close)
        redis_url = settings.redis_address
        realtime = open_realtime(url, redis_url=redis_url, redis_prefix=settings.redis_prefix)
        stack.push_async_callback(realtime.close)
        http = Http()
        stack.push_async_callback(http.close)
        limiter = Limiter.from_settings(settings)
        stack.push_async_callback(limiter.close)
        cache = open_cache(
            realtime,
            redis_url=redis_url,
            redis_prefix=settings.redis_prefix,
            redis_metrics=settings.redis_metrics,
            holder_of=tenants.holders(db),
        )
        stack.push_async_callback(cache.close)
        db.drop = cache.drop
        directory = tenants.Directory(db, cache, seconds=settings.cache_ttl_config_sec)
        probe = RedisProbe(redis_url)
        stack.push_async_callback(probe.close)
        known = adapters(settings, http, realtime)
        unite = conversations.Uniter(db.pool, realtime)
        receiver = channels.Receiver(db, Waker(db), known, unite=unite)
        vault = files.open_vault(settings, db, http)
        yield House(
            settings,
            db,
            realtime,
            limiter,
            cache,
            probe,
            http,
            directory,
            receiver,
            channels.Sender(db, known, speech.voice(settings, http), cache),
            vault,
            Registry(under=registry),
        )


async def _ready_database(here: Place, settings: Settings) -> str:
    """The application role's URL; the database brought to this version first where MIGRATE_ON_START asks for it."""
    if settings.migrate_on_start and not await is_current(here.owner_url, here.app_url):
        from lumi.core.migrate import migrate  # Alembic takes as long as all the rest of a start

        await migrate(here.owner_url, here.app_password)
    return here.app_url


def schedule_forgetting(settings: Settings, jobs: Registry) -> None:
    """What is forgotten each night, where the settings say how long it is kept."""
    messages, records = settings.retention_messages_days, settings.retention_records_days
    if records:
        jobs.schedule("37 3 * * *", assistant_events.ForgetOld(messages, records))
    if settings.retention_audit_days:
        jobs.schedule("47 3 * * *", account_tasks.ForgetAudit(settings.retention_audit_days))


def furnish(app: FastAPI, house: House) -> None:
    """Hand the house to the handlers of an application."""
    from lumi.modules.accounts import public as accounts  # nobody signs in at a worker: 15 MB it does without

    entrance = accounts.open_entrance(house.settings, house.db, house.limiter)
    app.state.house = house
    app.state.settings = house.settings
    app.state.database = house.db
    app.state.limiter = house.limiter
    app.state.sender = house.sender
    app.state.receiver = house.receiver
    app.state.vault = house.vault
    app.state.entrance = entrance
    app.state.authenticator = accounts.authenticator(entrance)


def sources(
    house: House, courtesies: channels.Courtesies, jobs: Registry
) -> Callable[[Database, Pulse], Sequence[runner.Source[object]]]:
    """What a worker of this house does: the lanes and the jobs."""

    def build(db: Database, pulse: Pulse) -> Sequence[runner.Source[object]]:
        take_turn = open_turns(house, db, pulse, courtesies)
        lanes = LaneSource(db, pulse.worker, take_turn, alone=Children(db.url, pulse.worker, CHILD))
        return [lanes, JobSource(db, pulse.worker, jobs)]  # type: ignore[list-item]

    return build


def open_turns(
    house: House,
    db: Database,
    pulse: runner.Alive,
    courtesies: channels.Courtesies | None = None,
    *,
    out_of_memory: Callable[[], None] | None = None,
) -> LaneHandler:
    """What this house does when it is a lane's turn; without courtesies nobody sees that they are read."""
    budget = assistant.ReplyBudget(house.settings.mail_replies_per_hour, house.settings.mail_replies_per_day)
    recall = Recall(db.pool, house.cache, seconds=house.settings.cache_ttl_faqs_sec)
    return assistant.turn_taker(
        db, pulse, house.sender, house.realtime, recall, house.vault,
        courtesies=courtesies or channels.Courtesies(house.sender), budget=budget, out_of_memory=out_of_memory,
    )  # fmt: skip


async def open_worker(house: House, *, slots: int = 200) -> Runner:
    """A worker of this house, not yet running."""
    schedule_forgetting(house.settings, house.jobs)
    file_tasks.work_for(house.vault, house.jobs)
    channel_tasks.watch_for(house.sender, house.realtime, house.settings.base_url, house.jobs)
    desk = attachments.open_desk(house.settings, house.db, house.http, house.sender, house.vault)
    attachment_tasks.work_for(desk, house.jobs)
    channel_tasks.work_for(house.sender, house.jobs)
    channel_tasks.read_for(house.sender, house.receiver, house.jobs)
    courtesies = channels.Courtesies(house.sender)
    own = Registry(under=house.jobs)
    worker = await runner.serve(house.db, sources(house, courtesies, own), slots=slots)
    puller = channels.Puller(house.db, house.sender, house.receiver, worker.worker)
    channel_tasks.pull_for(puller, house.sender, house.settings.base_url, own)
    worker.also(courtesies.run())
    worker.also(keep_firing(house.db, own))
    worker.also(channels.stand_by(puller, most=house.settings.mail_watchers))
    return worker
