"""The rules of orders: what is one order, what a result may change, and what people reverse. Without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from contract.wallet import Why
from handoff.conversations.care.first_aid import (
    DecideFirstAid,
    FirstAid,
    FirstAidResult,
    OfferFirstAid,
    OrderState,
    ProposeFirstAid,
    RecordFirstAid,
    RequestFirstAid,
)
from handoff.conversations.decide import Command, decide
from handoff.conversations.evolve import evolve
from handoff.conversations.state import Conversation, born
from handoff.conversations.values import Birth
from handoff.runtime.errors import Conflict

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
REPEAT = dt.timedelta(minutes=10)
WHY = Why("already_arrived", "已到账。", "It has arrived.")


class Talk:
    """A conversation without a database, and its clock."""

    def __init__(self) -> None:
        self.state: Conversation = born(Birth("c1", "", "zh", "web", AT, None))
        self.now = AT

    @property
    def first_aid(self) -> FirstAid:
        """All orders so far."""
        return self.state.care.first_aid

    def do(self, command: Command) -> int:
        """The number of events that a command makes."""
        made = decide(self.state, command, self.now)
        for event in made:
            self.state = evolve(self.state, event)
        return len(made)

    def order(self, action: str = "freeze_payments", key: str = "k", target: str | None = None, **more: Any) -> int:
        """Order an action."""
        command = RequestFirstAid(action, key, f"w-{key}", "u-1", REPEAT, target, is_named=target is not None)
        return self.do(replace(command, **more))

    def result(self, key: str, state: OrderState, *, minutes: float | None = 0, why: Why | None = None) -> int:
        """A result that the wallet decided so many minutes after the beginning; None: it gave no answer."""
        decided = None if minutes is None else AT + dt.timedelta(minutes=minutes)
        return self.do(RecordFirstAid(key, state, why, decided))

    def state_of(self, key: str) -> OrderState | None:
        """The state of an order."""
        order = self.first_aid.order(key)
        return order.state if order else None


@pytest.mark.parametrize("state", [None, OrderState.UNKNOWN, OrderState.PENDING, OrderState.DONE])
def test_a_second_order_while_the_first_stands(state: OrderState | None) -> None:
    """Two tabs, or the customer and an agent at once, would make the wallet act twice."""
    talk = Talk()
    assert talk.order(key="a") == 1
    if state is not None:
        talk.result("a", state)
    assert talk.order(key="b") == 0
    assert talk.order(key="a") == 0
    assert len(talk.first_aid.orders) == 1


@pytest.mark.parametrize(("state", "minutes"), [(OrderState.IMPOSSIBLE, 0), (OrderState.DONE, 11)])
def test_a_second_order_after_the_first_is_over(state: OrderState, minutes: int) -> None:
    """A customer could never try again, or would read "done" of what was undone in the app an hour ago."""
    talk = Talk()
    talk.order(key="a")
    talk.result("a", state, why=WHY)
    talk.now += dt.timedelta(minutes=minutes)
    assert talk.order(key="b") == 1


def test_two_presses_on_recall_do_not_recall_two_transfers() -> None:
    """A customer with two transfers under way who taps twice would lose the right one, too."""
    talk = Talk()
    talk.order("recall_transfer", "a", "t1", is_named=False)
    talk.result("a", OrderState.DONE)
    assert talk.order("recall_transfer", "b", "t2", is_named=False) == 0
    assert talk.order("recall_transfer", "c", "t1") == 0
    assert talk.order("recall_transfer", "d", "t2") == 1  # the customer named the other one


def test_other_actions_do_not_wait_for_each_other() -> None:
    """A slow freeze would keep the customer from recalling the transfer."""
    talk = Talk()
    assert [talk.order(action, action) for action in ("freeze_payments", "sign_out_devices", "stop_password_free")] == [1] * 3


def test_a_key_of_another_action_is_refused() -> None:
    """A client's mistake would be answered with the result of something else."""
    talk = Talk()
    talk.order("freeze_payments", "k")
    with pytest.raises(Conflict, match="key_reused"):
        talk.order("sign_out_devices", "k")
    talk.order("recall_transfer", "r", "t1")
    with pytest.raises(Conflict, match="key_reused"):
        talk.order("recall_transfer", "r", "t2")


