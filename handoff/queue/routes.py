"""The agents' API (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from content.desk_policy import file_locale
from handoff.accounts.agents import Agent
from handoff.accounts.security import SESSION_COOKIE, AppServices, ConversationAgent, SignedIn, address_of, check_origin
from handoff.accounts.sign_in import DEMO_ACCOUNTS
from handoff.conversations.routes import Seq
from handoff.queue.agent_desk import Seen
from handoff.runtime.schemas import Access, LetGo, Login, Note, ResolveWaiting, Transfer
from handoff.runtime.streams import resume_after, stream_log, stream_queue, wants_stream
from language.recognition import written_as

router = APIRouter(prefix="/api")


def _account(agent: Agent, demo: bool) -> dict[str, Any]:
    return {"login": agent.login, "name": agent.name, "role": agent.role, "capacity": agent.capacity, "demo": demo}


@router.get("/demo")
async def demo(services: AppServices) -> dict[str, Any]:
    """Whether this is demo mode, and its accounts (password = login)."""
    is_demo = services.sign_in.demo
    accounts = [{"login": login, "name": name, "role": role} for login, name, role in DEMO_ACCOUNTS] if is_demo else []
    return {"demo": is_demo, "accounts": accounts}


@router.post("/session")
async def sign_in(body: Login, request: Request, services: AppServices) -> JSONResponse:
    """Sign in: a cookie for this site."""
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
async def session(agent: SignedIn, services: AppServices) -> dict[str, Any]:
    """Who is signed in."""
    return _account(agent, services.sign_in.demo)


@router.delete("/session", status_code=204)
async def sign_out(request: Request, services: AppServices) -> Response:
    """Sign out."""
    check_origin(request)
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await services.sign_in.sign_out(token)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/queue")
async def read_queue(
    request: Request,
    agent: ConversationAgent,
    services: AppServices,
    after: Annotated[str | None, Query(max_length=200)] = None,
    same_address: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Who waits (by pages), who has whom, who is there; once, or as a stream. `same_address`: the cases behind one card."""
    if wants_stream(request):
        return stream_queue(services, agent, request.cookies.get(SESSION_COOKIE))
    if same_address:
        body: dict[str, Any] = {"waiting": await services.agent_desk.same_address(same_address)}
    else:
        body = await services.agent_desk.queue(agent, after)
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@router.post("/queue/resolve")
async def resolve_waiting(body: ResolveWaiting, agent: ConversationAgent, services: AppServices) -> dict[str, Any]:
    """A supervisor closes several waiting conversations."""
    chosen = [Seen(each.id, each.seen_seq) for each in body.conversations]
    return {"results": await services.agent_desk.resolve_waiting(agent, chosen, body.note)}


@router.get("/conversations/{conversation_id}/log")
async def read_log(
    conversation_id: str, request: Request, agent: ConversationAgent, services: AppServices, after: Seq = 0
) -> Response:
    """The whole conversation with the bot's decisions; once, or as a stream."""
    after = resume_after(request, after)
    if wants_stream(request):
        await services.agent_desk.log(agent, conversation_id, after, limit=0)  # refused before the stream begins
        return stream_log(services, request.cookies.get(SESSION_COOKIE), conversation_id, after)
    card, events = await services.agent_desk.log(agent, conversation_id, after)
    body = {"conversation": card, "events": [event.as_json(for_customer=False) for event in events]}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@router.post("/conversations/{conversation_id}/access")
async def access(conversation_id: str, body: Access, agent: ConversationAgent, services: AppServices) -> dict[str, Any]:
    """Say why one reads a conversation that is somebody else's."""
    return await services.agent_desk.access(agent, conversation_id, body.reason)


@router.post("/conversations/{conversation_id}/claim")
async def claim(conversation_id: str, agent: ConversationAgent, services: AppServices) -> dict[str, Any]:
    """Take a waiting conversation."""
    return await services.agent_desk.claim(agent, conversation_id)


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def add_note(conversation_id: str, body: Note, agent: ConversationAgent, services: AppServices) -> dict[str, int]:
    """A note that customers never see."""
    return {"seq": await services.agent_desk.note(agent, conversation_id, body.text)}


@router.post("/conversations/{conversation_id}/transfer")
async def transfer(
    conversation_id: str, agent: ConversationAgent, services: AppServices, body: Transfer | None = None
) -> dict[str, Any]:
    """To a colleague, or back to the queue."""
    body = body or Transfer()
    return await services.agent_desk.transfer(agent, conversation_id, body.to, body.note)


@router.post("/conversations/{conversation_id}/return")
async def return_to_bot(conversation_id: str, agent: ConversationAgent, services: AppServices, body: LetGo) -> dict[str, Any]:
    """Back to the bot."""
    return await services.agent_desk.return_to_bot(agent, Seen(conversation_id, body.seen_seq), body.note)


@router.post("/conversations/{conversation_id}/resolve")
async def resolve(conversation_id: str, agent: ConversationAgent, services: AppServices, body: LetGo) -> dict[str, Any]:
    """Done."""
    return await services.agent_desk.resolve(agent, Seen(conversation_id, body.seen_seq), body.note)


@router.get("/canned-replies")
async def canned_replies(
    agent: ConversationAgent,
    services: AppServices,
    locale: str = Query(default="zh", max_length=10),
    customer_locale: str | None = Query(default=None, max_length=10),
) -> dict[str, Any]:
    """The canned replies, facts and the agent's name filled in: titles in the agent's language, texts in the customer's.

    A customer whose language nobody here writes gets English; without `customer_locale` texts are in the agent's language, too.
    """
    customers = written_as(customer_locale or locale)
    fill = services.policy.fill
    return {
        "canned_replies": [
            {
                "id": reply.id,
                "shortcut": reply.shortcut,
                "title": reply.title.of(file_locale(locale)),
                "text": fill(reply.text.of(file_locale(customers)), customers, agent_name=agent.name),
            }
            for reply in services.content().canned_replies
        ]
    }


@router.get("/intents")
async def names(agent: SignedIn, services: AppServices) -> dict[str, Any]:
    """The names of intents, reasons and languages for people."""
    return services.content().names
