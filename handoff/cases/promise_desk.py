"""What agents do with promises: see what is owed, say that one is kept, withdraw one with words to the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from handoff.accounts.agents import Agent
from handoff.cases.promise_json import promise_json
from handoff.cases.store import Place, list_promises
from handoff.conversations.care.case_values import current
from handoff.conversations.care.promises import PromiseKept, PromiseWithdrawn, SettlePromise
from handoff.conversations.decide import Tell, Write
from handoff.conversations.draft import Draft
from handoff.conversations.events import Participant
from handoff.conversations.masking import mask
from handoff.conversations.reading import check_may_read, readable, unknown_conversation
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.conversations.text import check_message
from handoff.conversations.values import Status
from handoff.runtime.errors import BadInput
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

PAGE_SIZE = 50


class PromiseDesk:
    """The agents' use cases. Who may read the conversation may settle its promises."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def read(self, agent: Agent, after: str | None, *, is_mine: bool, promise: str | None) -> dict[str, Any]:
        """What is owed, the earliest due time first: `{promises, next}`. Raises BadInput for a cursor.

        The words of a conversation that the agent may not read are left out.
        """
        try:
            place = Place.from_cursor(after) if after else None
        except ValueError:
            raise BadInput("bad_cursor", "翻页位置不正确。", "This is no cursor of the list.") from None
        now, names = self._now(), self._policy.content.promises.promises
        async with self._store.read() as tx:
            found = await list_promises(tx, agent.login if is_mine else None, promise, place, PAGE_SIZE)
            mine = await readable(tx, agent, [each.id for each in found])
        shown = []
        for conversation in found:
            case = current(conversation.care.cases)
            for each in conversation.care.obligations:
                if not each.is_owed or (promise is not None and each.promise != promise):
                    continue
                kind = names.get(each.promise)
                entry = {
                    **promise_json(each, now),
                    "label": {"zh": kind.zh, "en": kind.en} if kind else {"zh": each.promise, "en": each.promise},
                    "conversation_id": conversation.id,
                    "case": case.id if case else None,
                    "status": conversation.status.value,
                    "reason": conversation.case.reason,
                    "agent": conversation.agent,
                    "agent_name": conversation.agent_name,
                }
                shown.append(entry if conversation.id in mine else {**entry, "why": None})
        last = found[-1] if len(found) == PAGE_SIZE else None
        return {"promises": shown, "next": Place(last.care.promise_due_at, last.id).as_cursor() if last else None}

    async def keep(self, agent: Agent, conversation_id: str, obligation_id: str, note: str | None) -> dict[str, Any]:
        """Say that a promise is kept. Raises NotFound, NotAllowed, Conflict."""
        masked = mask(check_message(note)).text if note and not is_blank(note) else None
        async with self._store.begin() as tx:
            draft = await self._lock(tx, agent, conversation_id)
            body = PromiseKept(obligation_id=obligation_id, login=agent.login, note=masked)
            draft.do(SettlePromise(body, Participant("agent", agent.name)), self._now())
            return await self._saved(tx, draft, obligation_id)

    async def withdraw(self, agent: Agent, conversation_id: str, obligation_id: str, words: str) -> dict[str, Any]:
        """Take a promise back; the customer reads `words`. Raises NotFound, NotAllowed, Conflict, BadInput without words."""
        if is_blank(words):
            raise BadInput("words_needed", "请写给客户一句说明。", "Write the customer why.", field="words")
        masked = mask(check_message(words)).text
        async with self._store.begin() as tx:
            draft = await self._lock(tx, agent, conversation_id)
            now, by = self._now(), Participant("agent", agent.name)
            is_theirs = draft.state.status is Status.ASSIGNED and draft.state.agent == agent.login
            if is_theirs:
                (said,) = draft.do(Write(agent.login, agent.name, masked, f"withdraw-{obligation_id}"), now)
            else:
                (said,) = draft.do(Tell(masked, "notice"), now)
            body = PromiseWithdrawn(obligation_id=obligation_id, login=agent.login, message_seq=said.seq)
            draft.do(SettlePromise(body, by), now)
            return await self._saved(tx, draft, obligation_id)

    @staticmethod
    async def _lock(tx: Transaction, agent: Agent, conversation_id: str) -> Draft:
        draft = await lock_conversation(tx, conversation_id)
        if draft is None:
            raise unknown_conversation()
        await check_may_read(tx, agent, draft.state)
        return draft

    async def _saved(self, tx: Transaction, draft: Draft, obligation_id: str) -> dict[str, Any]:
        await save_conversation(tx, draft)
        tx.wake(draft.state.id, QUEUE)
        if draft.state.agent:
            tx.wake(agent_topic(draft.state.agent))
        return promise_json(next(each for each in draft.state.care.obligations if each.id == obligation_id), self._now())
