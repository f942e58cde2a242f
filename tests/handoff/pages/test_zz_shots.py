from __future__ import annotations
import json
import pytest
from playwright.async_api import expect
from tests.handoff.fake_bot import FakeBot, escalates
from tests.handoff.pages.conftest import OpenPage, address, agent_writes, open_chat
from tests.handoff.running_desk import Desk

S = "/tmp/shots/"

AID = [
    {"action": "freeze_payments", "label": "冻结付款", "state": "offered", "explanation": "付款、转账和提现全部停止", "confirm": "确认冻结付款吗？冻结后付款、转账和提现全部停止，收款不受影响；解冻要由人工客服核实后办理。"},
    {"action": "sign_out_devices", "label": "退出所有设备", "state": "done", "result": "其他设备都已退出登录。"},
    {"action": "recall_transfer", "label": "撤回转账", "state": "unknown", "result": "「撤回转账」还没有得到钱包系统的确认，请先当作没有办成。人工客服会核实；急用请马上拨打 400-000-0000。"},
    {"action": "block_payee", "label": "拉黑收款人", "state": "instruction", "instruction": "拉黑收款人：打开 App「转账 > 收款人」，点开对方，选「拉黑」。"},
]
CASE = {"id": "C7K2M9QX", "clocks": [
    {"name": "书面确认收到", "due_at": "2026-12-01T09:00:00+08:00", "why": "从您 11 月 30 日 22:10 的第一句话算起，1 个工作日内确认收到。", "state": "running"},
    {"name": "给出结论或先行垫付", "due_at": "2026-12-11T18:00:00+08:00", "why": "从您第一句话算起 10 个工作日；遇周末顺延。", "state": "running"}]}


@pytest.mark.parametrize(("width", "locale"), [(360, "zh-CN"), (1440, "zh-CN"), (360, "zh-TW"), (360, "en-US")])
async def test_shots(desk: Desk, bot: FakeBot, open_page: OpenPage, width: int, locale: str) -> None:
    name = f"{S}{width}-{locale}-"
    height = 740 if width == 360 else 900
    page = await open_page(address(desk), width=width, height=height, locale=locale)
    await expect(page.get_by_test_id("chat-sos-call")).to_be_visible()
    await page.screenshot(path=name + "first.png")
    await page.get_by_test_id("chat-menu").click()
    await expect(page.get_by_test_id("chat-sheet")).to_be_visible()
    await page.screenshot(path=name + "menu.png")
    await page.get_by_test_id("chat-menu-large").click()
    await page.get_by_test_id("chat-sheet-close").click()
    await page.screenshot(path=name + "large.png")
    await page.get_by_test_id("chat-menu").click()
    await page.get_by_test_id("chat-menu-large").click()
    await page.get_by_test_id("chat-sheet-close").click()
    bot.will(escalates("security", "urgent", intent="account_stolen"))
    await page.get_by_test_id("chat-sos-freeze").click()
    await expect(page.get_by_test_id("chat-status")).to_have_attribute("data-priority", "urgent")
    await page.evaluate("""([aid, file]) => { const c = document.querySelector('wallet-chat'); window.__aid = [aid, file]; }""", [AID, CASE])
    await page.wait_for_timeout(300)
    await page.screenshot(path=name + "sos.png")
    customer = await desk.waiting_customer(escalates("security", "urgent", intent="account_stolen"))

    async def status(route):
        answer = await route.fetch()
        body = await answer.json()
        await route.fulfill(response=answer, json={**body, "first_aid": AID, "case": CASE})

    await page.close()
    page = await open_page(address(desk, "/healthz"), width=width, height=height, locale=locale)
    await page.route("**/api/conversations/*/events*", lambda r: r.fulfill(status=200, content_type="text/html", body="no") if "event-stream" in r.request.headers.get("accept", "") else r.continue_())
    await page.route(f"**/api/conversations/{customer.id}", status)
    await page.evaluate("([id, token]) => localStorage.setItem(`wallet-chat:${location.origin}:conversation`, JSON.stringify({id, token}))", [customer.id, customer.token])
    await page.goto(address(desk))
    await expect(page.get_by_test_id("chat-case")).to_be_visible()
    await page.screenshot(path=name + "aid.png")
    await page.locator("[data-testid=chat-aid][data-action=freeze_payments]").click()
    await page.wait_for_timeout(200)
    await page.screenshot(path=name + "confirm.png")
    await page.get_by_test_id("chat-case").locator("summary").click()
    await page.wait_for_timeout(200)
    await page.screenshot(path=name + "case.png")
