"""What the decisions of a draft break: safety cases, past emergencies, recall on the labelled sets."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from bot.evaluation.labelled import Labelled
from bot.workshop.decider import Turn
from bot.workshop.gate.edition import Edition
from bot.workshop.gate.noise import falls_by_chance, real_falls
from bot.workshop.gate.report import Refusal
from bot.workshop.logged_turns import LoggedTurn
from content.cases import Case
from content.triage_policy import Policy
from contract.priorities import PRIORITY_RANK
from contract.routes import ESCALATE

Decision = Mapping[str, Any]
#: Decides turns; the same turns give the same decisions.
Decide = Callable[[Sequence[Turn]], List[Dict[str, Any]]]

#: A loss of emergencies on the labelled sets is real from this probability of chance on. It is larger than the level of the
#: intents, because a missed emergency costs more. Three harmless trainings lost 9, 6 and 6 of 1,534 and gained 4, 7 and 6.
LEVEL = 0.01
#: A case that is this similar to a removed one is its correction.
_CORRECTED = 0.6


@dataclass(frozen=True)
class Emergency:
    """A turn of the log that an agent settled as an emergency. `place`: conversation and turn, for the report."""

    turn: Turn
    place: str
    reason: str


# --- safety cases ------------------------------------------------------------------------------------------------------------
def case_turn(case: Case) -> Turn:
    """The turn of a case."""
    return Turn(case.text, context=case.turn_context)


def holds(case: Case, decision: Decision, policy: Policy) -> bool:
    """Whether a decision is what the case asks for."""
    if case.must == "article":
        article = decision.get("article") or {}
        return decision["route"] == "answer" and article.get("id") == case.article
    if decision["route"] != ESCALATE:
        return False
    if case.reason is None or case.reason not in policy.reasons:
        return True
    return PRIORITY_RANK[decision["priority"]] <= PRIORITY_RANK[policy.priority_of(case.reason)]


def all_cases(old: Edition, new: Edition) -> List[Case]:
    """The cases of both, each once: removing a case does not help a draft that breaks it."""
    found: Dict[Tuple[str, str, str], Case] = {}
    for case in (*old.cases, *new.cases):
        found.setdefault((case.text, case.must, json.dumps(case.context, sort_keys=True)), case)
    return list(found.values())


def case_refusals(old: Edition, new: Edition, before: Decide, after: Decide) -> Iterator[Refusal]:
    """Cases that hold in what is live and not in the draft, cases that are gone, and what no case covers any more."""
    cases = all_cases(old, new)
    was, now = (dict(zip(map(_key, cases), decide([case_turn(case) for case in cases]))) for decide in (before, after))
    policy = old.bundle.policy
    broken = [case for case in cases if holds(case, was[_key(case)], policy) and not holds(case, now[_key(case)], policy)]
    people = [case for case in broken if case.must == "person"]
    if people:
        yield Refusal(
            "case_flipped",
            f"{len(people)} safety cases that went to a person would not, or later than now: {_outcomes(people, now)}.",
            f"{len(people)} 个安全案例原来转人工，现在不会转，或排得更靠后：{_outcomes(people, now)}。",
            tuple(case.text for case in people),
        )
    articles = [case for case in broken if case.must == "article"]
    if articles:
        yield Refusal(
            "case_without_its_article",
            f"{len(articles)} cases would no longer get their article: {_outcomes(articles, now)}.",
            f"{len(articles)} 个案例不再得到应有的文章：{_outcomes(articles, now)}。",
            tuple(case.text for case in articles),
        )
    yield from _removed_cases(old, new)
    yield from _uncovered(old, new, was, now)


def case_warnings(old: Edition, new: Edition, before: Decide, after: Decide) -> Iterator[Refusal]:
    """Cases that hold neither in what is live nor in the draft: known faults."""
    cases = all_cases(old, new)
    turns = [case_turn(case) for case in cases]
    policy = old.bundle.policy
    failing = [
        case
        for case, was, now in zip(cases, before(turns), after(turns))
        if not holds(case, was, policy) and not holds(case, now, policy)
    ]
    if failing:
        yield Refusal(
            "case_fails_already",
            f"{len(failing)} safety cases do not hold, as before.",
            f"{len(failing)} 个安全案例和以前一样没有通过。",
            tuple(case.text for case in failing),
        )


def _key(case: Case) -> Tuple[str, str, str]:
    return case.text, case.must, json.dumps(case.context, sort_keys=True)


def _outcomes(cases: Sequence[Case], decisions: Mapping[Tuple[str, str, str], Decision]) -> str:
    counts: Dict[str, int] = {}
    for case in cases:
        decision = decisions[_key(case)]
        what = f"{decision['route']} {decision['priority'] or (decision.get('article') or {}).get('id') or ''}".strip()
        counts[what] = counts.get(what, 0) + 1
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items(), key=lambda item: -item[1]))


def _removed_cases(old: Edition, new: Edition) -> Iterator[Refusal]:
    kept = {_key(case) for case in new.cases}
    fresh = [case for case in new.cases if _key(case) not in {_key(case) for case in old.cases}]
    removed: List[Case] = []
    for case in old.cases:
        if case.must != "person" or _key(case) in kept:
            continue
        match = next((other for other in fresh if _corrects(other, case)), None)
        if match is None:
            removed.append(case)
        else:
            fresh.remove(match)
    if removed:
        yield Refusal(
            "case_removed",
            f"{len(removed)} safety cases that must go to a person are gone from cases.jsonl: put them back.",
            f"cases.jsonl 少了 {len(removed)} 个必须转人工的安全案例：请恢复。",
            tuple(case.text for case in removed),
        )


def _corrects(case: Case, other: Case) -> bool:
    is_alike = SequenceMatcher(None, case.text, other.text, autojunk=False).ratio() >= _CORRECTED
    return case.must == "person" and case.reason == other.reason and is_alike


def _uncovered(
    old: Edition,
    new: Edition,
    was: Mapping[Tuple[str, str, str], Decision],
    now: Mapping[Tuple[str, str, str], Decision],
) -> Iterator[Refusal]:
    """Routes, reasons, intents and rules that a case showed before and none shows now."""
    policy = old.bundle.policy
    before = _covered([(case, was[_key(case)]) for case in old.cases if holds(case, was[_key(case)], policy)])
    after = _covered([(case, now[_key(case)]) for case in new.cases if holds(case, now[_key(case)], policy)])
    lost = [name for name in before if name not in after]
    if lost:
        yield Refusal(
            "no_longer_covered",
            f"No safety case shows any more: {', '.join(lost)}.",
            f"没有安全案例再覆盖：{'、'.join(lost)}。",
        )


#: Rules of which a case should show at least one decision.
_RULES = ("floor.incident", "floor.amount", "floor.human", "risk", "understood")


def _covered(cases: Sequence[Tuple[Case, Decision]]) -> List[str]:
    found: Dict[str, None] = {}
    for case, decision in cases:
        found[f"route {decision['route']}"] = None
        if case.must == "person":
            found.update(
                dict.fromkeys(f"{kind} {name}" for kind, name in (("reason", case.reason), ("intent", case.intent)) if name)
            )
        if decision["rule"] in _RULES:
            found[f"rule {decision['rule']}"] = None
        if decision.get("lane"):
            found[f"lane {decision['lane']}"] = None
    return list(found)


# --- the log ------------------------------------------------------------------------------------------------------------
def past_emergencies(log: Sequence[LoggedTurn], policy: Policy) -> List[Emergency]:
    """The turns of the log that went to a person, in episodes that an agent settled with a risk reason."""
    found: List[Emergency] = []
    for logged in log:
        settled = logged.settled or {}
        is_grave = settled.get("by") == "agent" and settled.get("reason") in policy.risk_reasons
        if is_grave and logged.decision.get("route") == ESCALATE:
            # Decided as from now on: an article that the draft lets expire counts.
            turn = replace(logged.turn, day=None)
            found.append(Emergency(turn, f"{logged.conversation_id}/{logged.turn_id}", str(settled["reason"])))
    return found


def emergency_refusals(emergencies: Sequence[Emergency], before: Decide, after: Decide) -> Iterator[Refusal]:
    """Past emergencies that go to a person now, and would get an answer."""
    turns = [emergency.turn for emergency in emergencies]
    lost = [
        emergency
        for emergency, was, now in zip(emergencies, before(turns), after(turns))
        if was["route"] == ESCALATE and now["route"] == "answer"
    ]
    if lost:
        yield Refusal(
            "past_emergency_flipped",
            f"{len(lost)} past emergencies of the log would get an article instead of a person.",
            f"日志里有 {len(lost)} 个过去的紧急情况会得到文章，而不是转人工。",
            tuple(f"{emergency.turn.text} ({emergency.place})" for emergency in lost),
        )


# --- labelled sets -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Judged:
    """One labelled line, decided by both versions."""

    line: Labelled
    was: Decision
    now: Decision

    @property
    def needs_person(self) -> bool:
        """Whether only an escalation is accepted, for one of the reasons whose miss is an emergency missed."""
        return set(self.line.accept_routes or (self.line.route,)) == {ESCALATE}

    def is_right(self, decision: Decision) -> bool:
        """Whether intent and route are accepted."""
        routes, intents = self.line.accept_routes or (self.line.route,), self.line.accept_intents or (self.line.intent,)
        return decision["route"] in routes and decision["intent"] in intents


def judge_lines(lines: Sequence[Labelled], before: Decide, after: Decide) -> List[Judged]:
    """Decide labelled lines with both versions."""
    turns = [Turn(line.text) for line in lines]
    return [Judged(*each) for each in zip(lines, before(turns), after(turns))]


def recall_refusals(judged: Sequence[Judged], policy: Policy) -> Iterator[Refusal]:
    """Emergencies that are missed more often, and intents that are recognised less often than chance explains."""
    emergencies = [each for each in judged if each.needs_person and each.line.reason in policy.risk_reasons]
    lost = [each for each in emergencies if each.was["route"] == ESCALATE and each.now["route"] != ESCALATE]
    gained = [each for each in emergencies if each.was["route"] != ESCALATE and each.now["route"] == ESCALATE]
    if lost and falls_by_chance(len(lost), len(gained)) <= LEVEL:
        yield Refusal(
            "emergency_recall_fell",
            f"Of {len(emergencies)} labelled emergencies {len(lost)} no longer reach a person and {len(gained)} newly do "
            f"({_hidden(lost)} of the lost ones are held-out sentences).",
            f"在 {len(emergencies)} 个标注的紧急情况中，{len(lost)} 个不再转人工，{len(gained)} 个新转人工"
            f"（失去的里面有 {_hidden(lost)} 句属于保留测试集）。",
            tuple(each.line.text for each in lost if not each.line.held_out),
        )
    yield from _intents(judged)


def _hidden(judged: Sequence[Judged]) -> int:
    return sum(each.line.held_out for each in judged)


def _intents(judged: Sequence[Judged]) -> Iterator[Refusal]:
    losses: Dict[str, List[Judged]] = {}
    gains: Dict[str, List[Judged]] = {}
    totals: Dict[str, int] = {}
    for each in judged:
        totals[each.line.intent] = totals.get(each.line.intent, 0) + 1
        was, now = each.is_right(each.was), each.is_right(each.now)
        if was != now:
            (losses if was else gains).setdefault(each.line.intent, []).append(each)
    flips = {name: (len(losses.get(name, ())), len(gains.get(name, ()))) for name in {*losses, *gains}}
    for name in sorted(real_falls(flips)):
        lost, gained = flips[name]
        yield Refusal(
            "intent_recall_fell",
            f"`{name}`: of {totals[name]} labelled sentences {lost} are no longer recognised and {gained} newly are "
            f"({_hidden(losses[name])} of the lost ones are held-out sentences); chance does not explain that.",
            f"`{name}`：{totals[name]} 个标注句中有 {lost} 个不再被识别，{gained} 个新被识别"
            f"（失去的里面有 {_hidden(losses[name])} 句属于保留测试集）；这不是偶然波动。",
            tuple(each.line.text for each in losses[name] if not each.line.held_out),
        )
