"""A customer reads the language in which they write: queue, advice, closings, canned replies; agents see which one it is."""

from __future__ import annotations

import shutil

import pytest

from content.compiler import load_desk_policy
from content.desk_policy import DeskPolicy
from content.sources import ContentError
from handoff.conversations.events import LanguageChanged
from language.recognition import FOREIGN
from tests.handoff.conftest import DATA
from tests.handoff.fake_bot import FakeBot, Held, answers, chats, escalates, hangs_up
from tests.handoff.people import Customer, Json, of_type, texts
from tests.handoff.running_desk import Desk


@pytest.fixture(scope="module")
def policy() -> DeskPolicy:
    """The editors' files."""
    return load_desk_policy(DATA)


async def languages(desk: Desk, customer: Customer) -> list[tuple[str, str]]:
    """The changes of language in the log: from, to."""
    return [(event["was"], event["language"]) for event in of_type(await desk.log(customer), "language_changed")]


async def card_of(desk: Desk, customer: Customer) -> Json:
    """What an agent sees of a waiting conversation."""
    agent = await desk.agent()
    queue = (await agent.call("GET", "/queue")).json()
    return next(card for card in queue["waiting"] if card["id"] == customer.id)


@pytest.mark.parametrize(
    ("page", "said", "locale", "opening", "advice"),
    [
        (
            "zh",
            "someone stole my account and my money",
            "en",
            "Your case goes to a person",
            "While you wait, protect the account",
        ),
        ("en", "我的账号被盗了，钱没了", "zh", "这件事已经转给人工客服", "等待时请先保护账户"),
        ("zh", "我的帳號被盜了，錢沒了", "zh-Hant", "這件事已經轉給人工客服", "登入密碼和支付密碼"),
        ("en", "wo de zhanghao bei dao le", "zh", "这件事已经转给人工客服", "等待时请先保护账户"),
        ("en", "我的account被hacked了", "zh", "这件事已经转给人工客服", "等待时请先保护账户"),
        ("zh", "they asked for [验证码] and now my money is gone", "en", "Your case goes to a person", "While you wait"),
        (
            "zh",
            "アカウントが乗っ取られました",
            "ja",
            "日本語での自動応答には対応していません",
            "While you wait, protect the account",
        ),
        ("zh", "110", "zh", "这件事已经转给人工客服", "等待时请先保护账户"),
        ("en", "110", "en", "Your case goes to a person", "While you wait"),
    ],
)
async def test_emergency_advice_comes_in_the_language_of_the_message(
    desk: Desk, bot: FakeBot, page: str, said: str, locale: str, opening: str, advice: str
) -> None:
    """A victim would read advice in a language that they do not understand, because the page has another one."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    customer = await desk.customer(page)
    events = await desk.wait_for_turn(customer, await customer.say(said))
    notice = texts(events, "system")[0]
    assert opening in notice
    assert advice in notice
    assert bot.turns[-1]["context"]["locale"] == locale
    assert (await card_of(desk, customer))["locale"] == locale


async def test_each_change_is_one_event_that_customers_do_not_see(desk: Desk, bot: FakeBot) -> None:
    """Agents would not know when a customer changed the language, or be told at every message."""
    customer = await desk.customer("zh")
    for text in ("转账没到", "where is my money", "I sent it yesterday", "12345", "ok", "我的钱呢", "你好", "錢還沒到帳"):
        bot.will(chats("…"))
        await desk.wait_for_turn(customer, await customer.say(text))
    assert await languages(desk, customer) == [("zh", "en"), ("en", "zh"), ("zh", "zh-Hant")]
    assert not of_type(await customer.events(), "language_changed")


async def test_a_button_keeps_the_language(desk: Desk, bot: FakeBot) -> None:
    """An English customer who pressed a Chinese button of the page would read Chinese from then on."""
    bot.will(answers())
    customer = await desk.customer("zh")
    await desk.wait_for_turn(customer, await customer.say("my transfer has not arrived"))
    bot.will(chats("…"))
    await customer.press("solved")
    await desk.turns_over()
    assert bot.turns[-1]["context"]["locale"] == "en"
    await customer.press("human")
    assert await languages(desk, customer) == [("zh", "en")]
    assert "a person will take over" in texts(await customer.events(), "system")[-1]


async def test_the_button_for_a_person_speaks_traditional_chinese(desk: Desk) -> None:
    """The customer's own message in the transcript would be in another script than everything else."""
    customer = await desk.customer("zh-Hant")
    await customer.press("human")
    assert texts(await customer.events(), "customer") == ["轉人工"]
    assert "已經為您轉人工客服" in texts(await customer.events(), "system")[0]


