"""The conversation: every allowed move, every refused move, and the invariants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.decision import Decision
from contract.priorities import PRIORITY_RANK
from contract.reasons import LASTING_REASONS
from contract.reply import Button, Message
from handoff.conversations.conversation import CHOICE_HUMAN, MOVES, Conversation, Status
from handoff.conversations.events import SYSTEM, EventType, Participant
from handoff.runtime.errors import BadInput, Conflict, DeskError

START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
LIN, ZHOU = ("agent", "小林"), ("agent2", "小周")
BUTTONS = [{"choice": "solved", "label": "解决了"}, {"choice": "unsolved", "label": "没有解决"}]
OFFERED = [Button.from_json(button) for button in BUTTONS]


def after(**length: float) -> dt.datetime:
    """This much later than the start."""
    return START + dt.timedelta(**length)


def new_conversation(locale: str = "zh") -> Conversation:
    """A conversation without messages."""
    return Conversation(id="c1", token_hash="x", locale=locale, channel="web", created_at=START, updated_at=START)


def conversation_in(status: Status, reason: str = "user_request", priority: str = "normal") -> Conversation:
    """A conversation that reached a state by the usual moves; Lin is the agent, if there is one."""
    conversation = new_conversation()
    conversation.receive("m1", "你好", None, START)
    if status is not Status.WITH_BOT:
        conversation.request_handoff(reason, priority, START)
    if status in (Status.ASSIGNED, Status.RESOLVED):
        conversation.assign(*LIN, START)
    if status is Status.RESOLVED:
        conversation.resolve("agent", START, Participant("agent", LIN[1]))
    assert conversation.status is status
    return conversation


MOVE: dict[str, Callable[[Conversation], Any]] = {
    "the customer writes": lambda c: c.receive("m2", "还在吗", None, after(minutes=1)),
    "the customer asks for a person": lambda c: c.request_handoff("user_request", "normal", after(minutes=1)),
    "the customer cancels": lambda c: c.cancel(after(minutes=1)),
    "the customer rates": lambda c: c.rate(5, None, after(minutes=1)),
    "Lin claims": lambda c: c.assign(*LIN, after(minutes=1)),
    "Zhou claims": lambda c: c.assign(*ZHOU, after(minutes=1)),
    "Lin writes": lambda c: c.write(*LIN, "您好", "a1", after(minutes=1)),
    "Zhou writes": lambda c: c.write(*ZHOU, "您好", "a1", after(minutes=1)),
    "it is transferred": lambda c: c.requeue(after(minutes=1), SYSTEM, None, None, "agent"),
    "it is returned": lambda c: c.return_to_bot(after(minutes=1), SYSTEM, None),
    "it is resolved": lambda c: c.resolve("agent", after(minutes=1), SYSTEM),
}

TABLE = [
    # move, and the resulting state or the error: with the bot, queued, assigned to Lin, resolved
    ("the customer writes", "with_bot", "queued", "assigned", "with_bot"),
    ("the customer asks for a person", "queued", "queued", "assigned", "queued"),
    ("the customer cancels", "!not_queued", "with_bot", "!not_queued", "!not_queued"),
    ("the customer rates", "!not_resolved", "!not_resolved", "!not_resolved", "resolved"),
    ("Lin claims", "!not_queued", "assigned", "assigned", "!not_queued"),
    ("Zhou claims", "!not_queued", "assigned", "!already_assigned", "!not_queued"),
    ("Lin writes", "!not_yours", "!not_yours", "assigned", "!not_yours"),
    ("Zhou writes", "!not_yours", "!not_yours", "!not_yours", "!not_yours"),
    ("it is transferred", "!wrong_state", "!wrong_state", "queued", "!wrong_state"),
    ("it is returned", "!wrong_state", "!wrong_state", "with_bot", "!wrong_state"),
    ("it is resolved", "resolved", "resolved", "resolved", "!wrong_state"),
]


@pytest.mark.parametrize(
    ("status", "move", "outcome"),
    [
        pytest.param(status, move, outcome, id=f"{status}: {move} -> {outcome}")
        for move, *outcomes in TABLE
        for status, outcome in zip(Status, outcomes, strict=True)
    ],
)
def test_the_table_of_moves(status: Status, move: str, outcome: str) -> None:
    """A conversation would end in a wrong state, or a refused move would leave traces."""
    conversation = conversation_in(status)
    before = (conversation.status, conversation.agent, conversation.last_seq)
    if outcome.startswith("!"):
        with pytest.raises(Conflict) as refused:
            MOVE[move](conversation)
        assert refused.value.code == outcome[1:]
        assert (conversation.status, conversation.agent, conversation.last_seq) == before
    else:
        MOVE[move](conversation)
        assert conversation.status == outcome
        assert conversation.status is before[0] or (before[0], conversation.status) in MOVES


def test_the_moves_are_those_of_the_design() -> None:
    """The code would allow a move that the design does not know."""
    designed = "with_bot>queued queued>assigned queued>with_bot assigned>queued assigned>with_bot resolved>with_bot"
    designed += " resolved>queued with_bot>resolved queued>resolved assigned>resolved"
    assert {f"{here}>{there}" for here, there in MOVES} == set(designed.split())


def test_the_loser_of_a_claim_learns_who_won() -> None:
    """The slower agent would see an error without learning who has the conversation."""
    conversation = conversation_in(Status.ASSIGNED)
    with pytest.raises(Conflict) as refused:
        conversation.assign(*ZHOU, after(minutes=1))
    assert refused.value.details == {"agent": "小林"}
    assert "小林" in refused.value.message("zh")
    assert "小林" in refused.value.message("en")


def test_a_claim_again_by_the_same_agent_changes_nothing() -> None:
    """A double click on "claim" would greet the customer twice."""
    conversation = conversation_in(Status.ASSIGNED)
    seq, assigned_at = conversation.last_seq, conversation.assigned_at
    conversation.assign(*LIN, after(minutes=1))
    assert (conversation.last_seq, conversation.assigned_at) == (seq, assigned_at)


# --- the bot's messages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "heard"), [(Status.WITH_BOT, 1), (Status.QUEUED, 0), (Status.ASSIGNED, 0), (Status.RESOLVED, 0)]
)
def test_the_bot_speaks_only_while_it_owns_the_conversation(status: Status, heard: int) -> None:
    """The bot would write into a conversation that a person has, or will have (I3)."""
    conversation = conversation_in(status)
    seq = conversation.last_seq
    conversation.speak([Message("答案", OFFERED)], after(minutes=1))
    assert conversation.last_seq - seq == heard
    assert conversation.offered == (BUTTONS if heard else [])


def test_a_turn_that_is_tried_again_has_the_same_name() -> None:
    """A turn repeated after a crash would be logged and handed over a second time."""
    conversation = conversation_in(Status.WITH_BOT)
    first = conversation.begin_turn(1, 1, after(seconds=5), 7)
    assert conversation.begin_turn(1, 1, after(seconds=11), 7) == first
    assert conversation.turn_attempts == 2
    conversation.end_turn(None)
    assert conversation.begin_turn(2, 2, after(seconds=12), 7) != first
    assert conversation.turn_attempts == 1


def test_a_claim_ends_the_turn_that_runs() -> None:
    """The bot's late answer would still be accepted after an agent took over."""
    conversation = conversation_in(Status.QUEUED)
    turn_id = conversation.begin_turn(1, 1, after(seconds=5), 7)
    assert conversation.is_running(turn_id)
    conversation.assign(*LIN, after(seconds=1))
    assert not conversation.is_running(turn_id)
    assert conversation.due_at is None


