"""The conversation: every move that is allowed, every one that is refused, and what holds whatever happens."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.decision import Decision
from contract.priorities import PRIORITY_RANK
from contract.reply import Button
from contract.reply import Message as Words
from handoff.conversations.decide import (
    AddNote,
    Assign,
    Cancel,
    FailTurn,
    KeepWaiting,
    Rate,
    Receive,
    RecordFeedback,
    RecordTriage,
    RequestHandoff,
    Requeue,
    Resolve,
    ReturnToBot,
    Speak,
    Tell,
    UndoCancel,
    Write,
)
from handoff.conversations.draft import Draft, Lease
from handoff.conversations.events import SYSTEM, Event, HandoffRequested, Message, Participant, Reopened, Triage, Unknown
from handoff.conversations.events.registry import data_of, read_body
from handoff.conversations.evolve import evolve, fold
from handoff.conversations.state import CHOICE_HUMAN, MOVES, Conversation, born
from handoff.conversations.values import OWED_LIMIT, Birth, Status
from handoff.figures.story import StoryFold
from handoff.runtime.errors import BadInput, Conflict, DeskError

START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
LIN, ZHOU = ("agent", "小林"), ("agent2", "小周")
BUTTONS = (Button("solved", "解决了"), Button("unsolved", "没有解决"))
#: The reasons with `stays_open` in data/triage.yml.
LASTING_REASONS = frozenset({"security", "dispute"})
ASKS_SOLVED = Speak((Words("这样解决了吗？", BUTTONS),))


def after(**length: float) -> dt.datetime:
    """This much later than the start."""
    return START + dt.timedelta(**length)


BIRTH = Birth(id="c1", token_hash="x", locale="zh", channel="web", created_at=START)


def new_conversation(locale: str = "zh") -> Draft:
    """A conversation without messages."""
    return Draft(born(dataclasses.replace(BIRTH, locale=locale)))


def conversation_in(status: Status, reason: str = "user_request", priority: str = "normal") -> Draft:
    """A conversation that reached a state by the usual moves; Lin is the agent, if there is one."""
    draft = new_conversation()
    draft.do(Receive("m1", "你好"), START)
    if status is not Status.WITH_BOT:
        draft.do(RequestHandoff(reason, priority, lasting=LASTING_REASONS), START)
    if status in (Status.ASSIGNED, Status.RESOLVED):
        draft.do(Assign(*LIN), START)
    if status is Status.RESOLVED:
        draft.do(Resolve("agent", Participant("agent", LIN[1])), START)
    assert draft.state.status is status
    return draft


def triage(seq: int, decision: Decision) -> RecordTriage:
    """The decision of the turn for one message."""
    return RecordTriage(f"c1.{seq}", seq, seq, decision)


MOVE: dict[str, Callable[[Draft], Any]] = {
    "the customer writes": lambda c: c.do(Receive("m2", "还在吗"), after(minutes=1)),
    "the customer asks for a person": lambda c: c.do(RequestHandoff("user_request", "normal"), after(minutes=1)),
    "the customer cancels": lambda c: c.do(Cancel(), after(minutes=1)),
    "the customer rates": lambda c: c.do(Rate(5), after(minutes=1)),
    "Lin claims": lambda c: c.do(Assign(*LIN), after(minutes=1)),
    "Zhou claims": lambda c: c.do(Assign(*ZHOU), after(minutes=1)),
    "Lin writes": lambda c: c.do(Write(*LIN, "您好", "a1"), after(minutes=1)),
    "Zhou writes": lambda c: c.do(Write(*ZHOU, "您好", "a1"), after(minutes=1)),
    "it is transferred": lambda c: c.do(Requeue(SYSTEM, "agent"), after(minutes=1)),
    "it is returned": lambda c: c.do(ReturnToBot(SYSTEM), after(minutes=1)),
    "it is resolved": lambda c: c.do(Resolve("agent", SYSTEM), after(minutes=1)),
}

TABLE = [
    # move, and the state after it or the refusal: with the bot, queued, assigned to Lin, resolved
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
    draft = conversation_in(status)
    before, events = draft.state, len(draft.events)
    if outcome.startswith("!"):
        with pytest.raises(Conflict) as refused:
            MOVE[move](draft)
        assert refused.value.code == outcome[1:]
        assert (draft.state, len(draft.events)) == (before, events)
    else:
        MOVE[move](draft)
        assert draft.state.status == outcome
        assert draft.state.status is before.status or (before.status, draft.state.status) in MOVES


def test_the_moves_are_those_of_the_design() -> None:
    """The code would allow a move that the design does not know."""
    designed = "with_bot>queued queued>assigned queued>with_bot assigned>queued assigned>with_bot resolved>with_bot"
    designed += " resolved>queued resolved>assigned with_bot>resolved queued>resolved assigned>resolved"
    assert {f"{here}>{there}" for here, there in MOVES} == set(designed.split())


def test_the_loser_of_a_claim_learns_who_won() -> None:
    """The slower agent would see an error without learning who has the conversation."""
    draft = conversation_in(Status.ASSIGNED)
    with pytest.raises(Conflict) as refused:
        draft.do(Assign(*ZHOU), after(minutes=1))
    assert refused.value.details == {"agent": "小林"}
    assert "小林" in refused.value.message("zh")
    assert "小林" in refused.value.message("en")


def test_a_claim_again_by_the_same_agent_changes_nothing() -> None:
    """A double click on "claim" would greet the customer twice."""
    draft = conversation_in(Status.ASSIGNED)
    before = draft.state
    assert draft.do(Assign(*LIN), after(minutes=1)) == []
    assert draft.state == before


# --- the bot's words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "heard"), [(Status.WITH_BOT, 1), (Status.QUEUED, 0), (Status.ASSIGNED, 0), (Status.RESOLVED, 0)]
)
def test_the_bot_speaks_only_while_it_owns_the_conversation(status: Status, heard: int) -> None:
    """The bot would write into a conversation that a person has, or will have (I3)."""
    draft = conversation_in(status)
    assert len(draft.do(Speak((Words("答案", BUTTONS),)), after(minutes=1))) == heard
    assert draft.state.offered == (BUTTONS if heard else ())


def test_a_turn_that_is_tried_again_has_the_same_name() -> None:
    """A turn repeated after a crash would be logged and handed over a second time."""
    first = Lease.begin("c1", 1, 1, 7, after(seconds=5))
    again = Lease.begin("c1", 1, 1, 8, after(seconds=11), first)
    assert (again.turn_id, again.attempts) == (first.turn_id, 2)
    following = Lease.begin("c1", 2, 2, 7, after(seconds=12), again)
    assert following.turn_id != first.turn_id
    assert following.attempts == 1


def test_a_claim_ends_the_turn_that_runs() -> None:
    """The bot's late answer would still be accepted after an agent took over."""
    draft = conversation_in(Status.QUEUED)
    draft.begin_turn(Lease("c1.1", 1, 1, 7, after(seconds=5)))
    draft.do(Assign(*LIN), after(seconds=1))
    assert (draft.lease, draft.ends_turn) == (None, True)
    assert draft.state.due_at is None


