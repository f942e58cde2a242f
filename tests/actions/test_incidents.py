"""An announced incident stands before the article that answers the same question, and before no other one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from actions.triage import message_from_parse, triage
from content.bundle import Content
from content.compiler import load_content
from contract.decision import Decision
from contract.errors import ContractError
from contract.incident import Incident
from contract.turn import Context
from language.normalization import normalize

TODAY = dt.date(2026, 11, 30)
DATA = Path(__file__).parents[2] / "data"
LIMITS = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}
TEXT = {"zh": "招商银行转账延迟，预计 17:00 恢复。", "en": "Transfers to CMB are delayed until 17:00."}
INCIDENT = Incident("I2345678", 3, ("transfer_delay",), ("招商银行", "招行"), TEXT)


@pytest.fixture(scope="module")
def content() -> Content:
    """The editors' files."""
    return load_content(DATA)


def turn(
    content: Content, said: str, intent: str, incidents: Tuple[Incident, ...] = (INCIDENT,), before: str = "zh"
) -> Tuple[List[Dict[str, Any]], Dict[str, Any]]:
    """Messages and decision for what was said."""
    ranking = [{"name": intent, "confidence": 0.95}, {"name": "invoice", "confidence": 0.02}]
    parse = {"text": normalize(said), "intent_ranking": ranking, "entities": [], "thresholds": LIMITS}
    context = Context.from_json(Context(locale=before, incidents=incidents).as_json())
    return triage(message_from_parse(parse, said=said, before=before), context, content, "model", TODAY)


@pytest.mark.parametrize(
    ("said", "intent", "words"),
    [
        ("转账怎么还没到账", "transfer_delay", TEXT["zh"]),
        ("转到招行的钱还没到", "transfer_delay", TEXT["zh"]),
        ("轉帳怎麼還沒到", "transfer_delay", "招商銀行轉帳延遲，預計 17:00 恢復。"),
        ("my transfer has not arrived", "transfer_delay", TEXT["en"]),
        ("转到工商银行的钱还没到", "transfer_delay", None),
        ("怎么开发票", "invoice", None),
    ],
)
def test_the_incident_before_the_article(content: Content, said: str, intent: str, words: Optional[str]) -> None:
    """Customers would read the usual two hours during an incident; or read of an incident that is not theirs."""
    messages, decision = turn(content, said, intent)
    plain, without = turn(content, said, intent, ())
    assert decision["route"] == without["route"] == "answer"
    assert messages == ([{"text": words}, *plain] if words else plain)
    assert decision["incident"] == ({"id": "I2345678", "version": 3} if words else None)
    assert ("incident" in [step["rule"] for step in decision["trace"]]) == bool(words)
    assert Decision.from_json(decision).incident == decision["incident"]


def test_an_emergency_reads_of_no_incident(content: Content) -> None:
    """A victim would read of a delay before a person is called."""
    urgent = Incident("I2345678", 1, tuple(content.policy.intents)[:50], (), TEXT)
    messages, decision = turn(content, "我的钱被骗子转走了", "transfer_delay", (urgent,))
    assert (messages, decision["route"], decision["incident"]) == ([], "escalate", None)


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        [1],
        [{}],
        [{**INCIDENT.as_json(), "text": {"zh": "a"}}],
        [{**INCIDENT.as_json(), "version": "1"}],
        [INCIDENT.as_json()] * 51,
    ],
)
def test_a_broken_incident_is_a_broken_context(wrong: Any) -> None:
    """A field of a wrong type would break the turn in the middle of the answer."""
    with pytest.raises(ContractError):
        Context.from_json({"incidents": wrong})
