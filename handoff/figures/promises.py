"""When the promise of the first response is broken, by the service levels and opening hours that are published now. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from content.bundle import DeskContent
from handoff.figures.episodes import Handoff
from handoff.figures.window import Rules
from handoff.queue.clocks import opening_hours
from handoff.queue.service_levels import level_of
from handoff.queue.work_queues import queue_of_reason


def desk_zone(content: DeskContent) -> ZoneInfo:
    """The zone in which figures count days: that of the default queue's hours."""
    return opening_hours(content)[queue_of_reason(None, content)].zone


def rules_of(content: DeskContent) -> Rules:
    """The rules of the published content."""

    def queue_of(reason: str | None, chosen: str | None, lane: str | None) -> str:
        return chosen if chosen is not None and chosen in content.desk.queues else queue_of_reason(reason, content, lane)

    def breach_of(handoff: Handoff) -> dt.datetime | None:
        # A graver incident or another queue changes the promise. It counts from the handoff all the same, as on the cards.
        for number, facts in enumerate(handoff.facts):
            queue = queue_of(facts.reason, facts.queue, facts.lane)
            allowed = dt.timedelta(minutes=level_of(facts.priority, content, queue).first_response_minutes)
            hours = opening_hours(content)[queue]
            due = hours.add_working_time(handoff.at, allowed)
            breach = max(due, facts.at) if due is not None else None
            is_last = number + 1 == len(handoff.facts)
            if breach is not None and (is_last or breach < handoff.facts[number + 1].at):
                return breach
        return None

    return Rules(queue_of, breach_of)
