"""The chat under faults: network failures, rate limits, a reloaded tab, a second tab, a change of language."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from tests.handoff.fake_bot import FakeBot
from tests.handoff.pages.conftest import OpenPage, address, agent_writes, open_chat
from tests.handoff.people import texts
from tests.handoff.running_desk import Desk

TOO_MANY = {"error": {"code": "too_many", "message": "太多了。"}}


async def write(page: Page, text: str) -> None:
    """Type into the chat and send, as a customer does."""
    await page.get_by_test_id("chat-input").fill(text)
    await page.get_by_test_id("chat-input").press("Enter")


class Limit:
    """A desk that answers 429 to the first calls of an address."""

    def __init__(self, page: Page, pattern: str, refusals: int, retry_after: int | None) -> None:
        self.page, self.pattern, self.refusals, self.retry_after = page, pattern, refusals, retry_after
        self.calls = 0

    async def begin(self) -> None:
        """Start to answer 429."""
        await self.page.route(self.pattern, self._answer)

    async def _answer(self, route: Route) -> None:
        self.calls += 1
        if self.calls > self.refusals:
            await route.fallback()
            return
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        await route.fulfill(status=429, headers=headers, json=TOO_MANY)


async def test_too_many_messages_are_kept_and_sent_later(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A hurried customer would lose a message, be told off, or extend the block with every further message."""
    customer = await desk.customer()
    page = await open_chat(open_page, desk, customer)
    limit = Limit(page, "**/messages", refusals=1, retry_after=2)
    await limit.begin()
    await write(page, "第一句")
    first = page.get_by_test_id("chat-message").filter(has_text="第一句")
    await expect(first).to_contain_text("发得有点快")
    await expect(first).to_have_attribute("data-state", "held")
    await write(page, "第二句")
    await expect(page.get_by_test_id("chat-message").filter(has_text="第二句")).to_have_attribute("data-state", "held")
    assert limit.calls == 1, "no call before the pause is over"
    await expect(first).not_to_contain_text("发得有点快")
    events = await desk.wait_for(customer, lambda events: len(texts(events, "customer")) == 2)
    assert texts(events, "customer") == ["第一句", "第二句"]


