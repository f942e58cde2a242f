"""What the bot may ask of the desk (docs/contracts.md, "Handoff")."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from handoff.accounts.security import check_service_token
from handoff.conversations.decide import RecordTriage
from handoff.conversations.state import Conversation
from handoff.conversations.store import event_by_key, find_conversation, lock_running_turn, save_conversation
from handoff.queue.schemas import RequestHandoff
from handoff.queue.services import DeskServices
from handoff.runtime.errors import Conflict, NotFound
from handoff.runtime.transaction import Transaction
from handoff.runtime.wakeups import QUEUE

router = APIRouter(prefix="/api")


@router.post("/handoffs")
async def request_handoff(body: RequestHandoff, request: Request, services: DeskServices) -> dict[str, Any]:
    """Hand a turn's conversation over; the same turn again changes nothing.

    Only the turn that runs may ask: a late one would take the conversation from whoever has it by now.
    """
    check_service_token(request)
    async with services.store.begin() as tx:
        running = await lock_running_turn(tx, body.conversation_id, body.turn_id)
        if running is None:
            conversation = await _of_ended_turn(tx, body.conversation_id, body.turn_id)
            return _answer(conversation, changed=False)
        draft, lease = running
        now = services.now()
        draft.do(RecordTriage(body.turn_id, lease.first_seq, lease.last_seq, body.decision), now)
        changed = await services.handoffs.request_for_decision(tx, draft, body.turn_id, body.decision, now)
        await save_conversation(tx, draft)
        if changed:
            tx.wake(draft.state.id, QUEUE)
    return _answer(draft.state, changed=changed)


async def _of_ended_turn(tx: Transaction, conversation_id: str, turn_id: str) -> Conversation:
    """The conversation that this turn handed over before. Raises NotFound; Conflict for a turn that did not."""
    conversation = await find_conversation(tx, conversation_id)
    if conversation is None:
        raise NotFound("unknown_conversation", "没有这个会话。", "There is no such conversation.")
    if await event_by_key(tx, conversation_id, f"handoff:{turn_id}") is None:
        raise Conflict("stale_turn", "这一轮已经结束。", "This turn is over.")
    return conversation


def _answer(conversation: Conversation, *, changed: bool) -> dict[str, Any]:
    return {"conversation_id": conversation.id, "status": conversation.status.value, "changed": changed}
