"""What ends a command with one line instead of a traceback."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


class Refusal(Exception):
    """This cannot be done; the message says why and what to do."""


@contextmanager
def told_in_words() -> Generator[None]:
    """Turn what an operator can do something about into a line on standard error and exit code 1."""
    try:
        yield
    except SystemExit:
        raise
    except BrokenPipeError:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:  # the top handler of the command line
        line = _in_words(error)
        if line is None:
            raise
        from lumi.cli.screen import complain

        complain(line)
        raise SystemExit(1) from error


# By their names: none of what raises them is loaded for that.
_TOLD = frozenset({
    "BackupFailed", "DatabaseNewer", "EditedMigration", "ServerFailed", "ServerInUse", "ServerTooOld",
})  # fmt: skip


def _in_words(error: Exception) -> str | None:
    """The line for a failure that is the operator's to mend; None for a mistake of ours."""
    from lumi.core.settings import MissingSetting

    if isinstance(error, Refusal | MissingSetting | PermissionError):
        return str(error)
    if type(error).__name__ in _TOLD:
        return str(error)
    return _of_the_application(error) or _of_the_database(error)


def _of_the_application(error: Exception) -> str | None:
    from pydantic import ValidationError

    from lumi.core.errors import AppError

    if isinstance(error, AppError):
        return error.detail
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False)
        return "\n".join(f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in found)
    return None


def _of_the_database(error: Exception) -> str | None:
    import asyncpg

    from lumi.core.db import DATABASE_GONE

    reason: BaseException = error.__cause__ or error
    # A wrong password is one of the first; a database or right that is missing are the others.
    if isinstance(
        reason,
        asyncpg.InvalidAuthorizationSpecificationError
        | asyncpg.InvalidCatalogNameError
        | asyncpg.InsufficientPrivilegeError,
    ):
        return f"The database refuses: {reason}. Check DATABASE_URL, its user and its password."
    if isinstance(error, DATABASE_GONE) or isinstance(reason, DATABASE_GONE):
        return f"The database does not answer ({type(reason).__name__}: {reason}). `lumi doctor` says more."
    return None
