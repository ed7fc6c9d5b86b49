"""Refusals of knowledge."""

from __future__ import annotations

from lumi.core.errors import AppError, Conflict, Invalid, NotFound, TooLarge


class DocumentNotFound(NotFound):
    """There is no such document."""


class GapNotFound(NotFound):
    """There is no such question on the list."""


class ExternalIdTaken(Conflict):
    """Another document has this external id already; replace that one."""

    code = "external_id_taken"


class UnsupportedType(AppError):
    """Markdown (.md, .markdown) and plain text (.txt) are taken."""

    code = "unsupported_type"
    status = 415


class TextTooLarge(TooLarge):
    """A document may have 1 MiB of text."""


class InvalidEncoding(Invalid):
    """The text has to be UTF-8."""

    code = "invalid_encoding"


class NulCharacter(Invalid):
    """The text contains a NUL character."""

    code = "nul_character"


class EmptyText(Invalid):
    """There has to be a title and some text."""

    code = "empty_text"


class BadLine(Invalid):
    """A line has to be an object with id, lang, title and text."""

    code = "bad_line"
