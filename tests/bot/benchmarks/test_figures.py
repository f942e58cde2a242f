"""The figures of the benchmark count what their names promise."""

from __future__ import annotations

from typing import Optional

import pytest

from content.triage_policy import Policy
from tests.benchmarks.nlu.figures import Decision, UnknownIntent, decision_of, figures_of, score
from tests.benchmarks.nlu.job import Answer
from tests.benchmarks.nlu.sentences import (
    Sentence,
    out_of_scope_label,
)


def said(intent: str, route: Optional[str] = None, reason: Optional[str] = None) -> Sentence:
    return Sentence("x", intent, "f", route, reason)


#: What was labelled, and what a made-up system decides.
PAIRS = [
    (said("fees", "answer"), Decision("fees", "answer")),
    (said("fees", "answer"), Decision("scam_report", "escalate")),
    (said("invoice", "answer"), Decision("fees", "answer")),
    (said("scam_report", "escalate", "security"), Decision("scam_report", "escalate")),
    (said("complaint", "escalate", "dispute"), Decision("feedback", "feedback")),
    (said("transfer_howto", "escalate", "large_transaction"), Decision("large_transaction", "escalate")),
    (said("human_agent", "escalate", "user_request"), Decision("contact_channels", "answer")),
    (said("out_of_scope", "reject"), Decision("out_of_scope", "reject")),
    (said("out_of_scope", "reject"), Decision("greet", "chat")),
]


FIGURES = [
    # figure, hits, n: counted by hand in the pairs above
    ("accuracy", 3, 9),
    ("out_of_scope_recall", 1, 2),
    ("must_escalate_recall", 2, 3),  # a request for a person is no risk
    ("needless_escalation", 1, 5),
]


@pytest.mark.parametrize(("figure", "hits", "n"), FIGURES)
def test_shares_count_what_they_say(policy: Policy, figure: str, hits: int, n: int) -> None:
    """A system would be chosen for a wrong number."""
    share = figures_of([s for s, _ in PAIRS], [d for _, d in PAIRS], policy)[figure]
    assert (share["hits"], share["n"]) == (hits, n)


def test_macro_f1_weighs_labelled_intents_alike(policy: Policy) -> None:
    """Intents with many sentences would drown the others."""
    # fees 1/2 (one of two found, one false), scam_report and out_of_scope 2/3, four others 0
    figures = figures_of([s for s, _ in PAIRS], [d for _, d in PAIRS], policy)
    assert figures["macro_f1"] == round((1 / 2 + 2 / 3 + 2 / 3) / 7, 4)


def test_without_our_policy_there_is_no_escalation() -> None:
    """A public data set would get figures that it has no labels for."""
    figures = figures_of([said("oos"), said("a")], [Decision("oos", None), Decision("a", None)], None)
    assert figures["must_escalate_recall"] is None
    assert figures["needless_escalation"] is None
    assert figures["out_of_scope_recall"]["value"] == 1
    assert figures_of([said("a")], [Decision("a", None)], None)["out_of_scope_recall"] is None


ANSWERS = [
    # answer, label of foreign sentences, decision under our policy
    (Answer("fees"), "out_of_scope", Decision("fees", "answer")),
    (Answer("scam_report"), "out_of_scope", Decision("scam_report", "escalate")),
    (Answer("fees", fallback=True), "out_of_scope", Decision("out_of_scope", "reject")),
    (Answer("fees", route="escalate"), "out_of_scope", Decision("fees", "escalate")),
]


@pytest.mark.parametrize(("answer", "foreign", "decision"), ANSWERS)
def test_answers_become_decisions_by_our_policy(policy: Policy, answer: Answer, foreign: str, decision: Decision) -> None:
    """A peer's refusal would be taken for an answer, or our own decision for the policy's route."""
    assert decision_of(answer, foreign, policy) == decision


def test_an_intent_without_a_route_is_refused(policy: Policy) -> None:
    """Data that the policy does not know would be counted as answers without a route, or end in a traceback."""
    with pytest.raises(UnknownIntent, match="card_arrival"):
        decision_of(Answer("card_arrival"), "out_of_scope", policy)


def test_without_foreign_label_the_likeliest_intent_counts() -> None:
    """On BANKING77, which has nothing to refuse, a fallback would make a right intent wrong."""
    assert decision_of(Answer("a", fallback=True), None, None) == Decision("a", None)
    assert decision_of(Answer("a", fallback=True), "oos", None) == Decision("oos", None)
    assert out_of_scope_label(["a", "oos"]) == "oos"
    assert out_of_scope_label(["a"]) is None


def test_a_refusal_is_one_even_where_no_sentence_deserves_it(policy: Policy) -> None:
    """On emergencies alone, a peer that refuses them all would count as having understood them."""
    sentences = [said("scam_report", "escalate", "security")]
    figures = score(sentences, [Answer("scam_report", fallback=True)], [1.0], policy)
    assert figures["must_escalate_recall"]["value"] == 0
    assert figures["fallbacks"] == 1


def test_cpu_time_is_the_median_and_files_are_told_apart(policy: Policy) -> None:
    """One slow start would make a system slow, or a bad file would hide among good ones."""
    sentences = [Sentence("x", "fees", file, "answer") for file in ("f", "g", "g")]
    figures = score(sentences, [Answer("fees"), Answer("fees"), Answer("invoice")], [1.0, 2.0, 90.0], policy)
    assert figures["cpu_ms"] == 2.0
    assert [(file, part["accuracy"]["hits"], part["n"]) for file, part in figures["by_file"].items()] == [
        ("f", 1, 1),
        ("g", 1, 2),
    ]
