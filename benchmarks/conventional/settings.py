"""What the two processes are told by their environment."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The environment, prefixed with CONVENTIONAL_."""

    model_config = SettingsConfigDict(env_prefix="CONVENTIONAL_", env_file=None)

    database_url: SecretStr
    graph_url: str
    app_secret: SecretStr
    access_token: SecretStr
    web_pool: int = 20
    worker_pool: int = 20
    queue_pool: int = 10
    concurrency: int = 40
    sped_up: bool = False
    """Beyond what the documentation recommends: a pool that checks nothing, aiohttp instead of httpx2."""

    def conninfo(self) -> str:
        """The database as psycopg wants it."""
        return self.database_url.get_secret_value()

    def alchemy_url(self) -> str:
        """The database as SQLAlchemy wants it."""
        return self.conninfo().replace("postgresql://", "postgresql+psycopg://", 1)


settings = Settings()  # pyright: ignore[reportCallIssue] - every field comes from the environment
