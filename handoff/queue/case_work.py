"""What agents do around a case: judge the bot, link conversations of one customer, show that they look at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.conversations.decide import Link, Mark
from handoff.conversations.draft import Draft
from handoff.conversations.reading import check_may_read, unknown_conversation
from handoff.conversations.store import find_conversation, save_conversation
from handoff.queue.cards import card
from handoff.queue.case_access import lock_case
from handoff.queue.lookers import note_looker
from handoff.queue.mentions import saw_mentions
from handoff.runtime.errors import BadInput
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

#: A customer with more conversations than this is no customer; each link is read with the card.
_LINK_LIMIT = 50


class CaseWork:
    """Marks, links, and who looks."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def mark(self, agent: Agent, conversation_id: str, mark: str, *, is_set: bool, about_seq: int | None) -> int:
        """Judge the bot, or take the judgement back; the sequence number of the log's entry."""
        async with self._store.begin() as tx:
            draft = await self._lock_readable(tx, agent, conversation_id)
            if about_seq is not None and about_seq > draft.state.last_seq:
                zh, en = "请求不正确：about_seq。", "about_seq: the log does not reach so far."
                raise BadInput("bad_request", zh, en, field="about_seq")
            (event,) = draft.do(Mark(agent.login, agent.name, mark, is_set, about_seq), self._now())
            await save_conversation(tx, draft)
            tx.wake(conversation_id)
        return event.seq

    async def link(self, agent: Agent, conversation_id: str, other_id: str, *, is_set: bool) -> dict[str, Any]:
        """Say that two conversations are of the same customer, or take it back. Both logs hold it; once is enough."""
        if conversation_id == other_id:
            raise BadInput("same_conversation", "不能关联会话自身。", "A conversation cannot be linked to itself.")
        async with self._store.begin() as tx:
            # In the order of their ids: two agents who link the same pair at once wait for each other, and do not block.
            drafts = {it: await self._lock_readable(tx, agent, it) for it in sorted((conversation_id, other_id))}
            for it, other in ((conversation_id, other_id), (other_id, conversation_id)):
                if (
                    is_set
                    and len(drafts[it].state.handling.links) >= _LINK_LIMIT
                    and other not in drafts[it].state.handling.links
                ):
                    raise BadInput("too_many_links", f"最多关联 {_LINK_LIMIT} 个会话。", f"At most {_LINK_LIMIT} links.")
                if drafts[it].do(Link(agent.login, agent.name, other, is_set), self._now()):
                    await save_conversation(tx, drafts[it])
                    tx.wake(it, QUEUE)
                    if drafts[it].state.agent:
                        tx.wake(agent_topic(drafts[it].state.agent or ""))
        return card(drafts[conversation_id].state, self._now(), self._policy.content)

    async def look(self, agent: Agent, conversation_id: str, *, is_typing: bool) -> None:
        """The agent has the conversation on the screen, and perhaps types."""
        async with self._store.begin() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise unknown_conversation()
            await check_may_read(tx, agent, conversation)
            if await note_looker(tx, conversation_id, agent.login, is_typing, self._now()):
                tx.wake(conversation_id)

    async def see_mentions(self, agent: Agent, conversation_id: str) -> None:
        """The agent has opened a conversation in which notes name them."""
        async with self._store.begin() as tx:
            await saw_mentions(tx, agent.login, conversation_id)
            tx.wake(agent_topic(agent.login))

    async def _lock_readable(self, tx: Transaction, agent: Agent, conversation_id: str) -> Draft:
        draft = await lock_case(tx, conversation_id)
        await check_may_read(tx, agent, draft.state)
        return draft
