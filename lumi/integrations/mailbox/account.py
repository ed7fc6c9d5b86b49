"""Where a mailbox is reached, and as whom."""

import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

_HOST = re.compile(r"[^\s\x00-\x1f\x7f/@]{1,253}")


class Security(StrEnum):
    """How the connection is encrypted. Without any, nothing beyond this machine is spoken to."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


class Login(StrEnum):
    """What the account's secret is."""

    PASSWORD = "password"  # noqa: S105 - the name of a way to log in
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class Server:
    """One server as one account sees it: usually port 993 for IMAP, 465 for SMTP, 587 for SMTP with STARTTLS.

    An SMTP server that asks for no login has an empty `user`. ValueError for a host or port that cannot be one.
    """

    host: str
    port: int
    user: str
    secret: SecretStr
    """The password, or the access token."""
    security: Security = Security.TLS
    login: Login = Login.PASSWORD
    authorities: str | None = None
    """Certificates in PEM that are trusted besides the machine's."""

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise ValueError("this is not the name or address of a server")
        if not 0 < self.port < 65536:
            raise ValueError("a port is a number from 1 to 65535")
        if any(each in self.user + self.secret.get_secret_value() for each in "\r\n\0"):
            raise ValueError("neither user nor secret may hold line ends or NUL")