async def test_a_full_desk_is_asked_for_a_conversation_again(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The first message of a customer behind a busy address would be lost."""
    page = await open_chat(open_page, desk)
    limit = Limit(page, "**/api/conversations", refusals=1, retry_after=1)
    await limit.begin()
    await write(page, "转账还没到账")
    await expect(page.get_by_test_id("chat-message").first).to_have_attribute("data-state", "held")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    assert limit.calls == 2


async def test_too_many_wishes_for_a_person_end_with_a_person(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A customer who presses the button too often would never get a person."""
    customer = await desk.customer()
    page = await open_chat(open_page, desk, customer)
    await Limit(page, "**/handoff", refusals=1, retry_after=4).begin()
    await page.get_by_test_id("chat-human").click()
    await expect(page.get_by_test_id("chat-problem")).to_contain_text("自动为您转人工")
    await expect(page.get_by_test_id("chat-status")).to_contain_text("排队中")
    await expect(page.get_by_test_id("chat-problem")).to_be_hidden()


async def test_the_network_is_back_and_so_is_the_wish_for_a_person(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The red line would stay although the fault is over, and the requested person would not come."""
    customer = await desk.customer()
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("chat-human")).to_be_enabled()
    await page.context.set_offline(True)
    await page.get_by_test_id("chat-human").click()
    await expect(page.get_by_test_id("chat-problem")).to_contain_text("没能接通人工")
    await page.context.set_offline(False)
    await expect(page.get_by_test_id("chat-problem")).to_be_hidden(timeout=10_000)  # at once, not at the next retry
    await expect(page.get_by_test_id("chat-status")).to_contain_text("排队中")
    assert (await customer.status())["status"] == "queued"


async def test_a_failed_cancel_is_no_longer_red_when_the_desk_answers_again(
    desk: Desk, bot: FakeBot, open_page: OpenPage
) -> None:
    """Other red lines of an outage would stay, because only the one about the person is cleared."""
    customer = await desk.waiting_customer()
    page = await open_chat(open_page, desk, customer)
    await page.route("**/cancel", lambda route: route.abort())
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-problem")).to_contain_text("取消没有成功")
    await agent_writes(desk, customer, "您好")  # an event arrives on the stream
    await expect(page.get_by_test_id("chat-problem")).to_be_hidden()
    assert (await customer.status())["status"] == "queued", "nobody leaves the line by themselves"


async def test_a_proxys_404_does_not_end_the_conversation(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A proxy without its desk would make the page drop the conversation and open another."""
    customer = await desk.waiting_customer()
    page = await open_chat(open_page, desk, customer)
    await page.route("**/cancel", lambda route: route.fulfill(status=404, body="<h1>404</h1>"))
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-problem")).to_be_visible()
    await expect(page.get_by_test_id("chat-message").first).to_contain_text("扣了我两次钱")
    await expect(page.get_by_test_id("chat-status")).to_be_visible()


async def test_a_draft_outlives_a_reload_and_a_change_of_language(desk: Desk, open_page: OpenPage) -> None:
    """A long unsent text would be lost."""
    page = await open_chat(open_page, desk)
    box = page.get_by_test_id("chat-input")
    await box.fill("第一行\n第二行，还没写完")
    await page.reload()
    await expect(box).to_have_value("第一行\n第二行，还没写完")
    await page.locator("#language").click()
    await expect(page.get_by_test_id("chat-human")).to_have_text("Talk to a person")
    await expect(box).to_have_value("第一行\n第二行，还没写完")
    await page.reload()
    await expect(box).to_have_value("第一行\n第二行，还没写完")


async def test_a_sent_text_is_no_draft_and_a_draft_is_its_tabs(desk: Desk, open_page: OpenPage) -> None:
    """A text would be sent twice: after a reload, or from a second tab."""
    page = await open_chat(open_page, desk)
    await write(page, "已经发送")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    await page.reload()
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    await expect(page.get_by_test_id("chat-input")).to_have_value("")
    await page.get_by_test_id("chat-input").fill("这个标签页的")
    other = await open_page(address(desk), context=page.context)
    await expect(other.get_by_test_id("chat-article")).to_be_visible()
    await expect(other.get_by_test_id("chat-input")).to_have_value("")


@pytest.mark.parametrize(("locale", "words"), [("zh", "这个选项已失效"), ("en", "no longer offered")])
async def test_a_refusal_speaks_the_pages_language(
    desk: Desk, bot: FakeBot, open_page: OpenPage, locale: str, words: str
) -> None:
    """After a change of language half of a sentence would be in the other language."""
    customer = await desk.customer()
    await customer.say("转账还没到账")
    page = await open_chat(open_page, desk, customer)
    refusal = {"error": {"code": "choice_expired", "message": "desk's words in some language"}}
    await page.route("**/messages", lambda route: route.fulfill(status=409, json=refusal))
    await page.get_by_test_id("chat-choice").first.click()
    await expect(page.get_by_test_id("chat-retry")).to_be_visible()
    if locale == "en":
        await page.locator("#language").click()
    await expect(page.get_by_test_id("chat-retry")).to_contain_text(words)


@pytest.mark.parametrize("first_writes", ["at once", "later"])
async def test_two_tabs_show_one_conversation(desk: Desk, bot: FakeBot, open_page: OpenPage, first_writes: str) -> None:
    """A customer with two tabs would have two conversations, or see an agent's messages in one tab only."""
    one = await open_chat(open_page, desk)
    two = await open_page(address(desk), context=one.context)
    if first_writes == "later":
        await two.get_by_test_id("chat-input").fill("nothing sent here yet")
    await write(one, "转账还没到账")
    for page in (one, two):
        await expect(page.get_by_test_id("chat-article")).to_be_visible()
    await one.get_by_test_id("chat-human").click()
    await expect(two.get_by_test_id("chat-status")).to_contain_text("排队中")
    agent = await desk.agent()
    (card,) = (await agent.queue())["waiting"]
    await agent.call("POST", f"/conversations/{card['id']}/claim")
    body = {"client_message_id": "a-in-two-tabs", "text": "您好，我在看"}
    await agent.call("POST", f"/conversations/{card['id']}/messages", json=body)
    await write(two, "好的，谢谢")
    for page in (one, two):
        said = page.get_by_test_id("chat-message")
        await expect(said.filter(has_text="您好，我在看")).to_be_visible()
        await expect(said.filter(has_text="好的，谢谢")).to_have_count(1)
    async with desk.services.store.begin() as tx:
        count = await tx._connection.execute("SELECT count(*) FROM conversations")  # type: ignore[attr-defined]
        assert await count.fetchone() == (1,)


async def test_two_tabs_that_write_in_the_same_moment_begin_one_conversation(
    desk: Desk, bot: FakeBot, open_page: OpenPage
) -> None:
    """Each tab would open its own conversation, and one of them would be forgotten."""
    one = await open_chat(open_page, desk)
    two = await open_page(address(desk), context=one.context)
    for page, text in ((one, "我在一"), (two, "我在二")):
        await page.evaluate("text => { setTimeout(() => document.querySelector('wallet-chat').ask(text), 50); }", text)
    for page in (one, two):
        for text in ("我在一", "我在二"):
            await expect(page.get_by_test_id("chat-message").filter(has_text=text)).to_have_count(1)
