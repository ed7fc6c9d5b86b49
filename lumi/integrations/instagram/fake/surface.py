"""What of the twin is Instagram's."""

from lumi.integrations.messenger.fake.surface import Surface

INSTAGRAM = Surface(
    object="instagram",
    longest_text=1000,
    counts_bytes=True,
    needs_messaging_type=False,
    attachment_types=("image", "audio", "video", "file", "like_heart"),
    window_subcode=2534022,
    stranger_subcode=2534014,
    stranger_words="The requested user cannot be found.",
    fields={
        "message": "messages",
        "echo": "messages",
        "postback": "messaging_postbacks",
        "read": "messaging_seen",
        "message_edit": "message_edit",
        "reaction": "message_reactions",
        "referral": "messaging_referral",
        "optin": "messaging_optins",
    },
    names_apps=False,
    delivers=False,
    first_letters="aWdfZAG1f",
)
