"""Patterns and word lists that find less than before are refused, also where no sentence of the project would show it."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List

import msgspec
import pytest

from bot.workshop.gate.edition import Edition
from bot.workshop.gate.floor_checks import Sentence, floor_refusals
from bot.workshop.gate.witnesses import examples
from tests.bot.workshop.gate.conftest import with_bundle, with_policy

Plain = Dict[str, Any]


def _incident(policy: Plain, intent: str) -> Dict[str, Any]:
    return next(each for each in policy["floor"]["incidents"] if each["intent"] == intent)


def _kinds(live: Edition, change: Callable[[Plain], Any], sentences: List[str]) -> set[str]:
    return {refusal.kind for refusal in floor_refusals(live, with_policy(live, change), [Sentence(text) for text in sentences])}


def _without(word: str) -> Callable[[Plain], None]:
    """Remove an alternative from every pattern of the floor."""

    def change(policy: Plain) -> None:
        for incident in policy["floor"]["incidents"]:
            incident["patterns"] = [pattern.replace(f"|{word}", "") for pattern in incident["patterns"]]

    return change


def _guard(policy: Plain, name: str, pattern: str) -> None:
    policy["floor"]["guards"][name] = pattern + "|" + policy["floor"]["guards"][name]


WEAKER: Dict[str, Callable[[Plain], Any]] = {
    "pattern removed": lambda p: _incident(p, "device_lost")["patterns"].pop(),
    "alternative removed": _without("杀猪盘"),
    "incident removed": lambda p: p["floor"]["incidents"].remove(_incident(p, "complaint")),
    "silenced by a new exception": lambda p: _incident(p, "wrong_transfer").update(unless="转"),
    "silenced by a guard": lambda p: _guard(p, "hypothesis", "我"),
    "anchored": lambda p: _incident(p, "device_lost").update(
        patterns=[f"^(?:{pattern})$" for pattern in _incident(p, "device_lost")["patterns"]]
    ),
    "lane lost": lambda p: p["intents"]["scam_in_progress"].pop("lane"),
}


@pytest.mark.parametrize("change", WEAKER.values(), ids=WEAKER)
def test_a_weaker_floor_is_refused_without_any_sentence(live: Edition, change: Callable[[Plain], Any]) -> None:
    """An alternative that no sentence of the project uses could be removed unseen."""
    assert "floor_weakened" in _kinds(live, change, [])


def test_the_sentences_that_are_no_longer_found_are_named(live: Edition) -> None:
    """The editor would not know what the change breaks."""
    change = WEAKER["pattern removed"]
    draft = with_policy(live, change)
    said = [Sentence("my phone was stolen yesterday"), Sentence("my sim card is missing", shown=False)]
    (refusal,) = floor_refusals(live, draft, said)
    assert refusal.sentences == ("my phone was stolen yesterday",)
    assert "1 of a held-out set" in refusal.detail


BETTER: Dict[str, Callable[[Plain], Any]] = {
    "new pattern": lambda p: _incident(p, "device_lost")["patterns"].append("手表丢了"),
    "new alternative": lambda p: _incident(p, "scam_report")["patterns"].append("上当了|杀鱼盘"),
    "same in other words": lambda p: _incident(p, "device_lost").update(
        patterns=[f"(?:{pattern})" for pattern in _incident(p, "device_lost")["patterns"]]
    ),
    "order": lambda p: _incident(p, "device_lost")["patterns"].reverse(),
    "an exception for one sentence": lambda p: _incident(p, "device_lost").update(unless="手机丢了的表情包"),
}


@pytest.mark.parametrize("change", BETTER.values(), ids=BETTER)
def test_a_stronger_or_equal_floor_is_not_refused(live: Edition, change: Callable[[Plain], Any]) -> None:
    """Editors could not improve the floor."""
    assert _kinds(live, change, ["手机被偷了", "我的手机丢了"]) == set()


def test_requests_for_a_person_and_own_transactions_must_be_found(live: Edition) -> None:
    """A customer who asks for a person, or whose large transfer nobody checks, would be answered by the bot."""

    def fewer(policy: Plain) -> None:
        policy["floor"]["human"]["patterns"].pop(3)

    assert _kinds(live, fewer, []) == {"person_not_found"}
    assert _kinds(live, lambda p: p["floor"].update(own_transaction="我转"), []) == {"amount_not_weighed"}


def _with_words(live: Edition, **changed: Any) -> Edition:
    words = msgspec.structs.replace(live.bundle.policy.short_replies, **changed)
    return with_bundle(live, policy=msgspec.structs.replace(live.bundle.policy, short_replies=words))


def test_a_short_reply_that_closes_emergencies_is_refused(live: Edition) -> None:
    """The sentence "I was robbed" would be read as "yes"."""
    words = live.bundle.policy.short_replies.words
    draft = _with_words(live, words={**words, "agreement": (*words["agreement"], "被盗刷了, 钱没了")})
    refusals = list(floor_refusals(live, draft, [Sentence("被盗刷了"), Sentence("转错人了")]))
    assert (refusals[0].kind, refusals[0].sentences) == ("reply_closes_an_emergency", ("被盗刷了",))
    assert "reply_turned" in {refusal.kind for refusal in refusals[1:]}


def test_a_complaint_that_becomes_a_thanks_is_refused(live: Edition) -> None:
    """The reply "useless" would close the matter as solved."""
    words = live.bundle.policy.short_replies.words
    moved = words["not_solved"][0].split(",")[0].strip()
    kept = tuple(line.replace(moved, "", 1) if line.startswith(moved) else line for line in words["not_solved"])
    draft = _with_words(live, words={**words, "not_solved": kept, "solved": (*words["solved"], moved)})
    assert "reply_turned" in {refusal.kind for refusal in floor_refusals(live, draft, [])}


def test_a_follow_up_that_is_gone_is_refused(live: Edition) -> None:
    """A victim who did as the stranger said would be asked whether the article helped."""
    assert {refusal.kind for refusal in floor_refusals(live, _with_words(live, follow_ups=()), [])} == {"follow_up_removed"}


@pytest.mark.parametrize("word", ["你好", "hello"])
def test_a_reply_that_leaves_the_queue_by_mistake_is_refused(live: Edition, word: str) -> None:
    """A victim who says hello would lose the place in the queue."""
    leaving = live.bundle.policy.short_replies.leaving
    changed = msgspec.structs.replace(leaving, alone=(*leaving.alone, word))
    refusals = list(floor_refusals(live, _with_words(live, leaving=changed), []))
    assert [refusal.kind for refusal in refusals] == ["reply_turned"]
    assert word in refusals[0].sentences


def test_new_short_replies_are_not_refused(live: Edition) -> None:
    """Editors could not teach the bot a new way of saying yes."""
    words = live.bundle.policy.short_replies.words
    draft = _with_words(live, words={**words, "agreement": (*words["agreement"], "嗯嗯呐")})
    assert list(floor_refusals(live, draft, [Sentence("被盗刷了")])) == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a|b|cd", ["a", "b", "cd"]),
        ("(款|钱)打错", ["款打错", "钱打错"]),
        (r"x[^，]{0,3}y", ["xy", "x某y", "x某某某y"]),
        (r"\bpay\b[^.]{0,5}\bnow\b", ["pay now", "pay     now"]),
        ("扣(了)?两次", ["扣两次", "扣了两次"]),
        ("[abc]", ["a", "b", "c"]),
    ],
)
def test_a_pattern_has_an_example_for_each_alternative(pattern: str, expected: List[str]) -> None:
    """A removed alternative would not be noticed."""
    assert examples(re.compile(pattern)) == expected


def test_nearly_every_pattern_of_the_project_has_an_example(live: Edition) -> None:
    """The gate would not notice when a pattern without a sentence is removed."""
    patterns = [pattern for incident in live.bundle.policy.floor.incidents for pattern in incident.patterns]
    assert [pattern.pattern for pattern in patterns if not examples(pattern)] == []
