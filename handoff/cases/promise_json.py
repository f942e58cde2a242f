"""An obligation as JSON for agents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from handoff.conversations.care.promises import Obligation


def promise_json(each: Obligation, now: dt.datetime) -> dict[str, Any]:
    """One obligation. `is_late`: the customer still waits although the time is over."""
    return {
        "id": each.id,
        "promise": each.promise,
        "state": each.state,
        "made_at": each.made_at.isoformat(),
        "due_at": each.due_at.isoformat(),
        "why": {"zh": each.why_zh, "en": each.why_en},
        "message_seq": each.message_seq,
        "text_kind": each.text_kind,
        "by": each.by,
        "settled_at": each.settled_at.isoformat() if each.settled_at else None,
        "broken_at": each.broken_at.isoformat() if each.broken_at else None,
        "is_late": each.is_owed and now > each.due_at,
    }
