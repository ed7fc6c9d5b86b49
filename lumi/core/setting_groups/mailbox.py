"""Mailboxes: the one of the first organisation by the environment, and how all of them are read."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from lumi.core.setting_groups.audience import MAILBOX, NOBODY, SERVERS

Networks = Annotated[list[IPv4Network | IPv6Network], NoDecode]


class MailboxSettings(BaseSettings):
    """Mailboxes"""

    mailbox_address: str | None = Field(
        None, description="The address people write to, `salon@example.org`.", json_schema_extra=MAILBOX
    )
    mailbox_password: SecretStr | None = Field(
        None, description="Its password, or the app password of it.", json_schema_extra=MAILBOX
    )
    mailbox_client_id: str | None = Field(
        None,
        description="Where no passwords are taken, as at Microsoft 365: the client id of the app the mailbox granted"
        " access to.",
        json_schema_extra=MAILBOX,
    )
    mailbox_client_secret: SecretStr | None = Field(
        None, description="The secret of that app, where it has one.", json_schema_extra=MAILBOX
    )
    mailbox_refresh_token: SecretStr | None = Field(
        None, description="The refresh token the mailbox granted it.", json_schema_extra=MAILBOX
    )
    mailbox_directory: str | None = Field(
        None,
        description="At Microsoft: the directory of the mailbox, by its id or a domain of it, where the app is not for"
        " those of all directories.",
        json_schema_extra=MAILBOX,
    )
    mailbox_token_url: str | None = Field(
        None,
        description="Where refresh tokens of mailboxes are exchanged that are neither at Microsoft nor at Google."
        " Nobody who connects a mailbox can name another address.",
        json_schema_extra=SERVERS,
    )
    mailbox_device_url: str | None = Field(
        None,
        description="Where a code is asked for with which such a mailbox grants access in a browser, where its provider"
        " has that: for `lumi channels authorize`.",
        json_schema_extra=SERVERS,
    )
    mailbox_user: str | None = Field(
        None, description="Who logs in, where that is not the address.", json_schema_extra=MAILBOX
    )
    mailbox_imap_host: str | None = Field(
        None,
        description="Where mails are read: what a large provider says of its own, else `imap.` before the domain.",
        json_schema_extra=MAILBOX,
    )
    mailbox_imap_port: int | None = Field(
        None, ge=1, le=65535, description="Its port: 993, or 143 with `starttls`.", json_schema_extra=MAILBOX
    )
    mailbox_imap_security: str | None = Field(
        None,
        description="`tls` from the start, `starttls`, or `plain`, which is spoken with this machine only.",
        json_schema_extra=MAILBOX,
    )
    mailbox_smtp_host: str | None = Field(
        None,
        description="Where mails are handed over: what a large provider says of its own, else `smtp.` before the "
        "domain.",
        json_schema_extra=MAILBOX,
    )
    mailbox_smtp_port: int | None = Field(
        None, ge=1, le=65535, description="Its port: 465, or 587 with `starttls`.", json_schema_extra=MAILBOX
    )
    mailbox_smtp_security: str | None = Field(
        None, description="As for IMAP: `tls`, `starttls` or `plain`.", json_schema_extra=MAILBOX
    )
    mailbox_folder: str | None = Field(
        None, description="The folder that is read, where that is not the inbox.", json_schema_extra=MAILBOX
    )
    mail_networks: Networks = Field(
        [],
        description="Networks in which mail servers may be besides the public internet, separated by commas, as "
        "`10.0.0.0/8`: whoever connects a mailbox names its servers, and could name yours.",
        json_schema_extra=SERVERS,
    )
    mail_poll_seconds: float = Field(
        60.0,
        ge=1.0,
        description="How often a mailbox is looked at whose server does not tell of new mail (IDLE), in seconds.",
        json_schema_extra=NOBODY,
    )
    mail_watchers: int = Field(
        200,
        ge=1,
        description="The most mailboxes that one worker stands by for, with a connection each. Those beyond are "
        "looked at every `MAIL_POLL_SECONDS`.",
        json_schema_extra=NOBODY,
    )

    @field_validator("mail_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value
