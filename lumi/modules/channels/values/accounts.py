"""Accounts at a provider: who signs, what connecting takes, what is known of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lumi.modules.channels.values.kinds import AccountState, Channel

# What tells processes that an account is as they know it, in the cache, under its id.
ACCOUNT_KEPT_AS = "channel_account"


@dataclass(frozen=True, slots=True)
class ProviderApp:
    """Who may sign on a path, and which accounts are theirs (provider's id → our id)."""

    tenant_id: UUID
    id: UUID
    secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    accounts: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account, ready to send."""

    tenant_id: UUID
    id: UUID
    channel: Channel
    external_id: str
    name: str
    access_token: str = field(repr=False)
    settings: Mapping[str, object]
    token_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """Something the owner of an account has from its provider.

    `name` is what it is called in the API and, behind the channel's name, in the environment. `is_id`: the provider's
    id of the account itself. Where there are several ways to let us in, `way` is the one it belongs to: an account is
    connected in one of them, and `required` means there.
    """

    name: str
    says: str
    secret: bool = True
    required: bool = True
    is_id: bool = False
    way: str | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody wants connected: what the owner has, by the names of the channel's needs; `name` is for staff."""

    channel: Channel
    given: Mapping[str, str] = field(repr=False)
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An account as its owner describes it, with what lets us hear and speak.

    `app_secret` proves what is posted to us, `access_token` is whatever lets us send. `verify_token`: the word the
    provider asks back when its owner enters our address there; None where nobody enters anything.
    """

    external_id: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    verify_token: str | None = field(default=None, repr=False)
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """An account as its owner sees it.

    `was_heard`: something came in these last weeks. `webhook_path`: where its provider posts, None where nobody does.
    `has_templates`: its provider approves texts before they are sent; `from_outside`: people outside write to it.
    """

    id: UUID
    channel: Channel
    external_id: str
    name: str
    connected_at: datetime
    disconnected_at: datetime | None
    was_heard: bool
    webhook_path: str | None
    state: AccountState
    voice_answers: bool = True
    has_templates: bool = False
    from_outside: bool = True
