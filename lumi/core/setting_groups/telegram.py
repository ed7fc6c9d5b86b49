"""Telegram by the environment: the bot of the first organisation."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import NOBODY, TELEGRAM


class TelegramSettings(BaseSettings):
    """Telegram"""

    telegram_bot_token: SecretStr | None = Field(
        None, description="The token of the bot, as BotFather gave it.", json_schema_extra=TELEGRAM
    )
    telegram_api_base: str = Field(
        "https://api.telegram.org", description="Where the Bot API is.", json_schema_extra=NOBODY
    )
