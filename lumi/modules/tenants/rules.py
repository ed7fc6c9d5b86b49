"""What makes a tenant well-formed."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from lumi.core.i18n import LANGUAGES
from lumi.modules.tenants.errors import (
    BadIdentifier,
    BadSlug,
    LocaleNotSpoken,
    UnknownLanguage,
    UnknownTimeZone,
)
from lumi.modules.tenants.values import IdentifierKind, TenantSettings

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_IDENTIFIERS = {
    IdentifierKind.PHONE_NUMBER_ID: re.compile(r"[0-9]{1,32}"),
    IdentifierKind.BOT: re.compile(r"[A-Za-z0-9_.:-]{1,128}"),
    IdentifierKind.PAGE: re.compile(r"[0-9]{1,32}"),
    IdentifierKind.MAILBOX: re.compile(rf"[^\s@\x00]{{1,64}}@{_DOMAIN.pattern}"),
    IdentifierKind.DOMAIN: _DOMAIN,
}
_CASELESS = frozenset({IdentifierKind.MAILBOX, IdentifierKind.DOMAIN})


def check_slug(slug: str) -> None:
    """Raise BadSlug unless this can stand in an address."""
    if not _SLUG.fullmatch(slug):
        raise BadSlug(slug=slug)


def check_languages(locale: str, languages: Sequence[str]) -> None:
    """Raise UnknownLanguage, or LocaleNotSpoken when the tenant's own language is not among its languages."""
    for language in (locale, *languages):
        if language not in LANGUAGES:
            raise UnknownLanguage(language=language)
    if locale not in languages:
        raise LocaleNotSpoken(locale=locale)


def check_time_zone(name: str) -> None:
    """Raise UnknownTimeZone unless this is a name of the IANA database that ships with Lumi."""
    if name not in _time_zones():
        raise UnknownTimeZone(time_zone=name)


@cache
def _time_zones() -> frozenset[str]:
    # the list of the package, not of the machine, whose own may be old
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


def identifier(kind: IdentifierKind, value: str) -> str:
    """The identifier in the one form it is stored and looked up in; raises BadIdentifier."""
    value = value.strip().lower() if kind in _CASELESS else value.strip()
    if not _IDENTIFIERS[kind].fullmatch(value):
        raise BadIdentifier(kind=kind.value)
    return value


def may_show_widget(settings: TenantSettings, origin: str) -> bool:
    """Whether a page of this Origin may show the widget. It guards against abuse and proves nobody."""
    origin = origin.lower()
    return any(_covers(allowed, origin) for allowed in settings.widget_origins)


def _covers(allowed: str, origin: str) -> bool:
    scheme, wildcard, parent = allowed.partition("://*")
    if not wildcard:
        return origin == allowed
    return origin.startswith(f"{scheme}://") and origin.endswith(parent) and origin != f"{scheme}://{parent}"
