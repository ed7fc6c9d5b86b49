"""No channel is known by name outside the channels module and the integrations: what differs is a capability."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.shape.tree import compared, files, modules, place, text_of, walk

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
        "web/console/src/modules/channels/names.ts",  # the one list of words for them
        "web/demo/src/landing/cards.ts",  # the number of a demo organisation
        "web/demo/src/organisations.ts",  # the same
        "web/demo/src/phone/main.ts",  # a phone that writes to it
        "web/demo/src/phone/screen.ts",  # the same
    }
)
# Lumi's own surfaces have common words for names: on the pages they count where they are a text by themselves.
_ON_PAGES = re.compile(rf"\b(?:{'|'.join(sorted(NAMES))})\b|(['\"`])(?:web|terminal)\1", re.IGNORECASE)
_COMMENTS = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_CASES = (".test.ts", ".test.tsx")


def channel_names(root: Path) -> list[str]:
    """Files that name a channel, as a string or as a member of a set; on the pages in any way but in a comment."""
    found = {
        where
        for where, tree in modules(root, "lumi")
        if not where.startswith(MAY) and any(_names_a_channel(node) for node in walk(tree))
    }
    pages = {
        place(root, path)
        for path in files(root, ["web"], ".ts", ".tsx")
        if not path.name.endswith(_CASES) and _ON_PAGES.search(_COMMENTS.sub("", text_of(path)))
    }
    return compared(found | pages, KNOWN)


def _names_a_channel(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr.lower() in NAMES
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in NAMES
