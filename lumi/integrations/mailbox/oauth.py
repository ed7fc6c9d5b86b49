"""Access tokens of a mailbox; what their endpoint refuses is said as everything is that mail servers refuse."""

import re

import orjson

from lumi.core.http import Http, OutsideFailure, Rejected, Unavailable
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.mailbox.errors import ReconnectRequired
from lumi.integrations.oauth.tokens import Grant, OAuthToken

TARGET = "mailbox_oauth"

_LATER = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
# Only its owner can do something about these; about the others whoever keeps the client, and then its owner too.
_GONE = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied"})
_WORD = re.compile(r"[a-z_]{1,40}")
_MICROSOFT_CODE = re.compile(r"AADSTS\d{4,8}")


def mailbox_token(http: Http, grant: Grant) -> OAuthToken:
    """Access tokens of a grant. Asked for one, it raises ReconnectRequired, Unavailable or RateLimited."""

    def in_our_terms(failure: OutsideFailure) -> OutsideFailure:
        return translated(failure, grant)

    return OAuthToken(http, grant, target=TARGET, translate=in_our_terms)


def translated(failure: OutsideFailure, grant: Grant) -> OutsideFailure:
    """What a refusal of a token endpoint means; where its body says nothing, that it is to be asked again."""
    if not isinstance(failure, Rejected):
        return failure
    word, details = _error_in(failure.body)
    if not word or word in _LATER:
        found: OutsideFailure = Unavailable(f"answered {failure.status} {word}".rstrip(), status=failure.status)
    else:
        found = ReconnectRequired(failure.status or 0, _freed(details, grant), _meaning(word, details))
    found.target = failure.target
    return found


def _meaning(word: str, details: str) -> str:
    code = _MICROSOFT_CODE.match(details)
    said = f"{word}, {code[0]}" if code else word
    who = "the owner of the mailbox has to grant access again" if word in _GONE else "the client is not accepted"
    return f"{who} ({said})"


def _freed(details: str, grant: Grant) -> str:
    """The first line of what it says, without the secrets that were shown to it."""
    said = details.splitlines()[0].partition(" Trace ID:")[0] if details else ""
    for secret in (grant.refresh_token, grant.client_secret):
        if secret is not None and secret.get_secret_value():
            said = said.replace(secret.get_secret_value(), "…")
    return said.strip()


def _error_in(body: bytes) -> tuple[str, str]:
    """The word by which an error is named and what it says; empty where there is none."""
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    fields = as_object(answer)
    word = as_text(fields.get("error")) or ""
    return (word if _WORD.fullmatch(word) else ""), as_text(fields.get("error_description")) or ""
