"""`docs/sockets.md` lists the frames, codes and bounds of the sockets as they are in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumi.api import frames, widget
from lumi.api.frames import Close
from tests.shape.tree import ROOT, dotted, parsed, walk

CODE = ("lumi/api/widget.py", "lumi/api/shown.py", "lumi/api/console.py", "lumi/api/frames.py")
# Sent by whoever publishes a note: the console passes notes on as they are.
NOTES = frozenset({"conversation", "resync"})


def trees(root: Path = ROOT) -> Iterator[ast.Module]:
    return (parsed((root / path).read_text()) for path in CODE)


def spoken(tree: ast.Module) -> Iterator[str]:
    """The types of frames that a file sends or takes."""
    for node in walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "type" and isinstance(value, ast.Constant):
                    yield str(value.value)
        elif isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
        elif isinstance(node, ast.Compare) and ast.unparse(node.left) == "frame.get('type')":
            yield from (str(each.value) for each in node.comparators if isinstance(each, ast.Constant))


def refused(tree: ast.Module) -> Iterator[str]:
    """The codes with which a message is refused."""
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "_refusal":
            yield from (
                str(each.value)
                for statement in ast.walk(node)
                if isinstance(statement, ast.Return) and statement.value is not None
                for each in ast.walk(statement.value)
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and len(each.value) > 1
            )


def closing(tree: ast.Module) -> Iterator[int]:
    """The codes with which a socket is closed."""
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node).startswith("Close."):
            yield Close[node.attr]


@pytest.fixture
def document() -> str:
    """The page."""
    return (ROOT / "docs" / "sockets.md").read_text()


def test_the_frames_of_the_document_are_those_of_the_code(document: str) -> None:
    # `text` is a payload of the line, stored as the visitor wrote it; it travels on no socket.
    said = {frame for tree in trees() for frame in spoken(tree)} | NOTES
    written = set(re.findall(r'"type":"(\w+)"', document)) | set(re.findall(r"^\| `(\w+)` \|", document, re.M))

    assert said - {"text"} == written


def test_the_refusals_of_a_message_are_those_of_the_code(document: str) -> None:
    told = next(line for line in document.splitlines() if '"type":"refused"' in line).partition("refused")[2]
    said = {code for tree in trees() for code in refused(tree)} | {"too_many_requests"}

    assert set(re.findall(r"`([a-z]+_[a-z_]+|empty)`", told)) - {"retry_after"} == said


def test_the_close_codes_of_the_document_are_those_of_the_code(document: str) -> None:
    ours = {code for tree in trees() for code in closing(tree)} - {Close.GOING_AWAY}  # the other side is gone

    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", document, re.M)} == ours


def test_the_bounds_of_the_document_are_those_of_the_code(document: str) -> None:
    assert frames.FIRST_FRAME_SECONDS == 5
    assert "within five seconds" in document
    assert f"at most {frames.LONGEST_FRAME // 1024} KiB" in document
    assert f"{widget.LONGEST_TEXT:,} characters" in document
    assert f"{widget.MESSAGES_PER_MINUTE} a minute" in document


def test_a_frame_that_is_not_written_down_is_told() -> None:
    assert list(spoken(parsed('frame = {"type": "wink", "n": 1}'))) == ["wink"]
