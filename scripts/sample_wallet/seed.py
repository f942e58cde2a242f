"""The customers of the sample wallet: five with a story, and generated ones. The same start gives the same customers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from contract.wallet import Account, Benefits, Card, Coupon, Limits, Points, Refund, Transaction

#: The numbers of the generated customers: u-2000 to u-2199.
GENERATED = range(2000, 2200)
#: This customer's answers come slowly, and this one's never come: the sample answers 500.
SLOW_CUSTOMER, FAILING_CUSTOMER = "u-1004", "u-1005"

_NAMES = (
    "李雷 韩梅梅 王芳 张伟 刘洋 陈静 杨帆 赵敏 黄磊 周倩 吴昊 徐丽 孙鹏 马超 朱琳 胡军 郭晶 何平 林娜 罗勇 "
    "高翔 梁宇 宋佳 郑凯 谢婷 唐亮 许诺 邓超 冯雪 曹阳 欧阳明 上官云 Alice Brown Daniel Wong"
).split(" ")
#: Two words of one English name belong together.
PEOPLE = (*_NAMES[:-4], "Alice Brown", "Daniel Wong")
MERCHANTS = (
    "好邻居便利店", "城市地铁", "晨光文具", "蓝瓶咖啡", "东方影城", "绿叶生鲜", "快的出行", "云端视频会员", "优品百货",
)  # fmt: skip
BANKS = ("工商银行", "建设银行", "招商银行", "农业银行")
_AMOUNTS = (
    20, 35, 50, 66, 88, 100, 128, 150, 200, 230, 300, 399, 500, 520, 600, 720, 800, 999, 1000, 1280, 1500, 2000, 3000, 4500,
)  # fmt: skip
_CNY = "CNY"
_NO_BENEFITS = Benefits((), Points(0))
_USUAL_LIMITS = Limits(_CNY, Decimal(20_000), Decimal(50_000), Decimal(0), Decimal(200_000), Decimal(0))


@dataclass(frozen=True)
class Customer:
    """All that the sample wallet knows of one customer. Transactions and refunds: the newest first."""

    subject: str
    account: Account
    transactions: tuple[Transaction, ...]
    refunds: tuple[Refund, ...] = ()
    benefits: Benefits = _NO_BENEFITS
    limits: Limits = _USUAL_LIMITS


def customers(start: dt.datetime) -> Iterator[Customer]:
    """Every customer, as of the start of the sample wallet (aware)."""
    yield _transfers_under_way(start)
    yield _unauthorised_payment(start)
    yield _frozen(start)
    slow = _transfers_under_way(start)
    yield replace(slow, subject=SLOW_CUSTOMER, transactions=_of(SLOW_CUSTOMER, slow.transactions[:1]), refunds=())
    yield replace(slow, subject=FAILING_CUSTOMER, transactions=_of(FAILING_CUSTOMER, slow.transactions[:1]), refunds=())
    for number in GENERATED:
        yield generated_customer(number, start)


def generated_customer(number: int, start: dt.datetime) -> Customer:
    """The customer `u-NUMBER`: 4 to 9 transactions of the last 10 days, of which 1 to 3 are transfers under way."""
    chance = random.Random(number)  # noqa: S311 - the same customers at each start
    subject = f"u-{number}"
    amounts, people = chance.sample(_AMOUNTS, 9), chance.sample(PEOPLE, 9)
    under_way, rest = chance.randint(1, 3), chance.randint(3, 6)
    found = []
    for i in range(under_way):
        minutes = chance.randint(5, 26 * 60)
        at = start - dt.timedelta(minutes=minutes)
        status = chance.choice(("processing", "with_bank"))
        expected = start + dt.timedelta(hours=chance.randint(2, 30))
        found.append(_transfer(f"t{number}{i:02}", amounts[i], people[i], status, at, expected))
    for i in range(under_way, under_way + rest):
        at = start - dt.timedelta(hours=chance.randint(20, 240), minutes=chance.randint(0, 59))
        if chance.random() < 0.6:
            status = chance.choice(("succeeded", "succeeded", "succeeded", "returned", "failed"))
            found.append(_transfer(f"t{number}{i:02}", amounts[i], people[i], status, at, None))
        else:
            found.append(_payment(f"t{number}{i:02}", amounts[i], chance.choice(MERCHANTS), at, "face"))
    name = people[-1]
    account = Account("active", start - dt.timedelta(days=400), name, f"{number:04}", True, 1, (_card(number),))
    newest_first = tuple(sorted(found, key=lambda each: (each.at, each.id), reverse=True))
    points = Points(chance.randint(0, 5000), 0, None)
    used = sum((each.amount for each in found if each.at.date() == start.date()), Decimal(0))
    limits = Limits(_CNY, Decimal(20_000), Decimal(50_000), used, Decimal(200_000), used)
    return Customer(subject, account, newest_first, (), Benefits((), points), limits)


def _transfers_under_way(start: dt.datetime) -> Customer:
    minutes, hours, days = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
    transactions = (
        _transfer("t100101", 500, "李雷", "with_bank", start - 40 * minutes, start + 80 * minutes),
        _transfer("t100102", 1280, "韩梅梅", "processing", start - 3 * hours, start + 21 * hours, rail="next_day"),
        _payment("t100103", "89.90", "优品百货", start - 2 * days, "face"),
        _transfer("t100104", 200, "王芳", "succeeded", start - 3 * days, None),
        _payment("t100105", "23.50", "蓝瓶咖啡", start - 4 * days, "password_free"),
    )
    refund = Refund(
        "r100101", Decimal("89.90"), _CNY, "优品百货", "with_bank", start - 20 * hours, "t100103", start + 2 * days, "card"
    )
    coupons = (
        Coupon("c100101", "满100减10", Decimal(10), _CNY, "usable", start + 12 * days, Decimal(100)),
        Coupon("c100102", "地铁立减2元", Decimal(2), _CNY, "expired", start - 1 * days),
    )
    benefits = Benefits(coupons, Points(1860, 300, start + 30 * days))
    account = Account("active", start - 900 * days, "林晓", "4321", True, 2, (_card(1001), _card(1101)))
    limits = Limits(_CNY, Decimal(20_000), Decimal(50_000), Decimal(1780), Decimal(200_000), Decimal("2103.40"))
    return Customer("u-1001", account, transactions, (refund,), benefits, limits)


def _unauthorised_payment(start: dt.datetime) -> Customer:
    minutes, days = dt.timedelta(minutes=1), dt.timedelta(days=1)
    transactions = (
        _payment("t100201", 888, "云端视频会员", start - 1 * minutes, "password_free"),
        _payment("t100202", 12, "城市地铁", start - 1 * days, "password_free"),
        _transfer("t100203", 300, "陈静", "succeeded", start - 2 * days, None),
    )
    account = Account("active", start - 500 * days, "周明", "8765", True, 3, (_card(1002),))
    return Customer("u-1002", account, transactions)


def _frozen(start: dt.datetime) -> Customer:
    days = dt.timedelta(days=1)
    transactions = (_transfer("t100301", 2000, "赵敏", "failed", start - 1 * days, None),)
    account = Account("frozen", start - 1 * days, "高洁", "1357", False, 1, (_card(1003),))
    return Customer("u-1003", account, transactions)


def _of(subject: str, transactions: tuple[Transaction, ...]) -> tuple[Transaction, ...]:
    """The same transactions with ids of another customer."""
    return tuple(replace(each, id=f"t{subject[2:]}{i + 1:02}") for i, each in enumerate(transactions))


def _transfer(
    id_: str, amount: int, to: str, status: str, at: dt.datetime, expected_at: dt.datetime | None, rail: str = "two_hours"
) -> Transaction:
    return Transaction(
        id=id_,
        kind="transfer",
        direction="out",
        amount=Decimal(amount),
        currency=_CNY,
        counterparty=to,
        status=status,
        at=at.replace(microsecond=0),
        authentication="password",
        payee_id=f"p{1 + PEOPLE.index(to)}",
        expected_at=expected_at.replace(microsecond=0) if expected_at else None,
        rail=rail,
    )


def _payment(id_: str, amount: int | str, to: str, at: dt.datetime, authentication: str) -> Transaction:
    return Transaction(
        id=id_,
        kind="payment",
        direction="out",
        amount=Decimal(amount),
        currency=_CNY,
        counterparty=to,
        status="succeeded",
        at=at.replace(microsecond=0),
        authentication=authentication,
        payee_id=f"m{1 + MERCHANTS.index(to)}",
        rail="instant",
        counterparty_kind="merchant",
    )


def _card(number: int) -> Card:
    return Card(f"b{number}", f"{(number * 7919) % 10_000:04}", BANKS[number % len(BANKS)], "active")
