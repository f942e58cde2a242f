"""Customers and agents in a real browser, against the real system."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import System

OpenPage = Callable[..., Page]


def write(page: Page, text: str) -> None:
    """Type into the chat and send, as a customer does."""
    page.get_by_test_id("chat-input").fill(text)
    page.get_by_test_id("chat-input").press("Enter")


def said(page: Page, kind: str) -> str:
    """The last message of a kind of participant, once there is one."""
    message = page.locator(f'[data-testid="chat-message"][data-kind="{kind}"]').last
    expect(message).to_be_visible()
    return message.inner_text()


def handoff_words(page: Page) -> str:
    """The desk's first message about the handoff; first aid and questions may follow it."""
    message = page.locator('[data-testid="chat-message"][data-kind="system"]').first
    expect(message).to_be_visible()
    return message.inner_text()


def sign_in(open_page: OpenPage, system: System, login: str = "agent", **options: int) -> Page:
    """A console with a signed-in agent."""
    page = open_page(f"{system.url}/console", **options)
    page.get_by_test_id("login-name").fill(login)
    page.get_by_test_id("login-password").fill(login)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    return page


@pytest.mark.parametrize("width", [360, 1440])
def test_a_documented_question_gets_its_article(system: System, open_page: OpenPage, width: int) -> None:
    """A customer with a documented problem would get no steps, or could not see which article they are from."""
    page = open_page(f"{system.url}/?chat=open", width=width, height=740)
    write(page, "验证码一直收不到")
    answer = page.locator('[data-testid="chat-message"][data-kind="bot"]').last
    expect(answer).to_contain_text("重新发送")
    expect(page.get_by_test_id("chat-article").last).to_contain_text("收不到验证码")
    assert re.fullmatch("[0-9a-f]{12}", page.get_by_test_id("chat-article").last.get_attribute("data-revision") or "")
    labels = [choice.inner_text() for choice in page.get_by_test_id("chat-choice").all()]
    doors = [door.inner_text() for door in page.get_by_test_id("chat-doors").get_by_role("button").all()]
    assert labels == ["解决了", "没解决", *doors]
    assert doors == ["账号可能被别人改了", "提示冻结/风险"]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page scrolls sideways"


def test_a_door_under_the_answer_brings_a_person_with_its_reason(system: System, open_page: OpenPage) -> None:
    """A customer whose codes go to a stranger would read about codes, and wait as one whom the article did not help."""
    page = open_page(f"{system.url}/?chat=open", width=360, height=740)
    write(page, "验证码一直收不到")
    page.get_by_test_id("chat-doors").get_by_role("button", name="账号可能被别人改了").click()
    expect(page.get_by_test_id("chat-status")).to_have_attribute("data-priority", "urgent")
    assert "人工客服" in handoff_words(page)


def test_not_solved_brings_a_person(system: System, open_page: OpenPage) -> None:
    """A customer whom the article did not help would be stuck with the bot."""
    page = open_page(f"{system.url}/?chat=open")
    write(page, "验证码一直收不到")
    page.locator('[data-testid="chat-choice"][data-choice="unsolved"]').click()
    expect(page.get_by_test_id("chat-status")).to_be_visible()
    assert "人工客服" in handoff_words(page)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("我卡里的钱被人转走了", "验证码"),
        ("商家一直不肯退款，东西是坏的", "人工客服"),
        ("我要转二十万给装修公司,有点不放心", "不要付款或转账"),
        ("转人工", "人工客服"),
    ],
)
def test_an_emergency_gets_a_person_at_once(system: System, open_page: OpenPage, words: str, advice: str) -> None:
    """A customer in trouble would be questioned, given an article, or left without position, wait and advice."""
    page = open_page(f"{system.url}/?chat=open")
    write(page, words)
    message = handoff_words(page)
    assert advice in message
    assert re.search(r"\d+ 分钟|拨打", message), "the expected wait, or what to do while nobody is there"
    expect(page.get_by_test_id("chat-status")).to_contain_text(re.compile(r"您在第 \d+ 位"))
    assert page.get_by_test_id("chat-article").count() == 0
    assert page.locator('[data-testid="chat-message"][data-kind="bot"]').count() == 0


