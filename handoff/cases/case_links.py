"""Links between cases. Cases of one matter count from the earliest message of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.cases.case_desk import unknown_case
from handoff.cases.case_files import duty_book
from handoff.cases.case_json import case_json
from handoff.cases.store import find_case
from handoff.conversations.care.case_events import CaseLinked, CaseRecounted
from handoff.conversations.care.case_file import WriteCase
from handoff.conversations.care.case_values import LINK_LIMIT, CaseFile
from handoff.conversations.draft import Draft
from handoff.conversations.events import Participant
from handoff.conversations.reading import check_may_read
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.runtime.errors import BadInput, Conflict
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE

#: Cases of one matter that are looked at.
_MOST = 30


class CaseLinks:
    """Links cases."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def link(self, agent: Agent, case_id: str, other_id: str, *, is_same: bool) -> dict[str, Any]:
        """Link two open cases; both logs hold it, once is enough. Of one matter, all clocks count from the earliest message.

        Raises BadInput for the case itself and for too many links, NotFound, NotAllowed; Conflict for a closed case.
        """
        if case_id == other_id:
            raise BadInput("same_case", "不能关联案件自身。", "A case cannot be linked to itself.")
        async with self._store.begin() as tx:
            drafts = await self._lock_all(tx, agent, [case_id, other_id])
            cases = {id_: _case(draft, id_) for id_, draft in drafts.items()}
            one, other = cases[case_id], cases[other_id]
            known = next((link for link in one.links if link.case_id == other_id), None)
            if known is None or (is_same and not known.is_same):
                if any(len(case.links) >= LINK_LIMIT for case in (one, other)):
                    raise BadInput("too_many_links", f"最多关联 {LINK_LIMIT} 个案件。", f"At most {LINK_LIMIT} links.")
                self._write(agent, drafts, cases, one, other, is_same=is_same)
                for draft in {id(each): each for each in drafts.values()}.values():
                    if draft.events:
                        await save_conversation(tx, draft)
                        tx.wake(draft.state.id, QUEUE)
            draft = drafts[case_id]
            return case_json(draft.state, _case(draft, case_id), None, self._policy.content, self._now())

    def _write(
        self,
        agent: Agent,
        drafts: dict[str, Draft],
        cases: dict[str, CaseFile],
        one: CaseFile,
        other: CaseFile,
        *,
        is_same: bool,
    ) -> None:
        now, book, by = self._now(), duty_book(self._policy.content), Participant("agent", agent.name)
        first = min(cases.values() if is_same else [one, other], key=lambda case: case.counts_from)
        for case, opposite in ((one, other), (other, one)):
            counts_from = min(case.counts_from, first.counts_from) if is_same else case.counts_from
            body = CaseLinked(
                case_id=case.id,
                other=opposite.id,
                other_conversation=drafts[opposite.id].state.id,
                is_same=is_same,
                login=agent.login,
                counts_from=counts_from,
                clocks=book.merged(case, counts_from, first.id) if is_same else (),
            )
            drafts[case.id].do(WriteCase(body, by), now)
        if not is_same:
            return
        for case in cases.values():
            if case not in (one, other) and case.is_open and case.counts_from > first.counts_from:
                clocks = book.merged(case, first.counts_from, first.id)
                body_ = CaseRecounted(case_id=case.id, why="linked", counts_from=first.counts_from, clocks=clocks)
                drafts[case.id].do(WriteCase(body_, by), now)

    async def _lock_all(self, tx: Transaction, agent: Agent, ids: list[str]) -> dict[str, Draft]:
        """The two cases and all cases of the same matter, locked in the order of their conversations."""
        homes: dict[str, str] = {}
        todo = list(ids)
        while todo and len(homes) < _MOST:
            case_id = todo.pop(0)
            if case_id in homes:
                continue
            conversation = await find_case(tx, case_id)
            if conversation is None:
                if case_id in ids:
                    raise unknown_case()
                continue
            if case_id in ids:
                await check_may_read(tx, agent, conversation)
            homes[case_id] = conversation.id
            case = next(each for each in conversation.care.cases if each.id == case_id)
            todo += [link.case_id for link in case.links if link.is_same]
        locked: dict[str, Draft] = {}
        for conversation_id in sorted(set(homes.values())):
            draft = await lock_conversation(tx, conversation_id)
            if draft is None:
                raise unknown_case()
            locked[conversation_id] = draft
        drafts = {case_id: locked[home] for case_id, home in homes.items()}
        if any(not _case(drafts[id_], id_).is_open for id_ in ids):
            raise Conflict("case_closed", "案件已经结束。", "The case is closed.")
        return drafts


def _case(draft: Draft, case_id: str) -> CaseFile:
    return next(case for case in draft.state.care.cases if case.id == case_id)
