"""How the chat displays messages of customers, agents, the bot and the desk."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.async_api import Page, expect

from handoff.conversations.decide import Assign
from handoff.conversations.draft import Draft
from handoff.conversations.events import CUSTOMER, Message
from tests.handoff.fake_bot import FakeBot, answers, answers_with_doors, chats, escalates
from tests.handoff.pages.conftest import OpenPage, agent_writes, desk_writes, fill_log, log_more, open_chat, settle
from tests.handoff.running_desk import Desk, append

MASKED = "收款人：张**，卡号**1234\n1. 请核对"
OVERRIDE = "\u202eabc 123"


async def lines(page: Page, text: str, formatting: str) -> str:
    """The markup of a text, without classes."""
    markup = await page.evaluate(
        """async ([text, formatting]) => {
          const { messageLines } = await import("/pages/shared/message-text.js");
          const box = document.createElement("div");
          box.append(...messageLines(text, { formatting }));
          for (const node of box.querySelectorAll("*")) node.removeAttribute("class");
          return box.innerHTML;
        }""",
        [text, formatting],
    )
    return str(markup)


def bubble(page: Page, kind: str) -> object:
    """The last message of a kind of participant."""
    return page.locator(f'[data-testid="chat-message"][data-kind="{kind}"]').last.locator(".bubble")


@pytest.mark.parametrize(
    ("text", "formatting", "markup"),
    [
        ("a **b** c", "article", "<div><bdi>a <strong>b</strong> c</bdi></div>"),
        ("a **b** c", "steps", "<div><bdi>a **b** c</bdi></div>"),
        ("a **b** c", "none", "<div><bdi>a **b** c</bdi></div>"),
        ("张**，卡号**1234", "none", "<div><bdi>张**，卡号**1234</bdi></div>"),
        ("1. a\n2. b", "none", "<div><bdi>1. a</bdi></div><div><bdi>2. b</bdi></div>"),
        (
            "先\n1. a\n2、b\n后",
            "steps",
            '<div><bdi>先</bdi></div><ol role="list"><li value="1"><span>1. </span><bdi>a</bdi></li>'
            '<li value="2"><span>2、</span><bdi>b</bdi></li></ol><div><bdi>后</bdi></div>',
        ),
        ("3.5 元以下不收费", "article", "<div><bdi>3.5 元以下不收费</bdi></div>"),
        ("1.打开", "article", '<ol role="list"><li value="1"><span>1.</span><bdi>打开</bdi></li></ol>'),
        (
            "拨打 400-000-1234 止付",
            "steps",
            '<div><bdi>拨打 <a href="tel:400-000-1234">400-000-1234</a> 止付</bdi></div>',
        ),
        ("拨打 400-000-1234", "none", "<div><bdi>拨打 400-000-1234</bdi></div>"),
        ("2026-11-30 和 6222-0200-0000-1234", "steps", "<div><bdi>2026-11-30 和 6222-0200-0000-1234</bdi></div>"),
        ("<b>x</b>", "article", "<div><bdi>&lt;b&gt;x&lt;/b&gt;</bdi></div>"),
        (OVERRIDE, "none", f"<div><bdi>{OVERRIDE}</bdi></div>"),
    ],
)
async def test_a_text_becomes_lines(modules: Page, text: str, formatting: str, markup: str) -> None:
    """Typed text would be changed, an article would lose its form, or a text would become markup."""
    assert await lines(modules, text, formatting) == markup


async def test_only_articles_are_formatted(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """Asterisks that an agent or a customer typed, such as a masked name, would disappear."""
    customer = await desk.customer()
    page = await open_chat(open_page, desk, customer)
    bot.will(answers("打开 **账单**。"))
    await customer.say(MASKED)
    await expect(page.get_by_test_id("chat-choice").first).to_be_visible()
    await agent_writes(desk, customer, MASKED)
    await expect(bubble(page, "agent")).to_have_text(MASKED.replace("\n", ""))
    await expect(bubble(page, "customer")).to_have_text(MASKED.replace("\n", ""))
    article = page.locator(".bubble", has=page.get_by_test_id("chat-article"))
    await expect(article.locator("strong")).to_have_text("账单")
    assert "**" not in await article.inner_text()


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_a_door_is_seen_and_pressed_on_a_phone(desk: Desk, bot: FakeBot, open_page: OpenPage, locale: str) -> None:
    """A robbed customer would not find the door: off the screen, too small for a thumb, or hidden among the answers."""
    customer = await desk.customer()
    bot.will(
        answers_with_doors("到账通常需要两小时。\n1. 打开「账单」。\n2. 看状态。"),
        escalates("dispute", "high", "wrong_transfer"),
    )
    await customer.say("转账什么时候到" if locale == "zh" else "when does my transfer arrive")
    other = "en" if locale == "zh" else "zh"  # the page's language is not the customer's
    page = await open_chat(open_page, desk, customer, path=f"/?chat=open&lang={other}", width=360, height=740)
    doors = page.get_by_test_id("chat-doors")
    expected = "是下面的情况？点一下直接找人" if locale == "zh" else "Is it one of these? Get a person at once"
    await expect(doors.get_by_text(expected)).to_be_visible()
    await expect(page.get_by_role("group", name=expected).get_by_role("button")).to_have_text(["转错了", "感觉被骗"])
    answers_group = page.get_by_role("group", name="可选的回答" if locale == "zh" else "Choices")
    await expect(answers_group.get_by_role("button")).to_have_text(["解决了", "没有解决"])
    for door in await doors.get_by_role("button").all():
        await expect(door).to_be_in_viewport(ratio=1)
        box = await door.bounding_box()
        assert box is not None
        assert (box["height"] >= 44, box["x"] >= 0, box["x"] + box["width"] <= 360) == (True, True, True)
    await doors.get_by_role("button", name="转错了").click()
    await expect(bubble(page, "customer")).to_have_text("转错了")
    await expect(page.get_by_test_id("chat-status")).to_have_attribute("data-status", "queued")
    await expect(page.get_by_test_id("chat-status")).to_have_attribute("data-priority", "high")
    await expect(doors).to_have_count(0)
    assert bot.turns[-1]["choice"] == "topic:wrong_transfer"


#: Longer than any article, and than the log on a phone.
_STEP = "打开「账单」，点开这一笔，看看状态和说明，再核对对方的名字。"
LONG_ARTICLE = "先别付款。\n\n" + "\n".join(f"{i}. {_STEP}" for i in range(1, 13))


@pytest.mark.parametrize(("width", "height"), [(360, 640), (360, 740), (1440, 900)])
@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_the_doors_of_a_long_article_are_in_sight(
    desk: Desk, bot: FakeBot, open_page: OpenPage, locale: str, width: int, height: int
) -> None:
    """A robbed customer would not know that doors, "solved" and "not solved" follow below the screen."""
    customer = await desk.customer()
    bot.will(answers_with_doors(LONG_ARTICLE), escalates("security", "urgent", "scam_in_progress"))
    path = f"/?chat=open&lang={locale}"
    page = await open_chat(open_page, desk, customer, path=path, width=width, height=height)
    await customer.say("收到一条短信")
    doors = page.get_by_test_id("chat-doors").get_by_role("button")
    more = page.get_by_role("button", name="下面还有" if locale == "zh" else "More below")
    await expect(more).to_be_visible()
    await expect(page.get_by_text("先别付款。")).to_be_in_viewport(ratio=1)
    for door in await doors.all():
        await expect(door).to_be_in_viewport(ratio=1)
        await door.click(trial=True)  # nothing covers it
    await more.click()
    await expect(more).to_be_hidden()
    for choice in await page.get_by_test_id("chat-choice").all():
        await expect(choice).to_be_in_viewport(ratio=1)
        await choice.click(trial=True)
    await page.locator(".log").evaluate("log => { log.scrollTop = 0; }")
    await doors.last.click()
    await expect(page.get_by_test_id("chat-status")).to_have_attribute("data-status", "queued")


async def test_the_doors_leave_room_to_read_above_a_keyboard(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """On a phone in landscape or with an open keyboard the doors would cover the article."""
    customer = await desk.customer()
    bot.will(answers_with_doors(LONG_ARTICLE))
    page = await open_chat(open_page, desk, customer, width=360, height=320)
    await customer.say("收到一条短信")
    await expect(page.get_by_role("button", name="下面还有")).to_be_visible()
    await expect(page.get_by_test_id("chat-doors")).not_to_be_in_viewport()


async def test_new_messages_are_told_as_such(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A customer who reads a long article would take an agent's new message for a part of it."""
    customer = await desk.customer()
    bot.will(answers_with_doors(LONG_ARTICLE))
    page = await open_chat(open_page, desk, customer, width=360, height=640)
    await customer.say("收到一条短信")
    await expect(page.get_by_role("button", name="下面还有")).to_be_visible()
    await agent_writes(desk, customer, "您好")
    await expect(page.get_by_role("button", name="有新消息")).to_be_visible()
    await expect(page.get_by_role("button", name="下面还有")).to_have_count(0)


