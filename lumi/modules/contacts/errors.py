"""Refusals of contacts."""

from lumi.core.errors import Conflict, Invalid, NotFound


class ContactNotFound(NotFound):
    """There is no such contact."""


class BadPoint(Invalid):
    """This cannot be an address of that kind."""

    code = "bad_point"


class PointTaken(Conflict):
    """This address belongs to another contact."""

    code = "point_taken"


class ContactBusy(Conflict):
    """Others are changing this contact at this moment; try again."""

    code = "contact_busy"
