"""Settings: what the environment and `.env` say, checked once, all complaints at once."""

import os
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from lumi.core.setting_groups.application import AppEnv, ApplicationSettings
from lumi.core.setting_groups.edge import EdgeSettings
from lumi.core.setting_groups.files import FileSettings
from lumi.core.setting_groups.gmail import GmailSettings
from lumi.core.setting_groups.keys import KeySettings
from lumi.core.setting_groups.logs import LogSettings
from lumi.core.setting_groups.mail import MailSettings
from lumi.core.setting_groups.mailbox import MailboxSettings
from lumi.core.setting_groups.meta import MetaSettings
from lumi.core.setting_groups.postgres import PostgresSettings
from lumi.core.setting_groups.redis import RedisSettings
from lumi.core.setting_groups.retention import RetentionSettings
from lumi.core.setting_groups.speech import SpeechSettings
from lumi.core.setting_groups.telegram import TelegramSettings
from lumi.core.setting_groups.whatsapp import WhatsAppSettings

__all__ = ["AppEnv", "MissingSetting", "Settings", "get_settings"]

DUMMIES = frozenset({"", "changeme", "change-me", "secret", "password", "dummy", "todo", "example", "xxx"})


class MissingSetting(RuntimeError):
    """Something has to be set before this can start; the message lists everything at once."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__("Set these first (in the environment or in .env):\n  - " + "\n  - ".join(complaints))


class Settings(
    GmailSettings,
    MailSettings,
    MailboxSettings,
    MetaSettings,
    TelegramSettings,
    WhatsAppSettings,
    SpeechSettings,
    FileSettings,
    RetentionSettings,
    LogSettings,
    RedisSettings,
    PostgresSettings,
    KeySettings,
    EdgeSettings,
    ApplicationSettings,
):
    """Everything an operator may set. Names are the environment's, in lower case; an empty one is not set."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True)

    @model_validator(mode="after")
    def _debug_tells_more(self) -> Self:
        if self.debug and "log_level" not in self.model_fields_set:
            self.log_level = "DEBUG"
        return self

    @model_validator(mode="after")
    def _uploads_apart(self) -> Self:
        if self.uploads_root is not None and self.lumi_home.is_relative_to(self.uploads_root):
            raise ValueError("UPLOADS_ROOT may not be LUMI_HOME or hold it: a restore puts all of it anew")
        return self

    @property
    def is_production(self) -> bool:
        """Whether real people depend on this process."""
        return self.app_env == "production"

    @property
    def hands_out_unseen(self) -> bool:
        """Whether files are handed out that nobody has looked at: in production only where somebody decided it."""
        return not self.is_production if self.scanner is None else self.scanner != "clamd"

    @property
    def base_url(self) -> str:
        """Where people reach Lumi, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def uploads_folder(self) -> Path:
        """Where uploaded files are kept on this machine."""
        return self.uploads_root or self.lumi_home / "uploads"

    def master_key(self) -> SecretStr:
        """The key all others are derived from; outside production it is made on first use and kept."""
        if self.secret_key is not None:
            return self.secret_key
        return _kept_key(self.lumi_home / "secret.key")

    def complaints(self) -> list[str]:
        """What is missing or a dummy, in words; empty when everything needed is there."""
        if not self.is_production:
            return []
        exposed = "DEBUG is on: it shows the inside of every failure to whoever caused it; leave it out"
        found = [exposed] if self.debug else []
        for name, meaning, least in _NEEDED_IN_PRODUCTION:
            value: object = getattr(self, name)
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
            if plain.strip().lower() in DUMMIES:
                found.append(f"{name.upper()} is missing or a dummy: {meaning}")
            elif len(plain) < least:
                found.append(f"{name.upper()} is shorter than {least} characters: {meaning}")
            elif name == "rsa_private_key" and not _is_rsa_key(plain):
                found.append(f"{name.upper()} is no private RSA key of {_RSA_BITS} bits at least: {meaning}")
        return found

    def require(self) -> "Settings":
        """Return these settings, or raise MissingSetting with the whole list."""
        if found := self.complaints():
            raise MissingSetting(found)
        return self


_RSA_BITS = 2048
_NEEDED_IN_PRODUCTION = (
    ("secret_key", "the master key, at least 32 random characters; `openssl rand -hex 32` makes one", 32),
    (
        "rsa_private_key",
        "the PEM key that signs access tokens; `openssl genrsa -out access-token.pem 3072` makes one, and "
        "RSA_PRIVATE_KEY_PATH may name that file instead",
        64,
    ),
    ("public_url", "the address people reach Lumi at, with https, as in `PUBLIC_URL=https://chat.example.org`", 8),
)


def _is_rsa_key(pem: str) -> bool:
    # Not at the top: outside production, and for `--help`, nobody needs it.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").strip().encode() + b"\n", None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= _RSA_BITS


def _kept_key(path: Path) -> SecretStr:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first of several processes wins, the others read its key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return SecretStr(path.read_text().strip())


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once; raises MissingSetting with every value that makes no sense."""
    try:
        return _read()
    except ValidationError as error:
        # never the value: it may be a secret in the wrong place
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        raise MissingSetting([_in_words(each["msg"], each["loc"]) for each in wrong]) from None


def _in_words(message: str, place: Sequence[int | str]) -> str:
    said = message.removeprefix("Value error, ")
    # what two settings together get wrong has no place of its own
    return f"{str(place[0]).upper()}: {said}" if place else said


def _read() -> Settings:
    return Settings()  # pyright: ignore[reportCallIssue] - every field comes from the environment
