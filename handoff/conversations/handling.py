"""The fold of what people's work on a conversation needs: offers, clocks, what a waiting customer was told, links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from handoff.conversations import events as log
from handoff.conversations.care.attachments import Attached
from handoff.conversations.events import Event
from handoff.conversations.state import Conversation
from handoff.conversations.values import (
    NO_HANDLING,
    PASSED_LIMIT,
    Clock,
    ClosedByAgent,
    Handling,
    KnownBy,
    Offer,
    Passed,
    Status,
    Told,
)

#: After these messages the customer knows that the desk has everything that they wrote.
_TELLS_THAT_THE_DESK_HAS_ALL = frozenset({"handoff", "priority_raised", "added", "intake"})

_Step = Callable[[Conversation, Event, Any], Handling]


def evolve_handling(state: Conversation, event: Event) -> Handling:
    """The handling after one more event; `state` is the state before it."""
    step = _STEPS.get(type(event.body))
    return step(state, event, event.body) if step else state.handling


def _message(state: Conversation, event: Event, body: log.Message) -> Handling:
    handling = state.handling
    clock, told = handling.clock, handling.told
    if clock is not None and event.by.kind == "agent":
        return replace(handling, clock=clock.answer(event.at))
    if event.by.kind == "customer" and (clock is not None or told is not None):
        return replace(
            handling,
            clock=clock.resume(event.at) if clock is not None else None,
            told=replace(told, additions=told.additions + 1) if told is not None else None,
        )
    if state.status is Status.QUEUED and event.by.kind == "system":
        # A wait that began before the desk kept what it told has no `told`.
        return replace(handling, told=_tell(told or Told(state.case.queued_at or event.at), event, body))
    return handling


def _attached(state: Conversation, event: Event, body: Attached) -> Handling:
    clock = state.handling.clock  # the customer may have owed it
    return replace(state.handling, clock=clock.resume(event.at)) if clock is not None else state.handling


def _tell(told: Told, event: Event, body: log.Message) -> Told:
    if body.kind in _TELLS_THAT_THE_DESK_HAS_ALL:
        told = replace(told, noted_at=event.at)
    if body.kind == "added":
        told = replace(told, added_at=event.at)
    told = replace(told, lines=told.lines + (body.kind == "still_waiting"))
    if body.wait is None:
        return replace(told, promised_until=body.promised_until or told.promised_until)
    return replace(
        told,
        promised_until=body.promised_until,
        wait=body.wait,
        said_at=event.at,
        apologies=told.apologies + body.wait.is_apology,
        sorry_at=event.at if body.wait.is_apology else told.sorry_at,
    )


def _handoff_requested(state: Conversation, event: Event, body: log.HandoffRequested) -> Handling:
    handling, clock = state.handling, state.handling.clock or Clock(event.at)
    if state.status is not Status.QUEUED:  # where a transfer sent a cancelled case says nothing about another one
        handling = replace(handling, queue=None, skill=None)
    return replace(handling, clock=clock.resume(event.at), told=Told(event.at), closed=None)


def _cancelled(state: Conversation, event: Event, body: log.Cancelled) -> Handling:
    return replace(state.handling, offer=None, passed=(), clock=None, told=None)


def _cancel_undone(state: Conversation, event: Event, body: log.CancelUndone) -> Handling:
    was = state.cancelled
    since = (was.case.queued_at if was else None) or event.at
    clock = was.clock if was is not None and was.clock is not None else Clock(since)
    return replace(state.handling, clock=clock, told=Told(since))


def _offered(state: Conversation, event: Event, body: log.Offered) -> Handling:
    return replace(state.handling, offer=Offer(body.login, body.agent, body.until))


def _offer_ended(state: Conversation, event: Event, body: log.OfferEnded) -> Handling:
    others = tuple(each for each in state.handling.passed if each.login != body.login)
    return replace(state.handling, offer=None, passed=(*others, Passed(body.login, event.at))[-PASSED_LIMIT:])


def _assigned(state: Conversation, event: Event, body: log.Assigned) -> Handling:
    login = body.login if body.login is not None else body.agent
    known_by = KnownBy(login, body.agent, event.at)
    return replace(state.handling, offer=None, passed=(), told=None, known_by=known_by)


def _transferred(state: Conversation, event: Event, body: log.Transferred) -> Handling:
    clock = state.handling.clock
    return replace(
        state.handling,
        # The customer waits for whoever takes the case, whatever they owed the agent before.
        clock=clock.resume(event.at) if clock is not None else None,
        told=Told(event.at),
        queue=body.queue or state.handling.queue,
        # A skill belongs to one transfer; another queue has its own.
        skill=body.skill if body.skill or body.queue else state.handling.skill,
    )


def _returned(state: Conversation, event: Event, body: log.Returned) -> Handling:
    return replace(state.handling, offer=None, passed=(), clock=None, told=None, queue=None, skill=None)


def _resolved(state: Conversation, event: Event, body: log.Resolved) -> Handling:
    handling = state.handling
    closed = None
    if body.login is not None:
        closed = ClosedByAgent(
            event.at, body.login, state.case, state.assignment, state.unanswered, state.earlier, handling.clock, state.owed
        )
    # An open case that falls idle keeps its clock: it comes back to its queue.
    stays = body.resolution == "idle" and state.case.is_open and handling.clock is not None
    clock = handling.clock.pause(event.at) if stays and handling.clock else None
    return replace(handling, offer=None, passed=(), told=None, clock=clock, closed=closed)


def _resolution_undone(state: Conversation, event: Event, body: log.ResolutionUndone) -> Handling:
    closed = state.handling.closed
    told = Told(event.at) if closed is not None and closed.assignment is None else None
    return replace(state.handling, clock=closed.clock if closed else None, closed=None, told=told)


def _reopened(state: Conversation, event: Event, body: log.Reopened) -> Handling:
    if state.case.is_open and state.handling.clock is not None:
        return replace(state.handling, clock=state.handling.clock.resume(event.at), told=Told(event.at), closed=None)
    return replace(state.handling, clock=None, told=None, queue=None, skill=None, closed=None)


def _linked(state: Conversation, event: Event, body: log.Linked) -> Handling:
    return replace(state.handling, links=tuple(sorted({*state.handling.links, body.other})))


def _unlinked(state: Conversation, event: Event, body: log.Unlinked) -> Handling:
    return replace(state.handling, links=tuple(link for link in state.handling.links if link != body.other))


def _state_imported(state: Conversation, event: Event, body: log.StateImported) -> Handling:
    if body.handling is not None:
        return body.handling
    # Written by a version without clocks.
    at = body.case.queued_at
    waits = body.status in (Status.QUEUED, Status.ASSIGNED) and at is not None
    return replace(NO_HANDLING, clock=Clock(at) if waits and at is not None else None)


_STEPS: dict[type, _Step] = {
    log.Message: _message,
    Attached: _attached,
    log.HandoffRequested: _handoff_requested,
    log.Cancelled: _cancelled,
    log.CancelUndone: _cancel_undone,
    log.Offered: _offered,
    log.OfferEnded: _offer_ended,
    log.Assigned: _assigned,
    log.Transferred: _transferred,
    log.Returned: _returned,
    log.Resolved: _resolved,
    log.ResolutionUndone: _resolution_undone,
    log.Reopened: _reopened,
    log.Linked: _linked,
    log.Unlinked: _unlinked,
    log.StateImported: _state_imported,
}