def test_a_decision_is_logged_once() -> None:
    """The decision would be in the log twice: from the handoff request and from the turn."""
    conversation = conversation_in(Status.WITH_BOT)
    turn_id = conversation.begin_turn(1, 1, after(seconds=5), 7)
    for _ in range(2):
        conversation.record_triage(turn_id, Decision("answer", intent="fees"), START)
    assert [event.type for event in conversation.new_events].count(EventType.TRIAGE) == 1
    assert conversation.topic == "fees"


@pytest.mark.parametrize(("status", "silent"), [(Status.WITH_BOT, False), (Status.QUEUED, True)])
def test_a_decision_while_someone_waits_is_silent(status: Status, silent: bool) -> None:
    """A remark in the queue would overwrite the subject of the case, or count as an answer."""
    conversation = conversation_in(status)
    turn_id = conversation.begin_turn(1, 1, after(seconds=5), 7)
    conversation.record_triage(turn_id, Decision("answer", intent="fees", amount_cny=3.0), START)
    assert conversation.new_events[-1].data["silent"] is silent
    assert (conversation.topic, conversation.amount_cny) == ((None, None) if silent else ("fees", 3.0))


@pytest.mark.parametrize("status", Status)
def test_a_message_makes_a_turn_due_only_where_the_bot_reads(status: Status) -> None:
    """A message would wait for ever for its turn, or the bot would read a message to an agent."""
    conversation = conversation_in(status)
    conversation.end_turn(None)
    conversation.receive("m2", "还在吗", None, after(minutes=1))
    assert (conversation.due_at is not None) is (status is not Status.ASSIGNED)


