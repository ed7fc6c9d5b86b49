"""Makers of documents, with defaults."""

from __future__ import annotations

from dataclasses import replace

from lumi.modules.knowledge.public import DocumentKind, Draft, TextFormat

HOURS = Draft(
    DocumentKind.FAQ,
    "fr",
    "Quels sont vos horaires d’ouverture ?",
    "Le salon est ouvert du mardi au samedi de 10 h à 19 h. Il est fermé le dimanche et le lundi.",
)
PARKING = Draft(
    DocumentKind.FAQ,
    "fr",
    "Où peut-on se garer ?",
    "Un parking public souterrain se trouve à 300 mètres et coûte 4 € de l’heure.",
)
PETS = Draft(DocumentKind.FAQ, "fr", "Puis-je venir avec mon chien ?", "Les petits chiens calmes sont les bienvenus.")
SALON = (HOURS, PARKING, PETS)

GUIDE = Draft(
    DocumentKind.DOCUMENT,
    "en",
    "House guide",
    "# House guide\n\nWelcome.\n\n## Breakfast\n\nFrom 7:30 to 10:30 in the courtyard.\n\n"
    "## Pool\n\nThe pool on the roof is open from May to October.\n",
    TextFormat.MARKDOWN,
)


def entry(number: int, text: str = "Text", **changes: object) -> Draft:
    """An FAQ entry with an external id."""
    return replace(HOURS, title=f"Entry {number}", body=text, external_id=number, **changes)  # pyright: ignore[reportArgumentType]
