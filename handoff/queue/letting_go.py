"""How agents let a conversation go: transfer it, return it to the bot, resolve it, and take a resolution back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from contract.priorities import URGENT
from handoff.accounts.agents import Agent
from handoff.conversations.decide import Requeue, Resolve, ReturnToBot, Tell, UndoResolution
from handoff.conversations.draft import Draft
from handoff.conversations.events import Participant
from handoff.conversations.state import Conversation
from handoff.conversations.store import customer_entries_after
from handoff.conversations.values import Status
from handoff.queue.capacity import check_room, lock_agent
from handoff.queue.cards import card
from handoff.queue.case_access import (
    assign_to,
    check_holds,
    check_is_supervisor,
    check_is_there,
    lock_case,
    masked_note,
    save_move,
)
from handoff.runtime.errors import BadInput, Conflict, DeskError
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import agent_topic

#: Messages that the customer wrote after the agent's last look, as a refusal shows them.
_UNREAD_LIMIT = 50


@dataclass(frozen=True)
class Seen:
    """A conversation, and up to where in its log the agent had seen it when they decided."""

    conversation_id: str
    seq: int


@dataclass(frozen=True)
class Destination:
    """Where a transfer goes: to an agent, to another queue, to an agent with a skill; to the same queue if all are None."""

    to: str | None = None
    queue: str | None = None
    skill: str | None = None


class LettingGo:
    """Transfers, returns, resolutions."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def transfer(self, agent: Agent, conversation_id: str, where: Destination, note: str | None) -> dict[str, Any]:
        """Back to the queue, to another queue or skill, or to a colleague at once. Supervisors may transfer anybody's.

        Raises Conflict when the colleague is not there, may not take conversations, or has this one already; BadInput for a
        queue or skill that data/desk.yml does not have.
        """
        content = self._policy.content.desk
        if where.queue is not None and where.queue not in content.queues:
            raise BadInput("unknown_queue", "没有这个队列。", "There is no such queue.")
        if where.skill is not None and where.skill not in content.skills:
            raise BadInput("unknown_skill", "没有这个技能。", "There is no such skill.")
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            check_holds(agent, draft.state)
            now = self._now()
            holder, to = draft.state.agent, where.to
            if to is not None and to == holder:
                raise Conflict("same_agent", "会话已经在这位客服名下。", "That agent has this conversation already.")
            by = Participant("agent", agent.name)
            draft.do(Requeue(by, "agent", masked_note(note), to, where.queue, where.skill), now)
            if to is not None:
                await check_is_there(tx, to, self._policy, self._now())
                await assign_to(tx, draft, to, "transferred", self._policy, self._now())
            else:
                draft.do(Tell(self._policy.text("requeued", draft.state.locale), "requeued"), now)
            await save_move(tx, draft)
            if holder:
                tx.wake(agent_topic(holder))
        return self._card(draft)

    async def return_to_bot(self, agent: Agent, seen: Seen, note: str | None) -> dict[str, Any]:
        """Give the conversation back to the bot, which starts afresh. Raises Conflict with what the agent has not read."""
        async with self._store.begin() as tx:
            draft = await lock_case(tx, seen.conversation_id)
            check_holds(agent, draft.state)
            await self._check_has_read(tx, draft.state, seen.seq)
            now = self._now()
            draft.do(ReturnToBot(Participant("agent", agent.name), masked_note(note)), now)
            draft.do(Tell(self._policy.text("returned", draft.state.locale), "returned"), now)
            await save_move(tx, draft)
        return self._card(draft)

    async def resolve(self, agent: Agent, seen: Seen, note: str | None, outcome: str | None = None) -> dict[str, Any]:
        """Close the episode; the customer is asked for a rating. Supervisors may close anybody's, also one that waits.

        An urgent case needs an outcome and a note. Raises Conflict with what the agent has not read: words that nobody read
        must not end with the case.
        """
        async with self._store.begin() as tx:
            draft = await lock_case(tx, seen.conversation_id)
            if not (agent.role == "supervisor" and draft.state.status is Status.QUEUED):
                check_holds(agent, draft.state)
            await self._check_has_read(tx, draft.state, seen.seq)
            self._check_outcome(draft.state, outcome, note)
            now = self._now()
            draft.do(Tell(self._policy.text("resolved", draft.state.locale), "resolved"), now)
            by = Participant("agent", agent.name)
            draft.do(Resolve("agent", by, masked_note(note), agent.login, outcome, seen.seq), now)
            await save_move(tx, draft)
        return self._card(draft)

    def _check_outcome(self, conversation: Conversation, outcome: str | None, note: str | None) -> None:
        if outcome is not None:
            known = self._policy.content.desk.outcomes.get(outcome)
            if known is None:
                raise BadInput("unknown_outcome", "没有这种处理结果。", "There is no such outcome.")
        if conversation.case.priority != URGENT:
            return
        if outcome is None:
            raise Conflict("outcome_needed", "紧急会话结束前请选择处理结果。", "An urgent case needs an outcome.")
        if not note or is_blank(note):
            raise Conflict("note_needed", "紧急会话结束前请写明处理情况。", "An urgent case needs a note.")

    async def undo_resolution(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """Take a resolution back within seconds. Raises Conflict when it is too late, the customer wrote, or at capacity."""
        async with self._store.begin() as tx:
            draft = await lock_case(tx, conversation_id)
            closed = draft.state.handling.closed
            if closed is not None and closed.assignment is not None:
                try:
                    await check_room(tx, self._policy, await lock_agent(tx, closed.assignment.login), self._now())
                except DeskError:
                    zh, en = "会话的客服已满或不在，不能撤销结束。", "The agent is full or gone; the resolution stays."
                    raise Conflict("undo_expired", zh, en, state=draft.state.status.value) from None
            draft.do(UndoResolution(agent.login, agent.name), self._now())
            await save_move(tx, draft)
        return self._card(draft)

    async def resolve_waiting(
        self, agent: Agent, chosen: Iterable[Seen], note: str | None, outcome: str | None = None
    ) -> list[dict[str, Any]]:
        """A supervisor closes several waiting conversations; the result of each, in the same order."""
        check_is_supervisor(agent, "只有主管可以批量结束。", "Only supervisors may resolve several.")
        results: list[dict[str, Any]] = []
        for seen in chosen:
            try:
                await self.resolve(agent, seen, note, outcome)
            except DeskError as error:
                results.append({"id": seen.conversation_id, "ok": False, "error": {"code": error.code, "message": error.zh}})
            else:
                results.append({"id": seen.conversation_id, "ok": True})
        return results

    @staticmethod
    async def _check_has_read(tx: Transaction, conversation: Conversation, seq: int) -> None:
        if seq > conversation.last_seq:
            zh, en = "请求不正确：seen_seq。", "seen_seq: the log does not reach so far."
            raise BadInput("bad_request", zh, en, field="seen_seq")
        unread = await customer_entries_after(tx, conversation.id, seq, _UNREAD_LIMIT) if seq < conversation.last_seq else []
        if unread:
            raise Conflict(
                "unread",
                f"客户又发来 {len(unread)} 条消息，请先看完再结束。",
                f"The customer has written {len(unread)} more messages. Please read them first.",
                unread=[event.as_json(for_customer=False) for event in unread],
            )

    def _card(self, draft: Draft) -> dict[str, Any]:
        return card(draft.state, self._now(), self._policy.content)