RESULTS = [
    # before, what comes (minutes None: the wallet gave no answer), what stands then
    (None, (OrderState.UNKNOWN, None), OrderState.UNKNOWN),
    (OrderState.UNKNOWN, (OrderState.DONE, 1), OrderState.DONE),
    (OrderState.PENDING, (OrderState.DONE, 1), OrderState.DONE),
    (OrderState.PENDING, (OrderState.IMPOSSIBLE, 1), OrderState.IMPOSSIBLE),
    (OrderState.PENDING, (OrderState.UNKNOWN, None), OrderState.PENDING),
    (OrderState.PENDING, (OrderState.UNKNOWN, 1), OrderState.UNKNOWN),
    (OrderState.DONE, (OrderState.UNKNOWN, None), OrderState.DONE),
    (OrderState.DONE, (OrderState.IMPOSSIBLE, 1), OrderState.DONE),
    (OrderState.IMPOSSIBLE, (OrderState.DONE, 1), OrderState.IMPOSSIBLE),
]


@pytest.mark.parametrize(("before", "comes", "then"), RESULTS)
def test_what_a_result_changes(before: OrderState | None, comes: tuple[OrderState, int | None], then: OrderState) -> None:
    """A slow answer of one desk would undo what another desk has learnt, or the customer would be told twice."""
    talk = Talk()
    talk.order(key="a")
    if before is not None:
        talk.result("a", before)
    made = talk.result("a", comes[0], minutes=comes[1])
    assert talk.state_of("a") is then
    assert made == int(before is not then)
    assert talk.result("a", comes[0], minutes=comes[1]) == 0


def test_a_result_of_an_order_that_nobody_made() -> None:
    """A damaged row would tell a customer of an action that was never ordered."""
    assert Talk().result("x", OrderState.DONE) == 0


def test_what_people_reversed_is_not_done_any_more() -> None:
    """The status would say "frozen" to a customer whose payments go through again."""
    talk = Talk()
    talk.order(key="a")
    talk.result("a", OrderState.DONE, minutes=1)
    talk.order("unfreeze_payments", "u")
    talk.result("u", OrderState.DONE, minutes=2)
    assert talk.state_of("a") is OrderState.UNDONE
    assert talk.order(key="b") == 1
    talk.result("b", OrderState.DONE, minutes=2)  # in the same second, by a clock that tells whole seconds
    assert talk.state_of("b") is OrderState.DONE


def test_a_reversal_that_the_wallet_did_first_undoes_nothing() -> None:
    """A freeze after an unfreeze would be shown as undone because its answer came first."""
    talk = Talk()
    talk.order("unfreeze_payments", "u")
    talk.order(key="a")
    talk.result("a", OrderState.DONE, minutes=3)
    talk.result("u", OrderState.DONE, minutes=2)
    assert talk.state_of("a") is OrderState.DONE


def test_a_reversal_of_another_payee_undoes_nothing() -> None:
    """Unblocking one payee would be shown as unblocking all."""
    talk = Talk()
    talk.order("block_payee", "a", "p1")
    talk.result("a", OrderState.DONE, minutes=1)
    talk.order("unblock_payee", "u", "p2")
    talk.result("u", OrderState.DONE, minutes=2)
    assert talk.state_of("a") is OrderState.DONE


