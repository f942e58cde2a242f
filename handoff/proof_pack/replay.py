"""The result of the last replay of a conversation's decisions, or why there is none. Nothing is claimed that was not done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handoff.conversations.events import Event, Triage
from handoff.runtime.transaction import Transaction
from handoff.workshop.jobs.job import DONE, FAILED
from handoff.workshop.jobs.store import find_result, latest_of_key

_KIND = "replay"


async def replay_of(tx: Transaction, conversation_id: str, events: Sequence[Event]) -> dict[str, Any]:
    """`{state, ...}`: `replayed` with the job's result, or `not_replayed` with `why: {code, zh, en}`."""
    decided = [event.body.turn_id for event in events if isinstance(event.body, Triage)]
    if not decided:
        return _not("no_decision", "这个会话没有机器人的判断。", "The bot decided nothing in this conversation.")
    job = await latest_of_key(tx, _KIND, f"{conversation_id}/")
    if job is None:
        zh, en = "没有人重演过这个会话的判断。", "Nobody has made the decisions of this conversation again."
        return _not("never_started", zh, en)
    if job.state == FAILED and job.problem is not None:
        return _not("failed", f"重演没有成功：{job.problem.zh}", f"The replay failed: {job.problem.en}", job=job.id)
    if job.state != DONE:
        zh, en = (
            "重演还没有完成；没有机器人进程在运行时不会开始。",
            "The replay is not done. Without a running bot it does not start.",
        )
        return _not("not_done", zh, en, job=job.id)
    result = await find_result(tx, job.id) or {}
    missed = [turn_id for turn_id in decided if turn_id not in result.get("turns", [])]
    if missed:
        zh, en = "上次重演之后又有新的判断。", "The bot decided again after the last replay."
        return _not("older", zh, en, job=job.id, missing=missed)
    ended = job.ended_at.isoformat() if job.ended_at else None
    return {"state": "replayed", "job": job.id, "ended_at": ended, "by": job.created_by, "result": result}


def _not(code: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"state": "not_replayed", "why": {"code": code, "zh": zh, "en": en}, **more}
