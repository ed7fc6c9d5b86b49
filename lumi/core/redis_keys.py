"""How keys in Redis are called: `{prefix}:{key_type}:t_{tenant}:{identifier}`, one builder for all of them."""

import re
from enum import StrEnum
from uuid import UUID

_KEY_TYPE = re.compile(r"[a-z][a-z0-9_]*")


class TenantMissing(ValueError):
    """Nothing is kept without saying for whom."""


class Holder(StrEnum):
    """What the part of a key that names the tenant begins with."""

    TENANT = "t"
    CREATOR = "creator"


def check(tenant_id: UUID | None, key_type: str) -> UUID:
    """The tenant; refuses a missing one, and a key type that could reach into another part of the key."""
    if not isinstance(tenant_id, UUID):
        raise TenantMissing("say for which tenant this is kept")
    if _KEY_TYPE.fullmatch(key_type) is None:
        raise ValueError(f"a kind is a word such as widget_theme, not {key_type!r}")
    return tenant_id


def redis_key(
    prefix: str, key_type: str, tenant_id: UUID | None, identifier: str, *, holder: Holder = Holder.TENANT
) -> str:
    """The key; refuses what `check` refuses."""
    return f"{prefix}:{key_type}:{holder}_{check(tenant_id, key_type)}:{identifier}"
