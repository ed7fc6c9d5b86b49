"""LUMI_HOME/demo.json: the sign-in password, and what each organisation and its WhatsApp twin have in common.

Light on purpose: the process that watches the others and the twins read nothing else.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, Field

from lumi.core.settings import Settings

LOOPBACK = "127.0.0.1"
# Linux gives out ports from 32768 on: one of those that is free now may be somebody's line to elsewhere a moment later.
_FIRST_PORT, _GIVEN_OUT_FROM = 20_000, 32_768
# Without letters and digits that are taken for one another: it is typed from a terminal.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Facts(BaseModel):
    """What an organisation's own file says."""

    slug: str
    name: str
    owner_email: str
    phone_number_id: str
    display_phone_number: str


class Player(Facts):
    """The same with the keys of its number, made once."""

    app_secret: str = Field(default_factory=lambda: secrets.token_hex(16), repr=False)
    verify_token: str = Field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    access_token: str = Field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


def _password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


class DemoKeys(BaseModel):
    """Made once for an installation."""

    password: str = Field(default_factory=_password, repr=False)
    twin_port: int
    # The port that the organisations' accounts point to; 0 before they were connected.
    connected_port: int = 0
    players: list[Player]

    def player(self, slug: str) -> Player | None:
        """The organisation of this slug."""
        return next((each for each in self.players if each.slug == slug), None)

    def twin_url(self, slug: str) -> str:
        """Where the twin of an organisation answers, as the base of a Graph API."""
        return f"http://{LOOPBACK}:{self.twin_port}/{slug}"


def keep(home: Path, organisations: Iterable[Facts]) -> DemoKeys:
    """The keys of this installation, made if there are none; of several processes at once one decides."""
    path = _path(home)
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        players = [Player(**each.model_dump()) for each in organisations]
        draft = _draft(path, DemoKeys(twin_port=free_port(), players=players))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return DemoKeys.model_validate_json(path.read_bytes())


def find(home: Path) -> DemoKeys | None:
    """The keys of this installation, if the demo was ever seeded here."""
    path = _path(home)
    return DemoKeys.model_validate_json(path.read_bytes()) if path.exists() else None


def move_twin(home: Path, kept: DemoKeys) -> DemoKeys:
    """The same keys with a port for the twins that is free now."""
    return _replace(home, kept.model_copy(update={"twin_port": free_port()}))


def note_connected(home: Path, kept: DemoKeys) -> DemoKeys:
    """The same keys, knowing that the accounts point to where the twins are."""
    return _replace(home, kept.model_copy(update={"connected_port": kept.twin_port}))


def wants_twin(settings: Settings) -> bool:
    """Whether WhatsApp is played by the twin: in no production, and where no other server is named."""
    named = settings.whatsapp_access_token is not None or "whatsapp_api_base" in settings.model_fields_set
    return not settings.is_production and not named


def free_port() -> int:
    """A port of this machine that nobody listens on, and that systems give to nobody by themselves."""
    return next(port for port in iter(_drawn_port, None) if is_free(port))


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether this port can be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True


def _drawn_port() -> int:
    return _FIRST_PORT + secrets.randbelow(_GIVEN_OUT_FROM - _FIRST_PORT)


def _path(home: Path) -> Path:
    return home / "demo.json"


def _replace(home: Path, kept: DemoKeys) -> DemoKeys:
    _draft(_path(home), kept).replace(_path(home))
    return kept


def _draft(path: Path, kept: DemoKeys) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(kept.model_dump_json(indent=2))
    return draft
