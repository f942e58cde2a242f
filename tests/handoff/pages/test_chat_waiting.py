"""Waiting for a person: how urgency is displayed, leaving the queue, and returning to it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from content.waiting_words import Opening
from handoff.conversations.decide import UndoResolution
from handoff.conversations.draft import Draft
from handoff.conversations.events import CUSTOMER, Cancelled
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.queue.outlook import Outlook
from tests.handoff.fake_bot import Behaviour, FakeBot, chats, escalates
from tests.handoff.pages.conftest import OpenPage, address, log_more, open_chat
from tests.handoff.people import Customer, of_kind, of_type
from tests.handoff.running_desk import Desk, append

VICTIM = "我被骗了，刚转了两万给骗子"


def grave() -> Behaviour:
    """A decision that puts a victim at the front of the queue."""
    return escalates("security", "urgent", "scam_report")


def usual() -> Behaviour:
    """A decision that hands over with normal priority."""
    return escalates("user_request", "normal", "human_agent")


async def colours(page: Page) -> tuple[int, int, int]:
    """The background of the status line."""
    colour = await page.get_by_test_id("chat-status").evaluate("node => getComputedStyle(node).backgroundColor")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    return red, green, blue


async def test_an_urgent_case_does_not_look_calm(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A victim would see minutes with a green light, and other figures in the message below."""
    customer = await desk.waiting_customer(grave(), VICTIM)
    page = await open_chat(open_page, desk, customer)
    status = page.get_by_test_id("chat-status")
    await expect(status).to_contain_text("紧急，正在优先找人工客服")
    await expect(status).to_contain_text("您在第 1 位")
    assert "分钟" not in await status.inner_text()
    red, green, blue = await colours(page)
    assert red > green + 10
    assert red > blue + 10
    await expect(status.locator(".pulse")).to_be_hidden()
    await expect(status.locator(".alarm")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_victim_can_call_with_one_tap(desk: Desk, bot: FakeBot, open_page: OpenPage, width: int) -> None:
    """The number that stops the money would be the last line of a long message, broken in two, and not to be tapped."""
    how = escalates("security", "urgent", "scam_in_progress", lane="money_moving")
    customer = await desk.waiting_customer(how, "他让我共享屏幕转账")
    page = await open_chat(open_page, desk, customer, width=width, height=740)
    calls = page.get_by_test_id("chat-calls")
    await expect(calls.get_by_role("link")).to_have_text(["立即拨打 400-000-1234", "报警 110", "反诈 96110"])
    links = await calls.get_by_role("link").all()
    assert [await link.get_attribute("href") for link in links] == ["tel:4000001234", "tel:110", "tel:96110"]
    for link in [*links, *await page.locator(".bubble .phone").all()]:
        assert await link.evaluate("node => node.getClientRects().length") == 1
        assert await link.evaluate("node => node.scrollWidth <= node.clientWidth || !node.clientWidth")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await calls.evaluate("node => node.scrollWidth <= node.clientWidth")
    first = page.locator('[data-testid="chat-message"][data-kind="system"]').last.locator(".line").first
    await expect(first).to_contain_text("马上拨打 400-000-1234")
    assert "分钟" not in await page.get_by_test_id("chat-status").inner_text()
    await (await desk.agent()).claim(customer)
    await expect(calls).to_be_hidden()


async def test_a_place_that_grows_has_a_reason(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The customer would fall from place 1 to 2 without a word, or an urgent case read how many are before it."""
    await desk.agent()
    customer = await desk.waiting_customer(usual(), "转人工")
    page = await open_chat(open_page, desk, customer)
    status = page.get_by_test_id("chat-status")
    await expect(status).to_contain_text("您在第 1 位")
    await expect(status).not_to_contain_text("更紧急")
    victims = [await desk.waiting_customer(grave(), VICTIM) for _ in range(5)]
    await expect(status).to_contain_text("您在第 6 位")
    await expect(status).to_contain_text("有更紧急的情况先处理 · 预计约 24 分钟")
    await expect(page.get_by_test_id("chat-calls")).to_be_hidden()
    other = await open_chat(open_page, desk, victims[-1])
    await expect(other.get_by_test_id("chat-status")).to_contain_text("前面都是同样紧急的情况")
    assert "5" not in await other.get_by_test_id("chat-status").inner_text()


@pytest.mark.parametrize("is_there_before", [True, False])
async def test_the_first_words_to_a_victim_are_in_sight(
    desk: Desk, bot: FakeBot, open_page: OpenPage, is_there_before: bool
) -> None:
    """On a small phone the emergency advice would scroll out of view when the line under the header appears."""
    customer = await desk.customer()
    page = await open_chat(open_page, desk, customer, width=360, height=420)
    await expect(page.get_by_test_id("chat-greeting")).to_be_visible()
    bot.will(grave())
    await customer.say(VICTIM)
    if is_there_before:
        await desk.wait_for(customer, lambda events: bool(of_kind(events, "handoff")))
        await page.reload()
    words = page.locator('[data-testid="chat-message"][data-kind="system"]').last.locator(".line").first
    await expect(page.get_by_test_id("chat-status")).to_be_visible()
    await expect(words).to_be_in_viewport(ratio=0.9)


async def test_a_usual_case_is_calm_and_says_what_the_wait_depends_on(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """Every customer would be alarmed, or a wait in minutes would be promised while no agent is online."""
    customer = await desk.waiting_customer(usual(), "转人工")
    page = await open_chat(open_page, desk, customer)
    status = page.get_by_test_id("chat-status")
    await expect(status).to_contain_text("排队中，您在第 1 位")
    await expect(status).to_contain_text("现在没有客服在线，位置会一直保留")
    await desk.agent()
    other = await open_chat(open_page, desk, customer)
    await expect(other.get_by_test_id("chat-status")).to_contain_text("预计约 4 分钟")
    red, green, _ = await colours(page)
    assert green >= red


async def test_out_of_hours_the_line_says_when_people_are_back(
    desk: Desk, bot: FakeBot, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At night the customer would read minutes, or "nobody is online" without knowing until when."""
    handoffs = desk.services.handoffs
    china = dt.timezone(dt.timedelta(hours=8))
    opens = (dt.datetime.now(china) + dt.timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)

    async def outlook(*_: Any) -> Outlook:
        return Outlook(0, 0, None, Opening(opens, dt.datetime.now(china)))

    monkeypatch.setattr(handoffs, "outlook", outlook)
    monkeypatch.setattr(handoffs, "waiting", lambda *_: None)  # the queue is not closed on the shared desk's board
    customer = await desk.waiting_customer(usual(), "转人工")
    page = await open_chat(open_page, desk, customer, width=360)
    status = page.get_by_test_id("chat-status")
    await expect(status).to_contain_text("排队中，您在第 1 位")
    await expect(status).to_contain_text("人工客服 明天 8:00 上班，位置会一直保留")
    await expect(page.get_by_test_id("chat-message").last).to_contain_text("人工客服 明天 8:00 上班")
    assert "分钟" not in await status.inner_text()


def sent_to(page: Page, path: str) -> list[Any]:
    """The bodies that the page sends to an address from now on."""
    bodies: list[Any] = []
    page.on("request", lambda request: bodies.append(request.post_data_json) if request.url.endswith(path) else None)
    return bodies


@pytest.mark.parametrize("priority", ["urgent", "high"])
async def test_leaving_the_line_of_a_grave_case_is_asked_about_once(
    desk: Desk, bot: FakeBot, open_page: OpenPage, priority: str
) -> None:
    """One accidental tap would cost a victim the place, or the button would do nothing."""
    customer = await desk.waiting_customer(escalates("security", priority, "scam_report"), VICTIM)
    page = await open_chat(open_page, desk, customer)
    bodies = sent_to(page, "/cancel")
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-confirm")).to_contain_text("确定不等人工了吗")
    await expect(page.get_by_test_id("chat-keep-waiting")).to_be_focused()
    await page.get_by_test_id("chat-keep-waiting").click()
    await expect(page.get_by_test_id("chat-confirm")).to_be_hidden()
    assert (await customer.status())["status"] == "queued"
    await page.get_by_test_id("chat-cancel").click()
    await page.get_by_test_id("chat-stop-waiting").click()
    await expect(page.get_by_test_id("chat-status")).to_be_hidden()
    await expect(page.get_by_test_id("chat-confirm")).to_be_hidden()
    await expect(page.get_by_test_id("chat-problem")).to_be_hidden()
    assert bodies == [{}, {}, {"confirm": True}]
    assert (await customer.status())["status"] == "with_bot"


async def test_leaving_the_line_of_a_usual_case_asks_nothing(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """Every customer would have to confirm."""
    customer = await desk.waiting_customer(usual(), "转人工")
    page = await open_chat(open_page, desk, customer)
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-status")).to_be_hidden()
    await expect(page.get_by_test_id("chat-confirm")).to_be_hidden()


async def test_the_question_goes_when_an_agent_comes(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The page would still ask whether to wait although an agent has joined."""
    customer = await desk.waiting_customer(grave(), VICTIM)
    page = await open_chat(open_page, desk, customer)
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-confirm")).to_be_visible()
    await (await desk.agent()).claim(customer)
    await expect(page.get_by_test_id("chat-confirm")).to_be_hidden()


async def asked_in_words(desk: Desk, bot: FakeBot, open_page: OpenPage) -> tuple[Page, Customer]:
    """A victim who wrote a text like "never mind", and whom the desk asks to confirm."""
    customer = await desk.waiting_customer(grave(), VICTIM)
    page = await open_chat(open_page, desk, customer)
    bot.will(chats("好的。", outcome="never_mind"))
    await customer.say("不用了")
    await expect(page.get_by_test_id("chat-message").last).to_contain_text("确定不等人工客服了吗")
    await expect(page.get_by_test_id("chat-choice")).to_have_count(2)
    return page, customer


@pytest.mark.parametrize(("button", "status"), [("不等了", "with_bot"), ("继续等", "queued")])
async def test_the_desks_question_is_answered_by_its_buttons(
    desk: Desk, bot: FakeBot, open_page: OpenPage, button: str, status: str
) -> None:
    """The question whether to keep waiting would have no answer, or an answer other than the button's."""
    page, customer = await asked_in_words(desk, bot, open_page)
    await page.get_by_test_id("chat-choice").get_by_text(button).click()
    await expect(page.get_by_test_id("chat-choice")).to_have_count(0)
    await expect(page.locator('[data-testid="chat-message"][data-kind="customer"]').last).to_contain_text(button)
    await expect(page.locator('[data-testid="chat-message"][data-kind="system"]').last).not_to_contain_text("确定")
    assert (await customer.status())["status"] == status


async def test_the_desks_question_ends_with_the_wait(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A customer who talks to an agent could still cancel the wait."""
    page, customer = await asked_in_words(desk, bot, open_page)
    await (await desk.agent()).claim(customer)
    await expect(page.get_by_test_id("chat-choice")).to_have_count(0)


async def test_a_cancelled_wait_can_be_taken_back(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A customer who left the queue by mistake would start again at its end."""
    customer = await desk.waiting_customer(usual(), "转人工")
    await desk.waiting_customer(usual(), "我也要转人工")
    page = await open_chat(open_page, desk, customer)
    await page.get_by_test_id("chat-cancel").click()
    await page.get_by_test_id("chat-undo").click()
    await expect(page.get_by_test_id("chat-status")).to_contain_text("您在第 1 位")
    await expect(page.get_by_test_id("chat-undo")).to_be_hidden()
    assert (await customer.status())["queue_position"] == 1


async def test_too_late_to_take_back_is_said(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The button would do nothing, without an explanation."""
    customer = await desk.waiting_customer(usual(), "转人工")
    page = await open_chat(open_page, desk, customer)
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-undo")).to_be_visible()
    desk.clock.pass_time(seconds=11)
    await page.get_by_test_id("chat-undo").click()
    await expect(page.get_by_test_id("chat-problem")).to_contain_text("撤销时间已过")
    await expect(page.get_by_test_id("chat-undo")).to_be_hidden()


async def test_the_way_back_closes_after_ten_seconds(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A button that the desk rejects would stay for ever."""
    customer = await desk.waiting_customer(usual(), "转人工")
    page = await open_chat(open_page, desk, customer, path="/healthz")
    await page.clock.install()
    await page.goto(address(desk))
    await expect(page.get_by_test_id("chat-cancel")).to_be_visible()
    started = await page.evaluate("Date.now()")
    await page.get_by_test_id("chat-cancel").click()
    await expect(page.get_by_test_id("chat-undo")).to_be_visible()
    stopped = await page.evaluate("Date.now()") + 2_000
    await page.clock.pause_at(stopped / 1_000)  # from now on the test says how much time passes
    await page.clock.fast_forward(max(0, started + 8_000 - stopped))
    await expect(page.get_by_test_id("chat-undo")).to_be_visible()
    await page.clock.fast_forward(stopped - started + 2_000)
    await expect(page.get_by_test_id("chat-undo")).to_be_hidden()


async def test_an_old_cancel_is_not_offered_to_be_taken_back(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """Each reload would bring the button back."""
    customer = await desk.waiting_customer(usual(), "转人工")

    def cancel(draft: Draft, now: dt.datetime) -> None:
        long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)  # by the browser's clock: the desk's may be moved
        append(draft, Cancelled(), CUSTOMER, long_ago)

    await log_more(desk, customer, cancel)
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("chat-message").first).to_be_visible()
    await expect(page.get_by_test_id("chat-human")).to_be_visible()
    await expect(page.get_by_test_id("chat-undo")).to_be_hidden()


async def closed_by_agent(desk: Desk) -> Customer:
    """A customer whose case an agent has closed."""
    customer = await desk.waiting_customer()
    agent = await desk.agent()
    await agent.claim(customer)
    assert (await agent.write(customer, "已经处理好了。")).status_code == 201
    seen = (await agent.log(customer))[-1]["seq"]
    assert (await agent.act(customer, "resolve", {"seen_seq": seen})).status_code == 200
    return customer


@pytest.mark.parametrize("outcome", [None, "closed"])
async def test_rating_stays_after_thanks(desk: Desk, bot: FakeBot, open_page: OpenPage, outcome: str | None) -> None:
    """A thank-you to the agent would remove the rating card and the stars already picked."""
    customer = await closed_by_agent(desk)
    page = await open_chat(open_page, desk, customer)
    await page.locator('[data-testid="rating-star"][data-score="4"]').click()
    bot.will(chats("不客气！", outcome=outcome))
    await page.get_by_test_id("chat-input").fill("谢谢")
    await page.get_by_test_id("chat-input").press("Enter")
    await expect(page.get_by_test_id("chat-message").filter(has_text="不客气")).to_be_visible()
    await desk.turns_over()
    await expect(page.locator('[data-testid="rating-star"][data-score="4"]')).to_have_attribute("aria-checked", "true")
    await page.get_by_test_id("rating-submit").click()
    await expect(page.get_by_test_id("chat-divider").last).to_contain_text("4 星")
    await expect(page.get_by_test_id("rating-submit")).to_have_count(0)
    assert [event["score"] for event in of_type(await desk.log(customer), "rated")] == [4]


async def test_rating_ends_with_something_new(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The card would appear below another matter, and the desk would reject the rating."""
    customer = await closed_by_agent(desk)
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("rating-submit")).to_be_visible()
    await page.get_by_test_id("chat-input").fill("另外，转账多久到账")
    await page.get_by_test_id("chat-input").press("Enter")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    await expect(page.get_by_test_id("rating-submit")).to_have_count(0)


async def test_a_resolution_that_the_agent_takes_back(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """The card would ask to rate a conversation that goes on, and the customer would believe that it ended."""
    customer = await closed_by_agent(desk)
    page = await open_chat(open_page, desk, customer)
    await expect(page.get_by_test_id("rating-submit")).to_be_visible()
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(UndoResolution("agent", "小林"), desk.clock())
        await save_conversation(tx, draft)
        tx.wake(customer.id)
    await expect(page.get_by_test_id("chat-divider").last).to_have_text("客服继续为您处理")
    await expect(page.get_by_test_id("rating-submit")).to_have_count(0)
    await expect(page.get_by_test_id("chat-status")).to_contain_text("正在为您服务")
    await page.reload()
    await expect(page.get_by_test_id("chat-divider").last).to_have_text("客服继续为您处理")
    await expect(page.get_by_test_id("rating-submit")).to_have_count(0)


async def test_a_rated_case_is_not_asked_about_again(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A thank-you after the stars would bring the card back."""
    customer = await closed_by_agent(desk)
    assert (await customer.rate(5)).status_code == 201
    page = await open_chat(open_page, desk, customer)
    bot.will(chats("不客气！"))
    await customer.say("谢谢")
    await expect(page.get_by_test_id("chat-message").filter(has_text="不客气")).to_be_visible()
    await expect(page.get_by_test_id("rating-submit")).to_have_count(0)


async def test_a_picked_rating_outlives_a_change_of_language(desk: Desk, bot: FakeBot, open_page: OpenPage) -> None:
    """A change of language would lose the stars and the comment."""
    customer = await closed_by_agent(desk)
    page = await open_chat(open_page, desk, customer)
    await page.locator('[data-testid="rating-star"][data-score="2"]').click()
    await page.get_by_test_id("rating-comment").fill("太慢")
    await page.locator("#language").click()
    await expect(page.get_by_test_id("rating-submit")).to_have_text("Submit")
    await expect(page.locator('[data-testid="rating-star"][data-score="2"]')).to_have_attribute("aria-checked", "true")
    await expect(page.get_by_test_id("rating-comment")).to_have_value("太慢")