async def test_customers_read_no_revisions(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A customer would see a hash and take it for an error."""
    customer = await desk.customer()
    await customer.say("转账还没到账")
    page = await open_chat(open_page, desk, customer)
    source = page.get_by_test_id("chat-article")
    await expect(source).to_have_text("依据：到账延迟")
    assert await source.get_attribute("data-revision") == "r1"  # for the reader of a report
    assert await source.get_attribute("title") is None


async def test_a_screen_reader_meets_a_log_with_lists(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A screen reader user could not jump from message to message or from step to step."""
    customer = await desk.customer()
    bot.will(answers("这样做：\n1. 打开账单\n2. 点查看"))
    await customer.say("转账还没到账")
    page = await open_chat(open_page, desk, customer)
    messages = page.get_by_role("log").locator("> ol > li")
    await expect(messages.filter(has=page.get_by_test_id("chat-article"))).to_be_visible()
    assert await page.get_by_test_id("chat-message").evaluate_all("all => all.every(({ tagName }) => tagName === 'LI')")
    steps = page.get_by_test_id("chat-message").get_by_role("list").get_by_role("listitem")
    assert await steps.all_inner_texts() == ["1. 打开账单", "2. 点查看"]


async def test_direction_marks_do_not_reach_their_neighbours(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A text of a customer or an agent's name could reverse the order of other people's text, or of the desk's own."""
    customer = await desk.waiting_customer()
    name = "\u202e林小\u2067"
    await log_more(desk, customer, lambda draft, now: draft.do(Assign("agent", name), now))
    await agent_writes(desk, customer, OVERRIDE)
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("chat-status").locator(".status-text")).to_have_text("客服林小正在为您服务")
    line = bubble(page, "agent").locator(".line")
    assert await line.evaluate("node => getComputedStyle(node.firstChild).unicodeBidi") == "isolate"
    await expect(bubble(page, "agent")).to_have_text(OVERRIDE)  # unchanged, only isolated


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (dt.datetime(2026, 11, 30, 9, 12), "09:12", "09:12"),
        (dt.datetime(2026, 11, 29, 9, 12), "昨天 09:12", "Yesterday 09:12"),
        (dt.datetime(2026, 1, 5, 9, 12), "1月5日 09:12", "Jan 5 09:12"),
        (dt.datetime(2025, 12, 31, 23, 59), "2025年12月31日 23:59", "Dec 31, 2025 23:59"),
        (dt.datetime(2025, 11, 30, 9, 12), "2025年11月30日 09:12", "Nov 30, 2025 09:12"),
    ],
)
async def test_a_time_says_as_much_as_it_must(modules: Page, at: dt.datetime, zh: str, en: str) -> None:
    """A message of last year would look like a message of this year."""
    words = await modules.evaluate(
        """async (at) => {
          const { timeWords } = await import("/pages/chat/time-words.js");
          const { chatSpeaker } = await import("/pages/words/chat.js");
          const now = new Date("2026-11-30T12:00:00");
          return ["zh", "en"].map((locale) => timeWords(new Date(at), chatSpeaker(locale), now));
        }""",
        at.isoformat(),
    )
    assert words == [zh, en]


