"""Outcomes: the result for each labelled sentence, as measured and as stored in a report."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from bot.evaluation.labelled import Labelled

#: The name under which a decision without an intent is counted.
NO_INTENT = "(none)"


class Label(NamedTuple):
    """Intent, route and reason of a sentence: decided, or expected."""

    intent: str
    route: str
    reason: Optional[str]


class Expected(NamedTuple):
    """The label of a sentence, and all other accepted answers. With an empty tuple only the label is accepted."""

    intent: str
    route: str
    reason: Optional[str]
    accept_intents: Tuple[str, ...] = ()
    accept_routes: Tuple[str, ...] = ()
    accept_reasons: Tuple[str, ...] = ()

    @property
    def intents(self) -> Tuple[str, ...]:
        """All accepted intents."""
        return self.accept_intents or (self.intent,)

    @property
    def routes(self) -> Tuple[str, ...]:
        """All accepted routes."""
        return self.accept_routes or (self.route,)

    @property
    def reasons(self) -> Tuple[Optional[str], ...]:
        """All accepted escalation reasons."""
        return self.accept_reasons or (self.reason,)

    @property
    def needs_person(self) -> bool:
        """Whether only an escalation is accepted."""
        return set(self.routes) == {"escalate"}

    @property
    def is_answerable(self) -> bool:
        """Whether an article is the labelled answer. A rejection is right where an article is only accepted."""
        return self.route == "answer"

    def as_json(self) -> Dict[str, Any]:
        """The label in the form of a report; lists only if the line has them."""
        lists = {name: list(value) for name, value in self._asdict().items() if name.startswith("accept_") and value}
        return {"intent": self.intent, "route": self.route, "reason": self.reason, **lists}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Expected:
        """Read the output of `as_json`. Raises KeyError or TypeError for anything else."""
        if not isinstance(data["intent"], str) or not isinstance(data["route"], str):
            raise TypeError("a label is missing")
        if not (data["reason"] is None or isinstance(data["reason"], str)):
            raise TypeError("a reason is something else")
        lists = {name: _texts(data.get(name, ())) for name in ("accept_intents", "accept_routes", "accept_reasons")}
        return cls(data["intent"], data["route"], data["reason"], **lists)


def _texts(values: Any) -> Tuple[str, ...]:
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
        raise TypeError("a list of texts is something else")
    return tuple(values)


@dataclass(frozen=True)
class Outcome:
    """One sentence: the expected and the actual result.

    `id` is the first 16 digits of the text's SHA-256: the same sentence has the same id in every report. `text` is None for
    held-out sentences. `confidence`, `risk` and `out_of_scope` are probabilities. `wall_ms` and `cpu_ms` are None if time was
    not measured. `tentative`, `doors`, `lane` and `language` are fields of the decision.
    """

    id: str
    text: Optional[str]
    file: Optional[str]
    number: Optional[int]
    style: Optional[str]
    expected: Expected
    got: Label
    confidence: float
    rule: str
    risk: float
    out_of_scope: float
    wall_ms: Optional[float] = None
    cpu_ms: Optional[float] = None
    tentative: bool = False
    doors: Tuple[str, ...] = ()
    lane: Optional[str] = None
    language: Optional[str] = None

    @property
    def is_right(self) -> bool:
        """Whether intent, route and reason are all accepted."""
        return self.has_right_intent and self.has_right_route and self.has_right_reason

    @property
    def has_right_intent(self) -> bool:
        """Whether the intent is accepted."""
        return self.got.intent in self.expected.intents

    @property
    def has_right_route(self) -> bool:
        """Whether the route is accepted."""
        return self.got.route in self.expected.routes

    @property
    def has_right_reason(self) -> bool:
        """Whether the reason is accepted, if an escalation is labelled and was decided."""
        return not self.expected.route == self.got.route == "escalate" or self.got.reason in self.expected.reasons

    @property
    def counted_intent(self) -> str:
        """The decided intent; an accepted intent counts as the labelled one."""
        return self.expected.intent if self.has_right_intent else self.got.intent

    @property
    def counted_route(self) -> str:
        """The decided route; an accepted route counts as the labelled one."""
        return self.expected.route if self.has_right_route else self.got.route

    def labelled_as(self, expected: Expected) -> Outcome:
        """The same result with another label."""
        return replace(self, expected=expected)

    def as_json(self) -> Dict[str, Any]:
        """The outcome in the form of a report; readers can filter by `right`."""
        return {
            "id": self.id,
            "text": self.text,
            "file": self.file,
            "number": self.number,
            "style": self.style,
            "right": self.is_right,
            "expected": self.expected.as_json(),
            "got": self.got_as_json(),
            "scores": {"risk": self.risk, "out_of_scope": self.out_of_scope},
            "wall_ms": self.wall_ms,
            "cpu_ms": self.cpu_ms,
        }

    def got_as_json(self) -> Dict[str, Any]:
        """The decision in the form of a report."""
        return {
            **self.got._asdict(),
            "confidence": self.confidence,
            "rule": self.rule,
            "tentative": self.tentative,
            "doors": list(self.doors),
            "lane": self.lane,
            "language": self.language,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Read the output of `as_json`, also of an earlier version. Raises KeyError, TypeError or ValueError otherwise."""
        got = data["got"]
        optional_texts = (data["text"], data["file"], data["style"], got["reason"], got.get("lane"), got.get("language"))
        texts = (data["id"], got["intent"], got["route"], got["rule"])
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a text is missing")
        if not all(text is None or isinstance(text, str) for text in optional_texts):
            raise TypeError("a text is something else")
        return cls(
            id=data["id"],
            text=data["text"],
            file=data["file"],
            number=data["number"],
            style=data["style"],
            expected=Expected.from_json(data["expected"]),
            got=Label(got["intent"], got["route"], got["reason"]),
            confidence=float(got["confidence"]),
            rule=got["rule"],
            risk=float(data["scores"]["risk"]),
            out_of_scope=float(data["scores"]["out_of_scope"]),
            wall_ms=None if data["wall_ms"] is None else float(data["wall_ms"]),
            cpu_ms=None if data["cpu_ms"] is None else float(data["cpu_ms"]),
            tentative=bool(got.get("tentative", False)),
            doors=_texts(got.get("doors", ())),
            lane=got.get("lane"),
            language=got.get("language"),
        )


