"""The chat's first screen, its launcher after coming back, its menu, and its second script."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.accessibility import AXE, GRAVE, TAGS
from tests.handoff.fake_bot import FakeBot, escalates
from tests.handoff.pages.conftest import OpenPage, address, agent_writes, open_chat
from tests.handoff.running_desk import Desk

RUN = "(tags) => axe.run('wallet-chat', {runOnly: tags, resultTypes: ['violations'], preload: false})"
STOLEN = escalates("security", "urgent", intent="account_stolen")


async def grave_findings(page: Page) -> list[str]:
    """What axe-core finds serious in the chat as it is now."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(RUN, TAGS)
    assert found["passes"], "axe-core checked nothing"
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"] if each["impact"] in GRAVE]


@pytest.mark.parametrize(
    ("width", "locale", "title"),
    [(360, "zh-CN", "钱正在被转走？"), (1440, "zh-TW", "錢正在被轉走？"), (360, "en-US", "Is money being taken?")],
)
async def test_a_victim_finds_help_on_the_first_screen(
    desk: Desk, open_page: OpenPage, width: int, locale: str, title: str
) -> None:
    """Somebody whose money is being taken would search for the number, or scroll, while the thief goes on."""
    page = await open_page(address(desk), width=width, height=740, locale=locale)
    sos = page.get_by_test_id("chat-sos")
    await expect(sos).to_contain_text(title)
    number = (await desk.http.get("/api/service")).json()["phones"]["service"]
    await expect(page.get_by_test_id("chat-sos-call")).to_have_attribute("href", f"tel:{number.replace('-', '')}")
    for name in ("chat-sos-freeze", "chat-sos-call", "chat-emergency"):
        await expect(page.get_by_test_id(name)).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.get_by_test_id("chat-suggestion").count() == 5
    assert await grave_findings(page) == []


async def test_freezing_from_the_first_screen_brings_a_person_too(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A victim who presses "freeze" would get only that, or wait for a page that says nothing."""
    bot.will(STOLEN)
    page = await open_page(address(desk), width=360, height=740)
    await page.get_by_test_id("chat-sos-freeze").click()
    await expect(page.get_by_test_id("chat-first-aid")).to_be_visible()
    await expect(page.get_by_test_id("chat-status")).to_have_attribute("data-priority", "urgent")
    await expect(page.get_by_test_id("chat-sos")).to_be_hidden()


async def test_the_closed_launcher_tells_the_place_and_what_is_new(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A customer who comes back would not see that they still wait, or that an answer is there."""
    customer = await desk.waiting_customer()
    page = await open_chat(open_page, desk, customer, path="/", width=360, height=740)
    await expect(page.get_by_test_id("chat-launcher")).to_contain_text("排队第 1 位")
    await agent_writes(desk, customer, "您好，我来帮您看。")
    await expect(page.get_by_test_id("chat-launcher")).to_have_accessible_name(re.compile("1 条新消息"))


async def test_before_the_first_message_nothing_but_the_first_script_is_loaded(
    desk: Desk, bot: FakeBot, open_page: OpenPage
) -> None:
    """A customer on a slow network would wait for parts of the chat that they do not need yet."""
    page = await open_page("about:blank")
    scripts: list[str] = []
    page.on("response", lambda answer: scripts.append(answer.url) if "/widget" in answer.url and answer.status == 200 else None)
    await page.goto(address(desk))
    await expect(page.get_by_test_id("chat-sos-call")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    assert len(scripts) == 1
    await page.get_by_test_id("chat-input").fill("转账没到")
    await page.get_by_test_id("chat-input").press("Enter")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    await page.get_by_test_id("chat-menu").click()
    await expect(page.get_by_test_id("chat-sheet")).to_be_visible()
    assert len(scripts) == 2
    async with httpx.AsyncClient(trust_env=False) as http:
        for script in scripts:
            answer = await http.get(script)
            assert re.search(r"/widget-([a-z_]+-)?[0-9a-f]{16}\.js$", script)
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        first = gzip.compress((await http.get(scripts[0])).content, 9)
    print(f"the chat before the first message: {len(first)} bytes with gzip")
    assert len(first) <= 30 * 1024


async def test_a_second_script_that_does_not_come_is_asked_for_again(desk: Desk, open_page: OpenPage) -> None:
    """A press on the menu would do nothing for ever after one lost request."""
    page = await open_page(address(desk))
    await page.route("**/widget-care-*.js", lambda route: route.abort())
    await page.get_by_test_id("chat-menu").click()
    await expect(page.get_by_test_id("chat-problem")).to_contain_text("没有加载成功")
    await page.unroute("**/widget-care-*.js")
    await page.get_by_test_id("chat-menu").click()
    await expect(page.get_by_test_id("chat-sheet")).to_be_visible()


async def test_the_menu_works_by_keyboard_and_large_type_stays(desk: Desk, open_page: OpenPage) -> None:
    """A customer without a mouse could not reach it, or would have to choose large type at each visit."""
    page = await open_page(address(desk), width=360, height=740)
    await page.get_by_test_id("chat-menu").focus()
    await page.keyboard.press("Enter")
    large = page.get_by_test_id("chat-menu-large")
    await expect(page.get_by_test_id("chat-sheet")).to_be_visible()
    assert await grave_findings(page) == []
    await large.focus()
    await page.keyboard.press("Space")
    await expect(large).to_have_attribute("aria-checked", "true")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("chat-sheet")).to_be_hidden()
    await expect(page.get_by_test_id("chat-panel")).to_be_visible()
    height = "document.querySelector('wallet-chat').shadowRoot.querySelector('.sos-button').getBoundingClientRect().height"
    before = await page.evaluate(height)
    await page.reload()
    await expect(page.get_by_test_id("chat-sos-freeze")).to_be_visible()
    assert await page.evaluate(height) == before >= 55
    await expect(page.get_by_test_id("chat-input")).to_be_in_viewport(ratio=1)


async def test_the_language_switch_reaches_the_conversation(desk: Desk, open_page: OpenPage) -> None:
    """The page would speak English, and the desk Chinese."""
    customer = await desk.waiting_customer()
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("chat-status")).to_contain_text("排队中")
    await page.get_by_test_id("chat-menu").click()
    await page.locator("[data-testid=chat-language][data-locale=en]").click()
    await expect(page.get_by_test_id("chat-status")).to_contain_text("In line")
    await desk.wait_for(customer, lambda events: events[-1]["type"] == "message" and "person" in events[-1]["text"])
    assert (await customer.status())["locale"] == "en"
    await page.reload()
    await expect(page.get_by_test_id("chat-status")).to_contain_text("In line")


