"""What must never reach a log: secrets under any name, and what people write."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

HIDDEN = "***"
LONGEST_TEXT = 16_000
DEEPEST = 5

_SECRET_NAME = re.compile(
    r"token|secret|passw|authori[sz]ation|api_?key|cookie|credential|private_?key|signature|dsn|otp|pin_?code"
)
_MESSAGE_NAMES = frozenset({"text", "body", "question", "answer", "content", "caption", "prompt", "reply"})

# One cheap look decides whether the dear patterns below are worth running: most strings are clean.
_SUSPECT = re.compile(r"""://|=|["']\s*:|bearer\s|basic\s|eyJ|PRIVATE\sKEY""", re.IGNORECASE)
_PATTERNS = (
    # A port is not a password: `host:8000/path?mail=a@b` stays.
    (re.compile(r"://[^\s:/@]*:(?!\d+(?:[/?#\s]|$))\S*@|://[^\s:/?#@]+@"), f"://{HIDDEN}@"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)+"), HIDDEN),
    (
        re.compile(
            r"""((?:token|secret|passw[a-z]*|api_?key|signature|[?&](?:key|code|sig))["']?\s*=\s*["']?)[^\s&"',;]+""",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            r"""(["'][\w.-]*(?:token|secret|passw|api_?key|authorization|cookie)[\w.-]*["']\s*:\s*["'])[^"']+""",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL), HIDDEN),
)


def redact(facts: Mapping[str, object], *, with_messages: bool = False) -> dict[str, object]:
    """The facts with every secret hidden; what people wrote is left out unless `with_messages`."""
    return _redact_mapping(facts, with_messages, 0)


def redact_text(text: str) -> str:
    """The text with credentials in URLs, bearer tokens, keys and `name=secret` pairs hidden."""
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}… ({len(text)} characters)"
    if _SUSPECT.search(text) is None:
        return text
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


@lru_cache(maxsize=2048)
def is_secret(name: str) -> bool:
    """Whether what goes by this name must not be shown."""
    return _SECRET_NAME.search(name.lower().replace("-", "_")) is not None


def _redact_mapping(facts: Mapping[str, object], with_messages: bool, depth: int) -> dict[str, object]:
    clean: dict[str, object] = {}
    for name, value in facts.items():
        if name in _MESSAGE_NAMES and not with_messages:
            continue
        if type(value) is int or type(value) is float or value is None or type(value) is bool:
            clean[name] = value
        else:
            clean[name] = HIDDEN if is_secret(name) else _redact_value(value, with_messages, depth)
    return clean


def _redact_value(value: object, with_messages: bool, depth: int) -> object:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        if depth >= DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            named = {str(name): inner for name, inner in cast("Mapping[object, object]", value).items()}
            return _redact_mapping(named, with_messages, depth + 1)
        return [_redact_value(inner, with_messages, depth + 1) for inner in cast("list[object]", value)]
    if isinstance(value, int | float):
        return value
    return redact_text(str(value))


_ARGUMENT = re.compile(r"(query argument \$\d+: ).*")


def redact_argument(message: str) -> str:
    """A driver's complaint without the value it complains about."""
    return _ARGUMENT.sub(rf"\1{HIDDEN}", message)