async def test_a_message_of_last_year_shows_the_year(desk: Desk, open_page: OpenPage) -> None:
    """The chat would compute the year and not show it."""
    customer = await desk.customer()
    then = desk.services.now() - dt.timedelta(days=400)

    def add(draft: Draft, now: dt.datetime) -> None:
        append(draft, Message(text="去年的问题"), CUSTOMER, then)
        settle(draft, then)

    await log_more(desk, customer, add)
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("chat-time")).to_contain_text(str(then.year))


async def test_older_messages_come_on_demand_and_leave_the_place(desk: Desk, open_page: OpenPage) -> None:
    """Old messages could not be read any more, or the page would scroll away from the text being read."""
    customer = await desk.customer()
    await fill_log(desk, customer, 250)
    page = await open_chat(open_page, desk, customer)
    messages = page.get_by_test_id("chat-message")
    await expect(messages.last).to_contain_text("250：")
    assert await messages.count() == 100
    log = page.get_by_role("log")
    first = messages.first
    await expect(first).to_contain_text("151：")
    mark = messages.filter(has_text="155：")
    await log.evaluate("log => { log.scrollTop = 200; }")  # near the top: older messages load by themselves
    await expect(messages).to_have_count(200)  # not the first one's text: "151：" contains "51：" too
    await expect(messages.first).to_contain_text(re.compile(r"(?<!\d)51："))
    box, frame = await mark.bounding_box(), await log.bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["y"] - box["height"] < box["y"] < frame["y"] + frame["height"], "the message being read is still in sight"
    await log.evaluate("log => { log.scrollTop = 0; }")
    await expect(messages).to_have_count(250)
    await expect(page.get_by_test_id("chat-older")).to_be_hidden()
    numbers = [int(text.split("：")[0]) for text in await messages.locator(".bubble").all_inner_texts()]
    assert numbers == list(range(1, 251))
    await log.evaluate("log => { log.scrollTop = log.scrollHeight; }")
    await agent_writes(desk, customer, "news")
    await expect(messages.last).to_contain_text("news")
    await expect(messages).to_have_count(100)


