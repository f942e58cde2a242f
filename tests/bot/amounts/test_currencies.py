"""The currency of an amount, and what the decision makes of it.

One line of `CURRENCIES` is one message as a customer types it, with its number and its currency.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from actions.decide import decide
from actions.decision import Message
from bot.nlu.amounts import CURRENCIES as KNOWN
from bot.nlu.amounts import find_amounts
from bot.nlu.entities import find_entities
from bot.nlu.spacy_pipeline import build_pipeline
from content.triage_policy import load_policy
from contract.turn import Context
from language.normalization import normalize

CURRENCIES = [
    # message, number, currency
    ("转了5000usdt被骗", 5_000, "USDT"),
    ("转了5000u被骗", 5_000, "USDT"),
    ("转了1万U没到", 10_000, "USDT"),
    ("转了5000个u没到", 5_000, "USDT"),
    ("转了5000个泰达币", 5_000, "USDT"),
    ("sent 5000 tether", 5_000, "USDT"),
    ("转了3000usdc", 3_000, "USDC"),
    ("转了0.5个比特币没到", Decimal("0.5"), "BTC"),
    ("转了两个比特币没到", 2, "BTC"),
    ("sent 0.5 btc", Decimal("0.5"), "BTC"),
    ("sent 2 bitcoins", 2, "BTC"),
    ("转了10个以太坊", 10, "ETH"),
    ("sent 3 eth", 3, "ETH"),
    ("转了1000个狗狗币", 1_000, "DOGE"),
    ("转了8000澳门币", 8_000, "MOP"),
    ("转了5万新台币", 50_000, "TWD"),
    ("转了9万卢布", 90_000, "RUB"),
    ("转了3万泰铢", 30_000, "THB"),
    ("转了100万越南盾", 1_000_000, "VND"),
    ("转了5000瑞典克朗", 5_000, "SEK"),
    ("转了5000挪威克朗", 5_000, "NOK"),
    ("转了5000丹麦克朗", 5_000, "DKK"),
    ("转了5万土耳其里拉", 50_000, "TRY"),
    ("转了5万缅币", 50_000, "MMK"),
    ("转了5万坚戈", 50_000, "KZT"),
    ("转了5000南非兰特", 5_000, "ZAR"),
    ("转了5000雷亚尔", 5_000, "BRL"),
    ("转了5000墨西哥比索", 5_000, "MXN"),
    ("转了5000沙特里亚尔", 5_000, "SAR"),
    ("转了5000科威特第纳尔", 5_000, "KWD"),
    ("转了5000兹罗提", 5_000, "PLN"),
    ("sent 5000 zar", 5_000, "ZAR"),
    ("sent ₺5000", 5_000, "TRY"),
    ("sent ₱5000", 5_000, "PHP"),
    ("sent rs 5000", 5_000, "INR"),
    ("转了5w刀", 50_000, "USD"),
    # known to be foreign money, not known which
    ("转了5万火星币", 50_000, "XXX"),
    ("转了5万个瑞波币", 50_000, "XXX"),
    ("转了5000塞舌尔卢比", 5_000, "XXX"),
    ("转了5000利比亚第纳尔", 5_000, "XXX"),
    ("sent ₾5000", 5_000, "XXX"),
    ("USDT转了8000没到", 8_000, "USDT"),
    ("美元汇了8000没到", 8_000, "USD"),
    ("转了5000法郎", 5_000, "XXX"),
    ("转了5000马来币", 5_000, "MYR"),
    ("sent 5000 swedish kronor", 5_000, "SEK"),
    ("sent 5000 jamaican dollars", 5_000, "XXX"),
    ("sent 5000 shib tokens", 5_000, "XXX"),
    # not a currency
    ("sent 5000 in dollars", 5_000, "CNY"),
    ("转了5000买币被骗", 5_000, "CNY"),
    ("转了五万给欧洲的同学", 50_000, "CNY"),
    ("花了50000买虚拟币", 50_000, "CNY"),
]


@pytest.mark.parametrize(("message", "number", "currency"), CURRENCIES)
def test_the_currency_of_an_amount(message: str, number: Decimal | int, currency: str) -> None:
    """5,000 coins would pass for 5,000 yuan, or for nothing."""
    found = max(find_amounts(normalize(message)), key=lambda amount: amount.number)
    assert (found.number, found.currency) == (number, currency)


LARGE, ANSWER = ("escalate", "large_transaction"), ("answer", None)
ROUTES = [
    # message, the intent that the model is sure of, what happens
    ("转了10,0000元", "transfer_delay", LARGE),
    ("转账10 0000元怎么转", "transfer_howto", LARGE),
    ("怎么转账12点3万给别人", "transfer_howto", LARGE),
    ("转了4点9万", "transfer_delay", ANSWER),
    ("充话费试了30,50,100都不行", "bill_payment", ANSWER),
    ("20261128那笔转账怎么还没到", "transfer_delay", ANSWER),
    ("2000w吹风机退货，退款什么时候到", "refund_status", ANSWER),
    ("一亿像素的手机退款多久到", "refund_status", ANSWER),
    ("5万毫安充电宝退款多久到账", "refund_status", ANSWER),
    ("怎么转8000USDT给朋友", "transfer_howto", LARGE),
    ("怎么转1个比特币给朋友", "transfer_howto", LARGE),
    ("怎么转5000火星币给朋友", "transfer_howto", LARGE),
    ("怎么转100火星币给朋友", "transfer_howto", ANSWER),
    ("how do i transfer six figures", "transfer_howto", LARGE),
    ("how do i transfer fifty thousand and one", "transfer_howto", LARGE),
    ("a 130k transfer has not arrived", "transfer_delay", LARGE),
    ("refund for a 2000w hair dryer", "refund_status", ANSWER),
    ("walked 80000 steps, when does the reward money arrive", "transfer_delay", ANSWER),
]


@pytest.mark.parametrize(("message", "intent", "happens"), ROUTES)
def test_what_happens_with_the_message(message: str, intent: str, happens: tuple[str, str | None]) -> None:
    """An amount that is read right would be lost on the way to the decision, or decided by another threshold."""
    text = normalize(message)
    limits = {"risk": 0.45, "out_of_scope": 0.3, "harmless": 0.6, "understood": 0.4}
    read = Message(text, [(intent, 0.9)], find_entities(build_pipeline()(text)), limits)
    decision = decide(read, Context(), load_policy(Path("data/triage.yml")))
    assert (decision.route, decision.reason) == happens


def test_every_known_currency_is_worth_something() -> None:
    """An amount in a currency that is understood would count for nothing."""
    assert set(load_policy(Path("data/triage.yml")).large_transaction.rates) >= KNOWN
