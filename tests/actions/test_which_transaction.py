"""Which transaction a sentence is about, and which sentences ask for one in known words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, List, Sequence
from zoneinfo import ZoneInfo

import pytest

from actions.stated_question import is_stated
from actions.which_transaction import choose
from content.compiler import load_content
from contract.wallet import Transaction
from language.normalization import normalize

ZONE = ZoneInfo("Asia/Shanghai")
#: A Monday.
NOW = dt.datetime(2026, 11, 30, 14, 30, tzinfo=ZONE)
DATA = Path(__file__).parents[2] / "data"
QUESTION = load_content(DATA).lookups.questions["transfer_delay"]


def transaction(
    id_: str, amount: str, name: str, days: int = 0, clock: str = "10:00", status: str = "succeeded", **fields: Any
) -> Transaction:
    """A transfer of some days ago at a time of day, in the customer's zone."""
    at = dt.datetime.combine(NOW.date() - dt.timedelta(days=days), dt.time.fromisoformat(clock), ZONE)
    usual = {"kind": "transfer", "direction": "out", "currency": "CNY", "authentication": "password"}
    return Transaction(id=id_, amount=Decimal(amount), counterparty=name, status=status, at=at, **{**usual, **fields})


RECENT = [
    transaction("a", "500.00", "李雷", 0, "14:02", "with_bank"),
    transaction("b", "1280.00", "韩梅梅", 1, "09:30", "processing"),
    transaction("c", "500.00", "王芳", 1, "20:10"),
    transaction("d", "66.60", "Alice Brown", 2, "12:00"),
    transaction("e", "300.00", "李雷", 4, "08:00"),
    transaction("f", "888.00", "张伟", 0, "11:00", "with_bank", direction="in"),
    transaction("g", "200.00", "工商银行", 3, "18:00", kind="withdrawal", counterparty_kind="bank"),
    transaction("h", "35.00", "城市地铁", 0, "13:00", kind="payment", counterparty_kind="merchant"),
]
KINDS = ("transfer", "top_up", "withdrawal")


def amounts(*numbers: float) -> List[Any]:
    """What the pipeline finds."""
    return [{"entity": "amount", "value": {"number": number, "currency": "CNY"}} for number in numbers]


@pytest.mark.parametrize(
    ("text", "entities", "meant"),
    [
        ("昨天转给韩梅梅的1280到了吗", amounts(1280), "b"),
        ("转给李雷的500还没到", amounts(500), "a"),
        ("昨天那笔500怎么还没到", amounts(500), "c"),
        ("转给李*的500到了吗", amounts(500), "a"),
        ("梅梅说没收到我转的钱", [], "b"),
        ("转给王女士的到账了吗", [], "c"),
        ("我给小韩转的钱到了没", [], "b"),
        ("14:02转的那笔", [], "a"),
        ("下午2点转的到了吗", [], "a"),
        ("前天转的到了吗", [], "d"),
        ("26号转的那笔到了吗", [], "e"),
        ("11月29日上午转的到了吗", [], "bc"),
        ("上周四转的钱到了吗", [], "e"),
        ("has my transfer to alice arrived", [], "d"),
        ("the 66.60 to alice brown", amounts(66.6), "d"),
        ("yesterday's 1280 has not arrived", amounts(1280), "b"),
        ("提现到账了吗", [], "g"),
        ("别人转给我的888到了吗", amounts(888), "f"),
        ("我的转账到账了吗", [], "ab"),
        ("昨天转的今天还没到", [], "bc"),
        ("转了2小时了还没到账", [], "ab"),
        ("等了3天了转账还没到", [], "ab"),
        ("500到了吗", amounts(500), "ac"),
    ],
)
def test_what_is_meant(text: str, entities: Sequence[Any], meant: str) -> None:
    """The customer would read about another transaction, or be asked although the sentence says it."""
    choice = choose(RECENT, normalize(text), entities, NOW, KINDS)
    assert "".join(each.id for each in choice.fitting) == meant
    assert choice.is_exact


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("转给李雷的700到了吗", amounts(700)),
        ("转给赵敏的钱到了吗", []),
        ("大前天转给李雷的500到了吗", amounts(500)),
        ("昨天转给李雷的500到了吗", amounts(500)),
        ("11月1日转的500", amounts(500)),
        ("the 500 to alice brown", amounts(500)),
    ],
)
def test_what_fits_nothing_is_asked(text: str, entities: Sequence[Any]) -> None:
    """A transaction would be taken for the meant one although something that the customer said does not fit it."""
    choice = choose(RECENT, normalize(text), entities, NOW, KINDS)
    assert not choice.is_exact
    assert choice.fitting


def test_no_transactions() -> None:
    """The look-up of a new customer would fail."""
    assert choose([], "我的转账到账了吗", [], NOW, KINDS).fitting == ()


@pytest.mark.parametrize(
    "text",
    [
        "昨天转给李雷的500到账了吗",
        "我的转账到账了吗",
        "转给韩梅梅的钱怎么还没到",
        "请问我今天给王芳转的200块到了没",
        "提现还没到账",
        "给欧阳明转了500,到了没有",
        "转给房东的3000到账没",
        "has my transfer of 500 to alice brown arrived?",
        "转给李*的500到了吗",
        "where is the transfer i made yesterday",
        "轉給李雷的500到帳了嗎",
    ],
)
def test_a_question_of_known_words(text: str) -> None:
    """A customer's simple question would go to a person."""
    assert is_stated(QUESTION, normalize(text))


@pytest.mark.parametrize(
    "text",
    [
        "昨天转给骗子的500到账了吗",
        "我没转过500怎么到账了",
        "他让我转的500到账了吗",
        "转错了给李雷的500到了吗",
        "转给客服的钱到了吗",
        "不是我转给李雷的500到了吗",
        "转给网友的5000到了吗",
        "怎么给李雷转了500",
        "对方叫我转的钱到了吗",
        "转给陌生人的钱到账了吗能撤回吗",
        "我没有转给李雷,怎么到账了",
        "i did not make the transfer to li lei, has it arrived",
        "转给李雷的500是被骗的,到了吗",
        "安全账户的转账到了吗",
        "has my transfer to the scammer arrived",
        "转账",
        "到了吗",
        "盗刷的钱到账了吗",
        "transfer to wrong person arrived?",
        "转给李雷的500到账了吗" + "吗" * 80,
    ],
)
def test_a_danger_is_no_question_of_known_words(text: str) -> None:
    """An emergency would be answered with the state of a transfer."""
    assert not is_stated(QUESTION, normalize(text))