def test_a_decision_is_logged_once() -> None:
    """The decision would be in the log twice: from the handoff request and from the turn."""
    draft = conversation_in(Status.WITH_BOT)
    for _ in range(2):
        draft.do(triage(1, Decision("answer", intent="fees")), START)
    assert [type(event.body) for event in draft.events].count(Triage) == 1
    assert draft.state.case.topic == "fees"


@pytest.mark.parametrize(("status", "silent"), [(Status.WITH_BOT, False), (Status.QUEUED, True)])
def test_a_decision_while_someone_waits_is_silent(status: Status, silent: bool) -> None:
    """A remark in the queue would overwrite the subject of the case, or count as an answer."""
    draft = conversation_in(status)
    (event,) = draft.do(triage(1, Decision("answer", intent="fees", amount_cny=3.0)), START)
    assert isinstance(event.body, Triage)
    assert event.body.silent is silent
    case = draft.state.case
    assert (case.topic, case.amount_cny) == ((None, None) if silent else ("fees", 3.0))


@pytest.mark.parametrize("status", Status)
def test_a_message_makes_a_turn_due_only_where_the_bot_reads(status: Status) -> None:
    """A message would wait for ever for its turn, or the bot would read a message to an agent."""
    draft = conversation_in(status)
    draft.do(triage(1, Decision("chat")), START)
    assert draft.state.due_at is None
    draft.do(Receive("m2", "还在吗"), after(minutes=1))
    assert draft.state.due_at == (None if status is Status.ASSIGNED else after(minutes=1))


