"""Each share of an evaluation counts the lines that its name promises, with accepted answers and intervals."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import pytest

from bot.evaluation.figures import figures_of, share
from bot.evaluation.outcome import Expected, Label, Outcome
from content.triage_policy import Policy
from tests.bot.evaluation.made_reports import (
    accepting,
    decided,
    outcome,
    report_of,
    several_right,
)

SHARES = [
    # figure, hits, lines: counted by hand in the set above
    ("intent_accuracy", 5, 11),  # a1 a3 e1 e4 r1
    ("route_accuracy", 6, 11),  # a1 a2 e1 e2 e4 r1
    ("must_escalate_recall", 3, 4),  # e1 e2 e4 of e1 e2 e3 e4: e5's reason is no risk
    ("needless_escalation_rate", 2, 6),  # a3 a4 of a1-a4 r1 r2
    ("reject_recall", 1, 2),
    ("needs_person_recall", 3, 5),  # e1 e2 e4 of e1 to e5
    ("answered_rightly", 1, 4),  # a1 of a1 to a4: a3 has the right intent and went to a person
    ("wrong_article", 1, 4),  # a2
    ("clarified", 0, 4),
    ("right_door_under_wrong_article", 0, 2),  # e3 e5 got articles, without doors
]


@pytest.mark.parametrize(("figure", "hits", "lines"), SHARES)
def test_shares_count_what_they_say(report: Dict[str, Any], figure: str, hits: int, lines: int) -> None:
    """A release would be judged by a wrong number."""
    assert (report[figure]["value"], report[figure]["hits"], report[figure]["n"]) == (round(hits / lines, 4), hits, lines)


REFUND = (
    "merchant_dispute",
    "escalate",
    "dispute",
    ["merchant_dispute", "refund_status", "scam_report"],
    ["escalate", "answer"],
)


TOP_UP = ("transfer_delay", "answer", None, ["transfer_delay", "top_up_howto"], ["answer"])


ACCEPTED = [
    # the label with all that is accepted, the decision, and whether intent, route and reason are right
    (REFUND, decided("merchant_dispute", "escalate", "dispute"), (True, True, True)),
    (REFUND, decided("refund_status"), (True, True, True)),
    (REFUND, decided("scam_report", "escalate", "security"), (True, True, True)),
    (REFUND, decided("merchant_dispute", "escalate", "unresolved"), (True, True, False)),
    (REFUND, decided("merchant_dispute", "clarify"), (True, False, True)),
    (REFUND, decided("fees"), (False, True, True)),
    (TOP_UP, decided("top_up_howto"), (True, True, True)),
    (TOP_UP, decided("withdraw_howto"), (False, True, True)),
    (TOP_UP, decided("top_up_howto", "escalate", "large_transaction"), (True, False, True)),
]


@pytest.mark.parametrize(("expected", "decision", "right"), ACCEPTED)
def test_every_accepted_answer_is_right(
    policy: Policy, expected: Any, decision: Dict[str, Any], right: Tuple[bool, ...]
) -> None:
    """A sentence with two right answers would count as an error when the bot gives the second one."""
    line = accepting("a", *expected, policy=policy)
    report = report_of([(line, decision)], policy)
    [outcome] = [Outcome.from_json(row) for row in report["lines"]]
    assert (outcome.has_right_intent, outcome.has_right_route, outcome.has_right_reason) == right
    assert report["lines"][0]["right"] is all(right)
    assert (report["intent_accuracy"]["hits"], report["route_accuracy"]["hits"]) == right[:2]
    assert report["intent_macro_f1"] == right[0], "an accepted intent counts as the labelled one"
    assert len(report["confusions"]) == (not right[0])
    assert report["routes"][line.route][line.route] == right[1]


SEVERAL_RIGHT = [
    # figure, hits, lines: counted by hand in the set above
    ("must_escalate_recall", 0, 3),  # of e1 e2 e3: e6 may be asked back, the reason of e4 and e5 is no risk
    ("needs_person_recall", 1, 5),  # e5 of e1 to e5
    ("needless_escalation_rate", 1, 7),  # a6 of a1 a2 a3 a5 a6 r1 r2: for a4 a person is right, too
    ("answered_rightly", 2, 6),  # a1 a2 of a1 to a6
    ("answered_tentatively", 1, 6),  # a2
    ("wrong_article", 1, 6),  # a3
    ("clarified", 1, 6),  # a5
    ("right_door_under_wrong_article", 2, 4),  # e1, and e2 by an equal reason, of e1 to e4
    ("reject_recall", 1, 1),  # r1: for r2 an article is right, too
    ("route_accuracy", 9, 14),  # all but a6 e1 e2 e3 e4
    ("intent_accuracy", 7, 14),  # a1 a2 a4 a5 e5 r1 r2
]


@pytest.mark.parametrize(("figure", "hits", "lines"), SEVERAL_RIGHT)
def test_shares_count_what_is_accepted(policy: Policy, figure: str, hits: int, lines: int) -> None:
    """A bot would be judged by one of several right answers, or a guess that was right pass for a sure answer."""
    report = report_of(several_right(policy), policy)
    assert (report[figure]["hits"], report[figure]["n"]) == (hits, lines)


def test_foreign_and_ours_at_once_tells_nothing_of_the_score(policy: Policy) -> None:
    """A line that may be answered or refused would be held against the score either way."""
    assert report_of(several_right(policy), policy)["out_of_scope"]["n"] == 1


def test_scams_in_progress_are_counted_in_their_lane() -> None:
    """A scam under way that waits behind other cases would look as good as one that goes first."""

    def scam(number: int, lane: Optional[str]) -> Outcome:
        expected = Expected("scam_in_progress", "escalate", "security")
        got = Label("scam_report", "escalate", "security")
        return Outcome(str(number), None, "x", 1, "s", expected, got, 0.9, "risk", 0.9, 0.0, lane=lane)

    figures = figures_of([scam(1, "money_moving"), scam(2, None), outcome(3, True, 0.9)], ["security"])
    assert (figures["lanes"]["hits"], figures["lanes"]["n"]) == (1, 2)
    assert figures["slices"]["style"]["s"]["lanes"]["n"] == 2


INTERVALS = [
    # hits, lines, low, high: Wilson's (p + z²/2n ± z√(pq/n + z²/4n²)) / (1 + z²/n) with z = 1.96, by hand
    (3, 4, 0.3006, 0.9544),
    (0, 10, 0.0, 0.2775),
    (10, 10, 0.7225, 1.0),
    (50, 100, 0.4038, 0.5962),
]


@pytest.mark.parametrize(("hits", "lines", "low", "high"), INTERVALS)
def test_intervals_are_wilsons(hits: int, lines: int, low: float, high: float) -> None:
    """Three emergencies of four would be taken for a proof of 75%, or ten of ten for certainty."""
    found = share([True] * hits + [False] * (lines - hits))
    assert found is not None
    assert (found["low"], found["high"]) == (low, high)
