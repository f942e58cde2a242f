"""The application: routes, pages, headers."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import Lifespan

from handoff.runtime.hosts import AllowedHosts, HostCheck
from handoff.runtime.http_errors import install_error_handlers
from handoff.runtime.metrics import Metrics
from handoff.runtime.page_routes import Pages, page_routes
from handoff.runtime.request_log import RequestLog
from handoff.runtime.security_headers import HeadersAndLimits


def make_app(
    lifespan: Lifespan[FastAPI],
    routers: Iterable[APIRouter],
    pages: Pages,
    widget_origins: list[str],
    metrics: Metrics,
    hosts: AllowedHosts,
) -> FastAPI:
    """The application without its services, which `lifespan` puts into `app.state.services`.

    `routers`: the rooms' routes. `pages`: the page routes. `widget_origins`: other sites that may embed the chat. Their pages
    may call the customer API with a bearer token, never with a cookie. `hosts`: the host names that the desk accepts.
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
    app.add_middleware(HostCheck, allowed=hosts)  # added last, so outermost: runs before any other middleware
    install_error_handlers(app)
    for router in routers:
        app.include_router(router)
    app.router.routes.extend(page_routes(pages))
    return app
