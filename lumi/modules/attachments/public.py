"""The way into attachments."""

from lumi.modules.attachments.services.desk import Desk
from lumi.modules.attachments.services.forgetting import forget
from lumi.modules.attachments.services.opening import open_desk
from lumi.modules.attachments.values import AttachmentState, Why

__all__ = ["AttachmentState", "Desk", "Why", "forget", "open_desk"]
