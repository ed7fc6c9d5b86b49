"""What the tenant's routes take and give."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lumi.modules.tenants.values import (
    Identifier,
    IdentifierKind,
    Language,
    Pack,
    Tenant,
    TenantChanges,
    TenantKind,
    TenantSettings,
)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class SettingsUpdate(TenantSettings):
    """The settings to change; the others stay."""

    model_config = ConfigDict(extra="forbid")


class TenantUpdate(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    locale: Language | None = Field(None, description="The organisation's own language.")
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)] | None = Field(
        None, description="The languages it answers in."
    )
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = Field(None, examples=["Europe/Paris"])
    packs: set[Pack] | None = Field(None, description="The products that are switched on.")
    settings: SettingsUpdate | None = None

    def changes(self) -> TenantChanges:
        """The same without HTTP."""
        languages = None if self.languages is None else tuple(dict.fromkeys(self.languages))
        return TenantChanges(
            name=self.name,
            locale=self.locale,
            languages=languages,
            time_zone=self.time_zone,
            packs=None if self.packs is None else frozenset(self.packs),
            settings=self.settings,
        )


class TenantRead(BaseModel):
    """The organisation."""

    id: UUID
    slug: str
    name: str
    kind: TenantKind
    locale: str
    languages: list[str]
    time_zone: str
    packs: list[Pack]
    settings: TenantSettings
    version: int = Field(description="Goes into If-Match of the next change.")

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantRead":
        """What is shown of a tenant."""
        return cls(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            kind=tenant.kind,
            locale=tenant.locale,
            languages=list(tenant.languages),
            time_zone=tenant.time_zone,
            packs=sorted(tenant.packs),
            settings=tenant.settings,
            version=tenant.version,
        )


class IdentifierCreate(BaseModel):
    """A name under which the outside knows the organisation."""

    model_config = ConfigDict(extra="forbid")

    kind: IdentifierKind
    value: Annotated[str, StringConstraints(min_length=1, max_length=320)]


class IdentifierRead(BaseModel):
    """A name under which the outside knows the organisation."""

    kind: IdentifierKind
    value: str

    @classmethod
    def of(cls, identifier: Identifier) -> "IdentifierRead":
        """What is shown of an identifier."""
        return cls(kind=identifier.kind, value=identifier.value)
