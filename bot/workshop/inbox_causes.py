"""Which turns of the log an editor should look at, why, and what each of them cost.

A cost is counted in turns that were only asked back. The figures follow the product's order: a missed emergency costs more than
a wrong answer, and a wrong answer costs more than a person who was not needed (docs/workshop.md, "Inbox").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from content.inbox import ASKED_BACK, KINDS, MARKED, NOT_SOLVED, NOT_UNDERSTOOD, TORN, as_example, publication, text_id
from content.triage_policy import Policy
from contract.priorities import URGENT
from contract.routes import ANSWER, CLARIFY, ESCALATE, REJECT

#: A person was missed who was urgently needed; a person was needed; an answer was wrong; an answer did not help.
MISSED_EMERGENCY, MISSED_PERSON, WRONG, UNHELPFUL = 20.0, 5.0, 5.0, 3.0
#: An emergency was not handed over at once, as an agent marked it; a person was not needed.
LATE, NEEDLESS = 20.0, 2.0
#: Not understood; unsure between a person and something else; asked back; unsure between two answers.
LOST, UNSURE_OF_PERSON, ASKED, UNSURE = 2.0, 4.0, 1.0, 1.0
#: The two likeliest intents are near each other from this difference of their probabilities on.
NEAR = 0.2
#: A rejection is right if the likeliest intent is foreign and leads by this much.
SURELY_FOREIGN = 0.5
#: Rules that read the message itself, and not the conversation before it.
_OWN_RULES = frozenset({"understood", "tentative", "risk", "clarify", "reject", "unresolved"})

Cause = Tuple[str, float]


@dataclass
class Candidate:
    """A text of the log with its causes: kind -> cost of its turns, and the number of turns.

    `live`: the publication that decided the last of them. `last`: route and intent of the last decision.
    """

    id: str
    text: str
    costs: Dict[str, float]
    count: int
    first_at: dt.datetime
    last_at: dt.datetime
    live: str
    last: Tuple[Optional[str], Optional[str]]

    @property
    def kind(self) -> str:
        """The first of the causes in the order of `KINDS`."""
        return next(kind for kind in KINDS if kind in self.costs)

    @property
    def cost(self) -> float:
        """Of all turns."""
        return sum(self.costs.values())


class Decided(NamedTuple):
    """When an editor decided about a text, and the publication that was live then."""

    at: dt.datetime
    live: str


def cause_of(line: Mapping[str, Any], policy: Policy) -> Optional[Cause]:
    """The most costly cause of a turn line (docs/contracts.md, "Turn lines"), or None."""
    decision = line.get("decision") or {}
    if line.get("choice") is not None or line.get("silent") or decision.get("rule") not in _OWN_RULES:
        return None
    causes = list(_causes(decision, line.get("settled") or {}, line.get("solved"), policy))
    return max(causes, key=lambda cause: (cause[1], -KINDS.index(cause[0]))) if causes else None


def _causes(decision: Mapping[str, Any], settled: Mapping[str, Any], solved: Optional[bool], policy: Policy) -> Iterable[Cause]:
    route, marks = decision.get("route"), settled.get("marks") or ()
    had_person = settled.get("by") == "agent"
    is_grave = had_person and (settled.get("priority") == URGENT or settled.get("lane") is not None)
    missed = MISSED_EMERGENCY if is_grave else MISSED_PERSON
    if route == ESCALATE:
        if "needless_handoff" in marks:
            yield MARKED, NEEDLESS
        if decision.get("rule") == "unresolved":
            yield NOT_UNDERSTOOD, missed if is_grave else LOST
    elif "late_handoff" in marks:
        yield MARKED, LATE
    if route == ANSWER:
        if "wrong_article" in marks:
            yield MARKED, WRONG
        if had_person and solved is not True:
            yield NOT_SOLVED, missed
        elif solved is False:
            yield NOT_SOLVED, UNHELPFUL
    elif route == CLARIFY and decision.get("topics"):
        yield ASKED_BACK, missed if had_person else ASKED
    elif route == CLARIFY or (route == REJECT and not _is_surely_foreign(decision, policy)):
        yield NOT_UNDERSTOOD, missed if had_person else LOST
    if solved is not True and (decision.get("tentative") or _margin(decision) < NEAR):
        routes = {_route(name, policy) for name, _ in _likeliest(decision)[:2]}
        yield TORN, UNSURE_OF_PERSON if ESCALATE in routes and len(routes) > 1 else UNSURE


def _likeliest(decision: Mapping[str, Any]) -> List[Tuple[str, float]]:
    return [(rank.get("intent") or "", rank.get("confidence") or 0.0) for rank in decision.get("ranking") or ()]


def _margin(decision: Mapping[str, Any]) -> float:
    ranking = _likeliest(decision)
    return ranking[0][1] - ranking[1][1] if len(ranking) > 1 else 1.0


def _route(intent: str, policy: Policy) -> Optional[str]:
    return policy.intents[intent].route if intent in policy.intents else None


def _is_surely_foreign(decision: Mapping[str, Any], policy: Policy) -> bool:
    ranking = _likeliest(decision)
    return bool(ranking) and _route(ranking[0][0], policy) == REJECT and _margin(decision) >= SURELY_FOREIGN


def candidates(lines: Iterable[Mapping[str, Any]], policy: Policy, decided: Mapping[str, Decided]) -> Dict[str, Candidate]:
    """The texts of turn lines that have a cause, by id.

    Of a text that an editor has decided about only turns count that a later publication decided: the cause has come back.
    """
    found: Dict[str, Candidate] = {}
    for line in lines:
        cause = cause_of(line, policy)
        text = as_example(line["text"]) if cause is not None else None
        if cause is None or text is None:
            continue
        id_, at, decision = text_id(text), dt.datetime.fromisoformat(line["at"]), line["decision"]
        live = publication(decision.get("model"), (decision.get("versions") or {}).get("content"))
        before = decided.get(id_)
        if before is not None and (at <= before.at or live == before.live):
            continue
        last = (decision.get("route"), decision.get("intent"))
        kind, cost = cause
        one = found.get(id_)
        if one is None:
            found[id_] = Candidate(id_, text, {kind: cost}, 1, at, at, live, last)
            continue
        one.costs[kind] = one.costs.get(kind, 0.0) + cost
        one.count += 1
        one.first_at = min(one.first_at, at)
        if at >= one.last_at:
            one.last_at, one.live, one.last = at, live, last
    return found


def is_gone(candidate: Candidate, live: str, now: Mapping[str, Any]) -> bool:
    """Whether what is live deals with a text that another publication dealt with badly. `now`: its decision today.

    A doubt is gone when the text is surely understood. A wrong answer is gone when the answer is another one, or a person.
    """
    if candidate.live == live:
        return False
    is_sure = now.get("rule") in ("understood", "risk") and not now.get("tentative") and _margin(now) >= NEAR
    if candidate.kind in (MARKED, NOT_SOLVED):
        return is_sure and (now.get("route"), now.get("intent")) != candidate.last
    return is_sure
