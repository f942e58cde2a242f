"""Watches for waves: gives new messages codes of meaning, scans them, and keeps what it finds.

One desk at a time makes codes. Codes come from the bots; without a bot the messages wait. A new desk first makes the codes of
the last days, because without a history everything is new.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from content.bundle import DeskContent
from content.desk_file import Waves as WavePolicy
from contract.meaning_codes import MOST_TEXTS
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.waves import store as rows
from handoff.workshop.waves.patterns import propose_pattern
from handoff.workshop.waves.scan import RADII, WINDOWS, Cluster, CodedMessage, Scan
from handoff.workshop.waves.store import Wave
from language.normalization import normalize

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 15.0
#: For the codes of one request. The bot makes them at a low priority.
_CODES_SECONDS = 5.0
#: Messages of the history at most, and characters of a message that are compared.
_MOST, _LENGTH = 20_000, 300
#: A message may be stored a little later than its time says, or wait for a bot.
_SKEW = dt.timedelta(minutes=40)
#: The share of a group's messages that are in a wave, from which on they are the same.
_SAME = 0.3
_MOST_MEMBERS = 500
#: The pattern is proposed again when the wave has grown by this.
_GROWTH = 1.5
#: Other messages, the latest, with which a pattern is compared.
OTHERS = 5000


class CodeSource(Protocol):
    """Makes codes of meaning: the pool of bots."""

    async def codes(self, texts: list[str], seconds: float) -> list[int] | None:
        """The codes of texts; None if no bot answers within the time."""


class WaveWatch:
    """Runs on every desk; the tables are shared."""

    def __init__(
        self, store: Store, content: Callable[[], DeskContent], bots: CodeSource, now: Callable[[], dt.datetime]
    ) -> None:
        self._store, self._content, self._bots, self._now = store, content, bots, now
        self._scan = Scan(1, 1)
        #: Up to when all messages have codes, as far as this desk knows.
        self._complete_until: dt.datetime | None = None
        #: Messages with codes that have not been scanned.
        self._waiting: list[CodedMessage] = []

    @property
    def policy(self) -> WavePolicy:
        """The editors' figures."""
        return self._content().desk.waves

    async def run(self) -> None:
        """Look every few seconds, until cancelled; without a pause while messages of the past have no codes."""
        while True:
            is_behind = False
            try:
                is_behind = await self.look()
            except Unavailable as error:
                logger.warning("waves.not_scanned", code=error.code)
            if not is_behind:
                await asyncio.sleep(_INTERVAL_SECONDS)

    async def look(self) -> bool:
        """Give the new messages codes, and scan them. Returns whether there are more without a code."""
        now, policy = self._now(), self.policy
        self._scan.least, self._scan.false_alarms = policy.least, policy.false_alarms_per_day
        cutoff = now - dt.timedelta(days=policy.history_days)
        new: list[CodedMessage] = []
        async with self._store.begin() as tx:
            if not await rows.leads(tx):
                return False
            await rows.forget_codes(tx, cutoff, _MOST)
            self._scan.forget(cutoff, _MOST)
            known = await rows.count_codes(tx)
            if known != len(self._scan):  # another desk made codes meanwhile, or this one has just started
                self._scan = Scan(policy.least, policy.false_alarms_per_day)
                self._scan.add(await rows.all_codes(tx))
            since = cutoff if self._complete_until is None else self._complete_until - _SKEW
            found = await rows.uncoded(tx, since, MOST_TEXTS, _LENGTH)
            is_full = known + len(found) > _MOST
            if found:
                codes = await self._bots.codes([text for *_, text in found], _CODES_SECONDS)
                if codes is None:
                    return False
                new = [CodedMessage(at, id_, seq, code) for (at, id_, seq, _), code in zip(found, codes)]
                await rows.add_codes(tx, new)
        self._scan.add(new)
        self._waiting += new
        if len(found) == MOST_TEXTS and not is_full:
            return True
        if self._complete_until is None:
            # Waves that began before this desk did: every message of the last minutes is scanned.
            self._waiting = self._scan.since(now - WINDOWS[-1])
            logger.info("waves.caught_up", messages=len(self._scan))
        self._complete_until = now
        recent = sorted((each for each in self._waiting if each.at > now - WINDOWS[-1]), key=lambda each: each.at)
        self._waiting = []
        if recent:
            # In a thread: the comparison with weeks of messages must not delay customers' turns.
            clusters = await asyncio.to_thread(self._scan.clusters, recent, now)
            await self._keep(clusters, recent, now)
        return False

    async def _keep(self, clusters: Sequence[Cluster], recent: Sequence[CodedMessage], now: dt.datetime) -> None:
        """Add what was found to the waves that go on, or begin new ones."""
        since = now - dt.timedelta(minutes=self.policy.over_after_minutes)
        async with self._store.begin() as tx:
            await rows.lock_waves(tx)
            waves = {wave.id: wave for wave in await rows.waves_since(tx, since)}
            changed: dict[str, Wave] = {}
            for cluster in clusters:
                wave = _same_wave(cluster, waves.values()) or _new_wave(cluster, now)
                if wave.id not in waves:
                    logger.info("waves.noticed", wave=wave.id, conversations=cluster.conversations)
                waves[wave.id] = changed[wave.id] = _grown(wave, cluster.members)
            taken = {message.key for cluster in clusters for message in cluster.members}
            for message in recent:
                if message.key not in taken:
                    joined = next((wave for wave in waves.values() if self._belongs(message, wave)), None)
                    if joined is not None:
                        waves[joined.id] = changed[joined.id] = _grown(joined, [message])
            for wave in changed.values():
                await rows.save_wave(tx, await self._with_pattern(tx, wave))

    def _belongs(self, message: CodedMessage, wave: Wave) -> bool:
        """Whether a message is near at least two messages, and a fifth, of a wave."""
        codes = [code for key in wave.members if (code := self._scan.code_of(key)) is not None]
        near = sum((code ^ message.code).bit_count() <= RADII[0] for code in codes)
        return near >= max(2, 0.2 * len(codes))

    async def _with_pattern(self, tx: Transaction, wave: Wave) -> Wave:
        """The wave with a proposed pattern, which is made anew when the wave has grown."""
        members = wave.members
        if len(members) < _GROWTH * wave.data.get("pattern_of", 0):
            return wave
        texts = [normalize(text.text) for text in await rows.texts_of(tx, members)]
        others = await rows.other_texts(tx, members, OTHERS)
        found = await asyncio.to_thread(lambda: propose_pattern(texts, [normalize(text) for text in others]))
        pattern: dict[str, Any] | None = None
        if found is not None:
            counts = {"covers": found.covers, "of": found.of, "others": found.others, "others_of": found.others_of}
            pattern = {"pattern": found.pattern, **counts}
        return replace(wave, data={**wave.data, "pattern": pattern, "pattern_of": len(members)})


def _same_wave(cluster: Cluster, waves: Sequence[Wave] | Any) -> Wave | None:
    keys = {message.key for message in cluster.members}
    return next((wave for wave in waves if len(keys.intersection(wave.members)) >= _SAME * len(keys)), None)


def _new_wave(cluster: Cluster, now: dt.datetime) -> Wave:
    first, last = cluster.members[0].at, cluster.members[-1].at
    data = {
        "members": [],
        "expected": round(cluster.expected, 2),
        "window_minutes": int(cluster.window.total_seconds() // 60),
        "chance": cluster.chance,
    }
    return Wave(secrets.token_hex(8), first, last, now, "new", None, now, data)


def _grown(wave: Wave, members: Sequence[CodedMessage]) -> Wave:
    known = set(wave.members)
    added = [[message.conversation_id, message.seq] for message in members if message.key not in known]
    listed = [*wave.data["members"], *added][:_MOST_MEMBERS]
    first, last = min(wave.first_at, members[0].at), max(wave.last_at, members[-1].at)
    return replace(wave, first_at=first, last_at=last, data={**wave.data, "members": listed})
