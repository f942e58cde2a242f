"""What agents do with a case: open it by hand, enter facts and steps, pause, extend, decide, link, close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from content.duties import STEPS, DutyClock, Extension
from contract.characters import is_blank
from handoff.accounts.agents import Agent
from handoff.cases.case_files import duty_book, opening
from handoff.cases.case_json import case_json
from handoff.cases.claim import Claim
from handoff.cases.clocks import facts_of
from handoff.cases.complained_of import check_is_impartial
from handoff.cases.store import find_case, lock_by_case
from handoff.conversations.care.case_events import (
    CaseClosed,
    CaseDecided,
    CaseExtended,
    CaseExtensionAsked,
    CaseFact,
    CasePaused,
    CaseStep,
)
from handoff.conversations.care.case_file import WriteCase
from handoff.conversations.care.case_values import CaseClock, CaseFile, Extended
from handoff.conversations.decide import Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event, Message, Participant
from handoff.conversations.masking import mask
from handoff.conversations.reading import check_may_read, unknown_conversation
from handoff.conversations.store import events_after, lock_conversation, save_conversation
from handoff.conversations.text import check_message
from handoff.runtime.errors import BadInput, Conflict, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

#: Facts that every case can have, besides the flags of its duties. `authorised:<transaction>` is about one transaction.
FACTS = ("authorised", "reason_code", "transaction", "vulnerable", "complained_of", "evidence")
_VALUE_LENGTH = 500
#: The steps that an agent enters; the log knows the others by itself.
_ENTERED = tuple(step for step in STEPS if step not in ("first_word", "decision", "resolution"))


def unknown_case() -> NotFound:
    """The refusal of an id that no case has."""
    return NotFound("unknown_case", "没有这个案件。", "There is no such case.")


@dataclass(frozen=True)
class ClockName:
    """A clock of a case: its duty and its name."""

    duty: str
    name: str


class CaseDesk:
    """The agents' use cases. Who may read the conversation may work on its case."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    # --- reading -------------------------------------------------------------------------------------------------------

    async def read(self, agent: Agent, case_id: str) -> dict[str, Any]:
        """The whole file, composed of the care and the log. Raises NotFound, NotAllowed."""
        async with self._store.read() as tx:
            conversation = await find_case(tx, case_id)
            if conversation is None:
                raise unknown_case()
            await check_may_read(tx, agent, conversation)
            events = await events_after(tx, conversation.id, 0)
        case = next(each for each in conversation.care.cases if each.id == case_id)
        return case_json(conversation, case, events, self._policy.content, self._now())

    # --- acting --------------------------------------------------------------------------------------------------------

    async def open(self, agent: Agent, conversation_id: str, reason: str, message_seq: int | None) -> dict[str, Any]:
        """Open a case by hand for a matter that the bot did not see; it counts from a message of the customer, or their first.

        Raises BadInput for a reason that opens no case, and for a number that is no message of the customer.
        """
        content = self._policy.content
        if reason not in content.desk.duties.reasons:
            raise BadInput("bad_reason_for_case", "这个原因不开案件。", "This reason opens no case.", field="reason")
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            if draft is None:
                raise unknown_conversation()
            await check_may_read(tx, agent, draft.state)
            events = await events_after(tx, conversation_id, 0)
            said = [event for event in events if isinstance(event.body, Message) and event.by.kind == "customer"]
            message = next((event for event in said if message_seq is None or event.seq == message_seq), None)
            if message is None or not isinstance(message.body, Message):
                zh, en = "请选择客户的一条消息。", "Choose a message of the customer."
                raise BadInput("bad_request", zh, en, field="message_seq")
            claim = Claim(message.seq, message.at, message.body.text)
            command = await opening(tx, draft, content, reason, claim, agent.login)
            draft.do(WriteCase(command.body, _by(agent)), self._now())
            self._note_first_word(draft, events, message.seq)
            await self._save(tx, draft)
        return self._short(draft, draft.state.care.cases[-1])

    def _note_first_word(self, draft: Draft, events: list[Event], after_seq: int) -> None:
        """An agent may have written before the case was opened by hand."""
        case = draft.state.care.cases[-1]
        wrote = next(
            (each for each in events if each.seq > after_seq and isinstance(each.body, Message) and each.by.kind == "agent"),
            None,
        )
        if wrote is None:
            return
        met = case.meet("first_word", wrote.at)
        changed = tuple(new for new, old in zip(met.clocks, case.clocks, strict=True) if new != old)
        if changed:
            step = CaseStep(case_id=case.id, step="first_word", login="desk", clocks=changed)
            draft.do(WriteCase(step), self._now())

    async def add_fact(self, agent: Agent, case_id: str, name: str, value: str) -> dict[str, Any]:
        """Enter a fact; what it changes in the clocks is in the same entry of the log. Raises BadInput for an unknown fact."""
        content = self._policy.content
        if is_blank(value) or len(value) > _VALUE_LENGTH:
            message = f"请填写内容（最多 {_VALUE_LENGTH} 字）。", f"Give a value of at most {_VALUE_LENGTH} characters."
            raise BadInput("bad_request", *message, field="value")
        value = mask(check_message(value)).text
        async with self._store.begin() as tx:
            draft, case = await self._lock(tx, agent, case_id)
            flags = {flag for clock in case.clocks for flag in content.duties[clock.duty].flags if clock.duty in content.duties}
            flags |= {flag for _, duty in duty_book(content).active_for(case.reason) for flag in duty.flags}
            if name not in flags and name.partition(":")[0] not in FACTS:
                raise BadInput("unknown_fact", "没有这种案情。", "There is no such fact.", field="name")
            is_yes_or_no = name in flags or name.partition(":")[0] == "authorised"
            if is_yes_or_no and value not in ("yes", "no", "unknown"):
                raise BadInput("bad_request", "请填 yes、no 或 unknown。", "Write yes, no or unknown.", field="value")
            if name in flags and case.fact(name) == value:
                return self._short(draft, case)
            clocks = duty_book(content).after_facts(case, {**facts_of(case), name: value})
            body = CaseFact(case_id=case_id, name=name, value=value, login=agent.login, clocks=clocks)
            draft.do(WriteCase(body, _by(agent)), self._now())
            await self._save(tx, draft)
            return self._short(draft, self._case(draft, case_id))

    async def add_step(self, agent: Agent, case_id: str, step: str, note: str | None) -> dict[str, Any]:
        """Enter what was done.

        A result told, a credit, a refund, a correction, a holding reply. It meets the clocks that ask for it.
        """
        if step not in _ENTERED:
            raise BadInput("unknown_step", "没有这个步骤。", "There is no such step.", field="step")
        async with self._store.begin() as tx:
            draft, case = await self._lock(tx, agent, case_id)
            now = self._now()
            clocks = duty_book(self._policy.content).step_clocks(case, step, now, facts_of(case))
            body = CaseStep(case_id=case_id, step=step, login=agent.login, note=_masked(note), clocks=clocks)
            draft.do(WriteCase(body, _by(agent)), now)
            await self._save(tx, draft)
            return self._short(draft, self._case(draft, case_id))

    async def pause(self, agent: Agent, case_id: str, which: ClockName, why: str, *, is_paused: bool) -> dict[str, Any]:
        """Let a clock stand still, or go on. Raises Conflict where the duty does not allow it, and for a clock that is over."""
        reason = _required(why, "why")
        async with self._store.begin() as tx:
            draft, case = await self._lock(tx, agent, case_id)
            clock, now = _clock(case, which), self._now()
            if clock.latest is None:
                raise Conflict("clock_cannot_pause", "这个时限不能暂停。", "This clock cannot be paused.")
            if clock.is_paused != is_paused:
                _check_runs(clock, now)
                book = duty_book(self._policy.content)
                changed = book.paused(clock, now) if is_paused else book.resumed(clock, now)
                body = CasePaused(case_id=case_id, is_paused=is_paused, why=reason, login=agent.login, clocks=(changed,))
                draft.do(WriteCase(body, _by(agent)), now)
                await self._save(tx, draft)
            return self._short(draft, self._case(draft, case_id))

    async def extend(
        self, agent: Agent, case_id: str, which: ClockName, extension: str, why: str, words: str | None
    ) -> tuple[dict[str, Any], bool]:
        """Give a clock more time, or ask for it; the case, and whether it has the time now.

        The approver is named in the duty: anybody, a supervisor, or a supervisor after somebody else has asked. `words`: the
        holding reply to the customer where the duty wants one. Raises Conflict for a clock that is over: nothing resets it.
        """
        reason = _required(why, "why")
        content = self._policy.content
        async with self._store.begin() as tx:
            draft, case = await self._lock(tx, agent, case_id)
            clock, now = _clock(case, which), self._now()
            wanted = _extension(content, clock, extension)
            asked = next(
                (each for each in case.asked if (each.duty, each.clock, each.extension) == (which.duty, which.name, extension)),
                None,
            )
            if clock.extended is not None and clock.extended.id == extension:
                return self._short(draft, case), True
            _check_runs(clock, now)
            is_there = wanted.after is None or (clock.extended is not None and clock.extended.id == wanted.after)
            if not is_there or wanted.to <= clock.within:
                raise Conflict("extension_not_possible", "现在不能这样延期。", "This extension is not possible now.")
            if not _may_approve(agent, wanted, asked.login if asked else None):
                if asked is None or asked.login != agent.login:
                    body = CaseExtensionAsked(
                        case_id=case_id, duty=which.duty, clock=which.name, extension=extension, why=reason, login=agent.login
                    )
                    draft.do(WriteCase(body, _by(agent)), now)
                    await self._save(tx, draft)
                return self._short(draft, self._case(draft, case_id)), False
            if wanted.holding_reply:
                draft.do(Tell(_required(words, "words"), "notice"), now)
            asked_by = asked.login if asked is not None and asked.login != agent.login else None
            how = Extended(extension, wanted.zh, wanted.en, agent.login, asked_by)
            changed = duty_book(content).extended(clock, wanted.to, how)
            extended = CaseExtended(
                case_id=case_id,
                duty=which.duty,
                clock=which.name,
                extension=extension,
                why=reason,
                login=agent.login,
                asked_by=asked_by,
                clocks=(changed,),
            )
            draft.do(WriteCase(extended, _by(agent)), now)
            await self._save(tx, draft)
            return self._short(draft, self._case(draft, case_id)), True

    async def decide(self, agent: Agent, case_id: str, decision: str, reasons: str) -> dict[str, Any]:
        """Decide the case, with reasons. Raises Conflict for an agent whom the customer complains of."""
        content = self._policy.content
        if decision not in content.desk.duties.decisions:
            raise BadInput("unknown_decision", "没有这种决定。", "There is no such decision.", field="decision")
        words = _required(reasons, "reasons")
        async with self._store.begin() as tx:
            draft, case = await self._lock(tx, agent, case_id)
            await check_is_impartial(tx, agent, draft.state, case, content)
            now = self._now()
            clocks = duty_book(content).step_clocks(case, "decision", now, facts_of(case))
            body = CaseDecided(case_id=case_id, decision=decision, reasons=words, login=agent.login, clocks=clocks)
            draft.do(WriteCase(body, _by(agent)), now)
            await self._save(tx, draft)
            return self._short(draft, self._case(draft, case_id))

    async def close(self, agent: Agent, case_id: str, why: str) -> dict[str, Any]:
        """End the work on a case. Raises Conflict without a decision, and while a promise to the customer is not settled."""
        reason = _required(why, "why")
        async with self._store.begin() as tx:
            draft, case = await self._lock(tx, agent, case_id)
            decided = case.decision is not None and (case.reopened_at is None or case.decision.at > case.reopened_at)
            if not decided and not any(link.is_same for link in case.links):
                raise Conflict("case_undecided", "案件还没有作出决定。", "The case is not decided yet.")
            if any(each.is_owed for each in draft.state.care.obligations):
                zh, en = "对客户的承诺还没有了结。", "A promise to the customer is not settled yet."
                raise Conflict("promises_open", zh, en)
            draft.do(WriteCase(CaseClosed(case_id=case_id, why=reason, login=agent.login), _by(agent)), self._now())
            await self._save(tx, draft)
            return self._short(draft, self._case(draft, case_id))

    # --- parts ---------------------------------------------------------------------------------------------------------

    async def _lock(self, tx: Transaction, agent: Agent, case_id: str) -> tuple[Draft, CaseFile]:
        draft = await lock_by_case(tx, case_id)
        if draft is None:
            raise unknown_case()
        await check_may_read(tx, agent, draft.state)
        return draft, self._case(draft, case_id)

    @staticmethod
    def _case(draft: Draft, case_id: str) -> CaseFile:
        return next(each for each in draft.state.care.cases if each.id == case_id)

    def _short(self, draft: Draft, case: CaseFile) -> dict[str, Any]:
        return case_json(draft.state, case, None, self._policy.content, self._now())

    @staticmethod
    async def _save(tx: Transaction, draft: Draft) -> None:
        await save_conversation(tx, draft)
        tx.wake(draft.state.id, QUEUE)
        if draft.state.agent:
            tx.wake(agent_topic(draft.state.agent))


