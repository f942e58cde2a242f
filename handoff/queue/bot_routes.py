"""What the bot may ask of the desk (docs/contracts.md, "Handoff")."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from handoff.accounts.security import check_service_token
from handoff.conversations.store import event_by_key, find_conversation, save_conversation
from handoff.queue.schemas import RequestHandoff
from handoff.queue.services import DeskServices
from handoff.runtime.errors import Conflict, NotFound
from handoff.runtime.wakeups import QUEUE

router = APIRouter(prefix="/api")


@router.post("/handoffs")
async def request_handoff(body: RequestHandoff, request: Request, services: DeskServices) -> dict[str, Any]:
    """Hand a turn's conversation over; the same turn again changes nothing.

    Only the turn that runs may ask: a late one would take the conversation from whoever has it by now.
    """
    check_service_token(request)
    async with services.store.begin() as tx:
        conversation = await find_conversation(tx, body.conversation_id, lock=True)
        if conversation is None:
            raise NotFound("unknown_conversation", "没有这个会话。", "There is no such conversation.")
        done = await event_by_key(tx, conversation.id, f"handoff:{body.turn_id}")
        changed = False
        if done is None:
            if not conversation.is_running(body.turn_id):
                raise Conflict("stale_turn", "这一轮已经结束。", "This turn is over.")
            now = services.now()
            conversation.record_triage(body.turn_id, body.decision, now)
            changed = await services.handoffs.request_for_decision(tx, conversation, body.turn_id, body.decision, now)
            await save_conversation(tx, conversation)
            if changed:
                tx.wake(conversation.id, QUEUE)
    return {"conversation_id": conversation.id, "status": conversation.status.value, "changed": changed}
