"""Decisions that a draft breaks are refused: safety cases, past emergencies, recall on labelled sets."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

import pytest

from bot.evaluation.labelled import Labelled
from bot.workshop.decider import Turn
from bot.workshop.gate.decisions import (
    case_refusals,
    case_warnings,
    emergency_refusals,
    holds,
    judge_lines,
    past_emergencies,
    recall_refusals,
)
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.noise import falls_by_chance, real_falls
from bot.workshop.logged_turns import LoggedTurn
from content.cases import Case

STOLEN = Case("账号被人登了", "person", intent="account_stolen", reason="security")
TWICE = Case("同一笔扣了两次钱", "person", intent="duplicate_charge", reason="dispute")
REGISTER = Case("怎么开户", "article", article="register_howto")
CASES = [STOLEN, TWICE, REGISTER]


def _person(priority: str = "urgent", intent: str = "account_stolen") -> Dict[str, Any]:
    return {"route": "escalate", "intent": intent, "priority": priority, "article": None, "rule": "risk", "lane": None}


def _answer(article: str = "register_howto") -> Dict[str, Any]:
    return {
        "route": "answer", "intent": article, "priority": None, "article": {"id": article}, "rule": "understood", "lane": None,
    }  # fmt: skip


KEPT = {STOLEN.text: _person(), TWICE.text: _person("high", "duplicate_charge"), REGISTER.text: _answer()}


def _decides(**changed: Dict[str, Any]) -> Callable[[Sequence[Turn]], List[Dict[str, Any]]]:
    """Decides the cases as they must be, with changes: `stolen`, `twice`, `register`."""
    texts = {"stolen": STOLEN.text, "twice": TWICE.text, "register": REGISTER.text}
    decisions = {**KEPT, **{texts[name]: decision for name, decision in changed.items()}}
    return lambda turns: [decisions[turn.text] for turn in turns]


def _refused(live: Edition, after: Any, cases: Optional[List[Case]] = None, before: Any = None) -> Dict[str, Sequence[str]]:
    old, new = replace(live, cases=CASES), replace(live, cases=CASES if cases is None else cases)
    found = case_refusals(old, new, before or _decides(), after)
    return {refusal.kind: refusal.sentences for refusal in found}


def test_cases_that_hold_are_no_reason(live: Edition) -> None:
    """A draft that changes nothing would be refused."""
    assert _refused(live, _decides()) == {}


@pytest.mark.parametrize(
    "flipped", [_answer("login_failed"), {**_answer(), "route": "clarify", "article": None}, _person("normal")]
)
def test_a_case_that_loses_its_person_is_refused(live: Edition, flipped: Dict[str, Any]) -> None:
    """An emergency that was saved as a case would be missed, or come later than it must."""
    found = _refused(live, _decides(stolen=flipped))
    assert found["case_flipped"] == (STOLEN.text,)


def test_removing_a_case_does_not_help_a_draft_that_breaks_it(live: Edition) -> None:
    """Editors could delete the case that stands in their way."""
    found = _refused(live, _decides(stolen=_answer()), cases=[TWICE, REGISTER])
    assert found["case_flipped"] == (STOLEN.text,)
    assert found["case_removed"] == (STOLEN.text,)


def test_the_text_of_a_case_may_be_corrected(live: Edition) -> None:
    """A typing mistake in a case could never be corrected."""
    corrected = Case("账号被人登了！", "person", intent="account_stolen", reason="security")
    old, new = replace(live, cases=CASES), replace(live, cases=[corrected, TWICE, REGISTER])
    decisions = {**KEPT, corrected.text: _person()}
    decide: Any = lambda turns: [decisions[turn.text] for turn in turns]  # noqa: E731
    assert [refusal.kind for refusal in case_refusals(old, new, decide, decide)] == []


def test_a_case_that_loses_its_article_is_refused(live: Edition) -> None:
    """An answer that editors asked for would be another one."""
    assert _refused(live, _decides(register=_answer("fees")))["case_without_its_article"] == (REGISTER.text,)


def test_a_case_that_failed_before_is_a_warning_only(live: Edition) -> None:
    """A case that an editor saves because the bot gets it wrong would stop every publication."""
    missed = _decides(stolen=_answer())
    assert "case_flipped" not in _refused(live, missed, before=missed)
    old = replace(live, cases=CASES)
    assert [warning.sentences for warning in case_warnings(old, old, missed, missed)] == [(STOLEN.text,)]


def test_what_no_case_shows_any_more_is_refused(live: Edition) -> None:
    """A kind of emergency could lose its last case, and nobody would notice when it breaks."""
    other = Case("同一笔扣了两次钱", "person", intent="wrong_transfer", reason="dispute")
    assert "no_longer_covered" in _refused(live, _decides(), cases=[STOLEN, other, REGISTER])


def test_a_case_may_come_more_urgently_than_it_must(live: Edition) -> None:
    """A policy that raises a priority would break cases."""
    assert holds(TWICE, _person("urgent"), live.bundle.policy)
    assert not holds(STOLEN, _person("high"), live.bundle.policy)


# --- the log -------------------------------------------------------------------------------------------------------------
def _logged(text: str, settled: Optional[Dict[str, Any]], route: str = "escalate") -> LoggedTurn:
    return LoggedTurn("c1", "t1", 3, 1, 2, 1, "2026-11-29T08:00:00Z", Turn(text), False, True, {"route": route}, settled, None)


def test_past_emergencies_are_those_that_agents_settled(live: Edition) -> None:
    """Needless escalations would bind the gate, or real emergencies would not."""
    log = [
        _logged("钱被转走了", {"by": "agent", "reason": "security"}),
        _logged("转人工", {"by": "agent", "reason": "user_request"}),
        _logged("被骗了", {"by": "system", "reason": "security"}),
        _logged("怎么开户", None),
        _logged("被盗了", {"by": "agent", "reason": "security"}, route="answer"),
    ]
    assert [emergency.turn.text for emergency in past_emergencies(log, live.bundle.policy)] == ["钱被转走了"]


def test_a_past_emergency_that_would_get_an_article_is_refused(live: Edition) -> None:
    """What an agent once had to handle would be answered by an article."""
    emergencies = past_emergencies([_logged(STOLEN.text, {"by": "agent", "reason": "security"})], live.bundle.policy)
    (refusal,) = emergency_refusals(emergencies, _decides(), _decides(stolen=_answer()))
    assert refusal.kind == "past_emergency_flipped"
    assert STOLEN.text in refusal.sentences[0]
    assert list(emergency_refusals(emergencies, _decides(), _decides())) == []


# --- recall ----------------------------------------------------------------------------------------------------------------
def _recall(live: Edition, lost: int, gained: int, held_out: bool = False) -> Dict[str, Any]:
    lines = [
        Labelled(f"被盗{number}", "account_stolen", "escalate", "security", held_out=held_out, file="x", number=1)
        for number in range(40)
    ]
    was = {line.text: _answer() if number < gained else _person() for number, line in enumerate(lines)}
    now = {line.text: _answer() if 40 - number <= lost else _person() for number, line in enumerate(lines)}
    judged = judge_lines(
        lines, lambda turns: [was[turn.text] for turn in turns], lambda turns: [now[turn.text] for turn in turns]
    )
    return {refusal.kind: refusal for refusal in recall_refusals(judged, live.bundle.policy)}


def test_emergencies_that_are_missed_more_often_are_refused_and_named(live: Edition) -> None:
    """The bot would miss more emergencies than before."""
    found = _recall(live, lost=8, gained=0)
    assert len(found["emergency_recall_fell"].sentences) == 8
    assert found["intent_recall_fell"].detail.startswith("`account_stolen`: of 40")


def test_held_out_sentences_are_counted_and_not_printed(live: Edition) -> None:
    """A held-out set whose sentences are read measures nothing any more."""
    found = _recall(live, lost=8, gained=0, held_out=True)
    assert all(refusal.sentences == () for refusal in found.values())
    assert "8 of the lost ones are held-out" in found["emergency_recall_fell"].detail


@pytest.mark.parametrize(("lost", "gained"), [(0, 0), (0, 5), (3, 3), (5, 4)])
def test_flips_that_chance_explains_are_no_reason(live: Edition, lost: int, gained: int) -> None:
    """Every training changes a few decisions; no draft would ever pass."""
    assert _recall(live, lost, gained) == {}


def test_the_exact_test_is_mcnemars() -> None:
    """Falls would be judged by a wrong probability."""
    assert falls_by_chance(5, 0) == pytest.approx(1 / 32)
    assert falls_by_chance(4, 1) == pytest.approx(6 / 32)
    assert falls_by_chance(0, 0) == 1.0


def test_intents_with_few_flips_do_not_cost_the_others_their_test() -> None:
    """With 75 intents no fall would ever be found (a plain Bonferroni correction needs 14 losses of one intent)."""
    flips = {f"quiet_{number}": (1, 0) for number in range(74)}
    assert real_falls({**flips, "broken": (8, 0)}) == ["broken"]
    assert real_falls(flips) == []


def test_chance_alone_rarely_makes_a_fall() -> None:
    """The gate would refuse harmless drafts: at most one run in two hundred may see a fall in 75 intents without any."""
    dice, alarms = random.Random(1), 0
    for _ in range(400):
        flips = {}
        for intent in range(75):
            count = dice.choice([0, 0, 0, 1, 2, 3, 8])
            losses = sum(dice.random() < 0.5 for _ in range(count))
            flips[str(intent)] = (losses, count - losses)
        alarms += bool(real_falls(flips))
    assert alarms <= 0.005 * 400


def test_the_project_reads_its_own_cases() -> None:
    """The gate would have no safety cases."""
    assert len(Path("data/cases.jsonl").read_text(encoding="utf-8").splitlines()) >= 80
