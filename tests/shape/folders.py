"""Rules about folders, what documents name, and what no file may name."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.shape.tree import files, imported, modules, parsed, place, text_of

EVERYTHING = [
    "lumi",
    "tests",
    "migrations",
    "benchmarks",
    "scripts",
    "docs",
    "web",
    "deploy",
    ".ci",
    "README.md",
    "STYLE.md",
    "Makefile",
    "LICENSE",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "EXPLANATIONS.md",
    "pyproject.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-whisper.txt",
    ".importlinter",
    ".gitignore",
    "alembic.ini",
    ".env.example",
    "Dockerfile",
    "compose.yaml",
]


def bare_folders(root: Path) -> list[str]:
    """Folders with Python and no `__init__.py`, which the import rules do not see; in lumi it says what it is for."""
    found: list[str] = []
    for folder in sorted({path.parent for path in files(root, ["lumi", "tests", "benchmarks"], ".py")}):
        start = folder / "__init__.py"
        if not start.exists():
            found.append(f"{place(root, folder)}: no __init__.py")
        elif place(root, folder).startswith("lumi") and ast.get_docstring(parsed(text_of(start))) is None:
            found.append(f"{place(root, start)}: no docstring")
    return found


def code_at_the_door(root: Path) -> list[str]:
    """`__init__.py` of modules and packs with more than a paragraph: no code, no re-exports."""
    return [
        f"{name}:{node.lineno}"
        for name, tree in modules(root, "lumi/modules", "lumi/packs")
        if name.endswith("__init__.py")
        for node in tree.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"(?<![\w./:~<{-])\.?[A-Za-z][\w.-]*(?:/[\w.-]+)+/?(?![\w<{*/-])")
_TARGET = re.compile(r"\bmake(?: -s)?((?: [a-z][a-z0-9-]*)+)")


def stale_documents(root: Path) -> list[str]:
    """Paths and make targets that documents name and that are not there."""
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (root / "Makefile").read_text(), re.MULTILINE))
    tops = {path.name for path in root.iterdir()}
    found: list[str] = []
    for path in files(root, ["docs", *(name for name in EVERYTHING if name.endswith(".md"))], ".md"):
        found += _stale(root, path, targets, tops)
    for path in (root / name for name in EVERYTHING if name.endswith(".md")):
        if path.exists():
            found += _stale(root, path, targets, tops)
    return found


def _stale(root: Path, path: Path, targets: set[str], tops: set[str]) -> list[str]:
    text, name = text_of(path), place(root, path)
    found = [
        f"{name}: link to {link}"
        for link in _LINK.findall(_CODE.sub("", text))
        if "://" not in link and not link.startswith(("/", "mailto:")) and not (path.parent / link).exists()
    ]
    for code in _CODE.findall(text):
        words = (each.rstrip(".") for each in _PATH.findall(code))
        found += [f"{name}: path {each}" for each in words if _is_ours(each, tops) and not (root / each).exists()]
        for wanted in _TARGET.findall(code):
            found += [f"{name}: make {each}" for each in wanted.split() if each not in targets]
    return found


def _is_ours(path: str, tops: set[str]) -> bool:
    # What is made at run time is named by documents and not in the tree.
    first = path.split("/")[0]
    return first in tops and first not in SKIPPED_TOPS


SKIPPED_TOPS = frozenset({".lumi", ".venv", ".make"})

_REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|deb\.debian\.org|(?:index|registry-1)\.docker"
    r"|\bghcr\.io|crates\.io|proxy\.golang\.org",
)


def registry_hosts(root: Path) -> list[str]:
    """Hosts of package registries: every machine chooses its own."""
    found: list[str] = []
    for path in files(root, EVERYTHING, ""):
        found += _hosts(root, path)
    for path in (root / name for name in EVERYTHING):
        if path.is_file():
            found += _hosts(root, path)
    return found


def _hosts(root: Path, path: Path) -> list[str]:
    try:
        text = text_of(path)
    except UnicodeDecodeError:
        return []
    return [f"{place(root, path)}: {each}" for each in _REGISTRIES.findall(text)]


def undeclared_packages(root: Path) -> list[str]:
    """What lumi imports and pyproject.toml does not list: it would be there only by somebody else's wish."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    declared = {_name_in(each) for each in project["dependencies"]}
    owners = packages_distributions()
    found: set[str] = set()
    for name, tree in modules(root, "lumi", "migrations"):
        for line, each in imported(tree):
            top = each.split(".")[0]
            if top in sys.stdlib_module_names or top in ("lumi", "migrations"):
                continue
            if not declared.intersection(_normal(owner) for owner in owners.get(top, ())):
                found.add(f"{name}:{line} {top}")
    return sorted(found)


_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ \\;]+)", re.MULTILINE)


def torn_locks(root: Path) -> list[str]:
    """What pyproject.toml lists and a lock does not pin, what is pinned without a hash, and where the locks differ."""
    project = tomllib.loads(text_of(root / "pyproject.toml"))["project"]
    to_run = _pinned(root / "requirements.txt")
    wanted = {_name_in(each) for each in project["dependencies"]}
    found = [f"requirements.txt: {name} is not pinned" for name in wanted - to_run.keys()]
    for extra, listed in project["optional-dependencies"].items():
        lock, pinned = f"requirements-{extra}.txt", _pinned(root / f"requirements-{extra}.txt")
        needed = wanted | {_name_in(each) for each in listed}
        found += [f"{lock}: {name} is not pinned" for name in needed - pinned.keys()]
        found += [f"{lock}: {name} differs" for name in to_run if to_run[name] != pinned.get(name)]
    for lock in ("requirements.txt", *(f"requirements-{extra}.txt" for extra in project["optional-dependencies"])):
        blocks = re.split(r"\n(?=[a-z0-9])", text_of(root / lock))
        found += [f"{lock}: {each.split()[0]} has no hash" for each in blocks if "==" in each and "--hash" not in each]
    return sorted(found)


def _pinned(lock: Path) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for name, version in _PINNED.findall(text_of(lock)):
        versions.setdefault(_normal(name), set()).add(version)
    return versions


def _name_in(requirement: str) -> str:
    return _normal(re.split(r"[\s\[<>=;!~]", requirement)[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