# --- buttons ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "choice", "text"),
    [
        (True, "solved", "解决了"),
        (True, "unsolved", "没有解决"),
        (True, CHOICE_HUMAN, "转人工"),
        (False, CHOICE_HUMAN, "转人工"),
        (True, "topic:fees", "!unknown_choice"),
        (False, "solved", "!choice_expired"),
    ],
)
def test_the_table_of_buttons(offered: bool, choice: str, text: str) -> None:
    """A press would be logged without its label, or an old or invented button would still work."""
    conversation = conversation_in(Status.WITH_BOT)
    if offered:
        conversation.speak([Message("这样解决了吗？", OFFERED)], START)
    if text.startswith("!"):
        with pytest.raises((BadInput, Conflict)) as refused:
            conversation.receive("m2", "", choice, after(minutes=1))
        assert refused.value.code == text[1:]
    else:
        event = conversation.receive("m2", "", choice, after(minutes=1))
        assert (event.data["text"], event.data["choice"]) == (text, choice)


def test_buttons_end_with_the_next_message() -> None:
    """A button of an older question would answer a newer one."""
    conversation = conversation_in(Status.WITH_BOT)
    conversation.speak([Message("这样解决了吗？", OFFERED)], START)
    conversation.receive("m2", "还有一个问题", None, after(minutes=1))
    with pytest.raises(Conflict) as refused:
        conversation.receive("m3", "", "solved", after(minutes=2))
    assert refused.value.code == "choice_expired"


def test_the_button_for_a_person_speaks_the_customers_language() -> None:
    """An English customer would see a Chinese text as their own message."""
    assert new_conversation("en").receive("m1", "", CHOICE_HUMAN, START).data["text"] == "Talk to a person"


# --- priority --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now_is", PRIORITY_RANK)
@pytest.mark.parametrize("asked_for", PRIORITY_RANK)
def test_priority_only_rises(now_is: str, asked_for: str) -> None:
    """A harmless remark would lower an emergency's priority, or a serious remark would not raise it."""
    conversation = conversation_in(Status.QUEUED, "dispute", now_is)
    rises = PRIORITY_RANK[asked_for] < PRIORITY_RANK[now_is]
    assert conversation.request_handoff("security", asked_for, after(minutes=1)) is rises
    assert conversation.priority == (asked_for if rises else now_is)
    assert conversation.reason == ("security" if rises else "dispute")
    assert conversation.queued_at == START


def test_an_agents_conversation_is_not_handed_over_again() -> None:
    """A customer who already has a person would be put back into the queue."""
    conversation = conversation_in(Status.ASSIGNED)
    assert not conversation.request_handoff("security", "urgent", after(minutes=1))
    assert conversation.status is Status.ASSIGNED


# --- times and queue positions ---------------------------------------------------------------------------------------


def test_the_first_response_clock_starts_with_the_handoff() -> None:
    """First response time would count the bot's messages, or an agent's second message (I8)."""
    conversation = new_conversation()
    conversation.receive("m1", "转人工", None, START)
    conversation.speak([Message("好的")], after(minutes=1))
    conversation.request_handoff("user_request", "normal", after(minutes=5))
    assert (conversation.queued_at, conversation.first_response_at) == (after(minutes=5), None)
    conversation.assign(*LIN, after(minutes=7))
    conversation.write(*LIN, "您好", "a1", after(minutes=8))
    conversation.write(*LIN, "在吗", "a2", after(minutes=9))
    assert conversation.first_response_at == after(minutes=8)


def test_a_transferred_conversation_keeps_its_place() -> None:
    """A transferred customer would start again at the end of the queue."""
    conversation = conversation_in(Status.ASSIGNED)
    conversation.requeue(after(minutes=30), SYSTEM, None, None, "agent_gone")
    assert (conversation.queued_at, conversation.agent, conversation.agent_name) == (START, None, None)


