"""What each figure counts: one pure function for each, from a conversation's story to samples.

A sample has a moment, so that it belongs to exactly one window, day and hour. Summing over days is the same as counting the
whole window. Samples outside of the window are dropped by the caller (`totals.Totals`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from contract.priorities import URGENT
from handoff.figures.episodes import Episode, Facts, Handoff, Resolution, Story
from handoff.figures.window import Rules, Window

#: Outcomes with which an agent says that the case was not solved.
_UNSOLVED = frozenset({"not_solved"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing that a figure counts.

    `value`: what is added up or ordered (seconds, stars; 1 for a count). `is_counted`: whether it belongs to the numerator.
    """

    at: dt.datetime
    value: float
    is_counted: bool
    reason: str | None
    queue: str | None
    agent: str | None


def _sample(
    rules: Rules,
    at: dt.datetime,
    handoff: Handoff,
    agent: str | None = None,
    *,
    value: float = 1,
    is_counted: bool = True,
    facts: Facts | None = None,
) -> Sample:
    facts = facts or handoff.facts_at(at)
    return Sample(at, value, is_counted, facts.reason, rules.queue_of(facts.reason, facts.queue, facts.lane), agent)


def _of_episode(
    rules: Rules, episode: Episode, at: dt.datetime, agent: str | None, *, value: float = 1, is_counted: bool = True
) -> Sample:
    """A sample of a whole episode: its reason is the last handoff's; without one it has none."""
    if episode.handoffs:
        handoff = episode.handoffs[-1]
        return _sample(rules, at, handoff, agent, value=value, is_counted=is_counted, facts=handoff.last_facts)
    return Sample(at, value, is_counted, None, None, agent)


def _handoffs(story: Story) -> Iterator[Handoff]:
    for episode in story.episodes:
        yield from episode.handoffs


def _ended(story: Story) -> Iterator[tuple[Episode, Resolution]]:
    for episode in story.episodes:
        if episode.resolution is not None:
            yield episode, episode.resolution