def test_messages_that_came_during_a_turn_wait_for_the_next() -> None:
    """The second of two messages would be taken for answered by the turn of the first (I6)."""
    draft = new_conversation()
    for n in range(1, 4):
        draft.do(Receive(f"m{n}", "转账没到"), after(seconds=n))
    draft.do(triage(2, Decision("chat")), after(seconds=9))
    assert (draft.state.due_at, draft.state.owed.reaches_beyond(2)) == (after(seconds=3), True)
    draft.do(triage(3, Decision("chat")), after(seconds=10))
    assert (draft.state.due_at, draft.state.owed.reaches_beyond(3)) == (None, False)


def test_the_state_does_not_grow_with_the_messages_that_wait() -> None:
    """Somebody who writes without a pause would make each later change of the conversation slower."""
    draft = new_conversation()
    for n in range(1, 101):
        draft.do(Receive(f"m{n}", "123"), after(seconds=n))
    assert len(draft.state.owed.messages) == OWED_LIMIT
    for through in (20, 40, 60, 80):
        draft.do(triage(through, Decision("chat")), after(minutes=through))
        assert draft.state.owed.reaches_beyond(through)
        first = draft.state.owed.first
        assert first is not None
        assert (first.seq, first.at) == (through + 1, after(minutes=through))
    draft.do(triage(100, Decision("chat")), after(minutes=100))
    assert draft.state.due_at is None


@pytest.mark.parametrize(("agent_answers", "is_due"), [(False, True), (True, False)])
def test_what_no_agent_answered_is_weighed_after_a_transfer(agent_answers: bool, is_due: bool) -> None:
    """A graver word to an agent who left would wait with the rest of the queue, or the agent's work would be done again."""
    draft = conversation_in(Status.ASSIGNED)
    draft.do(Receive("m2", "他们还在转我的钱"), after(minutes=1))
    if agent_answers:
        draft.do(Write(*LIN, "好的", "a1"), after(minutes=2))
    draft.do(Requeue(SYSTEM, "agent_gone"), after(minutes=3))
    assert (draft.state.due_at is not None) is is_due


@pytest.mark.parametrize(("is_handed_over", "is_due"), [(False, True), (True, False)])
def test_a_failed_turn_settles_its_messages(is_handed_over: bool, is_due: bool) -> None:
    """The bot would be asked again about what it could not answer, or what came later would be nobody's (I6)."""
    draft = new_conversation()
    draft.do(Receive("m1", "转账没到"), START)
    draft.do(Receive("m2", "还是没到"), after(seconds=1))
    draft.do(FailTurn("c1.1", "bot_unreachable", 1, is_handed_over), after(seconds=2))
    assert draft.state.due_at == (after(seconds=1) if is_due else None)


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
    draft = conversation_in(Status.WITH_BOT)
    if offered:
        draft.do(ASKS_SOLVED, START)
    press = Receive("m2", choice=choice)
    if text.startswith("!"):
        with pytest.raises((BadInput, Conflict)) as refused:
            draft.do(press, after(minutes=1))
        assert refused.value.code == text[1:]
    else:
        (event,) = draft.do(press, after(minutes=1))
        assert isinstance(event.body, Message)
        assert (event.body.text, event.body.choice) == (text, choice)


def test_buttons_end_with_the_next_message() -> None:
    """A button of an older question would answer a newer one."""
    draft = conversation_in(Status.WITH_BOT)
    draft.do(ASKS_SOLVED, START)
    draft.do(Receive("m2", "还有一个问题"), after(minutes=1))
    with pytest.raises(Conflict) as refused:
        draft.do(Receive("m3", choice="solved"), after(minutes=2))
    assert refused.value.code == "choice_expired"


