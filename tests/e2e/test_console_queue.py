"""The left column, the bar, the keys and the notices of the console, in a real browser against a real desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk
from tests.e2e.test_console import DELIVERED, card_of, claimed, open_console, queue_card, said, until
from tests.handoff.fake_bot import escalates

NewContext = Callable[..., BrowserContext]

#: Counts the keys that the agent presses before the first key that writes into the reply box.
_COUNT_KEYS = """
  window.keysBefore = 0;
  addEventListener("keydown", (event) => {
    if (event.target.matches?.("textarea")) window.isTyping = true;
    if (!window.isTyping) window.keysBefore += 1;
  }, true);
"""
#: Replaces the browser's desktop notices by a list, as if the agent had permitted them and looked at another window.
_NOTICES = """
  window.notices = [];
  window.Notification = class { constructor(title, options) { window.notices.push({ title, ...options }); } };
  window.Notification.permission = "granted";
  document.hasFocus = () => false;
"""
#: An offer that no test outlives.
_UNTIL = "2999-01-01T00:00:00Z"


def offered_queue(card: dict[str, Any], agents: list[dict[str, Any]]) -> Callable[[Route], None]:
    """A queue with this one card, in the desk's format."""
    queue = {"waiting": [card], "waiting_total": 1, "next": None, "mine": [], "others": [], "agents": agents, "mentions": []}
    body = f"retry: 60000\nevent: queue\ndata: {json.dumps(queue)}\n\n"
    return lambda route: route.fulfill(status=200, headers={"Content-Type": "text/event-stream"}, body=body)


def open_id(page: Page) -> str | None:
    """The conversation in the address."""
    return page.evaluate("new URLSearchParams(location.search).get('c')")  # type: ignore[no-any-return]


# --- keys ----------------------------------------------------------------------------------------------------------------


def test_at_most_four_keys_from_an_escalation_to_the_first_words(page_desk: PageDesk, browser_context: NewContext) -> None:
    """While money is leaving an account, an agent would search for the mouse, the row and the button."""
    desk = page_desk.desk
    page_desk.run(desk.waiting_customer(text="先来的"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.add_init_script(_COUNT_KEYS)
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("queue-card")).to_have_count(1)
    moving = escalates("security", "urgent", "scam_in_progress", lane="money_moving")
    customer = page_desk.run(desk.waiting_customer(moving, "他让我再转五万"))
    expect(card_of(page, customer)).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("#transcript")).to_contain_text("他让我再转五万")
    page.keyboard.press("c")
    expect(page.get_by_test_id("reply-input")).to_be_focused()
    page.keyboard.type("先别转")
    page.keyboard.press("Enter")
    page.locator(DELIVERED).first.wait_for()
    assert said(page_desk, customer) == ["先别转"]
    keys = page.evaluate("window.keysBefore")
    assert keys == 2
    assert keys <= 4, "the bar"


