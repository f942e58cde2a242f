"""The fold of the log: what each event does to the state. Nothing else changes a conversation.

`evolve` never refuses: what is in the log has happened. `decide` checks before it makes an event. An event that this desk
cannot read changes nothing but the end of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from contract.decision import known_fields
from contract.routes import ANSWER, CLARIFY, ESCALATE, FEEDBACK
from handoff.conversations import events as log
from handoff.conversations.care.attachments import Attached
from handoff.conversations.care.care import evolve_care
from handoff.conversations.events import Event
from handoff.conversations.handling import evolve_handling
from handoff.conversations.state import (
    CHOICE_HUMAN,
    PREVIEW_LENGTH,
    Conversation,
    born,
    is_desk_choice,
)
from handoff.conversations.values import (
    NO_CASE,
    NOTHING_OWED,
    Assignment,
    Birth,
    CancelledWait,
    Case,
    EarlierEpisode,
    Status,
    Unanswered,
)

Changes = dict[str, Any]
_Step = Callable[[Conversation, Event, Any], Changes]


def evolve(state: Conversation, event: Event) -> Conversation:
    """The state after one more event of its log."""
    step = _STEPS.get(type(event.body))
    changes = step(state, event, event.body) if step else {}
    handling, care = evolve_handling(state, event), evolve_care(state, event)
    return replace(state, last_seq=event.seq, updated_at=event.at, handling=handling, care=care, **changes)


def fold(birth: Birth, events: Iterable[Event]) -> Conversation:
    """The state after a whole log."""
    state = born(birth)
    for event in events:
        state = evolve(state, event)
    return state


# --- words -----------------------------------------------------------------------------------------------------------


def _message(state: Conversation, event: Event, body: log.Message) -> Changes:
    return _SAID[event.by.kind](state, event, body) if event.by.kind in _SAID else {}


def _customer_said(state: Conversation, event: Event, body: log.Message) -> Changes:
    # Words before a press on "talk to a person" stay owed: the bot weighs them silently, they may report an emergency.
    is_press = is_desk_choice(body.choice) or (body.choice == CHOICE_HUMAN and state.status is Status.WITH_BOT)
    owed = state.owed if is_press else state.owed.add(event.seq, event.at)
    return {
        "preview": body.text[:PREVIEW_LENGTH],
        "offered": (),
        "owed": owed,
        "unanswered": state.unanswered or Unanswered(event.seq, event.at),
    }


def _bot_said(state: Conversation, event: Event, body: log.Message) -> Changes:
    return {"offered": body.buttons or (), "unanswered": None}


def _agent_said(state: Conversation, event: Event, body: log.Message) -> Changes:
    case = state.case
    if case.first_response_at is None:
        case = replace(case, first_response_at=event.at)
    return {"case": case, "unanswered": None, "owed": NOTHING_OWED}


def _desk_said(state: Conversation, event: Event, body: log.Message) -> Changes:
    changes: Changes = {"offered": body.buttons} if body.buttons else {}
    if body.kind == "kept_waiting":  # the customer was asked, and waits on; a later "yes" answers something else
        changes["stretch_seq"] = event.seq
    return changes


_SAID: dict[str, _Step] = {"customer": _customer_said, "bot": _bot_said, "agent": _agent_said, "system": _desk_said}


def _attached(state: Conversation, event: Event, body: Attached) -> Changes:
    # Only people look at pictures: for the bot a picture is no question.
    waits_for_people = state.status in (Status.QUEUED, Status.ASSIGNED)
    return {"unanswered": state.unanswered or Unanswered(event.seq, event.at)} if waits_for_people else {}


def _language_changed(state: Conversation, event: Event, body: log.LanguageChanged) -> Changes:
    return {"locale": body.language}


# --- the bot's turns -------------------------------------------------------------------------------------------------


def _triage(state: Conversation, event: Event, body: log.Triage) -> Changes:
    changes: Changes = {"triaged_turn": body.turn_id, "owed": state.owed.settle(body.message_seq, event.at)}
    if body.silent:
        return changes
    decision = known_fields(body.decision, "route", "intent", "amount_cny")
    if decision["route"] in (ANSWER, ESCALATE, CLARIFY):
        changes["case"] = replace(state.case, topic=decision["intent"], amount_cny=decision["amount_cny"])
    if decision["route"] in (ANSWER, FEEDBACK):
        changes |= _new_matter(state)
    return changes


def _new_matter(state: Conversation) -> Changes:
    if state.earlier is None or not state.earlier.is_recent:
        return {}
    changes: Changes = {"earlier": replace(state.earlier, is_recent=False)}
    return changes if state.status is Status.RESOLVED else {**changes, "rating": None}


def _bot_failed(state: Conversation, event: Event, body: log.BotFailed) -> Changes:
    return {"owed": state.owed.settle(body.settled_seq, event.at)}


# --- handing over ----------------------------------------------------------------------------------------------------


def _handoff_requested(state: Conversation, event: Event, body: log.HandoffRequested) -> Changes:
    case = Case(body.reason, body.priority, body.lane, body.topic, body.amount_cny, body.stays_open, event.at)
    if state.status is Status.QUEUED:  # an open case that came back, `reopened` stands before it
        return {"case": replace(case, is_open=True), "stretch_seq": event.seq}
    return {
        **_new_matter(state),
        "status": Status.QUEUED,
        "case": case,
        "assignment": None,
        "offered": (),
    }


def _priority_raised(state: Conversation, event: Event, body: log.PriorityRaised) -> Changes:
    is_open = state.case.is_open or body.stays_open
    return {"case": replace(_told_case(state.case, body), is_open=is_open)}


def _told_case(case: Case, body: log.PriorityRaised | log.CancelUndone) -> Case:
    return replace(
        case,
        reason=body.reason,
        priority=body.priority,
        lane=body.lane,
        topic=body.topic,
        amount_cny=body.amount_cny,
    )


def _cancelled(state: Conversation, event: Event, body: log.Cancelled) -> Changes:
    # A message that still waits for its turn keeps it: it was written to be answered.
    return {
        "status": Status.WITH_BOT,
        "cancelled": CancelledWait(event.at, state.case, state.handling.clock),
        "case": NO_CASE,
        "assignment": None,
        "stretch_seq": event.seq,
        "offered": (),
    }


def _cancel_undone(state: Conversation, event: Event, body: log.CancelUndone) -> Changes:
    waited = state.cancelled.case if state.cancelled else NO_CASE
    case = _told_case(replace(waited, queued_at=waited.queued_at or event.at), body)
    return {"status": Status.QUEUED, "case": case, "cancelled": None, "offered": ()}


# --- agents ----------------------------------------------------------------------------------------------------------


def _assigned(state: Conversation, event: Event, body: log.Assigned) -> Changes:
    login = body.login if body.login is not None else body.agent
    return {"status": Status.ASSIGNED, "assignment": Assignment(login, body.agent, event.at)}


def _transferred(state: Conversation, event: Event, body: log.Transferred) -> Changes:
    # The bot silently checks messages that no agent answered: they may report a more serious incident.
    # Messages before the first unanswered one are settled.
    first = state.unanswered.seq if state.unanswered else state.last_seq + 1
    return {"status": Status.QUEUED, "assignment": None, "owed": state.owed.settle(first - 1, event.at)}


def _returned(state: Conversation, event: Event, body: log.Returned) -> Changes:
    # What the person had is settled; the bot answers what comes from here on.
    return {
        "status": Status.WITH_BOT,
        "case": NO_CASE,
        "assignment": None,
        "unanswered": None,
        "owed": NOTHING_OWED,
        "stretch_seq": event.seq,
        "offered": (),
    }


# --- episodes --------------------------------------------------------------------------------------------------------


def _resolved(state: Conversation, event: Event, body: log.Resolved) -> Changes:
    changes: Changes = {
        "status": Status.RESOLVED,
        "unanswered": None,
        "owed": NOTHING_OWED,  # what the agent had is not the bot's, when the customer comes back
        "resolved_at": event.at,
        "offered": (),
        "cancelled": None,
    }
    if body.resolution == "closed" and state.earlier is not None and state.was_closed_by_person():
        changes["rating"] = state.earlier.rating  # what the person did is still what was done
    else:
        case = state.case
        changes["earlier"] = EarlierEpisode(
            by=body.resolution,
            is_recent=True,
            episode=state.episode,
            reason=case.reason,
            priority=case.priority,
            intent=case.topic,
            amount_cny=case.amount_cny,
            agent=state.agent_name,
        )
    if body.resolution != "idle" and state.case.is_open:
        changes["case"] = replace(state.case, is_open=False)
    return changes


def _resolution_undone(state: Conversation, event: Event, body: log.ResolutionUndone) -> Changes:
    closed = state.handling.closed
    if closed is None:  # an entry that only a newer desk can have written
        return {}
    return {
        "status": Status.ASSIGNED if closed.assignment else Status.QUEUED,
        "case": closed.case,
        "assignment": closed.assignment,
        "unanswered": closed.unanswered,
        "owed": closed.owed,
        "earlier": closed.earlier,
        "resolved_at": None,
        "rating": None,
    }


def _reopened(state: Conversation, event: Event, body: log.Reopened) -> Changes:
    was = state.case
    kept = Case(was.reason, was.priority, was.lane, was.topic, is_open=True, queued_at=event.at) if was.is_open else NO_CASE
    return {
        "status": Status.QUEUED if was.is_open else Status.WITH_BOT,
        "episode": body.episode,
        "case": kept,
        "assignment": None,
        "rating": None,
        "resolved_at": None,
        "cancelled": None,
        "stretch_seq": event.seq,
    }


def _rated(state: Conversation, event: Event, body: log.Rated) -> Changes:
    earlier = replace(state.earlier, rating=body.score) if state.earlier else None
    return {"rating": body.score, "earlier": earlier}


def _state_imported(state: Conversation, event: Event, body: log.StateImported) -> Changes:
    has_agent = body.agent is not None
    return {
        "status": body.status,
        "episode": body.episode,
        "locale": body.locale,
        "case": body.case,
        "assignment": Assignment(body.agent or "", body.agent_name or "", body.assigned_at or event.at) if has_agent else None,
        "resolved_at": body.resolved_at,
        "rating": body.rating,
        "preview": body.preview,
        "offered": body.offered,
        "unanswered": body.unanswered,
        "owed": body.owed,
        "stretch_seq": body.stretch_seq,
        "triaged_turn": body.triaged_turn,
        "earlier": body.earlier,
        "cancelled": body.cancelled,
    }


#: Events that are not here change nothing but the end of the log.
_STEPS: dict[type, _Step] = {
    log.Message: _message,
    Attached: _attached,
    log.LanguageChanged: _language_changed,
    log.Triage: _triage,
    log.BotFailed: _bot_failed,
    log.HandoffRequested: _handoff_requested,
    log.PriorityRaised: _priority_raised,
    log.Cancelled: _cancelled,
    log.CancelUndone: _cancel_undone,
    log.Assigned: _assigned,
    log.Transferred: _transferred,
    log.Returned: _returned,
    log.Resolved: _resolved,
    log.ResolutionUndone: _resolution_undone,
    log.Reopened: _reopened,
    log.Rated: _rated,
    log.StateImported: _state_imported,
}
