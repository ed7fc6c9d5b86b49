"""Instagram and Messenger by the environment: the account and the page of the first organisation."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import META, NOBODY


class MetaSettings(BaseSettings):
    """Instagram and Messenger"""

    instagram_account_id: str | None = Field(
        None, description="The id of the professional account.", json_schema_extra=META
    )
    instagram_access_token: SecretStr | None = Field(
        None, description="The token that may send for it.", json_schema_extra=META
    )
    instagram_app_secret: SecretStr | None = Field(
        None, description="The secret of the Instagram app, which signs webhooks.", json_schema_extra=META
    )
    instagram_verify_token: SecretStr | None = Field(
        None, description="The word Meta repeats when the webhook is subscribed.", json_schema_extra=META
    )
    instagram_api_base: str = Field(
        "https://graph.instagram.com",
        description="Where its API is: `https://graph.facebook.com` for accounts behind a Facebook page.",
        json_schema_extra=NOBODY,
    )
    messenger_page_id: str | None = Field(None, description="The id of the Facebook page.", json_schema_extra=META)
    messenger_access_token: SecretStr | None = Field(None, description="The page token.", json_schema_extra=META)
    messenger_app_secret: SecretStr | None = Field(
        None, description="The secret of the app, which signs webhooks.", json_schema_extra=META
    )
    messenger_verify_token: SecretStr | None = Field(
        None, description="The word Meta repeats when the webhook is subscribed.", json_schema_extra=META
    )
    messenger_api_base: str = Field(
        "https://graph.facebook.com", description="Where the Graph API is.", json_schema_extra=NOBODY
    )
    meta_graph_version: str = Field(
        "v25.0",
        description="The version of the Graph API that Instagram and Messenger are asked in.",
        json_schema_extra=NOBODY,
    )
