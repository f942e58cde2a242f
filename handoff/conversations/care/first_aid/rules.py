"""The commands of first aid and their rules: one order for one matter, one question, one decision about a proposal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.wallet import FIRST_AID_ACTIONS, Why
from handoff.conversations.care.first_aid.orders import (
    MOST_ORDERS,
    FirstAidAsked,
    FirstAidDecided,
    FirstAidOffered,
    FirstAidProposed,
    FirstAidRequested,
    FirstAidResult,
    FirstAidWanted,
    Order,
    OrderState,
    opposite,
)
from handoff.conversations.care.steps import CareRule
from handoff.conversations.events.envelope import CUSTOMER, SYSTEM, Participant
from handoff.runtime.errors import Conflict

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing


@dataclass(frozen=True)
class OfferFirstAid:
    """The customer is told what they can do. The caller tells it; nothing changes if it was told in this episode."""

    actions: tuple[str, ...]
    as_instructions: bool = False


@dataclass(frozen=True)
class WantFirstAid:
    """The customer pressed an action whose question needs a look at the wallet. A question that is owed is owed once."""

    action: str


@dataclass(frozen=True)
class AskFirstAid:
    """The question about the action that the customer wanted, or that it is not possible. The caller tells it."""

    action: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestFirstAid:
    """Order the wallet to act. An order that stands already is not made again (`FirstAid.standing`).

    `login`, `reason`: of an agent. `approved_by`: the login of the second person.
    """

    action: str
    key: str
    wallet_key: str
    subject: str
    repeat: dt.timedelta
    target: str | None = None
    is_named: bool = False
    by: Participant = CUSTOMER
    login: str | None = None
    reason: str | None = None
    approved_by: str | None = None


@dataclass(frozen=True)
class RecordFirstAid:
    """What is known of an order now. `decided_at` None: the wallet gave no answer, which is no news after an earlier answer."""

    key: str
    state: OrderState
    why: Why | None = None
    decided_at: dt.datetime | None = None


@dataclass(frozen=True)
class ProposeFirstAid:
    """An agent asks for an action that needs a second person. The same proposal is not made twice."""

    action: str
    key: str
    login: str
    name: str
    reason: str
    until: dt.datetime
    target: str | None = None


@dataclass(frozen=True)
class DecideFirstAid:
    """A second person agrees to a proposal (which then becomes an order), or somebody rejects it."""

    key: str
    is_approved: bool
    login: str
    name: str
    wallet_key: str
    subject: str
    repeat: dt.timedelta


FirstAidCommand = (
    OfferFirstAid | WantFirstAid | AskFirstAid | RequestFirstAid | RecordFirstAid | ProposeFirstAid | DecideFirstAid
)


def _offer(writing: Writing, command: OfferFirstAid) -> None:
    known = writing.state.care.first_aid
    if known.offered_in == writing.state.episode and set(command.actions) <= set(known.offered):
        return
    writing.add(FirstAidOffered(actions=command.actions, as_instructions=command.as_instructions), SYSTEM)


def _want(writing: Writing, command: WantFirstAid) -> None:
    if command.action not in writing.state.care.first_aid.wanted:
        writing.add(FirstAidWanted(action=command.action), CUSTOMER)


def _ask(writing: Writing, command: AskFirstAid) -> None:
    writing.add(FirstAidAsked(action=command.action, targets=command.targets), SYSTEM)


def _request(writing: Writing, command: RequestFirstAid) -> None:
    known = writing.state.care.first_aid
    earlier = known.order(command.key)
    if earlier is not None:
        if earlier.action != command.action or (command.is_named and earlier.target != command.target):
            raise Conflict(
                "key_reused",
                "这个 key 已用于另一项操作，请换一个。",
                "This key belongs to another action; use another one.",
            )
        return
    if known.standing(command.action, command.target if command.is_named else None, writing.now, command.repeat):
        return
    if len(known.orders) >= MOST_ORDERS:
        zh, en = "这个会话里的操作太多了，请联系人工客服。", "Too many actions in this conversation; please ask a person."
        raise Conflict("too_many_actions", zh, en)
    _check_opposite(writing, command.action, command.target)
    body = FirstAidRequested(
        action=command.action,
        key=command.key,
        wallet_key=command.wallet_key,
        subject=command.subject,
        target=command.target,
        is_named=command.is_named,
        login=command.login,
        reason=command.reason,
        approved_by=command.approved_by,
    )
    writing.add(body, command.by, f"first_aid:{command.key}")


def _check_opposite(writing: Writing, action: str, target: str | None) -> None:
    """A reversal waits until it is known what it reverses. An action never waits: stopping the money comes first."""
    other = opposite(action)
    if other is None or is_action(action):
        return
    if any(order.action == other and order.is_open and order.is_about(target) for order in writing.state.care.first_aid.orders):
        raise Conflict(
            "first_aid_open",
            "这项操作的结果还没有确定，确定后才能撤销。",
            "The result of the action is still open; it can be undone when it is known.",
        )


def is_action(action: str) -> bool:
    """Whether it protects the customer; otherwise it is the reversal of one that does."""
    return action in FIRST_AID_ACTIONS


def _record(writing: Writing, command: RecordFirstAid) -> None:
    order = writing.state.care.first_aid.order(command.key)
    if order is None or not order.is_open or not _is_news(order, command):
        return
    body = FirstAidResult(
        action=order.action,
        key=order.key,
        state=command.state,
        why=command.why,
        target=order.target,
        decided_at=command.decided_at,
    )
    writing.add(body, SYSTEM)


def _is_news(order: Order, command: RecordFirstAid) -> bool:
    if command.decided_at is None and command.state is OrderState.UNKNOWN:
        return order.state is OrderState.REQUESTED
    return (command.state, command.why) != (order.state, order.why)


def _propose(writing: Writing, command: ProposeFirstAid) -> None:
    known = writing.state.care.first_aid
    for proposal in known.proposals:
        if proposal.key == command.key and proposal.action != command.action:
            raise Conflict(
                "key_reused", "这个 key 已用于另一项操作，请换一个。", "This key belongs to another action; use another one."
            )
        if proposal.key == command.key:
            return
        if (proposal.action, proposal.target) == (command.action, command.target) and writing.now < proposal.until:
            return
    _check_opposite(writing, command.action, command.target)
    body = FirstAidProposed(
        key=command.key,
        action=command.action,
        login=command.login,
        name=command.name,
        reason=command.reason,
        until=command.until,
        target=command.target,
    )
    writing.add(body, Participant("agent", command.name), f"first_aid_proposed:{command.key}")


def _decide(writing: Writing, command: DecideFirstAid) -> None:
    proposal = writing.state.care.first_aid.proposal(command.key)
    if proposal is None or (command.is_approved and writing.now >= proposal.until):
        zh, en = "这条申请已经处理过或已过期。", "This proposal is decided already, or too old."
        raise Conflict("proposal_is_over", zh, en)
    if command.is_approved and proposal.login == command.login:
        raise Conflict("same_person", "需要另一位同事同意。", "A colleague has to agree, not the person who proposed it.")
    by = Participant("agent", command.name)
    decided = FirstAidDecided(key=command.key, action=proposal.action, is_approved=command.is_approved, login=command.login)
    writing.add(decided, by)
    if command.is_approved:
        order = RequestFirstAid(
            proposal.action,
            proposal.key,
            command.wallet_key,
            command.subject,
            command.repeat,
            proposal.target,
            is_named=proposal.target is not None,
            by=by,
            login=proposal.login,
            reason=proposal.reason,
            approved_by=command.login,
        )
        _request(writing, order)


RULES: dict[type, CareRule] = {
    OfferFirstAid: _offer,
    WantFirstAid: _want,
    AskFirstAid: _ask,
    RequestFirstAid: _request,
    RecordFirstAid: _record,
    ProposeFirstAid: _propose,
    DecideFirstAid: _decide,
}
