"""Somebody who hears and somebody who looks, for the worker of these tests; and what people send beside words."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, cast
from uuid import UUID

from lumi.core.http import Unavailable
from lumi.core.ids import new_id
from lumi.integrations.speech.fake.server import RunningTwin, running
from lumi.integrations.speech.fake.twin import Spoken
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.voice import Voice
from lumi.modules.attachments import public as attachments
from lumi.modules.attachments import tasks as attachment_tasks
from lumi.modules.attachments.events import FetchAttachment, HearAttachment
from lumi.modules.channels.public import Channel
from lumi.modules.files import tasks as file_tasks
from lumi.modules.files.public import Vault, open_vault
from tests import factories
from tests.integrations.speech import sounds
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lumi.api.house import House
    from lumi.modules.attachments.public import Desk
    from tests.journeys.channels.conftest import Dialogue


@dataclass
class Ears:
    """A recogniser that knows what is said in which recording, at its desk."""

    twin: RunningTwin
    desk: Desk

    def know(self, recording: bytes, text: str, lang: str | None = None) -> None:
        """This is said in this recording."""
        self.twin.twin.tell(hashlib.sha256(recording).hexdigest(), Spoken(text, lang))

    def fail(self, rate: float) -> None:
        """So many of its answers are 503 from now on."""
        self.twin.twin.faults = self.twin.twin.faults.changed({"fail_rate": rate, "status": 503})

    def slow(self, milliseconds: int) -> None:
        """It takes so long from now on."""
        self.twin.twin.faults = self.twin.twin.faults.changed({"delay_ms": milliseconds})

    @property
    def heard(self) -> int:
        """How often it has heard something."""
        return self.twin.twin.ledger.count


class Hoarse:
    """A voice that fails."""

    def missing(self) -> str | None:
        """Nothing is missing."""
        return None

    async def say(self, text: str, lang: str) -> bytes:
        """Never."""
        raise Unavailable("hoarse")


class Chatty(Hoarse):
    """A voice that nobody should have asked."""

    async def say(self, text: str, lang: str) -> bytes:
        """A recording."""
        return recording()


@contextlib.contextmanager
def speaking(dialogue: Dialogue, voice: Voice) -> Generator[None]:
    """The worker has this voice."""
    dialogue.house.sender.voice = voice
    try:
        yield
    finally:
        dialogue.house.sender.voice = None


async def sent_to(dialogue: Dialogue) -> list[dict[str, object]]:
    """What the person was sent, whatever it is."""
    log = await dialogue.provider.ask("GET", "log")
    taken = cast("list[dict[str, object]]", log["messages"])
    return [each for each in taken if str(each["to"]).lstrip("+") == dialogue.provider.person]


async def again(dialogue: Dialogue, attachment: object) -> None:
    """Both jobs of an attachment run once more, as after a crash that lost their end."""
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        await ctx.defer(FetchAttachment(UUID(str(attachment))))
        await ctx.defer(HearAttachment(UUID(str(attachment))))

    async def done() -> bool:
        return not await dialogue.rows("select 1 from job where kind like 'attachments.%' and dead_at is null")

    await until(done)


def desk_of(house: House) -> Desk:
    """The desk this house's worker has by itself: nobody hears there."""
    return attachments.open_desk(house.settings, house.db, house.http, house.sender, house.vault)


@contextlib.asynccontextmanager
async def ears_of(house: House) -> AsyncGenerator[Ears]:
    """The worker hears, through a server that is a twin."""
    async with running() as twin:
        (model, *_), token = twin.twin.settings.models, twin.twin.settings.token
        transcriber = OpenAiTranscriber(house.http, twin.url, token, model)
        desk = dataclasses.replace(desk_of(house), transcriber=transcriber)
        attachment_tasks.work_for(desk, house.jobs)
        try:
            yield Ears(twin, desk)
        finally:
            attachment_tasks.work_for(desk_of(house), house.jobs)


