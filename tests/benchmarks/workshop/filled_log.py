"""Fills the log of a running system with varied turns, quickly: the desk's own commands, and decisions of the live model.

Conversations go in rounds: each customer says one thing, one process of the bot's environment decides all of them, the desk's
commands log the result. The decisions are those of the running bot but for the last digits of probabilities, since texts are
encoded in batches; `replay.py` therefore talks to the running bot instead. Seeded.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from contract.decision import Decision
from contract.reply import Message
from contract.routes import ESCALATE
from contract.turn import TurnRequest
from handoff.conversations.decide import Receive, RecordTriage, RequestHandoff, Resolve, Speak
from handoff.conversations.draft import Draft
from handoff.conversations.events import SYSTEM, Event, Triage
from handoff.conversations.state import born
from handoff.conversations.store import add_conversation, save_conversation
from handoff.conversations.values import Birth, Status
from handoff.runtime.database import make_pool
from handoff.runtime.transaction import Store
from handoff.turns.context import fold_context
from handoff.turns.pieces import words_of
from tests.benchmarks.workshop.real_log import AFTERWARDS, sentences
from tests.drill.system import ROOT, System

_ROUNDS = 5
_LINE_LIMIT = 256 * 1024 * 1024
_SAVED_AT_ONCE = 200
_ENDINGS = ("", "", "？", "呢", "，急", "，谢谢", "!!")


async def fill_log(system: System, turns: int, *, root: Path = ROOT, seed: int = 1) -> int:
    """Write so many turns into the database of a running system; how many were written. `root`: the checkout that runs."""
    url = database_url(system)
    dice, texts = random.Random(seed), sentences(root / "data")
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(days=7)
    drafts = [_open(dice, begun, number) for number in range(-(-turns // _ROUNDS))]
    decided: dict[str, list[Event]] = {draft.state.id: [] for draft in drafts}
    written = 0
    async with _bot(system, root) as decide:
        for step in range(_ROUNDS):
            asked: list[tuple[Draft, Event, TurnRequest]] = []
            for draft in drafts[: turns - written]:
                text = dice.choice(AFTERWARDS if step and dice.random() < 0.5 else texts) + dice.choice(_ENDINGS)
                asked.append(_say(draft, text, step, decided[draft.state.id], dice))
            for (draft, message, request), decision in zip(asked, await decide([turn.as_json() for _, _, turn in asked])):
                _log(draft, message, request, Decision.from_json(decision), decided[draft.state.id])
            written += len(asked)
    async with make_pool(url, 1) as pool:
        store = Store(pool)
        for start in range(0, len(drafts), _SAVED_AT_ONCE):
            async with store.begin() as tx:
                for draft in drafts[start : start + _SAVED_AT_ONCE]:
                    await add_conversation(tx, draft.state.birth)
                    await save_conversation(tx, draft)
    return written


def database_url(system: System) -> str:
    """The address of the embedded database of a system."""
    from handoff.runtime.database import start_embedded_server

    return system.environment.get("DATABASE_URL") or start_embedded_server(system.folder / "postgres")


def _open(dice: random.Random, begun: dt.datetime, number: int) -> Draft:
    at = begun + dt.timedelta(seconds=dice.uniform(0, 6 * 86_400))
    locale = "en" if dice.random() < 0.2 else "zh"
    return Draft(born(Birth(f"{dice.getrandbits(128):032x}", "-", locale, "web", at)))


def _say(draft: Draft, text: str, step: int, decided: list[Event], dice: random.Random) -> tuple[Draft, Event, TurnRequest]:
    now = draft.state.updated_at + dt.timedelta(seconds=dice.uniform(5, 600))
    made = draft.do(Receive(f"m{step}", text), now)
    message = next(event for event in made if event.type == "message")
    words = words_of([message])
    context = fold_context(draft.state, decided)
    turn_id = f"{draft.state.id}.{message.seq}"
    return draft, message, TurnRequest(draft.state.id, turn_id, words.text, words.choice, context, "web", words.suggested)


def _log(draft: Draft, message: Event, request: TurnRequest, decision: Decision, decided: list[Event]) -> None:
    now = draft.state.updated_at + dt.timedelta(seconds=0.2)
    made = draft.do(RecordTriage(request.turn_id, message.seq, message.seq, decision, draft.state.last_seq), now)
    decided += [event for event in made if isinstance(event.body, Triage)]
    if decision.route == ESCALATE:
        key = f"handoff:{request.turn_id}"
        draft.do(RequestHandoff(decision.reason or "", decision.priority or "normal", key=key, lane=decision.lane), now)
    elif draft.state.status is Status.WITH_BOT:
        draft.do(Speak([Message("…")]), now)
        if decision.outcome in ("solved", "closed"):
            draft.do(Resolve(decision.outcome, SYSTEM), now)


@contextlib.asynccontextmanager
async def _bot(system: System, root: Path) -> AsyncIterator[Any]:
    process = await asyncio.create_subprocess_exec(
        str(root / ".venv/bot/bin/python"), "-W", "ignore", "-m", "tests.benchmarks.workshop.decide_turns",
        cwd=root, env=system.environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_LIMIT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None

    async def decide(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not turns:
            return []
        process.stdin.write(json.dumps(turns, ensure_ascii=False).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"the bot's process ended with {await process.wait()}")
        found: list[dict[str, Any]] = json.loads(line)
        return found

    try:
        yield decide
    finally:
        process.stdin.close()
        await process.wait()
