"""Requests and answers of accounts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lumi.modules.accounts.values import Keep, Me, NewApiKey, SignedIn, Staff

# A NUL is refused by the database; a line break in a name is a mistake.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
NO_NUL = r"^[^\x00]*$"
Permission = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z_]+:[a-z_]+$")]


class SignIn(BaseModel):
    """E-mail address and password, and for which organisation."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=1, max_length=320, pattern=NO_NUL)
    password: str = Field(min_length=1, max_length=1024, repr=False)
    tenant: str | None = Field(
        None, max_length=63, pattern=NO_NUL, description="The organisation's slug, when you have several."
    )
    keep: Keep = Field(default=Keep.BODY, description="`cookie`: the refresh token is set as an HttpOnly cookie.")


class Refresh(BaseModel):
    """The refresh token, when it is not in the cookie."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str | None = Field(default=None, max_length=512, repr=False)


class TenantRead(BaseModel):
    """An organisation."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    name: str


class IdentityRead(BaseModel):
    """A person with a login."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    name: str


class SignedInRead(BaseModel):
    """An open session. Send the access token as `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- the name of a scheme
    expires_in: int = Field(description="Seconds until the access token expires.")
    refresh_token: str | None = Field(default=None, description="Good for one use; null when it was set as a cookie.")
    tenant: TenantRead
    identity: IdentityRead
    permissions: list[str]

    @classmethod
    def of(cls, opened: SignedIn, *, with_token: bool) -> "SignedInRead":
        """The answer, without the refresh token when that went into a cookie."""
        return cls(
            access_token=opened.access_token,
            expires_in=opened.expires_in,
            refresh_token=opened.refresh_token if with_token else None,
            tenant=TenantRead.model_validate(opened.organisation),
            identity=IdentityRead.model_validate(opened.person),
            permissions=sorted(opened.permissions),
        )


class ApiKeyName(BaseModel):
    """The key a program uses."""

    id: UUID
    name: str


class MeRead(BaseModel):
    """Who this token belongs to: a person, or a program with an API key."""

    identity: IdentityRead | None
    api_key: ApiKeyName | None
    tenant: TenantRead
    permissions: list[str]

    @classmethod
    def of(cls, me: Me) -> "MeRead":
        """The answer."""
        return cls(
            identity=IdentityRead.model_validate(me.person) if me.person else None,
            api_key=ApiKeyName(id=me.id, name=me.name) if me.person is None else None,
            tenant=TenantRead.model_validate(me.organisation),
            permissions=sorted(me.permissions),
        )


class StaffMemberRead(BaseModel):
    """A person who works here."""

    id: UUID = Field(description="The person's identity.")
    email: str
    name: str
    role: str
    joined_at: datetime

    @classmethod
    def of(cls, member: Staff) -> "StaffMemberRead":
        """The member as others see them."""
        person = member.person
        return cls(id=person.id, email=person.email, name=person.name, role=member.role, joined_at=member.joined_at)


class RoleRead(BaseModel):
    """A named set of permissions."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    permissions: list[str]


class ApiKeyCreate(BaseModel):
    """A name to recognise the key by, and what it may do."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    permissions: Annotated[frozenset[Permission], Field(min_length=1, max_length=100)]


class ApiKeyRead(BaseModel):
    """An API key, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    permissions: list[str]
    created_at: datetime
    created_by: UUID
    created_by_name: str
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class ApiKeyCreated(BaseModel):
    """A new API key. `key` is shown here and never again."""

    id: UUID
    name: str
    permissions: list[str]
    created_at: datetime
    key: str

    @classmethod
    def of(cls, made: NewApiKey) -> "ApiKeyCreated":
        """The only answer that ever holds the key."""
        return cls(
            id=made.id,
            name=made.name,
            permissions=sorted(made.permissions),
            created_at=made.created_at,
            key=made.text,
        )


class AuditEntryRead(BaseModel):
    """Who did what to what, and when."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    action: str
    target: str
    detail: dict[str, object]
    request_id: str
