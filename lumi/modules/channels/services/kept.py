"""An item that could not be stored, as a letter holds it: whole, so that it can come in again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson

from lumi.core.outside_json import as_list, as_object
from lumi.modules.channels.values.incoming import Inbound
from lumi.modules.channels.values.kinds import EventKind

# No provider's body has this member; its number changes when what stands beside it does.
_MARK = "lumi_item"
_VERSION = 1


def written(item: Inbound) -> bytes:
    """The item with all that is known of it; what no JSON can hold as its words."""
    return orjson.dumps(
        {
            _MARK: _VERSION,
            "kind": item.kind.value,
            "account": item.account,
            "provider_id": item.provider_id,
            "addresses": list(item.addresses),
            "sent_at": item.sent_at,
            "begins": item.begins,
            "payload": dict(item.payload),
        },
        default=str,
    )


def read(raw: bytes) -> Inbound | None:
    """The item that was written down; None when this is something else, or of a release we do not know."""
    try:
        found = as_object(orjson.loads(raw))
        return _item(found) if found.get(_MARK) == _VERSION else None
    except (ValueError, KeyError, TypeError):
        return None


def _item(found: Mapping[str, object]) -> Inbound:
    account, sent_at, addresses = found["account"], found["sent_at"], as_list(found["addresses"])
    if not addresses:
        raise ValueError("an item comes from somebody")
    return Inbound(
        None if account is None else str(account),
        str(found["provider_id"]),
        [str(each) for each in addresses],
        as_object(found["payload"]),
        None if sent_at is None else datetime.fromisoformat(str(sent_at)),
        EventKind(str(found["kind"])),
        found["begins"] is not False,
    )
