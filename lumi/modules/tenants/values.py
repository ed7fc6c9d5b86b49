"""Closed sets and values of tenants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from lumi.core.i18n import LANGUAGES


class TenantKind(StrEnum):
    """What sort of organisation it is."""

    BUSINESS = "business"
    HOTEL = "hotel"
    CREATOR = "creator"
    COMMUNITY = "community"


class Pack(StrEnum):
    """A product that can be switched on."""

    APPOINTMENTS = "appointments"
    HOTEL = "hotel"
    COACHING = "coaching"
    COMMUNITY = "community"


class IdentifierKind(StrEnum):
    """What sort of name the outside knows a tenant by."""

    PHONE_NUMBER_ID = "phone_number_id"
    BOT = "bot"
    PAGE = "page"
    MAILBOX = "mailbox"
    DOMAIN = "domain"


_HOST = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def spoken(language: str) -> str:
    """The code of a language Lumi speaks; raises ValueError for any other."""
    if language not in LANGUAGES:
        raise ValueError(f"is not one of {', '.join(LANGUAGES)}")
    return language


def web_address(url: str) -> str:
    """An http or https address; raises ValueError for anything a browser would not open as a page."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or any(c.isspace() for c in url):
        raise ValueError("is not a web address")
    return url


def origin(text: str) -> str:
    """Scheme, host and port as browsers write an Origin; the host may begin with `*.`. Raises ValueError."""
    parts = urlsplit(text.strip())
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name.encode("idna").decode()
    rest = parts.path.strip("/") + parts.query + parts.fragment + (parts.username or "")
    if parts.scheme not in _DEFAULT_PORTS or rest or not _HOST.fullmatch(host):
        raise ValueError("is not an origin such as https://www.example.org")
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


Language = Annotated[str, AfterValidator(spoken), Field(json_schema_extra={"enum": list(LANGUAGES)})]
WebAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(web_address)]
Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(origin)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]
Question = Annotated[_Text, StringConstraints(min_length=1, max_length=120)]
Paragraph = Annotated[_Text, StringConstraints(max_length=500)]


class TenantSettings(BaseModel):
    """What a tenant shows of itself."""

    # an older Lumi reads what a newer one stored
    model_config = ConfigDict(frozen=True, extra="ignore")

    colour: Annotated[Colour, Field(description="The widget's colour, as #RRGGBB.")] = "#2F5D8A"
    website: Annotated[WebAddress | None, Field(description="The organisation's own site.")] = None
    description: Mapping[Language, Paragraph] = Field(
        default_factory=dict, description="What the organisation is, in a sentence per language."
    )
    suggestions: Mapping[Language, Annotated[tuple[Question, ...], Field(max_length=6)]] = Field(
        default_factory=dict, description="Questions offered to a visitor, per language."
    )
    widget_origins: Annotated[
        tuple[Origin, ...],
        Field(
            max_length=50,
            description="Sites that may show the widget; `https://*.example.org` is every subdomain.",
        ),
    ] = ()
    quiet_from: Annotated[
        time, Field(description="From when on nothing is said that nobody asked for, by the person's clock.")
    ] = time(21)
    quiet_until: Annotated[time, Field(description="Until when; the same as `quiet_from` means never.")] = time(8)
    proactive_per_day: Annotated[
        int, Field(ge=0, le=100, description="Messages nobody asked for that a person gets in any 24 hours.")
    ] = 3
    proactive_per_week: Annotated[int, Field(ge=0, le=500, description="The same in any 7 days.")] = 10
    proactive_needs_consent: Annotated[
        bool,
        Field(description="Whether only who agreed to it is written to unasked; who took it back never is."),
    ] = False


# Kind and key under which a tenant is kept for who reads it often.
KEPT_AS = ("config", "tenant")


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation as everybody else sees it. `version` counts its changes."""

    id: UUID
    slug: str
    name: str
    kind: TenantKind
    locale: str
    languages: tuple[str, ...]
    time_zone: str
    packs: frozenset[Pack]
    settings: TenantSettings = field(hash=False)
    version: int

    def has(self, pack: Pack) -> bool:
        """Whether this pack is switched on."""
        return pack in self.packs


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name under which the outside knows the tenant."""

    kind: IdentifierKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantChanges:
    """What is to change; None leaves it as it is. Of `settings` only the fields that were given change."""

    name: str | None = None
    locale: str | None = None
    languages: tuple[str, ...] | None = None
    time_zone: str | None = None
    packs: frozenset[Pack] | None = None
    settings: TenantSettings | None = None
