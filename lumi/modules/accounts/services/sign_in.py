"""Signing in with e-mail address and password."""

from lumi.core import clock, crypto
from lumi.core.limits import network
from lumi.core.logging import get_logger
from lumi.modules.accounts import repository, rules
from lumi.modules.accounts.errors import TenantRequired, WrongCredentials
from lumi.modules.accounts.repository import Candidate
from lumi.modules.accounts.services import sessions
from lumi.modules.accounts.services.entrance import Entrance
from lumi.modules.accounts.values import Caller, Organisation, SignedIn

log = get_logger(__name__)

# One network cannot use up what an address is allowed: a stranger's wrong guesses keep nobody out.
TRIES_A_MINUTE_PER_NETWORK = 10
TRIES_A_MINUTE_PER_ADDRESS = 30


async def sign_in(entrance: Entrance, caller: Caller, *, email: str, password: str, slug: str | None) -> SignedIn:
    """Open a session in the tenant `slug`, or in the only one the person works for.

    Refuses wrong credentials without saying which part was wrong and with the same work done for an unknown
    address; asks for the tenant (TenantRequired) only once the password was right.
    """
    address = rules.fold_address(email)
    await _limit(entrance, caller, address)
    candidate = await _recognise(entrance, address, password)
    organisation = _choose(candidate.organisations, slug)
    replacement = await _outdated_replacement(entrance, candidate, password)
    now = clock.now()
    async with entrance.database.transaction(organisation.id) as session:
        ctx = sessions.context_of(session, organisation.id, candidate.person, now)
        opened = await sessions.open_session(ctx, caller, candidate.person, organisation)
        if replacement is not None:
            await repository.rehash(session, candidate.person.id, *replacement)
    return sessions.signed_in(entrance, opened, now)


async def _limit(entrance: Entrance, caller: Caller, address: str) -> None:
    hit = entrance.limiter.hit
    await hit("sign-in", network(caller.address), per_minute=TRIES_A_MINUTE_PER_NETWORK)
    await hit("sign-in-address", crypto.digest(address).hex(), per_minute=TRIES_A_MINUTE_PER_ADDRESS)


async def _recognise(entrance: Entrance, address: str, password: str) -> Candidate:
    # No connection is held while the hash is computed.
    async with entrance.database.transaction(None) as session:
        candidate = await repository.find_candidate(session, address)
    right = await entrance.passwords.verify(candidate.password_hash if candidate else None, password)
    if candidate is None or not right:
        log.info("sign-in refused")
        raise WrongCredentials
    return candidate


def _choose(places: tuple[Organisation, ...], slug: str | None) -> Organisation:
    if slug is None and len(places) > 1:
        raise TenantRequired(tenants=[{"slug": place.slug, "name": place.name} for place in places])
    for place in places:
        if slug in {None, place.slug}:
            return place
    raise WrongCredentials


async def _outdated_replacement(entrance: Entrance, candidate: Candidate, password: str) -> tuple[str, str] | None:
    """The stored hash and its successor, when it was made with other parameters than today's."""
    stored = candidate.password_hash
    if stored is None or not entrance.passwords.is_outdated(stored):
        return None
    return stored, await entrance.passwords.hash(password)
