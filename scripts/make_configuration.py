"""Writes `.env.example` and `docs/configuration.md` from the settings classes; `--check` fails when they are stale."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Literal, cast, get_args, get_origin

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lumi.core.settings import Settings  # noqa: E402 -- from this tree, wherever the script is started

DOCUMENT = """# Configuration

Every setting is an environment variable; Lumi also reads `.env` in the folder it is started in, and the environment
wins. An empty one is not set. `lumi doctor` says what is wrong with them, and nothing starts while something is.
`.env.example` holds the same list to copy from. Both are made from the code by `scripts/make_configuration.py`.
"""

EXAMPLE = """# Every setting of Lumi and its default. Copy to .env, uncomment what differs; docs/configuration.md says
# more of each.
"""


def main() -> int:
    """Write both files, or with --check compare them; 1 when something is stale."""
    stale: list[str] = []
    for path, text in ((ROOT / ".env.example", example()), (ROOT / "docs" / "configuration.md", document())):
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"{' and '.join(stale)}: not what the settings say; scripts/make_configuration.py writes them")
        return 1
    return 0


def document() -> str:
    """What `docs/configuration.md` should say."""
    parts = [DOCUMENT]
    for title, fields in groups():
        rows = [
            f"| {_names(name, field)} | {_shown(field)} | {field.description} | {_needed_by(field)} |"
            for name, field in fields
        ]
        parts.append("\n".join([f"## {title}", "", "| name | default | meaning | who needs it |", *_RULE, *rows, ""]))
    return "\n".join(parts)


_RULE = ["| --- | --- | --- | --- |"]


def example() -> str:
    """What `.env.example` should say."""
    parts = [EXAMPLE]
    for title, fields in groups():
        parts.append(f"\n## {title}\n")
        for name, field in fields:
            said = (field.description or "").replace("`", "")
            parts.append(f"# {said}\n# {name.upper()}={_default(field)}\n")
    return "".join(parts)


def groups() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Title and fields of each noun, in the order people meet them."""
    for group in reversed(Settings.__bases__):
        own = cast("type[BaseSettings]", group)
        yield (own.__doc__ or own.__name__).strip(), [(name, Settings.model_fields[name]) for name in own.model_fields]


def _names(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    others = [str(each) for each in alias.choices if each != name] if isinstance(alias, AliasChoices) else []
    first, *more = others or [name.upper()]
    return f"`{first}`" + "".join(f" or `{each}`" for each in more)


def _shown(field: FieldInfo) -> str:
    default = _default(field)
    choices = [each for one in _spelt_out(field.annotation) for each in get_args(one)]
    said = f"`{default}`" if default else "–"
    return said + (f" (of {', '.join(f'`{each}`' for each in choices)})" if choices else "")


def _spelt_out(kind: object) -> list[object]:
    """Of a type that may be left out, too, the part that lists its words."""
    return [each for each in (kind, *get_args(kind)) if get_origin(each) is Literal]


def _default(field: FieldInfo) -> str:
    value: object = field.default
    if value is None or isinstance(value, SecretStr | NoneType):
        return ""
    if isinstance(value, list):
        return ",".join(str(each) for each in cast("list[object]", value))
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _needed_by(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if not isinstance(extra, dict) or not field.description:
        raise SystemExit(f"A setting lacks its description or who needs it: {field}")
    return str(cast("dict[str, object]", extra)["needed_by"])


if __name__ == "__main__":
    sys.exit(main())
