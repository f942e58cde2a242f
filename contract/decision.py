"""A decision: what happens with a message, and why (docs/contracts.md, "Bot channel").

The bot makes decisions. The desk reads them at its door, logs them as they came, and reads the log again in later turns: one
field of a wrong type would break every later turn of the conversation. So `Decision.from_json` checks every field, unknown ones
included. What older logs hold is read with `known_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from contract.errors import ContractError
from contract.incident import is_incident_name
from contract.lookup import Lookup, is_lookup
from contract.priorities import PRIORITY_RANK
from contract.routes import ESCALATE, ROUTES, Route
from contract.values import (
    Check,
    is_flag,
    is_list_of,
    is_name,
    is_none_or,
    is_number,
    is_object,
    is_probability,
    is_storable,
    is_whole_number,
)

#: CNY. Above it an amount is a mistake, and a float no longer holds its cents.
_AMOUNT_LIMIT = 1e13
_MOST_STEPS = 1000


class Rank(NamedTuple):
    """An intent and its probability."""

    intent: Optional[str]
    confidence: float


class Step(NamedTuple):
    """One line of the trace: a rule that was looked at, whether it fired, and on what grounds."""

    rule: str
    fired: bool
    detail: str


@dataclass(frozen=True)
class Decision:
    """What happens with a message, and why. `rule` names the step that decided; `trace` lists all that were looked at.

    `reason`, `priority`: for route escalate. `ranking`: the likeliest intents `(intent, confidence)`. `entities`: what was
    found, `{entity, text, value, start, end}`. `amount_cny`: the largest amount, in CNY. `scores`: `{risk, out_of_scope}`.
    `thresholds`: the model's. `article`: `{id, revision}` of what was sent. `outcome`: solved, closed, never_mind. `asks`: what
    the bot now asks. `topics`: intents offered as buttons. `open_topics`: topics that the message names in addition to the
    answered one. `step`: the step of the article that the customer asks about, from 1. `tentative`: the answer is a guess, and
    `topics` are the alternatives offered with it. `doors`: escalating intents offered under the answer. `lane`: the policy's
    lane of the intent, for the queue. `language`: "zh-Hans", "zh-Hant", "en" or "other": what the message is written in, or
    else the conversation; None where nobody looked. `lookup`: what the bot asked the wallet's own
    systems. `model`, `policy`, `versions`: what reproduces the decision.

    `incident`: `{id, version}` of the announced incident whose words stand before the answer.

    `dropped`: names of the fields that `from_json` left out because they were wrong.
    """

    route: Route
    rule: Optional[str] = None
    intent: Optional[str] = None
    confidence: Optional[float] = None
    reason: Optional[str] = None
    priority: Optional[str] = None
    ranking: Sequence[tuple[Optional[str], float]] = ()
    entities: Sequence[Mapping[str, Any]] = ()
    amount_cny: Optional[float] = None
    scores: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    article: Optional[Mapping[str, Optional[str]]] = None
    outcome: Optional[str] = None
    asks: Optional[str] = None
    topics: Sequence[str] = ()
    open_topics: Sequence[str] = ()
    step: Optional[int] = None
    tentative: bool = False
    doors: Sequence[str] = ()
    lane: Optional[str] = None
    language: Optional[str] = None
    lookup: Optional[Lookup] = None
    trace: Sequence[Step] = ()
    model: Optional[str] = None
    policy: Optional[str] = None
    versions: Mapping[str, Any] = field(default_factory=dict)
    incident: Optional[Mapping[str, Any]] = None
    dropped: Sequence[str] = field(default=(), compare=False, repr=False)
    #: The JSON from which the decision was read, without what was dropped. `dataclasses.replace` does not copy it.
    _read: Optional[dict[str, Any]] = field(default=None, init=False, compare=False, repr=False)

    @classmethod
    def from_json(cls, data: Any) -> Decision:
        """A decision that may be logged and acted on. Raises ContractError.

        An escalation keeps its person whatever else is wrong with it: wrong fields are dropped, as long as route, reason and
        priority are right. An emergency must not become an ordinary case because the bot misspelt an amount.
        """
        if not isinstance(data, dict):
            raise ContractError(["decision"])
        wrong = [name for name, check in _CHECKS.items() if name in data and not check(data[name])]
        wrong += [name for name, value in data.items() if name not in wrong and not (is_storable(name) and is_storable(value))]
        missing = ["route"] if data.get("route") is None else []
        if data.get("route") == ESCALATE:
            missing += [name for name in ("reason", "priority") if data.get(name) is None]
            if not missing and not {"reason", "priority"} & set(wrong):
                return cls._of({name: value for name, value in data.items() if name not in wrong}, wrong)
        if wrong or missing:
            raise ContractError([name for name in dict.fromkeys([*wrong, *missing]) if name in _CHECKS] or ["decision"])
        return cls._of(data, ())

    @classmethod
    def _of(cls, data: dict[str, Any], dropped: Sequence[str]) -> Decision:
        fields = {name: data[name] for name in KNOWN if data.get(name) is not None}
        for name in _LISTS.intersection(fields):
            fields[name] = tuple(fields[name])
        if "ranking" in fields:
            fields["ranking"] = tuple(Rank(each.get("intent"), each["confidence"]) for each in fields["ranking"])
        if "trace" in fields:
            fields["trace"] = tuple(
                Step(str(each.get("rule", "")), each.get("fired") is True, str(each.get("detail", "")))
                for each in fields["trace"]
            )
        if "lookup" in fields:
            fields["lookup"] = Lookup.from_json(fields["lookup"])
        decision = cls(**fields, dropped=tuple(dropped))
        object.__setattr__(decision, "_read", data)
        return decision

    def as_json(self) -> dict[str, Any]:
        """The decision as it is logged and sent: JSON types only, probabilities to four places.

        A decision that was read is written as it came, with the fields of a newer bot. The result is shared: do not change it.
        """
        if self._read is not None:
            return self._read
        return {
            "route": self.route,
            "reason": self.reason,
            "priority": self.priority,
            "intent": self.intent,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "ranking": [{"intent": intent, "confidence": round(confidence, 4)} for intent, confidence in self.ranking],
            "entities": [dict(entity) for entity in self.entities],
            "amount_cny": self.amount_cny,
            "rule": self.rule,
            "trace": [{"rule": step.rule, "fired": step.fired, "detail": step.detail} for step in self.trace],
            "scores": {name: round(score, 4) for name, score in self.scores.items()},
            "thresholds": dict(self.thresholds),
            "article": dict(self.article) if self.article else None,
            "outcome": self.outcome,
            "asks": self.asks,
            "topics": list(self.topics),
            "open_topics": list(self.open_topics),
            "step": self.step,
            "tentative": self.tentative,
            "doors": list(self.doors),
            "lane": self.lane,
            "language": self.language,
            "lookup": self.lookup.as_json() if self.lookup else None,
            "model": self.model,
            "policy": self.policy,
            "versions": dict(self.versions),
            "incident": dict(self.incident) if self.incident else None,
        }


def _is_article(value: Any) -> bool:
    return is_object(value) and is_name(value.get("id")) and (value.get("revision") is None or is_name(value["revision"]))


def _is_rank(value: Any) -> bool:
    return is_object(value) and is_none_or(is_name)(value.get("intent")) and is_probability(value.get("confidence"))


_CHECKS: dict[str, Check] = {
    "route": lambda value: isinstance(value, str) and value in ROUTES,
    "reason": is_none_or(is_name),
    "priority": lambda value: value is None or (isinstance(value, str) and value in PRIORITY_RANK),
    "intent": is_none_or(is_name),
    "confidence": is_none_or(is_probability),
    "ranking": is_none_or(is_list_of(_is_rank)),
    "incident": is_none_or(is_incident_name),
    "entities": is_none_or(is_list_of(is_object)),
    "amount_cny": is_none_or(lambda value: is_number(value, _AMOUNT_LIMIT)),
    "rule": is_none_or(is_name),
    "trace": is_none_or(is_list_of(is_object)),
    "scores": is_none_or(is_object),
    "thresholds": is_none_or(is_object),
    "article": is_none_or(_is_article),
    "outcome": is_none_or(is_name),
    "asks": is_none_or(is_name),
    "topics": is_none_or(is_list_of(is_name)),
    "open_topics": is_none_or(is_list_of(is_name)),
    "step": is_none_or(lambda value: is_whole_number(value, _MOST_STEPS)),
    "tentative": is_none_or(is_flag),
    "doors": is_none_or(is_list_of(is_name)),
    "lane": is_none_or(is_name),
    "language": is_none_or(is_name),
    "lookup": is_none_or(is_lookup),
    "model": is_none_or(is_name),
    "policy": is_none_or(is_name),
    "versions": is_none_or(is_object),
}
_LISTS = frozenset({"entities", "topics", "open_topics", "doors"})
#: The names of the fields that the contract knows.
KNOWN = tuple(_CHECKS)


def known_fields(decision: Any, *names: str) -> dict[str, Any]:
    """Some fields of a logged decision; None for one that is missing or, in an older log, of a wrong type."""
    if not isinstance(decision, dict):
        return dict.fromkeys(names)
    return {name: decision.get(name) if _CHECKS[name](decision.get(name)) else None for name in names}