async def test_older_messages_come_by_a_button_and_are_not_read_out(desk: Desk, open_page: OpenPage) -> None:
    """A keyboard user could not reach old messages, or a screen reader would read a hundred of them aloud."""
    customer = await desk.customer()
    await fill_log(desk, customer, 150)
    page = await open_chat(open_page, desk, customer)
    messages = page.get_by_test_id("chat-message")
    await expect(messages.last).to_contain_text("150：")
    await page.evaluate(
        """() => {
          const log = document.querySelector("wallet-chat").shadowRoot.querySelector(".log");
          window.live = [];
          const note = () => window.live.push(log.getAttribute("aria-live"));
          new MutationObserver(note).observe(log, { childList: true, subtree: true });
        }"""
    )
    await page.get_by_test_id("chat-older").focus()
    await page.keyboard.press("Enter")
    await expect(messages).to_have_count(150)
    assert set(await page.evaluate("window.live")) == {"off"}
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


async def test_the_desks_other_words_are_told_apart_from_ours(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """After a change of language the page would mix two languages, or translate a person's message."""
    customer = await desk.customer()
    bot.will(chats("不客气，随时可以找我。"))
    await customer.say("谢谢")
    await desk_writes(desk, customer, "好的，已取消排队。", kind="cancelled")
    page = await open_chat(open_page, desk, customer)
    await expect(bubble(page, "system")).to_have_text("好的，已取消排队。")
    said = await page.get_by_test_id("chat-message").locator(".bubble").all_inner_texts()
    await page.locator("#language").click()
    await expect(page.get_by_test_id("chat-human")).to_have_text("Talk to a person")
    assert await page.get_by_test_id("chat-message").locator(".bubble").all_inner_texts() == said
    chrome = await page.evaluate(
        """() => {
          const panel = document.querySelector("wallet-chat").shadowRoot.querySelector(".panel").cloneNode(true);
          for (const bubble of panel.querySelectorAll(".message:not([data-testid=chat-greeting]) .bubble")) bubble.remove();
          const labels = [...panel.querySelectorAll("[aria-label], [placeholder]")];
          const named = labels.map((node) => `${node.ariaLabel} ${node.placeholder ?? ""}`);
          return panel.textContent + named.join(" ") + document.body.innerText;
        }"""
    )
    chinese = [character for character in chrome.replace("中文", "") if "\u4e00" <= character <= "\u9fff"]
    assert chinese == []
