"""Folds a conversation's log into the story that figures count: a pure function of the events, in the order of the log.

The fold is small beside `conversations.evolve`, because reports read millions of events. A test compares both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from contract.decision import known_fields
from contract.routes import CHAT, FEEDBACK
from handoff.conversations import events as log
from handoff.conversations.events import Event
from handoff.conversations.values import Status
from handoff.figures.episodes import (
    SILENT,
    Access,
    Answered,
    Episode,
    Facts,
    Handoff,
    Mark,
    Moved,
    OfferEnd,
    Resolution,
    Score,
    Story,
    Taken,
)

#: Words with which customers ask for an agent's superior. They say only what is written, not what is meant.
_SUPERIOR = re.compile(
    r"(找|叫|让|换|要|请|給|给|跟|和|有)[^。！？!?,，]{0,8}(主管|经理|經理|领导|領導|负责人|負責人|上级|上級|值班长)"
    r"|\b(speak|talk|get|want|need|see|call|contact|ask)\b[^.!?]{0,30}\b(supervisor|manager|boss|in charge)\b",
    re.IGNORECASE,
)


def story_of(conversation_id: str, events: Iterable[Event]) -> Story:
    """The story of a whole log."""
    fold = StoryFold(conversation_id)
    for event in events:
        fold.add(event)
    return fold.story


class StoryFold:
    """One log, folded entry by entry; `story` is what is known so far."""

    def __init__(self, conversation_id: str) -> None:
        self.story = Story(conversation_id)
        self.status = Status.WITH_BOT
        self.last_seq = 0
        #: The agent who has, or had last, the conversation: login and name.
        self._holder: tuple[str, str] | None = None
        self._offered_to: str | None = None
        #: Since when the customer waits for the next answer of an agent.
        self._owed_since: Any = None
        self._queue: str | None = None
        self._cancelled: Handoff | None = None
        self._closed: tuple[Status, Handoff | None, Any] | None = None

    def add(self, event: Event) -> None:
        """One more entry of the log."""
        self.last_seq = event.seq
        body = event.body
        if isinstance(body, log.Unknown):
            self.story.is_read = False
            return
        if not self.story.episodes:
            self.story.episodes.append(Episode(1, event.at))
            if isinstance(body, log.StateImported):  # what happened before is not in the log
                self.story.episodes[0] = Episode(body.episode, None)
        step = _STEPS.get(type(body))
        if step is not None:
            step(self, event, body)

    @property
    def episode(self) -> Episode:
        """The present episode, or the last one."""
        return self.story.episodes[-1]

    @property
    def handoff(self) -> Handoff | None:
        """The case that people have now."""
        handoffs = self.episode.handoffs
        return handoffs[-1] if handoffs and handoffs[-1].ended_at is None else None

    # --- words -------------------------------------------------------------------------------------------------------

    def message(self, event: Event, body: log.Message) -> None:
        handoff = self.handoff
        if event.by.kind == "customer":
            self.episode.has_words = True
            if self.episode.asked_for_supervisor_at is None and _SUPERIOR.search(body.text):
                self.episode.asked_for_supervisor_at = event.at
            if handoff is not None:
                self._customer_wrote(handoff, event)
        elif event.by.kind == "agent" and handoff is not None:
            login = self._holder[0] if self._holder else None
            if handoff.first_response is None:
                handoff.first_response = Answered(handoff.at, event.at, login)
            elif self._owed_since is not None:
                handoff.replies.append(Answered(self._owed_since, event.at, login))
            self._owed_since = None

    def _customer_wrote(self, handoff: Handoff, event: Event) -> None:
        if handoff.waited_until is None:
            if handoff.silent_at is None and event.at - handoff.last_word_at >= SILENT:
                handoff.silent_at = handoff.last_word_at + SILENT
            handoff.last_word_at = event.at
        if handoff.first_response is not None and self._owed_since is None:
            self._owed_since = event.at

    def triage(self, event: Event, body: log.Triage) -> None:
        if body.silent:
            return
        decision = known_fields(body.decision, "route", "intent")
        if decision["route"] not in (CHAT, FEEDBACK, None):
            self.episode.has_matter = True
            self.episode.topic = decision["intent"]

    def bot_failed(self, event: Event, body: log.BotFailed) -> None:
        self.episode.has_matter = True

    # --- waiting -----------------------------------------------------------------------------------------------------

    def handoff_requested(self, event: Event, body: log.HandoffRequested) -> None:
        self._begin(event.at, Facts(event.at, body.reason, body.priority, body.lane))

    def _begin(self, at: Any, facts: Facts) -> Handoff:
        self.episode.has_matter = True
        handoff = Handoff(at, [replace(facts, queue=self._queue)], last_word_at=at)
        self.episode.handoffs.append(handoff)
        self.status, self._holder, self._owed_since, self._cancelled = Status.QUEUED, None, None, None
        return handoff

    def priority_raised(self, event: Event, body: log.PriorityRaised) -> None:
        if self.handoff is not None:
            self.handoff.facts.append(Facts(event.at, body.reason, body.priority, body.lane, self._queue))

    def cancelled(self, event: Event, body: log.Cancelled) -> None:
        self._cancelled = self.handoff
        self._end_handoff(event, "cancelled")
        self.status, self._offered_to = Status.WITH_BOT, None

    def cancel_undone(self, event: Event, body: log.CancelUndone) -> None:
        facts = Facts(event.at, body.reason, body.priority, body.lane, self._queue)
        handoff = self._cancelled
        if handoff is None:  # the cancel is not in the log
            self._begin(event.at, facts)
            return
        handoff.ended_at = handoff.ended_by = self._cancelled = None
        if handoff.waited_until is not None and not handoff.taken:
            handoff.waited_until = None
        if replace(handoff.last_facts, at=facts.at) != facts:
            handoff.facts.append(facts)
        self.status = Status.QUEUED

    def offered(self, event: Event, body: log.Offered) -> None:
        self._offered_to = body.login

    def offer_ended(self, event: Event, body: log.OfferEnded) -> None:
        self._offered_to = None
        if self.handoff is not None:
            self.handoff.offers.append(OfferEnd(event.at, body.login, body.agent, False, body.why))

    # --- agents ------------------------------------------------------------------------------------------------------

    def assigned(self, event: Event, body: log.Assigned) -> None:
        login = body.login if body.login is not None else body.agent
        handoff = self.handoff
        if handoff is None:  # the handoff is not in the log
            handoff = self._begin(event.at, Facts(event.at, None, None))
        if self._offered_to == login:
            handoff.offers.append(OfferEnd(event.at, login, body.agent, True))
        handoff.taken.append(Taken(event.at, login, body.agent, body.how, body.over_capacity_by))
        handoff.waited_until = handoff.waited_until or event.at
        self.status, self._holder, self._offered_to = Status.ASSIGNED, (login, body.agent), None

    def transferred(self, event: Event, body: log.Transferred) -> None:
        handoff = self.handoff
        if handoff is not None and len(handoff.moved) < len(handoff.taken):
            handoff.moved.append(Moved(event.at, self._holder[0] if self._holder else None, body.why))
        if handoff is not None and body.queue is not None:
            self._queue = body.queue
            handoff.facts.append(replace(handoff.last_facts, at=event.at, queue=body.queue))
        self.status = Status.QUEUED

    def returned(self, event: Event, body: log.Returned) -> None:
        self._end_handoff(event, "returned")
        self.status, self._holder, self._queue, self._owed_since = Status.WITH_BOT, None, None, None

    def accessed(self, event: Event, body: log.Accessed) -> None:
        self.episode.accesses.append(Access(event.at, body.login, event.by.name, body.reason))

    def marked(self, event: Event, body: log.Marked) -> None:
        had_agent = (each for each in reversed(self.story.episodes) if each.agents)
        episode = next(had_agent, self.episode)
        episode.marks.append(Mark(event.at, body.mark, body.login, body.is_set))

    # --- episodes ----------------------------------------------------------------------------------------------------

    def resolved(self, event: Event, body: log.Resolved) -> None:
        handoff = self.handoff
        holder = self._holder if handoff is not None else None
        login = body.login if body.login is not None else holder[0] if holder else None
        name = event.by.name if event.by.kind == "agent" else holder[1] if holder else None
        self._closed = (self.status, handoff, self._owed_since)
        self.episode.resolution = Resolution(event.at, body.resolution, body.outcome, login, name)
        self._end_handoff(event, "resolved")
        self.status, self._offered_to, self._owed_since, self._cancelled = Status.RESOLVED, None, None, None

    def resolution_undone(self, event: Event, body: log.ResolutionUndone) -> None:
        if self._closed is None:
            return
        self.status, handoff, self._owed_since = self._closed
        self.episode.resolution = self._closed = None
        if handoff is not None:
            handoff.ended_at = handoff.ended_by = None
            if not handoff.taken:
                handoff.waited_until = None

    def reopened(self, event: Event, body: log.Reopened) -> None:
        was = self.episode.resolution
        keeps_queue = was is not None and was.by == "idle"
        self.story.episodes.append(Episode(body.episode, event.at))
        self.status, self._holder, self._closed, self._owed_since = Status.WITH_BOT, None, None, None
        # An open case that fell idle comes back to its queue; any other begins afresh.
        self._queue = self._queue if keeps_queue else None

    def rated(self, event: Event, body: log.Rated) -> None:
        over = (each for each in reversed(self.story.episodes) if each.resolution is not None)
        next(over, self.episode).ratings.append(Score(event.at, body.score))

    def _end_handoff(self, event: Event, how: str) -> None:
        handoff = self.handoff
        if handoff is not None:
            handoff.ended_at, handoff.ended_by = event.at, how
            handoff.waited_until = handoff.waited_until or event.at

    def state_imported(self, event: Event, body: log.StateImported) -> None:
        """The older desk's state. What the log already says stays; what is missing is filled in."""
        if body.episode > self.episode.number:
            self.story.episodes.append(Episode(body.episode, None))
        case, episode = body.case, self.episode
        if body.status in (Status.QUEUED, Status.ASSIGNED):
            episode.resolution = None
            at = case.queued_at or event.at
            handoff = self.handoff or self._begin(at, Facts(at, case.reason, case.priority, case.lane))
            if handoff.first_response is None and case.first_response_at is not None:
                handoff.first_response = Answered(handoff.at, case.first_response_at, body.agent)
        elif self.handoff is not None:
            self._end_handoff(event, "resolved" if body.status is Status.RESOLVED else "returned")
        if body.status is Status.ASSIGNED and self.handoff is not None and body.agent is not None:
            login, name = body.agent, body.agent_name or body.agent
            if self.status is not Status.ASSIGNED or self._holder is None or self._holder[0] != login:
                at = body.assigned_at or event.at
                self.handoff.taken.append(Taken(at, login, name))
                self.handoff.waited_until = self.handoff.waited_until or at
            self._holder = (login, name)
        if body.status is Status.RESOLVED and episode.resolution is None:
            by = body.earlier.by if body.earlier is not None else "idle"
            at = body.resolved_at or event.at
            episode.resolution = Resolution(at, by, None, body.agent, body.agent_name)
        if body.rating is not None and not episode.ratings and body.status is Status.RESOLVED:
            episode.ratings.append(Score(body.resolved_at or event.at, body.rating))
        if body.handling is not None:
            self._queue = body.handling.queue
            if self.handoff is not None and self.handoff.last_facts.queue != self._queue:
                self.handoff.facts.append(replace(self.handoff.last_facts, at=event.at, queue=self._queue))
        self.status = body.status


_STEPS: dict[type, Callable[[StoryFold, Event, Any], None]] = {
    log.Message: StoryFold.message,
    log.Triage: StoryFold.triage,
    log.BotFailed: StoryFold.bot_failed,
    log.HandoffRequested: StoryFold.handoff_requested,
    log.PriorityRaised: StoryFold.priority_raised,
    log.Cancelled: StoryFold.cancelled,
    log.CancelUndone: StoryFold.cancel_undone,
    log.Offered: StoryFold.offered,
    log.OfferEnded: StoryFold.offer_ended,
    log.Assigned: StoryFold.assigned,
    log.Transferred: StoryFold.transferred,
    log.Returned: StoryFold.returned,
    log.Accessed: StoryFold.accessed,
    log.Marked: StoryFold.marked,
    log.Resolved: StoryFold.resolved,
    log.ResolutionUndone: StoryFold.resolution_undone,
    log.Reopened: StoryFold.reopened,
    log.Rated: StoryFold.rated,
    log.StateImported: StoryFold.state_imported,
}
