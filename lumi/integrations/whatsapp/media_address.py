"""Where our token may be sent to fetch a file: Meta's own hosts, and the server we are configured for."""

from __future__ import annotations

import re

_HOSTS = frozenset({"graph.facebook.com"})
_PARENTS = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net")
# Only what every reader of addresses takes apart alike: no user, no backslash, no blank, nothing beyond ASCII.
_ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?([/?][!-\[\]-~]*)?")
_PORTS = {"http": 80, "https": 443}


def may_fetch(url: str, api_base: str) -> bool:
    """Whether a file may be fetched here: from Meta over https, or from where our calls go anyway."""
    origin = _origin(url)
    if origin is None:
        return False
    scheme, host, port = origin
    if scheme == "https" and port == _PORTS["https"] and (host in _HOSTS or host.endswith(_PARENTS)):
        return True
    return origin == _origin(api_base)


def _origin(url: str) -> tuple[str, str, int] | None:
    found = _ADDRESS.fullmatch(url)
    if found is None:
        return None
    scheme, host, port, _ = found.groups()
    return scheme, host.lower(), int(port or _PORTS[scheme])
