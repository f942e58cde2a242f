"""The same sum in every form that customers write: grouped, listed, decimal, spoken, slang.

One line is one message as a customer types it, and the largest amount that it states in CNY (None: no amount). Every kind has
lines where a form is money, and lines where the same form is not money.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.bot.amounts.stated import largest_stated

GROUPING = [
    # grouped by four, as Chinese units are; by three; by apostrophe; by space
    ("转了10,0000元", 100_000),
    ("转账10 0000元怎么转", 100_000),
    ("转账10 0000怎么转", 100_000),
    ("我转了20,0000没到账", 200_000),
    ("¥5,0000没到账", 50_000),
    ("付了1,0000,0000元货款", 100_000_000),
    ("转1,2345元给他", 12_345),
    ("转了10，0000元", 100_000),
    ("转了10，000元", 10_000),
    ("转了1 0000 0000元", 100_000_000),
    ("转了10、0000元", 100_000),
    ("10,0000.00元没到账", 100_000),
    ("转了50'000元", 50_000),
    ("转了100 000没到", 100_000),
    ("转了1,234,567元", 1_234_567),
    ("i sent 10,0000 yuan", 100_000),
    ("sent 250,000 to a friend", 250_000),
    ("sent 10,00,000 rupees", 84_000),
    ("paid 50,00 eur", 410),
    ("1,0000万的货款没到账", 100_000_000),
]

LISTS = [
    # several sums one after the other: the largest of them, not all their digits as one
    ("充话费试了30,50,100都不行", 100),
    ("充话费试了30、50、100都不行", 100),
    ("充话费试了30/50/100都不行", 100),
    ("充话费试了30，50，100都不行", 100),
    ("充话费50,100都不行", 100),
    ("充话费100,200都充不了", 200),
    ("充话费100,200,300都试了", 300),
    ("充话费试了30 50 100都不行", 100),
    ("话费面额30,50,100,200都充不了", 200),
    ("转账试了1000,2000,5000都失败", 5_000),
    ("转账试了1000/2000/5000都失败", 5_000),
    ("分别转了30000,50000,20000", 50_000),
    ("转了3万、5万、8万三笔", 80_000),
    ("转了3万/5万/8万三笔", 80_000),
    ("转了3万,5万,8万三笔", 80_000),
    ("topping up 30, 50, 100 all fail", 100),
    ("top up of 30/50/100 all fail", 100),
    ("i tried to pay 30,50,100 and all failed", 100),
    # not a list
    ("25,500元都被骗走了", 25_500),
    ("50,000都没了，转账的钱", 50_000),
    ("我转了100,200元没到", 100_200),
]

DECIMALS = [
    ("怎么转账12点3万给别人", 123_000),
    ("转了4点9万", 49_000),
    ("转了三点五万", 35_000),
    ("转了12点3w", 123_000),
    ("转了十二点五万没到", 125_000),
    ("转了0点5万", 5_000),
    ("转了两点五万", 25_000),
    ("转了1点2亿", 120_000_000),
    ("转了3点8个w", 38_000),
    ("转了5点5千", 5_500),
    ("转了12点5元", Decimal("12.5")),
    ("转了4·9万", 49_000),
    ("转了4．9万", 49_000),
    ("转了五点八八万", 58_800),
    # a time, and what was paid then
    ("下午3点5万没到账，我转的", 50_000),
    ("昨天晚上8点2万转出去了", 20_000),
    ("下午十二点五万没到账，我转的", 50_000),
    ("早上十点五万转出去了", 50_000),
    ("差一点五万就被骗走了", 50_000),
    ("12点30万转账没到", 300_000),
    ("12点转了3万", 30_000),
    ("12点30分转的款", None),
    ("转账3点还没到", None),
]

#: How people say a sum without a figure, or with half of one.
SPOKEN = [
    ("转了六位数没到账", 100_000),
    ("有笔七位数的转账没到", 1_000_000),
    ("六位數轉帳不見了", 100_000),
    ("i need to move seven figures", 1_000_000),
    ("moving 80k to my savings", 80_000),
    ("付了五万零一块", 50_001),
    ("汇款十二万零三百", 120_300),
    ("i sent 130k", 130_000),
    ("130k转账没到", 130_000),
    ("转了5个W", 50_000),
    ("转了十几个w", 100_000),
    ("转了十来万", 100_000),
    ("转了一百来万", 1_000_000),
    ("转了5w多", 50_000),
    ("转了五万出头", 50_000),
    ("转了小十万", 100_000),
    ("转了小二十万", 200_000),
    ("好几十万转不出去", 300_000),
    ("a quarter million transfer", 250_000),
    ("three quarters of a million is missing, i sent it", 750_000),
    ("半个亿的货款", 50_000_000),
    ("转了两个多亿", 200_000_000),
    ("转了三个多w", 30_000),
    ("付了三个来月的钱", None),
    ("六位数密码输错了", None),
    ("a six figure code, the payment fails", None),
    ("moved to another phone, code 500000", None),
]

SLANG = [
    ("转了六位数没到账", 100_000),
    ("被骗了6位数", 100_000),
    ("转了七位数的货款", 1_000_000),
    ("损失五位数", 10_000),
    ("i lost six figures to a scam", 100_000),
    ("sent a six-figure sum", 100_000),
    ("sent a 6-figure amount", 100_000),
    ("i transferred fifty thousand and one", 50_001),
    ("i sent fifty thousand and one yuan", 50_001),
    ("sent 130k to the wrong person", 130_000),
    ("130k yuan transfer", 130_000),
    ("转了130k没到", 130_000),
    ("转了十来万没到", 100_000),
    ("转了十好几万没到", 100_000),
    ("转了二十好几万没到", 200_000),
    ("转了5个W没到", 50_000),
    ("转了五个w没到", 50_000),
    ("转了十几个w没到", 100_000),
    ("转了三五个w没到", 50_000),
    ("转了半个w没到", 5_000),
    ("转了5个达不溜没到", 50_000),
    ("转了一个小目标", 100_000_000),
    ("转了半个小目标", 50_000_000),
    ("5个w没到", 50_000),
    ("转了半百万", 500_000),
    ("转了小十万没到", 100_000),
    ("转了大几十万没到", 500_000),
    ("转了好几十万没到", 300_000),
    ("转了万儿八千没到", 10_000),
    ("转了百八十万没到", 1_000_000),
    ("转了百八十块没到", 100),
    ("转了三四十万没到", 400_000),
    ("转了10万+没到", 100_000),
    ("转了50千没到", 50_000),
    ("转了5百万没到", 5_000_000),
    ("i sent half a million", 500_000),
    ("i sent half a mil", 500_000),
    ("sent a quarter million to him", 250_000),
    ("sent a quarter of a million to him", 250_000),
    ("sent one and a half million", 1_500_000),
    ("sent 1.5 mil to him", 1_500_000),
    ("sent a couple of hundred thousand", 200_000),
    ("lost hundreds of thousands", 100_000),
    ("lost tens of thousands to a scam", 10_000),
    ("lost a few hundred thousand", 100_000),
    ("pay him five hundred", 500),
    ("收入+5万没到", 50_000),
    ("¥-50000这笔是什么", 50_000),
    ("试了10万、20万都不行", 200_000),
    ("paid fifty grand", 50_000),
    ("paid 50 grand", 50_000),
    ("paid 60K for it", 60_000),
    ("sent one hundred and fifty thousand", 150_000),
    ("sent one point five million", 1_500_000),
    ("sent 5 lakh to him", 500_000),
    # words and codes of that shape
    ("六位数密码忘了，付款不了", None),
    ("输入6位数验证码后付款失败", None),
    ("支付密码是六位数吗", None),
    ("the last six figures of my card, payment failed", None),
]


@pytest.mark.parametrize(("message", "in_yuan"), [*GROUPING, *LISTS, *DECIMALS, *SPOKEN, *SLANG])
@pytest.mark.parametrize("form", ["as typed", "normalised"])
def test_the_largest_amount_of_a_message(message: str, in_yuan: Decimal | int | None, form: str) -> None:
    """A large transfer would get an article, or a hair dryer of 2,000 watts a person for large transactions."""
    assert largest_stated(message, form) == in_yuan
