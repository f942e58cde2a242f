"""Looks up the customer's own facts for a decision, in the wallet's own systems.

Only the desk says who the customer is (`Context.customer`), and it says so only of a signed statement. Nothing that a customer
writes, and no button, changes whom a look-up is about.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional, Tuple
from zoneinfo import ZoneInfo

from actions.customer_facts import refund_facts, transaction_facts
from actions.decision import Message
from actions.ordinals import number_chosen
from actions.short_reply import short_replies_of
from actions.wallet import WHOLE_SECONDS, WalletClient, WalletError
from actions.which_transaction import MOST_OFFERED, choose
from content.bundle import Content
from contract.decision import Decision, Step
from contract.locales import SIMPLIFIED
from contract.lookup import (
    ASKS_TRANSACTION,
    AWAY,
    CHOICE_TRANSACTION,
    FOUND,
    NONE,
    REFUSED,
    SEVERAL,
    Lookup,
)
from contract.routes import ANSWER, ESCALATE
from contract.turn import Context, SignedIn
from contract.wallet import Transaction, as_text

#: Seconds for the facts of a handoff: a person must not come later because the wallet is slow.
HANDOFF_SECONDS = 0.8
_MOST_LISTED = 5
#: Rules whose answer repeats an article, or a step of it.
_AGAIN = frozenset({"context.article"})

_Found = Tuple[str, Dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """What a decision needs to know of the customer. `needs`: the assurance; `kinds`: of transactions, by the intent."""

    name: str
    needs: int
    customer: SignedIn
    message: Message
    context: Context
    kinds: Tuple[str, ...]
    zone: ZoneInfo
    #: The number of the offered transaction that the customer named, from 1.
    number: Optional[int]
    seconds: float


def lookup_name(decision: Decision, content: Content, day: dt.date) -> Optional[str]:
    """The look-up that belongs to a decision: its article's, or that of its intent's handoff; None without one."""
    if decision.route == ESCALATE:
        name = content.lookups.handoffs.get(decision.intent or "")
    elif decision.route == ANSWER and decision.rule not in _AGAIN:
        intent = content.policy.intents.get(decision.intent or "")
        article = content.articles.find(intent.article, SIMPLIFIED, day) if intent and intent.article else None
        name = article.header.lookup if article else None
    else:
        name = None
    return name if name in content.lookups.lookups else None


def question_for(decision: Decision, message: Message, context: Context, content: Content, day: dt.date) -> Optional[Question]:
    """What must be looked up for a decision; None if nothing is, or nobody signed in."""
    name = lookup_name(decision, content, day)
    if name is None or context.customer is None or context.status != "with_bot":
        return None
    texts = content.lookups.lookups[name]
    offered, number = context.transactions, None
    if context.asked == ASKS_TRANSACTION and message.choice is None:
        number = number_chosen(short_replies_of(content.policy).spelled(message.text), len(offered))
    return Question(
        name=name,
        needs=texts.assurance,
        customer=context.customer,
        message=message,
        context=context,
        kinds=texts.kinds.get(decision.intent or "", ()),
        zone=ZoneInfo(content.lookups.zone),
        number=number,
        seconds=HANDOFF_SECONDS if decision.route == ESCALATE else WHOLE_SECONDS,
    )


def with_lookup(decision: Decision, lookup: Optional[Lookup], content: Content, day: dt.date) -> Decision:
    """The decision with what was looked up for it. A look-up that the decision does not ask for is left out."""
    if lookup is None or lookup.name != lookup_name(decision, content, day):
        return decision
    sign = "≥" if lookup.assurance >= lookup.needs else "<"
    detail = f"{lookup.name}: {lookup.why or lookup.state}, {lookup.assurance} {sign} {lookup.needs}"
    step = Step("lookup", lookup.state in (FOUND, SEVERAL), detail)
    decision = replace(decision, lookup=lookup, trace=(*decision.trace, step))
    if lookup.state == SEVERAL:
        # The question which transaction it is comes before the alternatives of a guess.
        return replace(decision, asks=ASKS_TRANSACTION, tentative=False, topics=())
    return decision


async def look_up(wallet: WalletClient, question: Question, now: dt.datetime) -> Lookup:
    """Ask the wallet. Never raises for what the wallet does: the state tells it."""
    customer, why = question.customer, None
    facts: Dict[str, Any] = {}
    if customer.assurance < question.needs:
        state = REFUSED
    else:
        try:
            state, facts = await _ASK[question.name](wallet, question, now)
        except WalletError as error:
            state, why = AWAY, error.code
    return Lookup(question.name, state, customer.subject, customer.assurance, question.needs, as_text(now), facts, why)


async def _transaction_status(wallet: WalletClient, question: Question, now: dt.datetime) -> _Found:
    found = await wallet.transactions(question.customer.subject, question.seconds)
    chosen = _chosen(question)
    if chosen is not None:
        # One of this customer's own, or nothing: an id from elsewhere finds nothing here.
        own = next((each for each in found if each.id == chosen), None)
        return (FOUND, {"transaction": transaction_facts(own)}) if own else (NONE, {})
    offered = question.context.transactions if question.context.asked == ASKS_TRANSACTION else ()
    among = [each for each in found if each.id in offered] or found
    message = question.message
    choice = choose(among, message.text, message.entities, now.astimezone(question.zone), question.kinds)
    if len(choice.fitting) == 1 and choice.is_exact:
        return FOUND, {"transaction": transaction_facts(choice.fitting[0])}
    if not choice.fitting:
        return NONE, {}
    shown: List[Transaction] = list(choice.fitting[:MOST_OFFERED])
    return SEVERAL, {"transactions": [transaction_facts(each) for each in shown], "is_exact": choice.is_exact}


def _chosen(question: Question) -> Optional[str]:
    choice = question.message.choice
    if choice is not None and choice.startswith(CHOICE_TRANSACTION):
        return choice[len(CHOICE_TRANSACTION) :]
    return question.context.transactions[question.number - 1] if question.number is not None else None


async def _refund_status(wallet: WalletClient, question: Question, now: dt.datetime) -> _Found:
    refunds = await wallet.refunds(question.customer.subject, question.seconds)
    open_ones = [each for each in refunds if each.status not in ("succeeded", "rejected")]
    shown = (open_ones or refunds)[:_MOST_LISTED]
    return (FOUND, {"refunds": [refund_facts(each) for each in shown]}) if shown else (NONE, {})


async def _coupon_status(wallet: WalletClient, question: Question, now: dt.datetime) -> _Found:
    benefits = await wallet.benefits(question.customer.subject, question.seconds)
    usable = [each for each in benefits.coupons if each.state == "usable" and each.expires_at > now]
    listed = sorted(usable, key=lambda each: each.expires_at)[:_MOST_LISTED]
    coupons = [{"title": each.title, "expires_at": as_text(each.expires_at)} for each in listed]
    return (FOUND, {"count": len(usable), "coupons": coupons}) if usable else (NONE, {})


async def _points(wallet: WalletClient, question: Question, now: dt.datetime) -> _Found:
    points = (await wallet.benefits(question.customer.subject, question.seconds)).points
    return (FOUND, points.as_json()) if points.balance else (NONE, {})


async def _limits(wallet: WalletClient, question: Question, now: dt.datetime) -> _Found:
    return FOUND, (await wallet.limits(question.customer.subject, question.seconds)).as_json()


async def _account_standing(wallet: WalletClient, question: Question, now: dt.datetime) -> _Found:
    account = await wallet.account(question.customer.subject, question.seconds)
    return FOUND, {"standing": account.standing, "since": as_text(account.since)}


_ASK: Mapping[str, Callable[[WalletClient, Question, dt.datetime], Awaitable[_Found]]] = {
    "transaction_status": _transaction_status,
    "refund_status": _refund_status,
    "coupon_status": _coupon_status,
    "points": _points,
    "limits": _limits,
    "account_standing": _account_standing,
}
