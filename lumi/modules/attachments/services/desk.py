"""Where attachments are dealt with in one process: who fetches, who keeps, who hears, and how many at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from lumi.core.db import Database
from lumi.integrations.speech.transcriber import Transcriber
from lumi.modules.channels import public as channels
from lumi.modules.files import public as files

# A file is held whole while it travels, and hearing takes a processor: what finds no place comes back in a moment.
FETCHES_AT_ONCE = 8
HEARINGS_AT_ONCE = 2


@dataclass(frozen=True)
class Desk:
    """What attachments need of a process. Without a transcriber nobody hears."""

    db: Database
    sender: channels.Sender
    vault: files.Vault
    transcriber: Transcriber | None
    most_bytes: int
    fetching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHES_AT_ONCE))
    hearing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HEARINGS_AT_ONCE))