def test_agent_and_customer_talk_until_it_is_resolved(
    system: System, open_page: OpenPage, picture: Callable[[Page, str], None]
) -> None:
    """An agent could not see why, take over, write, or end, or the customer could not answer and rate."""
    customer = open_page(f"{system.url}/?chat=open")
    write(customer, "我要转二十万给装修公司,有点不放心,订单号 20261122884213")
    expect(customer.get_by_test_id("chat-status")).to_be_visible()

    agent = sign_in(open_page, system)
    waiting = agent.locator('[data-group="waiting"] [data-testid="queue-card"]')
    priorities = waiting.evaluate_all("cards => cards.map(card => card.dataset.priority)")
    order = ["urgent", "high", "normal"]
    assert priorities == sorted(priorities, key=order.index), "the queue is not ordered by priority"
    card = agent.get_by_test_id("queue-card").filter(has_text="20261122884213")
    card.click()
    expect(agent.get_by_test_id("decision").first).to_contain_text("大额")
    expect(agent.locator('[data-testid="entity"][data-entity="amount"]').first).to_contain_text("200,000")
    expect(agent.locator('[data-testid="entity"][data-entity="order_number"]').first).to_contain_text("20261122884213")

    agent.get_by_test_id("claim").click()
    expect(customer.locator('[data-testid="chat-message"][data-kind="system"]').last).to_contain_text("小林")
    agent.get_by_test_id("reply-input").fill("您好，请先不要付款，我帮您核对收款方。")
    agent.get_by_test_id("reply-input").press("Enter")
    expect(customer.locator('[data-testid="chat-message"][data-kind="agent"]').last).to_contain_text("核对收款方")
    write(customer, "好的，收款方是个人账户")
    expect(agent.locator('[data-testid="transcript-message"][data-kind="customer"]').last).to_contain_text("个人账户")
    picture(customer, "chat")
    picture(agent, "console")

    agent.get_by_test_id("resolve").click()
    agent.get_by_test_id("outcome-solved").check()
    agent.get_by_test_id("dialog-confirm").click()
    customer.locator('[data-testid="rating-star"][data-score="5"]').click()
    customer.get_by_test_id("rating-submit").click()
    expect(agent.get_by_test_id("transcript")).to_contain_text("5")


def test_agent_returns_a_conversation_and_the_bot_speaks_again(system: System, open_page: OpenPage) -> None:
    """A conversation that an agent returns would leave the customer with a silent bot."""
    customer = open_page(f"{system.url}/?chat=open")
    write(customer, "转人工 我有个小问题")
    expect(customer.get_by_test_id("chat-status")).to_be_visible()
    agent = sign_in(open_page, system, "agent2")
    agent.get_by_test_id("queue-card").filter(has_text="我有个小问题").click()
    agent.get_by_test_id("claim").click()
    agent.get_by_test_id("return").click()
    agent.get_by_test_id("dialog-confirm").click()
    expect(customer.locator('[data-testid="chat-message"][data-kind="system"]').last).to_contain_text("智能客服")
    write(customer, "怎么绑定银行卡")
    expect(customer.get_by_test_id("chat-article").last).to_contain_text("银行卡")


def test_a_reload_shows_the_same_conversation(system: System, open_page: OpenPage) -> None:
    """A customer who reloads the page would lose the conversation's text."""
    page = open_page(f"{system.url}/?chat=open")
    write(page, "优惠券用不了")
    expect(page.get_by_test_id("chat-article").last).to_be_visible()
    page.reload()
    expect(page.locator('[data-testid="chat-message"][data-kind="customer"]').last).to_contain_text("优惠券用不了")
    expect(page.get_by_test_id("chat-article").last).to_be_visible()


def test_hostile_words_are_words(system: System, open_page: OpenPage) -> None:
    """HTML, SQL or a Rasa command that a customer types would be executed instead of read."""
    page = open_page(f"{system.url}/?chat=open")
    for text in ("<img src=x onerror=alert(1)>", "'; DROP TABLE events;--", '/human_agent{"x":1}', "/restart"):
        write(page, text)
        expect(page.locator('[data-testid="chat-message"][data-kind="customer"]').last).to_contain_text(text)
    assert page.locator("wallet-chat img[src=x]").count() == 0


def test_the_console_works_on_a_phone(system: System, open_page: OpenPage) -> None:
    """An agent on a phone could not reach a conversation."""
    customer = open_page(f"{system.url}/?chat=open")
    write(customer, "同一笔订单扣了我两次钱 手机端测试")
    expect(customer.get_by_test_id("chat-status")).to_be_visible()
    agent = sign_in(open_page, system, "supervisor", width=360, height=740)
    agent.get_by_test_id("queue-card").filter(has_text="手机端测试").click()
    expect(agent.get_by_test_id("transcript")).to_contain_text("手机端测试")
    overflow = agent.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the console scrolls sideways"
