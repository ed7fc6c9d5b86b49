"""Three providers: how each proves and shapes what people write, and where its twin is."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import orjson

from lumi.integrations.graph import signature
from lumi.integrations.telegram import webhook_secret
from lumi.modules.channels.public import Channel


@dataclass
class Provider:
    """A twin and the account a tenant has there; `hears_back`: it tells what became of a send."""

    channel: Channel
    external_id: str
    given: Mapping[str, str]
    twin: tuple[str, ...]
    """The words that start its twin."""
    environment: Mapping[str, str]
    log: Path
    hears_back: bool
    url: str = ""
    secret: str = ""
    """What its webhooks are proved with."""
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def message(self, person: str, text: str) -> tuple[str, bytes]:
        """What a person wrote: the id we know it by, and the body that is posted."""
        n, now = next(self._numbers), int(time.time())
        if self.channel is Channel.WHATSAPP:
            name = f"wamid.{secrets.token_hex(16)}"
            return name, orjson.dumps(_whatsapp(self.external_id, person, name, text, now))
        if self.channel is Channel.TELEGRAM:
            return f"{person}:{n}", orjson.dumps(_telegram(person, n, text, now))
        name = f"aWd.{secrets.token_hex(16)}"
        return name, orjson.dumps(_instagram(self.external_id, person, name, text, now))

    def proof(self, body: bytes) -> dict[str, str]:
        """The headers that show it is the provider's."""
        if self.channel is Channel.TELEGRAM:
            return {webhook_secret.HEADER: self.secret}
        return {signature.HEADER: signature.sign(self.secret, body)}


def _whatsapp(number: str, person: str, name: str, text: str, now: int) -> dict[str, object]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "33100000001", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Somebody"}, "wa_id": person}],
        "messages": [{"from": person, "id": name, "timestamp": str(now), "type": "text", "text": {"body": text}}],
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


def _telegram(person: str, n: int, text: str, now: int) -> dict[str, object]:
    sender = {"id": int(person), "is_bot": False, "first_name": "Somebody"}
    chat = {"id": int(person), "type": "private", "first_name": "Somebody"}
    message = {"message_id": n, "from": sender, "chat": chat, "date": now, "text": text}
    return {"update_id": 100_000_000 + n, "message": message}


def _instagram(account: str, person: str, name: str, text: str, now: int) -> dict[str, object]:
    item = {
        "sender": {"id": person}, "recipient": {"id": account}, "timestamp": now * 1000,
        "message": {"mid": name, "text": text},
    }  # fmt: skip
    return {"object": "instagram", "entry": [{"id": account, "time": now * 1000, "messaging": [item]}]}


def whatsapp(folder: Path) -> Provider:
    """WhatsApp, which carries our key back with each status."""
    number, secret, token = "310000000000001", secrets.token_hex(16), secrets.token_urlsafe(24)
    log = folder / "whatsapp.jsonl"
    return Provider(
        Channel.WHATSAPP, number, {"phone_number_id": number, "app_secret": secret, "access_token": token},
        ("lumi.integrations.whatsapp.fake", "--number", f"{number}=33100000001", "--log", str(log)),
        {"WHATSAPP_ACCESS_TOKEN": token, "WHATSAPP_APP_SECRET": secret}, log, hears_back=True, secret=secret,
    )  # fmt: skip


def telegram(folder: Path) -> Provider:
    """Telegram, which tells nothing of what became of a message."""
    bot = str(10**9 + secrets.randbelow(10**9))
    token = f"{bot}:AA{secrets.token_hex(16)}x"
    log = folder / "telegram.jsonl"
    return Provider(
        Channel.TELEGRAM, bot, {"bot_token": token}, ("lumi.integrations.telegram.fake", "--log", str(log)),
        {"TELEGRAM_BOT_TOKEN": token}, log, hears_back=False,
    )  # fmt: skip


def instagram(folder: Path) -> Provider:
    """Instagram, whose echoes tell what was sent."""
    account, secret, token = "17841400000000001", secrets.token_hex(16), secrets.token_urlsafe(24)
    log = folder / "instagram.jsonl"
    return Provider(
        Channel.INSTAGRAM, account, {"account_id": account, "app_secret": secret, "access_token": token},
        ("lumi.integrations.instagram.fake", "--account", account, "--log", str(log)),
        {"INSTAGRAM_ACCESS_TOKEN": token, "INSTAGRAM_APP_SECRET": secret}, log, hears_back=True, secret=secret,
    )  # fmt: skip
