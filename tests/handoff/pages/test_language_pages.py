"""The pages in the customer's language: where a conversation begins, and what an agent sees of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.handoff.fake_bot import FakeBot, escalates
from tests.handoff.pages.conftest import OpenPage, address
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
    """A customer of Taiwan would be greeted in simplified Chinese until they type a telling character."""
    script = "([locale, tag]) => import('/pages/strings.js').then((m) => m.languageOfStart(locale, [tag, 'en']))"
    assert await modules.evaluate(script, [page_locale, browser]) == opened_as


async def test_traditional_chinese_on_a_narrow_phone(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """What the desk says would be in another script than the customer's, or leave the screen."""
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    page = await open_page(address(desk), width=360, height=740, locale="zh-TW")
    await page.get_by_test_id("chat-input").fill("我的帳號被盜了，錢不見了")
    await page.get_by_test_id("chat-send").click()
    notice = page.get_by_text("這件事已經轉給人工客服優先處理")
    await expect(notice).to_be_visible()
    await expect(page.get_by_text("修改登入密碼和支付密碼")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
