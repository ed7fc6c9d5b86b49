"""The RSA keys that sign access tokens."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from lumi.core.settings import MissingSetting, Settings

KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The key pair of this installation; `kid` is its thumbprint, so every process computes the same."""

    private: RSAKey = field(repr=False)
    public: RSAKey = field(repr=False)
    kid: str
    issuer: str

    @classmethod
    def load(cls, settings: Settings) -> "SigningKeys":
        """The keys of the settings, else those in LUMI_HOME/keys, made on first use outside production.

        Raises MissingSetting in production without keys, and for keys that cannot be read or do not match.
        """
        private = _private(settings)
        public = RSAKey.import_key(private.as_dict(private=False))
        kid = public.thumbprint()
        if settings.rsa_public_key is not None:
            said = _import("RSA_PUBLIC_KEY", settings.rsa_public_key)
            if said.thumbprint() != kid:
                raise MissingSetting(["RSA_PUBLIC_KEY does not belong to RSA_PRIVATE_KEY"])
        return cls(private, public, kid, settings.base_url)


def _private(settings: Settings) -> RSAKey:
    if settings.rsa_private_key is not None:
        key = _import("RSA_PRIVATE_KEY", settings.rsa_private_key)
        if not key.is_private:
            raise MissingSetting(["RSA_PRIVATE_KEY holds a public key: set the private one"])
        return key
    if settings.is_production:
        raise MissingSetting(["RSA_PRIVATE_KEY is missing: the PEM key that signs access tokens"])
    return _kept(settings.lumi_home / "keys" / "access-token.pem")


def _import(name: str, pem: SecretStr) -> RSAKey:
    # One line with \n in it is how most environments carry a PEM.
    text = pem.get_secret_value().replace("\\n", "\n").strip() + "\n"
    key = _read(text.encode())
    if key is None:
        raise MissingSetting([f"{name} is not an RSA key in PEM format"])
    if key.key_size < KEY_BITS:
        raise MissingSetting([f"{name} is shorter than {KEY_BITS} bits"])
    return RSAKey.import_key(key)


def _read(pem: bytes) -> RSAPrivateKey | RSAPublicKey | None:
    try:
        key = load_pem_private_key(pem, None) if b"PRIVATE" in pem else load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey | RSAPublicKey) else None


def _kept(path: Path) -> RSAKey:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(pem)
        try:
            os.link(fresh, path)  # the first of several processes wins, the others read its key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return _import(str(path), SecretStr(path.read_text()))
