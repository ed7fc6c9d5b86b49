"""The way into attachments."""

from lumi.modules.attachments.errors import AttachmentNotFound, AttachmentSent
from lumi.modules.attachments.services.desk import Desk
from lumi.modules.attachments.services.enclosing import attach, enclosed, get_ours, send_with, take_back
from lumi.modules.attachments.services.forgetting import forget
from lumi.modules.attachments.services.keeping import MOST_BYTES, keep, make_sure_of_room
from lumi.modules.attachments.services.opening import open_desk
from lumi.modules.attachments.values import AttachmentState, Why
from lumi.modules.files import public as files

# Why what was attached cannot be sent yet, or ever.
CLOSED = (files.NotScanned, files.NoScanner, files.ScanFailed, files.Infected)

__all__ = [
    "CLOSED",
    "MOST_BYTES",
    "AttachmentNotFound",
    "AttachmentSent",
    "AttachmentState",
    "Desk",
    "Why",
    "attach",
    "enclosed",
    "forget",
    "get_ours",
    "keep",
    "make_sure_of_room",
    "open_desk",
    "send_with",
    "take_back",
]
