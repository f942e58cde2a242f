"""Articles and canned replies for agents: searched by meaning and words, suggested for the customer's last message."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.canned_replies import load_canned_replies
from content.compiler import compile_content, load_desk_content
from content.sources import ContentError
from handoff.conversations.events import BOT, CUSTOMER, Event, Message, Participant, Reopened, Triage
from handoff.queue.articles.suggestions import talk_of
from handoff.queue.articles.word_index import Entry, WordIndex
from handoff.turns.bot_pool import BotPool, open_session
from tests.handoff.conftest import DATA
from tests.handoff.fake_bot import TOKEN, FakeBot, answers, escalates, says
from tests.handoff.people import Agent, Customer, Json, error_code
from tests.handoff.running_desk import Desk

NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


async def find(agent: Agent, q: str = "", locale: str = "zh") -> Json:
    """Articles for some words."""
    answer = await agent.call("GET", "/articles", params={"q": q, "locale": locale})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def suggest(agent: Agent, customer: Customer) -> Json:
    """What the console would show above the reply box."""
    answer = await agent.call("GET", f"/conversations/{customer.id}/suggestions")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(page: Json) -> list[str]:
    """The articles' ids."""
    return [article["id"] for article in page["articles"]]


# --- by words ----------------------------------------------------------------------------------------------------------------


def test_titles_and_rare_words_count_most() -> None:
    """An article that mentions a matter would stand before the one about it."""
    index = WordIndex(
        [
            Entry("fees", ("手续费", "Fees"), ("转账的手续费按比例收取",)),
            Entry("transfer", ("如何转账", "Transfers"), ("转账时也会显示手续费",)),
            Entry("refund", ("退款", "Refunds"), ("退款到账要三天",)),
        ]
    )
    ranked = index.rank("手续费怎么收")
    assert ranked["fees"] > ranked["transfer"]
    assert "refund" not in ranked
    assert max(index.rank("REFUNDS").items(), key=lambda each: each[1])[0] == "refund"
    assert index.rank("转账")["transfer"] > index.rank("转账")["fees"]
    assert index.rank("") == index.rank("？！") == index.rank("xyz") == {}
    assert all(0 < score <= 1 for score in index.rank("手续费").values())


async def test_without_a_bot_words_alone_answer(desk: Desk) -> None:
    """While the bot is down agents would find nothing, or not know that they see only a part."""
    agent = await desk.agent()
    page = await find(agent, "手续费")
    assert page["by_meaning"] is False
    assert ids(page)[0] == "fees"
    assert {article["by"] for article in page["articles"]} == {"words"}
    await desk.bot.stop()
    assert ids(await find(agent, "手续费"))[0] == "fees"


# --- by meaning --------------------------------------------------------------------------------------------------------------


async def test_meaning_and_words_together(desk: Desk) -> None:
    """What the bot understands would be lost among shared characters."""
    agent = await desk.agent()
    desk.bot.articles = [{"id": "refund_status", "score": 0.8}, {"id": "fees", "score": 0.05}, {"id": "gone", "score": 0.9}]
    page = await find(agent, "我的钱怎么还没回来")
    assert page["by_meaning"] is True
    assert ids(page)[0] == "refund_status"  # "gone" is not published, "fees" is chance
    assert page["articles"][0]["by"] == "meaning"
    assert "fees" not in ids(page)
    (asked,) = desk.bot.searches
    assert asked["text"] == "我的钱怎么还没回来"
    assert desk.bot.turns == []


async def test_an_agent_reads_what_the_customer_reads(desk: Desk) -> None:
    """The agent would insert a text with a hole in it, in a language that the customer does not read."""
    agent = await desk.agent()
    content = load_desk_content(DATA)
    texts = {}
    for locale, written in [("zh", "zh"), ("en", "en"), ("zh-Hant", "zh"), ("ja", "en")]:
        (article, *_) = (await find(agent, "手续费 fees", locale))["articles"]
        assert article["id"] == "fees"
        assert "{{" not in article["text"]
        stored = next(each for each in content.article_list if (each.header.id, each.header.locale) == ("fees", written))
        assert article["revision"] == stored.revision
        texts[locale] = (article["title"], article["text"])
    assert texts["en"] == texts["ja"]
    assert len({texts["zh"], texts["zh-Hant"], texts["en"]}) == 3


