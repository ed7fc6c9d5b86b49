"""Logs and figures: what is written, where, and who may read the figures."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from lumi.core.logging import LEVELS
from lumi.core.setting_groups.audience import DEVELOPERS, MONITORS, SERVERS


class LogSettings(BaseSettings):
    """Logs and figures"""

    log_level: str = Field(
        "INFO", description=f"The least level that is written: {', '.join(LEVELS)}.", json_schema_extra=DEVELOPERS
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="One JSON object a line, or lines for eyes.", json_schema_extra=DEVELOPERS
    )
    log_file: Path | None = Field(
        None,
        description="A file that gets every line too, beside standard error; all processes may share it.",
        json_schema_extra=SERVERS,
    )
    log_file_max_bytes: int = Field(
        10 << 20,
        ge=1_024,
        description="At this size `LOG_FILE` becomes `LOG_FILE.1`, that one `.2`, and a new one begins.",
        json_schema_extra=SERVERS,
    )
    log_file_kept: int = Field(
        5,
        ge=1,
        le=1_000,
        description="How many full files are kept; older ones are deleted.",
        json_schema_extra=SERVERS,
    )
    prometheus_enabled: bool = Field(True, description="Answers `/metrics` for Prometheus.", json_schema_extra=MONITORS)
    prometheus_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="A port that answers the figures of web and workers together, apart from the public one.",
        json_schema_extra=MONITORS,
    )

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in LEVELS:
            raise ValueError(f"one of {', '.join(LEVELS)}")
        return value

    @field_validator("log_file")
    @classmethod
    def _absolute_file(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()
