"""Refusals of files."""

from __future__ import annotations

from lumi.core.errors import AppError, DependencyUnavailable, Invalid, NotFound, TooLarge


class FileNotFound(NotFound):
    """There is no such file."""


class LinkNotFound(NotFound):
    """This link leads nowhere."""


class LinkExpired(AppError):
    """This link has expired; ask for a new one."""

    code = "link_expired"
    status = 410


class NotScanned(AppError):
    """Nobody has looked at this file yet; try again in a moment."""

    code = "not_scanned"
    status = 409


class NoScanner(AppError):
    """Nobody has looked at this file: no scanner is set up here, so it is not handed out."""

    code = "no_scanner"
    status = 409


class ScanFailed(AppError):
    """This file could not be looked at, so it is not handed out."""

    code = "scan_failed"
    status = 409


class Infected(AppError):
    """Malware was found in this file, and it was removed."""

    code = "file_infected"
    status = 410


class BytesGone(AppError):
    """What was in this file is no longer there."""

    code = "bytes_gone"
    status = 410


class TypeRefused(AppError):
    """Files of this type are not taken."""

    code = "type_refused"
    status = 415


class TypeContradicted(AppError):
    """What is in the file is not what its name or type says."""

    code = "type_contradicted"
    status = 415


class EmptyFile(Invalid):
    """There is nothing in this file."""

    code = "empty_file"


class FileTooLarge(TooLarge):
    """The file is larger than what is taken of its kind."""

    code = "file_too_large"


class NoRoom(DependencyUnavailable):
    """There is no room for files here at the moment."""

    code = "no_room"
    status = 507


class KeyReused(AppError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_mismatch"
    status = 422


class RangeNotSatisfiable(AppError):
    """The file ends before that."""

    code = "range_not_satisfiable"
    status = 416