async def test_without_a_store_a_code_leads_back(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A victim in a private window who closes it would lose the place in line."""
    bot.will(STOLEN)
    page = await open_page("about:blank", width=360, height=740)
    await page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }});")
    await page.goto(address(desk))
    await page.get_by_test_id("chat-emergency").click()
    code = await page.get_by_test_id("chat-kept-code").get_by_test_id("chat-code").text_content()
    assert code is not None
    other = await open_page(address(desk))
    await other.get_by_test_id("chat-return").click()
    await other.get_by_test_id("chat-code-input").fill("AAAA2222")
    await other.get_by_test_id("chat-code-go").click()
    await expect(other.get_by_text("取回码不对")).to_be_visible()
    await other.get_by_test_id("chat-code-input").fill(f" {code[:4]} {code[4:].lower()}")
    await other.get_by_test_id("chat-code-go").click()
    await expect(other.get_by_test_id("chat-status")).to_have_attribute("data-priority", "urgent")


async def test_typing_and_reading_reach_the_other_side(desk: Desk, open_page: OpenPage) -> None:
    """Both would write over each other's words, or wait without knowing that somebody writes."""
    agent = await desk.agent()
    customer = await desk.waiting_customer()
    assert (await agent.act(customer, "claim")).status_code == 200
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("chat-status")).to_contain_text(agent.name)
    async with agent.stream(f"/conversations/{customer.id}/log") as stream:
        await page.get_by_test_id("chat-input").press_sequentially("我想问")
        frames = await stream.until(lambda frame: frame.event == "signs" and frame.data["is_typing"])
        assert await agent.act(customer, "looking", {"is_typing": True})
        await expect(page.get_by_test_id("chat-typing")).to_contain_text("正在输入")
        seq = (await agent.act(customer, "messages", {"client_message_id": "a1", "text": "请讲。"})).json()["seq"]
        frames = await stream.until(lambda frame: frame.event == "signs" and frame.data["read_seq"] == seq)
        assert frames
