"""The people of the organisation of whoever asks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import DEFAULT_LIMIT, Page
from lumi.core.preconditions import ExpectedVersion
from lumi.core.problems import refusals
from lumi.modules.contacts.deps import ContactsRead, ContactsWrite, OwnersWrite
from lumi.modules.contacts.errors import BadPoint, ContactBusy, ContactNotFound, PointTaken
from lumi.modules.contacts.schemas import (
    ConsentCreate,
    ConsentRead,
    ContactCreate,
    ContactRead,
    ContactUpdate,
    PointRead,
)
from lumi.modules.contacts.services import consents, people
from lumi.modules.tenants import public as tenants

router = APIRouter(tags=["contacts"])

Search = Annotated[str, Query(max_length=200, description="Beginnings of words of a name, or of an address.")]


@router.get("")
async def list_contacts(
    ctx: ContactsRead, search: Search = "", cursor: CursorToken = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ContactRead]:
    """Contacts, the newest first."""
    page = await people.list_contacts(ctx, search=search, cursor=cursor, limit=limit)
    return page.map(ContactRead.of)


@router.post("", status_code=status.HTTP_201_CREATED, responses=refusals(BadPoint, PointTaken, ContactBusy))
async def create_contact(ctx: ContactsWrite, body: ContactCreate) -> ContactRead:
    """Add a person. 409 `point_taken` when an address belongs to another contact."""
    contact = await people.add(ctx, points=body.all_points(), name=body.name, language=body.language)
    return ContactRead.of(contact)


@router.get("/{contact_id}", responses=refusals(ContactNotFound))
async def get_contact(ctx: ContactsRead, contact_id: UUID) -> ContactRead:
    """A person; under the id of one that was merged into another, that other."""
    return ContactRead.of(await people.get(ctx, contact_id))


@router.patch("/{contact_id}", responses=refusals(ContactNotFound, ContactBusy, tenants.UnknownTimeZone))
async def update_contact(
    ctx: ContactsWrite, contact_id: UUID, version: ExpectedVersion, body: ContactUpdate
) -> ContactRead:
    """Change a person. If-Match takes the `version` that was read; 409 when it has changed since."""
    return ContactRead.of(await people.change(ctx, contact_id, version=version, changes=body.changes()))


@router.get("/{contact_id}/points", responses=refusals(ContactNotFound))
async def list_contact_points(ctx: ContactsRead, contact_id: UUID) -> Page[PointRead]:
    """All addresses of a person, the oldest first, on one page."""
    points = await people.points(ctx, contact_id)
    return Page(items=[PointRead.of(point) for point in points], next=None)


@router.get("/{contact_id}/consents", responses=refusals(ContactNotFound))
async def list_consents(ctx: ContactsRead, contact_id: UUID) -> Page[ConsentRead]:
    """What a person agreed to and took back, the newest first: their last hundred words on it, on one page."""
    rows = await consents.list_consents(ctx, contact_id)
    return Page(items=[ConsentRead.model_validate(row) for row in rows], next=None)


@router.post(
    "/{contact_id}/consents", status_code=status.HTTP_201_CREATED, responses=refusals(ContactNotFound, ContactBusy)
)
async def note_consent(ctx: ContactsWrite, contact_id: UUID, body: ConsentCreate) -> ConsentRead:
    """Write down that a person agreed to something, or took it back. The newest word on a purpose counts."""
    row = await consents.note_consent(
        ctx, contact_id, body.purpose, body.state, source=body.source, evidence=body.evidence
    )
    return ConsentRead.model_validate(row)


@router.put("/{contact_id}/owner", responses=refusals(ContactNotFound, ContactBusy))
async def appoint_owner(ctx: OwnersWrite, contact_id: UUID) -> ContactRead:
    """Let this person speak for the organisation. Takes the permission to change the organisation."""
    return ContactRead.of(await people.appoint_owner(ctx, contact_id))


@router.delete("/{contact_id}/owner", responses=refusals(ContactNotFound, ContactBusy))
async def dismiss_owner(ctx: OwnersWrite, contact_id: UUID) -> ContactRead:
    """No longer let this person speak for the organisation."""
    return ContactRead.of(await people.dismiss_owner(ctx, contact_id))
