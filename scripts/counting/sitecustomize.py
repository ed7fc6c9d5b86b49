"""Counts the branches this Python process takes in lumi/, when COUNT_BRANCHES_IN names a folder to write them to.

Found by Python itself where scripts/branches.py puts this folder on the path, in children of tests too. What ends
by kill -9 writes nothing.
"""

from __future__ import annotations

import atexit
import os

TYPE_CHECKING = False  # typing itself would be loaded for nothing in every process
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from pathlib import Path
    from types import CodeType, ModuleType

    from slipcover.importer import SlipcoverLoader


def _count(folder: str) -> None:
    import json
    from pathlib import Path
    from uuid import uuid4

    import slipcover
    from slipcover import branch, importer

    root = Path(__file__).resolve().parents[2]
    counter = slipcover.Slipcover(branch=True)
    importer.SlipcoverLoader.exec_module = _remembering(branch.preinstrument, Path(folder) / "compiled")
    slipcover.ImportManager(counter, slipcover.FileMatcher(sources=[str(root / "lumi")])).__enter__()

    def write() -> None:
        (Path(folder) / f"{uuid4().hex}.json").write_text(json.dumps(counter.get_coverage()))

    atexit.register(write)


def _remembering(prepare: Callable[[ast.AST], ast.AST], folder: Path) -> Callable[[object, ModuleType], None]:
    """Loading a module as SlipCover does, but compiling it once for all processes: that is half of what it takes."""
    import ast
    import marshal

    def compiled(origin: Path) -> CodeType:
        known = folder / f"{str(origin).replace('/', '_')}.bin"
        try:
            return marshal.loads(known.read_bytes())
        except FileNotFoundError:
            code = compile(prepare(ast.parse(origin.read_bytes())), str(origin), "exec")
        folder.mkdir(exist_ok=True)
        draft = known.with_suffix(f".{os.getpid()}")
        draft.write_bytes(marshal.dumps(code))
        draft.replace(known)
        return code

    def exec_module(self: SlipcoverLoader, module: ModuleType) -> None:
        self.sci.register_module(module)
        exec(self.sci.instrument(compiled(self.origin)), module.__dict__)

    return exec_module


if _folder := os.environ.get("COUNT_BRANCHES_IN"):
    _count(_folder)
