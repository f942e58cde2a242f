"""Authentication of requests: customers' bearer tokens, agents' sessions, the bot's service token; and the client's address."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request

from handoff.accounts.agents import Agent, check_takes_conversations
from handoff.accounts.identity.proof import invalid_identity
from handoff.accounts.sign_in import SignIn
from handoff.runtime.addresses import address_of
from handoff.runtime.errors import NotAllowed

SESSION_COOKIE = "desk_session"
_ORIGIN_LENGTH = 32
#: Ends of the paths of requests that a page makes by itself: they show that the page is open, and not that the agent is at it.
_BY_ITSELF = ("/looking", "/here")


class SecurityServices(Protocol):
    """The services that these checks use."""

    @property
    def sign_in(self) -> SignIn:
        """The agents' sessions."""

    @property
    def service_token(self) -> str:
        """The bot's token."""


def _services_of(request: Request) -> SecurityServices:
    services: SecurityServices = request.app.state.services
    return services


def origin_of(request: Request) -> str:
    """A keyed hash of the client's address. It shows that two conversations have the same address, but not which."""
    key = _services_of(request).service_token.encode()
    return hmac.new(key, f"origin\x00{address_of(request)}".encode(), hashlib.sha256).hexdigest()[:_ORIGIN_LENGTH]


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header, or None; of two such headers neither counts."""
    given = request.headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def customer_token(request: Request) -> str:
    """The customer's token. Raises NotAllowed when the request has none."""
    token = bearer_token(request)
    if token is None:
        raise NotAllowed("no_token", "缺少会话凭证。", "The conversation's bearer token is missing.")
    return token


def proof_of_identity(request: Request, in_body: str | None = None) -> str | None:
    """The proof of identity in the Authorization header or in the body; None for an anonymous customer.

    An Authorization header that holds no proof is refused: a customer who meant to sign in must not end up anonymous unnoticed.
    Raises NotAllowed.
    """
    given = request.headers.getlist("authorization")
    if not given:
        return in_body
    proof = bearer_token(request)
    if proof is None or (in_body is not None and in_body != proof):
        raise invalid_identity("authorization")
    return proof


def check_service_token(request: Request) -> None:
    """Raise NotAllowed unless the request carries the bot's service token."""
    token = _services_of(request).service_token
    if not token or not hmac.compare_digest((bearer_token(request) or "").encode(), token.encode()):
        raise NotAllowed("wrong_service_token", "服务凭证不正确。", "The service token is missing or wrong.")


def check_origin(request: Request) -> None:
    """Raises NotAllowed unless a changing request with a cookie comes from this site's own pages (protection against CSRF)."""
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc != request.headers.get("host", ""):
        raise NotAllowed("wrong_origin", "请求来源不正确。", "The request must come from this site.", status=403)


async def signed_in(request: Request) -> Agent:
    """The signed-in agent. The origin of changing requests is checked first. Raises NotAllowed."""
    changes = request.method not in ("GET", "HEAD")
    if changes:
        check_origin(request)
    is_active = changes and not request.url.path.endswith(_BY_ITSELF)
    return await _services_of(request).sign_in.agent_of(request.cookies.get(SESSION_COOKIE), is_active=is_active)


async def conversation_agent(agent: Annotated[Agent, Depends(signed_in)]) -> Agent:
    """A signed-in agent who takes conversations. Raises NotAllowed."""
    check_takes_conversations(agent)
    return agent


SignedIn = Annotated[Agent, Depends(signed_in)]
ConversationAgent = Annotated[Agent, Depends(conversation_agent)]
