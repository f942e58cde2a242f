"""The agents' tab of the case: first aid, the case file and its clocks, and the customer's pictures."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk
from tests.e2e.test_console import until
from tests.e2e.test_console_talk import opened
from tests.handoff.fake_bot import escalates
from tests.handoff.hostile_pictures import picture
from tests.handoff.people import Customer, of_kind
from tests.handoff.test_attachments import send
from tests.handoff.test_identity import signed_customer

NewContext = Callable[..., BrowserContext]
_subjects = itertools.count(2060)


async def _victim(page_desk: PageDesk, subject: str) -> Customer:
    desk = page_desk.desk
    customer = await signed_customer(desk, subject, 2, name="李明", phone_last="1002")
    desk.bot.will(escalates("security", "urgent", "unauthorized_transaction"))
    await customer.say("有一笔我没付过的钱")
    await desk.wait_for(customer, lambda events: bool(of_kind(events, "handoff")))
    await desk.turns_over()
    return customer


def victim(page_desk: PageDesk, login: str = "agent") -> tuple[Customer, str]:
    """A signed customer with a security case whom an agent has claimed, and their id in the wallet."""
    subject = f"u-{next(_subjects)}"
    customer = page_desk.run(_victim(page_desk, subject))
    page_desk.run(page_desk.run(page_desk.desk.agent(login)).claim(customer))
    return customer, subject


def confirm(page: Page, dialog: str) -> Locator:
    """Confirm a question of the page; the dialog."""
    box = page.get_by_test_id(dialog)
    box.get_by_test_id("dialog-confirm").click()
    return box


def state_of(page: Page, action: str) -> Locator:
    """What the tab says of an action."""
    return page.get_by_test_id(f"aid-state-{action}")


def test_an_agent_stops_the_money_once(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A repeated try after a lost answer would be a second order, or the page would say done without the wallet's word."""
    customer, subject = victim(page_desk)
    page = opened(page_desk, browser_context, customer)
    losses = iter([True])
    keys: list[str] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.post_data_json["key"])
        answer = route.fetch()
        if next(losses, False):
            route.abort()
        else:
            route.fulfill(response=answer)

    page.context.route("**/first-aid/agent", lose_first_answer)
    page.get_by_test_id("aid-order-freeze_payments").click()
    dialog = page.get_by_test_id("aid-dialog")
    dialog.get_by_test_id("dialog-confirm").click()
    assert keys == []  # no order without a reason
    dialog.get_by_test_id("aid-reason").fill("客户说不是本人付的")
    assert grave_findings(page) == []
    dialog.get_by_test_id("dialog-confirm").click()
    expect(dialog.get_by_role("alert").last).to_contain_text("结果还不清楚")
    confirm(page, "aid-dialog")
    expect(dialog).to_have_count(0)
    expect(page.get_by_test_id("toast")).to_contain_text("冻结付款：已办成")
    expect(state_of(page, "freeze_payments")).to_contain_text("已办成（钱包已确认）")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    actions = page_desk.run(page_desk.wallet.actions(subject))
    assert [each["action"] for each in actions] == ["freeze_payments"]
    expect(page.get_by_test_id("transcript")).to_contain_text("小林 要求「冻结付款」：客户说不是本人付的")


def test_a_heavy_action_waits_for_a_second_person(page_desk: PageDesk, browser_context: NewContext) -> None:
    """One agent could recall a customer's transfer alone, or nobody would see that a colleague must agree."""
    customer, subject = victim(page_desk)
    page = opened(page_desk, browser_context, customer)
    page.get_by_test_id("aid-order-recall_transfer").click()
    target = page.get_by_test_id("aid-target")
    expect(target.locator("option")).not_to_have_count(1)
    page.get_by_test_id("aid-reason").fill("对方是骗子")
    confirm(page, "aid-dialog")
    expect(state_of(page, "recall_transfer")).to_contain_text("等另一位同事同意")
    expect(page.get_by_test_id("proposal-approve")).to_have_count(0)
    assert page_desk.run(page_desk.wallet.actions(subject)) == []
    supervisor = opened(page_desk, browser_context, customer, "supervisor")
    supervisor.get_by_test_id("proposal-approve").click()
    dialog = supervisor.get_by_test_id("proposal-dialog")
    expect(dialog).to_contain_text("小林 申请：对方是骗子")
    confirm(supervisor, "proposal-dialog")
    expect(dialog).to_have_count(0)
    expect(state_of(supervisor, "recall_transfer")).not_to_contain_text("等另一位同事")
    expect(state_of(page, "recall_transfer")).not_to_contain_text("等另一位同事")
    assert [each["action"] for each in page_desk.run(page_desk.wallet.actions(subject))] == ["recall_transfer"]


