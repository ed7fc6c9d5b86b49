"""What others may ask of contacts.

    who = await contacts.identify(ctx, [Point(PointKind.WHATSAPP, "ES.40…"), Point(PointKind.PHONE, "346…")])
    if contacts.is_stop_word(text):
        await contacts.stop(ctx, who.id)

An id that was given out stays good: when two contacts turn out to be one, every function takes either id and
answers with the contact that stayed, and both rows say the same of `stopped_at` and `is_owner`.
"""

from lumi.modules.contacts.errors import BadPoint, ContactBusy, ContactNotFound, PointTaken
from lumi.modules.contacts.events import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactResumed,
    ContactsMerged,
    ContactStopped,
)
from lumi.modules.contacts.rules import is_start_word, is_stop_word
from lumi.modules.contacts.services.consents import consent_to, note_consent
from lumi.modules.contacts.services.identity import find, identify, release
from lumi.modules.contacts.services.meeting import meet
from lumi.modules.contacts.services.people import (
    add,
    appoint_owner,
    by_ids,
    dismiss_owner,
    get,
    list_contacts,
    points,
)
from lumi.modules.contacts.services.silence import resume, stop
from lumi.modules.contacts.values import (
    ConsentPurpose,
    ConsentSource,
    ConsentState,
    Contact,
    Introduction,
    Point,
    PointKind,
)

__all__ = [
    "BadPoint",
    "ConsentGiven",
    "ConsentPurpose",
    "ConsentSource",
    "ConsentState",
    "ConsentWithdrawn",
    "Contact",
    "ContactBusy",
    "ContactNotFound",
    "ContactResumed",
    "ContactStopped",
    "ContactsMerged",
    "Introduction",
    "Point",
    "PointKind",
    "PointTaken",
    "add",
    "appoint_owner",
    "by_ids",
    "consent_to",
    "dismiss_owner",
    "find",
    "get",
    "identify",
    "is_start_word",
    "is_stop_word",
    "list_contacts",
    "meet",
    "note_consent",
    "points",
    "release",
    "resume",
    "stop",
]
