"""What connecting an account takes, where there are several ways to let us in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lumi.modules.channels.errors import CredentialsMissing, CredentialsMixed
from lumi.modules.channels.values.accounts import Need


def needed(needs: Sequence[Need], given: Mapping[str, str]) -> Sequence[Need]:
    """Those of the way that was taken, and those of every way; raises when none was taken, or more than one."""
    ways = list(dict.fromkeys(need.way for need in needs if need.way is not None))
    if not ways:
        return needs
    taken = [way for way in ways if any(need.way == way and need.name in given for need in needs)]
    choice = ", or ".join(_and(required_in(needs, way)) for way in ways)
    if not taken:
        missing = [name for way in ways for name in required_in(needs, way)]
        raise CredentialsMissing(f"To connect this account {choice} is needed.", missing=missing)
    if len(taken) > 1:
        mixed = [need.name for need in needs if need.way is not None and need.name in given]
        raise CredentialsMixed(f"To connect this account {choice} is needed, and not {_and(mixed)}.", given=mixed)
    return [need for need in needs if need.way in (None, taken[0])]


def required_in(needs: Sequence[Need], way: str) -> list[str]:
    """The names of what one way cannot do without."""
    return [need.name for need in needs if need.way == way and need.required]


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
