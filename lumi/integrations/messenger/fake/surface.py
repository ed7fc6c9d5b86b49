"""What differs between Messenger and Instagram, as far as a twin shows it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surface:
    """One of the two. `fields` tells under which subscription each kind of event is posted."""

    object: str
    longest_text: int
    counts_bytes: bool
    needs_messaging_type: bool
    attachment_types: tuple[str, ...]
    window_subcode: int
    stranger_subcode: int
    stranger_words: str
    fields: Mapping[str, str]
    names_apps: bool
    """Echoes carry the sending app's id, and the metadata given with the message."""
    delivers: bool
    """Deliveries are told, and both receipts up to a moment; else only reading is, message by message."""
    first_letters: str

    def length_of(self, text: str) -> int:
        """The length that counts against `longest_text`."""
        return len(text.encode(errors="replace")) if self.counts_bytes else len(text)

    def new_message_id(self) -> str:
        """An id of the original's form."""
        return self.first_letters + secrets.token_urlsafe(80)


MESSENGER = Surface(
    object="page",
    longest_text=2000,
    counts_bytes=False,
    needs_messaging_type=True,
    attachment_types=("image", "audio", "video", "file"),
    window_subcode=2018278,
    stranger_subcode=2018001,
    stranger_words="No matching user found",
    fields={
        "message": "messages",
        "echo": "message_echoes",
        "postback": "messaging_postbacks",
        "delivery": "message_deliveries",
        "read": "message_reads",
        "message_edit": "message_edits",
        "reaction": "message_reactions",
        "referral": "messaging_referrals",
        "optin": "messaging_optins",
    },
    names_apps=True,
    delivers=True,
    first_letters="m_",
)
