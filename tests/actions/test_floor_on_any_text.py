"""The floor reads any text of any length, in linear time, and always with the same result."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.floor import asked_for_person, stated_incidents
from actions.short_reply import short_replies_of
from content.triage_policy import Policy
from language.normalization import normalize

TRIGGERS = [
    *"被骗了 去年 去年被骗了都赔了 不转人工 不要人工 如果账号被盗 没被骗了 怎么才不被骗 转人工电话 担心被骗了".split(),
    *"我 被 转 账号 手机 钱 别人 扣了 支付失败 之前 上次已经 新闻 看到 不是我付 我没买 a 1 如果怕被骗了 防盗刷".split(),
    *"去年以前之前上次 别转人工 不能转人工 怕手机丢了 如果账号被盗转如果怕被骗了钱 不转人工转人工电话".split(),
    *["if my account was hacked ", "talk to a ", "i was not scammed ", "someone ", "before i was scammed ", "payment failed "],
]


@pytest.mark.parametrize("unit", TRIGGERS)
def test_time_grows_with_the_length_only(policy: Policy, unit: str) -> None:
    """A message of 4,000 crafted characters would hold up the bot for everyone."""
    text = (unit * 4000)[:4000]
    # The best of three: the machine has other things to do.
    assert min(_cpu_seconds(policy, text) for _ in range(3)) < 0.050


def _cpu_seconds(policy: Policy, text: str) -> float:
    started = time.process_time()
    list(stated_incidents(text, policy.floor))
    asked_for_person(text, policy.floor)
    policy.floor.own_transaction.search(text)
    short_replies_of(policy).leaves_the_wait(text)
    short_replies_of(policy).read(text)
    short_replies_of(policy).clauses(text)
    return time.process_time() - started


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*TRIGGERS, "，", "。", "? ", " ", "\n", "x", "处理好了", "没"]) | st.text(max_size=5), max_size=30
    ).map("".join)
)
def test_any_text_is_judged_and_always_the_same(policy: Policy, text: str) -> None:
    """A crafted message would crash the floor, or the same words would be judged differently the next time."""
    first = list(stated_incidents(text, policy.floor)), asked_for_person(text, policy.floor)
    assert first == (list(stated_incidents(text, policy.floor)), asked_for_person(text, policy.floor))
    assert all(statement.words in text for statement in first[0])
    assert len({statement.intent for statement in first[0]}) == len(first[0])


@pytest.mark.parametrize("padding", ["我想问一下今天的事情", "如果可以的话请看看。", "news and weather. "])
def test_an_incident_is_found_wherever_it_stands(policy: Policy, padding: str) -> None:
    """An emergency at the end of a long message would be cut off."""
    text = normalize(padding * 300 + "。我被骗了五千。" + padding * 300)
    assert [statement.intent for statement in stated_incidents(text, policy.floor)] == ["scam_report"]
