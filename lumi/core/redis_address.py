"""How REDIS_URL is read: more kindly than URLs are, because people paste passwords into it as they are."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

# The last @ ends the password, whatever it holds; so a # or a / before it is no fragment and no path.
_ADDRESS = re.compile(
    r"(?P<scheme>rediss?)://"
    r"(?:(?P<user>[^:@]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]+)(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<db>\d*))?(?:\?(?P<options>[^#@]*))?",
    re.DOTALL,
)
_OPTIONS = frozenset({"db", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"})
_CERTIFICATES = ("required", "optional", "none")


def address_of(url: str, *, db: int = 0, **options: float) -> str:
    """The URL as clients read it: user and password escaped, `db` where it names none, `options` added.

    Raises ValueError, which never repeats the URL.
    """
    found = _ADDRESS.fullmatch(url.strip())
    if found is None:
        raise ValueError("is not redis://[user:password@]host[:port][/db] or the same with rediss://")
    asked = dict(parse_qsl(found["options"] or "", keep_blank_values=True))
    if unknown := asked.keys() - _OPTIONS:
        raise ValueError(f"does not understand the option {', '.join(sorted(unknown))}")
    _check_certificates(found["scheme"], asked)
    number = found["db"] or asked.pop("db", "") or str(db)
    asked.pop("db", None)
    if not number.isdecimal():
        raise ValueError("names a database that is not a number")
    if asked.get("ssl_cert_reqs") == "none":
        asked["ssl_check_hostname"] = "false"
    query = urlencode({**asked, **{name: f"{value:g}" for name, value in options.items()}})
    place = f"{_identity(found['user'], found['password'])}{found['host']}:{found['port'] or 6379}/{number}"
    return f"{found['scheme']}://{place}" + (f"?{query}" if query else "")


def _identity(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    said = "" if password is None else f":{_escaped(password)}"
    return f"{_escaped(user)}{said}@"


def _escaped(text: str) -> str:
    return quote(unquote(text), safe="")


def _check_certificates(scheme: str, asked: dict[str, str]) -> None:
    about_tls = [name for name in asked if name.startswith("ssl_")]
    if about_tls and scheme == "redis":
        raise ValueError(f"{about_tls[0]} is for rediss://")
    if asked.get("ssl_cert_reqs", "required") not in _CERTIFICATES:
        raise ValueError(f"ssl_cert_reqs is one of {', '.join(_CERTIFICATES)}")
