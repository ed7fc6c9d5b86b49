"""Access to a Gmail mailbox that its owner has granted; what the token endpoint refuses is said in Google's terms."""

from pydantic import SecretStr

from lumi.core.http import Http
from lumi.integrations.gmail.errors import translated
from lumi.integrations.oauth.tokens import Grant, OAuthToken

TARGET = "google_oauth"


def google_token(
    http: Http,
    token_url: str,
    client_id: str,
    client_secret: SecretStr | str,
    refresh_token: SecretStr | str,
) -> OAuthToken:
    """Access tokens of a refresh token.

    Asked for one, it raises ReconnectRequired when the permission is gone, GoogleRejected, Unavailable or Throttled.
    """
    grant = Grant(token_url, client_id, _secret(client_secret), _secret(refresh_token))
    return OAuthToken(http, grant, target=TARGET, translate=translated)


def _secret(value: SecretStr | str) -> SecretStr:
    return value if isinstance(value, SecretStr) else SecretStr(value)
