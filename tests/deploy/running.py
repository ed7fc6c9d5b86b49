"""What `docker compose up api` starts, started out of an image that was built on this machine."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from lumi.core.server import attach
from lumi.core.server.attach import Server
from tests.deploy import composed
from tests.deploy.building import Image
from tests.deploy.composed import Service

STOP_SECONDS = 15.0


@dataclass
class Stack:
    """The services of ours, as processes; `database` replaces the place of PostgreSQL in DATABASE_URL.

    `home` stands for the volume that they share.
    """

    image: Image
    database: str
    home: Path
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, subprocess.Popen[bytes]])
    finished: set[str] = field(default_factory=set[str])

    @property
    def address(self) -> str:
        """Where the api is."""
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Start everything that `api` needs, and `api`; what has to be finished first is waited for."""
        known = composed.services({})
        awaited = {
            name for each in known.values() for name, how in each.waits_for.items() if how.endswith("successfully")
        }
        for service in composed.started_for("api", known):
            if service.is_built and service.name in awaited:
                done = self.run(service)
                assert done.returncode == 0, f"{service.name}: {done.stderr}"
                self.finished.add(service.name)
            elif service.is_built:
                self.running[service.name] = subprocess.Popen(
                    self._command(service), cwd=self.image.at("."), env=self._environment(service)
                )

    def run(self, service: Service) -> subprocess.CompletedProcess[str]:
        """Run one service to its end."""
        return subprocess.run(
            self._command(service), cwd=self.image.at("."), env=self._environment(service), text=True,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    def is_healthy(self) -> bool:
        """What the image's health check says of the api."""
        check: list[str] = json.loads(self.image.said["HEALTHCHECK"].rest.removeprefix("CMD "))
        environment = {**self.image.complete_environment, "PORT": str(self.port)}
        return subprocess.run(check, env=environment, capture_output=True, check=False).returncode == 0

    def down(self) -> Mapping[str, int]:
        """Tell all of them to stop; their exit codes."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(STOP_SECONDS) for name, process in self.running.items()}
        self.running.clear()
        return codes

    def _command(self, service: Service) -> Sequence[str]:
        first = service.words("entrypoint") or self.image.said["ENTRYPOINT"].listed
        return [*first, *(service.words("command") or self.image.said["CMD"].listed)]

    def _environment(self, service: Service) -> Mapping[str, str]:
        volumes = dict(each.split(":") for each in service.words("volumes"))
        assert service.environment["LUMI_HOME"] == volumes["home"]
        said = {
            **service.environment,
            "DATABASE_URL": service.environment["DATABASE_URL"].replace("@postgres:5432/lumi", self.database),
            "LUMI_HOME": str(self.home),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        del said["REDIS_URL"]  # an accelerator: everything works without it
        return {**self.image.complete_environment, **said}


@asynccontextmanager
async def postgres(service: Service) -> AsyncGenerator[str]:
    """An empty server as the image of this service makes one; yields what stands behind the password in its URL."""
    user, name = service.environment["POSTGRES_USER"], service.environment["POSTGRES_DB"]
    async with empty_server() as server:
        await tell(
            server,
            f"create role {user} superuser login password '{service.environment['POSTGRES_PASSWORD']}'",
            f"create database {name} owner {user}",
        )
        yield f"@/{name}?{urlsplit(server.admin_url).query}"


@asynccontextmanager
async def empty_server() -> AsyncGenerator[Server]:
    """A PostgreSQL that has heard nothing of Lumi."""
    async with attach.scratch() as server:
        await tell(server, "drop database lumi with (force)", "drop role lumi_app, lumi_owner, lumi_system")
        yield server


async def tell(server: Server, *statements: str) -> None:
    """Run these as the server's administrator."""
    admin = await asyncpg.connect(server.admin_url, database="postgres")
    for statement in statements:
        await admin.execute(statement)
    await admin.close()
