"""How often the right passage is found, how fast, and when Lumi rightly says that it does not know.

    python -m benchmarks.retrieval                  the demo organisations' own cases
    python -m benchmarks.retrieval DIR              or CASES=DIR: NAME_passages.jsonl + NAME_questions.jsonl,
                                                    or folders with faq.yaml, documents/*.md, cases.jsonl
    python -m benchmarks.retrieval DIR --large 20000    also in one tenant of so many sections

Beside Lumi stands what PostgreSQL's own full-text search finds in the same run, with all words and with any word.
Figures are given for two halves, split by a digest of the passage (or, in cases.jsonl, of the question), as a measure
of how much chance there is in them. The weights of judging were fitted to the demo organisations' own cases: what
they reach on others stands in tests/modules/knowledge.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import time
import zlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, cast
from uuid import UUID

import asyncpg
import yaml

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.ids import new_id
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.public import DocumentKind, Draft, Passage, TextFormat
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantKind

OWN_CASES = Path(__file__).resolve().parents[1] / "lumi" / "demo" / "organisations"
CONFIGS = {
    "en": "english", "fr": "french", "es": "spanish", "de": "german",
    "it": "italian", "pt": "portuguese", "ar": "arabic", "ru": "russian",
}  # fmt: skip
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_ALL_WORDS = "plainto_tsquery($1::regconfig, $2)"
_ANY_WORD = "replace(plainto_tsquery($1::regconfig, $2)::text, '&', '|')::tsquery"


@dataclass(frozen=True)
class Case:
    """A question, the names of the passages that answer it (none: it must be refused), and its half."""

    question: str
    lang: str
    wanted: frozenset[str]
    half: int


@dataclass
class Corpus:
    """What one tenant knows, and what it is asked."""

    name: str
    drafts: list[Draft] = field(default_factory=list[Draft])
    cases: list[Case] = field(default_factory=list[Case])

    @property
    def languages(self) -> set[str]:
        """The languages the knowledge is written in."""
        return {draft.lang for draft in self.drafts}


@dataclass
class Result:
    """What came of one case."""

    case: Case
    rank: int | None
    evidence: float
    milliseconds: float


def corpora(folder: Path) -> Iterator[Corpus]:
    """The corpora of a folder of cases."""
    for file in sorted(folder.glob("*_passages.jsonl")):
        name = file.name.removesuffix("_passages.jsonl")
        corpus = Corpus(name.removeprefix("retrieval_"))
        for line in _lines(file):
            corpus.drafts.append(
                Draft(
                    DocumentKind.FAQ,
                    str(line["lang"]),
                    str(line["title"]).replace("_", " "),
                    str(line["text"]),
                    external_id=str(line["id"]),
                )
            )
        for line in _lines(folder / f"{name}_questions.jsonl"):
            wanted = str(line["passage"])
            corpus.cases.append(Case(str(line["question"]), str(line["lang"]), frozenset({wanted}), _half(wanted)))
        yield corpus
    for file in sorted(folder.glob("*/cases.jsonl")):
        yield _organisation(file.parent)


class Entry(TypedDict):
    """One entry of faq.yaml."""

    id: str
    lang: str
    question: str
    answer: str
    tags: list[str]


class About(TypedDict):
    """The head of a document."""

    id: str
    lang: str
    title: str


class Line(TypedDict):
    """One line of cases.jsonl."""

    lang: str
    question: str
    answer_ids: list[str]


def _organisation(folder: Path) -> Corpus:
    corpus = Corpus(folder.name)
    for entry in cast("list[Entry]", yaml.safe_load((folder / "faq.yaml").read_text())):
        tags = tuple(entry.get("tags", ()))
        corpus.drafts.append(
            Draft(
                DocumentKind.FAQ,
                entry["lang"],
                entry["question"],
                entry["answer"],
                keywords=tags,
                external_id=entry["id"],
            )
        )
    for file in sorted((folder / "documents").glob("*.md")):
        text = file.read_text()
        head = _FRONT_MATTER.match(text)
        about = cast("About", yaml.safe_load(head[1] if head else ""))
        corpus.drafts.append(
            Draft(
                DocumentKind.DOCUMENT,
                about["lang"],
                about["title"],
                text,
                TextFormat.MARKDOWN,
                external_id=about["id"],
            )
        )
    for line in cast("Iterator[Line]", _lines(folder / "cases.jsonl")):
        question = line["question"]
        corpus.cases.append(Case(question, line["lang"], frozenset(line["answer_ids"]), _half(question)))
    return corpus


def _lines(file: Path) -> Iterator[dict[str, object]]:
    with file.open() as lines:
        yield from map(json.loads, lines)


def _half(name: str) -> int:
    return zlib.crc32(name.encode()) % 2


async def load(db: Database, tenant_id: UUID, drafts: Sequence[Draft]) -> None:
    """Store a corpus: its entries in batches, its documents one by one."""
    entries = [draft for draft in drafts if draft.kind is DocumentKind.FAQ]
    for start in range(0, len(entries), 500):
        async with db.transaction(tenant_id) as session:
            await knowledge.load_batch(Context(session, tenant_id), entries[start : start + 500])
    for draft in drafts:
        if draft.kind is DocumentKind.DOCUMENT:
            async with db.transaction(tenant_id) as session:
                await knowledge.store_document(Context(session, tenant_id), draft)


async def ask_lumi(db: Database, tenant_id: UUID, corpus: Corpus) -> list[Result]:
    """Every case of the corpus, one after the other."""
    anchors = await _anchors(db, tenant_id)
    results: list[Result] = []
    for case in corpus.cases:
        began = time.perf_counter()
        found = await knowledge.find_passages(db.pool, tenant_id, case.question, case.lang, 10)
        took = (time.perf_counter() - began) * 1000
        rank = next((r for r, p in enumerate(found, 1) if _names(p, anchors[p.id]) & case.wanted), None)
        results.append(Result(case, rank, found[0].evidence if found else 0.0, took))
    return results


def _names(passage: Passage, anchor: str) -> set[str]:
    """The names cases may give a passage: its document's, or its section's."""
    return {str(passage.external_id), f"{passage.external_id}#{anchor}"}


async def _anchors(db: Database, tenant_id: UUID) -> dict[UUID, str]:
    async with db.pool.acquire() as connection, connection.transaction():
        await connection.execute("select app.bind($1)", tenant_id)
        return {row["id"]: row["anchor"] for row in await connection.fetch("select id, anchor from section")}


async def ask_postgres(db: Database, tenant_id: UUID, corpus: Corpus, query: str) -> list[Result]:
    """The same cases by PostgreSQL's own ranking over the same sections, without row-level security."""
    results: list[Result] = []
    async with db.pool.acquire() as connection, connection.transaction():
        await connection.execute("select app.bind($1)", tenant_id)
        await _copy_as_tsvector(connection)
        for case in corpus.cases:
            began = time.perf_counter()
            rows = await connection.fetch(
                f"select name, section from words, (select {query} as q) asked where vector @@ q"
                " order by ts_rank(vector, q) desc, section limit 10",
                CONFIGS[case.lang],
                case.question,
            )
            took = (time.perf_counter() - began) * 1000
            rank = next((r for r, row in enumerate(rows, 1) if {row["name"], row["section"]} & case.wanted), None)
            results.append(Result(case, rank, 0.0, took))
        await connection.execute("drop table words")
    return results


