"""Shadow: what is live and a draft decide the same turns of the real log, and what differs is shown, the worst first.

Both decide with today's date: the result is what customers would see from now on, so an article that the draft lets expire
counts. Nothing is logged and nobody is told anything.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from bot.workshop.decider import Decider
from bot.workshop.logged_turns import LoggedTurn
from bot.workshop.versions import Version
from contract.priorities import queue_rank
from contract.routes import ANSWER, ESCALATE

#: Examples of a result. The counts are of all turns.
MOST_EXAMPLES = 300
_MOST_OF_A_KIND = 150
#: Fields of a decision that change what a customer or an agent sees. Probabilities and the trace are not among them.
_SEEN = (
    "route", "reason", "priority", "lane", "asks", "outcome", "topics", "open_topics", "step", "tentative", "doors",
)  # fmt: skip

#: The kinds of changes, the worst first; the keys of `kinds` in the result.
PERSON_LOST, GRAVITY_LOST, ANSWER_LOST, OTHER_ARTICLE, PERSON_ADDED, OTHER = KINDS = (
    "person_lost",  # a person before, none after: a missed emergency
    "gravity_lost",  # a person in both, later: a lower priority, or out of a lane
    "answer_lost",  # an article before; a question back or a rejection after
    "other_article",  # an article in both, another one
    "person_added",  # a person after only
    "other",
)

Progress = Callable[[float], None]
_Decision = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A turn that the two versions decide differently. `count`: how many turns have this text and this change."""

    turn: LoggedTurn
    kind: str
    before: _Decision
    after: _Decision
    count: int = 1

    def as_json(self) -> Dict[str, Any]:
        """An entry of `examples`."""
        return {
            "conversation_id": self.turn.conversation_id,
            "turn_id": self.turn.turn_id,
            "seq": self.turn.seq,
            "at": self.turn.at,
            "text": self.turn.turn.text,
            "choice": self.turn.turn.choice,
            "silent": self.turn.silent,
            "kind": self.kind,
            "count": self.count,
            "before": brief(self.before),
            "after": brief(self.after),
        }

    @property
    def order(self) -> Tuple[Any, ...]:
        """The worst first; of one kind the graver, then the more frequent."""
        graver = self.before if self.kind in (PERSON_LOST, GRAVITY_LOST) else self.after
        to_article = self.after.get("route") != ANSWER  # a wrong answer is worse than a question back
        return KINDS.index(self.kind), _rank(graver), to_article, -self.count


def compare(
    before: Version, after: Version, turns: Sequence[LoggedTurn], progress: Progress = lambda share: None
) -> Dict[str, Any]:
    """What two versions decide differently (docs/workshop.md, "Shadow"): counts of all turns, and examples.

    Raises ModelGone. `progress` is told the share that is done.
    """
    today = dt.date.today()
    asked = [replace(turn.turn, day=today) for turn in turns]
    decider = Decider.open(before)
    one = decider.decide_all(asked, lambda share: progress(share / 2))
    draft = decider.with_content(after.content) if after.model == before.model else Decider.open(after)
    other = draft.decide_all(asked, lambda share: progress(0.5 + share / 2))
    result = differences(turns, one, other)
    return {**result, "day": today.isoformat(), "before": named(before), "after": named(after)}


def named(version: Version) -> Dict[str, str]:
    """A version in a result."""
    return {"content": version.content.revision, "model": version.model}


def differences(turns: Sequence[LoggedTurn], before: Sequence[_Decision], after: Sequence[_Decision]) -> Dict[str, Any]:
    """The counts and examples of two lists of decisions about the same turns."""
    matrix: Counter[Tuple[str, str]] = Counter()
    intents: Counter[str] = Counter()
    changed_intents: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    alike: Dict[Tuple[Any, ...], Change] = {}
    for turn, old, new in zip(turns, before, after):
        matrix[old["route"], new["route"]] += 1
        intent = old.get("intent") or "none"
        intents[intent] += 1
        if _seen(old) == _seen(new):
            article = old.get("article")
            if article and article != new.get("article"):
                texts[article["id"]] += 1
            continue
        kind = _kind(turn, old, new)
        kinds[kind] += 1
        changed_intents[intent] += 1
        key = (turn.turn.text, turn.turn.choice, kind, str(_seen(old)), str(_seen(new)))
        earlier = alike.get(key)
        # The newest turn of those that are alike stands for them.
        alike[key] = Change(turn, kind, old, new, 1 if earlier is None else earlier.count + 1)
    flips = {f"{old}->{new}": n for (old, new), n in matrix.most_common() if old != new}
    return {
        "n": len(turns),
        "changed": sum(kinds.values()),
        "flips": flips,
        "kinds": {kind: kinds[kind] for kind in KINDS},
        "texts_changed": {"turns": sum(texts.values()), "articles": dict(texts.most_common())},
        "matrix": [{"before": old, "after": new, "n": n} for (old, new), n in sorted(matrix.items())],
        "intents": [{"intent": intent, "n": intents[intent], "changed": n} for intent, n in changed_intents.most_common()],
        "examples": [change.as_json() for change in _chosen(list(alike.values()))],
    }


def brief(decision: _Decision) -> Dict[str, Any]:
    """What a person reads of a decision."""
    article = decision.get("article")
    names = ("route", "intent", "reason", "priority", "lane", "confidence", "rule", "asks")
    return {**{name: decision.get(name) for name in names}, "article": article["id"] if article else None}


def _chosen(changes: List[Change]) -> List[Change]:
    """The worst first, but not so many of one kind that no other is seen; the lost persons all, up to the limit."""
    taken: Counter[str] = Counter()
    chosen: List[Change] = []
    for change in sorted(changes, key=lambda change: change.order):
        most = MOST_EXAMPLES if change.kind == PERSON_LOST else _MOST_OF_A_KIND
        if taken[change.kind] < most and len(chosen) < MOST_EXAMPLES:
            taken[change.kind] += 1
            chosen.append(change)
    return chosen


def _seen(decision: _Decision) -> Tuple[Any, ...]:
    article = decision.get("article")
    return (*(decision.get(name) for name in _SEEN), article["id"] if article else None)


def _kind(turn: LoggedTurn, old: _Decision, new: _Decision) -> str:
    was, is_now = old["route"] == ESCALATE, new["route"] == ESCALATE
    if was and not is_now:
        # A waiting customer keeps the person; what is lost is at most the higher place.
        return GRAVITY_LOST if turn.silent else PERSON_LOST
    if was and is_now:
        return GRAVITY_LOST if _rank(new) > _rank(old) else OTHER
    if is_now:
        return PERSON_ADDED
    old_article, new_article = old.get("article"), new.get("article")
    if old_article and not new_article:
        return ANSWER_LOST
    if old_article and new_article and old_article["id"] != new_article["id"]:
        return OTHER_ARTICLE
    return OTHER


def _rank(decision: _Decision) -> int:
    """The place in the queue that an escalation gives: smaller is earlier; after all of them what is no escalation."""
    priority: Optional[str] = decision.get("priority")
    if decision.get("route") != ESCALATE or priority is None:
        return 1_000
    return queue_rank(priority, decision.get("lane"))