async def test_all_articles_without_words(desk: Desk) -> None:
    """The knowledge tab would be empty until the agent knows what to type."""
    agent = await desk.agent()
    page = await find(agent)
    assert ids(page) == list(load_desk_content(DATA).articles.ids())
    assert desk.bot.searches == []
    assert (await find(agent, "？！"))["articles"] == []


@pytest.mark.parametrize("odd", [{"q": "a" * 501}, {"q": "x", "locale": "a-long-language"}])
async def test_a_request_that_is_refused(desk: Desk, odd: dict[str, str]) -> None:
    """A huge request would reach the bot."""
    answer = await (await desk.agent()).call("GET", "/articles", params=odd)
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")
    answer = await (await desk.agent("editor")).call("GET", "/articles", params={"q": "x"})
    assert (answer.status_code, error_code(answer)) == (403, "not_permitted")


@pytest.mark.parametrize("q", ["\x00", "' OR 1=1", "🙂", "转" * 500, "{{ 7*7 }}"])
async def test_odd_words(desk: Desk, q: str) -> None:
    """Odd words would be an internal error."""
    await find(await desk.agent(), q)


async def test_a_bot_that_breaks_the_contract_or_hangs(bot: FakeBot) -> None:
    """A broken bot would break the agents' search, or keep it waiting."""
    async with open_session() as http:
        pool = BotPool([bot.url], TOKEN, http)
        for odd in ([{"id": 5}], "x", [{"id": "a", "score": "1"}], 500, 401):
            bot.articles = odd
            assert await pool.articles("转账", 3, 1) is None
        bot.articles = [{"id": "fees", "score": 1}]
        assert [found.id for found in await pool.articles("转账", 3, 1) or ()] == ["fees"]
        assert pool.bots[0].is_ready(), "its turns go well"
        assert await pool.articles("转账", 3, 0) is None
        await bot.stop()
        assert await asyncio.wait_for(pool.articles("转账", 3, 1), 5) is None


async def test_another_bot_answers_for_one_that_is_away(bot: FakeBot) -> None:
    """One broken bot of two would cost half of the searches."""
    bot.articles = [{"id": "fees", "score": 1}]
    async with open_session() as http:
        pool = BotPool(["http://127.0.0.1:1", bot.url], TOKEN, http)
        for _ in range(2):
            assert await pool.articles("转账", 3, 2)


# --- suggestions -------------------------------------------------------------------------------------------------------------


def event(seq: int, body: Any, by: Participant = CUSTOMER) -> Event:
    """An entry of a log."""
    return Event("c", seq, NOW, by, body)


def triage(seq: int, message_seq: int, **ranking: float) -> Event:
    """A decision of the bot."""
    decision = {"ranking": [{"intent": intent, "confidence": share} for intent, share in ranking.items()]}
    return event(seq, Triage(turn_id="t", decision=decision, silent=False, message_seq=message_seq), BOT)


AGENT = Participant("agent", "小林")


@pytest.mark.parametrize(
    ("events", "text", "ranking"),
    [
        ([], "", {}),
        ([event(1, Message(text="转账没到账"))], "转账没到账", {}),
        (
            [event(1, Message(text="转账没到账")), triage(2, 1, transfer_delay=0.9, fees=0.05)],
            "转账没到账",
            {"transfer_delay": 0.9},
        ),
        # "ok" and a pressed button tell nothing
        ([event(1, Message(text="转账没到账")), event(2, Message(text="好的"))], "转账没到账", {}),
        ([event(1, Message(text="转账没到账")), event(2, Message(text="没有解决", choice="unsolved"))], "转账没到账", {}),
        ([event(1, Message(text="你好"))], "你好", {}),
        # an agent has it: the bot did not read the last message
        (
            [event(1, Message(text="转账没到账")), triage(2, 1, transfer_delay=0.9), event(3, Message(text="退款多久到"))],
            "退款多久到",
            {},
        ),
        (
            [event(1, Message(text="很久以前的事")), event(2, Reopened(episode=2)), event(3, Message(text="退款多久到"))],
            "退款多久到",
            {},
        ),
        ([event(1, Message(text="客户的话在前")), event(2, Message(text="客服说的话"), AGENT)], "客户的话在前", {}),
    ],
)
def test_what_is_suggested_for(events: list[Event], text: str, ranking: dict[str, float]) -> None:
    """The agent would get suggestions for something that the customer did not ask."""
    talk = talk_of(events)
    assert (talk.text, talk.ranking) == (text, ranking)


