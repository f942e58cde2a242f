"""Replay: a logged decision is made again exactly, or the report says which part is gone or differs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from actions.triage import message_from_parse, triage
from bot.evaluation.understanding import Understanding
from bot.learning.training import MODELS, model_path
from bot.workshop import log_jobs
from bot.workshop.decider import Turn
from bot.workshop.jobs import JobError
from bot.workshop.logged_turns import LoggedTurn
from bot.workshop.replay import differences, replay
from bot.workshop.versions import Version, live_version
from content.bundle import FORMAT
from contract.turn import Closed, Context
from tests.bot.workshop.logs import DAY, logged, of_turn

AFTER_ANSWER = Context(last_route="answer", last_article="transfer_delay", asked="solved", topic="transfer_delay")
TURNS = [
    Turn("转账没到账怎么办"),
    Turn("还是没到，急死了", context=AFTER_ANSWER),
    Turn("解决了", choice="solved", context=AFTER_ANSWER),
    Turn("有人冒充客服让我转了 68,000 元，第二，我的卡也被锁了"),
    Turn("Where is my money? I also want to change my phone number", context=Context(locale="en", not_understood=1)),
    Turn("還是沒有收到退款", context=Context(locale="zh-Hant", closed=Closed("agent", "dispute", "high", "refund_status"))),
    Turn("快一点，又被转走一笔", context=Context(status="queued", locale="zh", priority="high")),
    Turn("今天天气怎么样", suggested=True),
]


@pytest.fixture(scope="module")
def live() -> Version:
    """What is published."""
    version = live_version()
    assert version is not None
    return version


@pytest.fixture(scope="module")
def log(live: Version) -> List[LoggedTurn]:
    """Turns whose decisions the serving pipeline in Rasa made."""
    bot = Understanding(model_path(live.model), live.content)

    def served(turn: Turn) -> Dict[str, Any]:
        message = message_from_parse(
            bot.parse(turn.text), turn.choice, said=turn.text, before=turn.context.locale, is_suggested=turn.suggested
        )
        return triage(message, turn.context, live.content, live.model, DAY)[1]

    return [of_turn(number, turn, served(turn)) for number, turn in enumerate(TURNS, 1)]


def test_logged_decisions_are_made_again_exactly(log: List[LoggedTurn]) -> None:
    """Nobody could trust a replay, or say why a customer was answered so."""
    result = replay(log)
    assert result["differences"] == []
    assert (result["identical"], result["n"], result["n_identical"]) == (True, len(TURNS), len(TURNS))
    assert (result["missing"], result["code"], result["inferred"]) == ([], [], [])


TAMPERED: List[Tuple[str, Any]] = [
    ("route", "chat"),
    ("confidence", 0.123),
    ("amount_cny", 5.0),
    ("scores", {"risk": 0.5}),
    ("tentative", 1),
    ("day", "2025-01-01"),
    ("of_a_newer_bot", "x"),
]


@pytest.mark.parametrize(("field", "value"), TAMPERED)
def test_every_field_of_a_decision_is_compared(log: List[LoggedTurn], field: str, value: Any) -> None:
    """A decision that came about differently would be called identical."""
    decision = json.loads(json.dumps(log[0].decision))
    if field == "day":
        decision["versions"]["day"] = value
    else:
        decision[field] = value
    found = differences(replace(log[0], decision=decision), log[0].decision)
    assert [(each["turn_id"], each["field"]) for each in found] == [("c1.1", "versions" if field == "day" else field)]


def test_another_context_is_another_decision(log: List[LoggedTurn]) -> None:
    """A replay that ignores what the bot was told would still call everything identical."""
    turn = log[1]
    asked = replace(turn, turn=replace(turn.turn, context=Context()))
    result = replay([log[0], asked])
    assert (result["identical"], result["n_identical"]) == (False, 1)
    assert {each["turn_id"] for each in result["differences"]} == {turn.turn_id}


def test_other_code_is_named(log: List[LoggedTurn]) -> None:
    """After an update nobody would know whether a difference is the program's."""
    decision = {**log[0].decision, "versions": {**log[0].decision["versions"], "code": "0" * 12, "python": "3.9.1"}}
    result = replay([replace(log[0], decision=decision), log[1]])
    assert [(each["name"], each["logged"], each["turns"]) for each in result["code"]] == [
        ("python", "3.9.1", 1),
        ("code", "0" * 12, 1),
    ]
    assert result["identical"] is True


