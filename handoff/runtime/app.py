"""The application: routes, pages, headers."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from handoff.accounts.security import AppServices
from handoff.conversations import routes as customer_routes
from handoff.queue import bot_routes
from handoff.queue import routes as agent_routes
from handoff.runtime import metrics_routes
from handoff.runtime.errors import Unavailable
from handoff.runtime.hosts import AllowedHosts, HostCheck
from handoff.runtime.http_errors import install_error_handlers
from handoff.runtime.metrics import Metrics
from handoff.runtime.request_log import RequestLog
from handoff.runtime.transaction import Store

_PAGES = Path(__file__).parents[1] / "pages"
_MAX_BODY_BYTES = 64 * 1024
#: Who asks whether the desk is ready does not wait for long, either.
_DATABASE_SECONDS = 2.0
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class HeadersAndLimits:
    """Adds the security headers to every answer, and refuses bodies that no message can have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > _MAX_BODY_BYTES:
                # An HTTPException, because FastAPI takes any other one while it reads a body for a broken body.
                raise HTTPException(413)
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/pages/"):
                    # Revalidated each time: an update of the desk must not meet last week's modules in a browser.
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        await self._app(scope, counted, with_headers)


def make_app(lifespan: Lifespan[FastAPI], widget_origins: list[str], metrics: Metrics, hosts: AllowedHosts) -> FastAPI:
    """The application without its services, which `lifespan` puts into `app.state.services`.

    `widget_origins`: other sites that may embed the chat; their pages may call the customer's API with its bearer token, never
    with a cookie. `hosts`: under which names the desk answers.
    """
    app = FastAPI(title="Wallet Triage desk", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.add_middleware(HeadersAndLimits)
    if widget_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=widget_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "Accept-Language"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(RequestLog, metrics=metrics)
    app.add_middleware(HostCheck, allowed=hosts)  # the last one is the outermost: nothing else sees a foreign request
    install_error_handlers(app)
    for routes in (customer_routes.router, agent_routes.router, bot_routes.router, metrics_routes.router):
        app.include_router(routes)
    _add_health_routes(app)
    _add_pages(app)
    return app


def _add_health_routes(app: FastAPI) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """This process is alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz(services: AppServices) -> JSONResponse:
        """Whether the database and at least one bot (with its action server) can be reached."""
        bot, database = await asyncio.gather(services.bots.ping(), _answers(services.store))
        checks = {"bot": bot, "database": database}
        ready = all(checks.values())
        return JSONResponse({"status": "ready" if ready else "not_ready", "checks": checks}, 200 if ready else 503)


async def _answers(store: Store) -> bool:
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            await store.ping()
    except (Unavailable, TimeoutError):
        return False
    return True


def _add_pages(app: FastAPI) -> None:
    for address, file in (("/", "help/help.html"), ("/console", "console/console.html"), ("/widget.js", "chat/widget.js")):
        _add_page(app, address, _PAGES / file)
    app.mount("/pages", StaticFiles(directory=_PAGES), name="pages")


def _add_page(app: FastAPI, address: str, file: Path) -> None:
    @app.get(address, include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(file, headers={"Cache-Control": "no-cache"})
