"""How texts and queries are cut for the search index. Pure."""

from __future__ import annotations

import re

import pytest

from handoff.queue.search.query import SNIPPET_LENGTH, Query
from handoff.queue.search.terms import LONGEST_WORD, fold, terms

FOUND = [
    # what the agent types, what stands in a log
    ("转账", "我昨天转账给朋友，还没到账"),
    ("轉賬", "我昨天转账给朋友"),
    ("转账", "我昨天轉賬給朋友"),
    ("帐户", "账户被冻结"),  # a frequent misspelling
    ("到账", "三天了还没到 账"),  # a gap between two characters
    ("钱", "我的钱呢"),
    ("钱", "还我钱"),  # the last character begins no bigram
    ("钱", "钱"),
    ("REFUND", "where is my refund?"),
    ("refund", "two Refunds are missing"),
    ("ｒｅｆｕｎｄ", "refund"),
    ("2026113022001434561", "订单号2026113022001434561，请查"),
    ("434561", "订单号2026113022001434561，请查"),  # the end that people read out
    ("20261130", "订单号2026113022001434561，请查"),
    ("２０２６１１３０", "订单号2026113022001434561"),
    ("6789", "卡号 [卡号 ****6789] 被盗刷"),
    ("****6789", "卡号 [卡号 ****6789] 被盗刷"),
    ("5000", "转了5,000元"),
    ("5,000.00", "转了5000元"),
    ("50000", "被骗了5万"),
    ("5万", "被骗了50000元"),
    ("3.5万", "35000 没了"),
    ("1234.56", "金额 1234.56 元"),
    ("TX-2026-11", "order tx-2026-11 failed"),
    ("li@example.com", "mail to Li@Example.com please"),
    ("转账 失败", "失败的是昨天那笔转账"),  # two words, in any order
    ("银行卡 refund 6789", "refund to 银行卡 [卡号 ****6789]"),
    ("转账，失败", "昨天转账一直失败"),  # signs part words
    ("5000元", "扣了5000元钱"),
    ("Visa卡", "我的visa卡"),
    ("カード", "カードが使えません"),
    ("é", "é"),
]
NOT_FOUND = [
    ("账转", "转账"),  # the order within a phrase
    ("转账失败", "转账以后失败了"),
    ("到账失", "失到账到失账"),  # all bigrams but not the phrase
    ("50", "转了5000元"),  # a short number is whole
    ("300", "转了3000"),
    ("5000元", "转了15000元"),
    ("fund", "refund"),
    ("转账 退款", "转账"),  # all words are needed
    ("转账", ""),
    ("1434", "订单号2026113022001434561"),  # the middle of a number
    ("", "转账"),
    ("？！…，。 -- '\"", "转账？！…，。 -- '\""),
]


@pytest.mark.parametrize(("typed", "text"), FOUND)
def test_a_text_is_found(typed: str, text: str) -> None:
    """An agent would not find a conversation whose words they remember."""
    assert Query.read(typed).matches(text)


@pytest.mark.parametrize(("typed", "text"), NOT_FOUND)
def test_a_text_is_not_found(typed: str, text: str) -> None:
    """An agent would read through conversations that do not hold what they typed."""
    assert not Query.read(typed).matches(text)


def holds(tsquery: str, indexed: set[str]) -> bool:
    """Whether terms fulfil a tsquery of `Query.as_tsquery`, as PostgreSQL would decide."""

    def each(match: re.Match[str]) -> str:
        term, is_prefix = match.groups()
        return str(any(one.startswith(term) for one in indexed) if is_prefix else term in indexed)

    logic = re.sub(r"'([^']*)'(:\*)?", each, tsquery).replace("&", "and").replace("|", "or")
    return bool(eval(logic))  # it holds True, False, and, or and brackets only


@pytest.mark.parametrize(("typed", "text"), FOUND)
def test_the_index_has_what_the_text_has(typed: str, text: str) -> None:
    """The index would hide a text that holds what the agent typed."""
    assert holds(Query.read(typed).as_tsquery(), terms(fold(text)))


@pytest.mark.parametrize(
    "text", ["a'b", "\\", "'; DROP TABLE events; --", "a & b | !c <-> d:*", "\x00转\x00账", "\ud800", "𠮷野家" * 9]
)
def test_terms_need_no_escaping(text: str) -> None:
    """A sign with a meaning for PostgreSQL would break the statement, or search for something else."""
    query = Query.read(text)
    made = re.sub(r"'[^'\\\x00\s&|!<>():*]+'(:\*)?", "", query.as_tsquery(range(20_000, 20_002)))
    assert set(made) <= set(" &|()")
    assert not any(set(term) & set("'\\\x00 &|!<>():*") for term in terms(fold(text)))


def test_a_long_query_has_few_terms_and_is_checked_as_a_whole() -> None:
    """A pasted message would be a statement of thousands of terms."""
    text = "".join(chr(0x4E00 + 7 * i) for i in range(400)) + "9" * 300
    query = Query.read(text)
    assert query.as_tsquery().count("'") <= 2 * 40
    assert query.matches(text)
    assert not query.matches(text[:-1])
    assert max(map(len, terms(fold(text)))) <= LONGEST_WORD + 1


def test_the_snippet_shows_the_phrase_as_it_was_written() -> None:
    """The agent would see the beginning of a long message and not what they look for."""
    text = "前面的话" * 60 + "\n他让我把錢轉賬到安全賬戶，" + "后面的话" * 60
    snippet = Query.read("转账到安全账户").snippet(text)
    assert "錢轉賬到安全賬戶" in snippet
    assert snippet[0] == snippet[-1] == "…"
    assert len(snippet) <= SNIPPET_LENGTH + 2
    assert "\n" not in snippet
    assert Query.read("短").snippet(" 短\n的话 ") == "短 的话"