def test_the_button_for_a_person_speaks_the_customers_language() -> None:
    """An English customer would see a Chinese text as their own message."""
    (event,) = new_conversation("en").do(Receive("m1", choice=CHOICE_HUMAN), START)
    assert isinstance(event.body, Message)
    assert event.body.text == "Talk to a person"


# --- priority --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now_is", PRIORITY_RANK)
@pytest.mark.parametrize("asked_for", PRIORITY_RANK)
def test_priority_only_rises(now_is: str, asked_for: str) -> None:
    """A harmless remark would lower an emergency's priority, or a serious remark would not raise it."""
    draft = conversation_in(Status.QUEUED, "dispute", now_is)
    rises = PRIORITY_RANK[asked_for] < PRIORITY_RANK[now_is]
    assert bool(draft.do(RequestHandoff("security", asked_for, lasting=LASTING_REASONS), after(minutes=1))) is rises
    case = draft.state.case
    assert case.priority == (asked_for if rises else now_is)
    assert case.reason == ("security" if rises else "dispute")
    assert case.queued_at == START


def test_an_agents_conversation_is_not_handed_over_again() -> None:
    """A customer who already has a person would be put back into the queue."""
    draft = conversation_in(Status.ASSIGNED)
    assert draft.do(RequestHandoff("security", "urgent", lasting=LASTING_REASONS), after(minutes=1)) == []
    assert draft.state.status is Status.ASSIGNED


# --- times and places ------------------------------------------------------------------------------------------------


def test_the_first_response_clock_starts_with_the_handoff() -> None:
    """First response time would count the bot's messages, or an agent's second message (I8)."""
    draft = new_conversation()
    draft.do(Receive("m1", "转人工"), START)
    draft.do(Speak((Words("好的"),)), after(minutes=1))
    draft.do(RequestHandoff("user_request", "normal"), after(minutes=5))
    assert (draft.state.case.queued_at, draft.state.case.first_response_at) == (after(minutes=5), None)
    draft.do(Assign(*LIN), after(minutes=7))
    draft.do(Write(*LIN, "您好", "a1"), after(minutes=8))
    draft.do(Write(*LIN, "在吗", "a2"), after(minutes=9))
    assert draft.state.case.first_response_at == after(minutes=8)


def test_a_cancelled_wait_comes_back_with_its_clock() -> None:
    """An agent would be late with a first answer that the customer has had, and the time they owed an answer would count."""
    draft = conversation_in(Status.ASSIGNED)
    draft.do(Write(*LIN, "请把订单号发给我", "a1"), after(minutes=1))
    draft.do(Receive("m2", "在这里"), after(minutes=30))
    draft.do(Requeue(SYSTEM, "agent", queue="disputes"), after(minutes=31))
    before = draft.state
    draft.do(Cancel(), after(minutes=32))
    draft.do(UndoCancel(), after(minutes=32, seconds=5))
    after_undo = draft.state
    assert (after_undo.handling.clock, after_undo.handling.queue) == (before.handling.clock, "disputes")
    assert after_undo.case == before.case


def test_a_cancelled_case_leaves_its_queue_to_no_other() -> None:
    """A theft would wait in the queue, and with the opening hours, to which an earlier case was transferred."""
    draft = conversation_in(Status.ASSIGNED)
    draft.do(Requeue(SYSTEM, "agent", queue="disputes", skill="disputes"), after(minutes=1))
    draft.do(Cancel(), after(minutes=2))
    draft.do(RequestHandoff("security", "urgent"), after(minutes=3))
    assert (draft.state.handling.queue, draft.state.handling.skill) == (None, None)
    fold_of_figures = StoryFold("c1")
    for event in draft.events:
        fold_of_figures.add(event)
    assert fold_of_figures.handoff is not None
    assert fold_of_figures.handoff.last_facts.queue is None


