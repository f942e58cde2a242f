"""Opens cases for closed conversations that a look-back found: a person should have had them.

An entry of the look-back is opened once. Nothing is opened if the customer came back since, or if an agent had the conversation
meanwhile: then a person, or the present bot, has dealt with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from content.desk_policy import DeskPolicy
from contract.priorities import LANES, NORMAL, PRIORITY_RANK
from handoff.accounts.agents import Agent
from handoff.conversations.decide import AddNote, RequestHandoff, Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import SYSTEM
from handoff.conversations.state import Conversation
from handoff.conversations.store import event_by_key, lock_conversation, save_conversation
from handoff.conversations.values import Status
from handoff.queue.handoffs import Handoffs
from handoff.runtime.errors import Conflict, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE
from handoff.workshop.jobs.desk import JobDesk
from handoff.workshop.jobs.job import DONE
from handoff.workshop.log.store import known_keys, states_of

logger = structlog.get_logger(__name__)

KIND = "look_back"
#: The ends of an episode that no person made.
_WITHOUT_A_PERSON = ("solved", "closed", "idle")


@dataclass(frozen=True)
class Finding:
    """One entry of a look-back: an episode that ended without a person, and the decision that wants one."""

    conversation_id: str
    episode: int
    seq: int
    reason: str
    priority: str
    lane: str | None
    intent: str | None
    amount_cny: float | None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Finding:
        """From the result of the job. A priority or a lane that this desk does not know counts as normal, or none."""
        after = entry["after"]
        return cls(
            entry["conversation_id"],
            entry["episode"],
            entry["seq"],
            after["reason"],
            after["priority"] if after["priority"] in PRIORITY_RANK else NORMAL,
            after["lane"] if after["lane"] in LANES else None,
            after["intent"],
            after.get("amount_cny"),
        )

    @property
    def key(self) -> str:
        """Of the event that opens the case: one for each episode, whichever look-back found it."""
        return f"looked_back:{self.episode}"

    def why_not(self, state: Conversation) -> tuple[str, str] | None:
        """Why no case is opened now, in Chinese and English; None: it may be opened."""
        if state.status is not Status.RESOLVED:
            return "这个会话现在没有结束，已经有人或机器人在处理。", "The conversation goes on: somebody has it already."
        if state.episode != self.episode:
            return "客户之后又来过，或已经开过案件。", "The customer came back since, or the case was opened before."
        if state.earlier is None or state.earlier.by not in _WITHOUT_A_PERSON or state.earlier.episode != self.episode:
            return "这件事已经由客服处理过。", "An agent has dealt with it."
        return None


class CaseOpenings:
    """The use cases of a look-back's list."""

    def __init__(
        self, store: Store, policy: DeskPolicy, handoffs: Handoffs, jobs: JobDesk, now: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._policy, self._handoffs, self._jobs, self._now = store, policy, handoffs, jobs, now

    async def findings(self, job_id: int) -> dict[str, Any]:
        """The result of a look-back, each entry with `is_closed` and `case_opened` as they are now.

        Raises NotFound; Conflict while the job has no result.
        """
        result = await self._result(job_id)
        entries = result["found"]
        async with self._store.read() as tx:
            states = await states_of(tx, [entry["conversation_id"] for entry in entries])
            opened = await self._opened(tx, entries)
        shown = []
        for entry in entries:
            finding, state = Finding.of(entry), states.get(entry["conversation_id"])
            is_closed = state is not None and finding.why_not(state) is None
            is_opened = (finding.conversation_id, finding.key) in opened
            shown.append({**entry, "is_closed": is_closed, "case_opened": is_opened})
        return {**result, "found": shown}

    async def open(self, job_id: int, conversation_ids: Sequence[str], agent: Agent) -> dict[str, Any]:
        """Hand conversations of the list over to people: `{opened, refused: [{conversation_id, zh, en}]}`.

        Each in a transaction of its own, so that one refusal keeps no other customer waiting. Raises NotFound, Conflict.
        """
        result = await self._result(job_id)
        found: dict[str, Finding] = {}
        for entry in result["found"]:
            finding = Finding.of(entry)
            # Of a conversation with several episodes only the last can be opened.
            if finding.conversation_id not in found or finding.episode > found[finding.conversation_id].episode:
                found[finding.conversation_id] = finding
        opened: list[str] = []
        refused: list[dict[str, str]] = []
        for conversation_id in dict.fromkeys(conversation_ids):
            why = await self.open_finding(found[conversation_id], agent) if conversation_id in found else _NOT_LISTED
            if why is None:
                opened.append(conversation_id)
            else:
                refused.append({"conversation_id": conversation_id, "zh": why[0], "en": why[1]})
        logger.info("look_back.opened", job=job_id, by=agent.login, opened=len(opened), refused=len(refused))
        return {"opened": opened, "refused": refused}

    async def open_finding(self, finding: Finding, agent: Agent) -> tuple[str, str] | None:
        """Hand one conversation over to people; why it was not, in Chinese and English."""
        if not self._policy.is_known_reason(finding.reason):
            return (
                "现在的政策里没有这个原因，请先发布草稿。",
                "The live policy does not have this reason: publish the draft first.",
            )
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, finding.conversation_id)
            if draft is None:
                return "没有这个会话。", "There is no such conversation."
            why = finding.why_not(draft.state)
            if why is None and await event_by_key(tx, finding.conversation_id, finding.key) is not None:
                why = "已经开过案件。", "The case was opened before."
            if why is not None:
                return why
            await self._hand_over(tx, draft, finding, agent)
            await save_conversation(tx, draft)
            tx.wake(finding.conversation_id, QUEUE)
        return None

    async def _hand_over(self, tx: Transaction, draft: Draft, finding: Finding, agent: Agent) -> None:
        now = self._now()
        draft.do(
            RequestHandoff(
                finding.reason,
                finding.priority,
                SYSTEM,
                finding.key,
                finding.lane,
                finding.intent,
                finding.amount_cny,
                self._policy.lasting_reasons,
            ),
            now,
        )
        text = self._policy.text("looked_back", draft.state.locale)
        if text:
            draft.do(Tell(text, "looked_back"), now)
        await self._handoffs.tell_place(tx, draft, now)
        await self._handoffs.begin_care(tx, draft, now)
        # Agents must see why a conversation is in the queue in which the customer wrote nothing new.
        note = (
            f"回看：客户的这件事（机器人判断在第 {finding.seq} 条）本应转人工，当时没有转。客户还没有再来过。"
            f" / Look-back: a person should have had this matter (entry {finding.seq}). The customer has not come back."
        )
        draft.do(AddNote(agent.login, agent.name, note), now)

    async def _opened(self, tx: Transaction, entries: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
        found = [Finding.of(entry) for entry in entries]
        return await known_keys(tx, [(each.conversation_id, each.key) for each in found])

    async def _result(self, job_id: int) -> Mapping[str, Any]:
        job = await self._jobs.job(job_id)
        if job.kind != KIND:
            raise NotFound("unknown_job", "没有这个任务。", "There is no such job.")
        if job.state != DONE or job.result is None:
            raise Conflict("job_not_done", "回看还没有完成。", "The look-back is not done yet.", state=job.state)
        return job.result


_NOT_LISTED = "这个会话不在回看的结果里。", "The look-back did not find this conversation."
