"""The use cases of reviews: draw each day's sample, hand it to people, settle it, and say what it shows."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from content.bundle import DeskContent
from content.desk_file import Reviews as ReviewPolicy
from handoff.accounts.agents import Agent
from handoff.figures.promises import desk_zone
from handoff.runtime.errors import Conflict, NotAllowed, NotFound, Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.missed_rate import day_size, pooled_bound, sample_size
from handoff.workshop.reviews import store as rows
from handoff.workshop.reviews.store import Day, DrawnTurn
from handoff.workshop.reviews.verdicts import Verdict, draw, needed, outcome

logger = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 300.0
_DAY = dt.timedelta(days=1)
#: A turn of the day's last moments is stored a little later.
_SETTLE_TIME = dt.timedelta(minutes=10)
_SEEDS = 2**63
#: Messages of the customer before the turn that a reviewer sees, and missed emergencies of one answer.
_BEFORE, _MISSED = 3, 100
#: With less of the sample settled there is no figure: it would say how little was reviewed.
_ENOUGH = 0.5


@dataclass(frozen=True)
class MissedRate:
    """What the reviews of some days show. `upper_bound`: None when less than half of the turns were reviewed.

    `size`: turns drawn, of `population`. `n`: settled ones, of which `missed` are missed emergencies.
    """

    first: dt.date
    last: dt.date
    certainty: float
    upper_bound: float | None
    n: int
    missed: int
    size: int
    population: int

    def as_json(self) -> dict[str, Any]:
        """JSON types only; a publication's record holds it."""
        return {**dataclasses.asdict(self), "first": self.first.isoformat(), "last": self.last.isoformat()}


