"""First aid: what the wallet was ordered to do for the customer in an emergency, and what became of each order.

The order stands in the log before the wallet is asked. Only the wallet's own word makes it done, pending or impossible.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from contract.wallet import REVERSALS, Why
from handoff.conversations.events.registry import Body, event, internal, public

if TYPE_CHECKING:
    from handoff.conversations.care.steps import CareStep
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation

#: Orders of one conversation. More are refused: a person goes on.
MOST_ORDERS = 100


class OrderState(StrEnum):
    """`requested`: the wallet has not answered. `unknown`: nobody can tell whether it acted. `undone`: people reversed it."""

    REQUESTED = "requested"
    DONE = "done"
    PENDING = "pending"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"
    UNDONE = "undone"


#: The wallet's last word is not spoken.
OPEN_STATES = frozenset({OrderState.REQUESTED, OrderState.PENDING, OrderState.UNKNOWN})


@dataclass(frozen=True)
class Order:
    """One order to the wallet.

    `key`: the requester's, so that a repeated request finds it. `wallet_key`: the wallet's, of this order alone. `subject`: the
    customer of the wallet. `target`: the transaction, payee or card; None for the whole account. `is_named`: the requester
    chose the target. `decided_at`: when the wallet decided, by its clock. `login`: the agent who asked; None: the customer.
    """

    key: str
    action: str
    wallet_key: str
    subject: str
    requested_at: dt.datetime
    changed_at: dt.datetime
    state: OrderState = OrderState.REQUESTED
    target: str | None = None
    is_named: bool = False
    why: Why | None = None
    decided_at: dt.datetime | None = None
    login: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the wallet's last word is not spoken."""
        return self.state in OPEN_STATES

    def is_about(self, target: str | None) -> bool:
        """Whether an action for a target concerns the same thing; None is all things of the customer."""
        return self.target is None or target is None or self.target == target


@dataclass(frozen=True)
class Proposal:
    """An agent asks for an action that needs a second person, who may agree before `until`."""

    key: str
    action: str
    login: str
    name: str
    reason: str
    at: dt.datetime
    until: dt.datetime
    target: str | None = None


@dataclass(frozen=True)
class FirstAid:
    """All that was offered, asked for and ordered. `offered`: the actions of the last offer, made in episode `offered_in`.

    `wanted`: the actions whose buttons the customer pressed; the questions about them are owed.
    """

    offered: tuple[str, ...] = ()
    offered_in: int = 0
    wanted: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    def order(self, key: str) -> Order | None:
        """The order of a request."""
        return next((order for order in self.orders if order.key == key), None)

    def proposal(self, key: str) -> Proposal | None:
        """A proposal that nobody decided yet."""
        return next((proposal for proposal in self.proposals if proposal.key == key), None)

    def latest(self, action: str) -> Order | None:
        """The last order of an action."""
        return next((order for order in reversed(self.orders) if order.action == action), None)

    def standing(self, action: str, target: str | None, now: dt.datetime, repeat: dt.timedelta) -> Order | None:
        """The order that another request for the action would only repeat.

        That is one whose result is open, or that was done within `repeat`. A request without a target of its own repeats the
        last order of the action whatever that was about: two presses on "recall" do not recall two transfers.
        """
        for order in reversed(self.orders):
            if order.action == action and (target is None or order.target is None or order.target == target):
                is_fresh = order.state is OrderState.DONE and now - order.changed_at <= repeat
                return order if order.is_open or is_fresh else None
        return None

    def answer_to(self, key: str, action: str, target: str | None, now: dt.datetime, repeat: dt.timedelta) -> Order | None:
        """The order that a request gets: its own, or the one that it repeats; None if it needs a new one."""
        return self.order(key) or self.standing(action, target, now, repeat)

    def is_superseded(self, order: Order) -> bool:
        """Whether a later order is the opposite of this one, so that this one may not be sent any more."""
        others = self.orders[self.orders.index(order) + 1 :]
        return any(opposite(order.action) == other.action and order.is_about(other.target) for other in others)


NO_FIRST_AID = FirstAid()
_ACTIONS_BY_REVERSAL = {reversal: action for action, reversal in REVERSALS.items()}


def opposite(action: str) -> str | None:
    """The reversal of an action, or the action of a reversal; None if there is none."""
    return REVERSALS.get(action) or _ACTIONS_BY_REVERSAL.get(action)


# --- events ----------------------------------------------------------------------------------------------------------


@event("first_aid_offered")
class FirstAidOffered(Body):
    """The customer was told what they can do at once; the message stands after it."""

    actions: tuple[str, ...]
    as_instructions: bool = internal("to a customer for whom the desk cannot act", default=False)


@event("first_aid_wanted")
class FirstAidWanted(Body):
    """The customer pressed an action whose question needs a look at the wallet."""

    action: str


