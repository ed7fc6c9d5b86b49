"""Counts the branches this Python process takes in lumi/, when COUNT_BRANCHES_IN names a folder to write them to.

Found by Python itself where scripts/branches.py puts this folder on the path, in children of tests too. What ends
by kill -9 writes nothing. What SlipCover does with a module before it runs takes longer than all else a process does
to start: it is done once for all processes.
"""

from __future__ import annotations

import atexit
import os
import sys

TYPE_CHECKING = False  # typing itself would be loaded for nothing in every process
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType, ModuleType

    from slipcover import Slipcover
    from slipcover.importer import SlipcoverLoader

# Taking the probes out of what was seen goes through every module: as dear as ten million calls of a probe.
CALLS_BEFORE_REMOVED = 200_000
SIGNAL, PROBE = "\0the signal", "\0a probe"


def _count(folder: str) -> None:
    import json
    from pathlib import Path
    from uuid import uuid4

    import slipcover
    from slipcover import importer

    root = Path(__file__).resolve().parents[2]
    counter = slipcover.Slipcover(branch=True, d_miss_threshold=CALLS_BEFORE_REMOVED)
    kept = Path(folder) / "compiled"
    kept.mkdir(exist_ok=True)

    def exec_module(self: SlipcoverLoader, module: ModuleType) -> None:
        counter.register_module(module)
        exec(_watched(counter, self.origin, kept), module.__dict__)

    importer.SlipcoverLoader.exec_module = exec_module
    slipcover.ImportManager(counter, slipcover.FileMatcher(sources=[str(root / "lumi")])).__enter__()

    def write() -> None:
        """Tell which lines and branches were seen: scripts/branches.py knows the rest."""
        seen = [counter.all_seen, counter.newly_seen]
        files = {name: list(set().union(*(each.get(name, ()) for each in seen))) for name in {*seen[0], *seen[1]}}
        (Path(folder) / f"{uuid4().hex}.json").write_text(json.dumps(files))

    atexit.register(write)


def _watched(counter: Slipcover, origin: Path, kept: Path) -> CodeType:
    """A module's code that tells the counter which lines and branches it takes."""
    import marshal

    known = kept / f"{str(origin).replace('/', '_')}.bin"
    try:
        code, inserted = marshal.loads(known.read_bytes())
    except FileNotFoundError:
        code, inserted = _prepared(origin)
        draft = known.with_suffix(f".{os.getpid()}")
        draft.write_bytes(marshal.dumps((code, inserted)))
        draft.replace(known)
    if sys.version_info >= (3, 12):
        return counter.instrument(code)
    watched = _alive(counter, code, iter(inserted))
    counter.instrumented[code.co_filename].add(watched)
    return watched


def _prepared(origin: Path) -> tuple[CodeType, list[list[object]]]:
    """Code with words where its probes will be, and where SlipCover put them, by code object, inner ones first."""
    import ast

    from slipcover import branch, slipcover

    code = compile(branch.preinstrument(ast.parse(origin.read_bytes())), str(origin), "exec")
    if sys.version_info >= (3, 12):
        return code, []

    class Words:
        signal = SIGNAL

        @staticmethod
        def new(_counter: object, _file: str, at: object, _calls: int) -> tuple[str, object]:
            return (PROBE, at)

    once, real = slipcover.Slipcover(branch=True), slipcover.probe
    slipcover.probe = Words
    try:
        code = once.instrument(code)
    finally:
        slipcover.probe = real
    return code, [once.code2index[each] for each in _all_of(code)]


def _all_of(code: CodeType) -> list[CodeType]:
    inner = [each for const in code.co_consts if hasattr(const, "co_consts") for each in _all_of(const)]
    return [*inner, code]


def _alive(counter: Slipcover, code: CodeType, inserted: Iterator[object]) -> CodeType:
    """The same with a probe for each word."""
    from slipcover import probe

    def living(const: object) -> object:
        if hasattr(const, "co_consts"):
            return _alive(counter, const, inserted)
        if const == SIGNAL:
            return probe.signal
        if type(const) is tuple and const[:1] == (PROBE,):
            return probe.new(counter, code.co_filename, const[1], counter.d_miss_threshold)
        return const

    made = code.replace(co_consts=tuple(map(living, code.co_consts)))
    counter.code2index[made] = next(inserted)
    return made


if _folder := os.environ.get("COUNT_BRANCHES_IN"):
    _count(_folder)
