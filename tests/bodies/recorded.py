"""The bodies that are known: every file of a folder, each under the channel whose folder it lies in."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from lumi.core.outside_json import as_list, as_object
from lumi.modules.channels.public import Channel
from tests.bodies.mutations import Node, Pairs, Wrapped, read

# The project's own, of values of our own.
OWN = Path(__file__).resolve().parents[1] / "integrations"


@dataclass(frozen=True)
class Body:
    """One body; `channel` is None when its folder names none, and then it belongs at no door."""

    name: str
    channel: Channel | None
    tree: Node


def bodies(folder: Path | None = None) -> Sequence[Body]:
    """Every body in the folder, or of the project's own; those that are no JSON are left out."""
    root = folder or OWN
    found = sorted(root.rglob("*.json") if folder else root.glob("*/bodies/*.json"))
    return [_body(path, root) for path in found]


def _body(path: Path, root: Path) -> Body:
    channel, tree = _channel(path, root), read(path.read_text())
    return Body(str(path.relative_to(root)), channel, _opened(tree) if channel is Channel.GMAIL else tree)


def _opened(tree: Node, place: Sequence[str] = ("message", "data")) -> Node:
    """The push with what it carries as base64 opened, so that it can be damaged inside; anything else as it is."""
    if isinstance(tree, str) and not place:
        try:
            return Wrapped([read(base64.urlsafe_b64decode(tree + "=" * (-len(tree) % 4)).decode())])
        except ValueError:
            return tree
    if not isinstance(tree, Pairs) or not place:
        return tree
    return Pairs((key, _opened(each, place[1:]) if key == place[0] else each) for key, each in tree)


def accounts(known: Sequence[Body], channel: Channel) -> Sequence[str]:
    """The accounts that bodies of this channel are for, each once: they are posted to somebody."""
    if channel is Channel.GMAIL:
        mailboxes = (_mailbox(_plain(body.tree)) for body in known if body.channel is channel)
        return list(dict.fromkeys(each for each in mailboxes if isinstance(each, str)))
    entries = (each for body in known if body.channel is channel for each in _entries(_plain(body.tree)))
    named = (_numbers(entry) if channel is Channel.WHATSAPP else [entry.get("id")] for entry in entries)
    return list(dict.fromkeys(str(each) for each in chain(*named) if isinstance(each, str | int)))


def _entries(tree: object) -> Sequence[Mapping[str, object]]:
    return [as_object(each) for each in as_list(as_object(tree).get("entry"))]


def _numbers(entry: Mapping[str, object]) -> Iterator[object]:
    for change in as_list(entry.get("changes")):
        yield as_object(as_object(as_object(change).get("value")).get("metadata")).get("phone_number_id")


def _mailbox(tree: object) -> object:
    data = as_list(as_object(as_object(tree).get("message")).get("data"))
    return as_object(data[0]).get("emailAddress") if data else None


def _plain(node: Node) -> object:
    if isinstance(node, Pairs):
        return {key: _plain(each) for key, each in node}
    return [_plain(each) for each in node] if isinstance(node, list) else node


def _channel(path: Path, root: Path) -> Channel | None:
    folders = path.relative_to(root.parent).parts
    return next((each for each in Channel if each.value in folders), None)
