"""Texts for people, in eight languages, from the Fluent files in `locales/`.

    tr("assistant-greeting", "fr", organisation="Salon Éclat")

The result is plain text. Where a variable is written in the other direction than the sentence around it, it
is put between the Unicode marks that keep the two apart (U+2068, U+2069); nowhere else.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lumi.core.logging import get_logger

if TYPE_CHECKING:
    from babel import Locale
    from fluent.runtime import FluentBundle

    from lumi.core.bidi import Direction

LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "ar", "ru")
FALLBACK = "en"
LOCALES = Path(__file__).parent / "locales"

Variable = str | int | float | date

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_log = get_logger(__name__)


class TextMissing(LookupError):
    """A text has no such key, or needs a variable that was not given. Only raised where APP_ENV is test."""


def tr(key: str, lang: str, /, **variables: Variable) -> str:
    """The text of `key` in `lang`, or in English when Lumi does not speak that language.

    A mistake in key or variables is raised in tests; elsewhere it is logged and the best text is returned.
    """
    spoken = known_language(lang) or FALLBACK
    bundle = _bundle(spoken)
    if not bundle.has_message(key):
        _complain("text is missing", key, spoken)
        return key if spoken == FALLBACK else tr(key, FALLBACK, **variables)
    pattern = bundle.get_message(key).value
    if pattern is None:
        _complain("text has no value", key, spoken)
        return key
    text, mistakes = bundle.format_pattern(pattern, _embedded(variables, spoken))
    if mistakes:
        _complain(f"text cannot be put together: {mistakes[0]}", key, spoken)
    return str(text)


def known_language(tag: str) -> str | None:
    """The one of LANGUAGES that a tag such as `fr`, `fr-CA` or `pt_BR` means, if any."""
    code = tag.replace("_", "-").partition("-")[0].lower()
    return code if code in LANGUAGES else None


def direction(lang: str) -> "Direction":
    """Which way a language is written."""
    return "rtl" if lang.replace("_", "-").partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def language_name(code: str, lang: str) -> str:
    """What speakers of `lang` call the language `code`; the code itself when they have no name for it."""
    names = cast("dict[str, str]", _locale(known_language(lang) or FALLBACK).languages)
    wanted = code.replace("-", "_")
    return names.get(wanted) or names.get(wanted.partition("_")[0].lower()) or code


def _embedded(variables: Mapping[str, Variable], lang: str) -> dict[str, object]:
    from lumi.core.bidi import Embedded

    around = direction(lang)
    return {name: Embedded(v, around) if isinstance(v, str) else v for name, v in variables.items()}


def _complain(what: str, key: str, lang: str) -> None:
    from lumi.core.settings import get_settings

    if get_settings().app_env == "test":
        raise TextMissing(f"{what}: {key} in {lang}")
    _log.error(what, key=key, lang=lang)


@cache
def _locale(lang: str) -> "Locale":
    from babel import Locale

    return Locale(lang)


@cache
def _bundle(lang: str) -> "FluentBundle":
    from fluent.runtime import FluentBundle, FluentResource

    bundle = FluentBundle([lang], use_isolating=False)
    for file in sorted((LOCALES / lang).glob("*.ftl")):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle
