"""The doors: where each channel is posted to, how a post is proved, and a good neighbour for a damaged item."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from lumi.api.house import House
from lumi.core.context import SYSTEM, Context
from lumi.integrations.gmail.fake import pushes
from lumi.integrations.graph import signature
from lumi.integrations.telegram import webhook_secret
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import SHORT_PATHS, Channel, Credentials
from lumi.modules.tenants.public import Tenant
from tests.bodies.mutations import Node, Pairs, read
from tests.bodies.recorded import Body, accounts

Proof = Callable[[str, bytes], Mapping[str, str]]


def _signed(secret: str, raw: bytes) -> Mapping[str, str]:
    return {signature.HEADER: signature.sign(secret, raw)}


def _with_secret(secret: str, _raw: bytes) -> Mapping[str, str]:
    return {webhook_secret.HEADER: secret}


def _by_google(secret: str, _raw: bytes) -> Mapping[str, str]:
    signs = orjson.loads(secret)
    return pushes.proof(signs["service_account"], signs["audience"])


# How the provider of a channel proves a post. At the door of one that is not here whatever is posted must be refused.
PROOFS: Mapping[Channel, Proof] = {
    Channel.WHATSAPP: _signed,
    Channel.INSTAGRAM: _signed,
    Channel.MESSENGER: _signed,
    Channel.TELEGRAM: _with_secret,
    Channel.GMAIL: _by_google,
}
_OBJECTS = {Channel.WHATSAPP: "whatsapp_business_account", Channel.INSTAGRAM: "instagram", Channel.MESSENGER: "page"}


@dataclass(frozen=True)
class Door:
    """One channel of one tenant: every path to it, and the account that is named in the longest."""

    channel: Channel
    paths: Sequence[str]
    account: str
    secret: str = field(repr=False)

    @property
    def is_provable(self) -> bool:
        """Whether we can post here as the provider does."""
        return self.channel in PROOFS

    def prove(self, raw: bytes) -> Mapping[str, str]:
        """What the provider would send along with these bytes."""
        proof = PROOFS.get(self.channel)
        return proof(self.secret, raw) if proof else {}

    def deny(self, raw: bytes) -> Mapping[str, str]:
        """What somebody else would send along."""
        proof = PROOFS.get(self.channel)
        return proof(self._somebody_elses(), raw) if proof else {}

    def _somebody_elses(self) -> str:
        if self.channel is not Channel.GMAIL:
            return "f" * len(self.secret)
        return orjson.dumps(orjson.loads(self.secret) | {"service_account": "mallory@elsewhere.example"}).decode()

    def beside(self, body: Node, key: str) -> Node | None:
        """The body with a good message, by this key, as its last item; None where bodies carry one thing each."""
        if not isinstance(body, Pairs):
            return None
        entries = [each for name, each in body if name == "entry"]
        if len(entries) != 1 or not isinstance(entries[0], list) or isinstance(entries[0], Pairs):
            return None
        kind = dict(body).get("object")
        if kind is None or kind != _OBJECTS.get(self.channel):
            return None
        whole: list[Node] = [*entries[0], read(self._neighbour(key))]
        return Pairs((name, whole if name == "entry" else each) for name, each in body)

    def _neighbour(self, key: str) -> str:
        if self.channel is Channel.WHATSAPP:
            return (
                '{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":'
                f'{{"phone_number_id":"{self.account}"}},"contacts":[{{"wa_id":"33600000077"}}],"messages":'
                f'[{{"from":"33600000077","id":"{key}","timestamp":"1795000000","type":"text",'
                '"text":{"body":"And me?"}}]}}]}'
            )
        return (
            f'{{"id":"{self.account}","time":1795000000123,"messaging":[{{"sender":{{"id":"7001002003004077"}},'
            f'"recipient":{{"id":"{self.account}"}},"timestamp":1795000000123,'
            f'"message":{{"mid":"{key}","text":"And me?"}}}}]}}'
        )


async def opened(
    house: House, tenant: Tenant, kinds: Sequence[Channel], known: Sequence[Body], *, nowhere: str, certs_url: str
) -> Sequence[Door]:
    """A door of each kind, with every account connected that the bodies are for.

    `nowhere`: what they send to; `certs_url`: where the keys are that pushes are signed with.
    """
    doors: list[Door] = []
    for kind in kinds:
        own, secret = f"6{secrets.randbelow(10**14):014}", secret_of(kind, certs_url)
        async with house.db.transaction(tenant.id) as session:
            ids = [
                await channels.connect(
                    Context(session, tenant.id, SYSTEM), channel=kind, external_id=external_id, name=kind.label,
                    credentials=Credentials(secret, secrets.token_hex(8), secrets.token_hex(8)),
                    settings={"api_base": nowhere},
                )
                for external_id in (own, *accounts(known, kind))
            ]  # fmt: skip
        doors.append(Door(kind, _paths(kind, ids[0]), own, secret))
    house.receiver.forget_apps()
    return doors


def secret_of(kind: Channel, certs_url: str) -> str:
    """What an app's posts are proved with; for Gmail, whose signature is believed."""
    if kind is not Channel.GMAIL:
        return secrets.token_hex(16)
    signs = {
        "service_account": "pusher@lumi.example",
        "audience": f"lumi-{secrets.token_hex(4)}",
        "certs_url": certs_url,
    }
    return orjson.dumps(signs).decode()


def _paths(kind: Channel, account_id: UUID) -> Sequence[str]:
    short = [f"/{path}" for path, channel in SHORT_PATHS.items() if channel is kind]
    return [*short, f"/webhooks/{kind}", f"/webhooks/{kind}/{account_id}"]