@contextlib.asynccontextmanager
async def scanner_at(house: House, address: str) -> AsyncGenerator[Vault]:
    """The worker's files are looked at by the clamd at this address."""
    told = {"scanner": "clamd", "clamd_address": address}
    vault = open_vault(house.settings.model_copy(update=told), house.db, house.http)
    attachment_tasks.work_for(dataclasses.replace(desk_of(house), vault=vault), house.jobs)
    file_tasks.work_for(vault, house.jobs)
    try:
        yield vault
    finally:
        attachment_tasks.work_for(desk_of(house), house.jobs)
        file_tasks.work_for(house.vault, house.jobs)


@contextlib.contextmanager
def undecided(app: FastAPI, ears: Ears | None = None) -> Generator[None]:
    """A production where nobody has said who looks at files, with ears or without."""
    house, before = cast("House", app.state.house), app.state.vault
    vault = open_vault(house.settings.model_copy(update={"app_env": "production"}), house.db, house.http)
    app.state.vault = vault
    desk = ears.desk if ears else desk_of(house)
    attachment_tasks.work_for(dataclasses.replace(desk, vault=vault), house.jobs)
    try:
        yield
    finally:
        app.state.vault = before
        attachment_tasks.work_for(desk, house.jobs)


@contextlib.contextmanager
def kept_by(house: House, **changes: object) -> Generator[None]:
    """The worker's files are kept where these settings say."""
    vault = open_vault(house.settings.model_copy(update=changes), house.db, house.http)
    attachment_tasks.work_for(dataclasses.replace(desk_of(house), vault=vault), house.jobs)
    try:
        yield
    finally:
        attachment_tasks.work_for(desk_of(house), house.jobs)


@contextlib.contextmanager
def at(house: House, desk: Desk) -> Generator[None]:
    """The worker's attachments are dealt with at this desk."""
    attachment_tasks.work_for(desk, house.jobs)
    try:
        yield
    finally:
        attachment_tasks.work_for(desk_of(house), house.jobs)


@contextlib.contextmanager
def limited(house: House, most_bytes: int) -> Generator[None]:
    """The worker takes no more bytes of one file."""
    attachment_tasks.work_for(dataclasses.replace(desk_of(house), most_bytes=most_bytes), house.jobs)
    try:
        yield
    finally:
        attachment_tasks.work_for(desk_of(house), house.jobs)


def recording(seconds: float = 1.0, loudness: int = 8_000) -> bytes:
    """A voice note, different for each length and loudness."""
    return sounds.encoded(sounds.tone(seconds, loudness=loudness), "ogg")


async def say(dialogue: Dialogue, audio: bytes) -> None:
    """The person sends a voice note."""
    await send(dialogue, "voice", audio, "audio/ogg; codecs=opus")


async def send(dialogue: Dialogue, kind: str, content: bytes, mime: str, name: str = "", caption: str = "") -> None:
    """The person sends a file, as their messenger does."""
    encoded, provider = base64.b64encode(content).decode(), dialogue.provider
    if provider.channel in {Channel.GMAIL, Channel.MAILBOX}:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = provider.person, provider.external_id, ""
        mail["Message-ID"] = f"<{new_id()}@guest.example>"
        mail.set_content(caption)
        maintype, _, subtype = mime.partition("/")
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name or None)
        await provider.ask("POST", "inbound", {"raw": mail.as_bytes(policy=policy.SMTP).decode("ascii")})
        return
    if provider.channel is Channel.WHATSAPP:
        media: dict[str, object] = {"base64": encoded, "mime": mime, "voice": kind == "voice"}
        media |= {"filename": name} if name else {}
        media |= {"caption": caption} if caption else {}
        await provider.ask(
            "POST", "inbound", {"from": provider.person, "type": "audio" if kind == "voice" else kind, "media": media}
        )
        return
    wishes: dict[str, object] = {"from": provider.person, "type": kind, "file": encoded}
    wishes["content"] = {"mime_type": mime, "duration": 1} | ({"file_name": name} if name else {})
    await provider.ask("POST", "inbound", wishes | ({"caption": caption} if caption else {}))
