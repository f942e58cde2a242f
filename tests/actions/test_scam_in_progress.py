"""A scam that goes on now, on the patterns of data/triage.yml as they are (rule 9 of docs/intents.md)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from actions.decide import decide
from actions.decision import Message
from actions.floor import asked_for_person, stated_incidents
from content.triage_policy import Policy
from contract.turn import Context
from language.normalization import normalize
from tests.actions.test_emergency_words import emergency_words

_FOLDER = Path(__file__).parent / "scam_in_progress"
_THRESHOLDS = {"risk": 0.3, "out_of_scope": 0.8, "harmless": 0.9, "understood": 0.6}


def _lines(name: str) -> list[str]:
    """The sentences of a file; lines that begin with # are headings."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _stated(text: str, policy: Policy) -> set[str]:
    return {statement.intent for statement in stated_incidents(normalize(text), policy.floor)}


@pytest.mark.parametrize("message", _lines("stated.txt"))
def test_a_scam_that_goes_on_is_recognised(policy: Policy, message: str) -> None:
    """Money that can still be stopped would leave while the bot explains something."""
    assert "scam_in_progress" in _stated(message, policy)


@pytest.mark.parametrize("message", _lines("not_stated.txt"))
def test_speaking_of_scams_is_not_being_in_one(policy: Policy, message: str) -> None:
    """A question, a story, a contact that is over or an everyday payment would stand before all who wait."""
    assert "scam_in_progress" not in _stated(message, policy)


@pytest.mark.parametrize(
    ("text", "ranking", "context", "entities"),
    [
        # alone; the model sees something else, and is sure of it
        ("对方不让我挂电话，让我把钱转到安全账户", [("transfer_howto", 0.99)], {}, []),
        # together with a stated theft, a request for a person, a large amount
        ("手机丢了，账号被盗了，骗子正在操作我的手机", [("account_stolen", 0.99)], {}, []),
        ("转人工！骗子还在电话里催我转钱", [("human_agent", 0.99)], {}, []),
        (
            "他让我把二十万转到安全账户",
            [("large_transaction", 0.99)],
            {},
            [{"entity": "amount", "text": "二十万", "value": {"number": 200_000, "currency": "CNY"}, "start": 4, "end": 7}],
        ),
        # a relative's
        ("我妈正在给骗子转钱，我劝不住", [("scam_report", 0.97)], {}, []),
        # after an answer, after a question back, after an offer of a person
        ("他还不让我挂电话", [("deny", 0.9)], {"last_route": "answer", "asked": "solved", "topic": "transfer_howto"}, []),
        (
            "他还不让我挂电话",
            [("deny", 0.9)],
            {"last_route": "clarify", "asked": "topic", "topics": ["fees"], "not_understood": 1},
            [],
        ),
        ("他还不让我挂电话", [("deny", 0.9)], {"last_route": "reject", "asked": "offer_person", "not_understood": 1}, []),
        # while the customer waits
        ("不等了，他催我马上转到安全账户", [("deny", 0.9)], {"status": "queued", "priority": "high"}, []),
        ("he won't let me hang up", [("human_agent", 0.9)], {"status": "queued", "priority": "urgent"}, []),
    ],
)
def test_it_comes_before_everything_else(
    policy: Policy, text: str, ranking: list[tuple[str, float]], context: dict[str, object], entities: list[dict[str, object]]
) -> None:
    """The case would wait among the others, or under another name, because something else was said, asked or likelier."""
    message = Message(normalize(text), ranking, entities, _THRESHOLDS)
    decision = decide(message, Context(**context), policy)  # type: ignore[arg-type]
    assert (decision.route, decision.intent, decision.reason, decision.priority, decision.lane) == (
        "escalate",
        "scam_in_progress",
        "security",
        "urgent",
        "money_moving",
    )


def test_the_red_button_takes_the_lane(policy: Policy) -> None:
    """The page's own button says that money is being taken now, and would send the customer behind others."""
    for text in emergency_words():
        decision = decide(Message(normalize(text), [("unauthorized_transaction", 0.9)], (), _THRESHOLDS), Context(), policy)
        assert (decision.intent, decision.lane) == ("scam_in_progress", "money_moving"), text


def test_the_door_takes_the_lane(policy: Policy) -> None:
    """A customer who presses "they are contacting me now" would wait behind others."""
    decision = decide(Message("他们现在正联系我", choice="topic:scam_in_progress"), Context(), policy)
    assert (decision.intent, decision.lane, decision.priority) == ("scam_in_progress", "money_moving", "urgent")


def _cpu_seconds(text: str, policy: Policy) -> float:
    """CPU time of the floor, the best of five: the machine has other things to do."""

    def once() -> float:
        started = time.process_time()
        list(stated_incidents(text, policy.floor))
        asked_for_person(text, policy.floor)
        return time.process_time() - started

    return min(once() for _ in range(5))


@pytest.mark.parametrize("name", ["stated.txt", "not_stated.txt"])
def test_long_messages_take_little_time(policy: Policy, name: str) -> None:
    """Two hundred sentences in one message would hold up everybody's answers."""
    text = normalize("。".join(_lines(name) * 10))[:4000]
    assert text.count("。") > 130
    assert _cpu_seconds(text, policy) < 0.020


@pytest.mark.parametrize(
    "unit",
    [
        "新闻说他让我把钱转到安全账户还不让我挂电话",
        "neighbour says he told me to move my money to a safe account",
        "让我转",
        "他说先别挂客服让我我妈说要正在跟",
        "平台说再先又要我充才能",
        "验证码不是我的手机号",
        "he told me to they want on the phone pay more to my mother is about to ",
    ],
)
def test_time_grows_with_the_length_only(policy: Policy, unit: str) -> None:
    """A message of 4,000 crafted characters would hold up the bot for everyone."""
    short, long = (_cpu_seconds((unit * 4000)[:length], policy) for length in (1000, 4000))
    assert long < 0.050
    assert long < 8 * short + 0.002