def waiting(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Cases that wait in the queue at the end of the window; the value is for how long (s)."""
    last = window.end - dt.timedelta.resolution
    for handoff in _handoffs(story):
        if handoff.waits_at(last):
            yield _sample(rules, last, handoff, value=(window.end - handoff.at).total_seconds())


def waiting_urgent(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """The urgent ones of them, with those in a lane."""
    last = window.end - dt.timedelta.resolution
    for handoff in _handoffs(story):
        facts = handoff.facts_at(last)
        if (facts.priority == URGENT or facts.lane) and handoff.waits_at(last):
            yield _sample(rules, last, handoff, value=(window.end - handoff.at).total_seconds())


def handoffs(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Requests for a person."""
    for handoff in _handoffs(story):
        yield _sample(rules, handoff.at, handoff)


def first_response(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """From the handoff to the agent's first message (s), at that message. Never the bot's or the desk's first words."""
    for handoff in _handoffs(story):
        answer = handoff.first_response
        if answer is not None:
            seconds = (answer.at - answer.since).total_seconds()
            yield _sample(rules, answer.at, handoff, answer.login, value=seconds)


def next_response(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """From the first customer message that waits, after the first response, to the agent's answer (s)."""
    for handoff in _handoffs(story):
        for answer in handoff.replies:
            seconds = (answer.at - answer.since).total_seconds()
            yield _sample(rules, answer.at, handoff, answer.login, value=seconds)


def resolution_time(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """From the last handoff to the end (s), of episodes that an agent resolved."""
    for episode, end in _ended(story):
        if end.by == "agent" and episode.handoffs:
            seconds = (end.at - episode.handoffs[-1].at).total_seconds()
            yield _of_episode(rules, episode, end.at, end.login, value=seconds)


def within_promise(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """First responses in time, of the promises that were kept or broken: at the answer, or when the time was over."""
    for handoff in _handoffs(story):
        breach = rules.breach_of(handoff)
        answer = handoff.first_response
        if breach is None:
            continue
        if answer is not None and answer.at <= breach:
            yield _sample(rules, answer.at, handoff, answer.login)
        elif breach < min(handoff.ended_at or window.as_of, window.as_of):
            yield _sample(rules, breach, handoff, handoff.holder_at(breach), is_counted=False)


def abandoned(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Waits that the customer cancelled, or in which the customer was silent for 10 minutes; of all waits that were decided."""
    for handoff in _handoffs(story):
        silent_at = handoff.went_silent_at(window.end)
        if silent_at is not None:
            yield _sample(rules, silent_at, handoff)
        elif handoff.waited_until is not None:
            is_cancelled = handoff.ended_by == "cancelled" and not handoff.taken
            agent = handoff.taken[0].login if handoff.taken else None
            yield _sample(rules, handoff.waited_until, handoff, None if is_cancelled else agent, is_counted=is_cancelled)


def solved_at_first_contact(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Episodes that one agent resolved alone, and after which the customer did not come back; of those that agents resolved."""
    for episode, end in _ended(story):
        if end.by == "agent" and episode.agents and window.is_settled(end.at):
            moved = any(handoff.moved for handoff in episode.handoffs)
            alone = len(episode.agents) == 1 and not moved and len(episode.handoffs) == 1
            solved = alone and end.outcome not in _UNSOLVED and story.came_back_at(episode) is None
            yield _of_episode(rules, episode, end.at, end.login, is_counted=solved)


def rating(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """The last rating of each episode before the end of the window (stars)."""
    for episode in story.episodes:
        score = episode.rating_before(window.end)
        if score is not None:
            agent = episode.agents[-1] if episode.agents else None
            yield _of_episode(rules, episode, score.at, agent, value=score.score)


def solved_by_bot(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Episodes that ended without a handoff, of those that ended and in which the customer brought a matter (containment)."""
    for episode, end in _ended(story):
        if episode.has_matter and episode.has_words:
            is_bots = not episode.handoffs
            yield _of_episode(rules, episode, end.at, None if is_bots else end.login, is_counted=is_bots)


def came_back(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Episodes after which the customer came back within 72 hours, of those that are old enough and ended without a handoff."""
    for episode, end in _ended(story):
        if episode.has_matter and episode.has_words and not episode.handoffs and window.is_settled(end.at):
            yield _of_episode(rules, episode, end.at, None, is_counted=story.came_back_at(episode) is not None)


def _marked(mark: str, story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    for episode, end in _ended(story):
        if episode.agents:
            is_marked = episode.is_marked(mark, window.end)
            yield _of_episode(rules, episode, end.at, episode.agents[-1], is_counted=is_marked)


def needless_handoff(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Ended episodes that an agent marked "did not need a person", of those that an agent had."""
    return _marked("needless_handoff", story, window, rules)


def late_handoff(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Ended episodes that an agent marked "the bot should have handed over sooner", of those that an agent had."""
    return _marked("late_handoff", story, window, rules)


def wrong_article(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Ended episodes that an agent marked "wrong article", of those that an agent had."""
    return _marked("wrong_article", story, window, rules)


def offer_missed(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Offers that ended without an acceptance, of all offers that were accepted or ended so."""
    for handoff in _handoffs(story):
        for offer in handoff.offers:
            yield _sample(rules, offer.at, handoff, offer.login, is_counted=not offer.is_accepted)


def transfers(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Transfers by agents, counted for the agent who had the case. What the desk took from an absent agent is none."""
    for handoff in _handoffs(story):
        for moved in handoff.moved:
            if moved.why != "agent_gone":
                yield _sample(rules, moved.at, handoff, moved.login)


def taken(story: Story, window: Window, rules: Rules) -> Iterator[Sample]:
    """Episodes that an agent got: each agent of an episode once, when they first had it."""
    for episode in story.episodes:
        seen: set[str] = set()
        for handoff in episode.handoffs:
            for each in handoff.taken:
                if each.login not in seen:
                    seen.add(each.login)
                    yield _sample(rules, each.at, handoff, each.login)
