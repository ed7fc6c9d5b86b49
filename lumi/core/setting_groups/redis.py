"""Redis, which makes some things faster and lets several machines work together; everything works without."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from lumi.core.redis_address import address_of
from lumi.core.setting_groups.audience import MONITORS, NOBODY, REDIS


class RedisSettings(BaseSettings):
    """Redis and caches"""

    redis_url: SecretStr | None = Field(
        None,
        description="`redis://:password@host:6379/0`, or `rediss://` for TLS; `?ssl_cert_reqs=none` accepts any "
        "certificate. A password may hold any character, escaped or not. Without it each process counts and "
        "remembers for itself.",
        json_schema_extra=REDIS,
    )
    redis_db: int = Field(
        0,
        ge=0,
        description="The number of the Redis database; counts only when the URL names none.",
        json_schema_extra=REDIS,
    )
    redis_prefix: str = Field(
        "lumi",
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="What every key begins with, so that several installations can share a Redis.",
        json_schema_extra=REDIS,
    )
    redis_pool_size: int = Field(
        20,
        ge=2,
        le=1_000,
        description="The most connections of each of a process's three clients (cache, limits, notes); who finds "
        "none free waits.",
        json_schema_extra=REDIS,
    )
    redis_connect_timeout_ms: int = Field(
        500,
        ge=1,
        le=60_000,
        description="After how many milliseconds a connection that is not made is given up.",
        json_schema_extra=REDIS,
    )
    redis_healthcheck_seconds: int = Field(
        30,
        ge=0,
        description="A connection idle for so long is tried before it is used; 0 never tries.",
        json_schema_extra=REDIS,
    )
    redis_metrics: bool = Field(
        False,
        description="Counts each hit and miss in Redis with the class of its key.",
        json_schema_extra=MONITORS,
    )
    cache_ttl_config_sec: int = Field(
        60,
        ge=0,
        description="How long an organisation's settings are remembered; dropped when they change. 0 remembers none.",
        json_schema_extra=NOBODY,
    )
    cache_ttl_faqs_sec: int = Field(
        300,
        ge=0,
        description="How long what was found for a question is remembered; dropped when what is known changes. "
        "0 remembers none.",
        json_schema_extra=NOBODY,
    )

    @field_validator("redis_url")
    @classmethod
    def _understood(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            address_of(value.get_secret_value())
        return value

    @property
    def redis_address(self) -> str | None:
        """The URL every client of ours connects by, a secret: password escaped, database and pool settled."""
        if self.redis_url is None:
            return None
        return address_of(
            self.redis_url.get_secret_value(),
            db=self.redis_db,
            max_connections=self.redis_pool_size,
            socket_connect_timeout=self.redis_connect_timeout_ms / 1000,
            health_check_interval=self.redis_healthcheck_seconds,
        )
