"""Whether a text can hold the answer: who asks how much wants a price, who asks when a time or a day."""

from __future__ import annotations

import re

from lumi.modules.knowledge.engine import words

_MONEY = re.compile(
    r"[€$£]\s?\d|\d\s?[€$£]|\d\s?(?:euros?|eur|dinars?|dollars?|usd|chf|франк|евро|руб|доллар|динар|يورو|دينار|دولار)",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}\s?[:.]\s?[0-5]\d|\d{1,2}\s?(?:h\b|uhr|am\b|pm\b|a\.m|p\.m|heures?\b|час)", re.IGNORECASE)
_NUMBER = re.compile(r"\d")
_DAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "weekend", "month",
                   "public_holiday"))  # fmt: skip
# What a passage may name in place of a figure.
_INSTEAD = {
    "price": frozenset(("price", "free_of_charge")),
    "duration": frozenset(("duration",)),
    "opening_hours": frozenset(("opening_hours", "closed")) | _DAYS,
    "start_date": frozenset(("start_date",)) | _DAYS,
    "how_often": frozenset(("how_often",)) | _DAYS,
    "age": frozenset(("age",)),
    "address": frozenset(("address", "metro", "city_centre", "how_to_get_there")),
    "distance": frozenset(("distance", "duration")),
    "how_to_get_there": frozenset(("how_to_get_there", "metro", "bus", "train", "taxi", "address", "car")),
}
_NUMBERS = frozenset(words.surface(
    "one two three four five six seven eight nine ten twelve dozen hundred"
    " deux trois quatre cinq six sept huit neuf dix douze cent"
    " dos tres cuatro cinco seis siete ocho nueve diez doce cien"
    " zwei drei vier fünf sechs sieben acht neun zehn zwölf hundert"
    " due tre quattro cinque sei sette otto nove dieci dodici cento"
    " dois duas três quatro oito dez doze cem"
    " два две три четыре пять шесть семь восемь девять десять сто"
    " ثلاثه ثلاث اربعه اربع خمسه خمس سته ست سبعه سبع ثمانيه ثماني تسعه تسع عشره عشر"
))  # fmt: skip
# So many words may stand between a number and what it counts.
_BETWEEN = 3
_FIGURES = {"price": _MONEY, "opening_hours": _TIME, "start_date": _TIME, "age": _NUMBER, "duration": _NUMBER}


def has(kind: str, text: str, concepts: frozenset[str]) -> bool:
    """Whether a text with these concepts may answer what is asked of its subject."""
    if kind in ("price", "opening_hours", "start_date") and _FIGURES[kind].search(text):
        return True
    if kind == "who":
        return True
    if not _INSTEAD[kind] & concepts:
        return False
    return kind not in ("age", "duration") or _NUMBER.search(text) is not None


def counts(text: str, counted: str) -> bool:
    """Whether a text says a number of something, a word of a question."""
    spoken = words.surface(text)
    begins = counted[: max(3, len(counted) - 2)]
    return any(
        any(_is_number(word) for word in spoken[max(0, place - _BETWEEN) : place])
        for place, word in enumerate(spoken)
        if word.startswith(begins)
    )


def _is_number(word: str) -> bool:
    return word in _NUMBERS or word[0].isdigit()
