"""Who gives access tokens for a mailbox, by where its mails are read.

Where tokens are fetched is never a wish of who connects a mailbox: the client's secret would go there, and any address
behind our own door could be called.
"""

import re
from dataclasses import dataclass

from lumi.integrations.mailbox.hosts import GMAIL, MICROSOFT

ANY_DIRECTORY = "common"
_DIRECTORY = re.compile(
    r"common|organizations|consumers"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Granting:
    """Where tokens of a provider are fetched, for what, and the only hosts they are shown to (None: any).

    `device_url` is where somebody without a browser asks for a code.
    """

    token_url: str
    device_url: str | None = None
    scope: str = ""
    hosts: frozenset[str] | None = None


# As their owners' pages say. The directory stands for `{}`.
_MICROSOFT = "https://login.microsoftonline.com/{}/oauth2/v2.0"
_MICROSOFT_SCOPE = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
)
_MICROSOFT_HOSTS = frozenset({MICROSOFT.incoming, MICROSOFT.outgoing, "imap-mail.outlook.com", "smtp-mail.outlook.com"})
_GOOGLE = Granting("https://oauth2.googleapis.com/token", hosts=frozenset({GMAIL.incoming, GMAIL.outgoing}))


def is_directory(name: str) -> bool:
    """Whether this can be a directory of Microsoft's: its id, one of its domains, or one of the three for many."""
    return _DIRECTORY.fullmatch(name) is not None


def granting(host: str, directory: str | None, elsewhere: Granting | None) -> Granting | None:
    """Who gives tokens for a mailbox at this IMAP host; of a host nobody knows, whoever the operator named `elsewhere`.

    None where nobody is known. ValueError for what cannot be a directory, or is one where there are none.
    """
    place = host.lower()
    if place in _MICROSOFT_HOSTS:
        chosen = directory or ANY_DIRECTORY
        if not is_directory(chosen):
            raise ValueError("a directory is an id, a domain, common, organizations or consumers")
        base = _MICROSOFT.format(chosen.lower())
        return Granting(f"{base}/token", f"{base}/devicecode", _MICROSOFT_SCOPE, _MICROSOFT_HOSTS)
    if directory:
        raise ValueError("only mailboxes at Microsoft have a directory")
    return _GOOGLE if place in (_GOOGLE.hosts or ()) else elsewhere
