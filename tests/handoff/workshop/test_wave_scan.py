"""The scan for waves and the proposed pattern, as pure functions."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterable

import pytest

from contract.errors import ContractError
from contract.meaning_codes import BITS, as_json, bits_apart, read_codes
from handoff.workshop.waves.patterns import count_matches, propose_pattern
from handoff.workshop.waves.scan import CodedMessage, Scan, at_least

NOW = dt.datetime(2026, 11, 30, 4, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
TOPICS = [random.Random(n).getrandbits(BITS) for n in range(60)]


def said(topic: int, minutes_ago: float, who: str, seq: int = 1, noise: int = 100) -> CodedMessage:
    """A message about a topic: its code differs from the topic's in some bits."""
    dice = random.Random(f"{topic} {minutes_ago} {who}")
    flips = sum(1 << bit for bit in dice.sample(range(BITS), noise))
    return CodedMessage(NOW - minutes_ago * MINUTE, who, seq, TOPICS[topic] ^ flips)


def usual(days: int = 3, a_day: int = 600) -> list[CodedMessage]:
    """Messages about 50 topics, at all times of some days."""
    dice = random.Random(5)
    return [said(dice.randrange(50), dice.uniform(31, days * 1440), f"u{number}") for number in range(days * a_day)]


def scan_of(history: Iterable[CodedMessage]) -> Scan:
    """A scan that knows a history."""
    scan = Scan(least=5, false_alarms=0.1)
    scan.add(history)
    return scan


def found(scan: Scan, new: list[CodedMessage]) -> list[int]:
    """How many conversations the waves around new messages have."""
    scan.add(new)
    return [cluster.conversations for cluster in scan.clusters(new, NOW)]


def test_a_new_topic_of_many_customers_is_a_wave() -> None:
    """A scam's script would spread unseen."""
    assert found(scan_of(usual()), [said(55, n, f"w{n}") for n in range(6)]) == [6]
    assert found(scan_of(usual()), [said(55, n, f"w{n}") for n in range(4)]) == []


def test_one_customer_who_repeats_it_is_no_wave() -> None:
    """Whoever repeats a sentence often enough would call the supervisors."""
    assert found(scan_of(usual()), [said(55, n, "one", seq) for seq, n in enumerate(range(9))]) == []


def test_the_usual_number_is_no_wave_and_many_times_as_much_is_one() -> None:
    """Verification codes at noon would be shown every day, or an outage of them never."""
    noon = [said(7, day * 1440 + n, f"d{day}-{n}") for day in (1, 2, 3) for n in range(-20, 20, 3)]
    assert found(scan_of([*usual(), *noon]), [said(7, n, f"w{n}") for n in range(0, 10, 2)]) == []
    assert found(scan_of([*usual(), *noon]), [said(7, n / 4, f"w{n}") for n in range(40)]) == [40]


def test_a_young_log_has_a_history_too() -> None:
    """In the first half hour of a desk every topic would be new, or none."""
    young = [said(n % 50, 8 + n / 100, f"u{n}") for n in range(1500)]
    assert found(scan_of(young), [said(n % 50, 1, f"v{n}") for n in range(30)]) == []
    assert found(scan_of(young), [said(55, n, f"w{n}") for n in range(6)]) == [6]


def test_the_scan_forgets() -> None:
    """The desk's memory would grow for ever."""
    scan = scan_of(usual())
    scan.forget(NOW - DAY, 100)
    assert len(scan) == 100
    scan.add([said(1, 1, "x"), said(1, 1, "x")])
    assert len(scan) == 101


def test_the_tail_of_the_negative_binomial() -> None:
    """The threshold would be another than the allowed number of false alarms."""
    assert at_least(1, 2.0, 1.0) == pytest.approx(2 / 3)  # a geometric distribution
    assert at_least(5, 0.02, 1.0) == pytest.approx((0.02 / 1.02) ** 5)
    assert at_least(0, 3, 6) == 1
    assert 0 < at_least(60, 3, 6) < 1e-9


def test_the_codes_of_another_version_are_refused() -> None:
    """Messages would be compared by bits that mean something else."""
    body = json.loads(json.dumps(as_json([0, 2**BITS - 1])))
    assert read_codes(body, 2) == [0, 2**BITS - 1]
    assert bits_apart(0.0) == BITS / 2
    for wrong in ({**body, "version": 0}, {**body, "codes": ["ff"] * 2}, {**body, "codes": body["codes"][:1]}, [], None):
        with pytest.raises(ContractError):
            read_codes(wrong, 2)


OTHERS = ["短信验证码收不到", "怎么领优惠券", "银行卡怎么绑", "补贴什么时候发", "链接打不开", "my card is declined"] * 50


def test_a_pattern_of_shared_words() -> None:
    """An editor would have to find the words of a wave alone."""
    wave = ["短信说领育儿补贴要填卡号", "育儿补贴的链接是真的吗", "育儿补贴要我输验证码", "点了育儿补贴那个网址"]
    proposed = propose_pattern(wave, OTHERS)
    assert proposed is not None
    assert (proposed.pattern, proposed.covers, proposed.others) == ("育儿补贴", 4, 0)
    proposed = propose_pattern(["补贴的链接是啥", "有个补贴的短信链接", "补贴要点链接吗"], OTHERS)
    assert proposed is not None
    assert count_matches(proposed.pattern, ["补贴短信里的链接", *OTHERS]) == 1


@pytest.mark.parametrize("wave", [[], ["怎么领优惠券"] * 5, ["(a+)+$", "(a+)+$ b"], ["[银行卡号] 1", "[银行卡号] 2"]])
def test_no_pattern_rather_than_a_wide_one(wave: list[str]) -> None:
    """A pattern would be proposed that sends everybody to a person, or one that a customer wrote."""
    assert propose_pattern(wave, OTHERS) is None
