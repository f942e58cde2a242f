"""The help centre in a browser: on a phone and a desk, with and without scripts, and into the chat with the words known."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.accessibility import AXE, GRAVE, TAGS
from tests.handoff.pages.conftest import TIMEOUT_MS, OpenPage, address
from tests.handoff.running_desk import Desk

PATHS = {
    "home": "/help/zh",
    "article": "/help/zh/articles/suspicious_contact",
    "vote": "/help/en/articles/transfer_delay?voted=no",
    "search": "/help/zh/search?q=转账没到",
    "report": "/help/zh-Hant/report",
}
_RUN = "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false})"


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1440, 900)])
async def test_every_page_fits_and_is_accessible(shared_desk: Desk, open_page: OpenPage, width: int, height: int) -> None:
    """A page would scroll sideways on a phone, or a reader with a screen reader would be lost."""
    for name, path in PATHS.items():
        page = await open_page(address(shared_desk, path), width=width, height=height)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        strip = await page.locator(".sos-acts").bounding_box()
        assert strip is not None
        assert strip["y"] + strip["height"] < height / 2, path
        if os.environ.get("PICTURES"):
            await page.screenshot(path=f"{os.environ['PICTURES']}/help-{name}-{width}.png", full_page=name != "report")
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await page.evaluate(_RUN, TAGS)
        assert found["passes"]
        grave = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"] if each["impact"] in GRAVE]
        assert grave == [], path
        await page.close()


async def test_everything_is_reached_without_scripts(shared_desk: Desk, chromium: Browser) -> None:
    """A reader whose browser runs no scripts would see buttons that do nothing."""
    context = await chromium.new_context(java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 740})
    context.set_default_timeout(TIMEOUT_MS)
    page = await context.new_page()
    await page.goto(address(shared_desk, "/help"))
    assert page.url.endswith("/help/zh")
    await page.get_by_role("searchbox").fill("验证码收不到")
    await page.get_by_role("button", name="搜索").click()
    await page.get_by_role("heading", level=2).get_by_role("link").first.click()
    await page.get_by_role("button", name="没用").click()
    await page.get_by_role("button", name="照做了还是不行").click()
    await expect(page.get_by_role("status")).to_have_text("谢谢，已经记下。")
    for button in await page.get_by_role("button").all():
        assert await button.evaluate("node => node.type") == "submit"
    await context.close()


async def test_search_leads_into_the_chat_with_the_words(shared_desk: Desk, open_page: OpenPage) -> None:
    """A reader would type the question a second time."""
    page = await open_page(address(shared_desk, "/help/zh/search?q=优惠券用不了"))
    await page.get_by_role("button", name="用这句话问客服").click()
    await expect(page.locator("wallet-chat")).to_contain_text("优惠券用不了")


async def test_the_button_for_a_person_brings_one(shared_desk: Desk, open_page: OpenPage) -> None:
    """A victim would press the red button and be asked what the matter is."""
    page = await open_page(address(shared_desk, "/help/en/articles/fees"), width=360, height=740)
    await page.get_by_role("link", name="Get a person now").click()
    await expect(page.locator("wallet-chat")).to_contain_text("My money is being taken right now, get me a person")
