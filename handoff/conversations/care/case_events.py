"""What can stand in the log about a case. All of it is internal: customers read `case` of the status.

Each event that moves a due time holds the clocks as they are after it, so that the log alone says what was owed when, whatever
calendars and duties are published later.
"""

from __future__ import annotations

import datetime as dt

from handoff.conversations.care.case_values import CaseClock
from handoff.conversations.events.registry import Body, event, internal


@event("case_opened")
class CaseOpened(Body):
    """A case begins, for what the customer said first (`t0`)."""

    case_id: str
    reason: str
    duties: tuple[str, ...]
    duty_revision: str = internal("the content whose duties count")
    t0_seq: int = internal("the customer's message")
    t0_at: dt.datetime
    words: str = internal("of the customer")
    topic: str | None = internal(default=None)
    amount_cny: float | None = internal(default=None)
    clocks: tuple[CaseClock, ...]
    login: str | None = internal("of an agent who opened it by hand", default=None)


@event("case_widened")
class CaseWidened(Body):
    """The open case is about something graver now; further clocks count from what the customer said about that."""

    case_id: str
    reason: str
    t0_seq: int
    t0_at: dt.datetime
    words: str
    clocks: tuple[CaseClock, ...]


@event("case_reopened")
class CaseReopened(Body):
    """The customer came back with the same matter. No clock begins anew."""

    case_id: str
    reason: str


@event("case_fact")
class CaseFact(Body):
    """Something is known of the case, or was corrected; `clocks`: those that it changes."""

    case_id: str
    name: str
    value: str
    login: str
    clocks: tuple[CaseClock, ...] = ()


@event("case_step")
class CaseStep(Body):
    """Something that a duty asks for was done."""

    case_id: str
    step: str
    login: str
    note: str | None = None
    clocks: tuple[CaseClock, ...] = internal("that begin with it", default=())


@event("case_paused")
class CasePaused(Body):
    """A clock stands still, or goes on again (`is_paused` false)."""

    case_id: str
    is_paused: bool
    why: str
    login: str
    clocks: tuple[CaseClock, ...]


@event("case_extension_asked")
class CaseExtensionAsked(Body):
    """An agent asks for more time; the approver has not answered yet."""

    case_id: str
    duty: str
    clock: str
    extension: str
    why: str
    login: str


@event("case_extended")
class CaseExtended(Body):
    """A clock has more time. It counts from the same moment as before."""

    case_id: str
    duty: str
    clock: str
    extension: str
    why: str
    login: str = internal("of the approver")
    asked_by: str | None = None
    clocks: tuple[CaseClock, ...]


@event("case_decided")
class CaseDecided(Body):
    """The case is decided; `clocks`: those that begin with the decision."""

    case_id: str
    decision: str
    reasons: str
    login: str
    clocks: tuple[CaseClock, ...] = ()


@event("case_linked")
class CaseLinked(Body):
    """Another case belongs to it. Both logs hold it. Of one matter (`is_same`), the earlier message counts for both."""

    case_id: str
    other: str
    other_conversation: str
    is_same: bool
    login: str
    counts_from: dt.datetime
    clocks: tuple[CaseClock, ...] = ()


@event("case_recounted")
class CaseRecounted(Body):
    """Due times changed, because a calendar knows more now, or a case of the same matter is older than was known."""

    case_id: str
    why: str = internal("`calendar`, `linked`")
    counts_from: dt.datetime | None = None
    clocks: tuple[CaseClock, ...]


@event("case_closed")
class CaseClosed(Body):
    """The work on the case is done."""

    case_id: str
    why: str
    login: str
