"""Who gets which case: the desk's own function, and first come, first served."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from handoff.queue.routing import PlannedOffer, Rules, Staff, WaitingCase, misfit, plan_offers

#: From cases, staff, rules and time to offers.
Planner = Callable[[Sequence[WaitingCase], Staff, Rules, dt.datetime], list[PlannedOffer]]

#: What the desk does: the same function as in `handoff/queue/router.py`.
ROUTING: Planner = plan_offers


def first_come_first_served(cases: Sequence[WaitingCase], staff: Staff, rules: Rules, now: dt.datetime) -> list[PlannedOffer]:
    """The oldest case first, whatever it is about, to the least loaded agent who has its skills and languages."""
    offers: list[PlannedOffer] = []
    for case in sorted(cases, key=lambda each: (each.queued_at, each.id)):
        if not staff.free:
            break
        passed = {login for login, at in case.passed if now - at < rules.patience}
        fitting = [seat for seat in staff.free if not any(misfit(case, seat)[:2]) and seat.login not in passed]
        if fitting:
            seat = min(fitting, key=lambda each: (each.is_reserve, each.load, each.login))
            offers.append(PlannedOffer(case, seat.login, misfit(case, seat)))
            staff.offer(seat, case, now)
    return offers
