"""Sessions: opened at sign-in, renewed by their refresh token, ended by sign-out or by a copied token.

The refresh token changes with every use. A used one that comes back means that somebody has a copy, so the
session ends for both; only the same client asking twice within ten seconds (two tabs, a retry) gets the same
successor again.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core import clock, crypto
from lumi.core.audit import audit
from lumi.core.context import Actor, ActorKind, Context
from lumi.core.ids import new_id
from lumi.core.limits import network
from lumi.core.logging import get_logger
from lumi.core.principal import request_id
from lumi.modules.accounts import repository, rules
from lumi.modules.accounts.errors import SessionEnded
from lumi.modules.accounts.models import RefreshToken, SignInSession
from lumi.modules.accounts.services import tokens
from lumi.modules.accounts.services.entrance import Entrance
from lumi.modules.accounts.values import (
    REFRESH_GRACE,
    REFRESH_LIFE,
    SESSION_LIFE,
    AccessClaims,
    Caller,
    Organisation,
    Person,
    RefreshVerdict,
    RevokedWhy,
    SignedIn,
    Standing,
    Token,
)
from lumi.modules.tenants import public as tenants

log = get_logger(__name__)

REFRESHES_A_MINUTE_PER_NETWORK = 120
LONGEST_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that is alive, with the refresh token that continues it."""

    id: UUID
    refresh_token: str = field(repr=False)
    organisation: Organisation
    standing: Standing


async def open_session(ctx: Context, caller: Caller, person: Person, organisation: Organisation) -> OpenSession:
    """A new session of a member, with its first refresh token."""
    row = SignInSession(
        tenant_id=ctx.tenant_id,
        id=new_id(),
        identity_id=person.id,
        user_agent=_client(caller),
        created_at=ctx.now,
        seen_at=ctx.now,
        expires_at=ctx.now + SESSION_LIFE,
    )
    await repository.add_session(ctx.session, row)
    token = await _add_token(ctx, row.id)
    standing = await repository.find_standing(ctx.session, row.id, person.id, ctx.now)
    if standing is None:
        raise SessionEnded
    await audit(ctx, "accounts.signed_in", target=f"session:{row.id}")
    return OpenSession(row.id, token.text, organisation, standing)


async def refresh(entrance: Entrance, caller: Caller, *, text: str) -> SignedIn:
    """A new access token and the next refresh token; SessionEnded when the session is over or was copied."""
    await entrance.limiter.hit("refresh", network(caller.address), per_minute=REFRESHES_A_MINUTE_PER_NETWORK)
    token = rules.read_refresh_token(text)
    if token is None:
        raise SessionEnded
    now = clock.now()
    async with entrance.database.transaction(token.tenant_id) as session:
        # A refusal is a value in here: raising would roll the end of a copied session back.
        renewed = await _renew(session, caller, token, now)
    if renewed is None:
        raise SessionEnded
    return signed_in(entrance, renewed, now)


async def sign_out(ctx: Context, entrance: Entrance, *, session_id: UUID) -> None:
    """End the session: its refresh token is worth nothing any more, its access token within ten seconds."""
    if await repository.end_session(ctx.session, session_id, RevokedWhy.SIGNED_OUT, ctx.now):
        await audit(ctx, "accounts.signed_out", target=f"session:{session_id}")
    entrance.standings.forget((ctx.tenant_id, session_id))


def signed_in(entrance: Entrance, opened: OpenSession, now: datetime) -> SignedIn:
    """What the client gets for an open session."""
    person, organisation = opened.standing.person, opened.organisation
    expires_at = tokens.expiry(now, entrance.access_minutes)
    claims = AccessClaims(person.id, organisation.id, opened.id, expires_at)
    return SignedIn(
        access_token=tokens.issue(entrance.keys, claims, now),
        expires_in=entrance.access_minutes * 60,
        refresh_token=opened.refresh_token,
        organisation=organisation,
        person=person,
        permissions=opened.standing.permissions,
    )


def context_of(session: AsyncSession, tenant_id: UUID, person: Person, now: datetime) -> Context:
    """The context of somebody who is just coming in."""
    return Context(session, tenant_id, Actor(ActorKind.STAFF, person.id, person.name), now, request_id())


async def _renew(session: AsyncSession, caller: Caller, token: Token, now: datetime) -> OpenSession | None:
    row = await repository.lock_session_of(session, token.id)
    if row is None:
        return None
    kept = await repository.get_refresh_token(session, token.id)
    standing = await repository.find_standing(session, row.id, row.identity_id, now)
    if standing is None or not hmac.compare_digest(kept.digest, crypto.digest(token.text)):
        return None
    ctx = context_of(session, token.tenant_id, standing.person, now)
    successor = await _successor(ctx, caller, row, kept)
    if successor is None:
        return None
    tenant = await tenants.get(ctx)
    return OpenSession(row.id, successor, Organisation(tenant.id, tenant.slug, tenant.name), standing)


async def _successor(ctx: Context, caller: Caller, row: SignInSession, kept: RefreshToken) -> str | None:
    same_client = row.user_agent == _client(caller)
    verdict = rules.judge_refresh(rules.Presented(kept.expires_at, kept.used_at, same_client), ctx.now)
    if verdict is RefreshVerdict.ROTATE:
        return await _rotate(ctx, row, kept)
    if verdict is RefreshVerdict.REPEAT and kept.successor is not None:
        return crypto.open_sealed(kept.successor, tenant_id=ctx.tenant_id).decode()
    if verdict is RefreshVerdict.REUSED:
        await repository.end_session(ctx.session, row.id, RevokedWhy.REUSED, ctx.now)
        await audit(ctx, "accounts.session_reuse_detected", target=f"session:{row.id}")
        log.warning("a used refresh token came back, the session is ended", session_id=row.id)
    return None


async def _rotate(ctx: Context, row: SignInSession, kept: RefreshToken) -> str:
    token = await _add_token(ctx, row.id)
    kept.used_at = ctx.now
    kept.successor = crypto.seal(token.text, tenant_id=ctx.tenant_id)
    row.seen_at = ctx.now
    await ctx.session.flush()
    await repository.forget_successors(ctx.session, row.id, ctx.now - REFRESH_GRACE)
    return token.text


async def _add_token(ctx: Context, session_id: UUID) -> Token:
    token = rules.refresh_token(ctx.tenant_id, new_id(), secrets.token_bytes(rules.SECRET_BYTES))
    row = RefreshToken(
        tenant_id=ctx.tenant_id,
        id=token.id,
        session_id=session_id,
        digest=crypto.digest(token.text),
        expires_at=ctx.now + REFRESH_LIFE,
    )
    await repository.add_refresh_token(ctx.session, row, ctx.now)
    return token


def _client(caller: Caller) -> str:
    return caller.user_agent.replace("\0", "")[:LONGEST_USER_AGENT]
