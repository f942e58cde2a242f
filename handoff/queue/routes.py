"""The agents' API (docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from content.desk_policy import file_locale
from handoff.accounts.security import SESSION_COOKIE, ConversationAgent, SignedIn
from handoff.conversations.routes import Seq
from handoff.queue.agent_desk import Seen
from handoff.queue.schemas import Access, LetGo, Note, ResolveWaiting, Transfer
from handoff.queue.services import DeskServices
from handoff.queue.streams import stream_log, stream_queue
from handoff.runtime.streams import resume_after, wants_stream
from language.recognition import written_as

router = APIRouter(prefix="/api")


@router.get("/queue")
async def read_queue(
    request: Request,
    agent: ConversationAgent,
    services: DeskServices,
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
async def resolve_waiting(body: ResolveWaiting, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """A supervisor closes several waiting conversations."""
    chosen = [Seen(each.id, each.seen_seq) for each in body.conversations]
    return {"results": await services.agent_desk.resolve_waiting(agent, chosen, body.note)}


@router.get("/conversations/{conversation_id}/log")
async def read_log(
    conversation_id: str, request: Request, agent: ConversationAgent, services: DeskServices, after: Seq = 0
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
async def access(conversation_id: str, body: Access, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Record why an agent reads a colleague's conversation."""
    return await services.agent_desk.access(agent, conversation_id, body.reason)


@router.post("/conversations/{conversation_id}/claim")
async def claim(conversation_id: str, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Take a waiting conversation."""
    return await services.agent_desk.claim(agent, conversation_id)


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def add_note(conversation_id: str, body: Note, agent: ConversationAgent, services: DeskServices) -> dict[str, int]:
    """A note that customers never see."""
    return {"seq": await services.agent_desk.note(agent, conversation_id, body.text)}


@router.post("/conversations/{conversation_id}/transfer")
async def transfer(
    conversation_id: str, agent: ConversationAgent, services: DeskServices, body: Transfer | None = None
) -> dict[str, Any]:
    """Transfer to a colleague, or back to the queue."""
    body = body or Transfer()
    return await services.agent_desk.transfer(agent, conversation_id, body.to, body.note)


@router.post("/conversations/{conversation_id}/return")
async def return_to_bot(conversation_id: str, agent: ConversationAgent, services: DeskServices, body: LetGo) -> dict[str, Any]:
    """Return the conversation to the bot."""
    return await services.agent_desk.return_to_bot(agent, Seen(conversation_id, body.seen_seq), body.note)


@router.post("/conversations/{conversation_id}/resolve")
async def resolve(conversation_id: str, agent: ConversationAgent, services: DeskServices, body: LetGo) -> dict[str, Any]:
    """Resolve the conversation."""
    return await services.agent_desk.resolve(agent, Seen(conversation_id, body.seen_seq), body.note)


@router.get("/canned-replies")
async def canned_replies(
    agent: ConversationAgent,
    services: DeskServices,
    locale: str = Query(default="zh", max_length=10),
    customer_locale: str | None = Query(default=None, max_length=10),
) -> dict[str, Any]:
    """The canned replies, facts and the agent's name filled in: titles in the agent's language, texts in the customer's.

    A customer whose language is not supported gets English; without `customer_locale` texts are in the agent's language, too.
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
async def names(agent: SignedIn, services: DeskServices) -> dict[str, Any]:
    """The names of intents, reasons and languages for people."""
    return services.content().names
