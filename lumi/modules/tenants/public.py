"""What others may ask of tenants.

    tenant = await tenants.find_by_slug(db, "salon-eclat")
    await tenants.switch_on(ctx, Pack.COACHING)

Reading costs a query each time; who reads often keeps the answer and drops it on TenantChanged.
"""

from lumi.modules.tenants.errors import SlugTaken
from lumi.modules.tenants.events import TenantChanged
from lumi.modules.tenants.rules import may_show_widget
from lumi.modules.tenants.services.identifiers import claim_identifier, find_identifier, release_identifier
from lumi.modules.tenants.services.organisations import (
    add,
    add_within,
    by_id,
    change,
    find_by_slug,
    get,
    list_all,
    switch_off,
    switch_on,
)
from lumi.modules.tenants.values import (
    Identifier,
    IdentifierKind,
    Pack,
    Tenant,
    TenantChanges,
    TenantKind,
    TenantSettings,
)

__all__ = [
    "Identifier",
    "IdentifierKind",
    "Pack",
    "SlugTaken",
    "Tenant",
    "TenantChanged",
    "TenantChanges",
    "TenantKind",
    "TenantSettings",
    "add",
    "add_within",
    "by_id",
    "change",
    "claim_identifier",
    "find_by_slug",
    "find_identifier",
    "get",
    "list_all",
    "may_show_widget",
    "release_identifier",
    "switch_off",
    "switch_on",
]
