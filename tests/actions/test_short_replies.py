"""A table of short replies in stated situations, decided by the trained model and the words together.

`short_replies/*.jsonl`: `{situation, locale, text, expect, kind}`. `written.jsonl` was written before the code, `blind.jsonl`
by authors who had not seen it, `siblings.jsonl` after the code, as a check that the kinds hold. `expect` lists the outcomes
that a product owner accepts (see `outcomes`).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set

import pytest

from actions.decide import decide
from actions.decision import Message
from actions.triage import message_from_parse, triage
from content.bundle import Content
from contract.decision import Decision
from contract.priorities import PRIORITIES
from contract.turn import Closed, Context
from language.recognition import language_of

Parse = Callable[[str], Dict[str, Any]]
TABLES = sorted((Path(__file__).parent / "short_replies").glob("*.jsonl"))
#: The share of rows that must be right.
BAR = 0.97


class Row(NamedTuple):
    """One row of the table."""

    table: str
    situation: str
    locale: str
    text: str
    expect: List[str]
    kind: str


def rows() -> List[Row]:
    """All rows of all tables."""
    return [Row(path.stem, **json.loads(line)) for path in TABLES for line in path.read_text(encoding="utf-8").splitlines()]


_ANSWERED = Context(last_route="answer", last_article="withdraw_howto", asked="solved", topic="withdraw_howto")
_QUEUED = Context(status="queued", last_route="escalate")
SITUATIONS = {
    "answered": _ANSWERED,
    "offered_topics": Context(
        last_route="clarify", asked="topic", not_understood=1, topics=("bind_card_failed", "unbind_card", "payment_failed")
    ),
    "offered_person": Context(last_route="reject", asked="offer_person", not_understood=1),
    "queued_normal": replace(_QUEUED, priority="normal"),
    "queued_urgent": replace(_QUEUED, priority="urgent"),
    "confirm_cancel": replace(_QUEUED, priority="urgent", asked="cancel_wait"),
    "closed_by_person": Context(closed=Closed("agent", "dispute", "high", "duplicate_charge")),
    "closed_by_bot": Context(closed=Closed("solved", None, None, "withdraw_howto")),
}


def outcomes(decision: Decision, context: Context) -> Set[str]:
    """What the customer would call the decision. A word that keeps the conversation open is both friendly and open."""
    if context.status == "queued":
        if decision.outcome == "never_mind" or decision.asks == "cancel_wait":
            return {"leave"}
        raised = decision.priority is not None and PRIORITIES.index(decision.priority) < PRIORITIES.index(
            context.priority or "normal"
        )
        return {"raise"} if raised else {"stay"}
    if decision.route == "escalate":
        by_topic = {f"topic:{context.topics.index(decision.intent) + 1}"} if decision.intent in context.topics else set()
        return by_topic | {"urgent" if decision.reason == "security" else "person"}
    if decision.outcome is not None:
        return {decision.outcome}
    if decision.route == "answer" and decision.intent in context.topics:
        return {f"topic:{list(context.topics).index(decision.intent) + 1}"}
    return {"open", "friendly"} if decision.route == "chat" else {"open"}


def understood(row: Row, parse: Parse) -> Message:
    """The row's text as the bot reads it."""
    return message_from_parse(parse(row.text))


def decided(row: Row, parse: Parse, content: Content) -> Decision:
    """What the bot decides for a row."""
    return decide(understood(row, parse), replace(SITUATIONS[row.situation], locale=row.locale), content.policy)


def test_the_table_of_short_replies(parse: Parse, content: Content) -> None:
    """A reply to what the bot asked would be taken for something else than its author meant."""
    table, wrong = rows(), []
    for row in table:
        decision = decided(row, parse, content)
        found = outcomes(decision, SITUATIONS[row.situation])
        if not found & set(row.expect):
            said = f"{row.table} {row.situation} “{row.text}” ({row.kind})"
            wrong.append(f"{said}: {'/'.join(sorted(found))} by {decision.rule}, expected {'/'.join(row.expect)}")
    right = 1 - len(wrong) / len(table)
    assert len(table) >= 400
    assert right >= BAR, "\n".join([f"{right:.1%} of {len(table)}", *wrong])


