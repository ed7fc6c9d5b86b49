"""Settings: what the environment and `.env` say, checked once, all complaints at once."""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lumi.core.logging import LEVELS

DUMMIES = frozenset({"", "changeme", "change-me", "secret", "password", "dummy", "todo", "example", "xxx"})

LEAST_AUDIT_DAYS = 30

AppEnv = Literal["development", "test", "production"]
Words = Annotated[list[str], NoDecode]


class MissingSetting(RuntimeError):
    """Something has to be set before this can start; the message lists everything at once."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__("Set these first (in the environment or in .env):\n  - " + "\n  - ".join(complaints))


class Settings(BaseSettings):
    """Everything an operator may set. Names are the environment's, in lower case."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True)

    app_env: AppEnv = Field("development", validation_alias=AliasChoices("APP_ENV", "ENV", "app_env"))
    host: str = "127.0.0.1"
    port: int = 8000
    lumi_home: Path = Path(".lumi")
    public_url: str = ""

    database_url: SecretStr | None = None
    db_pool_size: int = 10
    redis_url: SecretStr | None = None
    redis_prefix: str = "lumi"

    secret_key: SecretStr | None = None
    rsa_private_key: SecretStr | None = None
    rsa_public_key: SecretStr | None = None
    jwt_expiration_minutes: int = 10

    cors_origins: Words = []
    allowed_hosts: Words = ["*"]
    max_body_bytes: int = 1 << 20
    max_webhook_bytes: int = 4 << 20
    rate_limit_enabled: bool = True

    log_level: str = "INFO"
    log_format: Literal["json", "console"] = "json"

    # How long what conversations left behind is kept, in days; 0 keeps it for ever.
    retention_messages_days: int = Field(0, ge=0)
    retention_events_days: int = Field(90, ge=0)
    retention_audit_days: int = Field(0, ge=0)

    whatsapp_verify_token: SecretStr | None = None
    whatsapp_app_secret: SecretStr | None = None
    whatsapp_access_token: SecretStr | None = None
    whatsapp_phone_number_id: str | None = None
    whatsapp_api_base: str = "https://graph.facebook.com"
    whatsapp_graph_version: str = "v25.0"

    @field_validator("cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in LEVELS:
            raise ValueError(f"one of {', '.join(LEVELS)}")
        return value

    @field_validator("retention_audit_days")
    @classmethod
    def _long_enough(cls, value: int) -> int:
        if 0 < value < LEAST_AUDIT_DAYS:
            raise ValueError(f"0, or {LEAST_AUDIT_DAYS} days at least")
        return value

    @field_validator("lumi_home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def is_production(self) -> bool:
        """Whether real people depend on this process."""
        return self.app_env == "production"

    @property
    def base_url(self) -> str:
        """Where people reach Lumi, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def retention_records_days(self) -> int:
        """How long raw events and records of turns are kept: they repeat the messages, so never longer than those."""
        return min(filter(None, (self.retention_messages_days, self.retention_events_days)), default=0)

    def master_key(self) -> SecretStr:
        """The key all others are derived from; outside production it is made on first use and kept."""
        if self.secret_key is not None:
            return self.secret_key
        return _kept_key(self.lumi_home / "secret.key")

    def complaints(self) -> list[str]:
        """What is missing or a dummy, in words; empty when everything needed is there."""
        if not self.is_production:
            return []
        found: list[str] = []
        for name, meaning, least in _NEEDED_IN_PRODUCTION:
            value: object = getattr(self, name)
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
            if plain.strip().lower() in DUMMIES:
                found.append(f"{name.upper()} is missing or a dummy: {meaning}")
            elif len(plain) < least:
                found.append(f"{name.upper()} is shorter than {least} characters: {meaning}")
        return found

    def require(self) -> "Settings":
        """Return these settings, or raise MissingSetting with the whole list."""
        if found := self.complaints():
            raise MissingSetting(found)
        return self


_NEEDED_IN_PRODUCTION = (
    ("secret_key", "the master key, at least 32 random characters", 32),
    ("rsa_private_key", "the PEM key that signs access tokens", 64),
    ("public_url", "the address people reach Lumi at, with https", 8),
)


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
        raise MissingSetting(
            [f"{str(each['loc'][0]).upper()}: {each['msg'].removeprefix('Value error, ')}" for each in wrong]
        ) from None


def _read() -> Settings:
    return Settings()  # pyright: ignore[reportCallIssue] - every field comes from the environment
