"""The process: what it is called, what it is for, where it listens and keeps its files."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import DEVELOPERS, NOBODY, PRODUCTION, SERVERS

AppEnv = Literal["development", "test", "production"]


class ApplicationSettings(BaseSettings):
    """Application"""

    app_name: str = Field(
        "Lumi",
        min_length=1,
        max_length=60,
        description="What the API calls itself in its description.",
        json_schema_extra=NOBODY,
    )
    app_env: AppEnv = Field(
        "development",
        validation_alias=AliasChoices("APP_ENV", "ENV", "app_env"),
        description="`production` has no demo and refuses to start with missing or dummy secrets.",
        json_schema_extra=PRODUCTION,
    )
    debug: bool = Field(
        False,
        description="Answers a failure with its traceback and logs from debug level on, unless `LOG_LEVEL` says "
        "otherwise. Refused in production.",
        json_schema_extra=DEVELOPERS,
    )
    host: str = Field(
        "127.0.0.1",
        description="The address the web server listens on; `0.0.0.0` is every one of this machine.",
        json_schema_extra=SERVERS,
    )
    port: int = Field(
        8000, ge=0, le=65_535, description="The port the web server listens on.", json_schema_extra=SERVERS
    )
    lumi_home: Path = Field(
        Path(".lumi"),
        description="The folder of the embedded database, kept keys, uploads and logs.",
        json_schema_extra=SERVERS,
    )

    @field_validator("lumi_home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()
