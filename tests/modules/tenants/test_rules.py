"""What a slug, a language, a time zone, an identifier, an origin and settings may be."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from lumi.modules.tenants import rules
from lumi.modules.tenants.errors import (
    BadIdentifier,
    BadSlug,
    LocaleNotSpoken,
    UnknownLanguage,
    UnknownTimeZone,
)
from lumi.modules.tenants.values import IdentifierKind, TenantSettings, origin


@pytest.mark.parametrize("slug", ["a", "7", "salon-eclat", "a--b", "x" * 63])
def test_a_slug_is_small_letters_digits_and_hyphens(slug: str) -> None:
    rules.check_slug(slug)


@pytest.mark.parametrize("slug", ["", "-a", "a-", "Salon", "salon éclat", "a_b", "a/b", "x" * 64, "a\n", "a\0", "сал"])
def test_anything_else_is_no_slug(slug: str) -> None:
    with pytest.raises(BadSlug):
        rules.check_slug(slug)


def test_a_tenant_speaks_only_languages_that_lumi_speaks() -> None:
    with pytest.raises(UnknownLanguage):
        rules.check_languages("fr", ["fr", "nl"])


def test_a_tenant_speaks_its_own_language() -> None:
    with pytest.raises(LocaleNotSpoken):
        rules.check_languages("fr", ["en", "es"])


@pytest.mark.parametrize("name", ["Europe/Paris", "Asia/Amman", "America/Argentina/Buenos_Aires", "UTC"])
def test_a_time_zone_is_a_name_of_the_iana_database(name: str) -> None:
    rules.check_time_zone(name)


@pytest.mark.parametrize("name", ["", "Paris", "europe/paris", "GMT+25", "../../etc/passwd", "Europe"])
def test_other_names_are_no_time_zones(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        rules.check_time_zone(name)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (IdentifierKind.PHONE_NUMBER_ID, " 109900042180001 ", "109900042180001"),
        (IdentifierKind.BOT, "123456:Bot_name", "123456:Bot_name"),
        (IdentifierKind.MAILBOX, "Hello@Salon-Eclat.Example", "hello@salon-eclat.example"),
        (IdentifierKind.DOMAIN, "WWW.Salon-Eclat.example", "www.salon-eclat.example"),
    ],
)
def test_an_identifier_is_kept_in_one_form(kind: IdentifierKind, given: str, kept: str) -> None:
    assert rules.identifier(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (IdentifierKind.PHONE_NUMBER_ID, "+33639980142"),
        (IdentifierKind.PHONE_NUMBER_ID, ""),
        (IdentifierKind.BOT, "a bot"),
        (IdentifierKind.MAILBOX, "hello@localhost"),
        (IdentifierKind.MAILBOX, "a b@example.org"),
        (IdentifierKind.DOMAIN, "https://example.org"),
        (IdentifierKind.DOMAIN, "example.org\0"),
    ],
)
def test_what_cannot_be_an_identifier_is_refused(kind: IdentifierKind, given: str) -> None:
    with pytest.raises(BadIdentifier):
        rules.identifier(kind, given)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("HTTPS://WWW.Example.ORG/", "https://www.example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://*.example.org", "https://*.example.org"),
        ("https://café.example", "https://xn--caf-dma.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(written: str, kept: str) -> None:
    assert origin(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://*",
        "https://a.*.org",
        "https://example.org/page",
        "https://example.org?q",
        "https://user@example.org",
        "https://example.org:99999",
        "https://example.org; script-src *",
        "https://example.org 'unsafe-inline'",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_origin_never_reaches_a_security_header(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        origin(written)


@given(some.text(max_size=60))
def test_whatever_is_taken_as_an_origin_is_one_word_of_plain_letters(written: str) -> None:
    try:
        taken = origin(written)
    except ValueError:
        return
    assert taken.isascii()
    assert not set(taken) & set(" ;,'\"<>\r\n\t")


@pytest.mark.parametrize(
    ("page", "may"),
    [
        ("https://www.salon.example", True),
        ("https://WWW.salon.example", True),
        ("https://shop.girona.example", True),
        ("https://a.b.girona.example", True),
        ("https://girona.example", False),
        ("https://evilgirona.example", False),
        ("http://shop.girona.example", False),
        ("https://www.salon.example:8443", False),
        ("https://www.salon.example.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_listed_sites_may_show_the_widget(page: str, may: bool) -> None:
    settings = TenantSettings(widget_origins=("https://www.salon.example", "https://*.girona.example"))
    assert rules.may_show_widget(settings, page) is may


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"colour": "#12345"},
        {"website": "javascript:alert(1)"},
        {"website": "https://a b.example"},
        {"description": {"nl": "Een kapper."}},
        {"description": {"fr": "x" * 501}},
        {"description": {"fr": "a\0b"}},
        {"suggestions": {"fr": ["?"] * 7}},
        {"suggestions": {"fr": ["  "]}},
        {"widget_origins": ["https://example.org/page"]},
    ],
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TenantSettings.model_validate(wrong)


def test_settings_of_a_newer_lumi_can_be_read() -> None:
    assert TenantSettings.model_validate({"colour": "#000000", "from_2030": 1}).colour == "#000000"


@given(some.text(max_size=40))
def test_no_text_makes_a_rule_fail_otherwise_than_by_refusing(text: str) -> None:
    for check in (rules.check_slug, rules.check_time_zone):
        with suppress(BadSlug, UnknownTimeZone):
            check(text)
