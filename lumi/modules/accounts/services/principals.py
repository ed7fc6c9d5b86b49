"""Whose token is this: access tokens and API keys become principals.

A signature says that a token was ours; whether its session still lives and what the role allows is looked up
and remembered for ten seconds, in this process alone. So a sign-out, a lost membership, a changed role or a
revoked key counts everywhere within ten seconds.
"""

import hmac

from lumi.core import clock, crypto
from lumi.core.context import ActorKind, Context
from lumi.core.errors import Unauthenticated
from lumi.core.principal import Principal
from lumi.modules.accounts import repository, rules
from lumi.modules.accounts.services import tokens
from lumi.modules.accounts.services.entrance import Entrance
from lumi.modules.accounts.values import AccessClaims, Me, Organisation, Standing
from lumi.modules.tenants import public as tenants


async def authenticate(entrance: Entrance, token: str) -> Principal:
    """The principal of an access token or API key; raises Unauthenticated, never saying why."""
    if token.startswith(rules.API_KEY_PREFIX):
        return await _by_api_key(entrance, token)
    claims = tokens.read(entrance.keys, token, clock.now())
    standing = entrance.standings.get((claims.tenant_id, claims.session_id))
    if standing is None:
        standing = entrance.standings.put((claims.tenant_id, claims.session_id), await _look_up(entrance, claims))
    if standing.person.id != claims.identity_id:
        raise Unauthenticated
    return Principal(
        kind=ActorKind.STAFF,
        id=claims.identity_id,
        tenant_id=claims.tenant_id,
        name=standing.person.name,
        permissions=standing.permissions,
        session_id=claims.session_id,
        expires_at=claims.expires_at,
    )


async def describe(ctx: Context, principal: Principal) -> Me:
    """The principal with the names a person wants to see."""
    tenant = await tenants.get(ctx)
    place = Organisation(tenant.id, tenant.slug, tenant.name)
    is_staff = principal.kind is ActorKind.STAFF
    person = await repository.find_person(ctx.session, principal.id) if is_staff else None
    return Me(principal.id, principal.name, person, place, principal.permissions)


async def _look_up(entrance: Entrance, claims: AccessClaims) -> Standing:
    async with entrance.database.transaction(claims.tenant_id) as session:
        standing = await repository.find_standing(session, claims.session_id, claims.identity_id, clock.now())
    if standing is None:
        raise Unauthenticated
    return standing


async def _by_api_key(entrance: Entrance, text: str) -> Principal:
    digest = crypto.digest(text)
    known = entrance.api_keys.get(digest)
    if known is not None:
        return known
    key = rules.read_api_key(text)
    if key is None:
        raise Unauthenticated
    now = clock.now()
    async with entrance.database.transaction(key.tenant_id) as session:
        row = await repository.find_api_key(session, key.id)
        if row is None or row.revoked_at is not None or not hmac.compare_digest(row.digest, digest):
            raise Unauthenticated
        await repository.note_use(session, key.id, now)
    principal = Principal(
        kind=ActorKind.API_KEY,
        id=key.id,
        tenant_id=key.tenant_id,
        name=row.name,
        permissions=frozenset(row.permissions),
    )
    return entrance.api_keys.put(digest, principal)
