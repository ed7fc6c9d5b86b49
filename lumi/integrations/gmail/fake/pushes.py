"""What the twin posts when a mailbox changed, and how it proves that it is its own."""

import base64
import secrets
from collections.abc import Mapping
from functools import lru_cache

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey

from lumi.core import clock

CERTS_KEPT_SECONDS = 19_800
_TOKEN_SECONDS = 3600
_KEY_BITS = 2048


@lru_cache(maxsize=1)
def signing_key() -> RSAKey:
    """The key of this process: making one takes a while, and all its twins may share it."""
    return RSAKey.import_key(generate_private_key(public_exponent=65537, key_size=_KEY_BITS))


def certs() -> bytes:
    """The public half, as Google lists its keys."""
    key = signing_key()
    public = {name: value for name, value in key.as_dict(private=False).items() if name in ("n", "e", "kty")}
    return orjson.dumps({"keys": [{**public, "alg": "RS256", "use": "sig", "kid": key.thumbprint()}]})


def proof(service_account: str, audience: str, **changes: object) -> Mapping[str, str]:
    """The header of a push: a token for this audience, signed; `changes` are claims that are to be otherwise."""
    key, now = signing_key(), int(clock.now().timestamp())
    claims: dict[str, object] = {
        "aud": audience,
        "azp": "100000000000000000001",
        "email": service_account,
        "email_verified": True,
        "exp": now + _TOKEN_SECONDS,
        "iat": now,
        "iss": "https://accounts.google.com",
        "sub": "100000000000000000001",
    }
    said = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return {"Authorization": f"Bearer {jwt.encode({'alg': 'RS256', 'kid': key.thumbprint()}, said, key)}"}


def push(address: str, history_id: int, subscription: str) -> bytes:
    """The body of a push; its keys come in two spellings, as Pub/Sub's do."""
    data = orjson.dumps({"emailAddress": address, "historyId": history_id})
    message_id = str(secrets.randbelow(9 * 10**15) + 10**15)
    now = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {
        "data": base64.b64encode(data).decode(),
        "messageId": message_id,
        "message_id": message_id,
        "publishTime": now,
        "publish_time": now,
    }
    return orjson.dumps({"message": message, "subscription": subscription})
