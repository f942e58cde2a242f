"""The job `inbox`: the right turns, in stable groups, the most costly first; nothing learnt, tested or settled comes again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.learning.content_check import Placed
from bot.workshop.inbox import Examples, Inbox, Past, leaks, learning_order
from bot.workshop.inbox_causes import LATE, LOST, MISSED_EMERGENCY, MISSED_PERSON, NEEDLESS, UNHELPFUL, WRONG, Decided, cause_of
from bot.workshop.inbox_groups import Leader, group
from content.inbox import ASKED_BACK, IMPORTED, MARKED, NOT_SOLVED, NOT_UNDERSTOOD, TORN, as_example, text_id
from content.triage_policy import Policy
from language.normalization import normalize

START = dt.datetime(2026, 11, 30, tzinfo=dt.timezone.utc)
INTENTS = ["account_stolen", "fees", "refund_status"]
#: Which characters a text must have for the reader to be sure of an intent.
WORDS = {"account_stolen": "盗", "fees": "费", "refund_status": "退"}
OLD, LIVE = "old:1", "live:1"


def decision(route: str, rule: str = "understood", ranking: Sequence[Any] = (("fees", 0.9),), **more: Any) -> Dict[str, Any]:
    """A decision as it is logged by the publication `OLD`."""
    ranks = [{"intent": intent, "confidence": share} for intent, share in ranking]
    intent = ranking[0][0] if ranking else None
    return {
        "route": route,
        "rule": rule,
        "ranking": ranks,
        "intent": intent,
        "model": "old",
        "versions": {"content": "1"},
        **more,
    }


def turn(text: str, decided: Dict[str, Any], seconds: int = 0, **more: Any) -> Dict[str, Any]:
    """A turn line."""
    at = (START + dt.timedelta(seconds=seconds)).isoformat()
    return {
        "text": text,
        "choice": None,
        "silent": False,
        "at": at,
        "decision": decided,
        "settled": None,
        "solved": None,
        **more,
    }


def settled(
    by: Optional[str] = "agent", priority: str = "normal", lane: Optional[str] = None, marks: Sequence[str] = ()
) -> Any:
    """How an episode ended."""
    return {"by": by, "reason": None, "priority": priority, "lane": lane, "outcome": None, "marks": list(marks)}


NEAR = (("fees", 0.45), ("refund_status", 0.4))
NEAR_PERSON = (("fees", 0.45), ("account_stolen", 0.4))
CAUSES = [
    (decision("answer"), {}, None),
    (decision("answer"), {"solved": True, "settled": settled("solved")}, None),
    (decision("answer"), {"solved": False}, (NOT_SOLVED, UNHELPFUL)),
    (decision("answer"), {"settled": settled()}, (NOT_SOLVED, MISSED_PERSON)),
    (decision("answer"), {"settled": settled(priority="urgent")}, (NOT_SOLVED, MISSED_EMERGENCY)),
    (decision("answer"), {"settled": settled(lane="money_moving")}, (NOT_SOLVED, MISSED_EMERGENCY)),
    (decision("answer"), {"settled": settled(None, marks=["late_handoff"])}, (MARKED, LATE)),
    (decision("answer"), {"settled": settled(None, marks=["wrong_article"])}, (MARKED, WRONG)),
    (decision("escalate", "risk"), {"settled": settled(marks=["needless_handoff"])}, (MARKED, NEEDLESS)),
    (decision("escalate", "risk"), {"settled": settled(priority="urgent")}, None),
    (decision("escalate", "unresolved"), {"settled": settled()}, (NOT_UNDERSTOOD, LOST)),
    (decision("clarify", "clarify", topics=["fees"]), {}, (ASKED_BACK, 1.0)),
    (decision("clarify", "clarify", topics=["fees"]), {"settled": settled(priority="urgent")}, (ASKED_BACK, MISSED_EMERGENCY)),
    (decision("reject", "reject", NEAR), {}, (NOT_UNDERSTOOD, LOST)),
    (decision("reject", "reject", (("out_of_scope", 0.9), ("fees", 0.1))), {}, None),
    (decision("answer", ranking=NEAR), {}, (TORN, 1.0)),
    (decision("answer", ranking=NEAR_PERSON), {}, (TORN, 4.0)),
    (decision("answer", ranking=NEAR), {"solved": True}, None),
    (decision("answer", "tentative", tentative=True), {}, (TORN, 1.0)),
    (decision("clarify", "clarify", topics=["fees"]), {"choice": "topic:fees"}, None),
    (decision("clarify", "clarify", topics=["fees"]), {"silent": True}, None),
    (decision("answer", "picked"), {"solved": False}, None),
    ({}, {}, None),
]


@pytest.mark.parametrize(("decided", "later", "cause"), CAUSES)
def test_a_turn_has_its_most_costly_cause(policy: Policy, decided: Dict[str, Any], later: Dict[str, Any], cause: Any) -> None:
    """A missed emergency would stand behind questions back, or what went well would fill the inbox."""
    assert cause_of(turn("手续费", decided, **later), policy) == cause


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """A stand-in for the encoder: characters by their codes."""
    rows = np.zeros((len(texts), 512), dtype=np.float32)
    for row, text in zip(rows, texts):
        for character in text:
            row[ord(character) % 512] += 1
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1))


class Reader:
    """Is sure of a text with an intent's character, and otherwise torn between fees and refunds."""

    intents = INTENTS

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (texts, intents)."""
        rows = [[0.94 if WORDS[name] in text else 0.03 for name in INTENTS] for text in texts]
        return np.array([row if max(row) > 0.5 else [0.02, 0.5, 0.48] for row in rows])


def inbox(policy: Policy, trained: Sequence[str] = ("手续费多少",), tests: Sequence[str] = ()) -> Inbox:
    """An inbox that decides by the reader."""

    def decide(texts: Sequence[str]) -> List[Dict[str, Any]]:
        ranked = [sorted(zip(row, INTENTS), reverse=True) for row in Reader().probabilities(texts)]
        return [
            decision("answer" if row[0][0] > 0.9 else "clarify", ranking=[(name, share) for share, name in row])
            for row in ranked
        ]

    placed = [Placed(text, "fees", Path("fees.yml"), 1) for text in trained]
    normal = [normalize(text) for text in trained]
    examples = Examples(placed, normal, [text_id(text) for text in normal], embed(normal))
    return Inbox(Reader(), decide, embed, policy, LIVE, examples, [normalize(text) for text in tests])


def fill(one: Inbox, lines: Sequence[Dict[str, Any]], past: Optional[Past] = None) -> Dict[str, Any]:
    """The result of the job."""
    return one.fill(lines, past or Past("2026-11-30T00:00:00+00:00"), lambda share, zh, en: None)


def texts_of(result: Dict[str, Any]) -> List[List[str]]:
    """The texts of each group, sorted."""
    return [sorted(entry["text"] for entry in each["entries"]) for each in result["groups"]]


LOST_TURN = decision("reject", "reject", NEAR)


def test_what_is_learnt_tested_or_understood_now_is_left_out(policy: Policy) -> None:
    """An editor would confirm what the bot knows already, or a test sentence would be learnt."""
    lines = [turn(text, LOST_TURN) for text in ("手续费多少？", "怎么收钱呢", "扣了我一些零头", "提现要费用么")]
    result = fill(inbox(policy, tests=["怎么收钱呢？"]), lines)
    assert texts_of(result) == [["扣了我一些零头"]]
    assert result["left_out"] == {"trained": 1, "in_test_set": 1, "gone": 1}
    assert result["groups"][0]["suggested"][0] == {"intent": "fees", "score": 0.5}
    assert result["groups"][0]["nearest"][0]["text"] == "手续费多少"


def test_a_text_that_the_same_publication_decided_stays(policy: Policy) -> None:
    """A text that is only misunderstood in its context would vanish before an editor has seen it."""
    by_live = {**LOST_TURN, "model": "live"}
    assert texts_of(fill(inbox(policy), [turn("提现要费用么", by_live)])) == [["提现要费用么"]]


@pytest.mark.parametrize(("seconds", "live", "comes"), [(10, OLD, False), (10, "older:0", True), (-10, "older:0", False)])
def test_a_decided_text_comes_again_only_with_a_later_publication(policy: Policy, seconds: int, live: str, comes: bool) -> None:
    """A decided text would come back for ever, or never again although the next publication misreads it too."""
    past = Past("now", decided={text_id("扣了我一些零头"): Decided(START, live)})
    result = fill(inbox(policy), [turn("扣了我一些零头", LOST_TURN, seconds)], past)
    assert bool(result["groups"]) is comes


def test_count_times_cost_orders_the_groups(policy: Policy) -> None:
    """Five questions back would hide one missed emergency, or one question back a hundred."""
    asked = decision("clarify", "clarify", NEAR, topics=["fees"])
    missed = turn("钱不见了啊啊", decision("answer", ranking=NEAR), settled=settled(priority="urgent"))
    few = fill(inbox(policy), [missed, *(turn("这个怎么弄的", asked, n) for n in range(5))])
    many = fill(inbox(policy), [missed, *(turn("这个怎么弄的", asked, n) for n in range(30))])
    assert texts_of(few)[0] == ["钱不见了啊啊"]
    assert texts_of(many)[0] == ["这个怎么弄的"]
    assert many["groups"][0]["entries"][0]["count"] == 30


def test_a_group_keeps_its_name_when_texts_join_and_its_first_text_goes(policy: Policy) -> None:
    """An editor who works on a group would meet another one under its name, or the same one under another."""
    first = fill(inbox(policy), [turn("扣了我一些零头", LOST_TURN), turn("扣了我一些零头啊", LOST_TURN, 1)])
    assert texts_of(first) == [["扣了我一些零头", "扣了我一些零头啊"]]
    name, leader = first["groups"][0]["id"], first["groups"][0]["leader"]
    past = Past("now", leaders=[Leader(name, leader)])
    later = fill(inbox(policy), [turn("扣了我一些零头啊", LOST_TURN, 1), turn("扣了我好些零头", LOST_TURN, 9)], past)
    assert texts_of(later) == [["扣了我一些零头啊", "扣了我好些零头"]]
    assert later["groups"][0]["id"] == name


def test_imported_texts_are_grouped_by_themselves_the_most_doubtful_first(policy: Policy) -> None:
    """An operator's first hour would go to texts that the bot understands."""
    lines = [{"what": "imported", "id": text_id(text), "text": text, "count": 1, "at": START.isoformat()}
             for text in ("提现的费用", "扣了我一些零头", "手续费多少")]  # fmt: skip
    result = fill(inbox(policy), [turn("扣了我一些零钱", LOST_TURN)], Past.of([{"what": "read_at", "at": "now"}, *lines]))
    assert result["read_at"] == "now"
    imported = [each for each in result["groups"] if each["kind"] == IMPORTED]
    assert texts_of({"groups": imported}) == [["扣了我一些零头"], ["提现的费用"]]
    assert result["left_out"]["trained"] == 1


