"""Mail, whoever serves the mailbox."""

from pydantic import Field
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import NOBODY


class MailSettings(BaseSettings):
    """Mail"""

    mail_replies_per_hour: int = Field(
        6,
        ge=1,
        le=100,
        description="So many automatic answers at most leave for one person on a mail channel within an hour; then"
        " people are called. Two machines that answer each other stop there.",
        json_schema_extra=NOBODY,
    )
    mail_replies_per_day: int = Field(20, ge=1, le=100, description="The same within a day.", json_schema_extra=NOBODY)
