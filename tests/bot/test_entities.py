"""Entities: amounts, numbers and codes that the pipeline finds in a message."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from bot.nlu.entities import LABELS, find_entities
from bot.nlu.spacy_pipeline import build_pipeline, main

NLP = build_pipeline()

FOUND = [
    # message, entity, text, value
    ("订单号20251122000012345678扣了两次", "order_number", "20251122000012345678", "20251122000012345678"),
    ("流水号：TX-2025112200A1 没到账", "order_number", "TX-2025112200A1", "TX-2025112200A1"),
    ("訂單號:ａ123456789", "order_number", "ａ123456789", "a123456789"),
    ("order no. 4200001234", "order_number", "4200001234", "4200001234"),
    (
        "交易单号4200001234202511221234567890",
        "order_number",
        "4200001234202511221234567890",
        "4200001234202511221234567890",
    ),
    ("20251122123456789012 这笔没到", "order_number", "20251122123456789012", "20251122123456789012"),
    ("13800138000打来的", "phone", "13800138000", "13800138000"),
    ("打138 0013 8000 找我", "phone", "138 0013 8000", "13800138000"),
    ("+86-13800138000", "phone", "+86-13800138000", "+8613800138000"),
    ("１３８００１３８０００", "phone", "１３８００１３８０００", "13800138000"),
    ("0571-88886666 是你们吗", "phone", "0571-88886666", "057188886666"),
    ("(010)66668888", "phone", "(010)66668888", "01066668888"),
    ("400-800-1234是你们的吗", "phone", "400-800-1234", "4008001234"),
    ("95588打来说我中奖", "phone", "95588", "95588"),
    ("+852 9123 4567", "phone", "+852 9123 4567", "+85291234567"),
    ("+886 912 345 678", "phone", "+886 912 345 678", "+886912345678"),
    ("单号：20261128153000", "order_number", "20261128153000", "20261128153000"),
    ("退款编号202611281676122202", "order_number", "202611281676122202", "202611281676122202"),
    ("2026112822016613", "order_number", "2026112822016613", "2026112822016613"),
    ("打开就是A1234错误", "error_code", "A1234", "A1234"),
    ("转账10 0000元怎么转", "amount", "10 0000元", {"number": 100000, "currency": "CNY"}),
    ("转了12点3万", "amount", "12点3万", {"number": 123000, "currency": "CNY"}),
    ("转了0.5个比特币", "amount", "0.5个比特币", {"number": 0.5, "currency": "BTC"}),
    ("提示E1001付不了", "error_code", "E1001", "E1001"),
    ("报错ERR_5003", "error_code", "ERR_5003", "ERR_5003"),
    ("错误码 60012", "error_code", "60012", "60012"),
    ("錯誤碼：１００１", "error_code", "１００１", "1001"),
    ("code 500", "error_code", "500", "500"),
    ("0x80070005错误", "error_code", "0x80070005", "0X80070005"),
    ("代码A0231", "error_code", "A0231", "A0231"),
    ("error code: PAY_LIMIT_01", "error_code", "PAY_LIMIT_01", "PAY_LIMIT_01"),
    ("我要转5万", "amount", "5万", {"number": 50000, "currency": "CNY"}),
    ("扣了¥3.5", "amount", "¥3.5", {"number": 3.5, "currency": "CNY"}),
    ("我要转fifty thousand dollars", "amount", "fifty thousand dollars", {"number": 50000, "currency": "USD"}),
]

NOTHING = [
    # numbers of other things are no order numbers
    "imei 490154203237518",
    "imei号：490154203237518 怎么填",
    "学号2023010101怎么缴费",
    "准考证号202301010123",
    "户号3000012345678怎么缴费",
    "序列号C02X1234ABCD",
    "护照号：E12345678901",
    "serial number C02X1234ABCD",
    "student number 2023010101",
    "微信号wx1234567890",
    "qq1234567890",
    "时间20261128153000",
    "20261128153000",
    # a plate, a train or a room is not an error
    "京A12345停车",
    "车牌号粤B12345",
    "火车G1234退票",
    "G1234次列车",
    "航班C1234",
    "座位A1203",
    "b1203室",
    "型号A1234",
    # a date, a measure or a grade is not a sum
    "20261128那笔转账怎么还没到",
    "2000w吹风机退货，退款什么时候到",
    "一亿像素的手机退款多久到",
    "5万毫安充电宝退款多久到账",
    "加了92号汽油付款失败",
    "怎么转账",
    "验证码 482913",
    "code 482913",
    "订单2025-11-22买的",
    "2025年11月22日",
    "付款失败3次",
    "打不开app",
    "wifi不行",
    "版本5.2.1",
    "",
    " \n\t ",
]


def found(nlp: Language, message: str) -> list[dict[str, Any]]:
    return find_entities(nlp(message))


@pytest.mark.parametrize(("message", "entity", "text", "value"), FOUND)
def test_finds_and_reads(message: str, entity: str, text: str, value: object) -> None:
    """The agent would have to ask again for what the customer already wrote."""
    start = message.index(text)
    expected = {"entity": entity, "text": text, "value": value, "start": start, "end": start + len(text)}
    assert found(NLP, message) == [expected]


@pytest.mark.parametrize("message", NOTHING)
def test_finds_nothing_where_there_is_nothing(message: str) -> None:
    """A code or a date would be shown to the agent as an order or a sum."""
    assert found(NLP, message) == []


def test_several_entities_in_one_message() -> None:
    """One kind would swallow another."""
    message = "13800138000让我转200000，订单2025112212345，后来报错E1001，又扣了5000元"
    assert [(item["entity"], item["text"]) for item in found(NLP, message)] == [
        ("phone", "13800138000"),
        ("amount", "200000"),
        ("order_number", "2025112212345"),
        ("error_code", "E1001"),
        ("amount", "5000元"),
    ]


def test_entities_are_on_the_document() -> None:
    """Rasa, which reads ``doc.ents``, would not see them."""
    doc = NLP("我要转5万")
    assert [(span.label_, span._.value) for span in doc.ents] == [("amount", {"number": 50000, "currency": "CNY"})]


def test_a_saved_pipeline_loads_and_finds_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rasa would start without the entities, or not at all."""
    folder = tmp_path / "models" / "spacy-zh"
    assert main([str(folder)]) == 0
    assert str(folder) in capsys.readouterr().out
    loaded = spacy.load(folder)
    assert (loaded.lang, loaded.pipe_names) == ("zh", ["wallet_entities"])
    assert [token.text for token in loaded("转5w")] == ["转", "5", "w"]
    for message, *_ in FOUND:
        assert found(loaded, message) == found(NLP, message)


