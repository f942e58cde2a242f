"""The vocabulary of triage: what was said, what came before it, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Mapping, Sequence

Route = Literal["answer", "escalate", "feedback", "chat", "reject", "clarify"]
Outcome = Literal["solved", "never_mind", "closed"]

RANKING_LENGTH = 5


@dataclass(frozen=True)
class Part:
    """One clause of a message, as the pipeline understood it alone."""

    text: str
    ranking: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True)
class Message:
    """One customer message as the pipeline understood it.

    `text` is normalised (`language.normalization.normalize`). `ranking` holds every intent with its probability,
    likeliest first.
    `entities` are `{entity, text, value, start, end}`; `thresholds` has the keys of `contract.understanding.THRESHOLDS`.
    `choice` is the id of a button that was pressed; `text` is then its label, and the choice decides.
    `parts` are its clauses, where it has several that may be about different things; `sentences` are its sentences, of
    which one may be grave; both are empty if there is but one.
    `language` is what it is written in (`language.recognition.language_of`); None if it does not tell.
    """

    text: str
    ranking: Sequence[tuple[str, float]] = ()
    entities: Sequence[Mapping[str, Any]] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    choice: str | None = None
    parts: Sequence[Part] = ()
    sentences: Sequence[Part] = ()
    language: str | None = None


@dataclass(frozen=True)
class Context:
    """What the desk folded from the conversation's log; everything a turn may know of the past.

    `locale`: the customer's language so far: "zh" (simplified), "zh-Hant", "en", or the code of another one.

    `asked`: what the bot's last message asked: "solved", "offer_person", "topic", "cancel_wait", or None. `not_understood`:
    messages in a row that were not understood, social moves aside. `topic`: the last topic's intent. `status`: who has the
    conversation. `priority`: of the case that waits for a person. `topics`: intents offered last, in their order.
    `open_topics`: second topics that the bot named and that are not dealt with. `doors`: escalating intents offered under the
    last answer. `closed`: how the last episode ended, `{by: "agent", "solved" or "idle", reason, priority, intent}`, until
    something new is understood. `tentative`: whether the last answer was a guess; `topics` are then its alternatives, and
    `not_understood` counts it.
    """

    status: str = "with_bot"
    locale: str = "zh"
    last_route: str | None = None
    last_article: str | None = None
    asked: str | None = None
    not_understood: int = 0
    topic: str | None = None
    priority: str | None = None
    topics: Sequence[str] = ()
    open_topics: Sequence[str] = ()
    doors: Sequence[str] = ()
    closed: Mapping[str, str | None] | None = None
    tentative: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Context:
        """Read a context off the wire; unknown keys are ignored, so that a newer desk can talk to an older bot."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if data.get(name) is not None}
        return cls(**known)


@dataclass(frozen=True)
class Step:
    """One line of the trace: a rule that was looked at, whether it fired, and on what grounds."""

    rule: str
    fired: bool
    detail: str


@dataclass(frozen=True)
class Decision:
    """What happens with a message, and why. `rule` names the step that decided; `trace` lists all that were looked at.

    `open_topics`: topics that the message names beside the one that is answered. `step`: the step of the article that the
    customer asks about, from 1. `tentative`: the answer is a guess, and `topics` are the alternatives offered beside it.
    `doors`: escalating intents offered under the answer. `lane`: the policy's lane of the intent, for the queue.
    `language`: "zh-Hans", "zh-Hant", "en" or "other": what the message is written in, or else the conversation; None where
    nobody looked.
    """

    route: Route
    rule: str
    intent: str | None
    confidence: float
    reason: str | None = None
    priority: str | None = None
    ranking: Sequence[tuple[str, float]] = ()
    entities: Sequence[Mapping[str, Any]] = ()
    amount_cny: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    article: Mapping[str, str] | None = None
    outcome: Outcome | None = None
    asks: str | None = None
    topics: Sequence[str] = ()
    open_topics: Sequence[str] = ()
    step: int | None = None
    tentative: bool = False
    doors: Sequence[str] = ()
    lane: str | None = None
    language: str | None = None
    trace: Sequence[Step] = ()

    def as_json(self) -> dict[str, Any]:
        """The decision as it is logged and sent: JSON types only, probabilities to four places."""
        return {
            "route": self.route,
            "reason": self.reason,
            "priority": self.priority,
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "ranking": [
                {"intent": intent, "confidence": round(confidence, 4)} for intent, confidence in self.ranking[:RANKING_LENGTH]
            ],
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
        }
