"""Bytes to text, whatever charset a mail names and however wrong it is about it."""

import re

_ALIASES = {
    "iso-8859-1": "cp1252",  # as browsers do: what calls itself Latin-1 was written on Windows
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "unicode-1-1-utf-7": "utf-7",
}
_UNDECLARED = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "default", "binary"})
# Codecs of Python that no mail is written in; some of them need time that grows with the square of the length.
_NOT_OF_MAIL = frozenset(
    {"idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape", "undefined"}
)
_NO_DATABASE_KEEPS = re.compile("[\0\ud800-\udfff]")


def decoded(data: bytes, charset: str) -> str:
    """The text in these bytes; an unknown or missing charset is taken for UTF-8, else for Windows-1252."""
    name = charset.strip().strip("\"'").lower()
    if name in _UNDECLARED or name in _NOT_OF_MAIL:
        return _guessed(data)
    try:
        return storable(data.decode(_ALIASES.get(name, name), "replace"))
    except (LookupError, ValueError):
        return _guessed(data)


def unescaped(value: str) -> str:
    """A header as the parser keeps it, with the bytes beyond ASCII that it had to set aside."""
    if value.isascii():
        return storable(value)
    return _guessed(value.encode("ascii", "surrogateescape"))


def storable(text: str) -> str:
    """The text without what no database keeps: NUL, and halves of characters."""
    return _NO_DATABASE_KEEPS.sub(lambda found: "" if found.group() == "\0" else "\ufffd", text)


def _guessed(data: bytes) -> str:
    try:
        return storable(data.decode())
    except UnicodeDecodeError:
        return storable(data.decode("cp1252", "replace"))
