"""Refusals of the conversations."""

from lumi.core.errors import AppError


class ConversationNotFound(AppError):
    """There is no such conversation."""

    code = "not_found"
    status = 404


class MessageNotFound(AppError):
    """There is no such message."""

    code = "not_found"
    status = 404


class NothingToSend(AppError):
    """This message has left, or is about to."""

    code = "nothing_to_send"
    status = 409


class ConversationMerged(AppError):
    """This conversation goes on in another one: the two were the same person's."""

    code = "conversation_merged"
    status = 409


class HeldByAnother(AppError):
    """Somebody else holds this conversation."""

    code = "held_by_another"
    status = 409


class NotHeld(AppError):
    """Nobody holds this conversation."""

    code = "not_held"
    status = 409


class ContactStopped(AppError):
    """This person asked to hear no more from us."""

    code = "contact_stopped"
    status = 409


class NoConsent(AppError):
    """This person has not agreed to be written to without having asked, or has taken it back."""

    code = "no_consent"
    status = 409


class Unreachable(AppError):
    """Nothing of this reaches this person now: they have written nowhere, or too long ago, or want none of it."""

    code = "unreachable"
    status = 409


class KeyReused(AppError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_mismatch"
    status = 422
