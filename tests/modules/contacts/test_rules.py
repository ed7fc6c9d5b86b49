"""Which addresses are the same, how names are searched, and what means stop in eight languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lumi.modules.contacts import rules
from lumi.modules.contacts.errors import BadPoint
from lumi.modules.contacts.values import Point, PointKind

PHONE, WHATSAPP, EMAIL = PointKind.PHONE, PointKind.WHATSAPP, PointKind.EMAIL


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+33639980142", "+33639980142"),
        ("33639980142", "+33639980142"),
        ("+33 6 39 98 01 42", "+33639980142"),
        ("+33 (0)6 39 98 01 42", "+33639980142"),
        ("0033 6.39.98.01.42", "+33639980142"),
        ("\u202a+33 6 39 98 01 42\u202c", "+33639980142"),
        ("+٩٦٢ ٧٠٠٠ ٠٠١٤٢", "+962700000142"),
        ("+250 788 123 200", "+250788123200"),
        ("16505551234", "+16505551234"),
    ],
)
def test_one_number_has_one_form_however_it_is_written(written: str, kept: str) -> None:
    assert rules.normalise([Point(PHONE, written)]) == (Point(PHONE, kept),)


@pytest.mark.parametrize(
    ("wa_id", "typed", "same"),
    [
        ("33639980142", "+33 6 39 98 01 42", True),
        # Brazil: the ninth digit is missing in the id; which is right nobody can tell from here
        ("556285550101", "+55 62 98555-0101", False),
        ("5215512345678", "+52 55 1234 5678", False),
        ("5215512345678", "+52 1 55 1234 5678", True),
        ("5491123456789", "+54 9 11 2345 6789", True),
        ("541123456789", "+54 9 11 2345 6789", False),
    ],
)
def test_a_providers_number_is_never_rebuilt_only_compared(wa_id: str, typed: str, same: bool) -> None:
    assert rules.phone(wa_id) == f"+{wa_id}"
    assert (rules.phone(wa_id) == rules.phone(typed)) is same


@pytest.mark.parametrize(
    "text",
    [
        "", "+", "0639980142", "06 39 98 01 42", "123456", "1" * 16, "+33", "+999 12345678", "+1 800 FLOWERS",
        "+33639980142 x12", "++33639980142", "+33639980142\0;", "twelve",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadPoint):
        rules.phone(text)


def test_whatsapp_digits_are_a_phone_and_a_user_id_is_not() -> None:
    points = [Point(WHATSAPP, "33639980142"), Point(WHATSAPP, "FR.2610227510000898"), Point(PHONE, "33639980142")]
    assert rules.normalise(points) == (
        Point(PHONE, "+33639980142"),
        Point(WHATSAPP, "FR.2610227510000898"),
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Amelie.Roux@Example.ORG", "amelie.roux@example.org"),
        (" amelie@example.org\u200f", "amelie@example.org"),
        ("Ame\u0301lie@example.org", "amélie@example.org"),
        ("odd..but.real@docomo.example", "odd..but.real@docomo.example"),
    ],
)
def test_an_email_address_is_kept_in_lower_case(written: str, kept: str) -> None:
    assert rules.normalise([Point(EMAIL, written)]) == (Point(EMAIL, kept),)


@pytest.mark.parametrize("text", ["", "amelie", "@example.org", "amelie@", "a@b@c", "a b@example.org"])
def test_what_is_no_email_address_is_refused(text: str) -> None:
    with pytest.raises(BadPoint):
        rules.normalise([Point(EMAIL, text)])


@pytest.mark.parametrize("kind", list(PointKind))
def test_an_empty_or_endless_address_is_refused(kind: PointKind) -> None:
    for value in ("", " \u200f\t", "7" * 321):
        with pytest.raises(BadPoint):
            rules.normalise([Point(kind, value)])


@given(some.sampled_from(list(PointKind)), some.text(max_size=40))
def test_an_address_in_its_kept_form_stays_as_it_is(kind: PointKind, text: str) -> None:
    try:
        once = rules.normalise([Point(kind, text)])
    except BadPoint:
        return
    assert rules.normalise(once) == once
    assert "\0" not in once[0].value


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("  Amélie\nRoux ", "Amélie Roux"),
        ("a\0b", "a b"),
        ("نادية", "نادية"),
        ("\t\0", None),
        (None, None),
        ("x" * 500, "x" * 200),
        ("\ud800 lone", "lone"),
    ],
)
def test_a_providers_name_is_made_storable(given_name: str | None, kept: str | None) -> None:
    assert rules.clean_name(given_name) == kept


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("fr", "fr"), ("pt-BR", "pt"), ("AR_jo", "ar"), ("nl", "nl"),
        ("", None), ("x", None), (None, None), ("français", None),
    ],
)  # fmt: skip
def test_a_language_is_kept_without_its_country(tag: str | None, kept: str | None) -> None:
    assert rules.clean_language(tag) == kept


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("  Amélie   ROUX ", "amelie roux"),
        ("Straße", "strasse"),
        ("نادِيَة", "نادية"),
        ("Алёна", "алена"),
        ("a\0b\u200f", "a b"),
    ],
)
def test_names_are_searched_without_case_or_accents(written: str, key: str) -> None:
    assert rules.search_key(written) == key


STOP = [
    ("en", "stop", "unsubscribe", "stop all", "opt-out"),
    ("fr", "arrêt", "arret", "arrêter", "désabonner"),
    ("es", "alto", "baja", "darme de baja"),
    ("de", "stopp", "abmelden", "abbestellen"),
    ("it", "ferma", "disiscrivimi", "stop"),
    ("pt", "parar", "pare", "sair"),
    ("ar", "إيقاف", "ايقاف", "توقف", "إلغاء الاشتراك"),
    ("ru", "стоп", "отписаться", "отписка"),
]
START = [
    ("en", "start", "unstop"),
    ("fr", "reprendre", "m'abonner"),
    ("es", "alta", "reanudar"),
    ("de", "anmelden", "fortsetzen"),
    ("it", "riprendi", "inizia"),
    ("pt", "retomar", "começar"),
    ("ar", "ابدأ", "استئناف"),
    ("ru", "старт", "подписаться"),
]
DRESSES = ["{}", " {}\n", "{}!!!", "« {} »", "{}.", "*{}*", "\u200f{}\u200e", "/{}", "{} 🛑"]


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize(("words"), STOP, ids=lambda words: str(words[0]))
def test_a_stop_word_is_understood_however_it_is_dressed(words: tuple[str, ...], dress: str) -> None:
    for word in words[1:]:
        for form in (word, word.upper(), word.capitalize()):
            assert rules.is_stop_word(dress.format(form)), form
            assert not rules.is_start_word(dress.format(form)), form


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize(("words"), START, ids=lambda words: str(words[0]))
def test_a_start_word_is_understood_however_it_is_dressed(words: tuple[str, ...], dress: str) -> None:
    for word in words[1:]:
        for form in (word, word.upper(), word.capitalize()):
            assert rules.is_start_word(dress.format(form)), form
            assert not rules.is_stop_word(dress.format(form)), form


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "!!!", "🛑", "Where does the bus stop?", "stop by at five", "Non-stop", "st op", "stopping",
        "J'arrête de fumer", "Je voudrais annuler", "cancel", "end", "Wie melde ich mich ab?",
        "Est-ce un arrêt de bus ?", "baja el precio", "أين موقف الحافلة؟", "стоп-кран", "stop " * 60,
    ],
)  # fmt: skip
def test_a_sentence_with_such_a_word_in_it_is_no_stop(text: str) -> None:
    assert not rules.is_stop_word(text)
    assert not rules.is_start_word(text)


@given(some.text(max_size=120))
def test_no_text_is_both_a_stop_and_a_start(text: str) -> None:
    assert not (rules.is_stop_word(text) and rules.is_start_word(text))
