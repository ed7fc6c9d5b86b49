"""What the Graph API shows of an account and of a message, field by field."""

import re
from datetime import UTC, datetime

from lumi.integrations.messenger.fake.chats import Chat, Entry
from lumi.integrations.messenger.fake.graph_error import invalid
from lumi.integrations.messenger.fake.twin import TwinSettings

_FIELD = re.compile(r"([a-z_]+)(?:\{[a-z_,]*\})?(?:,|$)")
_ISO = "%Y-%m-%dT%H:%M:%S+0000"


def account_node(settings: TwinSettings) -> tuple[str, dict[str, object]]:
    """The type and all fields of whoever the token belongs to."""
    instagram: dict[str, object] = {"id": settings.account_id, "username": settings.account_name}
    if settings.page_id:
        return "Page", {"id": settings.page_id, "name": "Twin's page", "instagram_business_account": instagram}
    if settings.surface.delivers:
        return "Page", {"id": settings.account_id, "name": settings.account_name}
    scoped = settings.account_id[::-1]  # the id that this app alone knows the account by
    own: dict[str, object] = {"id": scoped, "user_id": settings.account_id, "username": settings.account_name}
    return "User", own


def message_node(settings: TwinSettings, chat: Chat, entry: Entry) -> dict[str, object]:
    """All fields of a message."""
    person, account = {"id": chat.person_id}, {"id": settings.account_id}
    sender, to = (person, account) if entry.mine else (account, person)
    created = datetime.fromtimestamp(entry.at, UTC).strftime(_ISO)
    told = {"from": sender, "to": {"data": [to]}, "message": entry.text or "", "created_time": created}
    return {"id": entry.id, **told}


def selected(kind: str, node: dict[str, object], fields: str) -> dict[str, object]:
    """The node with the fields that were asked for, and always its id; refuses a field that there is not."""
    shown = {"id": node["id"]}
    for name in _FIELD.findall(fields):
        if name not in node:
            raise invalid(f"Tried accessing nonexisting field ({name}) on node type ({kind})")
        shown[name] = node[name]
    return shown
