"""The desk of a process, as the settings say."""

from __future__ import annotations

from lumi.core.db import Database
from lumi.core.http import Http
from lumi.core.settings import Settings
from lumi.modules.attachments.services.desk import Desk
from lumi.modules.channels import public as channels
from lumi.modules.files import public as files


def open_desk(settings: Settings, db: Database, http: Http, sender: channels.Sender, vault: files.Vault) -> Desk:
    """Connects to nothing yet."""
    from lumi.integrations.speech import engines  # what a web process does without

    return Desk(db, sender, vault, engines.transcriber(settings, http), settings.max_upload_bytes)