def test_a_returned_conversation_is_not_mute() -> None:
    """The bot would stay silent after a person has returned the conversation."""
    conversation = conversation_in(Status.ASSIGNED)
    conversation.return_to_bot(after(minutes=1), SYSTEM, None)
    assert (conversation.status, conversation.reason, conversation.agent) == (Status.WITH_BOT, None, None)
    conversation.receive("m2", "手续费多少", None, after(minutes=2))
    assert conversation.due_at == after(minutes=2)


# --- a new episode ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["security", "dispute", "user_request", "unresolved", "large_transaction"])
@pytest.mark.parametrize("resolution", ["idle", "agent", "solved"])
def test_who_has_a_reopened_conversation(reason: str, resolution: str) -> None:
    """A security case closed as idle would go to the bot, or a settled case would always be queued again."""
    conversation = conversation_in(Status.ASSIGNED, reason, "high")
    conversation.resolve(resolution, after(hours=24), SYSTEM)
    conversation.rating = 5
    conversation.receive("m2", "又来了", None, after(hours=25))
    is_open = reason in LASTING_REASONS and resolution == "idle"
    assert conversation.status is (Status.QUEUED if is_open else Status.WITH_BOT)
    assert (conversation.reason, conversation.priority) == ((reason, "high") if is_open else (None, None))
    assert conversation.queued_at == (after(hours=25) if is_open else None)
    assert (conversation.episode, conversation.rating, conversation.agent) == (2, None, None)


def test_asking_for_a_person_opens_a_closed_conversation() -> None:
    """The button would do nothing, or queue the conversation without recording a new episode."""
    conversation = conversation_in(Status.RESOLVED)
    conversation.new_events.clear()
    assert conversation.request_handoff("user_request", "normal", after(hours=1))
    assert [event.type for event in conversation.new_events] == [EventType.REOPENED, EventType.HANDOFF_REQUESTED]
    assert (conversation.status, conversation.episode, conversation.queued_at) == (Status.QUEUED, 2, after(hours=1))


def test_the_last_rating_counts() -> None:
    """A customer who changes their mind could not change the first rating."""
    conversation = conversation_in(Status.RESOLVED)
    conversation.rate(1, "等太久", after(minutes=1))
    event = conversation.rate(4, None, after(minutes=2))
    assert conversation.rating == 4
    assert event.data == {"score": 4}


# --- invariants ------------------------------------------------------------------------------------------------------

ANYTHING: dict[str, Callable[[Conversation], Any]] = {
    **MOVE,
    "a security case": lambda c: c.request_handoff("security", "urgent", after(minutes=1)),
    "the bot speaks": lambda c: c.speak([Message("答案", OFFERED)], after(minutes=1)),
    "a turn begins": lambda c: c.begin_turn(c.last_seq, c.last_seq, after(minutes=2), 7),
    "a turn ends": lambda c: c.end_turn(None),
    "a button": lambda c: c.receive(f"b{c.last_seq}", "", "solved", after(minutes=1)),
    "a note": lambda c: c.add_note("小周", "注意", after(minutes=1)),
    "it falls idle": lambda c: c.resolve("idle", after(minutes=1), SYSTEM),
}


@given(st.lists(st.sampled_from(sorted(ANYTHING)), max_size=30))
def test_invariants_survive_any_sequence_of_moves(moves: list[str]) -> None:
    """Some sequence of moves would leave two owners, a gap in the log, or a bot that writes out of turn (I1, I2, I3)."""
    conversation = new_conversation()
    for move in moves:
        owner, priority = conversation.status, conversation.priority
        seen = len(conversation.new_events)
        try:
            ANYTHING[move](conversation)
        except DeskError:
            assert len(conversation.new_events) == seen
        added = conversation.new_events[seen:]
        if any(event.by.kind == "bot" and event.type is EventType.MESSAGE for event in added):
            assert owner is Status.WITH_BOT
        if owner is Status.QUEUED and conversation.status is Status.QUEUED:
            assert PRIORITY_RANK[conversation.priority or "normal"] <= PRIORITY_RANK[priority or "normal"]
        if conversation.status is Status.ASSIGNED:
            assert conversation.agent is not None
        if conversation.status in (Status.WITH_BOT, Status.QUEUED):
            assert conversation.agent is None
        assert (conversation.queued_at is not None) or conversation.status is not Status.QUEUED
    assert [event.seq for event in conversation.new_events] == list(range(1, conversation.last_seq + 1))