@pytest.fixture
def kept(live: Version, tmp_path: Path) -> Path:
    """A models folder of its own, with what is live."""
    (tmp_path / "content").mkdir()
    shutil.copy(MODELS / "content" / f"{live.content.revision}.json", tmp_path / "content")
    (tmp_path / f"{live.model}.tar.gz").symlink_to(model_path(live.model).resolve())
    return tmp_path


def test_a_part_that_is_gone_is_named(live: Version, log: List[LoggedTurn], kept: Path) -> None:
    """A replay would fail, or decide with the wrong model and call it a difference."""
    assert replay(log[:1], kept)["identical"] is True
    (kept / f"{live.model}.tar.gz").unlink()
    result = replay(log[:2], kept)
    assert [(each["part"], each["name"], each["turns"]) for each in result["missing"]] == [
        ("model", live.model, ["c1.1", "c1.2"])
    ]
    assert (result["identical"], result["differences"]) == (False, [])
    (kept / "content" / f"{live.content.revision}.json").unlink()
    assert [each["part"] for each in replay(log[:2], kept)["missing"]] == ["content"]


def test_a_damaged_part_is_named(live: Version, log: List[LoggedTurn], kept: Path) -> None:
    """One damaged file would stop the replay of all other turns with a traceback."""
    bundle = kept / "content" / f"{live.content.revision}.json"
    text = bundle.read_text(encoding="utf-8")
    for damaged in ("{", text.replace(f'"format":{FORMAT}', '"format":1', 1)):
        bundle.write_text(damaged, encoding="utf-8")
        (found,) = replay(log[:1], kept)["missing"]
        assert (found["part"], found["name"]) == ("content", live.content.revision)
    bundle.write_text(text, encoding="utf-8")
    model = kept / f"{live.model}.tar.gz"
    model.unlink()
    model.write_bytes(b"no archive")
    assert [each["part"] for each in replay(log[:1], kept)["missing"]] == ["model"]


@pytest.mark.parametrize("model", [None, 7, "", "../../etc/passwd", "wallet-never"])
def test_a_decision_that_names_nothing_real_is_missing(log: List[LoggedTurn], model: Any) -> None:
    """A foreign bot's or a hostile name would be opened as a path."""
    result = replay([replace(log[0], decision={**log[0].decision, "model": model})])
    assert [each["part"] for each in result["missing"]] == ["model" if model == "wallet-never" else "decision"]


def test_what_the_log_does_not_hold_is_said(log: List[LoggedTurn]) -> None:
    """An inferred context would pass for what the bot was told."""
    assert replay([replace(log[0], is_exact=False)])["inferred"] == ["c1.1"]


CHOSEN = [
    (None, ["c1.1", "c1.2", "c1.4"]),
    ("2", ["c1.1"]),
    ("c1.2", ["c1.2"]),
    ("4", ["c1.4"]),
    ("3", ["c1.2"]),
    (4, ["c1.4"]),
]


@pytest.mark.parametrize(("turn", "ids"), CHOSEN)
def test_one_turn_or_all_of_a_conversation(monkeypatch: pytest.MonkeyPatch, turn: Any, ids: List[str]) -> None:
    """A button in the console would replay another turn than the one that it stands at."""
    found = [
        logged(1, turn_id="c1.1", seq=2, last_seq=1),
        logged(2, turn_id="c1.2", seq=7, first_seq=2, last_seq=3),
        logged(4, turn_id="c1.4", seq=9, first_seq=4, last_seq=4),
    ]
    monkeypatch.setattr(log_jobs, "logged_turns", lambda last=None, conversation=None: found)
    parameters = {"conversation_id": "c1", **({"turn": turn} if turn is not None else {})}
    assert log_jobs.replay_job(parameters, lambda share, zh, en: None)["turns"] == ids


def test_an_unknown_turn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing replayed would look like everything identical."""
    monkeypatch.setattr(log_jobs, "logged_turns", lambda last=None, conversation=None: [logged(1)])
    with pytest.raises(JobError, match="no decision about entry 99"):
        log_jobs.replay_job({"conversation_id": "c1", "turn": "99"}, lambda share, zh, en: None)
    monkeypatch.setattr(log_jobs, "logged_turns", lambda last=None, conversation=None: [])
    with pytest.raises(JobError, match="no decision"):
        log_jobs.replay_job({"conversation_id": "c1"}, lambda share, zh, en: None)
