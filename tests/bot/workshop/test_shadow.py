"""Shadow: what a draft changes on the real log, the worst first."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List

import pytest

from bot.workshop import log_commands, log_jobs
from bot.workshop.jobs import JobError
from bot.workshop.logged_turns import LoggedTurn, logged_turns
from bot.workshop.shadow import KINDS, compare, differences
from bot.workshop.versions import Version, live_version
from content.compiler import load_content
from tests.bot.workshop.logs import line, logged


def decided(route: str, **more: Any) -> Dict[str, Any]:
    """A decision with the fields that a shadow reads."""
    article = more.pop("article", None)
    return {
        "route": route,
        "intent": "transfer_delay",
        "reason": None,
        "priority": None,
        "lane": None,
        "rule": "understood",
        "confidence": 0.9,
        "article": {"id": article, "revision": more.pop("revision", "r1")} if article else None,
        **more,
    }


ANSWER = decided("answer", article="transfer_delay", asks="solved")
OTHER_ANSWER = decided("answer", article="fees", asks="solved")
NEW_TEXT = decided("answer", article="transfer_delay", revision="r2", asks="solved")
REJECT = decided("reject", intent="out_of_scope")
URGENT = decided("escalate", reason="security", priority="urgent")
MOVING = decided("escalate", reason="security", priority="urgent", lane="money_moving")
HIGH = decided("escalate", reason="dispute", priority="high")

CHANGES = [
    # before, after, kind
    (URGENT, ANSWER, "person_lost"),
    (HIGH, REJECT, "person_lost"),
    (MOVING, URGENT, "gravity_lost"),
    (URGENT, HIGH, "gravity_lost"),
    (ANSWER, REJECT, "answer_lost"),
    (ANSWER, OTHER_ANSWER, "other_article"),
    (ANSWER, HIGH, "person_added"),
    (HIGH, URGENT, "other"),
    (REJECT, ANSWER, "other"),
]


@pytest.mark.parametrize(("before", "after", "kind"), CHANGES)
def test_the_kinds_of_changes(before: Dict[str, Any], after: Dict[str, Any], kind: str) -> None:
    """A missed emergency would stand among harmless changes."""
    result = differences([logged()], [before], [after])
    assert (result["n"], result["changed"], result["kinds"][kind]) == (1, 1, 1)
    assert result["examples"][0]["kind"] == kind
    flip = f"{before['route']}->{after['route']}"
    assert result["flips"] == ({flip: 1} if before["route"] != after["route"] else {})


def test_what_nobody_sees_is_no_change() -> None:
    """Each training would change every turn, and nobody would read the list."""
    result = differences([logged()], [ANSWER], [{**ANSWER, "confidence": 0.8, "trace": [1], "intent": "x"}])
    assert (result["changed"], result["examples"], result["flips"]) == (0, [], {})


def test_changed_texts_are_counted_by_article() -> None:
    """An editor who changes an article would read that nothing changes, or thousands of changed decisions."""
    turns = [logged(number) for number in (1, 2, 3)]
    result = differences(turns, [ANSWER, ANSWER, URGENT], [NEW_TEXT, NEW_TEXT, URGENT])
    assert result["changed"] == 0
    assert result["texts_changed"] == {"turns": 2, "articles": {"transfer_delay": 2}}


def test_a_waiting_customer_loses_at_most_the_place() -> None:
    """Turns of customers who wait for a person anyway would stand before real missed emergencies."""
    silent = logged(1, "刚才又转走了一笔", silent=True)
    result = differences([silent], [URGENT], [ANSWER])
    assert result["kinds"]["gravity_lost"] == 1
    assert result["kinds"]["person_lost"] == 0


def test_the_worst_is_read_first() -> None:
    """An editor would publish before reading the one that matters."""
    orders: List[LoggedTurn] = [logged(number, f"第 {number} 句") for number in range(1, len(CHANGES) + 1)]
    backwards = list(reversed(CHANGES))
    result = differences(orders, [change[0] for change in backwards], [change[1] for change in backwards])
    kinds = [example["kind"] for example in result["examples"]]
    assert kinds == sorted(kinds, key=KINDS.index)
    first, second = result["examples"][:2]
    assert (first["before"]["priority"], second["before"]["priority"]) == ("urgent", "high")
    assert first["after"]["article"] == "transfer_delay"


def test_alike_changes_are_one_example_and_all_are_counted() -> None:
    """The same sentence a hundred times would hide all others."""
    turns = [logged(number, "被骗了") for number in range(1, 101)] + [logged(101, "卡丢了")]
    result = differences(turns, [URGENT] * 101, [ANSWER] * 101)
    assert result["changed"] == result["kinds"]["person_lost"] == result["flips"]["escalate->answer"] == 101
    assert [(each["text"], each["count"]) for each in result["examples"]] == [("被骗了", 100), ("卡丢了", 1)]


def test_many_changes_leave_room_for_each_kind() -> None:
    """300 lost answers would hide that persons were added, and a result of megabytes would not be shown at all."""
    turns = [logged(number, f"句子 {number}") for number in range(1, 1001)]
    before = [ANSWER] * 900 + [ANSWER] * 100
    after = [REJECT] * 900 + [HIGH] * 100
    result = differences(turns, before, after)
    kinds = [example["kind"] for example in result["examples"]]
    assert (kinds.count("answer_lost"), kinds.count("person_added"), result["changed"]) == (150, 100, 1000)


def test_the_matrix_and_the_shares_by_intent() -> None:
    """The page could not show where the changes are."""
    result = differences([logged(1), logged(2), logged(3)], [ANSWER, ANSWER, URGENT], [ANSWER, REJECT, URGENT])
    cells = {(cell["before"], cell["after"]): cell["n"] for cell in result["matrix"]}
    assert cells == {("answer", "answer"): 1, ("answer", "reject"): 1, ("escalate", "escalate"): 1}
    assert result["intents"] == [{"intent": "transfer_delay", "n": 3, "changed": 1}]


# --- with the real model -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Version:
    """What is published."""
    version = live_version()
    assert version is not None
    return version


def draft(live: Version, folder: Path, old: str, new: str) -> Version:
    """The live data with one change of the policy, which no model learns."""
    data = Path(shutil.copytree("data", folder / "data", ignore=shutil.ignore_patterns("nlu", "calibration")))
    triage = (data / "triage.yml").read_text(encoding="utf-8")
    assert old in triage
    (data / "triage.yml").write_text(triage.replace(old, new, 1), encoding="utf-8")
    return replace(live, content=load_content(data))


def test_a_higher_amount_shows_who_loses_the_person(live: Version, tmp_path: Path) -> None:
    """The effect of an edit of the policy would be computed with the policy that is live."""
    after = draft(live, tmp_path, "threshold_cny: 50000", "threshold_cny: 90000")
    turns = [logged(1, "我要转账 6 万元，怎么操作"), logged(2, "我要转账 200 元，怎么操作")]
    same = compare(live, live, turns)
    assert (same["n"], same["changed"], same["texts_changed"]["turns"]) == (2, 0, 0)
    result = compare(live, after, turns)
    assert result["kinds"]["person_lost"] == result["changed"] == 1
    assert result["examples"][0]["text"] == turns[0].turn.text
    assert result["before"]["content"] != result["after"]["content"]


def test_an_article_that_expires_counts_today(live: Version, tmp_path: Path) -> None:
    """A draft whose article ended yesterday would look harmless, because the article was valid when customers asked."""
    data = Path(shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "calibration")))
    for path in (data / "articles").glob("**/*transfer_delay*"):
        lines = path.read_text(encoding="utf-8").splitlines()
        ended = ["valid_until: 2026-01-31" if text.startswith("valid_until:") else text for text in lines]
        begun = ["valid_from: 2026-01-01" if text.startswith("valid_from:") else text for text in ended]
        path.write_text("\n".join(begun) + "\n", encoding="utf-8")
    result = compare(live, replace(live, content=load_content(data)), [logged(1, "转账没到账怎么办")])
    assert result["kinds"]["person_added"] == 1


# --- the commands ------------------------------------------------------------------------------------------------------


def test_the_command_writes_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tests from outside and the workshop would read nothing."""
    monkeypatch.setattr(log_jobs, "logged_turns", lambda last=None, conversation=None: [logged(1), logged(2)][-(last or 9) :])
    from bot.__main__ import main

    target = tmp_path / "shadow.json"
    assert main(["shadow", "--turns", "1", "--json", str(target)]) == 0
    result = json.loads(target.read_text(encoding="utf-8"))
    assert {"n": result["n"], "changed": result["changed"], "flips": result["flips"]} == {"n": 1, "changed": 0, "flips": {}}
    assert "0 of 1 turns change" in capsys.readouterr().out


def test_a_broken_draft_is_an_error_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The editor would read a traceback, or that nothing changes."""
    from bot.__main__ import main

    data = Path(shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "calibration")))
    (data / "triage.yml").write_text("intents: [", encoding="utf-8")
    assert main(["shadow", "--data", str(data)]) == 1
    assert "triage.yml" in capsys.readouterr().err


@pytest.mark.parametrize("broken", [{"context": None}, {"day": "yesterday"}, {"text": None, "turn_id": 5, "seq": []}])
def test_a_line_of_another_version_is_refused(broken: Dict[str, Any]) -> None:
    """A desk of another version would make a shadow of wrong contexts."""
    found = line(1, **{name: value for name, value in broken.items() if name != "text"})
    if "text" in broken:
        del found["text"]
    with pytest.raises(JobError):
        LoggedTurn.from_json(found)


def test_a_desk_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job would fail with a traceback of a library."""
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SERVICE_TOKEN", "x")
    with pytest.raises(JobError, match="Check that it runs"):
        logged_turns(last=1)


def test_the_commands_are_listed() -> None:
    """A command of the contract would be missing."""
    assert set(log_commands.COMMANDS) == {"shadow", "replay", "look-back"}