def _by(agent: Agent) -> Participant:
    return Participant("agent", agent.name)


def _masked(text: str | None) -> str | None:
    return mask(check_message(text)).text if text and not is_blank(text) else None


def _required(text: str | None, field: str) -> str:
    masked = _masked(text)
    if masked is None:
        raise BadInput("words_needed", "请写明理由或内容。", "Please write why, or the words.", field=field)
    return masked


def _clock(case: CaseFile, which: ClockName) -> CaseClock:
    clock = case.clock(which.duty, which.name)
    if clock is None:
        raise NotFound("unknown_clock", "这个案件没有这个时限。", "The case has no such clock.")
    return clock


def _check_runs(clock: CaseClock, now: dt.datetime) -> None:
    if not clock.is_owed or clock.due_at is None or now > clock.due_at:
        raise Conflict("clock_over", "这个时限已经结束，不能再改。", "This clock is over and cannot be changed.")


def _extension(content: DeskContent, clock: CaseClock, name: str) -> Extension:
    duty = content.duties.get(clock.duty)
    definition: DutyClock | None = duty.clocks.get(clock.name) if duty else None
    extension = definition.extensions.get(name) if definition else None
    if extension is None:
        raise BadInput("unknown_extension", "没有这种延期。", "There is no such extension.", field="extension")
    return extension


def _may_approve(agent: Agent, extension: Extension, asked_by: str | None) -> bool:
    if extension.approver == "agent":
        return True
    if agent.role != "supervisor":
        return False
    return extension.approver == "supervisor" or (asked_by is not None and asked_by != agent.login)
