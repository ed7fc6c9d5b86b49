"""Gmail by the environment: the mailbox of the first organisation."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import GMAIL, NOBODY


class GmailSettings(BaseSettings):
    """Gmail"""

    gmail_address: str | None = Field(None, description="The address of the mailbox.", json_schema_extra=GMAIL)
    gmail_client_id: str | None = Field(
        None, description="The client id of the OAuth client at Google.", json_schema_extra=GMAIL
    )
    gmail_client_secret: SecretStr | None = Field(None, description="Its secret.", json_schema_extra=GMAIL)
    gmail_refresh_token: SecretStr | None = Field(
        None, description="The refresh token the mailbox granted it, for `gmail.modify`.", json_schema_extra=GMAIL
    )
    gmail_topic: str | None = Field(
        None,
        description="The Pub/Sub topic changes are pushed to, as `projects/P/topics/T`; without it the mailbox is"
        " looked into every five minutes.",
        json_schema_extra=GMAIL,
    )
    gmail_push_service_account: str | None = Field(
        None, description="The service account that signs the pushes.", json_schema_extra=GMAIL
    )
    gmail_push_audience: str | None = Field(
        None,
        description="The audience the pushes are signed for, where it is not the address they are posted to.",
        json_schema_extra=GMAIL,
    )
    gmail_api_base: str = Field(
        "https://gmail.googleapis.com", description="Where the Gmail API is.", json_schema_extra=NOBODY
    )
    gmail_token_url: str = Field(
        "https://oauth2.googleapis.com/token",
        description="Where refresh tokens are exchanged.",
        json_schema_extra=NOBODY,
    )
    gmail_certs_url: str = Field(
        "https://www.googleapis.com/oauth2/v3/certs",
        description="Where the keys are that pushes are signed with.",
        json_schema_extra=NOBODY,
    )