def test_a_case_explains_its_due_times_and_is_decided(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would not know what is owed until when and why, or could end a case without reasons."""
    customer, _ = victim(page_desk)
    page = opened(page_desk, browser_context, customer)
    case = page.get_by_test_id("case-file")
    expect(case.get_by_test_id("case-id")).to_have_text(_case_id(page_desk, customer))
    expect(case.get_by_test_id("case-first-words")).to_contain_text("有一笔我没付过的钱")
    why = case.get_by_test_id("clock-why-cn_complaint-decision")
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(why).to_contain_text("从客户提出的时间")
    expect(why).to_contain_text("待法务确认")
    expect(case.get_by_test_id("case-close")).to_have_count(0)
    case.get_by_test_id("clock-extend-cn_complaint-decision").click()
    page.get_by_test_id("case-why").fill("要等银行答复")
    confirm(page, "case-extend-dialog")
    expect(page.get_by_test_id("toast")).to_contain_text("等批准人同意")
    case.get_by_test_id("case-decide").click()
    dialog = page.get_by_test_id("case-decide-dialog")
    page.get_by_test_id("case-decision-choice").select_option("upheld")
    dialog.get_by_test_id("dialog-confirm").click()
    expect(dialog.get_by_role("alert").last).to_contain_text("请写明理由")
    page.get_by_test_id("case-reasons").fill("交易不是客户本人授权")
    confirm(page, "case-decide-dialog")
    expect(case.get_by_test_id("case-decision")).to_contain_text("支持客户")
    expect(case.get_by_test_id("case-decision")).to_contain_text("交易不是客户本人授权")
    expect(why).to_be_visible()
    assert grave_findings(page) == []


def _case_id(page_desk: PageDesk, customer: Customer) -> str:
    events: list[dict[str, Any]] = page_desk.run(page_desk.desk.log(customer))
    return str(next(event["case_id"] for event in events if event["type"] == "case_opened"))


def test_a_picture_opens_large_with_the_keyboard(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent could not read a screenshot, or only with the mouse, or not know which picture it is."""
    customer, _ = victim(page_desk)
    page = opened(page_desk, browser_context, customer)
    for name, size in (("a", (300, 700)), ("b", (500, 200))):
        answer = page_desk.run(send(customer, picture(size=size), name=f"{name}.png"))
        assert answer.status_code == 201, answer.text
    small = page.get_by_test_id("pictures").get_by_test_id("picture")
    expect(small).to_have_count(2)
    until(page, lambda: _is_drawn(small.first), "the small picture")
    small.first.focus()
    page.keyboard.press("Enter")
    large = page.get_by_test_id("picture-large")
    until(page, lambda: _width(large) == 300, "the first picture")
    assert "客户的图片 1" in str(large.get_attribute("alt"))
    assert grave_findings(page) == []
    page.keyboard.press("ArrowRight")
    until(page, lambda: _width(large) == 500, "the second picture")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("picture-dialog")).to_have_count(0)
    expect(small.first).to_be_focused()
    expect(page.locator("#transcript").get_by_test_id("picture")).to_have_count(2)


def _is_drawn(button: Locator) -> bool:
    return _width(button.locator("img")) > 0


def _width(image: Locator) -> int:
    return int(image.evaluate("image => image.naturalWidth"))
