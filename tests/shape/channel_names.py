"""No channel is known by name outside the channels module and the integrations: what differs is a capability."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.shape.tree import compared, modules, walk

NAMES = frozenset({"whatsapp", "telegram", "instagram", "messenger", "gmail", "mailbox"})
MAY = ("lumi/modules/channels/", "lumi/integrations/")
# Kinds of addresses and identifiers are spelt like channels and are none; the rest says which channels there are.
KNOWN = frozenset(
    {
        "lumi/cli/first_start.py",  # which accounts the environment connects
        "lumi/core/setting_groups/gmail.py",  # titles in the documentation of settings
        "lumi/core/setting_groups/telegram.py",
        "lumi/core/setting_groups/whatsapp.py",  # the same
        "lumi/demo/characters.py",  # the number of a demo organisation
        "lumi/demo/seed.py",  # the account of it
        "lumi/modules/contacts/rules.py",  # a kind of address
        "lumi/modules/contacts/values.py",  # kinds of addresses
        "lumi/modules/tenants/rules.py",  # a kind of identifier
        "lumi/modules/tenants/values.py",  # the same
        "lumi/wiring.py",  # the one list of channels
    }
)


def channel_names(root: Path) -> list[str]:
    """Files that name a channel, as a string or as a member of a set."""
    found = {
        place
        for place, tree in modules(root, "lumi")
        if not place.startswith(MAY) and any(_names_a_channel(node) for node in walk(tree))
    }
    return compared(found, KNOWN)


def _names_a_channel(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr.lower() in NAMES
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in NAMES
