"""The routes of first aid (docs/contracts.md): the customer's orders, the agents' orders, and the second person."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from handoff.accounts.security import ConversationAgent, customer_token
from handoff.cases.first_aid.agents import AgentFirstAid, AgentRequest
from handoff.cases.first_aid.ordering import Ordered, Ordering
from handoff.cases.first_aid.schemas import OrderFirstAid, OrderForCustomer
from handoff.conversations.routes import limit_writing
from handoff.runtime.errors import BadInput, Conflict

router = APIRouter(prefix="/api")
Key = Annotated[str, Path(max_length=300)]


class FirstAidServices(Protocol):
    """What these routes work with."""

    @property
    def first_aid_orders(self) -> Ordering:
        """Orders of customers."""

    @property
    def agent_first_aid(self) -> AgentFirstAid:
        """Orders and proposals of agents."""


async def _services(request: Request) -> FirstAidServices:
    services: FirstAidServices = request.app.state.services
    return services


Services = Annotated[FirstAidServices, Depends(_services)]


@router.post("/conversations/{conversation_id}/first-aid")
async def order(conversation_id: str, body: OrderFirstAid, request: Request, services: Services) -> dict[str, Any]:
    """The customer orders an action; `{state, why?}`."""
    token = customer_token(request)
    await limit_writing(request, conversation_id)
    if not body.confirm:
        raise Conflict("confirm_needed", "请先确认。", "Please confirm first.", action=body.action)
    return await services.first_aid_orders.order(conversation_id, token, Ordered(body.action, body.key, _target(body)))


@router.get("/conversations/{conversation_id}/first-aid/agent")
async def look(conversation_id: str, agent: ConversationAgent, services: Services) -> JSONResponse:
    """What an agent can order, and what was ordered."""
    found = await services.agent_first_aid.look(agent, conversation_id)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


@router.get("/conversations/{conversation_id}/first-aid/targets")
async def targets(
    conversation_id: str, action: Annotated[str, Query(max_length=100)], agent: ConversationAgent, services: Services
) -> JSONResponse:
    """What an action can be about, asked of the wallet."""
    found = await services.agent_first_aid.targets(agent, conversation_id, action)
    return JSONResponse({"targets": found}, headers={"Cache-Control": "no-store"})


@router.post("/conversations/{conversation_id}/first-aid/agent")
async def order_as_agent(
    conversation_id: str, body: OrderForCustomer, agent: ConversationAgent, services: Services
) -> JSONResponse:
    """An agent orders an action (200), or proposes one that needs a second person (202)."""
    request = AgentRequest(body.action, body.key, body.reason, _target(body))
    answer, is_proposal = await services.agent_first_aid.order(agent, conversation_id, request)
    return JSONResponse(answer, status_code=202 if is_proposal else 200)


@router.post("/conversations/{conversation_id}/first-aid/proposals/{key}/approve")
async def approve(conversation_id: str, key: Key, agent: ConversationAgent, services: Services) -> dict[str, Any]:
    """A second person agrees: the action is ordered."""
    return await services.agent_first_aid.decide(agent, conversation_id, key, is_approved=True)


@router.post("/conversations/{conversation_id}/first-aid/proposals/{key}/reject")
async def reject(conversation_id: str, key: Key, agent: ConversationAgent, services: Services) -> dict[str, Any]:
    """Somebody rejects a proposal; who made it may take it back."""
    return await services.agent_first_aid.decide(agent, conversation_id, key, is_approved=False)


@router.get("/first-aid/proposals")
async def proposals(agent: ConversationAgent, services: Services) -> JSONResponse:
    """The proposals that wait for a second person."""
    found = await services.agent_first_aid.proposals(agent)
    return JSONResponse({"proposals": found}, headers={"Cache-Control": "no-store"})


def _target(body: OrderFirstAid | OrderForCustomer) -> str | None:
    """The one thing that is named. Raises BadInput for several."""
    named = [target for target in (body.transaction, body.payee, body.card) if target is not None]
    if len(named) > 1:
        zh, en = "请求不正确：只能指定一个对象。", "Name one of transaction, payee and card."
        raise BadInput("bad_request", zh, en, field="transaction")
    return named[0] if named else None
