"""Look back: which closed conversations should have gone to a person, by a draft or by what is live now?

Every turn of the log that the bot answered is decided again. A turn counts if the version wants a person now and no person came
in that episode: the bot ended it, or the customer fell silent. Articles that are out of date by now do not count, because they
say nothing about the customer's matter of then.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Sequence, Tuple

from bot.workshop.decider import Decider
from bot.workshop.logged_turns import LoggedTurn
from bot.workshop.shadow import brief, named
from bot.workshop.versions import Version
from contract.priorities import queue_rank
from contract.routes import ESCALATE

#: Conversations in one result, the gravest first. `count` is of all.
MOST_FOUND = 2000
#: The rule of a handoff because an article is not valid today.
_NO_ARTICLE = "article"
_COLUMNS = ("conversation_id", "seq", "at", "reason", "priority", "lane", "rule", "before", "article", "text")

Progress = Callable[[float], None]


def look_back(version: Version, turns: Sequence[LoggedTurn], progress: Progress = lambda share: None) -> Dict[str, Any]:
    """`{n, count, by_reason, found, day, version}`; `found`: one entry for each episode, the gravest first. Raises ModelGone.

    An entry: `{conversation_id, turn_id, seq, episode, at, text, ended_by, before, after}`, of its gravest turn, and with
    `after.amount_cny`.
    """
    today = dt.date.today()
    asked = [turn for turn in turns if _was_left_to_the_bot(turn)]
    decisions = Decider.open(version).decide_all([replace(turn.turn, day=today) for turn in asked], progress)
    gravest: Dict[Tuple[str, int], Tuple[int, LoggedTurn, Mapping[str, Any]]] = {}
    for turn, decision in zip(asked, decisions):
        if decision["route"] != ESCALATE or decision["rule"] == _NO_ARTICLE:
            continue
        rank = queue_rank(decision["priority"], decision["lane"])
        key = turn.conversation_id, turn.episode
        if key not in gravest or rank < gravest[key][0]:
            gravest[key] = rank, turn, decision
    # The gravest first; of one rank the newest, which can still be helped most likely.
    found = sorted(sorted(gravest.values(), key=lambda entry: entry[1].at, reverse=True), key=lambda entry: entry[0])
    reasons = Counter(decision["reason"] for _, _, decision in found)
    return {
        "n": len(turns),
        "count": len(found),
        "by_reason": dict(reasons.most_common()),
        "found": [_entry(turn, decision) for _, turn, decision in found[:MOST_FOUND]],
        "day": today.isoformat(),
        "version": named(version),
    }


def write_csv(result: Mapping[str, Any], path: Path) -> None:
    """The found conversations as a table for a spreadsheet. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for entry in result["found"]:
            before, after = entry["before"], entry["after"]
            values = [
                entry["conversation_id"],
                entry["seq"],
                entry["at"],
                after["reason"],
                after["priority"],
                after["lane"],
                after["rule"],
                before["route"],
                before["article"],
                entry["text"],
            ]
            table.writerow([_no_formula(value) for value in values])


def _no_formula(value: Any) -> Any:
    """Customers' words must not run as a formula in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _was_left_to_the_bot(turn: LoggedTurn) -> bool:
    """Whether the bot reacted, no person was wanted, and the episode ended without one."""
    settled = turn.settled
    if turn.silent or turn.decision.get("route") == ESCALATE or settled is None:
        return False
    # A reason means that a person was wanted later in the same episode.
    return settled["by"] in ("solved", "closed", "idle") and settled["reason"] is None


def _entry(turn: LoggedTurn, decision: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        "conversation_id": turn.conversation_id,
        "turn_id": turn.turn_id,
        "seq": turn.seq,
        "episode": turn.episode,
        "at": turn.at,
        "text": turn.turn.text,
        "ended_by": turn.settled["by"] if turn.settled else None,
        "before": brief(turn.decision),
        "after": {**brief(decision), "amount_cny": decision.get("amount_cny")},
    }