def test_a_transferred_conversation_keeps_its_place() -> None:
    """A transferred customer would start again at the end of the queue."""
    draft = conversation_in(Status.ASSIGNED)
    draft.do(Requeue(SYSTEM, "agent_gone"), after(minutes=30))
    assert (draft.state.case.queued_at, draft.state.agent, draft.state.agent_name) == (START, None, None)


def test_a_returned_conversation_is_not_mute() -> None:
    """The bot would stay silent after a person has returned the conversation."""
    draft = conversation_in(Status.ASSIGNED)
    draft.do(ReturnToBot(SYSTEM), after(minutes=1))
    assert (draft.state.status, draft.state.case.reason, draft.state.agent) == (Status.WITH_BOT, None, None)
    draft.do(Receive("m2", "手续费多少"), after(minutes=2))
    assert draft.state.due_at == after(minutes=2)


# --- a new episode ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["security", "dispute", "user_request", "unresolved", "large_transaction"])
@pytest.mark.parametrize("resolution", ["idle", "agent", "solved"])
def test_who_has_a_reopened_conversation(reason: str, resolution: str) -> None:
    """A security case closed as idle would go to the bot, or a settled case would always be queued again."""
    draft = conversation_in(Status.ASSIGNED, reason, "high")
    draft.do(Resolve(resolution, SYSTEM), after(hours=24))
    draft.do(Rate(5), after(hours=24))
    draft.do(Receive("m2", "又来了"), after(hours=25))
    state, case = draft.state, draft.state.case
    is_open = reason in LASTING_REASONS and resolution == "idle"
    assert state.status is (Status.QUEUED if is_open else Status.WITH_BOT)
    assert (case.reason, case.priority) == ((reason, "high") if is_open else (None, None))
    assert case.queued_at == (after(hours=25) if is_open else None)
    assert (state.episode, state.rating, state.agent) == (2, None, None)


def test_asking_for_a_person_opens_a_closed_conversation() -> None:
    """The button would do nothing, or queue the conversation without recording a new episode."""
    draft = conversation_in(Status.RESOLVED)
    made = draft.do(RequestHandoff("user_request", "normal"), after(hours=1))
    assert [type(event.body) for event in made] == [Reopened, HandoffRequested]
    state = draft.state
    assert (state.status, state.episode, state.case.queued_at) == (Status.QUEUED, 2, after(hours=1))


def test_the_last_rating_counts() -> None:
    """A customer who changes their mind could not change the first rating."""
    draft = conversation_in(Status.RESOLVED)
    draft.do(Rate(1, "等太久"), after(minutes=1))
    (event,) = draft.do(Rate(4), after(minutes=2))
    assert draft.state.rating == 4
    assert data_of(event.body) == {"score": 4}


# --- what holds whatever happens -------------------------------------------------------------------------------------

ANYTHING: dict[str, Callable[[Draft], Any]] = {
    **MOVE,
    "a security case": lambda c: c.do(RequestHandoff("security", "urgent", lasting=LASTING_REASONS), after(minutes=1)),
    "money is leaving": lambda c: c.do(
        RequestHandoff("security", "high", lane="money_moving", lasting=LASTING_REASONS), after(minutes=1)
    ),
    "the cancel is undone": lambda c: c.do(UndoCancel(), after(minutes=1)),
    "the customer cancels for certain": lambda c: c.do(Cancel(is_confirmed=True), after(minutes=1)),
    "the customer writes English": lambda c: c.do(Receive(f"e{c.state.last_seq}", "I lost my phone"), after(minutes=1)),
    "the bot speaks": lambda c: c.do(ASKS_SOLVED, after(minutes=1)),
    "a turn ends": lambda c: c.do(triage(c.state.last_seq, Decision("answer", intent="fees")), after(minutes=1)),
    "a turn for the first message ends": lambda c: c.do(triage(1, Decision("clarify", intent="x")), after(minutes=1)),
    "a turn fails": lambda c: c.do(FailTurn("c1.1", "turn_lost", c.state.last_seq, False), after(minutes=1)),
    "an opinion": lambda c: c.do(RecordFeedback(1), after(minutes=1)),
    "a button": lambda c: c.do(Receive(f"b{c.state.last_seq}", choice="solved"), after(minutes=1)),
    "the button for a person": lambda c: c.do(Receive(f"h{c.state.last_seq}", choice=CHOICE_HUMAN), after(minutes=1)),
    "the desk speaks": lambda c: c.do(Tell("您好", "handoff", BUTTONS), after(minutes=1)),
    "the customer waits on": lambda c: c.do(KeepWaiting("好的"), after(minutes=1)),
    "a note": lambda c: c.do(AddNote("agent2", "小周", "注意"), after(minutes=1)),
    "it falls idle": lambda c: c.do(Resolve("idle", SYSTEM), after(minutes=1)),
    "it is solved": lambda c: c.do(Resolve("closed", SYSTEM), after(minutes=1)),
}
MOVES_AT_RANDOM = st.lists(st.sampled_from(sorted(ANYTHING)), max_size=30)


