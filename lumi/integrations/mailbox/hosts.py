"""Where the servers of an address are, as far as its domain tells."""

from dataclasses import dataclass

from lumi.integrations.mailbox.account import Security

IMAPS_PORT = 993
SUBMISSIONS_PORT = 465
# What speaks in clear first: RFC 9051 and RFC 6409.
PORTS = {Security.TLS: (IMAPS_PORT, SUBMISSIONS_PORT), Security.STARTTLS: (143, 587), Security.PLAIN: (143, 587)}


@dataclass(frozen=True, slots=True)
class Hosts:
    """Two hosts; `outgoing_security` is how the second is spoken to, the first is always in TLS from the start."""

    incoming: str
    outgoing: str
    outgoing_security: Security = Security.TLS


# As their owners' help pages say.
GMAIL = Hosts("imap.gmail.com", "smtp.gmail.com")
MICROSOFT = Hosts("outlook.office365.com", "smtp.office365.com", Security.STARTTLS)
_OUTLOOK = Hosts(MICROSOFT.incoming, "smtp-mail.outlook.com", Security.STARTTLS)
_APPLE = Hosts("imap.mail.me.com", "smtp.mail.me.com", Security.STARTTLS)
_GMX = Hosts("imap.gmx.net", "mail.gmx.net")
_YAHOO = Hosts("imap.mail.yahoo.com", "smtp.mail.yahoo.com")
_KNOWN = {
    "gmail.com": GMAIL,
    "googlemail.com": GMAIL,
    "outlook.com": _OUTLOOK,
    "hotmail.com": _OUTLOOK,
    "live.com": _OUTLOOK,
    "msn.com": _OUTLOOK,
    "icloud.com": _APPLE,
    "me.com": _APPLE,
    "mac.com": _APPLE,
    "gmx.de": _GMX,
    "gmx.net": _GMX,
    "gmx.at": _GMX,
    "gmx.ch": _GMX,
    "web.de": Hosts("imap.web.de", "smtp.web.de", Security.STARTTLS),
    "yahoo.com": _YAHOO,
    "yahoo.fr": _YAHOO,
    "yahoo.de": _YAHOO,
    "yahoo.es": _YAHOO,
    "aol.com": Hosts("imap.aol.com", "smtp.aol.com"),
    "mail.ru": Hosts("imap.mail.ru", "smtp.mail.ru"),
}


def known_hosts(address: str) -> Hosts | None:
    """Those of a large provider as it says them; None for a domain of somebody's own."""
    return _KNOWN.get(address.rpartition("@")[2].lower())


def hosts_of(address: str) -> Hosts:
    """Those of a large provider as it says them, else the names that most give theirs: `imap.` and `smtp.`."""
    domain = address.rpartition("@")[2].lower()
    return known_hosts(address) or Hosts(f"imap.{domain}", f"smtp.{domain}")
