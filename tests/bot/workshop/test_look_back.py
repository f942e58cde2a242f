"""Look back: closed conversations that should have gone to a person."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

from bot.workshop import look_back as module
from bot.workshop.decider import Turn
from bot.workshop.look_back import look_back, write_csv
from bot.workshop.versions import Version, live_version
from tests.bot.workshop.logs import logged

IDLE = {"by": "idle", "reason": None, "priority": None, "lane": None, "outcome": None, "marks": []}
ANSWERED = {"route": "answer", "rule": "understood", "article": {"id": "transfer_delay", "revision": "r"}}
STOLEN = "我的账号被盗了，钱正在被转走"


@pytest.fixture(scope="module")
def live() -> Version:
    """What is published."""
    version = live_version()
    assert version is not None
    return version


def closed(number: int, text: str, conversation: str = "c1", settled: Optional[Dict[str, Any]] = IDLE, **more: Any) -> Any:
    """A turn of a conversation that the bot answered."""
    return logged(number, text, {**ANSWERED}, conversation_id=conversation, settled=settled, **more)


def test_who_should_have_gone_to_a_person(live: Version) -> None:
    """A new rule would help future victims only, and those of last week would never hear of it."""
    turns = [
        closed(1, "转账没到账怎么办", "c1"),
        closed(2, STOLEN, "c2"),
        closed(3, "我要投诉，重复扣了我两次钱", "c3", settled={**IDLE, "by": "solved"}),
    ]
    result = look_back(live, turns)
    assert [entry["conversation_id"] for entry in result["found"]] == ["c2", "c3"]
    first = result["found"][0]
    assert (first["text"], first["before"]["route"], first["before"]["article"]) == (STOLEN, "answer", "transfer_delay")
    assert (first["after"]["route"], first["after"]["priority"], first["ended_by"]) == ("escalate", "urgent", "idle")
    assert (result["n"], result["count"], sum(result["by_reason"].values())) == (3, 2, 2)


NOT_FOUND: List[Dict[str, Any]] = [
    {"settled": None},  # it goes on
    {"settled": {**IDLE, "by": "agent", "reason": "security"}},  # an agent had it
    {"settled": {**IDLE, "by": "idle", "reason": "security"}},  # it waits, or waited, for a person
    {"settled": {**IDLE, "by": None, "marks": ["late_handoff"]}},
    {"silent": True},
]


@pytest.mark.parametrize("more", NOT_FOUND)
def test_who_had_a_person_or_goes_on_is_not_found(live: Version, more: Dict[str, Any]) -> None:
    """A settled case would be opened again, or one in which the customer still writes."""
    assert look_back(live, [closed(1, STOLEN, **more)])["count"] == 0


def test_what_was_handed_over_is_not_found(live: Version) -> None:
    """Every escalation of the log would be listed."""
    turn = logged(1, STOLEN, {"route": "escalate", "article": None}, settled=IDLE)
    assert look_back(live, [turn])["count"] == 0


def test_an_episode_is_one_entry_with_its_gravest_turn(live: Version) -> None:
    """The list would repeat a conversation, with its harmless sentence first."""
    turns = [closed(1, "我要投诉，重复扣了我两次钱"), closed(2, STOLEN), closed(3, STOLEN, episode=2)]
    result = look_back(live, turns)
    assert sorted((entry["episode"], entry["seq"]) for entry in result["found"]) == [(1, 3), (2, 4)]


class _NoArticle:
    """A version all of whose articles are out of date."""

    def decide_all(self, turns: List[Turn], progress: Any = None) -> List[Dict[str, Any]]:
        """Every question goes to a person because its article is not valid."""
        return [
            {"route": "escalate", "rule": "article", "reason": "unresolved", "priority": "normal", "lane": None} for _ in turns
        ]


def test_an_article_that_is_out_of_date_makes_no_emergency(live: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    """An expired article would open a case for each customer who ever read it."""
    monkeypatch.setattr(module.Decider, "open", lambda version: _NoArticle())
    assert look_back(live, [closed(1, "转账没到账怎么办")])["count"] == 0


def test_the_table_runs_no_formula(live: Version, tmp_path: Path) -> None:
    """A customer's words would run in the spreadsheet of whoever opens the list."""
    hostile = f'=HYPERLINK("http://evil"), {STOLEN}'
    write_csv(look_back(live, [closed(1, hostile)]), tmp_path / "found.csv")
    content = (tmp_path / "found.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(content.splitlines())
    assert row["text"] == f"'{hostile}"
    assert (row["conversation_id"], row["seq"], row["before"]) == ("c1", "2", "answer")