async def test_two_quick_messages_in_two_languages_have_one_language(desk: Desk, bot: FakeBot) -> None:
    """The bot would answer in one language and the desk in the other."""
    customer = await desk.customer("en")
    first = Held(chats("…"))
    bot.will(first, escalates("dispute", "high", intent="payment_dispute"))
    await customer.say("hello")
    await first.asked()
    for text in ("扣了我两次钱", "please help me"):
        seq = await customer.say(text)
    first.release()
    events = await desk.wait_for_turn(customer, seq)
    assert bot.turns[-1]["text"] == "扣了我两次钱，please help me"
    assert bot.turns[-1]["context"]["locale"] == "zh"
    assert "您的情况由人工客服处理" in texts(events, "system")[0]


async def test_without_a_bot_the_customer_is_told_in_their_language(desk: Desk, bot: FakeBot) -> None:
    """Only the bot would know the language, and a failure of the bot would be reported in Chinese."""
    bot.will(*[hangs_up()] * 3)
    customer = await desk.customer("zh")
    events = await desk.wait_for_turn(customer, await customer.say("how do I change my phone number"))
    assert "the automated assistant cannot answer right now" in texts(events, "system")[0]


async def test_the_language_follows_also_while_an_agent_has_the_conversation(desk: Desk, bot: FakeBot) -> None:
    """Canned replies and the closing would come in the language of the first message."""
    bot.will(escalates("dispute", "high", intent="payment_dispute"))
    customer = await desk.customer("zh")
    await desk.wait_for_turn(customer, await customer.say("扣了我两次钱"))
    agent = await desk.agent()
    await agent.act(customer, "claim")
    await customer.say("sorry, can we go on in English? I don't read Chinese well")
    log = await agent.log(customer)
    assert [event["type"] for event in log[-2:]] == ["message", "language_changed"]
    assert (await desk.conversation(customer)).locale == "en"
    await agent.act(customer, "resolve", {"seen_seq": log[-1]["seq"]})
    assert "This conversation is closed" in texts(await customer.events(), "system")[-1]


@pytest.mark.parametrize(
    ("customer", "title", "words"),
    [
        ("zh", "Greeting", "您好，我是客服小周"),
        ("zh-Hant", "Greeting", "您好，我是客服小周，接下來由我為您處理"),
        ("en", "Greeting", "Hello, I am 小周"),
        ("ja", "Greeting", "Hello, I am 小周"),
        (None, "Greeting", "Hello, I am 小周"),
    ],
)
async def test_canned_replies_are_the_customers_and_their_titles_the_agents(
    desk: Desk, customer: str | None, title: str, words: str
) -> None:
    """An agent who works in English would send English to a customer who writes Chinese; names are never converted."""
    agent = await desk.agent("agent2")
    params = {"locale": "en", **({"customer_locale": customer} if customer else {})}
    replies = (await agent.call("GET", "/canned-replies", params=params)).json()["canned_replies"]
    greeting = next(reply for reply in replies if reply["id"] == "greeting")
    assert greeting["title"] == title
    assert words in greeting["text"]


async def test_agents_can_name_every_language(desk: Desk) -> None:
    """A card would show a code instead of a language's name."""
    agent = await desk.agent()
    names = (await agent.call("GET", "/intents")).json()["languages"]
    assert set(names) == set(FOREIGN)
    assert all(name["zh"] and name["en"] for name in names.values())


def test_names_and_numbers_are_not_converted(policy: DeskPolicy) -> None:
    """An agent called 云 would be introduced by another name, or a phone number change."""
    assert policy.text("assigned", "zh-Hant", agent_name="云里") == "人工客服 云里 已接入，正在查看您的情況。"
    number = policy.fill("{{ service_phone }}", "zh")
    assert number in policy.handoff_text("zh-Hant", "security", None, ahead=0, online=0)


