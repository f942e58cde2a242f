"""Outcomes: what happened with each labelled sentence, as it is measured and as it is kept in a report."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from bot.evaluation.labelled import Labelled

#: How a decision without any intent is counted.
NO_INTENT = "(none)"


class Label(NamedTuple):
    """What is understood and done with a sentence."""

    intent: str
    route: str
    reason: Optional[str]


@dataclass(frozen=True)
class Outcome:
    """One sentence: what should have happened and what did.

    `id` is the first 16 digits of the text's SHA-256: the same sentence has the same id in every report. `text` is None where
    nobody may read it. `confidence`, `risk` and `out_of_scope` are probabilities; `wall_ms` and `cpu_ms` are None where time
    means nothing.
    """

    id: str
    text: Optional[str]
    file: Optional[str]
    number: Optional[int]
    style: Optional[str]
    expected: Label
    got: Label
    confidence: float
    rule: str
    risk: float
    out_of_scope: float
    wall_ms: Optional[float] = None
    cpu_ms: Optional[float] = None

    @property
    def is_right(self) -> bool:
        """Whether intent, route and reason are all as labelled."""
        return self.expected == self.got

    @property
    def has_right_intent(self) -> bool:
        """Whether the intent is as labelled."""
        return self.expected.intent == self.got.intent

    @property
    def has_right_route(self) -> bool:
        """Whether the route is as labelled."""
        return self.expected.route == self.got.route

    def labelled_as(self, expected: Label) -> Outcome:
        """The same happening under another label."""
        return replace(self, expected=expected)

    def as_json(self) -> Dict[str, Any]:
        """The outcome as it stands in a report; `right` is there for those who filter."""
        return {
            "id": self.id,
            "text": self.text,
            "file": self.file,
            "number": self.number,
            "style": self.style,
            "right": self.is_right,
            "expected": self.expected._asdict(),
            "got": {**self.got._asdict(), "confidence": self.confidence, "rule": self.rule},
            "scores": {"risk": self.risk, "out_of_scope": self.out_of_scope},
            "wall_ms": self.wall_ms,
            "cpu_ms": self.cpu_ms,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Read what `as_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        got, expected = data["got"], data["expected"]
        optional_texts = (data["text"], data["file"], data["style"], got["reason"], expected["reason"])
        texts = (data["id"], got["intent"], got["route"], got["rule"], expected["intent"], expected["route"])
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
            expected=Label(expected["intent"], expected["route"], expected["reason"]),
            got=Label(got["intent"], got["route"], got["reason"]),
            confidence=float(got["confidence"]),
            rule=got["rule"],
            risk=float(data["scores"]["risk"]),
            out_of_scope=float(data["scores"]["out_of_scope"]),
            wall_ms=None if data["wall_ms"] is None else float(data["wall_ms"]),
            cpu_ms=None if data["cpu_ms"] is None else float(data["cpu_ms"]),
        )


def identity(text: str) -> str:
    """The id of a sentence in reports."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def judge(
    lines: Sequence[Labelled], decide: Callable[[str], Mapping[str, Any]], timed: bool = True
) -> tuple[List[Outcome], Mapping[str, Any]]:
    """Decide every line, one after the other; the outcomes, and the first decision for what all have in common.

    Times are of `decide` alone: wall time, and CPU time of the whole process with all its threads.
    """
    first = decide(lines[0].text)  # loads what the others reuse, before anything is measured
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
                expected=Label(line.intent, line.route, line.reason),
                got=Label(decision["intent"] or NO_INTENT, decision["route"], decision["reason"]),
                confidence=float(decision["confidence"]),
                rule=str(decision["rule"]),
                risk=float(decision["scores"]["risk"]),
                out_of_scope=float(decision["scores"]["out_of_scope"]),
                wall_ms=round(1000 * wall, 3) if timed else None,
                cpu_ms=round(1000 * cpu, 3) if timed else None,
            )
        )
    return outcomes, first
