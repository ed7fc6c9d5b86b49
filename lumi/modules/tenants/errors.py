"""Refusals of tenants."""

from lumi.core.errors import AppError, Conflict, Invalid, NotFound


class SlugTaken(Conflict):
    """Another organisation has this slug already."""

    code = "slug_taken"


class BadSlug(Invalid):
    """A slug is 1 to 63 small letters, digits and hyphens, with a letter or digit at both ends."""

    code = "bad_slug"


class UnknownLanguage(Invalid):
    """Lumi does not speak this language."""

    code = "unknown_language"


class UnknownTimeZone(Invalid):
    """There is no such time zone; use a name such as Europe/Paris."""

    code = "unknown_time_zone"


class LocaleNotSpoken(AppError):
    """The organisation's own language has to be among those it speaks."""

    code = "locale_not_spoken"
    status = 409


class BadIdentifier(Invalid):
    """This is not an identifier of that kind."""

    code = "bad_identifier"


class TenantNotFound(NotFound):
    """There is no such organisation."""


class IdentifierNotFound(NotFound):
    """The organisation has no such identifier."""
