"""The HTTP surface of accounts, under `/v1`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Query, Response

from lumi.core import auth, errors
from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import DEFAULT_LIMIT, Page
from lumi.core.problems import limited, refusals
from lumi.core.settings import get_settings
from lumi.modules.accounts.deps import (
    ApiKeysRead,
    ApiKeysWrite,
    AuditRead,
    CurrentCaller,
    CurrentEntrance,
    RolesRead,
    SignedInContext,
    StaffRead,
)
from lumi.modules.accounts.errors import (
    PermissionNotYours,
    SessionEnded,
    StaffOnly,
    TenantRequired,
    WrongCredentials,
)
from lumi.modules.accounts.schemas import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyRead,
    AuditEntryRead,
    MeRead,
    Refresh,
    RoleRead,
    SignedInRead,
    SignIn,
    StaffMemberRead,
)
from lumi.modules.accounts.services import api_keys, audit_log, principals, sessions, staff
from lumi.modules.accounts.services import sign_in as signing_in
from lumi.modules.accounts.values import REFRESH_LIFE, Keep, SignedIn

COOKIE = "lumi_refresh"
COOKIE_PATH = "/v1/auth"

router = APIRouter()
RefreshCookie = Annotated[str | None, Cookie(alias=COOKIE, max_length=512)]
GUARDED = refusals(errors.Unauthenticated, errors.Forbidden)


@router.post(
    "/auth/sign-in",
    dependencies=[auth.public],
    responses=refusals(WrongCredentials, TenantRequired, errors.TooManyRequests),
    openapi_extra=limited(network=signing_in.TRIES_A_MINUTE_PER_NETWORK, address=signing_in.TRIES_A_MINUTE_PER_ADDRESS),
    tags=["sign-in"],
)
async def sign_in(body: SignIn, caller: CurrentCaller, entrance: CurrentEntrance, response: Response) -> SignedInRead:
    """Sign in with e-mail address and password.

    If you work for several organisations and name none, the answer is 409 `tenant_required` with their list.
    """
    opened = await signing_in.sign_in(entrance, caller, email=body.email, password=body.password, slug=body.tenant)
    return _answer(opened, body.keep, response)


@router.post(
    "/auth/refresh",
    dependencies=[auth.public],
    responses=refusals(SessionEnded, errors.TooManyRequests),
    openapi_extra=limited(network=sessions.REFRESHES_A_MINUTE_PER_NETWORK),
    tags=["sign-in"],
)
async def refresh_session(
    caller: CurrentCaller,
    entrance: CurrentEntrance,
    response: Response,
    body: Refresh | None = None,
    cookie: RefreshCookie = None,
) -> SignedInRead:
    """Exchange the refresh token, from the body or else the cookie, for the next one and a new access token.

    Each refresh token is good for one use. A used one that comes back ends the session, except that the same
    client asking again within ten seconds gets the same successor.
    """
    given = body.refresh_token if body else None
    renewed = await sessions.refresh(entrance, caller, text=given or cookie or "")
    return _answer(renewed, Keep.BODY if given else Keep.COOKIE, response)


@router.post("/auth/sign-out", status_code=204, responses=refusals(errors.Unauthenticated, StaffOnly), tags=["sign-in"])
async def sign_out(
    ctx: SignedInContext, principal: auth.CurrentPrincipal, entrance: CurrentEntrance, response: Response
) -> None:
    """End this session: its refresh token at once, its access token within ten seconds."""
    if principal.session_id is None:
        raise StaffOnly
    await sessions.sign_out(ctx, entrance, session_id=principal.session_id)
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict")


@router.get("/auth/me", responses=refusals(errors.Unauthenticated), tags=["sign-in"])
async def get_me(ctx: SignedInContext, principal: auth.CurrentPrincipal) -> MeRead:
    """Who this token belongs to, and what it may do."""
    return MeRead.of(await principals.describe(ctx, principal))


@router.get("/staff", responses=GUARDED, tags=["staff"])
async def list_staff(ctx: StaffRead, limit: Limit = DEFAULT_LIMIT, cursor: CursorToken = None) -> Page[StaffMemberRead]:
    """The people who work here, by e-mail address."""
    return (await staff.list_staff(ctx, cursor=cursor, limit=limit)).map(StaffMemberRead.of)


@router.get("/roles", responses=GUARDED, tags=["staff"])
async def list_roles(ctx: RolesRead) -> Page[RoleRead]:
    """The roles of this organisation with their permissions, by name; there is one page."""
    return Page(items=[RoleRead.model_validate(role) for role in await staff.list_roles(ctx)])


@router.get("/api-keys", responses=GUARDED, tags=["API keys"])
async def list_api_keys(ctx: ApiKeysRead, limit: Limit = DEFAULT_LIMIT, cursor: CursorToken = None) -> Page[ApiKeyRead]:
    """API keys, newest first, the revoked ones too."""
    return (await api_keys.list_api_keys(ctx, cursor=cursor, limit=limit)).map(ApiKeyRead.model_validate)


@router.post(
    "/api-keys",
    status_code=201,
    responses=refusals(errors.Unauthenticated, errors.Forbidden, PermissionNotYours),
    tags=["API keys"],
)
async def create_api_key(ctx: ApiKeysWrite, principal: auth.CurrentPrincipal, body: ApiKeyCreate) -> ApiKeyCreated:
    """Make a key for a program. The answer shows it once; it is not stored.

    You can only give permissions that you have. The key works until it is revoked.
    """
    made = await api_keys.create_api_key(ctx, principal, name=body.name, permissions=body.permissions)
    return ApiKeyCreated.of(made)


@router.delete(
    "/api-keys/{key_id}",
    status_code=204,
    responses=refusals(errors.Unauthenticated, errors.Forbidden, errors.NotFound),
    tags=["API keys"],
)
async def revoke_api_key(ctx: ApiKeysWrite, principal: auth.CurrentPrincipal, key_id: UUID) -> None:
    """Revoke a key for good; it is refused everywhere within ten seconds."""
    await api_keys.revoke_api_key(ctx, key_id=key_id, by=principal.id)


@router.get("/audit", responses=GUARDED, tags=["audit"])
async def list_audit(
    ctx: AuditRead,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorToken = None,
    action: Annotated[str | None, Query(max_length=100, pattern=r"^[a-z_.]+$")] = None,
) -> Page[AuditEntryRead]:
    """Who did what, newest first."""
    page = await audit_log.list_audit(ctx, cursor=cursor, limit=limit, action=action)
    return page.map(AuditEntryRead.model_validate)


def _answer(opened: SignedIn, keep: Keep, response: Response) -> SignedInRead:
    if keep is Keep.COOKIE:
        response.set_cookie(
            COOKIE,
            opened.refresh_token,
            max_age=int(REFRESH_LIFE.total_seconds()),
            path=COOKIE_PATH,
            secure=get_settings().base_url.startswith("https://"),
            httponly=True,
            samesite="strict",
        )
    response.headers["Cache-Control"] = "no-store"
    return SignedInRead.of(opened, with_token=keep is Keep.BODY)
