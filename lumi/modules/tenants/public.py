"""What others may ask of tenants.

    tenant = await tenants.find_by_slug(db, "salon-eclat")
    await tenants.switch_on(ctx, Pack.COACHING)

Reading costs a query each time; `Directory` is for who reads often.
"""

from lumi.modules.tenants.errors import IdentifierNotFound, SlugTaken, UnknownTimeZone
from lumi.modules.tenants.events import TenantChanged
from lumi.modules.tenants.rules import check_time_zone, may_show_widget
from lumi.modules.tenants.services.directory import Directory, holders
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
    "Directory",
    "Identifier",
    "IdentifierKind",
    "IdentifierNotFound",
    "Pack",
    "SlugTaken",
    "Tenant",
    "TenantChanged",
    "TenantChanges",
    "TenantKind",
    "TenantSettings",
    "UnknownTimeZone",
    "add",
    "add_within",
    "by_id",
    "change",
    "check_time_zone",
    "claim_identifier",
    "find_by_slug",
    "find_identifier",
    "get",
    "holders",
    "list_all",
    "may_show_widget",
    "release_identifier",
    "switch_off",
    "switch_on",
]
