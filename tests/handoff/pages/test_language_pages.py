"""The pages in the customer's language: how a conversation starts, and what an agent sees of the language."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.handoff.fake_bot import FakeBot, chats, escalates
from tests.handoff.pages.conftest import OpenPage, address, open_chat
from tests.handoff.running_desk import Desk


@pytest.mark.parametrize(
    ("browser", "page_locale", "opened_as"),
    [
        ("zh-CN", "zh", "zh"),
        ("zh-TW", "zh", "zh-Hant"),
        ("zh-HK", "zh", "zh-Hant"),
        ("zh-TW", "en", "en"),
        ("en-US", "zh", "zh"),
    ],
)
async def test_a_conversation_begins_in_the_browsers_script(
    modules: Any, browser: str, page_locale: str, opened_as: str
) -> None:
    """A customer of Taiwan would be greeted in simplified Chinese until they type a traditional character."""
    script = "([locale, tag]) => import('/pages/words/locales.js').then((m) => m.languageOfStart(locale, [tag, 'en']))"
    assert await modules.evaluate(script, [page_locale, browser]) == opened_as


async def test_traditional_chinese_on_a_narrow_phone(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The desk's messages would be in another script than the customer's, or overflow the screen."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    page = await open_page(address(desk), width=360, height=740, locale="zh-TW")
    await page.get_by_test_id("chat-input").fill("我的帳號被盜了，錢不見了")
    await page.get_by_test_id("chat-send").click()
    notice = page.get_by_text("這件事已經轉給人工客服優先處理")
    await expect(notice).to_be_visible()
    await expect(page.get_by_text("修改登入密碼和支付密碼")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    ("browser", "greeting", "opened_as"),
    [
        ("en-US", "Talk to a person", "en"),
        ("ja-JP", "Talk to a person", "en"),
        ("zh-CN", "转人工", "zh"),
        ("zh-HK", "轉人工", "zh-Hant"),
    ],
)
async def test_a_first_visit_begins_in_the_browsers_language(
    desk: Desk, bot: FakeBot, open_page: OpenPage, browser: str, greeting: str, opened_as: str
) -> None:
    """An English customer's first page, and the desk's texts before the first message, would be Chinese."""
    page = await open_page(address(desk), locale=browser)
    await expect(page.get_by_test_id("chat-human")).to_have_text(greeting)
    bot.will(chats("…"))
    await page.get_by_test_id("chat-input").fill("12345")
    await page.get_by_test_id("chat-send").click()
    await expect(page.get_by_text("…", exact=True)).to_be_visible()
    assert bot.turns[-1]["context"]["locale"] == opened_as


async def test_what_the_customer_chose_goes_before_the_browsers_language(desk: Desk, open_page: OpenPage) -> None:
    """A Chinese customer with an English browser would have to switch the language at each visit."""
    page = await open_page(address(desk), locale="en-US")
    await page.locator("#language").click()
    await expect(page.get_by_test_id("chat-human")).to_have_text("转人工")
    await page.reload()
    await expect(page.get_by_test_id("chat-human")).to_have_text("转人工")
    await page.goto(address(desk, "/?chat=open&lang=en"))
    await expect(page.get_by_test_id("chat-human")).to_have_text("Talk to a person")


@pytest.mark.parametrize(
    ("attribute", "browser", "words"),
    [("", "en-US", "Talk to a person"), ('locale="zh"', "en-US", "转人工"), ('locale="en"', "zh-CN", "Talk to a person")],
)
async def test_the_embedding_sites_choice_goes_first(
    desk: Desk, open_page: OpenPage, attribute: str, browser: str, words: str
) -> None:
    """A Chinese-only site would show an English chat, or a site without a setting would greet English visitors in Chinese."""
    page = await open_page(address(desk, "/healthz"), locale=browser)
    await page.evaluate(
        """async (attribute) => {
          await import("/widget.js");
          document.documentElement.lang = "zh-CN";
          document.body.innerHTML = `<wallet-chat open ${attribute}></wallet-chat>`;
        }""",
        attribute,
    )
    await expect(page.get_by_test_id("chat-human")).to_have_text(words)


@pytest.mark.parametrize("press", ["chat-suggestion", "chat-emergency", "ask"])
async def test_words_of_the_page_are_sent_as_such(desk: Desk, bot: FakeBot, open_page: OpenPage, press: str) -> None:
    """A customer of Taiwan who presses a suggestion would read simplified Chinese from then on."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    page = await open_page(address(desk), locale="zh-TW")
    if press == "ask":
        await page.evaluate("document.querySelector('wallet-chat').ask('转账还没到账')")
    else:
        await page.get_by_test_id(press).first.click()
    await expect(page.get_by_text("這件事已經轉給人工客服優先處理")).to_be_visible()
    assert bot.turns[-1]["suggested"] is True


async def test_the_button_for_a_person_on_an_ended_conversation_keeps_the_language(
    desk: Desk, bot: FakeBot, open_page: OpenPage
) -> None:
    """A customer who wrote English on the Chinese page would be told in Chinese that a person comes."""
    bot.will(chats("Bye.", outcome="closed"), escalates("user_request", "normal", intent="human_agent"))
    customer = await desk.customer("zh")
    await desk.wait_for_turn(customer, await customer.say("that is all, thank you for your help"))
    page = await open_chat(open_page, desk, customer)
    await page.get_by_test_id("chat-human").click()
    await expect(page.get_by_text("a person will take over")).to_be_visible()


async def test_leaving_the_line_is_asked_in_the_customers_language(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A victim who writes English would lose the place because of a question in Chinese."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    customer = await desk.customer("zh")
    await desk.wait_for_turn(customer, await customer.say("someone stole my account and my money"))
    page = await open_chat(open_page, desk, customer)
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-confirm")).to_contain_text("Do you really want to stop waiting")
    await expect(page.get_by_test_id("chat-stop-waiting")).to_have_text("Stop waiting")
    await page.get_by_test_id("chat-keep-waiting").click()
    await customer.say("我还是说中文吧，你们快一点")
    await expect(page.get_by_text("这件事已经转给人工客服").first).to_be_visible()
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-confirm")).to_contain_text("确定不等人工了吗")
