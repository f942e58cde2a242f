"""The context that the bot gets about the past, folded from the log."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from handoff.conversations.events import BOT, CUSTOMER, Event, Message, Triage
from handoff.conversations.state import born
from handoff.conversations.values import Birth
from handoff.turns.context import fold_context

NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
BIRTH = Birth("c1", "x", "en", "web", NOW)

ANSWER = {
    "route": "answer",
    "intent": "transfer_delay",
    "article": {"id": "transfer_delay", "revision": "r1"},
    "asks": "solved",
}
OTHER_ANSWER = {"route": "answer", "intent": "fees", "article": {"id": "fees", "revision": "r1"}, "asks": "solved"}
REJECT = {"route": "reject", "intent": "out_of_scope", "asks": "offer_person"}
CLARIFY = {"route": "clarify", "intent": "fees", "asks": "topic"}
GUESS = {**ANSWER, "rule": "tentative", "tentative": True, "topics": ["fees", "wrong_transfer"]}
WHICH = {"route": "clarify", "rule": "context.alternatives", "asks": "topic", "topics": ["fees", "wrong_transfer"]}
CHAT = {"route": "chat", "intent": "thanks", "asks": None}
FEEDBACK = {"route": "feedback", "intent": "feedback", "asks": None}
ESCALATE = {"route": "escalate", "intent": "complaint", "reason": "dispute"}


def told(decisions: list[dict[str, Any]], stretch_seq: int = 0, silent: bool = False) -> dict[str, Any]:
    """The context on the wire after these decisions, one event each from 1 on."""
    conversation = dataclasses.replace(born(BIRTH), stretch_seq=stretch_seq)
    events = [
        Event("c1", seq, NOW, BOT, Triage(turn_id="c1.1", decision=decision, silent=silent, message_seq=1))
        for seq, decision in enumerate(decisions, 1)
    ]
    return fold_context(conversation, events).as_json()


TABLE = [
    # decisions so far            last route  last article      asked           not understood  topic
    ([],                          None,       None,             None,           0,              None),
    ([ANSWER],                    "answer",   "transfer_delay", "solved",       0,              "transfer_delay"),
    ([ANSWER, CHAT],              "answer",   "transfer_delay", "solved",       0,              "transfer_delay"),
    ([ANSWER, OTHER_ANSWER],      "answer",   "fees",           "solved",       0,              "fees"),
    ([REJECT],                    "reject",   None,             "offer_person", 1,              None),
    ([CLARIFY],                   "clarify",  None,             "topic",        1,              None),
    ([REJECT, CHAT, CLARIFY],     "clarify",  None,             "topic",        2,              None),
    ([REJECT, ANSWER],            "answer",   "transfer_delay", "solved",       0,              "transfer_delay"),
    ([ANSWER, REJECT],            "reject",   None,             "offer_person", 1,              "transfer_delay"),
    ([REJECT, FEEDBACK],          "feedback", None,             None,           0,              None),
    ([ANSWER, ESCALATE],          "escalate", None,             None,           0,              "transfer_delay"),
]  # fmt: skip


@pytest.mark.parametrize(("decisions", "route", "article", "asked", "not_understood", "topic"), TABLE)
def test_the_table_of_contexts(
    decisions: list[dict[str, Any]],
    route: str | None,
    article: str | None,
    asked: str | None,
    not_understood: int,
    topic: str | None,
) -> None:
    """The bot would take "no" for an answer to the wrong question, or never give up on a text that it does not understand."""
    assert told(decisions) == {
        "status": "with_bot",
        "locale": "en",
        "last_route": route,
        "last_article": article,
        "asked": asked,
        "not_understood": not_understood,
        "topic": topic,
        "topics": [],
        "open_topics": [],
        "doors": [],
        "priority": None,
        "closed": None,
        "tentative": False,
    }


@pytest.mark.parametrize(
    ("after", "doors"),
    [
        ([], ["wrong_transfer", "scam_in_progress"]),
        ([CHAT], ["wrong_transfer", "scam_in_progress"]),
        ([{**CHAT, "rule": "context.fragment"}], ["wrong_transfer", "scam_in_progress"]),
        ([OTHER_ANSWER], []),
        ([REJECT], []),
    ],
)
def test_the_doors_of_the_last_answer_are_told(after: list[dict[str, Any]], doors: list[str]) -> None:
    """The trace of a pressed door would name no article, or the wrong one."""
    assert told([{**ANSWER, "doors": ["wrong_transfer", "scam_in_progress"]}, *after])["doors"] == doors


GUESSES: list[tuple[list[dict[str, Any]], bool, list[str], int]] = [
    # decisions so far, whether the last answer is a guess, its alternatives, not understood
    ([GUESS], True, ["fees", "wrong_transfer"], 1),
    ([GUESS, CHAT], True, ["fees", "wrong_transfer"], 1),
    ([GUESS, GUESS], True, ["fees", "wrong_transfer"], 2),
    ([GUESS, WHICH], False, ["fees", "wrong_transfer"], 2),
    ([GUESS, ANSWER], False, [], 0),
    ([GUESS, WHICH, OTHER_ANSWER], False, [], 0),
    ([CLARIFY, GUESS], True, ["fees", "wrong_transfer"], 2),
    ([{**GUESS, "tentative": "x"}], False, ["fees", "wrong_transfer"], 0),
]


@pytest.mark.parametrize(("decisions", "tentative", "topics", "not_understood"), GUESSES)
def test_a_guess_is_no_understanding(
    decisions: list[dict[str, Any]], tentative: bool, topics: list[str], not_understood: int
) -> None:
    """The bot would guess for ever, or not know what "not this" refers to."""
    context = told(decisions)
    assert (context["tentative"], context["topics"], context["not_understood"]) == (tentative, topics, not_understood)
    assert context["last_route"] in ("answer", "clarify")


def test_asking_for_the_second_topic_is_no_riddle() -> None:
    """A customer with two questions would be sent to a person because the bot seems not to understand."""
    asks = {"route": "clarify", "rule": "context.open_topic", "asks": "topic", "topics": ["fees"], "open_topics": ["fees"]}
    context = told([ANSWER, asks])
    assert (context["not_understood"], context["asked"], context["topics"], context["open_topics"]) == (
        0,
        "topic",
        ["fees"],
        ["fees"],
    )


def test_an_earlier_stretch_is_no_context() -> None:
    """After a person returned the conversation, "no" would still answer the bot's earlier question."""
    assert told([REJECT, REJECT], stretch_seq=2) == told([])
    assert told([REJECT, REJECT], stretch_seq=1) == told([REJECT])


def test_silent_decisions_are_no_context() -> None:
    """A decision made while the customer waited would look like a message that the bot sent."""
    assert told([ANSWER], silent=True) == told([])


def test_other_events_are_no_context() -> None:
    """Some messages in the log would break the bot's next turn."""
    message = Event("c1", 1, NOW, CUSTOMER, Message(text="你好"))
    assert fold_context(born(BIRTH), [message]).as_json() == told([])
