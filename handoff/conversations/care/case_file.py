"""The case files of a conversation.

Commands with their rules, and the fold. Clocks come ready with the commands (handoff/cases).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handoff.conversations.care.case_events import (
    CaseClosed,
    CaseDecided,
    CaseExtended,
    CaseExtensionAsked,
    CaseFact,
    CaseLinked,
    CaseOpened,
    CasePaused,
    CaseRecounted,
    CaseReopened,
    CaseStep,
    CaseWidened,
)
from handoff.conversations.care.case_values import (
    CASE_LIMIT,
    CLOSED,
    DECISION_LIMIT,
    FACT_LIMIT,
    LINK_LIMIT,
    OPEN,
    AskedExtension,
    CaseDecision,
    CaseFile,
    CaseLink,
    Fact,
    current,
)
from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.bodies import Message, ResolutionUndone, Resolved
from handoff.conversations.events.envelope import SYSTEM, Participant
from handoff.conversations.events.registry import Body
from handoff.runtime.errors import Conflict, NotFound

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class WriteCase:
    """Write an event about a case that stands in the log, or open a new one. `by`: who did it.

    Raises NotFound for an unknown case; Conflict when it is closed (unless the event opens it again), or one is open already.
    """

    body: Body
    by: Participant = SYSTEM


_BODIES = (
    CaseOpened,
    CaseWidened,
    CaseReopened,
    CaseFact,
    CaseStep,
    CasePaused,
    CaseExtensionAsked,
    CaseExtended,
    CaseDecided,
    CaseLinked,
    CaseRecounted,
    CaseClosed,
)


def _write_case(writing: Writing, command: WriteCase) -> None:
    body, cases = command.body, writing.state.care.cases
    if not isinstance(body, _BODIES):
        raise TypeError(f"{body.type} is not about a case")
    last = current(cases)
    if isinstance(body, CaseOpened):
        if last is not None and last.is_open:
            zh, en = f"这个会话已有未结案件 {last.id}。", f"This conversation has the open case {last.id}."
            raise Conflict("case_open", zh, en, case=last.id)
    else:
        case = next((case for case in cases if case.id == body.case_id), None)
        if case is None:
            raise NotFound("unknown_case", "没有这个案件。", "There is no such case.")
        if case.is_open == isinstance(body, CaseReopened):
            raise (
                case_closed()
                if not case.is_open
                else Conflict("case_open", "案件还没有结束。", "The case is open.", case=case.id)
            )
    writing.add(body, command.by)


def case_closed() -> Conflict:
    """The refusal of what only an open case allows."""
    return Conflict("case_closed", "案件已经结束。", "The case is closed.")


# --- the fold --------------------------------------------------------------------------------------------------------


def _opened(state: Conversation, event: Event, body: CaseOpened) -> dict[str, Any]:
    new = CaseFile(
        id=body.case_id,
        reason=body.reason,
        opened_at=event.at,
        opened_seq=event.seq,
        t0_seq=body.t0_seq,
        t0_at=body.t0_at,
        words=body.words,
        counts_from=body.t0_at,
        duty_revision=body.duty_revision,
        topic=body.topic,
        amount_cny=body.amount_cny,
        clocks=body.clocks,
    )
    return {"cases": (*state.care.cases, new)[-CASE_LIMIT:]}


def _case_step(change: Callable[[CaseFile, Event, Any], CaseFile]) -> CareStep:
    """A step that changes the case which its event names."""

    def step(state: Conversation, event: Event, body: Any) -> dict[str, Any]:
        cases = tuple(change(case, event, body) if case.id == body.case_id else case for case in state.care.cases)
        return {"cases": cases}

    return step


def _widened(case: CaseFile, event: Event, body: CaseWidened) -> CaseFile:
    return replace(case, reason=body.reason).with_clocks(body.clocks)


def _reopened(case: CaseFile, event: Event, body: CaseReopened) -> CaseFile:
    # What was met by the old decision is owed again, and still from the same moment.
    clocks = tuple(
        replace(clock, met_at=None, met_with=None) if clock.met_with == "decision" else clock for clock in case.clocks
    )
    return replace(case, state=OPEN, closed_at=None, reopened_at=event.at, clocks=clocks)


def _fact(case: CaseFile, event: Event, body: CaseFact) -> CaseFile:
    fact = Fact(body.name, body.value, event.at, body.login)
    return replace(case, facts=(*case.facts, fact)[-FACT_LIMIT:]).with_clocks(body.clocks)


def _step(case: CaseFile, event: Event, body: CaseStep) -> CaseFile:
    return case.meet(body.step, event.at).with_clocks(body.clocks)


def _clocks(case: CaseFile, event: Event, body: CasePaused) -> CaseFile:
    return case.with_clocks(body.clocks)


def _asked(case: CaseFile, event: Event, body: CaseExtensionAsked) -> CaseFile:
    asked = AskedExtension(body.duty, body.clock, body.extension, body.why, body.login, event.at)
    others = tuple(each for each in case.asked if (each.duty, each.clock) != (body.duty, body.clock))
    return replace(case, asked=(*others, asked))


def _extended(case: CaseFile, event: Event, body: CaseExtended) -> CaseFile:
    others = tuple(each for each in case.asked if (each.duty, each.clock) != (body.duty, body.clock))
    return replace(case, asked=others).with_clocks(body.clocks)


def _decided(case: CaseFile, event: Event, body: CaseDecided) -> CaseFile:
    decision = CaseDecision(body.decision, body.reasons, body.login, event.by.name, event.at)
    met = replace(case, decisions=(*case.decisions, decision)[-DECISION_LIMIT:]).meet("decision", event.at)
    return met.with_clocks(body.clocks)


def _linked(case: CaseFile, event: Event, body: CaseLinked) -> CaseFile:
    others = tuple(link for link in case.links if link.case_id != body.other)
    link = CaseLink(body.other, body.other_conversation, body.is_same)
    return replace(case, links=(*others, link)[-LINK_LIMIT:], counts_from=body.counts_from).with_clocks(body.clocks)


def _recounted(case: CaseFile, event: Event, body: CaseRecounted) -> CaseFile:
    return replace(case, counts_from=body.counts_from or case.counts_from).with_clocks(body.clocks)


def _closed(case: CaseFile, event: Event, body: CaseClosed) -> CaseFile:
    return replace(case, state=CLOSED, closed_at=event.at, asked=())


def _met_in_all(state: Conversation, step: str, at: dt.datetime) -> dict[str, Any]:
    cases = tuple(case.meet(step, at) if case.is_open else case for case in state.care.cases)
    return {} if cases == state.care.cases else {"cases": cases}


def _message(state: Conversation, event: Event, body: Message) -> dict[str, Any]:
    return _met_in_all(state, "first_word", event.at) if event.by.kind == "agent" and state.care.cases else {}


def _resolved(state: Conversation, event: Event, body: Resolved) -> dict[str, Any]:
    return _met_in_all(state, "resolution", event.at) if body.resolution == "agent" and state.care.cases else {}


def _resolution_undone(state: Conversation, event: Event, body: ResolutionUndone) -> dict[str, Any]:
    closed = state.handling.closed
    cases = tuple(
        replace(
            case,
            clocks=tuple(
                replace(clock, met_at=None, met_with=None)
                if closed is not None and clock.met_with == "resolution" and clock.met_at == closed.at
                else clock
                for clock in case.clocks
            ),
        )
        for case in state.care.cases
    )
    return {} if cases == state.care.cases else {"cases": cases}


STEPS: dict[type, CareStep] = {
    CaseOpened: _opened,
    CaseWidened: _case_step(_widened),
    CaseReopened: _case_step(_reopened),
    CaseFact: _case_step(_fact),
    CaseStep: _case_step(_step),
    CasePaused: _case_step(_clocks),
    CaseExtensionAsked: _case_step(_asked),
    CaseExtended: _case_step(_extended),
    CaseDecided: _case_step(_decided),
    CaseLinked: _case_step(_linked),
    CaseRecounted: _case_step(_recounted),
    CaseClosed: _case_step(_closed),
    Message: _message,
    Resolved: _resolved,
    ResolutionUndone: _resolution_undone,
}
RULES: dict[type, CareRule] = {WriteCase: _write_case}
