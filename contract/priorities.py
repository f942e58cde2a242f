"""How urgent an escalation is: priorities, lanes, and the rank that orders the queue."""

from __future__ import annotations

from typing import Literal, Optional

Priority = Literal["urgent", "high", "normal"]
URGENT: Priority = "urgent"
HIGH: Priority = "high"
NORMAL: Priority = "normal"

#: All priorities, the most urgent first.
PRIORITIES: tuple[Priority, ...] = (URGENT, HIGH, NORMAL)
#: The queue is ordered by this rank, then by time. Smaller is more urgent.
PRIORITY_RANK: dict[str, int] = {priority: rank for rank, priority in enumerate(PRIORITIES)}

Lane = Literal["money_moving"]
#: Money is leaving now: such a conversation stands before all others in the queue, whatever their priority.
MONEY_MOVING: Lane = "money_moving"
LANES: frozenset[str] = frozenset({MONEY_MOVING})
#: The rank of every lane. It is smaller than any priority's.
LANE_RANK = -1


def queue_rank(priority: Optional[str], lane: Optional[str]) -> int:
    """The number that orders the queue before time does; smaller is first."""
    return LANE_RANK if lane else PRIORITY_RANK[priority or NORMAL]
