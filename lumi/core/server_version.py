"""The oldest PostgreSQL that Lumi runs on: the one the whole suite runs on."""

# uuidv7() is in the server from 18 on.
LEAST_SERVER_VERSION = 180_000


class ServerTooOld(RuntimeError):
    """This PostgreSQL is older than any that Lumi was tried on."""


def refuse_old(server_version_num: int) -> None:
    """Raise ServerTooOld, which says what there is and what is needed."""
    if server_version_num < LEAST_SERVER_VERSION:
        there, least = server_version_num // 10_000, LEAST_SERVER_VERSION // 10_000
        raise ServerTooOld(f"This is PostgreSQL {there}. Lumi needs PostgreSQL {least} or newer.")
