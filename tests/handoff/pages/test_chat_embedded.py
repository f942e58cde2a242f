"""The chat on a foreign page: the host's styles do not reach it, its policy needs what the documents say, focus is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from handoff.runtime.settings import Settings
from tests.drill.system import free_ports
from tests.handoff.fake_bot import FakeBot
from tests.handoff.hostile_pictures import picture
from tests.handoff.pages.conftest import OpenPage, address, open_chat
from tests.handoff.running_desk import Clock, Desk, run_desk

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
HOSTILE = """
* { font-size: 60px !important; letter-spacing: 1em; text-transform: uppercase; color: red; line-height: 3; }
html, body, wallet-chat { direction: rtl; text-align: right; font: italic bold 60px monospace; word-spacing: 2em;
  --accent: red; --surface: black; --ink: yellow; text-indent: 5em; white-space: pre; cursor: wait; }
button, textarea, li, ol, p, h2 { margin: 50px; border: 10px solid red; transform: rotate(9deg); }
"""
WATCHED = "fontSize fontStyle fontFamily letterSpacing textTransform color direction textAlign textIndent lineHeight".split()

NOTE_REFUSALS = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  if (event.blockedURI !== "data") window.refused.push(event.effectiveDirective); // the shop's own empty icon
});
"""
LOOK = """(names) => {
  const root = document.querySelector("wallet-chat").shadowRoot;
  return ["h2", ".sos h3", ".sos-button", ".bubble", ".composer-input", ".human-entry", ".notice", ".chip"].map((selector) => {
    const node = root.querySelector(selector);
    const style = getComputedStyle(node);
    const { width, height } = node.getBoundingClientRect();
    return [selector, Math.round(width), Math.round(height), ...names.map((name) => style[name])];
  });
}"""


class Shop:
    """A foreign site: one page that embeds the chat as documented."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.styles, self.policy, self.desk = "", "", ""

    async def answer(self, request: web.Request) -> web.Response:
        """The page, or its styles."""
        if request.path == "/shop.css":
            return web.Response(text=self.styles, content_type="text/css")
        html = (
            '<!doctype html><html lang="zh-CN"><title>shop</title><link rel="icon" href="data:,">'
            f'<link rel="stylesheet" href="/shop.css"><script type="module" src="{self.desk}/widget.js"></script>'
            "<body><p>shop</p><wallet-chat open></wallet-chat>"
        )
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def show(self, open_page: OpenPage, *, styles: str = "", policy: list[str] | None = None) -> Page:
        """The shop in a browser, with these styles. Its policy allows only its own styles and the documented sources."""
        self.styles = styles
        self.policy = "; ".join(["default-src 'none'", "style-src 'self'", *policy]) if policy is not None else ""
        page = await open_page("about:blank")
        await page.add_init_script(NOTE_REFUSALS)
        await page.goto(self.url)
        return page


@pytest.fixture(scope="module")
async def shop(settings: Settings, shared_bot: FakeBot) -> AsyncIterator[Shop]:
    """A shop, and a desk that lets it embed the chat."""
    port = free_ports(1)
    shop = Shop(f"http://127.0.0.1:{port}")
    runner = web.ServerRunner(web.Server(shop.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with run_desk(settings.model_copy(update={"widget_origins": shop.url}), shared_bot, Clock()) as desk:
        shop.desk = address(desk, "")
        yield shop
    await runner.cleanup()


def documented_policy(desk_origin: str) -> list[str]:
    """The directives that a site's content security policy needs, read from docs/operations.md."""
    found = re.findall(r"`([a-z]+-src) https://desk\.example`", OPERATIONS.read_text(encoding="utf-8"))
    return [f"{directive} {desk_origin}" for directive in found]


async def test_a_hostile_page_does_not_reach_into_the_chat(shop: Shop, open_page: OpenPage) -> None:
    """A shop's text styles would make the chat huge, mirrored, upper case or unreadable."""
    looks = []
    for styles in ("", HOSTILE):
        page = await shop.show(open_page, styles=styles)
        await expect(page.get_by_test_id("chat-human")).to_be_visible()
        looks.append(await page.evaluate(LOOK, WATCHED))
    assert looks[1] == looks[0]


@pytest.mark.parametrize("styles", ["wallet-chat { display: none }", "wallet-chat { visibility: hidden }"])
async def test_a_page_can_hide_the_chat(shop: Shop, open_page: OpenPage, styles: str) -> None:
    """The isolation of styles would also block what a site must be able to set."""
    page = await shop.show(open_page, styles=styles)
    await expect(page.get_by_test_id("chat-panel")).to_be_attached()
    await expect(page.get_by_test_id("chat-panel")).to_be_hidden()


async def test_the_documented_policy_is_enough(shop: Shop, bot: FakeBot, open_page: OpenPage) -> None:
    """A site that follows the documented content security policy would show a chat without pictures, or no chat."""
    policy = documented_policy(shop.desk)
    assert {rule.split(" ")[0] for rule in policy} == {"script-src", "connect-src", "img-src"}
    page = await shop.show(open_page, policy=policy)
    await page.get_by_test_id("chat-input").fill("转账还没到账")
    await page.get_by_test_id("chat-input").press("Enter")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    assert await page.locator(".logo").evaluate("image => image.naturalWidth > 0")
    await page.get_by_test_id("chat-menu").click()  # of the second script
    await expect(page.get_by_test_id("chat-sheet")).to_have_css("border-top-left-radius", "18px")
    await page.get_by_test_id("chat-sheet-close").click()
    await page.get_by_test_id("chat-picture-input").set_input_files(
        {"name": "screen.png", "mimeType": "image/png", "buffer": picture()}
    )
    await page.get_by_test_id("chat-picture-send").click()
    await expect(page.get_by_test_id("chat-picture").locator("canvas")).to_be_visible()
    assert await page.evaluate("refused") == []


