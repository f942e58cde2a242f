"""Sign-in and sign-out of agents (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.accounts.schemas import Login
from handoff.accounts.security import SESSION_COOKIE, SignedIn, check_origin
from handoff.accounts.sign_in import DEMO_ACCOUNTS, SignIn
from handoff.runtime.addresses import address_of
from handoff.runtime.limits.limits import Limits

router = APIRouter(prefix="/api")


class AccountServices(Protocol):
    """The services that these routes use."""

    @property
    def policy(self) -> DeskPolicy:
        """How the desk behaves."""

    @property
    def sign_in(self) -> SignIn:
        """The agents' sessions."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""


async def _services(request: Request) -> AccountServices:
    # Asynchronous, because FastAPI runs synchronous dependencies in a thread, which costs a millisecond each.
    services: AccountServices = request.app.state.services
    return services


Services = Annotated[AccountServices, Depends(_services)]


def _account(agent: Agent, demo: bool) -> dict[str, Any]:
    return {"login": agent.login, "name": agent.name, "role": agent.role, "capacity": agent.capacity, "demo": demo}


@router.get("/demo")
async def demo(services: Services) -> dict[str, Any]:
    """Whether this is demo mode, and the demo accounts (the password is the login)."""
    is_demo = services.sign_in.demo
    accounts = [{"login": login, "name": name, "role": role} for login, name, role in DEMO_ACCOUNTS] if is_demo else []
    return {"demo": is_demo, "accounts": accounts}


@router.post("/session")
async def sign_in(body: Login, request: Request, services: Services) -> JSONResponse:
    """Sign in: sets the session cookie for this site."""
    check_origin(request)
    address = address_of(request)
    async with services.limits.sign_in(address, body.login):
        token, agent = await services.sign_in.sign_in(body.login, body.password, address)
    response = JSONResponse(_account(agent, services.sign_in.demo))
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(services.policy.session_length.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/session")
async def session(agent: SignedIn, services: Services) -> dict[str, Any]:
    """The signed-in agent."""
    return _account(agent, services.sign_in.demo)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, services: Services) -> Response:
    """Sign out."""
    check_origin(request)
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await services.sign_in.sign_out(token)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE)
    return response
