"""The database: where it is, how many connections, who brings it to this version."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import DEVELOPERS, OUTSIDE_DATABASE, SERVERS


class PostgresSettings(BaseSettings):
    """Database"""

    database_url: SecretStr | None = Field(
        None,
        description="`postgresql://user:password@host/database` of the role that owns the database. "
        "Without it Lumi runs a PostgreSQL of its own in `LUMI_HOME`.",
        json_schema_extra=OUTSIDE_DATABASE,
    )
    postgres_url: SecretStr | None = Field(
        None,
        description="Another name of `DATABASE_URL`; two that differ are refused.",
        json_schema_extra=OUTSIDE_DATABASE,
    )
    test_database_url: SecretStr | None = Field(
        None,
        description="A superuser's URL of a server for nothing but tests. Without it they run one of their own. "
        "Read from the environment, not from `.env`.",
        json_schema_extra=DEVELOPERS,
    )
    db_pool_size: int = Field(
        10,
        ge=1,
        le=1_000,
        description="The most connections of one process in each of its two pools: one for the path of messages, "
        "one for everything else.",
        json_schema_extra=SERVERS,
    )
    migrate_on_start: bool = Field(
        False,
        description="Lets `lumi serve` and `lumi worker` bring the database to their version before they start. "
        "Several at once wait for each other. `lumi up` always does.",
        json_schema_extra=SERVERS,
    )

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        if self.postgres_url is not None:
            if self.database_url is not None and _place(self.database_url) != _place(self.postgres_url):
                raise ValueError("DATABASE_URL and POSTGRES_URL name different databases: set one of them")
            self.database_url = self.database_url or self.postgres_url
        return self


def _place(url: SecretStr) -> str:
    """What follows the scheme: that is written in several ways."""
    return url.get_secret_value().strip().partition("://")[2]