def test_groups_do_not_depend_on_how_many_texts_are_compared_at_once() -> None:
    """A group of the 513th text would be another one than that of the 512th."""
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(40, 64))
    rows = (centres[np.arange(1200) % 40] + 0.2 * generator.normal(size=(1200, 64))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    names = [(f"t{n}", "") for n in range(1200)]
    none, no_guess = np.zeros((0, 64), dtype=np.float32), np.zeros(0, dtype=np.int64)
    guesses = np.arange(1200) % 40 // 20
    found = group(names, rows, guesses, [], none, no_guess)
    assert sorted(found.members) == sorted(f"t{n}" for n in range(40))
    for name, places in found.members.items():
        assert [place % 40 for place in places] == [int(name[1:])] * 30


def test_a_test_sentence_is_known_by_its_letters_and_by_its_meaning() -> None:
    """A test set would measure only the model's memory."""
    tests = ["如何更改登录密码呢谢谢你们了"]
    texts = ["如何更改登录密码，呢谢谢你们了！", "如何更改登录密码呢谢谢你们", "手续费多少"]
    found = leaks([text_id(text) for text in texts], embed([normalize(text) for text in texts]), tests, embed)
    assert found.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("  转账\n没到\u2028账 ", "转账 没到 账"),
        ("卡号[卡号 ****6789]被扣", "卡号[卡号 ****6789]被扣"),
        ("看[这里](fees)", None),
        ('看[这里]{"entity": "x"}', None),
        ("12345", None),
        ("啊" * 201, None),
        ("a\x00b\ufeffc", "a b c"),
        ("", None),
    ],
)
def test_only_a_line_with_words_becomes_an_example(text: str, example: Optional[str]) -> None:
    """A customer's text would break the file of sentences, or teach an entity."""
    assert as_example(text) == example


def test_intents_take_turns_so_that_one_confused_intent_does_not_fill_the_list() -> None:
    """An editor would confirm a hundred sentences of two intents that the model always confuses, and teach nothing else."""
    guesses = np.array([0] * 16 + [1] * 4)
    doubts = np.array([0.9] * 16 + [0.5, 0.5, 0.3, 0.2])
    groups = [[place] for place in range(16)] + [[16, 17], [18], [19]]
    order = learning_order(groups, doubts, guesses)
    assert [places for _, places in order][:5] == [[0], [16, 17], [1], [2], [3]]
    assert [key for key, _ in order] == sorted(key for key, _ in order)
    assert [places for _, places in learning_order([[19, 16, 17]], doubts, guesses, most=2)] == [[16, 17]]
