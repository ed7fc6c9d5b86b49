"""Writes the references of docs/ that are made from the code; `--check` fails when one is stale."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lumi.core.settings import Settings  # noqa: E402 -- of this tree, wherever it is started
from scripts.references import api, data, repository, suite  # noqa: E402


def main() -> int:
    """Write what is stale, or with --check name it; 1 when something was stale and is not written."""
    is_checking = "--check" in sys.argv
    stale = [name for name, text in made() if _differs(ROOT / "docs" / name, text, write=not is_checking)]
    if stale and is_checking:
        print(f"Stale in docs/: {', '.join(stale)}; make docs writes them.")
        return 1
    for name in stale:
        print(f"docs/{name}")
    return 0


def made() -> Iterator[tuple[str, str]]:
    """Names and texts, one after the other: what is where comes last, as it names what the others say."""
    yield "API_REFERENCE.md", api.document(Settings.model_construct(log_level="ERROR"))
    yield "DATA_MODEL.md", asyncio.run(data.document())
    yield "TESTS_REFERENCE.md", suite.document(ROOT)
    kept = ROOT / "docs" / "REPO_REFERENCE.md"
    if not kept.exists():
        kept.write_text(repository.HEAD)
    yield kept.name, repository.document(ROOT)


def _differs(path: Path, text: str, *, write: bool) -> bool:
    if path.exists() and path.read_text() == text:
        return False
    if write:
        path.write_text(text)
    return True


if __name__ == "__main__":
    sys.exit(main())
