"""The keys: what everything secret hangs on, and what signs access tokens."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import NOBODY, PRODUCTION, SERVERS


class KeySettings(BaseSettings):
    """Keys"""

    secret_key: SecretStr | None = Field(
        None,
        description="The master key, at least 32 random characters. Stored credentials are sealed with it: keep it as "
        "long as the data. Outside production one is made in `LUMI_HOME`.",
        json_schema_extra=PRODUCTION,
    )
    rsa_private_key: SecretStr | None = Field(
        None,
        description="The PEM key that signs access tokens, RSA, 2,048 bits at least; `\\n` may stand for a new line.",
        json_schema_extra=PRODUCTION,
    )
    rsa_private_key_path: Path | None = Field(
        None,
        description="The file that holds it, instead of `RSA_PRIVATE_KEY`.",
        json_schema_extra=SERVERS,
    )
    rsa_public_key: SecretStr | None = Field(
        None,
        description="Its public half. Derived when missing; refused when it belongs to another key.",
        json_schema_extra=NOBODY,
    )
    rsa_public_key_path: Path | None = Field(
        None,
        description="The file that holds it, instead of `RSA_PUBLIC_KEY`.",
        json_schema_extra=NOBODY,
    )
    jwt_expiration_minutes: int = Field(
        10, ge=1, le=24 * 60, description="How long an access token is good for.", json_schema_extra=NOBODY
    )
    jwt_algorithm: str = Field(
        "RS256",
        description="How access tokens are signed. Nothing but `RS256` is accepted.",
        json_schema_extra=NOBODY,
    )

    @field_validator("jwt_algorithm")
    @classmethod
    def _asymmetric(cls, value: str) -> str:
        if value != "RS256":
            raise ValueError(
                "only RS256: with a shared secret whoever checks a token could also make one, and a token that "
                "may choose its own way to be checked can be forged"
            )
        return value

    @field_validator("rsa_private_key_path", "rsa_public_key_path")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        try:
            value.expanduser().read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the file cannot be read ({type(error).__name__})") from None
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _read_files(self) -> Self:
        self.rsa_private_key = _one_of("RSA_PRIVATE_KEY", self.rsa_private_key, self.rsa_private_key_path)
        self.rsa_public_key = _one_of("RSA_PUBLIC_KEY", self.rsa_public_key, self.rsa_public_key_path)
        return self


def _one_of(name: str, given: SecretStr | None, path: Path | None) -> SecretStr | None:
    if path is None:
        return given
    kept = SecretStr(path.read_text())
    if given is not None and given.get_secret_value().replace("\\n", "\n").strip() != kept.get_secret_value().strip():
        raise ValueError(f"{name} and {name}_PATH hold different keys: set one of them")
    return kept
