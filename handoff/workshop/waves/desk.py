"""The use cases of waves for people: what is going on, and what to do about it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog

from content.bundle import DeskContent
from contract.decision import known_fields
from handoff.accounts.agents import Agent
from handoff.runtime.errors import Conflict, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.waves import store as rows
from handoff.workshop.waves.store import Text, Wave

logger = structlog.get_logger(__name__)

#: How long a wave is listed after its last message, its first messages, and how many intents.
_LISTED = dt.timedelta(days=7)
_TEXTS, _INTENTS = 20, 5
_RATE_MINUTES = 10
#: States of waves about which nobody has decided.
OPEN_STATES = ("new", "proposed")


class WaveDesk:
    """Waves as supervisors and editors see them."""

    def __init__(self, store: Store, content: Callable[[], DeskContent], now: Callable[[], dt.datetime]) -> None:
        self._store, self._content, self._now = store, content, now

    async def listed(self) -> dict[str, Any]:
        """The waves of the last days, the latest first."""
        async with self._store.read() as tx:
            waves = await rows.waves_since(tx, self._now() - _LISTED)
            return {"waves": [await self.as_json(tx, wave) for wave in waves]}

    async def attention(self, tx: Transaction) -> list[dict[str, Any]]:
        """The open waves for the supervisors' board: items of its list with the first conversation of each."""
        now = self._now()
        since = now - dt.timedelta(minutes=self._content().desk.waves.over_after_minutes)
        return [
            {
                "kind": "wave",
                "conversation_id": wave.members[0][0],
                "at": wave.first_at.isoformat(),
                "seconds": int((now - wave.first_at).total_seconds()),
                "count": len({conversation for conversation, _ in wave.members}),
                "wave": wave.id,
            }
            for wave in await rows.waves_since(tx, since)
            if wave.state in OPEN_STATES
        ]

    async def dismiss(self, agent: Agent, wave_id: str) -> dict[str, Any]:
        """Nothing is to be done. More messages of it are not shown as a new wave. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            wave = await find(tx, wave_id)
            if wave.state == "live":
                raise Conflict("wave_is_live", "对应的规则已经上线。", "The pattern for this wave is live.")
            if wave.state != "dismissed":
                wave = replace(wave, state="dismissed", state_by=agent.login, state_at=self._now())
                await rows.save_wave(tx, wave)
                logger.info("waves.dismissed", wave=wave.id, by=agent.login)
            return await self.as_json(tx, wave)

    async def as_json(self, tx: Transaction, wave: Wave) -> dict[str, Any]:
        """A wave for pages."""
        texts = await rows.texts_of(tx, wave.members)
        decisions = [known_fields(text.decision, "intent", "route", "article", "ranking") for text in texts]
        intents = _near_intents(decisions)
        now = self._now()
        over = dt.timedelta(minutes=self._content().desk.waves.over_after_minutes)
        lately = [text for text in texts if text.at > wave.last_at - dt.timedelta(minutes=_RATE_MINUTES)]
        return {
            "id": wave.id,
            "state": wave.state,
            "state_by": wave.state_by,
            "state_at": wave.state_at.isoformat(),
            "is_over": now - wave.last_at > over,
            "first_at": wave.first_at.isoformat(),
            "last_at": wave.last_at.isoformat(),
            "noticed_at": wave.noticed_at.isoformat(),
            "count": len(texts),
            "conversations": len({text.conversation_id for text in texts}),
            "origins": len({text.origin for text in texts}),
            "rate": len({text.conversation_id for text in lately}),
            "expected": wave.data["expected"],
            "window_minutes": wave.data["window_minutes"],
            "texts": [_text_json(text, decision) for text, decision in zip(texts[:_TEXTS], decisions)],
            "near_intents": intents,
            "topic": self._topic(intents, len(texts)),
            "answered": dict(Counter(str(decision["route"]) for decision in decisions if decision["route"])),
            "proposed_pattern": (wave.data.get("pattern") or {}).get("pattern"),
            "matches": wave.data.get("pattern"),
            "proposal": wave.data.get("proposal"),
        }

    def _topic(self, intents: Sequence[dict[str, Any]], count: int) -> dict[str, str] | None:
        """The name of the intent that most messages were understood as."""
        if not intents or intents[0]["count"] * 2 < count:
            return None
        return self._content().names["intents"].get(intents[0]["intent"])


async def find(tx: Transaction, wave_id: str) -> Wave:
    """A wave, locked. Raises NotFound."""
    await rows.lock_waves(tx)
    wave = await rows.find_wave(tx, wave_id)
    if wave is None:
        raise NotFound("unknown_wave", "没有这个集中来询。", "There is no such wave.")
    return wave


def _near_intents(decisions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The likeliest intents of the messages, the most frequent first."""
    counts = Counter(_likeliest(decision) for decision in decisions)
    return [{"intent": intent, "count": count} for intent, count in counts.most_common() if intent][:_INTENTS]


def _likeliest(decision: dict[str, Any]) -> str | None:
    ranking = decision["ranking"] or [{}]
    likeliest: str | None = ranking[0].get("intent") or decision["intent"]
    return likeliest


def _text_json(text: Text, decision: dict[str, Any]) -> dict[str, Any]:
    article = decision["article"] or {}
    return {
        "conversation_id": text.conversation_id,
        "seq": text.seq,
        "at": text.at.isoformat(),
        "text": text.text,
        "route": decision["route"],
        "intent": decision["intent"],
        "article": article.get("id"),
    }
