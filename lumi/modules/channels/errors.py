"""Refusals of the channels."""

from lumi.core.errors import AppError
from lumi.core.http import Rejected


class SignatureRefused(AppError):
    """The signature is missing or wrong."""

    code = "signature_refused"
    status = 401


class VerifyTokenRefused(AppError):
    """The verify token is not one of ours."""

    code = "verify_token_refused"
    status = 403


class UnknownAccount(AppError):
    """There is no such account."""

    code = "not_found"
    status = 404


class UnknownChannel(AppError):
    """There is no such channel."""

    code = "not_found"
    status = 404


class Unreadable(AppError):
    """The body could not be read."""

    code = "unreadable"
    status = 400


class AccountTaken(AppError):
    """This account is connected already, by another organisation."""

    code = "account_taken"
    status = 409


class LetterNotFound(AppError):
    """There is no such dead letter."""

    code = "not_found"
    status = 404


class LetterClosed(AppError):
    """Somebody has closed this dead letter already."""

    code = "letter_closed"
    status = 409


class CannotRequeue(AppError):
    """This cannot be tried again; it can only be closed."""

    code = "cannot_requeue"
    status = 409


class NotConnectable(AppError):
    """Accounts of this channel are not connected with credentials."""

    code = "not_connectable"
    status = 409


class CredentialsMissing(AppError):
    """Something is needed to connect this account that was not given."""

    code = "credentials_missing"
    status = 422


class CredentialsMixed(AppError):
    """This account is connected in one of several ways, and parts of more than one were given."""

    code = "credentials_mixed"
    status = 422


class ProviderRefused(AppError):
    """The provider does not accept this account with this token; nothing was stored."""

    code = "provider_refused"
    status = 409


class MediaTooLarge(Rejected):
    """What somebody sent has more bytes than are fetched; an adapter raises it, nobody is shown it."""

    def __init__(self) -> None:
        super().__init__(0, reason="the file is larger than what is taken")


class NoFilesThere(AppError):
    """No files can be sent on this channel."""

    code = "no_files_there"
    status = 409


class NotFetchable(AppError):
    """This channel's provider fetches files from Lumi, over https alone: whoever runs Lumi has to set PUBLIC_URL."""

    code = "not_fetchable"
    status = 409


class TypeNotTakenThere(AppError):
    """Files of this type cannot be sent on this channel."""

    code = "type_not_taken_there"
    status = 409


class TooLargeThere(AppError):
    """This file is larger than what can be sent on this channel."""

    code = "too_large_there"
    status = 409


class WindowClosed(AppError):
    """This person has not written for so long that only approved texts can be sent: no file can."""

    code = "outside_window"
    status = 409


class NoTemplates(AppError):
    """This channel has no texts that are approved before they are sent."""

    code = "no_templates"
    status = 409


class TemplateNotFound(AppError):
    """There is no such template."""

    code = "not_found"
    status = 404


class TemplateUnfit(AppError):
    """This template needs more than one text, a file or a button's value, so it cannot be sent by itself."""

    code = "template_unfit"
    status = 409