@pytest.mark.parametrize(
    "row", [row for row in rows() if row.kind == "question"], ids=lambda row: f"{row.situation} {row.text}"
)
def test_a_question_never_ends_a_conversation(row: Row, parse: Parse, content: Content) -> None:
    """A customer who asks "is it done?" would be told that all is solved."""
    assert decided(row, parse, content).outcome not in ("solved", "closed")


@pytest.mark.parametrize("row", [row for row in rows() if row.table == "losses"], ids=lambda row: row.text)
def test_a_loss_told_after_an_answer_does_not_end_it(row: Row, parse: Parse, content: Content) -> None:
    """ "The money is gone" would be thanked as "no more questions", and "I sent it" taken for a yes."""
    decision = decided(row, parse, content)
    assert outcomes(decision, SITUATIONS[row.situation]) & set(row.expect), decision


# --- single inputs from the field, and their siblings ----------------------------------------------------------------

FRESH = Context()
FIELD = [
    # situation, text, outcomes
    *[("queued_urgent", text, "stay") for text in ("取消转账", "取消那笔付款", "算了多少手续费", "取消订单", "算了还剩多少钱")],
    *[("queued_urgent", text, "leave") for text in ("取消排队", "不用了")],
    *[("queued_normal", text, "leave") for text in ("取消排队", "不用了")],
    *[
        (situation, text, "stay")
        for situation in ("queued_normal", "queued_urgent", "confirm_cancel")
        for text in (
            "不要机器人",
            "我不要机器人了",
            "不需要机器人",
            "不想跟机器人说",
            "dont want to wait for a bot",
            "no robots",
        )
    ],
    *[("answered", text, "open") for text in ("？", "?", "，", "！", "解决了吗", "可以了吗", "是这样吗", "怎么办", "然后呢")],
    *[
        ("answered", text, "open")
        for text in ("等等", "正在试", "操作了", "给", "他", "这个", "I did that", "trying now", "手机")
    ],
    *[("answered", text, "person") for text in ("我就是这样做的", "废话", "服了", "n")],
    *[("answered", text, "solved") for text in ("嗯", "好的", "ok", "解决了", "弄好了", "没问题了", "到账了")],
    *[("answered", text, "closed") for text in ("没有其他问题了", "不用了", "nothing else", "谢谢")],
    *[("answered", text, "solved closed") for text in ("没有问题了", "👍")],
    *[("offered_topics", text, "topic:2") for text in ("2", "第二个", "two", "the second one", "②")],
    *[("closed_by_person", text, "person") for text in ("没解决", "还是不行", "钱还没退", "没用")],
    *[("closed_by_person", text, "closed") for text in ("谢谢", "好的", "再见", "thanks")],
    *[("closed_by_bot", text, "closed") for text in ("谢谢", "好的", "bye")],
]


@pytest.mark.parametrize(("situation", "text", "expect"), FIELD)
def test_replies_from_the_field(parse: Parse, content: Content, situation: str, text: str, expect: str) -> None:
    """A customer would be misread as in a public bug report."""
    decision = decided(Row("", situation, "zh", text, [], ""), parse, content)
    assert outcomes(decision, SITUATIONS[situation]) & set(expect.split()), decision


@pytest.mark.parametrize(
    "text", ["手机", "密码", "银行卡", "账号", "转账", "验证码", "我的钱包", "信用卡", "phone", "my card", "account", "手机？"]
)
def test_a_thing_by_its_name_is_asked_about(parse: Parse, content: Content, text: str) -> None:
    """A bare noun would be an emergency, because stolen phones are called phones, too."""
    decision = decide(message_from_parse(parse(text)), FRESH, content.policy)
    assert (decision.route, decision.rule, decision.asks) == ("clarify", "noun", "topic")
    assert len(decision.topics) == 3


