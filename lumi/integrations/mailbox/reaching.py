"""A connection to an account's server; what stands in the way is said as everything is that mail servers refuse."""

from collections.abc import Generator
from contextlib import contextmanager

from lumi.core.http import lines
from lumi.core.http.addresses import NotPublic
from lumi.core.http.lines import Allow, Lines, NotSecured, Place
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason


async def reach(server: Server, allow: Allow) -> Lines:
    """A connection, encrypted from its start where it is to be so; raises MailRejected, Unavailable or OSError."""
    with _told():
        return await lines.connect(_place(server), allow)


async def encrypt(line: Lines, server: Server) -> None:
    """Go on in TLS after the server agreed to it; its certificate has to be good for the name we called."""
    with _told():
        await lines.encrypt(line, _place(server))


def _place(server: Server) -> Place:
    return Place(
        server.host,
        server.port,
        in_tls=server.security is Security.TLS,
        at_home=server.security is Security.PLAIN,
        authorities=server.authorities,
    )


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except NotPublic as refusal:
        raise MailRejected(0, Reason.ADDRESS, str(refusal)) from refusal
    except NotSecured as refusal:
        raise MailRejected(0, Reason.ENCRYPTION, str(refusal)) from refusal
