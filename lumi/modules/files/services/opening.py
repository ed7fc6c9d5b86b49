"""The vault of a process, as the settings say."""

from __future__ import annotations

from lumi.core.db import Database
from lumi.core.http import Http
from lumi.core.settings import Settings
from lumi.modules.files.adapters.local import Folder
from lumi.modules.files.adapters.ports import Scanner, Storage
from lumi.modules.files.services.vault import Vault, VaultRules
from lumi.modules.files.values import FileKind, Limits, StorageKind


def open_vault(settings: Settings, db: Database, http: Http) -> Vault:
    """Connects to nothing yet. New files go to S3 where a bucket is named, else into the folder."""
    storages: dict[StorageKind, Storage] = {StorageKind.LOCAL: Folder(settings.uploads_folder)}
    home = StorageKind.LOCAL
    if settings.s3_bucket:
        from lumi.modules.files.adapters.bucket import bucket_of

        home = StorageKind.S3
        storages[home] = bucket_of(settings, http)
    says = VaultRules(
        settings.uploads_folder, _limits(settings), settings.file_url_seconds, settings.base_url,
        hands_out_unseen=settings.hands_out_unseen, keep_free_bytes=settings.uploads_keep_free_bytes,
    )  # fmt: skip
    return Vault(db, storages, home, _scanner(settings, http), says)


def _scanner(settings: Settings, http: Http) -> Scanner | None:
    if settings.scanner != "clamd":
        return None
    from lumi.modules.files.adapters.clamav import ClamAv

    return ClamAv(http, settings.clamd_address)


def _limits(settings: Settings) -> Limits:
    by_kind = {
        FileKind.IMAGE: settings.max_image_bytes,
        FileKind.AUDIO: settings.max_audio_bytes,
        FileKind.VIDEO: settings.max_video_bytes,
        FileKind.DOCUMENT: settings.max_document_bytes,
    }
    return Limits(settings.max_upload_bytes, by_kind)
