"""Who is meant by what the twin's user wishes: a number of the business, and a person."""

from __future__ import annotations

from lumi.core.outside_json import as_text
from lumi.integrations.twin.control import refuse
from lumi.integrations.whatsapp.fake.chats import Person
from lumi.integrations.whatsapp.fake.twin import Twin
from lumi.integrations.whatsapp.identity import is_user_id


def number_in(twin: Twin, wishes: dict[str, object]) -> str:
    """The phone number id under `number`, or the first there is."""
    wished, numbers = as_text(wishes.get("number")), twin.settings.numbers
    if wished is None:
        return next(iter(numbers))
    return wished if wished in numbers else refuse("there is no such number")


def person_in(wishes: dict[str, object]) -> Person:
    """Whoever is meant by `from`, a phone number or a user id, and `user_id`; one of them is needed.

    With `hides_phone`, which needs a user id, the business is not told the phone number.
    """
    given = as_text(wishes.get("from")) or ""
    user_id = as_text(wishes.get("user_id")) or (given if is_user_id(given) else None)
    digits = "" if is_user_id(given) else "".join(each for each in given if each.isdecimal())
    if not digits and not user_id:
        refuse("it takes a phone number or a user id")
    hides_phone = wishes.get("hides_phone") is True
    if hides_phone and not user_id:
        refuse("somebody who hides the phone number has a user id")
    name = as_text(wishes.get("name")) or ""
    return Person(digits or None, user_id, name, as_text(wishes.get("username")), hides_phone)