def test_a_reversal_waits_until_it_is_known_what_it_reverses() -> None:
    """An unfreeze could overtake the freeze that it is about. The freeze itself never waits."""
    talk = Talk()
    talk.order(key="a")
    with pytest.raises(Conflict, match="first_aid_open"):
        talk.order("unfreeze_payments", "u")
    talk.result("a", OrderState.DONE, minutes=1)
    talk.order("unfreeze_payments", "u")
    talk.now += dt.timedelta(minutes=11)
    assert talk.order(key="b") == 1
    unfreeze = talk.first_aid.order("u")
    assert unfreeze is not None
    assert talk.first_aid.is_superseded(unfreeze)


def test_an_order_is_refused_after_very_many() -> None:
    """A script would grow the state of a conversation without end."""
    talk = Talk()
    for number in range(100):
        talk.order(key=f"k{number}")
        talk.result(f"k{number}", OrderState.IMPOSSIBLE, why=WHY)
    with pytest.raises(Conflict, match="too_many_actions"):
        talk.order(key="one more")


def test_an_offer_is_made_once_for_the_same_matter() -> None:
    """A customer would read the same list with each new message; a graver matter would bring nothing new."""
    talk = Talk()
    assert talk.do(OfferFirstAid(("freeze_payments", "sign_out_devices"))) == 1
    assert talk.do(OfferFirstAid(("sign_out_devices",))) == 0
    assert talk.do(OfferFirstAid(("freeze_payments", "recall_transfer"))) == 1


def propose(talk: Talk, key: str = "p", login: str = "lin", **more: Any) -> int:
    """An agent proposes to recall a transfer."""
    until = talk.now + dt.timedelta(hours=2)
    return talk.do(replace(ProposeFirstAid("recall_transfer", key, login, "小林", "客户电话里要求", until, "t1"), **more))


def decision(key: str = "p", login: str = "chen", *, is_approved: bool = True) -> DecideFirstAid:
    """A colleague's decision."""
    return DecideFirstAid(key, is_approved, login, "陈静", f"w-{key}", "u-1", REPEAT)


def test_a_proposal_needs_another_person() -> None:
    """One agent could do alone what takes two."""
    talk = Talk()
    assert propose(talk) == 1
    assert propose(talk, key="again") == 0  # the same wish
    assert talk.first_aid.orders == ()
    with pytest.raises(Conflict, match="same_person"):
        talk.do(decision(login="lin"))
    assert talk.do(decision()) == 2
    assert talk.state_of("p") is OrderState.REQUESTED
    with pytest.raises(Conflict, match="proposal_is_over"):
        talk.do(decision(login="wu"))


def test_an_old_proposal_can_only_be_rejected() -> None:
    """A consent given on Friday would move money on Monday."""
    talk = Talk()
    propose(talk)
    talk.now += dt.timedelta(hours=2)
    with pytest.raises(Conflict, match="proposal_is_over"):
        talk.do(decision())
    assert talk.do(decision(login="lin", is_approved=False)) == 1
    assert talk.first_aid.proposals == ()


def test_a_proposal_that_the_customer_was_faster_with_orders_nothing() -> None:
    """The transfer would be recalled once by the customer and once by two agents."""
    talk = Talk()
    propose(talk)
    talk.order("recall_transfer", "mine", "t1")
    assert talk.do(decision()) == 1
    assert [order.key for order in talk.first_aid.orders] == ["mine"]


def test_customers_see_the_result_and_not_the_agents_reason() -> None:
    """A customer would read what agents write for each other, or would not learn why it was not possible."""
    talk = Talk()
    talk.order("recall_transfer", "a", "t1", login="lin", reason="客户在哭")
    events = decide(talk.state, RecordFirstAid("a", OrderState.IMPOSSIBLE, WHY, AT), talk.now)
    assert isinstance(events[0].body, FirstAidResult)
    shown = events[0].as_json(for_customer=True)
    assert {name: shown[name] for name in ("action", "state", "why")} == {
        "action": "recall_transfer",
        "state": "impossible",
        "why": WHY.as_json(),
    }
    assert "key" not in shown
