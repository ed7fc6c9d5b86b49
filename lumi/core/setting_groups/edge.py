"""The edge: the address people use, who may call from where, and how much at once."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from lumi.core.setting_groups.audience import INTEGRATORS, NOBODY, PRODUCTION, SERVERS

Words = Annotated[list[str], NoDecode]


class EdgeSettings(BaseSettings):
    """Addresses and limits"""

    public_url: str = Field(
        "",
        description="The address people reach Lumi at; links, webhooks and tokens name it. Empty: `http://HOST:PORT`.",
        json_schema_extra=PRODUCTION,
    )
    force_https: bool = Field(
        False,
        description="Sends plain HTTP to HTTPS and tells browsers to stay there (HSTS). Behind a proxy that speaks "
        "TLS set `FORWARDED_ALLOW_IPS` too, or every request looks plain.",
        json_schema_extra=SERVERS,
    )
    forwarded_allow_ips: str = Field(
        "",
        description="Addresses of the proxies in front, separated by commas, whose `X-Forwarded-` headers are "
        "believed; `*` believes everybody.",
        json_schema_extra=SERVERS,
    )
    allowed_hosts: Words = Field(
        ["*"],
        description="Host names that are served, separated by commas; `*.example.org` is every subdomain, `*` is any.",
        json_schema_extra=SERVERS,
    )
    cors_origins: Words = Field(
        [],
        description="Origins whose pages may call the API, separated by commas; `*` is any, without credentials.",
        json_schema_extra=INTEGRATORS,
    )
    max_body_bytes: int = Field(
        1 << 20, ge=1_024, description="The largest body of a request, in bytes.", json_schema_extra=NOBODY
    )
    max_webhook_bytes: int = Field(
        4 << 20, ge=1_024, description="The largest body of a webhook, in bytes.", json_schema_extra=NOBODY
    )
    rate_limit_enabled: bool = Field(
        True,
        description="Refuses whoever asks too often with 429 and the seconds to wait.",
        json_schema_extra=NOBODY,
    )

    @field_validator("cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value