@settings(max_examples=200, deadline=None)
@example("元 万")
@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
        st.text(st.sampled_from("01389+- ()eErx_元万订单号错误码code:：１Ａ\n\x00😀"), max_size=60),
    )
)
def test_any_text_gives_plain_data(text: str) -> None:
    """A crafted message would crash the pipeline, or its result could not be sent as JSON."""
    entities = found(NLP, text)
    assert json.loads(json.dumps(entities)) == entities
    end = 0
    for item in entities:
        assert item["entity"] in LABELS
        assert end <= item["start"] < item["end"]
        assert text[item["start"] : item["end"]] == item["text"]
        end = item["end"]


@pytest.mark.parametrize(
    "unit",
    [
        "1", "万", "a1", "a", "e1001 ", "13800138000 ", "订单号", "订单号1", "+1", "1-", "0x", "错误码 ",
        "😀\x00\n ", "1 1 1 ", "1,1,1,", "万万万", "点点点",
        "a_", "error ", "(01", "95588 ", "400-800-1234 ", "err_1", "1,234-元", "付款1千半 ", "转账到我昨天的卡 ",
        "i sent 500 dollars to my friend ",
    ],
)  # fmt: skip
def test_no_message_takes_20_milliseconds(unit: str) -> None:
    """One customer's crafted message would hold up the bot for all others."""
    text = (unit * 4000)[:4000]
    times = []
    for _ in range(5):
        start = time.thread_time()
        NLP(text)
        times.append(time.thread_time() - start)
    assert min(times) < 0.020


def test_a_normal_message_is_quick() -> None:
    """Entities would cost more than understanding the message."""
    message = "我昨天给朋友转了5万块钱，今天显示还没到账怎么办 订单号20251122000012345678"
    times = []
    for _ in range(20):
        start = time.thread_time()
        NLP(message)
        times.append(time.thread_time() - start)
    assert min(times) < 0.010