async def _copy_as_tsvector(connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record]) -> None:
    configs = " ".join(f"when '{lang}' then '{config}'::regconfig" for lang, config in CONFIGS.items())
    await connection.execute(
        "create temporary table words as select d.external_id as name, d.external_id || '#' || s.anchor as section,"
        f" to_tsvector(case s.lang {configs} else 'simple'::regconfig end,"
        " array_to_string(s.title_path, ' ') || ' ' || s.text) as vector"
        " from section s join document d on d.id = s.document_id"
    )
    await connection.execute("create index on words using gin (vector)")
    await connection.execute("analyze words")


def recall(results: Iterable[Result], depth: int) -> str:
    """The share of answerable cases whose passage is among the first `depth`."""
    ranks = [result.rank for result in results if result.case.wanted]
    return f"{100 * sum(r is not None and r <= depth for r in ranks) / len(ranks):5.1f}" if ranks else "    –"


def milliseconds(results: Sequence[Result]) -> str:
    """Median and 95th percentile."""
    times = sorted(result.milliseconds for result in results)
    return f"{times[len(times) // 2]:6.1f} {times[int(len(times) * 0.95)]:6.1f}"


def print_table(corpus: Corpus, lumi: list[Result], others: dict[str, list[Result]]) -> None:
    """One corpus: recall by half and language, then the others, then when Lumi answers."""
    print(f"\n{corpus.name}: {len(corpus.drafts)} documents, {len(corpus.cases)} questions")
    print(f"  {'':24}    n   @1    @5    @10   ms p50    p95")
    for half in (0, 1):
        _print_row(f"half {half}", [r for r in lumi if r.case.half == half])
    _print_row("all", lumi)
    for lang in sorted({r.case.lang for r in lumi}):
        if len({r.case.lang for r in lumi}) > 1:
            _print_row(f"{lang}{'' if lang in corpus.languages else ' (not its language)'}", [
                r for r in lumi if r.case.lang == lang
            ])  # fmt: skip
    for name, results in others.items():
        _print_row(name, results)


def _print_row(name: str, results: list[Result]) -> None:
    answerable = [r for r in results if r.case.wanted]
    if answerable:
        depths = " ".join(recall(answerable, depth) for depth in (1, 5, 10))
        print(f"  {name:24} {len(answerable):4} {depths}  {milliseconds(answerable)}")


