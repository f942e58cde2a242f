"""What an action is about: the customer's transfers under way, the payees to whom they sent money, their cards."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from content.first_aid import TARGETS
from contract.wallet import Card, Transaction
from handoff.cases.first_aid.wallet_port import OrderingWallet

#: Things that one question lets the customer choose from.
_MOST = 3


@dataclass(frozen=True)
class Target:
    """One thing that an action can be about. `kind`: transaction, payee or card; the other fields are for its name.

    `at`: local time; `amount` as it is written, with its currency.
    """

    id: str
    kind: str
    name: str = ""
    at: str = ""
    amount: str = ""
    last4: str = ""


async def find_targets(wallet: OrderingWallet, subject: str, action: str, now: dt.datetime, zone: str) -> tuple[Target, ...]:
    """What the action can be about, the most likely one first. Raises WalletError."""
    if TARGETS[action] == "card":
        return cards_in_use((await wallet.account(subject)).cards)
    transactions = await wallet.transactions(subject)
    if TARGETS[action] == "payee":
        return payees(transactions)
    return transfers_under_way(transactions, now, zone)


def transfers_under_way(transactions: Iterable[Transaction], now: dt.datetime, zone: str) -> tuple[Target, ...]:
    """The customer's own transfers that have not arrived, the newest first."""
    found = (each for each in transactions if each.direction == "out" and each.kind == "transfer" and each.is_under_way)
    newest = sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]
    return tuple(
        Target(each.id, "transaction", shown_name(each), local_time(each.at, now, zone), money(each.amount, each.currency))
        for each in newest
    )


def payees(transactions: Iterable[Transaction]) -> tuple[Target, ...]:
    """To whom the customer sent money lately, the last one first."""
    found: dict[str, Target] = {}
    for each in sorted(transactions, key=lambda each: each.at, reverse=True):
        if each.direction == "out" and each.payee_id is not None:
            found.setdefault(each.payee_id, Target(each.payee_id, "payee", shown_name(each)))
    return tuple(found.values())[:_MOST]


def cards_in_use(cards: Iterable[Card]) -> tuple[Target, ...]:
    """The cards that can pay."""
    return tuple(Target(card.id, "card", card.bank, last4=card.last4) for card in cards if card.state == "active")[:_MOST]


def shown_name(transaction: Transaction) -> str:
    """The other side's name as it may be shown: of a person the first character only."""
    name = transaction.counterparty.strip()
    return f"{name[:1]}*" if transaction.counterparty_kind == "person" and "*" not in name else name


def money(amount: Decimal, currency: str) -> str:
    """An amount as customers read it.

    >>> money(Decimal("1234.5"), "CNY"), money(Decimal("7"), "USD")
    ('¥1,234.50', 'USD 7.00')
    """
    return f"¥{amount:,.2f}" if currency == "CNY" else f"{currency} {amount:,.2f}"


def local_time(at: dt.datetime, now: dt.datetime, zone: str) -> str:
    """A time of the customer's day; with the date, if it is not today's."""
    here = zoneinfo.ZoneInfo(zone)
    local = at.astimezone(here)
    return local.strftime("%H:%M" if local.date() == now.astimezone(here).date() else "%m-%d %H:%M")
