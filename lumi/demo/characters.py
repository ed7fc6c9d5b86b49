"""The organisations of the demo, as their files say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from lumi.demo.keys import Facts
from lumi.modules.tenants.public import Pack, TenantKind, TenantSettings

FOLDER = Path(__file__).resolve().parent / "organisations"
# The first is the one that WHATSAPP_… of the environment connects.
SLUGS = ("salon-eclat", "casa-brava", "nadia")


class Owner(BaseModel):
    """Who the organisation belongs to: signs in to the console, and is an owner when writing from this number."""

    name: str
    email: str
    phone: str


class Number(BaseModel):
    """The organisation's number at the twin."""

    phone_number_id: str
    display_phone_number: str


class Question(BaseModel):
    """One entry of the FAQ."""

    id: str
    lang: str
    question: str
    answer: str
    tags: tuple[str, ...] = ()


class Organisation(BaseModel):
    """One organisation; `organisation.yaml` beside its `faq.yaml` and `documents/`."""

    model_config = ConfigDict(extra="forbid")

    slug: str
    name: str
    kind: TenantKind
    packs: tuple[Pack, ...]
    locale: str
    languages: tuple[str, ...]
    time_zone: str
    colour: str
    website: str
    owner: Owner
    whatsapp: Number
    description: dict[str, str]
    suggestions: dict[str, tuple[str, ...]]

    @property
    def settings(self) -> TenantSettings:
        """What the organisation shows of itself."""
        return TenantSettings(
            colour=self.colour,
            website=self.website,
            description=self.description,
            suggestions=self.suggestions,
        )

    @property
    def facts(self) -> Facts:
        """What its twin and the first screen need to know."""
        return Facts(
            slug=self.slug,
            name=self.name,
            owner_email=self.owner.email,
            phone_number_id=self.whatsapp.phone_number_id,
            display_phone_number=self.whatsapp.display_phone_number,
        )

    @cached_property
    def questions(self) -> Sequence[Question]:
        """Its FAQ."""
        return [Question.model_validate(each) for each in _yaml(FOLDER / self.slug / "faq.yaml")]

    @cached_property
    def documents(self) -> Sequence[Document]:
        """Its longer texts."""
        return [_document(path) for path in sorted((FOLDER / self.slug / "documents").glob("*.md"))]


@dataclass(frozen=True)
class Document:
    """A Markdown file without its head."""

    id: str
    title: str
    lang: str
    text: str


@lru_cache(maxsize=1)
def everyone() -> Sequence[Organisation]:
    """All of them, in the order they are made in."""
    return [Organisation.model_validate(_yaml(FOLDER / slug / "organisation.yaml")) for slug in SLUGS]


def find(slug: str) -> Organisation | None:
    """The organisation of this slug."""
    return next((each for each in everyone() if each.slug == slug), None)


def _document(path: Path) -> Document:
    _, head, body = path.read_text().split("---\n", 2)
    said = Head.model_validate(yaml.safe_load(head))
    return Document(said.id, said.title, said.lang, body.strip() + "\n")


class Head(BaseModel):
    """What stands above a document."""

    id: str
    title: str
    lang: str


def _yaml(path: Path) -> list[object]:
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
