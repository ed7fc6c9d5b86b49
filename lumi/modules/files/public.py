"""What others may ask of files.

file = await vault.store(ctx, name="menu.pdf", chunks=chunks, declared="application/pdf")
link = await vault.link(ctx, file.id, seconds=300)  # a URL for somebody outside
"""

from __future__ import annotations

from lumi.modules.files.errors import (
    BytesGone,
    EmptyFile,
    FileNotFound,
    FileTooLarge,
    Infected,
    KeyReused,
    NoRoom,
    NoScanner,
    NotScanned,
    ScanFailed,
    TypeContradicted,
    TypeRefused,
)
from lumi.modules.files.events import FileInfected, FileScanned
from lumi.modules.files.schemas import MULTIPART
from lumi.modules.files.services.forgetting import forget, forget_all, forget_these
from lumi.modules.files.services.measuring import bytes_since
from lumi.modules.files.services.opening import open_vault
from lumi.modules.files.services.vault import Vault
from lumi.modules.files.values import FileKind, FileState, Link, Sight, StoredFile, Taken

# What `Vault.store` refuses.
REFUSED = (EmptyFile, FileTooLarge, TypeRefused, TypeContradicted, NoRoom, KeyReused)

__all__ = [
    "MULTIPART",
    "REFUSED",
    "BytesGone",
    "EmptyFile",
    "FileInfected",
    "FileKind",
    "FileNotFound",
    "FileScanned",
    "FileState",
    "FileTooLarge",
    "Infected",
    "KeyReused",
    "Link",
    "NoRoom",
    "NoScanner",
    "NotScanned",
    "ScanFailed",
    "Sight",
    "StoredFile",
    "Taken",
    "TypeContradicted",
    "TypeRefused",
    "Vault",
    "bytes_since",
    "forget",
    "forget_all",
    "forget_these",
    "open_vault",
]
