"""Which addresses are the same, how names are searched, and what means stop."""

import re
import unicodedata
from collections.abc import Iterable

from lumi.modules.contacts.errors import BadPoint
from lumi.modules.contacts.values import Point, PointKind

LONGEST_NAME = 200
LONGEST_VALUE = 320

_INTERNATIONAL = re.compile(r"[1-9][0-9]{6,14}")
_PHONE_MARKS = re.compile(r"[\s().\-/\u2010-\u2015]")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,253}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# Argentina, Mexico, Brazil: WhatsApp's form of a number may differ by a digit from the one that is dialled.
_OWN_FORM = frozenset({54, 52, 55})


def normalise(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points in the form they are stored and compared in, each once, sorted; raises BadPoint."""
    return tuple(sorted({_normal(point) for point in points}))


def _normal(point: Point) -> Point:
    value = "".join(c for c in point.value if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip()
    if not value or len(value) > LONGEST_VALUE:
        raise BadPoint(kind=point.kind.value)
    # WhatsApp puts a phone number where its user id belongs when it has no other
    if point.kind is PointKind.PHONE or (point.kind is PointKind.WHATSAPP and value.lstrip("+").isdecimal()):
        return Point(PointKind.PHONE, phone(value))
    return Point(point.kind, email(value) if point.kind is PointKind.EMAIL else value)


def phone(text: str) -> str:
    """The number as +digits (E.164); raises BadPoint.

    Digits alone are a provider's own id of a number (WhatsApp's wa_id) and are never rebuilt. What a person
    typed has to begin with + or 00.
    """
    digits = "".join(str(unicodedata.digit(c, c)) for c in text.strip())
    if _INTERNATIONAL.fullmatch(digits):
        return f"+{digits}"
    bare = _PHONE_MARKS.sub("", digits)
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if not bare.startswith("+") or not bare[1:].isascii() or not bare[1:].isdigit():
        raise BadPoint("A phone number begins with + and the country code.", kind=PointKind.PHONE.value)
    return _as_dialled(f"+{digits[2:]}" if digits.startswith("00") else digits, bare)


def _as_dialled(written: str, bare: str) -> str:
    import phonenumbers  # 20 ms, and messages of a provider never need it

    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        raise BadPoint(kind=PointKind.PHONE.value) from None
    if phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.country_code in _OWN_FORM and _INTERNATIONAL.fullmatch(bare[1:]):
        return bare
    raise BadPoint(kind=PointKind.PHONE.value)


def email(text: str) -> str:
    """The address in lower case; raises BadPoint. Lenient: real mailboxes break the standards' rules."""
    lowered = unicodedata.normalize("NFC", text.strip()).lower()
    if not _EMAIL.fullmatch(lowered):
        raise BadPoint(kind=PointKind.EMAIL.value)
    return lowered


def clean_name(name: str | None) -> str | None:
    """A name a provider gave, on one line and of bearable length; None when nothing is left."""
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in name or "")
    return " ".join(visible.split())[:LONGEST_NAME].strip() or None


def clean_language(language: str | None) -> str | None:
    """The language of a tag such as `pt-BR`; None when it is none."""
    code = (language or "").replace("_", "-").partition("-")[0].lower()
    return code if _LANGUAGE.fullmatch(code) else None


def search_key(text: str) -> str:
    """Text as it is searched: lower case, no accents or marks, one space between words."""
    plain = (c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in {"Mn", "Cf", "Cs"})
    words = "".join(" " if unicodedata.category(c) == "Cc" else c for c in plain)
    return " ".join(words.casefold().split())


def point_prefixes(search: str) -> tuple[str, ...]:
    """How a point may begin that somebody looks for with this text."""
    key = search_key(search)
    number = _PHONE_MARKS.sub("", key)
    if number.lstrip("+").isdecimal():
        return (f"+{number.lstrip('+').removeprefix('00')}", number)
    return tuple({key, " ".join(search.replace("\0", " ").split())})


def is_stop_word(text: str) -> bool:
    """Whether the whole message asks us to be silent, in one of Lumi's languages."""
    return _said(text) in _STOP


def is_start_word(text: str) -> bool:
    """Whether the whole message takes a stop back, in one of Lumi's languages."""
    return _said(text) in _START


def _said(text: str) -> str:
    if len(text) > 100:
        return ""
    letters = (c if unicodedata.category(c)[0] in "LN" else " " for c in search_key(text.replace("ـ", "")))
    return " ".join("".join(letters).split())


# Words that are often an answer in a conversation (cancel, end, quit, basta) are not among them.
_STOP = frozenset(
    map(
        _said,
        (
            "stop", "stopp", "stop all", "stopall", "unsubscribe", "opt out", "optout",
            "arrêt", "arrêter", "arrêtez", "désabonner", "désabonnement", "me désabonner", "désinscription",
            "alto", "baja", "parar", "darme de baja", "dar de baja", "darse de baja",
            "abmelden", "abbestellen", "aufhören",
            "ferma", "fermare", "disiscrivimi", "disiscrivermi", "annulla iscrizione",
            "pare", "sair", "descadastrar", "cancelar inscrição",
            "إيقاف", "ايقاف", "أوقف", "توقف", "قف", "إلغاء الاشتراك",
            "стоп", "отписаться", "отписка", "отпишите меня",
        ),
    )
)  # fmt: skip
_START = frozenset(
    map(
        _said,
        (
            "start", "unstop", "subscribe", "resume",
            "reprendre", "démarrer", "commencer", "m'abonner", "réabonner",
            "alta", "iniciar", "empezar", "reanudar", "suscribirme",
            "starten", "anmelden", "fortsetzen",
            "inizia", "avvia", "riprendi", "iscrivimi",
            "começar", "retomar", "inscrever",
            "ابدأ", "بدء", "استئناف", "اشتراك",
            "старт", "начать", "возобновить", "подписаться",
        ),
    )
)  # fmt: skip
