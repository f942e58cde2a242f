"""Logged turns for tests: as the desk exports them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Dict, Optional

from bot.workshop.decider import Turn
from bot.workshop.logged_turns import LoggedTurn
from contract.turn import Context

DAY = dt.date(2026, 11, 30)


def line(number: int = 1, text: str = "转账没到", decision: Optional[Dict[str, Any]] = None, **more: Any) -> Dict[str, Any]:
    """A turn line, as it comes over the wire."""
    return {
        "conversation_id": "c1",
        "turn_id": f"c1.{number}",
        "seq": number + 1,
        "first_seq": number,
        "last_seq": number,
        "episode": 1,
        "at": f"2026-11-30T08:{number:02d}:00+00:00",
        "day": DAY.isoformat(),
        "text": text,
        "choice": None,
        "suggested": False,
        "context": Context().as_json(),
        "silent": False,
        "is_exact": True,
        "decision": decision or {"route": "answer"},
        "settled": None,
        "solved": None,
        **more,
    }


def logged(number: int = 1, text: str = "转账没到", decision: Optional[Dict[str, Any]] = None, **more: Any) -> LoggedTurn:
    """A turn of the log."""
    return LoggedTurn.from_json(json.loads(json.dumps(line(number, text, decision, **more))))


def of_turn(number: int, turn: Turn, decision: Dict[str, Any], **more: Any) -> LoggedTurn:
    """A turn of the log that the bot was told so."""
    return logged(
        number,
        turn.text,
        decision,
        choice=turn.choice,
        suggested=turn.suggested,
        context=turn.context.as_json(),
        **more,
    )
