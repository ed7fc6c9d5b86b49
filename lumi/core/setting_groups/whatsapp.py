"""WhatsApp by the environment: the number of the first organisation."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import NOBODY, WHATSAPP


class WhatsAppSettings(BaseSettings):
    """WhatsApp"""

    whatsapp_phone_number_id: str | None = Field(
        None, description="The id of the number, as Meta's console shows it.", json_schema_extra=WHATSAPP
    )
    whatsapp_access_token: SecretStr | None = Field(
        None, description="The token that may send from it.", json_schema_extra=WHATSAPP
    )
    whatsapp_app_secret: SecretStr | None = Field(
        None, description="The secret of the app, which signs webhooks.", json_schema_extra=WHATSAPP
    )
    whatsapp_verify_token: SecretStr | None = Field(
        None, description="The word Meta repeats when the webhook is subscribed.", json_schema_extra=WHATSAPP
    )
    whatsapp_api_base: str = Field(
        "https://graph.facebook.com", description="Where the Graph API is.", json_schema_extra=NOBODY
    )
    whatsapp_graph_version: str = Field("v25.0", description="Its version.", json_schema_extra=NOBODY)
