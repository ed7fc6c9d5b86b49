"""The pages people open: the chat of an organisation, the widget for other sites, the console, the documentation."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from lumi.api import built
from lumi.api.inside import Inside
from lumi.core import auth

router = APIRouter(include_in_schema=False, dependencies=[auth.public])

_DOCS_POLICY = built.POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


@router.get("/")
async def show_console_first() -> Response:
    """Where there is no landing page, the console is the front door."""
    return RedirectResponse("/console", 307)


@router.get("/chat/{slug}")
async def show_chat(request: Request, house: Inside, slug: str) -> Response:
    """The chat of an organisation as a page of its own; 404 with the same page for a name nobody has."""
    tenant = await house.directory.find_by_slug(slug)
    status = 200 if tenant else 404
    return await run_in_threadpool(built.page, request, "widget/frame.html", ancestors="'self'", status=status)


@router.get("/widget/frame/{slug}")
async def show_widget_frame(request: Request, house: Inside, slug: str) -> Response:
    """The chat inside somebody's page: only on sites the organisation has listed."""
    tenant = await house.directory.find_by_slug(slug)
    listed = tenant.settings.widget_origins if tenant else ()
    ancestors, status = " ".join(["'self'", *listed]), 200 if tenant else 404
    return await run_in_threadpool(built.page, request, "widget/frame.html", ancestors=ancestors, status=status)


@router.get("/widget.js")
def load_widget(request: Request) -> Response:
    """The loader that other sites put into their pages."""
    answer = built.asset(request, "widget/widget.js", kept=built.FIVE_MINUTES)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@router.get("/assets/widget/{name:path}")
def load_widget_asset(request: Request, name: str) -> Response:
    """What the chat loads; the name says the content, so it never changes."""
    return built.asset(request, f"widget/{name}")


@router.get("/console/assets/{name:path}")
def load_console_asset(request: Request, name: str) -> Response:
    """What the console loads; the name says the content, so it never changes."""
    return built.asset(request, f"console/assets/{name}")


@router.get("/console")
@router.get("/console/{_place:path}")
def show_console(request: Request, _place: str = "") -> Response:
    """The console, whichever of its places is asked for."""
    return built.page(request, "console/index.html")


@router.get("/docs")
def show_api_documentation(request: Request) -> Response:
    """The API, to read and to try."""
    return built.page(request, "docs/index.html", policy=_DOCS_POLICY)


@router.get("/docs/assets/{name:path}")
def load_docs_asset(request: Request, name: str) -> Response:
    """What the documentation loads."""
    return built.asset(request, f"docs/assets/{name}", kept=built.FIVE_MINUTES)
