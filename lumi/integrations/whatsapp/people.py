"""Who the people of one webhook value are: its `contacts`, found by any of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.whatsapp.identity import address, identifier


class Person(NamedTuple):
    """What a contact entry says about somebody."""

    phone: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    name: str | None = None
    username: str | None = None


NOBODY = Person()


class People:
    """The contacts of one value; matched by id and not by place."""

    __slots__ = ("_by_id", "_people")

    def __init__(self, contacts: Sequence[object]) -> None:
        self._people: list[Person] = []
        self._by_id: dict[str, int] = {}
        for place, each in enumerate(contacts):
            contact = as_object(each)
            self._people.append(_person(contact))
            for given in (contact.get("wa_id"), contact.get("user_id")):
                if (theirs := identifier(given)) is not None:
                    self._by_id.setdefault(theirs, place)

    def find(self, phone: str | None, user_id: str | None) -> Person:
        """Whoever has one of these ids, the first of them; of somebody without ids, the only one there is."""
        if phone is None and user_id is None:
            return self._people[0] if len(self._people) == 1 else NOBODY
        places = self._by_id
        found = None if phone is None else places.get(phone)
        if user_id is not None:
            other = places.get(user_id)
            if other is not None and (found is None or other < found):
                found = other
        return NOBODY if found is None else self._people[found]


def _person(contact: dict[str, object]) -> Person:
    profile = as_object(contact.get("profile"))
    username = as_text(profile.get("username"))
    return Person(
        *address(contact.get("wa_id"), contact.get("user_id")),
        as_text(contact.get("parent_user_id")),
        as_text(profile.get("name")),
        username.removeprefix("@") if username else None,
    )
