"""Refusals of accounts."""

from lumi.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated


class WrongCredentials(Unauthenticated):
    """The e-mail address and the password do not go together."""

    code = "wrong_credentials"


class SessionEnded(Unauthenticated):
    """This session has ended; sign in again."""

    code = "session_ended"


class TenantRequired(Conflict):
    """You work for several organisations: say which one."""

    code = "tenant_required"


class PermissionNotYours(Forbidden):
    """You cannot give away a permission that you do not have."""

    code = "permission_not_yours"


class StaffOnly(Forbidden):
    """Only somebody who signed in can do this, not an API key."""

    code = "staff_only"


class LastOwner(Conflict):
    """The last owner cannot leave."""

    code = "last_owner"


class AddressNotValid(Invalid):
    """This is not an e-mail address."""

    code = "address_not_valid"


class PasswordTooWeak(Invalid):
    """A password has between 8 and 200 characters."""

    code = "password_too_weak"


class RoleUnknown(NotFound):
    """There is no role of this name."""

    code = "role_unknown"
