"""Labelled sentences and decisions made by hand, for the tests of the evaluation."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from bot.evaluation import (
    Labelled,
    evaluate,
)
from bot.evaluation.outcome import Expected, Label, Outcome
from content.triage_policy import Policy

Pairs = Sequence[Tuple[Labelled, Dict[str, Any]]]


def label(
    text: str,
    intent: str,
    route: str = "answer",
    reason: Optional[str] = None,
    style: Optional[str] = None,
    file: str = "x.jsonl",
) -> Labelled:
    return Labelled(text, intent, route, reason, style, file, 1)


def decided(
    intent: str, route: str = "answer", reason: Optional[str] = None, confidence: float = 0.9, foreign: float = 0.1
) -> Dict[str, Any]:
    return {
        "intent": intent,
        "route": route,
        "reason": reason,
        "confidence": confidence,
        "rule": "understood",
        "scores": {"risk": 0.2, "out_of_scope": foreign},
        "thresholds": {"risk": 0.5},
        "model": "wallet-test",
    }


#: What was said, what it is, and what a made-up bot does with it.
SET: Pairs = [
    (label("a1", "fees", style="plain"), decided("fees")),
    (label("a2", "fees", style="plain"), decided("payment_limit")),
    (label("a3", "invoice", style="plain"), decided("invoice", "escalate", "unresolved")),
    (label("a4", "privacy", style="plain"), decided("scam_report", "escalate", "security")),
    (label("e1", "scam_report", "escalate", "security", "veiled"), decided("scam_report", "escalate", "security")),
    (label("e2", "scam_report", "escalate", "security", "veiled"), decided("complaint", "escalate", "dispute")),
    (label("e3", "account_stolen", "escalate", "security", "veiled"), decided("password_reset")),
    (label("e4", "complaint", "escalate", "dispute"), decided("complaint", "escalate", "dispute")),
    (label("e5", "human_agent", "escalate", "user_request"), decided("contact_channels")),
    (label("r1", "out_of_scope", "reject", file="y.jsonl"), decided("out_of_scope", "reject", foreign=0.8)),
    (label("r2", "out_of_scope", "reject", file="y.jsonl"), decided("greet", "chat", foreign=0.05)),
]


def bot_of(pairs: Pairs) -> Callable[[str], Dict[str, Any]]:
    answers = {line.text: decision for line, decision in pairs}
    return lambda text: answers[text]


def report_of(pairs: Pairs, policy: Policy) -> Dict[str, Any]:
    return evaluate([line for line, _ in pairs], bot_of(pairs), policy)


def accepting(
    text: str, intent: str, route: str, reason: Optional[str], intents: Sequence[str], routes: Sequence[str], policy: Policy
) -> Labelled:
    reasons = dict.fromkeys(filter(None, [reason, *(policy.intents[name].reason for name in intents)]))
    return Labelled(
        text, intent, route, reason, accept_intents=tuple(intents), accept_routes=tuple(routes), accept_reasons=tuple(reasons)
    )


def tentative(intent: str, *doors: str) -> Dict[str, Any]:
    return {**decided(intent), "rule": "tentative", "tentative": True, "doors": list(doors)}


def with_doors(intent: str, *doors: str) -> Dict[str, Any]:
    return {**decided(intent), "doors": list(doors)}


def several_right(policy: Policy) -> Pairs:
    """A set with several right answers, and decisions with guesses, doors and a lane."""
    escalated = decided("merchant_dispute", "escalate", "dispute")

    def line(text: str, intent: str, routes: Sequence[str], *others: str) -> Labelled:
        label = policy.intents[intent]
        return accepting(text, intent, label.route, label.reason, [intent, *others], routes, policy)

    return [
        (line("a1", "transfer_delay", ["answer"], "top_up_howto"), decided("top_up_howto")),
        (line("a2", "transfer_delay", ["answer"]), tentative("transfer_delay")),
        (line("a3", "transfer_delay", ["answer"]), tentative("fees")),
        (line("a4", "refund_status", ["answer", "escalate"], "merchant_dispute"), escalated),
        (line("a5", "fees", ["answer", "clarify"]), {**decided("fees", "clarify"), "rule": "clarify"}),
        (line("a6", "fees", ["answer"]), escalated),
        (line("e1", "merchant_dispute", ["escalate"]), with_doors("refund_status", "merchant_dispute")),
        (line("e2", "merchant_dispute", ["escalate"]), with_doors("fees", "account_stolen", "bill_dispute")),
        (line("e3", "merchant_dispute", ["escalate"]), with_doors("security_advice", "scam_report")),
        (line("e4", "account_locked", ["escalate"]), decided("login_failed")),
        (line("e5", "account_locked", ["escalate"]), decided("account_locked", "escalate", "identity_check")),
        (line("e6", "merchant_dispute", ["escalate", "clarify"]), {**decided("refund_status", "clarify"), "rule": "clarify"}),
        (line("r1", "out_of_scope", ["reject"]), decided("out_of_scope", "reject", foreign=0.8)),
        (line("r2", "out_of_scope", ["reject", "answer"], "fees"), decided("fees")),
    ]


def outcome(number: int, right: bool, confidence: float, foreign: bool = False, score: float = 0.0) -> Outcome:
    """One with an intent that is right or wrong, a confidence, and a score for being foreign."""
    intent = "out_of_scope" if foreign else "fees"
    expected = Expected(intent, "reject" if foreign else "answer", None)
    got = Label(intent, expected.route, None) if right else Label("invoice", "answer", None)
    return Outcome(str(number), str(number), None, None, None, expected, got, confidence, "understood", 0.0, score)


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


class Page(HTMLParser):
    """What a browser would find: opened elements with their attributes, and all text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: List[Tuple[str, Dict[str, Optional[str]]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        """An element is opened."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        self.text += data

    def fetched(self) -> Iterator[str]:
        """Every address that the browser would ask for by itself."""
        for _, attributes in self.elements:
            for name in ("src", "href", "xlink:href"):
                address = attributes.get(name)
                if address and not address.startswith(("#", "data:")):
                    yield address