def print_threshold(asked: Sequence[tuple[Corpus, list[Result]]]) -> None:
    """How well the threshold tells what can be answered from what cannot, over all corpora that have both."""
    results = [(corpus, r) for corpus, found in asked if any(not r.case.wanted for r in found) for r in found]
    if not results:
        return
    print(f"\nevidence of at least {knowledge.EVIDENCE_THRESHOLD}")
    for half in (0, 1, None):
        mine = [(c, r) for c, r in results if half is None or r.case.half == half]
        own = [r for c, r in mine if r.case.wanted and r.case.lang in c.languages]
        foreign = [r for c, r in mine if r.case.wanted and r.case.lang not in c.languages]
        refused = _share([r for _, r in mine if not r.case.wanted], answered=False)
        print(
            f"  {'all' if half is None else f'half {half}'}: unanswerable refused {refused},"
            f" answered in its languages {_share(own)}, in others {_share(foreign)};"
            f" answered rightly {_share(own, right=True)}, {_share(foreign, right=True)}"
        )


def _share(results: Sequence[Result], *, answered: bool = True, right: bool = False) -> str:
    good = [r for r in results if (r.evidence >= knowledge.EVIDENCE_THRESHOLD) is answered]
    good = [r for r in good if not right or r.rank == 1]
    return f"{len(good)}/{len(results)} ({100 * len(good) / max(1, len(results)):.0f} %)"


async def time_large(db: Database, corpus: Corpus, sections: int) -> None:
    """Load a tenant of `sections` sections mixed of the corpus' sentences and ask it the corpus' questions."""
    tenant_id = await _tenant(db)
    began = time.perf_counter()
    await knowledge.load_lines(db, tenant_id, _mixed(corpus, sections))
    print(f"\n{corpus.name} mixed to {sections} sections: loaded in {time.perf_counter() - began:.1f} s")
    results: list[Result] = []
    for case in corpus.cases[:: max(1, len(corpus.cases) // 300)]:
        began = time.perf_counter()
        await knowledge.find_passages(db.pool, tenant_id, case.question, case.lang, 10)
        results.append(Result(case, None, 0.0, (time.perf_counter() - began) * 1000))
    print(f"  {len(results)} questions, ms p50 p95: {milliseconds(results)}")


def _mixed(corpus: Corpus, sections: int) -> Iterator[dict[str, object]]:
    """Sections of four sentences, one word in sixteen made up, so that the vocabulary grows as real ones do."""
    dice = random.Random(1)
    sentences = [s for d in corpus.drafts for s in re.split(r"(?<=[.!?])\s+", d.body) if len(s) > 30]
    words = sorted({word for sentence in sentences for word in sentence.split() if len(word) > 5})
    for number in range(sections):
        text = " ".join(dice.sample(sentences, 4)).split()
        for place in range(0, len(text), 16):
            text[place] = dice.choice(words)[: dice.randint(3, 6)] + dice.choice(words)[-4:]
        title = " ".join(dice.sample(words, 3))
        yield {"id": number, "lang": corpus.drafts[0].lang, "title": title, "text": " ".join(text)}


async def _tenant(db: Database) -> UUID:
    slug = f"bench-{new_id().hex[-12:]}"
    return (await tenants.add(db, slug=slug, name=slug, kind=TenantKind.BUSINESS)).id


@asynccontextmanager
async def a_database() -> AsyncGenerator[Database]:
    """A migrated database of its own that is gone afterwards."""
    from tests.template import copy_of_template

    async with copy_of_template("bench") as url:
        db = await Database.open(url, pool_size=2)
        yield db
        await db.close()


async def run(folder: Path, large: int) -> None:
    """Every corpus of the folder, then the threshold, then the large tenant."""
    asked: list[tuple[Corpus, list[Result]]] = []
    async with a_database() as db:
        for corpus in corpora(folder):
            tenant_id = await _tenant(db)
            await load(db, tenant_id, corpus.drafts)
            found = await ask_lumi(db, tenant_id, corpus)
            others = {
                "PostgreSQL, all words": await ask_postgres(db, tenant_id, corpus, _ALL_WORDS),
                "PostgreSQL, any word": await ask_postgres(db, tenant_id, corpus, _ANY_WORD),
            }
            print_table(corpus, found, others)
            asked.append((corpus, found))
        print_threshold(asked)
        if large and asked:
            await time_large(db, max((corpus for corpus, _ in asked), key=lambda c: len(c.drafts)), large)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="?", type=Path, default=Path(os.environ.get("CASES") or OWN_CASES))
    parser.add_argument("--large", type=int, default=0, metavar="SECTIONS", help="also time a tenant of this size")
    given = parser.parse_args()
    os.environ.setdefault("APP_ENV", "test")
    asyncio.run(run(given.cases, given.large))


if __name__ == "__main__":
    main()
