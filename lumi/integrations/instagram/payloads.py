"""What Instagram posts to a webhook, whichever way the account was connected."""

from lumi.core.outside_json import Unreadable
from lumi.integrations.graph import messaging
from lumi.integrations.graph.messaging_shapes import Batch

__all__ = ["OBJECT", "Batch", "Unreadable", "parse"]

OBJECT = "instagram"
"""What the bodies say they are about."""


def parse(body: bytes) -> Batch:
    """Everything in a verified body; Unreadable when the bytes are no JSON object."""
    return messaging.parse(body, OBJECT)