@pytest.mark.parametrize(
    "ranking", [None, 5, [1], [{"intent": 1, "confidence": 1}], [{"intent": "fees", "confidence": "x"}], {}]
)
def test_a_stored_decision_of_any_shape(ranking: Any) -> None:
    """A decision of a newer bot would break the suggestions of its conversation."""
    odd = Triage(turn_id="t", decision={"ranking": ranking}, silent=False, message_seq=1)
    assert talk_of([event(1, Message(text="转账没到账")), event(2, odd, BOT)]).ranking == {}


async def test_the_bots_decision_comes_first(desk: Desk) -> None:
    """An agent would get articles that only sound alike, although the bot knew what it was about."""
    agent = await desk.agent()
    ranking = [{"intent": "transfer_delay", "confidence": 0.6}, {"intent": "duplicate_charge", "confidence": 0.3}]
    customer = await desk.waiting_customer(escalates(ranking=ranking), text="钱扣了两次还没到账")
    desk.bot.articles = [{"id": name, "score": 0.5} for name in ("refund_status", "fees", "invoice")]
    page = await suggest(agent, customer)
    assert ids(page)[0] == "transfer_delay"
    assert len(ids(page)) == 3
    assert page["by_meaning"] is True
    replies = {reply.id: reply for reply in load_desk_content(DATA).canned_replies}
    first, *_ = page["canned_replies"]
    assert {"transfer_delay", "duplicate_charge"} & set(replies[first].intents)
    assert len(page["canned_replies"]) == 3
    assert set(page["canned_replies"]) <= set(replies)
    log = await desk.log(customer)
    await suggest(agent, customer)
    assert await desk.log(customer) == log, "suggestions send nothing"


async def test_what_the_customer_has_already_comes_last(desk: Desk) -> None:
    """The agent would send the article that has just not helped, or the same words twice."""
    agent = await desk.agent()
    customer = await desk.customer()
    article = {"id": "fees", "title": "手续费", "revision": "r"}
    answered = await answers()({})
    body = json.loads(answered.body)
    body["messages"][0]["article"] = article
    desk.bot.will(says(body))
    await desk.wait_for_turn(customer, await customer.say("手续费怎么收"))
    desk.bot.will(escalates())
    await desk.wait_for_turn(customer, await customer.say("手续费怎么收，扣错了"))
    desk.bot.articles = [{"id": "fees", "score": 0.9}, {"id": "refund_status", "score": 0.3}]
    assert ids(await suggest(agent, customer)).index("fees") > 0
    await agent.claim(customer)
    (first, *_) = (await suggest(agent, customer))["canned_replies"]
    replies = (await agent.call("GET", "/canned-replies")).json()["canned_replies"]
    await agent.write(customer, next(reply["text"] for reply in replies if reply["id"] == first))
    assert first not in (await suggest(agent, customer))["canned_replies"]


async def test_suggestions_are_for_those_who_may_read(desk: Desk) -> None:
    """Suggestions would tell what a customer wrote to whoever knows the id."""
    agent, other = await desk.agent(), await desk.agent("agent2")
    customer = await desk.waiting_customer()
    await agent.claim(customer)
    answer = await other.call("GET", f"/conversations/{customer.id}/suggestions")
    assert (answer.status_code, error_code(answer)) == (403, "reason_needed")
    answer = await other.call("GET", "/conversations/nobody%00/suggestions")
    assert (answer.status_code, error_code(answer)) == (404, "unknown_conversation")
    await suggest(agent, customer)


async def test_a_conversation_without_a_word(desk: Desk) -> None:
    """A customer who only opened the chat would break the console."""
    customer, agent = await desk.customer(), await desk.agent("supervisor")
    assert await suggest(agent, customer) == {"articles": [], "canned_replies": [], "by_meaning": False}


# --- the editors' file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["reasons", "intents"])
def test_an_unknown_reason_or_intent_of_a_canned_reply(tmp_path: Path, field: str) -> None:
    """A reply with a mistyped reason would never be suggested, and nobody would learn why."""
    policy = compile_content(DATA).policy
    path = tmp_path / "canned_replies.yml"
    reply = {"id": "a", "shortcut": "a", "title": {"zh": "一", "en": "a"}, "text": {"zh": "一", "en": "a"}, field: ["no_such"]}
    path.write_text(yaml.safe_dump({"version": 1, "canned_replies": [reply]}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError, match=f"a: {field}: `no_such` is not in triage.yml") as caught:
        load_canned_replies(path, {"zh": {}, "en": {}}, policy)
    assert caught.value.line is not None