def play(draft: Draft, moves: list[str]) -> Iterator[tuple[Conversation, list[Event]]]:
    """Make the moves; for each the state before it, and its events."""
    for move in moves:
        before, seen = draft.state, len(draft.events)
        try:
            ANYTHING[move](draft)
        except DeskError:
            assert (draft.state, len(draft.events)) == (before, seen), "a refusal left a trace"
        yield before, draft.events[seen:]


@settings(deadline=None)
@given(MOVES_AT_RANDOM)
def test_invariants_survive_any_sequence_of_moves(moves: list[str]) -> None:
    """Some sequence of moves would leave two owners, a gap in the log, or a bot that writes out of turn (I1, I2, I3)."""
    draft = new_conversation()
    for before, added in play(draft, moves):
        state = draft.state
        if any(event.by.kind == "bot" and isinstance(event.body, Message) for event in added):
            assert before.status is Status.WITH_BOT
        if before.status is Status.QUEUED and state.status is Status.QUEUED:
            assert PRIORITY_RANK[state.case.priority or "normal"] <= PRIORITY_RANK[before.case.priority or "normal"]
        if state.status is Status.ASSIGNED:
            assert state.agent is not None
        if state.status in (Status.WITH_BOT, Status.QUEUED):
            assert state.agent is None
        assert (state.case.queued_at is not None) or state.status is not Status.QUEUED
    assert [event.seq for event in draft.events] == list(range(1, draft.state.last_seq + 1))


@settings(deadline=None)
@given(MOVES_AT_RANDOM)
def test_every_change_of_state_is_a_move(moves: list[str]) -> None:
    """An event would carry a conversation where the table of moves does not lead."""
    draft = new_conversation()
    for _ in play(draft, moves):
        pass
    state = born(BIRTH)
    for event in draft.events:
        was, state = state, evolve(state, event)
        assert state.status is was.status or (was.status, state.status) in MOVES


@settings(deadline=None)
@given(MOVES_AT_RANDOM)
def test_the_log_alone_determines_the_state(moves: list[str]) -> None:
    """The row would hold what its log does not tell, so no row could be made anew."""
    draft = new_conversation()
    for _ in play(draft, moves):
        pass
    stored = [read_body(event.type, event.body.version, json.loads(json.dumps(data_of(event.body)))) for event in draft.events]
    assert stored == [event.body for event in draft.events]
    events = [dataclasses.replace(event, body=body) for event, body in zip(draft.events, stored, strict=True)]
    assert fold(BIRTH, events) == draft.state


@settings(deadline=None)
@given(MOVES_AT_RANDOM, st.integers(0, 30))
def test_an_unknown_event_changes_nothing(moves: list[str], place: int) -> None:
    """A newer desk's event would change what this desk believes, or stop it."""
    draft = new_conversation()
    states = [draft.state]
    for _ in play(draft, moves):
        states.append(draft.state)
    state = states[place % len(states)]
    unknown = Unknown(name="fund_frozen", data_version=3, data={"text": "x"})
    event = Event("c1", state.last_seq + 1, after(hours=1), SYSTEM, unknown)
    changed = evolve(state, event)
    assert changed == dataclasses.replace(state, last_seq=state.last_seq + 1, updated_at=after(hours=1))
