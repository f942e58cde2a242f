"""The agents' API (docs/contracts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from content.desk_policy import file_locale
from handoff.accounts.security import SESSION_COOKIE, ConversationAgent, SignedIn
from handoff.cases.incidents.incident import in_language
from handoff.conversations.routes import Seq
from handoff.queue.agent_desk import NewNote
from handoff.queue.letting_go import Destination, Seen
from handoff.queue.schemas import Access, AssignTo, LetGo, LinkTo, Looking, Mark, Note, ResolveWaiting, SawMentions, Transfer
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
        body: dict[str, Any] = {"waiting": await services.agent_queue.same_address(same_address)}
    else:
        body = await services.agent_queue.read(agent, after)
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@router.post("/queue/resolve")
async def resolve_waiting(body: ResolveWaiting, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """A supervisor closes several waiting conversations."""
    chosen = [Seen(each.id, each.seen_seq) for each in body.conversations]
    return {"results": await services.letting_go.resolve_waiting(agent, chosen, body.note, body.outcome)}


@router.get("/conversations/{conversation_id}/log")
async def read_log(
    conversation_id: str, request: Request, agent: ConversationAgent, services: DeskServices, after: Seq = 0
) -> Response:
    """The whole conversation with the bot's decisions; once, or as a stream."""
    after = resume_after(request, after)
    if wants_stream(request):
        await services.agent_desk.log(agent, conversation_id, after, limit=0)  # refused before the stream begins
        return stream_log(services, request.cookies.get(SESSION_COOKIE), conversation_id, after)
    log = await services.agent_desk.log(agent, conversation_id, after)
    body = {
        "conversation": log.card,
        "events": [event.as_json(for_customer=False) for event in log.events],
        "lookers": log.lookers,
        "signs": log.signs.as_json(),
    }
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
    note = NewNote(body.text, body.client_note_id, tuple(dict.fromkeys(body.mentions)), body.whisper)
    return {"seq": await services.agent_desk.note(agent, conversation_id, note)}


@router.post("/conversations/{conversation_id}/transfer")
async def transfer(
    conversation_id: str, agent: ConversationAgent, services: DeskServices, body: Transfer | None = None
) -> dict[str, Any]:
    """Transfer to a colleague, to another queue or skill, or back to the queue."""
    body = body or Transfer()
    where = Destination(body.to, body.queue, body.skill)
    return await services.letting_go.transfer(agent, conversation_id, where, body.note)


@router.post("/conversations/{conversation_id}/decline")
async def decline(conversation_id: str, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Do not accept an offered conversation."""
    return await services.agent_desk.decline(agent, conversation_id)


@router.post("/conversations/{conversation_id}/assign")
async def assign(conversation_id: str, body: AssignTo, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """A supervisor gives the conversation to an agent, or takes it over."""
    return await services.agent_desk.assign(
        agent, conversation_id, body.to, body.note, over_capacity=body.over_capacity, of=body.of
    )


@router.post("/conversations/{conversation_id}/marks", status_code=201)
async def mark(conversation_id: str, body: Mark, agent: ConversationAgent, services: DeskServices) -> dict[str, int]:
    """An agent judges the bot, or takes the judgement back."""
    seq = await services.case_work.mark(agent, conversation_id, body.mark, is_set=body.is_set, about_seq=body.about_seq)
    return {"seq": seq}


@router.post("/conversations/{conversation_id}/links")
async def link(conversation_id: str, body: LinkTo, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Say that another conversation is of the same customer."""
    return await services.case_work.link(agent, conversation_id, body.other, is_set=True)


@router.delete("/conversations/{conversation_id}/links/{other}")
async def unlink(conversation_id: str, other: str, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Take a link back."""
    return await services.case_work.link(agent, conversation_id, other, is_set=False)


@router.post("/conversations/{conversation_id}/looking", status_code=204)
async def look(conversation_id: str, body: Looking, agent: ConversationAgent, services: DeskServices) -> None:
    """The agent has the conversation on the screen. The console repeats it every 10 seconds."""
    await services.case_work.look(agent, conversation_id, is_typing=body.is_typing)


@router.post("/mentions/seen", status_code=204)
async def see_mentions(body: SawMentions, agent: ConversationAgent, services: DeskServices) -> None:
    """The agent has opened a conversation in which notes name them."""
    await services.case_work.see_mentions(agent, body.conversation_id)


@router.post("/conversations/{conversation_id}/return")
async def return_to_bot(conversation_id: str, agent: ConversationAgent, services: DeskServices, body: LetGo) -> dict[str, Any]:
    """Return the conversation to the bot."""
    return await services.letting_go.return_to_bot(agent, Seen(conversation_id, body.seen_seq), body.note)


@router.post("/conversations/{conversation_id}/resolve")
async def resolve(conversation_id: str, agent: ConversationAgent, services: DeskServices, body: LetGo) -> dict[str, Any]:
    """Resolve the conversation."""
    return await services.letting_go.resolve(agent, Seen(conversation_id, body.seen_seq), body.note, body.outcome)


@router.post("/conversations/{conversation_id}/resolve/undo")
async def undo_resolution(conversation_id: str, agent: ConversationAgent, services: DeskServices) -> dict[str, Any]:
    """Take the resolution back, within 10 seconds."""
    return await services.letting_go.undo_resolution(agent, conversation_id)


@router.get("/canned-replies")
async def canned_replies(
    agent: ConversationAgent,
    services: DeskServices,
    locale: str = Query(default="zh", max_length=10),
    customer_locale: str | None = Query(default=None, max_length=10),
) -> dict[str, Any]:
    """The canned replies, facts and the agent's name filled in: titles in the agent's language, texts in the customer's.

    What is announced now comes first. A customer whose language is not supported gets English; without `customer_locale` texts
    are in the agent's language, too.
    """
    customers = written_as(customer_locale or locale)
    fill = services.policy.fill
    traditional = services.content().traditional
    announced = [
        {
            "id": f"incident:{each.id}",
            "shortcut": each.id.lower(),
            "title": each.title,
            "text": in_language(each.text, customers, traditional),
        }
        for each in services.incident_board.open
    ]
    return {
        "canned_replies": announced
        + [
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
    """The names of intents, reasons, languages, queues, skills, first-aid actions, outcomes, decisions and promises for people.

    Of an outcome also its reasons.
    """
    content = services.content()
    outcomes = {
        name: {"zh": outcome.zh, "en": outcome.en, "reasons": list(outcome.reasons)}
        for name, outcome in content.desk.outcomes.items()
    }
    named: dict[str, Mapping[str, Any]] = {
        "decisions": content.desk.duties.decisions,
        "promises": content.promises.promises,
    }
    further = {kind: {name: {"zh": each.zh, "en": each.en} for name, each in names.items()} for kind, names in named.items()}
    return {**content.names, "outcomes": outcomes, **further}