async def test_a_policy_without_pictures_is_not_enough(shop: Shop, open_page: OpenPage) -> None:
    """The test above would pass because the browser rejects nothing."""
    policy = [rule for rule in documented_policy(shop.desk) if not rule.startswith("img-src")]
    page = await shop.show(open_page, policy=policy)
    await expect(page.get_by_test_id("chat-human")).to_be_visible()
    await page.wait_for_function("refused.includes('img-src')")


async def test_a_page_elsewhere_can_read_how_long_to_wait(shop: Shop) -> None:
    """A browser hides Retry-After from other origins unless it is exposed: the chat would retry too early."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{shop.desk}/api/demo", headers={"Origin": shop.url})
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()


#: Bytes (gzip) that a customer may load before the first message.
WIDGET_BYTES = 30 * 1024


class Traffic:
    """The requests of a browser while a page loads."""

    def __init__(self) -> None:
        self.scripts: list[str] = []
        self.cached: set[str] = set()
        self.addresses: dict[str, str] = {}

    async def watch(self, page: Page) -> None:
        """Start to record a page's requests."""
        session = await page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._received)
        session.on(
            "Network.requestWillBeSent", lambda event: self.addresses.update({event["requestId"]: event["request"]["url"]})
        )
        session.on("Network.requestServedFromCache", lambda event: self.cached.add(self.addresses[event["requestId"]]))
        await session.send("Network.enable")

    def _received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if event["type"] == "Script":
            self.scripts.append(response["url"])
        if response.get("fromDiskCache"):
            self.cached.add(response["url"])


async def test_the_chat_is_one_small_script(shop: Shop, open_page: OpenPage) -> None:
    """A customer on a slow network would wait for the chat: on a bad line each 30 KB cost a second."""
    page = await shop.show(open_page)
    traffic = Traffic()
    await traffic.watch(page)
    await page.reload()
    await expect(page.get_by_test_id("chat-input")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    assert len(traffic.scripts) == 1
    assert re.fullmatch(re.escape(shop.desk) + r"/widget-[0-9a-f]{16}\.js", traffic.scripts[0])
    async with httpx.AsyncClient(trust_env=False) as http:
        sizes = []
        for script in traffic.scripts:
            async with http.stream("GET", script, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.headers["content-encoding"] == "gzip"
                sizes.append(sum([len(part) async for part in answer.aiter_raw()]))
    print(f"the chat: {sum(sizes)} bytes of script with gzip")
    assert 5_000 < sum(sizes) <= WIDGET_BYTES


async def test_a_second_visit_loads_no_script(shop: Shop, open_page: OpenPage) -> None:
    """Every page of the shop would download the chat again."""
    page = await shop.show(open_page)
    await expect(page.get_by_test_id("chat-input")).to_be_visible()
    again = await open_page("about:blank", context=page.context)
    traffic = Traffic()
    await traffic.watch(again)
    await again.goto(shop.url)
    await expect(again.get_by_test_id("chat-input")).to_be_visible()
    assert set(traffic.scripts) <= traffic.cached
    assert len(traffic.scripts) == 1


async def test_a_customer_who_was_on_the_desks_own_page_sees_the_chat_elsewhere(shop: Shop, open_page: OpenPage) -> None:
    """For a year the browser would give the shop the copy cached for the desk's page, which lacks the CORS headers to run."""
    page = await open_page(f"{shop.desk}/?chat=open")
    await expect(page.get_by_test_id("chat-input")).to_be_visible()
    await page.goto(shop.url)
    await expect(page.get_by_test_id("chat-input")).to_be_visible()


async def inside(page: Page) -> bool:
    """Whether the focus is in the chat."""
    return bool(await page.evaluate("document.activeElement?.localName === 'wallet-chat'"))


async def test_on_a_phone_the_focus_stays_in_the_chat(desk: Desk, open_page: OpenPage) -> None:
    """A customer with a keyboard or a screen reader would land on the page that the chat covers."""
    page = await open_chat(open_page, desk, width=360, height=740)
    panel = page.get_by_test_id("chat-panel")
    await expect(panel).to_have_attribute("aria-modal", "true")
    focused = set()
    for key in ["Tab"] * 15 + ["Shift+Tab"] * 15:
        await page.keyboard.press(key)
        assert await inside(page)
        focused.add(await page.evaluate("document.querySelector('wallet-chat').shadowRoot.activeElement?.className"))
    assert {"human-entry", "icon-button", "composer-input"} <= focused
    await page.evaluate("document.querySelector('a.skip').focus()")
    assert await inside(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("chat-launcher")).to_be_focused()


async def test_on_a_desktop_the_chat_is_no_modal_dialog(desk: Desk, open_page: OpenPage) -> None:
    """A screen reader would hide the page although both can be used side by side, or Tab would be trapped."""
    page = await open_chat(open_page, desk)
    await expect(page.get_by_test_id("chat-panel")).to_be_visible()
    assert await page.get_by_test_id("chat-panel").get_attribute("aria-modal") is None
    await page.get_by_test_id("chat-close").focus()
    for _ in range(20):
        await page.keyboard.press("Tab")
        if not await inside(page):
            return
    pytest.fail("the focus never leaves the chat")
