"""What customers notice when parts of the system die."""

from __future__ import annotations

import signal
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import System, wait_for
from tests.e2e.test_customer_and_agent import said, write


def test_without_a_bot_the_customer_hears_the_truth_and_gets_a_person(system: System, open_page: Callable[..., Page]) -> None:
    """While the bot is dead, a customer's message would be lost or the customer would wait for ever."""
    page = open_page(f"{system.url}/?chat=open")
    system.find_process("bot.serving.start run").send_signal(signal.SIGKILL)
    write(page, "怎么提现到银行卡")
    assert "智能客服暂时无法回答" in said(page, "system")
    expect(page.get_by_test_id("chat-status")).to_be_visible()
    wait_for(system.is_ready, "the bot to be started again", 120)


def test_a_desk_that_dies_loses_nothing(system: System, open_page: Callable[..., Page]) -> None:
    """A desk killed in the middle of a conversation would lose the conversation."""
    page = open_page(f"{system.url}/?chat=open")
    write(page, "怎么修改支付密码")
    expect(page.get_by_test_id("chat-article").last).to_contain_text("密码")
    system.find_process("handoff serve").send_signal(signal.SIGKILL)
    write(page, "那怎么解绑银行卡")
    wait_for(system.is_ready, "the desk to be started again", 120)
    expect(page.get_by_test_id("chat-article").last).to_contain_text("解绑")
    assert page.locator('[data-testid="chat-message"][data-kind="customer"]').count() == 2
