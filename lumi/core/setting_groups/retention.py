"""Retention: how long what conversations left behind is kept, in days."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import KEEPERS

LEAST_AUDIT_DAYS = 30


class RetentionSettings(BaseSettings):
    """Retention"""

    retention_messages_days: int = Field(
        0, ge=0, description="Days messages are kept; 0 keeps them for ever.", json_schema_extra=KEEPERS
    )
    retention_events_days: int = Field(
        90,
        ge=0,
        description="Days raw events and records of turns are kept, never longer than messages; 0 is as long as those.",
        json_schema_extra=KEEPERS,
    )
    retention_audit_days: int = Field(
        0,
        ge=0,
        description=f"Days audit entries are kept, {LEAST_AUDIT_DAYS} at least; 0 keeps them for ever.",
        json_schema_extra=KEEPERS,
    )

    @field_validator("retention_audit_days")
    @classmethod
    def _long_enough(cls, value: int) -> int:
        if 0 < value < LEAST_AUDIT_DAYS:
            raise ValueError(f"0, or {LEAST_AUDIT_DAYS} days at least")
        return value

    @property
    def retention_records_days(self) -> int:
        """How long raw events and records of turns are kept: they repeat the messages, so never longer than those."""
        return min(filter(None, (self.retention_messages_days, self.retention_events_days)), default=0)
