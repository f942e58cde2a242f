"""How urgent an escalation is: priorities, lanes, and the rank that orders the queue."""

from __future__ import annotations

from typing import Optional

#: Smaller is more urgent; the queue is ordered by it, then by time.
PRIORITY_RANK = {"urgent": 0, "high": 1, "normal": 2}

#: Money is leaving now: such a conversation stands before all others in the queue, whatever their priority.
MONEY_MOVING = "money_moving"
LANES = frozenset({MONEY_MOVING})
#: The rank of every lane. It is smaller than any priority's.
LANE_RANK = -1


def queue_rank(priority: Optional[str], lane: Optional[str]) -> int:
    """The number that orders the queue before time does; smaller is first."""
    return LANE_RANK if lane else PRIORITY_RANK[priority or "normal"]
