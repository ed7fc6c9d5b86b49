"""The demo's pages: the landing page, the simulated phone and what they ask for. Mounted outside production only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from lumi.api import built
from lumi.api.inside import Inside
from lumi.core import auth
from lumi.demo import characters, keys
from lumi.demo.keys import Player
from lumi.demo.phone import Phone, PhoneChat
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Tenant

router = APIRouter(tags=["demo"], include_in_schema=False, dependencies=[auth.public])

_Number = Annotated[str, Field(pattern=r"^[0-9]{6,15}$")]


class WhatsAppNumber(BaseModel):
    """The number people see."""

    display_phone_number: str


class OrganisationCard(BaseModel):
    """An organisation as the landing page shows it."""

    slug: str
    name: str
    kind: str
    colour: str
    description: dict[str, str]
    suggestions: dict[str, list[str]]
    whatsapp: WhatsAppNumber | None
    languages: list[str]


class PhoneText(BaseModel):
    """What a person writes to an organisation on the simulated phone."""

    slug: str = Field(max_length=100)
    sender: _Number = Field(alias="from")
    name: str = Field("", max_length=100)
    text: str = Field(min_length=1, max_length=4096)


def phone_of(house: Inside) -> Phone:
    """The phones of this installation."""
    return Phone(house.http, house.settings.lumi_home)


@router.get("/")
def show_landing_page(request: Request) -> Response:
    """What runs here and where to go."""
    return built.page(request, "demo/index.html")


@router.get("/demo/phone")
def show_phone(request: Request) -> Response:
    """The simulated WhatsApp phone."""
    return built.page(request, "demo/phone.html")


@router.get("/assets/demo/{name:path}")
def load_demo_asset(request: Request, name: str) -> Response:
    """What these pages load; the name says the content, so it never changes."""
    return built.asset(request, f"demo/{name}")


@router.get("/demo/organisations")
async def list_organisations(house: Inside) -> list[OrganisationCard]:
    """The demo organisations that are here."""
    kept = keys.find(house.settings.lumi_home) if keys.wants_twin(house.settings) else None
    found = [await tenants.find_by_slug(house.db, slug) for slug in characters.SLUGS]
    return [_card(tenant, kept.player(tenant.slug) if kept else None) for tenant in found if tenant is not None]


@router.post("/demo/phone/messages", status_code=202)
async def write_on_phone(body: PhoneText, phone: Annotated[Phone, Depends(phone_of)]) -> None:
    """Write to an organisation; what it answers is read from the same phone."""
    await phone.write(body.slug, sender=body.sender, name=body.name, text=body.text)


@router.get("/demo/phone/messages")
async def read_phone(
    phone: Annotated[Phone, Depends(phone_of)],
    slug: str,
    peer: _Number,
    after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=25)] = 0,
) -> PhoneChat:
    """One person's chat with an organisation: what is new, as soon as there is something."""
    return await phone.read(slug, peer=peer, after=after, wait=wait)


def _card(tenant: Tenant, player: Player | None) -> OrganisationCard:
    return OrganisationCard(
        slug=tenant.slug,
        name=tenant.name,
        kind=tenant.kind.value,
        colour=tenant.settings.colour,
        description=dict(tenant.settings.description),
        suggestions={lang: list(each) for lang, each in tenant.settings.suggestions.items()},
        whatsapp=WhatsAppNumber(display_phone_number=player.display_phone_number) if player else None,
        languages=list(tenant.languages),
    )
