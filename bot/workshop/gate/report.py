"""What the gate says: whether a draft may be published, and each reason why not, with the sentences that it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Sequence, Tuple

#: Sentences of one reason in the report: more help nobody.
MOST_SENTENCES = 50


@dataclass(frozen=True)
class Refusal:
    """One reason against publishing. `detail`, `detail_zh`: a sentence that says what is wrong and what to do.

    `sentences` never holds a held-out test sentence: of these the detail says how many.
    """

    kind: str
    detail: str
    detail_zh: str
    sentences: Tuple[str, ...] = ()

    def as_json(self) -> Dict[str, Any]:
        """The reason in the form of the report."""
        shown = list(self.sentences[:MOST_SENTENCES])
        return {
            "kind": self.kind,
            "detail": self.detail,
            "detail_zh": self.detail_zh,
            "sentences": shown,
            "more_sentences": len(self.sentences) - len(shown),
        }


@dataclass
class Report:
    """The result of one run. `warnings` have the form of reasons and do not refuse. `skipped`: checks that were not made."""

    reasons: List[Refusal] = field(default_factory=list)
    warnings: List[Refusal] = field(default_factory=list)
    skipped: List[str] = field(default_factory=list)
    facts: Dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """ "pass" or "refuse"."""
        return "refuse" if self.reasons else "pass"

    def as_json(self) -> Dict[str, Any]:
        """The report as the command writes it (docs/workshop.md, "Gate")."""
        return {
            "verdict": self.verdict,
            "reasons": [reason.as_json() for reason in self.reasons],
            "warnings": [warning.as_json() for warning in self.warnings],
            "skipped": self.skipped,
            **self.facts,
        }


def quoted(names: Sequence[str]) -> str:
    """Names for an English or Chinese sentence: `a`, `b`."""
    return ", ".join(f"`{name}`" for name in names)
