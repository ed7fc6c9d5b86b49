"""Refusals of files that staff send."""

from lumi.core.errors import AppError


class AttachmentNotFound(AppError):
    """There is no such file in this conversation."""

    code = "not_found"
    status = 404


class AttachmentSent(AppError):
    """This file was sent with another message; attach it again to send it once more."""

    code = "attachment_sent"
    status = 409