class Reviews:
    """The reviews of one desk process; all desks share the tables."""

    def __init__(self, store: Store, content: Callable[[], DeskContent], now: Callable[[], dt.datetime]) -> None:
        """`content` gives what is published now: a changed policy counts without a restart."""
        self._store, self._content, self._now = store, content, now

    @property
    def policy(self) -> ReviewPolicy:
        """The editors' figures."""
        return self._content().desk.reviews

    async def run(self) -> None:
        """Draw what is due at once, and then every few minutes, until cancelled."""
        while True:
            try:
                await self.draw_due()
            except Unavailable as error:
                logger.warning("reviews.not_drawn", code=error.code)
            await asyncio.sleep(_INTERVAL_SECONDS)

    # --- the draw --------------------------------------------------------------------------------------------------------

    async def draw_due(self) -> list[dt.date]:
        """Draw the samples of the days that are over and have none, the oldest first. Returns them.

        The first day that a desk ever draws is yesterday. After a pause it draws the days of the window that it missed.
        """
        zone, policy = desk_zone(self._content()), self.policy
        yesterday = (self._now() - _SETTLE_TIME).astimezone(zone).date() - _DAY
        async with self._store.read() as tx:
            first, drawn = await rows.first_drawn(tx), await rows.drawn_since(tx, yesterday - policy.days * _DAY)
        start = yesterday if first is None else max(first, yesterday - (policy.days - 1) * _DAY)
        due = [start + n * _DAY for n in range((yesterday - start).days + 1)]
        return [day for day in due if day not in drawn and await self._draw(day)]

    async def _draw(self, day: dt.date) -> bool:
        """Draw one day. False if another desk has drawn it meanwhile."""
        zone, policy, now = desk_zone(self._content()), self.policy, self._now()
        start, end, due = (dt.datetime.combine(day + n * _DAY, dt.time(), zone) for n in (0, 1, 1 + policy.due_days))
        async with self._store.begin() as tx:
            await rows.lock_reviews(tx)
            earlier = await rows.drawn_since(tx, day - (policy.days - 1) * _DAY)
            if day in earlier:
                return False
            turns = await rows.population_between(tx, start, end)
            known = [*(count for date, count in earlier.items() if date < day), len(turns)]
            size = day_size(
                len(turns),
                round(sum(known) / len(known) * policy.days),
                policy.days,
                bound=policy.bound,
                certainty=policy.certainty,
                most=policy.per_day_most,
            )
            seed = secrets.randbelow(_SEEDS)
            await rows.add_day(tx, day, now, due, seed, len(turns), size)
            drawn = [
                DrawnTurn(secrets.token_hex(8), day, *turns[place], needed=2, settled=None, kept_by=None)
                for place in draw(len(turns), size, seed)
            ]
            await rows.add_samples(tx, drawn)
        logger.info("reviews.drawn", day=day.isoformat(), population=len(turns), size=size)
        return True

    # --- reviewers -------------------------------------------------------------------------------------------------------

    def check_reviews(self, agent: Agent) -> None:
        """Raise NotAllowed for an account that does not review."""
        if agent.role not in self.policy.roles or agent.is_disabled:
            raise NotAllowed("not_permitted", "此账号不参加抽检。", "This account does not review.", status=403)

    async def next(self, agent: Agent) -> dict[str, Any]:
        """The turn that a person should judge now, without the bot's answer; None if there is none for them."""
        self.check_reviews(agent)
        now = self._now()
        async with self._store.begin() as tx:
            await rows.lock_reviews(tx)
            sample_id = await rows.next_for(tx, agent.login, now)
            left = await rows.count_left(tx, agent.login, now)
            turn = await rows.find_sample(tx, sample_id) if sample_id else None
            if turn is None:
                return {"sample": None, "left": left}
            await rows.claim(tx, turn.id, agent.login, now + dt.timedelta(minutes=self.policy.claim_minutes))
            text, before = await rows.words_of(tx, turn), await rows.words_before(tx, turn, _BEFORE)
        return {"sample": {"id": turn.id, "text": text, "before": before, "day": turn.day.isoformat()}, "left": left}

    async def judge(self, agent: Agent, sample_id: str, verdict: Verdict) -> dict[str, Any]:
        """Store a person's verdict; the same one again changes nothing. Raises NotFound, Conflict.

        A verdict after the claim's end counts as long as the turn needs one.
        """
        self.check_reviews(agent)
        now = self._now()
        async with self._store.begin() as tx:
            turn = await rows.find_sample(tx, sample_id, lock=True)
            if turn is None:
                raise NotFound("unknown_sample", "没有这条抽检。", "There is no such sample.")
            given = await rows.verdicts_of(tx, sample_id)
            own = dict(given).get(agent.login)
            if own == verdict:
                return {"verdict": own}
            if own is not None:
                raise Conflict("already_judged", "您已经判断过这条。", "You have judged this one already.", verdict=own)
            if not await rows.has_claimed(tx, sample_id, agent.login):
                raise Conflict("not_yours", "这条没有分给您。", "This one was not handed to you.")
            if turn.settled is not None or len(given) >= turn.needed:
                raise Conflict("already_settled", "这条已由其他人判断完。", "Others have settled this one meanwhile.")
            await rows.add_verdict(tx, sample_id, agent.login, verdict, now)
            verdicts = [each for _, each in given] + [verdict]
            settled = outcome(verdicts)
            await rows.save_outcome(tx, sample_id, needed(verdicts), settled, now)
        if settled is not None:
            logger.info("reviews.settled", sample=sample_id, outcome=settled)
        return {"verdict": verdict}

    # --- what it shows ---------------------------------------------------------------------------------------------------

    async def latest_bound(self, tx: Transaction) -> MissedRate | None:
        """What the last days that count show together; None before the first of them."""
        policy, now = self.policy, self._now()
        return rolling(await self._days(tx), policy, now)

    async def board_figures(self, tx: Transaction) -> list[dict[str, Any]]:
        """`latest_bound` as a figure of the supervisors' board; none before the first day that counts."""
        rate = await self.latest_bound(tx)
        if rate is None:
            return []
        zh = (
            f"机器人回复的消息中，漏掉的紧急情况占比的上限（{rate.certainty:.0%} 把握）："
            f"{rate.first} 至 {rate.last} 随机抽检 {rate.n} 条，发现 {rate.missed} 条。"
        )
        en = (
            f"Of the messages that stayed with the bot, at most this share were emergencies that needed a person, with "
            f"{rate.certainty:.0%} certainty: {rate.missed} of {rate.n} random ones, {rate.first} to {rate.last}."
        )
        return [
            {
                "id": "missed_emergencies",
                "name": {"zh": "漏掉的紧急情况（上限）", "en": "Missed emergencies, at most"},
                "definition": {"zh": zh, "en": en},
                "unit": "share",
                "value": rate.upper_bound,
                "denominator": rate.n,
                "conversation_ids_url": None,
            }
        ]

    async def _days(self, tx: Transaction) -> list[Day]:
        policy = self.policy
        today = self._now().astimezone(desk_zone(self._content())).date()
        return await rows.days_since(tx, today - (policy.days + policy.due_days + 1) * _DAY)

    async def summary(self) -> dict[str, Any]:
        """The figures of the days and of the window, the missed emergencies, and the sizes that the policy wants."""
        policy, now = self.policy, self._now()
        async with self._store.read() as tx:
            days = await self._days(tx)
            rate = rolling(days, policy, now)
            first, last = (rate.first, rate.last) if rate else (dt.date.min, dt.date.min)
            agreed, settled = await rows.agreement_between(tx, first, last)
            missed = [
                {
                    "id": turn.id,
                    "day": turn.day.isoformat(),
                    "conversation_id": turn.conversation_id,
                    "seq": turn.message_seq,
                    "text": await rows.words_of(tx, turn),
                    "kept_by": turn.kept_by,
                }
                for turn in await rows.missed_since(tx, days[0].day if days else now.date(), _MISSED)
            ]
        return {
            "upper_bound": rate.upper_bound if rate else None,
            "n": rate.n if rate else 0,
            "missed": rate.missed if rate else 0,
            "window": rate.as_json() if rate else None,
            "bound": policy.bound,
            "certainty": policy.certainty,
            "agreement": {"agreed": agreed, "settled": settled},
            "sizes": {"needed": sample_size(policy.bound, policy.certainty), "per_day_most": policy.per_day_most},
            "days": [_day_json(day, policy, now) for day in days],
            "missed_turns": missed,
        }