@pytest.mark.parametrize("code", FOREIGN)
def test_who_writes_another_language_hears_in_it_that_a_person_is_called(policy: DeskPolicy, code: str) -> None:
    """The customer would not know whether the message was understood; the phone number helps in an emergency."""
    text = policy.handoff_text(code, "unresolved", None, ahead=2, online=1)
    first, stop, *rest = text.split("\n")
    for line in (first, stop):
        assert policy.fill("{{ service_phone }}", "en") in line
    # An emergency that the bot does not recognise waits as an ordinary case: the victim must get the advice in any case.
    assert policy.fill("{{ police_phone }}", "en") in stop
    assert rest == ["There are 2 ahead of you; the expected wait is about 12 minutes."]
    assert policy.handoff_text(code, "security", None, ahead=2, online=1).startswith(
        f"{first}\n{stop}\nYour case goes to a person"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  ja:", "  xx:", r"languages\.ja is missing"),
        ("service_phone", "no_such_fact", r"languages\.ja\.text: .*no_such_fact"),
        ("en: Japanese", "en: ''", r"languages\.ja\.en"),
        ("police_phone", "no_such_fact", r"languages\.ja\.stop: .*no_such_fact"),
        ("    stop:", "    stopp:", r"languages\.ja\.stop"),
    ],
)
def test_a_mistake_in_the_languages_is_named(tmp_path_factory: pytest.TempPathFactory, old: str, new: str, words: str) -> None:
    """An editor's slip would fail in a foreign customer's turn."""
    folder = tmp_path_factory.mktemp("content") / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu", "calibration"))
    path = folder / "languages.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=words):
        load_desk_policy(folder)


def test_the_event_is_internal() -> None:
    """A customer's client would get an event type that it does not know."""
    assert not LanguageChanged.is_public


@pytest.mark.parametrize(
    ("page", "words"), [("en", "我的钱正在被人转走"), ("zh-Hant", "验证码一直收不到"), ("zh", "My transfer is late")]
)
async def test_words_of_the_page_keep_the_language(desk: Desk, bot: FakeBot, page: str, words: str) -> None:
    """A customer who presses a suggestion would read its language from then on, and in Taiwan simplified characters."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    customer = await desk.customer(page)
    answer = await customer.post({"client_message_id": "m-suggested", "text": words, "suggested": True})
    await desk.wait_for_turn(customer, answer.json()["seq"])
    assert await languages(desk, customer) == []
    assert bot.turns[-1]["suggested"] is True
    assert bot.turns[-1]["context"]["locale"] == page
    await customer.say("please tell me what I should do now" if page != "en" else "我现在该怎么办呢")
    assert len(await languages(desk, customer)) == 1


async def test_a_suggestion_beside_own_words_does_not_tell_the_language(desk: Desk, bot: FakeBot) -> None:
    """The page's text would outweigh the customer's own in the same turn."""
    customer = await desk.customer("en")
    first = Held(chats("…"))
    bot.will(first, chats("…"))
    await customer.say("hello")
    await first.asked()
    await customer.post({"client_message_id": "m-suggested", "text": "我的验证码一直收不到怎么办", "suggested": True})
    seq = await customer.say("since yesterday, please help me")
    first.release()
    await desk.wait_for_turn(customer, seq)
    assert await languages(desk, customer) == []
    assert bot.turns[-1]["context"]["locale"] == "en"
    assert bot.turns[-1]["suggested"] is True


def told_at_handoff(events: list[Json]) -> list[str]:
    """The messages that say who takes over, the place and what to do."""
    return [event["text"] for event in of_type(events, "message") if event.get("kind") == "handoff"]


async def test_who_changes_the_language_while_waiting_reads_it_all_once_more(desk: Desk, bot: FakeBot) -> None:
    """A victim's advice would stay in a language that they do not read, or be repeated with each message."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    customer = await desk.customer("zh")
    await desk.wait_for_turn(customer, await customer.say("账号被盗了"))
    for said in ("I don't read Chinese, what should I do", "what is my place in the line", "12345"):
        bot.will(chats("…"))
        await desk.wait_for_turn(customer, await customer.say(said))
    first, again = told_at_handoff(await customer.events())
    assert "等待时请先保护账户" in first
    assert "Your case goes to a person" in again
    assert "While you wait, protect the account" in again
    bot.will(chats("…"))
    await desk.wait_for_turn(customer, await customer.say("アカウントが乗っ取られました"))
    *_, japanese = told_at_handoff(await customer.events())
    assert "日本語での自動応答" in japanese
    assert len(told_at_handoff(await customer.events())) == 3


async def test_the_other_chinese_script_is_no_reason_to_say_it_all_again(desk: Desk, bot: FakeBot) -> None:
    """A customer of Taiwan would read every notice twice."""
    bot.will(escalates("security", "urgent", intent="account_stolen"), chats("…"))
    customer = await desk.customer("zh")
    await desk.wait_for_turn(customer, await customer.say("账号被盗了"))
    await desk.wait_for_turn(customer, await customer.say("我該怎麼辦呢，錢還在嗎"))
    assert await languages(desk, customer) == [("zh", "zh-Hant")]
    assert len(told_at_handoff(await customer.events())) == 1
    assert texts(await customer.events(), "system")[-1] == "已補充給客服，還有情況可以繼續寫。"
