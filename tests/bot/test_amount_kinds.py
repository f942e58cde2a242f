"""Which sum does a message state, or none: the table of what customers write, by kind.

One line is one message as a customer types it, and the largest amount that it states in CNY (None: no amount); in `CURRENCIES`
the number and its currency. Every kind has lines where a shape is money beside lines where the same shape is not.
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

DATES = [
    ("20261128那笔转账怎么还没到", None),
    ("2026-11-28那笔转账怎么还没到", None),
    ("11.28那笔转账怎么还没到", None),
    ("2026.11.28转的钱没到", None),
    ("2026/11/28转的钱没到", None),
    ("2026年11月28日转的钱没到", None),
    ("11/28转的钱没到", None),
    ("11-28转的钱没到", None),
    ("11月28转的钱没到", None),
    ("251128那笔转账没到", None),
    ("1128那笔转账没到", None),
    ("202611的账单怎么导出", None),
    ("20261128-20261130的转账记录", None),
    ("20261128的转账没到", None),
    ("20261128 付款失败", None),
    ("2026 11 28转账没到", None),
    ("二〇二六年转的账", None),
    ("the transfer of 20261128 has not arrived", None),
    ("the transfer of 2026-11-28 has not arrived", None),
    ("the payment on nov 28 2026 failed", None),
    ("the payment on 28 november 2026 failed", None),
    ("the payment on 11/28 failed", None),
    ("10月的工资没到账", None),
    # sums on a date, and sums that look like a date
    ("11.28转了5万没到", 50_000),
    ("20261128转了50000没到", 50_000),
    ("扣了11.28元", Decimal("11.28")),
    ("扣了我11.28", Decimal("11.28")),
    ("转了20260000元", 20_260_000),
    ("我转了200000没到", 200_000),
    ("11月28号转了60000", 60_000),
    ("28号20000没到账", 20_000),
    ("11-28转50000没到", 50_000),
]

WATTS = [
    ("2000w吹风机退货，退款什么时候到", None),
    ("2000W的吹风机退货，退款什么时候到", None),
    ("买了个2000瓦的吹风机，没退款", None),
    ("65w充电器付款失败", None),
    ("20w快充头退款", None),
    ("100w灯泡退款", None),
    ("电磁炉2000w的退款没到", None),
    ("1500w大功率电水壶退款", None),
    ("功率2000w的热水壶退款", None),
    ("买的12w台灯没退款", None),
    ("3kw的充电桩付款失败", None),
    ("3千瓦的热水器退款", None),
    ("5万千瓦时的电费", None),
    ("refund for a 2000w hair dryer", None),
    ("paid for a 100w bulb", None),
    ("paid for a 2000 watt heater", None),
    # the same letter, money
    ("转了20w没到", 200_000),
    ("转2000w给公司", 20_000_000),
    ("买充电器被骗了20w", 200_000),
    ("20w元的吹风机货款", 200_000),
    ("买了20w的车付款失败", 200_000),
    ("花5w买了一批灯泡，付款失败", 50_000),
]

UNITS = [
    ("一亿像素的手机退款多久到", None),
    ("2亿像素手机的退款", None),
    ("4800万像素摄像头退款", None),
    ("5000w像素的手机退款", None),
    ("5万毫安充电宝退款多久到账", None),
    ("20000毫安时充电宝退款", None),
    ("20000mah充电宝退款", None),
    ("1万mah充电宝退款", None),
    ("加了92号汽油付款失败", None),
    ("加油95付款失败", None),
    ("加95号油付款失败", None),
    ("加0号柴油付款失败", None),
    ("92汽油付款失败", None),
    ("交500度电的电费", None),
    ("用了300kwh电费怎么交", None),
    ("5万公里的保养怎么付款", None),
    ("50000km保养付款失败", None),
    ("买了100斤大米退款", None),
    ("200公斤的货退款", None),
    ("120平米的房租怎么付", None),
    ("120平方的物业费怎么交", None),
    ("10万粉丝的账号怎么收款", None),
    ("10w粉的号怎么收钱", None),
    ("10w+粉丝怎么提现", None),
    ("5000多个粉丝怎么收款", None),
    ("走了3万多步没返现钱", None),
    ("5万人的群收款", None),
    ("18楼的房租怎么付", None),
    ("我68岁不会付款", None),
    ("100年的房贷怎么还", None),
    ("36期还款怎么算", None),
    ("9折付款没优惠", None),
    ("扣款100次", None),
    ("50000积分换钱", None),
    ("5万点券充值没到", None),
    ("充10万金币没到账", None),
    ("充值5000钻石没到账", None),
    ("5万集分宝怎么抵钱", None),
    ("4k电视退款", None),
    ("8k高清显示器退款", None),
    ("18k金项链退款", None),
    ("买了512gb的手机退款", None),
    ("1000兆宽带费怎么交", None),
    ("100m宽带缴费", None),
    ("220伏的插座退款", None),
    ("500毫升的水退款", None),
    ("3000流明投影仪退款", None),
    ("5000大卡的蛋白粉退款", None),
    ("10万播放量怎么提现", None),
    ("500平方米的仓库房租怎么付", None),
    ("5万字的稿费没到账", None),
    ("52度白酒退款", None),
    ("refund for a 20000 mah power bank", None),
    ("refund for a 108 megapixel phone", None),
    ("refund for a 4k tv", None),
    ("i have 50k followers, how do i get paid", None),
    ("i walked 20000 steps and got no money", None),
    ("paid for 300 kwh of power", None),
    ("payment for 120 square meters", None),
    ("50000 miles for a refund", None),
    ("video with 100k views, how do i get paid", None),
    ("paid for a 5000 sqft house", None),
    ("路由器3000m退款", None),
    ("买了3000m路由器没发货退款", None),
    ("转了2m没到", 2_000_000),
    # what is measured stands before the number
    ("粉丝50000怎么提现", None),
    ("步数20000没返钱", None),
    ("里程5万能换钱吗", None),
    ("积分50000怎么换钱", None),
    ("排队排到10000号怎么付款", None),
    # a sum beside a measure
    ("买了2000w的吹风机，扣了50000", 50_000),
    ("5万毫安的充电宝付了99元", 99),
    ("交了500度电300元", 300),
    ("加了92号汽油200元", 200),
    ("1000步返现5元", 5),
]

#: A word that only begins like a counter: these sums were not seen at all.
BEGINS_LIKE_A_COUNTER = [
    ("充了50000平台不认", 50_000),
    ("投了50000项目跑路了", 50_000),
    ("转了50000人就不见了", 50_000),
    ("转了5万人联系不上了", 50_000),
    ("给了50000组织的人", 50_000),
    ("付了50000课程费", 50_000),
    ("买了50000股票钱没到", 50_000),
    ("转50000股东账户", 50_000),
    ("花50000度假付款失败", 50_000),
    ("转了50000折合美元多少", 50_000),
    ("付50000期货保证金", 50_000),
    ("转5万分期还款", 50_000),
    ("转了50000强制扣的", 50_000),
    ("付了60000月供", 60_000),
    ("转了60000年费", 60_000),
    ("交50000楼盘定金", 50_000),
    ("付了50000家具钱", 50_000),
    ("付50000场地费", 50_000),
    ("转了5万分文未到", 50_000),
    ("转了50000张三没收到", 50_000),
    ("付50000集资款", 50_000),
    ("转8万个人卡没到", 80_000),
    ("转8万给个体户", 80_000),
    ("转8万个体户没到", 80_000),
    ("转8万场子的钱", 80_000),
    ("a 50k transfer failed", 50_000),
    ("my 50000 payment failed", 50_000),
    ("a five-figure transfer failed", 10_000),
    # the counters themselves
    ("3 transfers failed", None),
    ("5 payments failed", None),
    ("付款50000平", None),
    ("付款50000项", None),
    ("5万人付款", None),
    ("付款100课", None),
    ("付款500股", None),
]

NAMES = [
    # a number that names something
    ("学号20230001交学费失败", None),
    ("我的学号是20230001，交不了学费", None),
    ("电表号50012345怎么交电费", None),
    ("户号50012345怎么交电费", None),
    ("水表号:8800123 交水费", None),
    ("订单50012345退款", None),
    ("报错50012付款失败", None),
    ("错误50012，付款失败", None),
    ("快递单号50012345退款", None),
    ("座位号50012付款失败", None),
    ("工号80012让我转账", None),
    ("会员号800123充值失败", None),
    ("iphone 15 pro 退款", None),
    ("华为mate60退款", None),
    ("rtx4090显卡退款", None),
    ("发票号50012345的钱", None),
    ("imei 490154203237518 退款", None),
    ("student number 20230001 payment failed", None),
    ("meter number 50012345, how do i pay", None),
    ("account number 50012345 payment", None),
    ("invoice 50012 payment failed", None),
    ("error 50012 payment failed", None),
    ("flight 12345 refund", None),
    ("3栋1203的物业费", None),
    ("您账户*1234转出50,000.00", 50_000),
    ("12306退票退款没到", None),
    ("thanks a million for the refund", None),
    ("a million thanks for the payment", None),
    ("a one in a million chance to get money", None),
    ("thousands of people lost money", None),
    # not a name, nor the end of one
    ("i paid 50000 for it", 50_000),
    ("paid 12345 by mistake", 12_345),
    ("transfer over 60000 failed", 60_000),
    ("sent casino 50000", 50_000),
    ("i sent my son id 50012345 money", None),
    ("我这个号50000被冻结了，钱出不来", 50_000),
    ("挂号500没付成功", 500),
    ("扫码50000付款失败", 50_000),
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

#: More numbers that name something.
IDENTIFIERS = [
    ("学生证号20210003456怎么认证付费", None),
    ("产品编号80001没发货要退款", None),
    ("sku 600123 refund", None),
    ("serial 80001234 refund", None),
    ("student 600123 payment failed", None),
    ("customer number 650000 payment failed", None),
    ("product 600500 refund", None),
    ("商户号1600012345收不到款", None),
    ("终端号 60012345 付款失败", None),
    ("微信步数60000换不了钱", None),
    ("paid customs 60000", 60_000),
    ("i paid 60000 for the product", 60_000),
]

FILTERS = [
    # "over 50,000" selects records, nobody moves that sum
    ("怎么筛选大于5万的账单", None),
    ("怎么筛选5万以上的账单", None),
    ("金额五万以上怎么筛选", None),
    ("怎么看5万以上的转账记录", None),
    ("5万以上的交易", None),
    ("how do i filter over 50,000", None),
    ("5万以上的交易失败了", 50_000),
    ("转了5万以上", 50_000),
    ("怎么查询超过50000元的交易记录", None),
    ("查看金额大于等于50000的流水", None),
    ("导出5万元以上的转账明细", None),
    ("怎么搜索10万以上的转账记录", None),
    ("how do i filter transactions over 50,000", None),
    ("show payments above 50000 yuan", None),
    ("list all transfers of more than 50k", None),
    # a sum of the customer's own
    ("我转了超过5万没到账，帮我查一下", 50_000),
    ("5万以上的转账怎么转", 50_000),
    ("转了5万多的那笔记录查不到", 50_000),
    ("超过5万的那笔转账没到账，怎么查询", 50_000),
    ("i sent over 50,000 and it has not arrived", 50_000),
    ("我被骗了超过5万，怎么查看转账记录", 50_000),
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

TABLE = [
    *GROUPING,
    *LISTS,
    *DECIMALS,
    *DATES,
    *WATTS,
    *UNITS,
    *BEGINS_LIKE_A_COUNTER,
    *NAMES,
    *FILTERS,
    *SPOKEN,
    *IDENTIFIERS,
    *SLANG,
]
RATES = {"EUR": Decimal("8.2"), "INR": Decimal("0.084")}


def largest(message: str) -> Decimal | None:
    """The largest amount of a message in CNY; every currency of the table must have a rate."""
    amounts = find_amounts(message, RATES)
    assert all(amount.cny is not None for amount in amounts), amounts
    return max((amount.cny for amount in amounts if amount.cny is not None), default=None)


@pytest.mark.parametrize(("message", "in_yuan"), TABLE)
@pytest.mark.parametrize("form", ["as typed", "normalised"])
def test_the_largest_amount_of_a_message(message: str, in_yuan: Decimal | int | None, form: str) -> None:
    """A large transfer would get an article, or a hair dryer of 2,000 watts a person for large transactions."""
    assert largest(message if form == "as typed" else normalize(message)) == in_yuan


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