@pytest.mark.parametrize(
    "text",
    ["手机丢了", "手机，丢了", "我的账号，被盗了", "钱，被人转走了", "银行卡被盗刷了", "phone stolen", "my card was stolen"],
)
def test_a_thing_with_what_happened_to_it_is_an_emergency(parse: Parse, content: Content, text: str) -> None:
    """A theft told in two quick pieces would be asked about."""
    assert decide(message_from_parse(parse(text)), FRESH, content.policy).reason == "security"


@pytest.mark.parametrize("text", ["到账了", "钱到账了", "解决了", "已经弄好了"])
def test_good_news_out_of_the_blue_is_no_dispute(parse: Parse, content: Content, text: str) -> None:
    """ "The money has arrived" as the first message would go to a person as a dispute."""
    assert decide(message_from_parse(parse(text)), FRESH, content.policy).route == "chat"


TWO_TOPICS = [
    # text, answered, still open
    ("验证码收不到，另外银行卡也绑不上", "verification_code_not_received", ["bind_card_failed"]),
    ("怎么提现 顺便问下手续费多少", "withdraw_howto", ["fees"]),
    ("how do I withdraw, also my card can't be added", "withdraw_howto", ["bind_card_failed"]),
    ("你好，怎么提现", "withdraw_howto", []),
    ("怎么提现，谢谢", "withdraw_howto", []),
]


@pytest.mark.parametrize(("text", "answered", "still_open"), TWO_TOPICS)
def test_of_two_topics_the_second_stays_open(
    parse: Parse, content: Content, text: str, answered: str, still_open: List[str]
) -> None:
    """The second question of a message would be forgotten."""
    decision = decide(message_from_parse(parse(text)), FRESH, content.policy)
    assert (decision.route, decision.intent, list(decision.open_topics)) == ("answer", answered, still_open)


@pytest.mark.parametrize(
    "text", ["验证码收不到，另外钱好像不见了", "怎么提现，另外我的账号被盗了", "账户被冻结了，另外怎么开发票"]
)
def test_an_escalation_beside_a_question_wins(parse: Parse, content: Content, text: str) -> None:
    """An emergency in the second half of a message would be a button below an article."""
    assert decide(message_from_parse(parse(text)), FRESH, content.policy).route == "escalate"


ABOUT_THE_ARTICLE = [
    # text, the step that is repeated
    ("第二步是什么意思", 2),
    ("what does step 3 mean", 3),
    ("最后一步怎么弄", 5),
    ("2", 2),
    ("第九步在哪", None),
    ("在哪里点", None),
    ("which button", None),
    ("怎么办", None),
    ("然后呢", None),
]


@pytest.mark.parametrize(("text", "step"), ABOUT_THE_ARTICLE)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_question_about_the_article_is_answered_from_it(
    parse: Parse, content: Content, text: str, step: Optional[int], locale: str
) -> None:
    """ "What does step two mean" would be foreign to the bot that has just sent it."""
    context = replace(SITUATIONS["answered"], locale=locale)
    messages, body = triage(message_from_parse(parse(text)), context, content, "model", dt.date(2026, 11, 30))
    assert (body["route"], body["rule"], body["step"], body["asks"]) == ("answer", "context.article", step, "solved")
    # The reply's own language counts where it tells; "step 2" alone keeps the conversation's.
    article = content.articles.find("withdraw_howto", language_of(text) or locale, dt.date(2026, 11, 30))
    assert article is not None
    assert body["article"] == {"id": "withdraw_howto", "revision": article.revision}
    (message,) = messages
    doors = [f"topic:{door.intent}" for door in article.header.doors]
    assert [button["choice"] for button in message["buttons"]] == ["solved", "unsolved", "human", *doors]
    if step is None:
        assert article.text in message["text"]
    else:
        words = next(line for line in article.text.splitlines() if line.startswith(f"{step}. "))[3:]
        assert str(step) in message["text"]
        assert words in message["text"]
        assert len(message["text"]) < len(article.text)
