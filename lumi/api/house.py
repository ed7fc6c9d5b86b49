"""What one process holds, web or worker: built by `wiring`. Nothing here loads the web framework."""

from __future__ import annotations

from dataclasses import dataclass

from lumi.core.cache import Cache
from lumi.core.db import Database
from lumi.core.http import Http
from lumi.core.jobs import Registry
from lumi.core.limits import Limiter
from lumi.core.realtime import Realtime
from lumi.core.redis_health import RedisProbe
from lumi.core.settings import Settings
from lumi.modules.channels import public as channels
from lumi.modules.files import public as files
from lumi.modules.tenants import public as tenants


@dataclass(frozen=True, slots=True)
class House:
    """The connections and services of this process."""

    settings: Settings
    db: Database
    realtime: Realtime
    limiter: Limiter
    cache: Cache
    redis: RedisProbe
    http: Http
    directory: tenants.Directory
    receiver: channels.Receiver
    sender: channels.Sender
    vault: files.Vault
    jobs: Registry
    """What is done here with what this process holds, over what every process can do."""
