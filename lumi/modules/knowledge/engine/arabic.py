"""Arabic words as search wants them: one letter for its variants, without marks, article and endings."""

import re

_TANWIN = re.compile("ا\u064b|\u064bا")
_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ی": "ي", "ک": "ك"}
    | {chr(0x0660 + n): str(n) for n in range(10)}
    | {chr(0x06F0 + n): str(n) for n in range(10)}
)
_ARTICLES = ("وبال", "وكال", "ولل", "فال", "وال", "بال", "كال", "لل", "ال")
_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
# "In" and "to" are written onto the word; short words that begin so are left alone.
_JOINED = "بل"
_LONG_ENOUGH = 6
_SCRIPT = re.compile("[\u0600-\u06ff]")


def is_arabic(word: str) -> bool:
    """Whether the word has an Arabic letter."""
    return _SCRIPT.search(word) is not None


def same_letters(text: str) -> str:
    """The text without vowel marks and tatweel, each letter in one form, digits as 0-9."""
    return _MARKS.sub("", _TANWIN.sub("", text)).translate(_LETTERS)


def _without_article(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 3:
            return word[len(article) :]
    return word


def stem(word: str) -> str:
    """A word from `same_letters` without its article, leading "and", "in" or "to", and without one ending.

    At least three letters stay, so that roots survive. A word that begins like the article loses that too, with
    the article before it and without: what matters is that both come out the same.
    """
    bare = _without_article(word)
    if bare == word and word.startswith("و") and len(word) >= 5:
        bare = word[1:]
    if bare == word and bare[0] in _JOINED and len(bare) >= _LONG_ENOUGH:
        bare = bare[1:]
    word = _without_article(bare)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
