"""Counts the branches this Python process takes in lumi/, when COUNT_BRANCHES_IN names a folder to write them to.

Found by Python itself where scripts/branches.py puts this folder on the path, in children of tests too. What ends
by kill -9 writes nothing.
"""

import atexit
import os


def _count(folder: str) -> None:
    import json
    from pathlib import Path
    from uuid import uuid4

    import slipcover

    root = Path(__file__).resolve().parents[2]
    counter = slipcover.Slipcover(branch=True)
    slipcover.ImportManager(counter, slipcover.FileMatcher(sources=[str(root / "lumi")])).__enter__()

    def write() -> None:
        (Path(folder) / f"{uuid4().hex}.json").write_text(json.dumps(counter.get_coverage()))

    atexit.register(write)


if _folder := os.environ.get("COUNT_BRANCHES_IN"):
    _count(_folder)