def identity(text: str) -> str:
    """The id of a sentence in reports."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def judge(
    lines: Sequence[Labelled], decide: Callable[[str], Mapping[str, Any]], timed: bool = True
) -> tuple[List[Outcome], Mapping[str, Any]]:
    """Decide the lines in sequence. Returns the outcomes, and the first decision, which carries what all decisions share.

    Only `decide` is timed: wall time, and CPU time of the process with all its threads.
    """
    first = decide(lines[0].text)  # loads what later calls reuse, before the measurement
    outcomes: List[Outcome] = []
    for line in lines:
        cpu, wall = time.process_time(), time.perf_counter()
        decision = decide(line.text)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        outcomes.append(
            Outcome(
                id=identity(line.text),
                text=None if line.held_out else line.text,
                file=line.file,
                number=line.number,
                style=line.style,
                expected=Expected(
                    line.intent, line.route, line.reason, line.accept_intents, line.accept_routes, line.accept_reasons
                ),
                got=Label(decision["intent"] or NO_INTENT, decision["route"], decision["reason"]),
                confidence=float(decision["confidence"]),
                rule=str(decision["rule"]),
                risk=float(decision["scores"]["risk"]),
                out_of_scope=float(decision["scores"]["out_of_scope"]),
                wall_ms=round(1000 * wall, 3) if timed else None,
                cpu_ms=round(1000 * cpu, 3) if timed else None,
                tentative=bool(decision.get("tentative")),
                doors=tuple(decision.get("doors") or ()),
                lane=decision.get("lane"),
                language=decision.get("language"),
            )
        )
    return outcomes, first
