"""The triage policy (`data/triage.yml`): which route, reason and article each intent has, and the patterns of the floor."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Annotated, Dict, List, Literal, Optional, Pattern, Sequence, Tuple

import msgspec

from content.short_replies import FILE as SHORT_REPLIES
from content.short_replies import ShortReplyWords
from content.sources import FieldError, Strict, load_mapping, shaped
from contract import reasons as contract_reasons
from contract.priorities import PRIORITY_RANK, Lane, Priority

FILE = "triage.yml"

#: Reasons that have rules of their own in code: a policy without one of them would break those handoffs.
_REASONS_IN_CODE = frozenset(
    {
        contract_reasons.SECURITY,
        contract_reasons.DISPUTE,
        contract_reasons.LARGE_TRANSACTION,
        *contract_reasons.VAGUE_REASONS,
    }
)

_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Rate = Annotated[float, msgspec.Meta(gt=0, lt=1)]
_Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class IntentPolicy(Strict, frozen=True):
    """What happens with one intent, and its names for people."""

    route: Literal["answer", "escalate", "feedback", "chat", "reject", "clarify"]
    zh: str
    en: str
    reason: Optional[str] = None
    article: Optional[str] = None
    offer_person: bool = False
    #: The case's place in the queue: `money_moving` goes before all others, whatever their priority.
    lane: Optional[Lane] = None

    def __post_init__(self) -> None:
        if (self.route == "escalate") != (self.reason is not None):
            raise ValueError("a reason belongs to route escalate, and only there: add or remove `reason`")
        if self.lane is not None and self.route != "escalate":
            raise ValueError("a lane belongs to route escalate: remove `lane`")
        if (self.route == "answer") != (self.article is not None):
            raise ValueError("an article belongs to route answer, and only there: add or remove `article`")


class ReasonPolicy(Strict, frozen=True):
    """How urgent an escalation reason is, and its names for people."""

    priority: Priority
    zh: str
    en: str
    #: Whether the customer's case stays open when the conversation was closed because nobody wrote.
    stays_open: bool = False


class Promises(Strict, frozen=True):
    """Error rates that the operator states; training computes the thresholds from them (bot/learning/calibration.py)."""

    #: By risk reason.
    missed_emergency: Dict[str, float]
    wrong_answer: _Rate
    refused_in_scope: _Rate
    certainty: _Rate
    wrong_tentative_answer: _Rate = 0.03

    def __post_init__(self) -> None:
        wrong = [reason for reason, rate in self.missed_emergency.items() if not 0 < rate < 1]
        if wrong:
            raise FieldError("missed_emergency", f"a rate lies between 0 and 1: correct {', '.join(wrong)}")


class LargeTransaction(Strict, frozen=True):
    """From which amount on a transaction goes to a person."""

    threshold_cny: _Positive
    rates_date: dt.date
    rates: Dict[str, float]
    information_only: Tuple[str, ...]
    topics: Tuple[str, ...]
    #: From this number on an amount in a currency that has no rate is large, whatever it is worth.
    without_rate: _Positive = 1000

    def __post_init__(self) -> None:
        wrong = [currency for currency, rate in self.rates.items() if rate <= 0 or not re.fullmatch("[A-Z]{3,4}", currency)]
        if wrong or self.rates.get("CNY") != 1:
            problem = f"rates need three or four capital letters and more than 0 CNY a unit, and CNY: 1; see {wrong}"
            raise FieldError("rates", problem)


class HumanFloor(Strict, frozen=True):
    """How a request for a person is recognised."""

    intent: str
    patterns: Tuple[Pattern[str], ...]
    not_before: Pattern[str]
    not_after: Pattern[str]


class IncidentFloor(Strict, frozen=True):
    """How one kind of incident is recognised.

    `unless` silences a match when it is found in the match or in the 80 characters on either side of it, across sentences.
    `replaces` names the common guards that `unless` stands for: they do not apply to this kind.
    """

    intent: str
    patterns: Tuple[Pattern[str], ...]
    unless: Optional[Pattern[str]] = None
    replaces: Tuple[Literal["negation", "hypothesis", "report", "within", "settled", "advice"], ...] = ()


class Guards(Strict, frozen=True):
    """Patterns of sentences that speak of an incident without stating one."""

    negation: Pattern[str]
    hypothesis: Pattern[str]
    report: Pattern[str]
    within: Pattern[str]
    settled: Pattern[str]
    advice: Pattern[str]


class Floor(Strict, frozen=True):
    """The deterministic patterns that come before any model."""

    human: HumanFloor
    incidents: Tuple[IncidentFloor, ...]
    guards: Guards
    own_transaction: Pattern[str]


class Policy(Strict, frozen=True, kw_only=True):
    """`data/triage.yml` and `data/short_replies.yml`, consistent in themselves. `version_hash` is the hash of both."""

    version: Literal[1]
    intents: Dict[str, IntentPolicy]
    #: Article -> intents: the doors that the article must have, in each language.
    required_doors: Dict[str, Tuple[str, ...]] = {}
    reasons: Dict[str, ReasonPolicy]
    risk_reasons: Tuple[str, ...]
    promises: Promises
    #: No article is guessed from this share of the threshold `risk` on, counted over all intents with route escalate.
    near_risk: _Share = 0.5
    large_transaction: LargeTransaction
    floor: Floor
    short_replies: ShortReplyWords
    version_hash: str = ""

    def __post_init__(self) -> None:
        self._check_doors()
        self._check_names()
        self._check_routes()

    def _check_doors(self) -> None:
        for article, doors in self.required_doors.items():
            for name in doors:
                if name not in self.intents:
                    problem = f"{article}: `{name}` is not among `intents`: add it there or correct the name"
                    raise FieldError("required_doors", problem)
                if self.intents[name].route != "escalate":
                    problem = f"{article}: a door must lead to a person, and `{name}` has another route than escalate"
                    raise FieldError("required_doors", problem)

    def _check_names(self) -> None:
        large, floor = self.large_transaction, self.floor
        for name in (*large.information_only, *large.topics, floor.human.intent, *(each.intent for each in floor.incidents)):
            if name not in self.intents:
                raise ValueError(f"`{name}` is not among `intents`: add it there or correct the name")
        for name in (*(intent.reason for intent in self.intents.values() if intent.reason), *self.risk_reasons):
            if name not in self.reasons:
                raise ValueError(f"`{name}` is not among `reasons`: add it there or correct the name")
        missing = _REASONS_IN_CODE - set(self.reasons)
        if missing:
            raise FieldError("reasons", f"the code hands over for {', '.join(sorted(missing))}: add them")
        if set(self.promises.missed_emergency) != set(self.risk_reasons):
            raise ValueError("promises.missed_emergency needs a rate for each of risk_reasons, and for no other")

    def _check_routes(self) -> None:
        for follow_up in self.short_replies.follow_ups:
            for name in (follow_up.after, follow_up.intent):
                if name not in self.intents:
                    raise ValueError(f"{SHORT_REPLIES}: `{name}` is not among `intents`: add it there or correct the name")
            if self.intents[follow_up.intent].route != "escalate":
                raise ValueError(f"{SHORT_REPLIES}: the follow-up `{follow_up.intent}` must have route escalate")
        for incident in self.floor.incidents:
            if self.intents[incident.intent].route != "escalate":
                raise ValueError(f"the floor's incident `{incident.intent}` must have route escalate")

    def priority_of(self, reason: str) -> str:
        """The priority of an escalation reason."""
        return self.reasons[reason].priority

    def is_more_urgent(self, reason: str, other: str) -> bool:
        """Whether a reason's priority is higher than another's; the order within a priority does not count."""
        return PRIORITY_RANK[self.priority_of(reason)] < PRIORITY_RANK[self.priority_of(other)]

    def graver(self, reasons: Sequence[str]) -> str:
        """The reason with the highest priority; within a priority, the earlier one in the file."""
        order = list(self.reasons)
        return min(reasons, key=lambda reason: (PRIORITY_RANK[self.priority_of(reason)], order.index(reason)))

    def intents_of_route(self, *routes: str) -> List[str]:
        """The intents with one of these routes."""
        return [name for name, intent in self.intents.items() if intent.route in routes]

    def harmless_intents(self) -> List[str]:
        """The intents in which an amount is no transaction: questions, foreign matters, and feedback."""
        return [*self.large_transaction.information_only, *self.intents_of_route("reject", "feedback")]

    def risk_intents(self) -> List[str]:
        """The intents whose probabilities make up the risk."""
        return [name for name, intent in self.intents.items() if intent.reason in self.risk_reasons]


def load_policy(path: Path) -> Policy:
    """Read and check a triage policy, and `short_replies.yml` in the same folder. Raises ContentError with line and fix."""
    replies = path.with_name(SHORT_REPLIES)
    document = load_mapping(path, Policy)
    words = shaped(ShortReplyWords, replies, load_mapping(replies, ShortReplyWords))
    digest = hashlib.sha256(path.read_bytes() + replies.read_bytes()).hexdigest()[:12]
    return shaped(Policy, path, document, short_replies=words, version_hash=digest)