def rolling(days: Sequence[Day], policy: ReviewPolicy, now: dt.datetime) -> MissedRate | None:
    """What the last `policy.days` days that count show together; the first day that does not count yet ends the window."""
    counted: list[Day] = []
    for day in days:
        if not day.is_closed(now):
            break
        counted.append(day)
    if not counted:
        return None
    last = counted[-1].day
    counted = [day for day in counted if day.day > last - policy.days * _DAY]
    samples = [day.sample for day in counted]
    size, unsettled = sum(each.size for each in samples), sum(each.unsettled for each in samples)
    is_enough = size - unsettled >= _ENOUGH * size
    return MissedRate(
        counted[0].day,
        last,
        policy.certainty,
        pooled_bound(samples, policy.certainty) if is_enough else None,
        size - unsettled,
        sum(each.missed for each in samples),
        size,
        sum(each.population for each in samples),
    )


def _day_json(day: Day, policy: ReviewPolicy, now: dt.datetime) -> dict[str, Any]:
    sample = day.sample
    bound = pooled_bound([sample], policy.certainty) if sample.size - sample.unsettled >= _ENOUGH * sample.size else None
    return {
        "day": day.day.isoformat(),
        "population": sample.population,
        "size": sample.size,
        "settled": sample.size - sample.unsettled,
        "missed": sample.missed,
        "upper_bound": bound,
        "due_at": day.due_at.isoformat(),
        "counts": day.is_closed(now),
    }
