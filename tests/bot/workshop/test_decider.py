"""The decider, compared with the running bot's pipeline in Rasa."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from bot.evaluation.understanding import Understanding
from bot.learning.training import MODELS, model_path
from bot.workshop.decider import Decider, Turn
from bot.workshop.versions import ModelGone, Version, live_version, load_intent_model
from contract.turn import Closed, Context

DAY = dt.date(2026, 11, 30)
#: Lines of each development file: enough for sentences, clauses, amounts, English and traditional Chinese.
LINES = 25
MORE = [
    Turn("是的", context=Context(asked="solved", last_article="transfer_delay", topic="transfer_delay", last_route="answer")),
    Turn("转账没到", choice="human", context=Context(doors=("account_stolen",))),
    Turn("第二步怎么做", context=Context(last_article="bind_card_howto", topic="bind_card_howto", last_route="answer")),
    Turn("還是沒有收到", context=Context(locale="zh-Hant", last_article="transfer_delay", closed=Closed("solved"))),
    Turn("how long does it take", suggested=True, context=Context(locale="en", not_understood=2)),
    Turn("快点", context=Context(status="queued", priority="high")),
]


@pytest.fixture(scope="module")
def live() -> Version:
    """The published version, which the suite's model was trained for."""
    version = live_version()
    assert version is not None
    return version


@pytest.fixture(scope="module")
def served(live: Version) -> Tuple[List[Turn], List[Dict[str, Any]]]:
    """Turns, and the running bot's decisions."""
    turns = [Turn(text) for text in _development()] + MORE
    bot = Understanding(model_path(live.model), live.content)
    return turns, [_as_served(bot, turn, live) for turn in turns]


def _development() -> List[str]:
    texts: List[str] = []
    for path in sorted(Path("tests/evaluation/development").glob("*.jsonl")):
        texts += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()[:LINES]]
    return texts


def _as_served(bot: Understanding, turn: Turn, live: Version) -> Dict[str, Any]:
    from actions.triage import message_from_parse, triage

    parse = bot.parse(turn.text)
    before = turn.context.locale
    message = message_from_parse(parse, turn.choice, said=turn.text, before=before, is_suggested=turn.suggested)
    return triage(message, turn.context, live.content, live.model, DAY)[1]


def test_an_exact_decider_decides_to_the_last_digit(live: Version, served: Tuple[List[Turn], List[Dict[str, Any]]]) -> None:
    """A replay would show differences that never were."""
    turns, decisions = served
    dated = [Turn(each.text, each.choice, each.suggested, each.context, DAY) for each in turns]
    assert Decider.open(live, exact=True).decide_all(dated) == decisions


def test_a_decider_in_batches_decides_the_same(live: Version, served: Tuple[List[Turn], List[Dict[str, Any]]]) -> None:
    """Gate and shadow would judge another bot than the one that runs."""
    turns, decisions = served
    names = ("route", "rule", "intent", "reason", "priority", "lane", "article", "outcome", "asks", "topics", "tentative")
    told: List[float] = []
    dated = [Turn(each.text, each.choice, each.suggested, each.context, DAY) for each in turns]
    decided = Decider.open(live).decide_all(dated, told.append)
    for turn, ours, theirs in zip(turns, decided, decisions):
        assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}, turn.text
        assert abs(ours["confidence"] - theirs["confidence"]) < 2e-4, turn.text
    assert told[-1] == 1.0


def test_a_model_that_is_gone_is_named(tmp_path: Path, live: Version) -> None:
    """An editor would read a traceback when an old package cannot be replayed."""
    with pytest.raises(ModelGone, match="wallet-000000000000"):
        load_intent_model("wallet-000000000000")
    damaged = tmp_path / model_path(live.model).name
    damaged.write_bytes((MODELS / damaged.name).read_bytes()[:1000])
    with pytest.raises(ModelGone, match="cannot be read"):
        load_intent_model(live.model, tmp_path)


def test_no_turns_make_no_decisions(live: Version) -> None:
    """An empty log would end a shadow run with an error."""
    assert Decider.open(live).decide_all([]) == []