def test_keys_lead_through_an_agents_own_conversations(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent with five customers would search the list for the one who waits, or write to the wrong one."""
    desk = page_desk.desk
    customers = []
    for number in range(3):
        customer, agent = claimed(page_desk, text=f"第 {number} 位")
        customers.append(customer)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    slots = page.locator('[data-group="mine"] [data-testid="queue-card"]')
    expect(slots).to_have_count(3)
    expect(page.locator(".slot-dot:visible")).to_have_count(3)
    page.keyboard.press("2")
    until(page, lambda: open_id(page) == customers[1].id, "the second conversation")
    expect(page.locator(".slot-dot:visible")).to_have_count(2)
    page.keyboard.press("4")
    expect(page.get_by_test_id("toast")).to_contain_text("4 号位没有会话")
    page.keyboard.press("m")  # the one who waits longest
    until(page, lambda: open_id(page) == customers[2].id or open_id(page) == customers[0].id, "an unanswered one")
    page.keyboard.press("1")
    page.keyboard.press("r")
    box = page.get_by_test_id("reply-input")
    box.fill("在看了")
    page.keyboard.press("Control+Enter")
    until(page, lambda: open_id(page) != customers[0].id, "the next conversation")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page_desk.run(desk.wait_for(customers[0], lambda events: said_by_agent(events) == ["在看了"]))
    page_desk.run(agent.act(customers[1], "transfer"))
    expect(slots).to_have_count(2)
    assert slots.last.get_attribute("aria-keyshortcuts") == "3", "a number changed under the agent's finger"
    page.set_viewport_size({"width": 1440, "height": 500})
    for number in range(8):
        page_desk.run(desk.waiting_customer(text=f"在等 {number}"))
    expect(page.locator('[data-view="all"] .count')).to_have_text("9")
    page.locator(".scroller").evaluate("list => { list.scrollTop = 3000; }")
    for slot in slots.all():
        assert slot.is_visible()
        assert page.evaluate("node => node.getBoundingClientRect().bottom <= innerHeight", slot.element_handle())


def said_by_agent(events: list[dict[str, Any]]) -> list[str]:
    """The agent's messages among a log's events."""
    return [event["text"] for event in events if event["type"] == "message" and event["by"]["kind"] == "agent"]


def test_claim_with_a_greeting_in_the_customers_language(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An English customer would be greeted in Chinese, or the agent would type the same sentence forty times a day."""
    customer = page_desk.run(page_desk.desk.waiting_customer(text="someone took my money, please help me"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.locator("#transcript")).to_contain_text("someone took my money")
    page.keyboard.press("Shift+C")
    page.locator(DELIVERED).first.wait_for()
    (greeting,) = said(page_desk, customer)
    assert greeting.startswith("Hello, I am 小林")


def test_keys_do_nothing_while_an_agent_writes(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent who types "u" or composes Chinese would be thrown into another conversation, or resolve this one."""
    customer, _ = claimed(page_desk)
    page_desk.run(page_desk.desk.waiting_customer(escalates("security", "urgent", "account_stolen"), "我的号被盗了"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    box = page.get_by_test_id("reply-input")
    box.click()
    page.keyboard.type("um1cCxtbezrnp?hywl")
    expect(box).to_have_value("um1cCxtbezrnp?hywl")
    session = context.new_cdp_session(page)
    for composed in ("u", "ue", "ue m"):
        end = len(composed)
        session.send("Input.imeSetComposition", {"text": composed, "selectionStart": end, "selectionEnd": end})
    keys = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "e", "code": "KeyE"}
    page.locator("body").evaluate("node => node.focus()")
    session.send("Input.dispatchKeyEvent", keys)  # an input method's key, wherever the focus is
    page.evaluate("""() => {
      document.activeElement.blur();
      const composing = { key: "e", isComposing: true, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new KeyboardEvent("keydown", composing));
    }""")
    page.wait_for_timeout(300)
    assert open_id(page) == customer.id
    assert page.locator("dialog[open]").count() == 0
    assert page_desk.run(customer.status())["status"] == "assigned"
    page.keyboard.press("u")  # and now it is a key
    until(page, lambda: open_id(page) != customer.id, "the urgent conversation")


def test_the_help_sheet_has_every_key(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent could not learn the keys, or would be caught in the sheet."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    page.keyboard.press("?")
    sheet = page.get_by_test_id("shortcuts")
    for words in ("下一个紧急会话", "接手并发送开场问候", "发送并转到下一个待回复", "撤销刚才的操作", "改变我的状态"):
        expect(sheet).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_test_id("search-query")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.get_by_test_id("toast")).to_contain_text("没有可以撤销的操作")


def test_a_key_right_after_esc_is_for_the_page(page_desk: PageDesk, browser_context: NewContext) -> None:
    """On a slow machine the next key would be typed into the field of a dialog that is gone."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    page.keyboard.press("Control+k")
    expect(page.get_by_test_id("search-query")).to_be_focused()
    # Both keys before the browser draws the page again: until then the closed dialog's field keeps the focus.
    page.evaluate("""() => {
      for (const key of ["Escape", "z"])
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }""")
    expect(page.get_by_test_id("toast")).to_contain_text("没有可以撤销的操作")
    expect(page.locator("dialog")).to_have_count(0)


# --- claiming and offers -------------------------------------------------------------------------------------------------


def test_a_full_agent_is_told_before_they_claim(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would press claim again and again, without learning who can help."""
    capacity = 0
    while True:
        _, agent = claimed(page_desk, text=f"第 {capacity} 位")
        capacity += 1
        entry = next(each for each in page_desk.run(agent.queue())["agents"] if each["login"] == "agent")
        if entry["load"] == entry["capacity"]:
            break
    waiting = page_desk.run(page_desk.desk.waiting_customer(text="我也要找人"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={waiting.id}")
    expect(page.locator("#transcript")).to_contain_text("我也要找人")
    expect(page.locator(".bar-load")).to_have_text(f"我的会话 {capacity}/{capacity}")
    page.keyboard.press("c")
    expect(page.get_by_test_id("toast")).to_contain_text(f"{capacity}/{capacity}，请主管放行")
    assert page_desk.run(waiting.status())["status"] == "queued"


@pytest.mark.parametrize(("key", "call"), [("c", "claim"), ("Enter", "claim"), ("x", "decline")])
def test_an_offer_stands_on_top_and_a_key_answers_it(
    page_desk: PageDesk, browser_context: NewContext, key: str, call: str
) -> None:
    """An offer would run out unseen below the queue, or an agent could only take it with the mouse."""
    customer = page_desk.run(page_desk.desk.waiting_customer(text="派给您的"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    card = queue_card(1, id=customer.id, preview="派给您的", offer={"login": "agent", "name": "小林", "until": _UNTIL})
    card["queued_at"] = page_desk.desk.clock().isoformat()
    context.route("**/api/queue", offered_queue(card, []))
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url.rsplit("/", 1)[1])
        route.fulfill(json={**card, "status": "assigned", "agent": "agent"})

    context.route("**/api/conversations/*/claim", answer)
    context.route("**/api/conversations/*/decline", answer)
    page = open_console(page_desk, context)
    offer = page.get_by_test_id("offer")
    expect(offer).to_be_visible()
    expect(page.locator('[data-group="waiting"] .card')).to_have_count(0)
    if key == "Enter":
        page.keyboard.press("j")
        expect(page.get_by_test_id("offer-accept")).to_be_focused()
    page.keyboard.press(key)
    until(page, lambda: asked, "the answer to the offer")
    assert asked == [call]


def test_an_offer_to_a_colleague_shows_their_name(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Two agents would open the same case because the list does not say that one of them was asked already."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.route(
        "**/api/queue",
        offered_queue(queue_card(1, offer={"login": "agent2", "name": "小周", "until": _UNTIL}, additions=3), []),
    )
    page = open_console(page_desk, context)
    row = page.locator('[data-group="waiting"] .card')
    expect(row).to_contain_text("已派给 小周")
    expect(row).to_contain_text("补充 3")
    expect(page.get_by_test_id("offer")).to_have_count(0)


# --- deadlines, notices, state -------------------------------------------------------------------------------------------


def test_a_deadline_counts_down_and_explains_itself(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would see a time without knowing which promise it is, or why it is on Tuesday."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    now = page_desk.desk.clock()
    why = {"zh": "周二 14:00：从周五 17:30 起 2 个工作小时，周一放假", "en": "14:00 Tuesday: 2 working hours"}
    due = {"clock": "first_response", "at": now.replace(year=now.year + 1).isoformat(), "is_paused": False, "explanation": why}
    card = queue_card(1, due=due, queued_at=now.isoformat(), waiting_seconds=0)
    context.route("**/api/queue", offered_queue(card, []))
    page = open_console(page_desk, context)
    clock = page.locator(".card .card-wait")
    expect(clock).to_contain_text("364 天")
    expect(page.get_by_test_id("due-chip")).to_contain_text("最急 364 天")
    tip = page.get_by_test_id("due-tip")
    expect(tip).to_be_hidden()
    clock.hover()
    expect(tip).to_have_text(f"首次回复 · {why['zh']}")
    page.mouse.move(900, 400)
    expect(tip).to_be_hidden()
    page.keyboard.press("j")
    expect(tip).to_have_text(f"首次回复 · {why['zh']}")
    assert page.locator(".card").get_attribute("aria-describedby") == "due-tip"


def test_the_title_and_a_desktop_notice_call_without_a_customers_words(
    page_desk: PageDesk, browser_context: NewContext
) -> None:
    """An agent in another window would miss an emergency, or a passer-by would read what a customer wrote."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.add_init_script(_NOTICES)
    page = open_console(page_desk, context)
    expect(card_of(page, customer)).to_be_visible()
    desktop, sound = page.get_by_test_id("notice-desktop"), page.get_by_test_id("notice-sound")
    expect(sound).to_have_attribute("aria-pressed", "true")
    expect(desktop).to_have_attribute("aria-pressed", "false")
    desktop.click()
    page_desk.run(page_desk.desk.waiting_customer(escalates("security", "urgent", "account_stolen"), "密码是 abc"))
    until(page, lambda: page.evaluate("notices.length") == 1, "the notice of the urgent case")
    page_desk.run(customer.say("我的卡号被人知道了"))
    until(page, lambda: page.evaluate("notices.length") == 2, "the notice of the customer's message")
    shown = page.evaluate("JSON.stringify(notices)")
    assert "账号被盗" in shown
    assert "密码是" not in shown
    assert "卡号" not in shown
    assert page.title() == "(1) 我的 · ⚠ 1 · 客服工作台"
    desktop.click()
    sound.click()
    page.reload()
    expect(sound).to_have_attribute("aria-pressed", "false")
    expect(desktop).to_have_attribute("aria-pressed", "false")
    page_desk.run(page_desk.desk.waiting_customer(escalates("security", "urgent", "account_stolen"), "又一位"))
    until(page, lambda: "⚠ 2" in page.title(), "the second urgent case")
    assert page.evaluate("notices.length") == 0


def test_an_agents_state_reaches_the_desk_and_a_reload(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent on a break would be offered urgent cases, which then wait for nobody."""
    context = browser_context()
    agent = page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    page.keyboard.press("p")
    state = page.get_by_test_id("presence")
    expect(state).to_be_focused()
    page.keyboard.press("Escape")
    state.select_option("away")

    def presence() -> str:
        return next(str(each["presence"]) for each in page_desk.run(agent.queue())["agents"] if each["login"] == "agent")

    until(page, lambda: presence() == "away", "the agent's state")
    page.reload()
    expect(page.locator(".presence-switch")).to_have_attribute("data-presence", "away")
    assert state.input_value() == "away"
    context.route("**/api/presence", lambda route: route.abort())
    state.select_option("available")
    expect(page.get_by_test_id("toast")).to_contain_text("连不上服务器")
    expect(state).to_have_value("away")


def test_an_agent_finds_what_they_have_ended(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent who remembers something after the end could not find the conversation again."""
    customer, agent = claimed(page_desk, text="扣了我两次钱")
    page_desk.run(agent.let_go(customer, "resolve"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    page.locator('[data-view="ended"]').click()
    row = page.get_by_test_id("ended-card")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("已解决")
    assert "view=ended" in page.url
    row.click()
    expect(page.locator("#transcript")).to_contain_text("扣了我两次钱")
    page.reload()
    expect(row).to_have_attribute("aria-current", "true")


# --- a phone, and everybody ----------------------------------------------------------------------------------------------


def test_an_agent_reads_and_answers_on_a_phone(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent who helps out from a phone could not reach a pane, or the page would scroll sideways."""
    customer = page_desk.run(page_desk.desk.waiting_customer(text="扣了我两次钱"))
    mine, _ = claimed(page_desk, text="我是老客户")
    context = browser_context(360, 740)
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("tab-queue")).to_have_attribute("aria-current", "page")
    expect(card_of(page, mine)).to_be_hidden()
    card_of(page, customer).click()
    expect(page.locator("#transcript")).to_contain_text("扣了我两次钱")
    page.get_by_test_id("claim").click()
    box = page.get_by_test_id("reply-input")
    box.fill("我来看一下")
    page.get_by_test_id("reply-send").click()
    page.locator(DELIVERED).first.wait_for()
    assert said(page_desk, customer) == ["我来看一下"]
    for tab in ("facts", "mine", "queue", "transcript"):
        page.get_by_test_id(f"tab-{tab}").click()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{tab} scrolls sideways"
        bar = page.locator(".bar-top")
        assert not bar.is_visible() or bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth"), f"{tab}: the bar is cut off"
    page.get_by_test_id("tab-mine").click()
    assert "view=mine" in page.url
    expect(card_of(page, mine)).to_be_visible()
    card_of(page, mine).click()
    expect(page.locator("#transcript")).to_contain_text("我是老客户")
    page.reload()
    expect(page.get_by_test_id("tab-transcript")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(card_of(page, customer)).to_be_visible()
    expect(page.get_by_test_id("tab-mine")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 360])
def test_the_console_has_no_grave_accessibility_findings(
    page_desk: PageDesk, browser_context: NewContext, locale: str, width: int
) -> None:
    """An agent who uses a screen reader, a keyboard or has weak sight could not work here."""
    customer, _ = claimed(page_desk)
    moving = escalates("security", "urgent", "scam_in_progress", lane="money_moving")
    page_desk.run(page_desk.desk.waiting_customer(moving, "他让我再转五万"))
    page_desk.run(page_desk.desk.waiting_customer(escalates("security", "urgent", "account_stolen"), "我的号被盗了"))
    page_desk.run(page_desk.desk.waiting_customer())
    context = browser_context(width, 900)
    page_desk.sign_in(context, "supervisor" if width == 1440 else "agent")
    page = open_console(page_desk, context, f"?lang={locale}")
    expect(page.locator('[data-group="waiting"] .card')).to_have_count(3)
    if width == 1440:
        page.get_by_test_id("filters").click()
    assert grave_findings(page) == []
    if width == 360:
        page.get_by_test_id("tab-mine").click()
        assert grave_findings(page) == []
        card_of(page, customer).click()
        page.locator("#transcript").wait_for()
        return
    page.locator('[data-view="colleagues"]').click()
    expect(page.get_by_test_id("colleague").first).to_be_visible()
    assert grave_findings(page) == []
    page.keyboard.press("?")
    assert grave_findings(page) == []