@event("first_aid_asked")
class FirstAidAsked(Body):
    """The customer was asked to confirm what they wanted, or told that it is not possible; the message stands after it."""

    action: str
    targets: tuple[str, ...] = internal("the transactions, payees or cards to choose from", default=())


@event("first_aid_proposed")
class FirstAidProposed(Body):
    """An agent asks for an action that needs a second person."""

    key: str
    action: str
    login: str
    name: str
    reason: str
    until: dt.datetime
    target: str | None = None


@event("first_aid_decided")
class FirstAidDecided(Body):
    """A second person agreed to a proposal, or somebody rejected it."""

    key: str
    action: str
    is_approved: bool
    login: str


@event("first_aid_requested", is_public=True)
class FirstAidRequested(Body):
    """The wallet is ordered to act. It is asked after this stands in the log."""

    action: str = public()
    key: str = internal("the requester's")
    wallet_key: str = internal("the wallet's, of this order alone")
    subject: str = internal("the customer of the wallet")
    target: str | None = public("the transaction, payee or card", default=None)
    is_named: bool = internal("the requester chose the target", default=False)
    login: str | None = internal("the agent who asked", default=None)
    reason: str | None = internal("why the agent asked", default=None)
    approved_by: str | None = internal("the second person", default=None)


@event("first_aid_result", is_public=True)
class FirstAidResult(Body):
    """What is known of an order now: `done`, `pending`, `impossible` or `unknown`."""

    action: str = public()
    key: str = internal("the requester's")
    state: OrderState = public()
    why: Why | None = public(default=None)
    target: str | None = public(default=None)
    decided_at: dt.datetime | None = internal("by the wallet's clock; none: the wallet did not say it", default=None)


# --- the fold ----------------------------------------------------------------------------------------------------------


def _offered(state: Conversation, event: Event, body: FirstAidOffered) -> dict[str, Any]:
    return _with(state, offered=body.actions, offered_in=state.episode)


def _wanted(state: Conversation, event: Event, body: FirstAidWanted) -> dict[str, Any]:
    return _with(state, wanted=(*state.care.first_aid.wanted, body.action))


def _asked(state: Conversation, event: Event, body: FirstAidAsked) -> dict[str, Any]:
    return _with(state, wanted=tuple(action for action in state.care.first_aid.wanted if action != body.action))


def _proposed(state: Conversation, event: Event, body: FirstAidProposed) -> dict[str, Any]:
    proposal = Proposal(body.key, body.action, body.login, body.name, body.reason, event.at, body.until, body.target)
    return _with(state, proposals=(*state.care.first_aid.proposals, proposal))


def _decided(state: Conversation, event: Event, body: FirstAidDecided) -> dict[str, Any]:
    return _with(state, proposals=tuple(each for each in state.care.first_aid.proposals if each.key != body.key))


def _requested(state: Conversation, event: Event, body: FirstAidRequested) -> dict[str, Any]:
    order = Order(
        key=body.key,
        action=body.action,
        wallet_key=body.wallet_key,
        subject=body.subject,
        requested_at=event.at,
        changed_at=event.at,
        target=body.target,
        is_named=body.is_named,
        login=body.login,
    )
    return _with(state, orders=(*state.care.first_aid.orders, order))


def _result(state: Conversation, event: Event, body: FirstAidResult) -> dict[str, Any]:
    orders = [
        replace(order, state=body.state, why=body.why, decided_at=body.decided_at, changed_at=event.at)
        if order.key == body.key
        else order
        for order in state.care.first_aid.orders
    ]
    return _with(state, orders=_reversed(orders))


def _reversed(orders: list[Order]) -> tuple[Order, ...]:
    """What a later reversal undid is no longer done.

    Later by the wallet's clock. It may tell whole seconds only, so within one second the order of the requests decides.
    """
    done = [(number, order) for number, order in enumerate(orders) if order.state is OrderState.DONE]

    def is_undone(number: int, order: Order) -> bool:
        reversal = REVERSALS.get(order.action)
        return any(
            other.action == reversal and order.is_about(other.target) and (_when(other), later) > (_when(order), number)
            for later, other in done
        )

    return tuple(
        replace(order, state=OrderState.UNDONE) if order.state is OrderState.DONE and is_undone(number, order) else order
        for number, order in enumerate(orders)
    )


def _when(order: Order) -> dt.datetime:
    return order.decided_at or order.changed_at


def _with(state: Conversation, **changes: Any) -> dict[str, Any]:
    return {"first_aid": replace(state.care.first_aid, **changes)}


STEPS: dict[type, CareStep] = {
    FirstAidOffered: _offered,
    FirstAidWanted: _wanted,
    FirstAidAsked: _asked,
    FirstAidProposed: _proposed,
    FirstAidDecided: _decided,
    FirstAidRequested: _requested,
    FirstAidResult: _result,
}
