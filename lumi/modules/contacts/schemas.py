"""What the contacts' routes take and give."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lumi.modules.contacts.values import (
    ConsentPurpose,
    ConsentSource,
    ConsentState,
    Contact,
    ContactChanges,
    Point,
    PointKind,
)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(examples=["fr"])]


class PointCreate(BaseModel):
    """An address."""

    model_config = ConfigDict(extra="forbid")

    kind: PointKind
    value: Annotated[str, StringConstraints(min_length=1, max_length=320)] = Field(examples=["+33639980142"])


class ContactCreate(BaseModel):
    """A person to talk with."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    language: Language | None = Field(None, description="The language they write in, ISO 639.")
    points: Annotated[list[PointCreate], Field(max_length=20)] = []

    def all_points(self) -> list[Point]:
        """The same without HTTP."""
        return [Point(point.kind, point.value) for point in self.points]


class ContactUpdate(BaseModel):
    """What to change; what is left out stays, null empties it."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    language: Language | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="Where they live; null: where the organisation is.", examples=["Europe/Lisbon"]
    )

    def changes(self) -> ContactChanges:
        """The same without HTTP."""
        return ContactChanges(
            fields=frozenset(self.model_fields_set), name=self.name, language=self.language, time_zone=self.time_zone
        )


class ContactRead(BaseModel):
    """A person the organisation talks with."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="May differ from the id in the path: that one was merged into this one.")
    name: str | None
    language: str | None
    is_owner: bool = Field(description="Whether this person speaks for the organisation.")
    time_zone: str | None = Field(description="Where they live, whose quiet hours are kept; null: not known.")
    stopped_at: datetime | None = Field(description="Since when they want to hear no more from us.")
    version: int = Field(description="Goes into If-Match of the next change.")
    created_at: datetime

    @classmethod
    def of(cls, contact: Contact) -> "ContactRead":
        """What is shown of a contact."""
        return cls.model_validate(contact)


class ConsentCreate(BaseModel):
    """That a person agreed to something, or took it back, and how that is known."""

    model_config = ConfigDict(extra="forbid")

    purpose: ConsentPurpose = ConsentPurpose.PROACTIVE
    state: ConsentState
    source: Literal[ConsentSource.PERSON, ConsentSource.STAFF, ConsentSource.IMPORT] = ConsentSource.STAFF
    evidence: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = Field(
        "", description="What shows it.", examples=["Ticked on the booking form of 3 May."]
    )


class ConsentRead(BaseModel):
    """What a person said of what may be done."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    purpose: ConsentPurpose
    state: ConsentState
    source: ConsentSource
    evidence: str
    at: datetime


class PointRead(BaseModel):
    """An address of a contact."""

    model_config = ConfigDict(from_attributes=True)

    kind: PointKind
    value: str

    @classmethod
    def of(cls, point: Point) -> "PointRead":
        """What is shown of an address."""
        return cls.model_validate(point)
