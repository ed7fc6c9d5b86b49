"""The way into conversations."""

from lumi.modules.conversations.service import (
    Uniter,
    carry_over,
    entries_for_visitor,
    forget_keys,
    forget_messages,
    get_conversation,
    hand_back,
    last_number,
    list_conversations,
    list_entries,
    reply,
    send_again,
    take_over,
)
from lumi.modules.conversations.values import (
    Conversation,
    DeliveryView,
    Entry,
    InboxState,
    Last,
    Person,
    Source,
)

__all__ = [
    "Conversation",
    "DeliveryView",
    "Entry",
    "InboxState",
    "Last",
    "Person",
    "Source",
    "Uniter",
    "carry_over",
    "entries_for_visitor",
    "forget_keys",
    "forget_messages",
    "get_conversation",
    "hand_back",
    "last_number",
    "list_conversations",
    "list_entries",
    "reply",
    "send_again",
    "take_over",
]
