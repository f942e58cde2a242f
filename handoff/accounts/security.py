"""Who is asking: customers' bearer tokens, agents' sessions, the bot's service token; and where from."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Request

from handoff.accounts.agents import Agent
from handoff.queue.agent_desk import check_takes_conversations
from handoff.runtime.errors import NotAllowed
from handoff.runtime.services import Services, services_of

logger = structlog.get_logger(__name__)

SESSION_COOKIE = "desk_session"
_IPV6_NETWORK = 64  # what a provider gives to one customer, who can choose any address in it
_ORIGIN_LENGTH = 32
_WARN_SECONDS = 600.0
_warned_at = -_WARN_SECONDS


def network_of(host: str) -> str:
    """The address that limits count by: an IPv4 address, an IPv6 /64, or "unknown" for what is neither (a Unix socket)."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
        address = address.ipv4_mapped
    return str(address)


def address_of(request: Request) -> str:
    """Where a request comes from. Uvicorn has read X-Forwarded-For by now, if it came from FORWARDED_ALLOW_IPS."""
    host = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for")
    if forwarded is not None and host not in forwarded:
        _warn_of_proxy()
    return network_of(host)


def _warn_of_proxy() -> None:
    """Behind a proxy that is not trusted all customers share one address, and its limits."""
    global _warned_at
    if time.monotonic() - _warned_at >= _WARN_SECONDS:
        _warned_at = time.monotonic()
        logger.warning("proxy.not_trusted")


def origin_of(request: Request) -> str:
    """A keyed hash of the address: tells that two conversations come from the same one, not from which."""
    key = services_of(request).service_token.encode()
    return hmac.new(key, f"origin\x00{address_of(request)}".encode(), hashlib.sha256).hexdigest()[:_ORIGIN_LENGTH]


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header, if there is one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def customer_token(request: Request) -> str:
    """The customer's token. Raises NotAllowed when there is none."""
    token = bearer_token(request)
    if token is None:
        raise NotAllowed("no_token", "缺少会话凭证。", "The conversation's bearer token is missing.")
    return token


def check_service_token(request: Request, services: Services) -> None:
    """Raises NotAllowed unless the bot is asking."""
    if not services.service_token or not hmac.compare_digest(
        (bearer_token(request) or "").encode(), services.service_token.encode()
    ):
        raise NotAllowed("wrong_service_token", "服务凭证不正确。", "The service token is missing or wrong.")


def check_origin(request: Request) -> None:
    """Raises NotAllowed unless a changing call with a cookie comes from this site's own pages (no cross-site forgery)."""
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc != request.headers.get("host", ""):
        raise NotAllowed("wrong_origin", "请求来源不正确。", "The request must come from this site.", status=403)


async def signed_in(request: Request) -> Agent:
    """The signed-in agent; for changing calls the origin is checked first. Raises NotAllowed."""
    if request.method not in ("GET", "HEAD"):
        check_origin(request)
    return await services_of(request).sign_in.agent_of(request.cookies.get(SESSION_COOKIE))


async def conversation_agent(agent: Annotated[Agent, Depends(signed_in)]) -> Agent:
    """A signed-in agent who handles conversations. Raises NotAllowed."""
    check_takes_conversations(agent)
    return agent


async def app_services(request: Request) -> Services:
    """The application's services. Asynchronous, because FastAPI runs other dependencies in a thread, at a millisecond each."""
    return services_of(request)


SignedIn = Annotated[Agent, Depends(signed_in)]
ConversationAgent = Annotated[Agent, Depends(conversation_agent)]
AppServices = Annotated[Services, Depends(app_services)]
