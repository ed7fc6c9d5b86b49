"""Commands that read questions as lines of JSON and answer in the same order."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lumi.cli.refusals import Refusal, told_in_words
from lumi.cli.screen import emit, note, progress

if TYPE_CHECKING:
    from lumi.modules.knowledge.public import Loaded

knowledge = typer.Typer(help="What an organisation knows.", no_args_is_help=True)

Jsonl = Annotated[bool, typer.Option("--jsonl", help="Read and write lines of JSON: the only form there is yet.")]
Slug = Annotated[str, typer.Argument(help="Slug of the organisation.")]


def language(*, jsonl: Jsonl = False) -> None:
    """Tell the language of texts.

    Reads lines {"text": …, "among": ["fr", "en"]} and writes {"lang": …, "confidence": …} for each; "among" may be
    left out.
    """
    with told_in_words():
        _require_jsonl(jsonl, "language")
        from lumi.modules.assistant import public as assistant

        for number, line in _objects(sys.stdin):
            text, among = line.get("text"), line.get("among")
            if not isinstance(text, str) or not _are_languages(among):
                raise Refusal(f'Line {number}: "text" must be a text and "among" a list of languages Lumi speaks.')
            guess = assistant.detect(text, among=cast("list[str] | None", among))
            emit(json.dumps({"lang": guess.lang, "confidence": round(guess.confidence, 4)}))


def search(tenant: Slug, *, jsonl: Jsonl = False) -> None:
    """Search what an organisation knows.

    Reads lines {"question": …, "lang": "fr"} and writes {"passages": [{"id": …, "score": …}]} for each: the best
    ten. "lang" may be left out.
    """
    with told_in_words():
        _require_jsonl(jsonl, "search")
        from lumi.core.loop import run

        run(_search(tenant))


@knowledge.command("load")
def load(
    tenant: Slug,
    file: Annotated[Path, typer.Argument(help='Lines {"id", "lang", "title", "text"}.', exists=True, dir_okay=False)],
) -> None:
    """Load entries. One whose id is known already is replaced, one that says the same is left alone."""
    with told_in_words():
        from lumi.core.loop import run

        run(_load(tenant, file))


async def _search(slug: str) -> None:
    from lumi.cli.first_start import furnish_if_empty
    from lumi.cli.installation import opened, quiet_settings, tenant_of
    from lumi.modules.knowledge import public as knows

    async with opened(quiet_settings()) as house:
        await furnish_if_empty(house, note)
        tenant = await tenant_of(house, slug)
        lines = (line for _, line in _objects(sys.stdin))
        async for found in knows.search_lines(house.db.pool, tenant.id, lines):
            emit(json.dumps({"passages": found}, ensure_ascii=False))


async def _load(slug: str, file: Path) -> None:
    from lumi.cli.installation import opened, quiet_settings, tenant_of
    from lumi.modules.knowledge import public as knows

    with progress("Loading") as say, file.open(encoding="utf-8") as lines:

        def tell(loaded: Loaded) -> None:
            say(f"Loading: {loaded.done} entries")

        async with opened(quiet_settings(), say=say) as house:
            tenant = await tenant_of(house, slug)
            objects = (line for _, line in _objects(lines))
            loaded = await knows.load_lines(house.db, tenant.id, objects, progress=tell)
    emit(f"{loaded.stored} stored, {loaded.unchanged} unchanged")


def _objects(lines: Iterable[str]) -> Generator[tuple[int, Mapping[str, object]]]:
    """The JSON objects of the lines that are not empty, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _object(number, line)


def _object(number: int, line: str) -> Mapping[str, object]:
    try:
        found: object = json.loads(line)
    except ValueError:
        raise Refusal(f"Line {number} is not JSON.") from None
    if not isinstance(found, dict):
        raise Refusal(f"Line {number} is not a JSON object.")
    return cast("Mapping[str, object]", found)


def _are_languages(among: object) -> bool:
    from lumi.core.i18n import LANGUAGES

    if among is None:
        return True
    if not isinstance(among, list):
        return False
    named = cast("list[object]", among)
    return bool(named) and all(each in LANGUAGES for each in named)


def _require_jsonl(given: bool, command: str) -> None:
    if not given:
        raise Refusal(f"Say how to read and write: lumi {command} --jsonl < questions.jsonl")
