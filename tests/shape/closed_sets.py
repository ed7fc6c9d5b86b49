"""Closed sets: what a column may hold, and what the enumeration of Python says, are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from lumi.core.context import ActorKind
from lumi.core.dead_letters import Source
from lumi.core.i18n import LANGUAGES
from lumi.modules.accounts.values import RevokedWhy
from lumi.modules.attachments.values import AttachmentState
from lumi.modules.channels.values.kinds import (
    AlertKind,
    Author,
    Channel,
    DeliveryState,
    EventKind,
    Failure,
    MessageKind,
    Purpose,
    SettledBy,
    TemplateStatus,
)
from lumi.modules.contacts.values import ConsentSource, ConsentState, PointKind
from lumi.modules.files.values import FileKind, FileState, StorageKind
from lumi.modules.knowledge.values import DocumentKind, TextFormat
from lumi.modules.tenants.values import IdentifierKind, Pack, TenantKind
from tests.shape.schema import Connection


def every(kind: type[StrEnum]) -> frozenset[str]:
    """The values of an enumeration, as the database keeps them."""
    return frozenset(str(each) for each in kind)


SETS: Mapping[str, frozenset[str]] = {
    "audit_entry_actor_kind_check": every(ActorKind),
    "attachment_kind_check": every(FileKind),
    "attachment_shown_as_check": every(FileKind),
    "attachment_state_check": every(AttachmentState),
    "channel_account_channel_check": every(Channel),
    "channel_account_failed_why_check": every(Failure),
    "channel_alert_kind_check": every(AlertKind),
    "contact_point_kind_check": every(PointKind),
    "dead_letter_source_check": every(Source),
    "delivery_author_check": every(Author),
    # Those without an outcome, and so without the time of one.
    "delivery_check": frozenset({DeliveryState.COMMITTED, DeliveryState.SENDING}),
    "consent_source_check": every(ConsentSource),
    "consent_state_check": every(ConsentState),
    "delivery_purpose_check": every(Purpose),
    "delivery_state_check": every(DeliveryState),
    "document_kind_check": every(DocumentKind),
    "document_version_format_check": every(TextFormat),
    "event_kind_check": every(EventKind),
    "event_settled_by_check": every(SettledBy),
    "inbound_identifier_kind_check": every(IdentifierKind),
    "message_author_check": every(Author),
    "message_kind_check": every(MessageKind),
    "message_template_status_check": every(TemplateStatus),
    "provider_app_channel_check": every(Channel),
    # What a provider can tell of a message, of all that can become of one.
    "receipt_state_check": frozenset(
        {DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED}
    ),
    "session_revoked_why_check": every(RevokedWhy),
    "stored_file_kind_check": every(FileKind),
    "stored_file_state_check": every(FileState),
    "stored_file_storage_check": every(StorageKind),
    "tenant_kind_check": every(TenantKind),
    "tenant_languages_check": frozenset(LANGUAGES),
    "tenant_packs_check": every(Pack),
    "thread_channel_check": every(Channel),
}

_CHECKS = """
    select conname as name, pg_get_constraintdef(oid) as says from pg_constraint
    where contype = 'c' and connamespace = 'public'::regnamespace and pg_get_constraintdef(oid) ~ 'ARRAY\\['
"""


async def torn_sets(conn: Connection) -> list[str]:
    """Checks of the database whose list differs from Python's, is compared with nothing, or is gone."""
    found: list[str] = []
    seen: set[str] = set()
    for row in await conn.fetch(_CHECKS):
        name, listed = str(row["name"]), frozenset(re.findall(r"'([^']*)'::text", row["says"]))
        seen.add(name)
        if name not in SETS:
            found.append(f"{name}: compared with nothing")
        elif listed != SETS[name]:
            found.append(f"{name}: {', '.join(sorted(listed ^ SETS[name]))} on one side only")
    return sorted(found + [f"{name}: not in the database" for name in SETS.keys() - seen])
