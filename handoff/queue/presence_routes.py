"""The routes of agents' presence (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from handoff.accounts.security import ConversationAgent, SignedIn
from handoff.queue.schemas import SetPresence
from handoff.queue.services import DeskServices

router = APIRouter(prefix="/api")


@router.put("/presence")
async def choose_presence(body: SetPresence, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """The agent's own state."""
    return await services.presence.choose(agent, body.state)


@router.post("/presence/active", status_code=204)
async def press_key(agent: SignedIn) -> Response:
    """The agent pressed a key or clicked. Every other request that changes something says so, too."""
    return Response(status_code=204)


@router.post("/presence/here", status_code=204)
async def answer_stream(agent: SignedIn) -> Response:
    """The page is open. A page sends this after what it receives from its stream, at most every 10 s."""
    return Response(status_code=204)


@router.put("/agents/{login}/presence")
async def choose_presence_of(
    login: Annotated[str, Path(max_length=100, pattern=r"^[^\x00]*$")],
    body: SetPresence,
    agent: ConversationAgent,
    services: DeskServices,
) -> dict[str, Any]:
    """A supervisor sets the state of an agent."""
    return await services.presence.choose_for(agent, login, body.state)
