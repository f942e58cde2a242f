"""The application: routes, pages, headers."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.types import Lifespan

from handoff.accounts.security import AppServices
from handoff.conversations import routes as customer_routes
from handoff.queue import bot_routes
from handoff.queue import routes as agent_routes
from handoff.runtime import metrics_routes
from handoff.runtime.errors import Unavailable
from handoff.runtime.hosts import AllowedHosts, HostCheck
from handoff.runtime.http_errors import install_error_handlers
from handoff.runtime.metrics import Metrics
from handoff.runtime.page_routes import Pages, page_routes
from handoff.runtime.request_log import RequestLog
from handoff.runtime.security_headers import HeadersAndLimits
from handoff.runtime.store import Store

#: Who asks whether the desk is ready does not wait for long, either.
_DATABASE_SECONDS = 2.0


def make_app(
    lifespan: Lifespan[FastAPI], widget_origins: list[str], metrics: Metrics, hosts: AllowedHosts, pages: Pages
) -> FastAPI:
    """The application without its services, which `lifespan` puts into `app.state.services`.

    `widget_origins`: other sites that may embed the chat; their pages may call the customer's API with its bearer token, never
    with a cookie. `hosts`: under which names the desk answers. `pages`: what browsers load.
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
    app.router.routes.extend(page_routes(pages))
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
