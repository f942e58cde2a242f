"""Agents in the console, in a real browser, against a real desk with a scripted bot."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import TIMEOUT_MS
from tests.e2e.page_desk import PageDesk
from tests.handoff.fake_bot import decision, escalates, says
from tests.handoff.people import Agent, Customer, texts

NewContext = Callable[..., BrowserContext]

#: Urgent cases from one address: more than data/desk.yml shows as separate cards.
COLLAPSED = 12
#: An agent's message that the desk has stored; unsent ones have a state.
DELIVERED = '[data-testid="transcript-message"][data-kind="agent"]:not([data-state])'


def open_console(page_desk: PageDesk, context: BrowserContext, path: str = "") -> Page:
    """The console, loaded."""
    page = context.new_page()
    page.goto(f"{page_desk.url}/console{path}")
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    return page


def card_of(page: Page, customer: Customer) -> Any:
    """The customer's card in the list."""
    return page.locator(f'[data-testid="queue-card"][data-id="{customer.id}"]')


def show_colleagues(page: Page) -> None:
    """The list of what colleagues have."""
    page.locator('[data-view="colleagues"]').click()


def claimed(page_desk: PageDesk, login: str = "agent", text: str = "扣了我两次钱") -> tuple[Customer, Agent]:
    """A customer assigned to an agent."""
    customer = page_desk.run(page_desk.desk.waiting_customer(text=text))
    agent = page_desk.run(page_desk.desk.agent(login))
    page_desk.run(agent.claim(customer))
    return customer, agent


def said(page_desk: PageDesk, customer: Customer) -> list[str]:
    """The agents' messages to the customer."""
    return texts(page_desk.run(customer.events()), "agent")


def sign_in_again(page: Page, login: str) -> None:
    """Fill in the form over the page."""
    form = page.get_by_test_id("sign-in-over")
    expect(form).to_be_visible()
    form.get_by_test_id("login-name").fill(login)
    form.get_by_test_id("login-password").fill(login)
    form.get_by_test_id("login-submit").click()
    expect(form).to_have_count(0)


def until(page: Page, condition: Callable[[], object], what: str) -> None:
    """Wait until the test's condition is true. The page's routes are served meanwhile."""
    deadline = time.monotonic() + TIMEOUT_MS / 1_000
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        page.wait_for_timeout(20)


def scroll_to(page: Page, top: int) -> None:
    """Scroll the transcript, and wait until the page noticed: scroll events come with the next frame."""
    page.locator("#transcript").evaluate(
        """async (log, top) => {
          log.scrollTop = top;
          for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
        }""",
        top,
    )


def confirm(page: Page, action: str, *, outcome: str = "solved") -> None:
    """Confirm the dialog of an action; a resolution needs an outcome first."""
    if action == "resolve":
        page.get_by_test_id(f"outcome-{outcome}").check()
    page.get_by_test_id("dialog-confirm").click()


def refuse(code: str, status: int = 409, **details: Any) -> Callable[[Route], None]:
    """Answers a request with a desk's error."""
    body = {"error": {"code": code, "message": f"refused: {code}", **details}}
    return lambda route: route.fulfill(status=status, json=body)


def short_queue_stream(route: Route) -> None:
    """A stream that ends at once, so that the page connects again and again."""
    queue = {"waiting": [], "waiting_total": 0, "next": None, "mine": [], "others": [], "agents": []}
    body = f"retry: 200\nevent: queue\ndata: {json.dumps(queue)}\n\n"
    route.fulfill(status=200, headers={"Content-Type": "text/event-stream"}, body=body)


# --- canned replies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["/hi", "／hi", "、hi", "／ｈｉ", "/HI"])
@pytest.mark.parametrize("send", ["Enter", "button"])
def test_a_shortcut_typed_before_the_list_is_there_is_never_sent(
    page_desk: PageDesk, browser_context: NewContext, typed: str, send: str
) -> None:
    """A customer would read "/hi"."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    held: list[Route] = []
    context.route("**/api/canned-replies*", lambda route: held.append(route))
    page = open_console(page_desk, context, f"?c={customer.id}")
    box = page.get_by_test_id("reply-input")
    box.fill(typed)
    if send == "Enter":
        box.press("Enter")
    else:
        page.get_by_test_id("reply-send").click()
    expect(box).to_have_value(typed)
    until(page, lambda: held, "the request for canned replies")
    held[0].continue_()
    expect(box).to_have_value(re.compile("我是客服小林"))
    assert said(page_desk, customer) == []
    box.press("Enter")
    page.locator(DELIVERED).first.wait_for()
    assert len(said(page_desk, customer)) == 1
    assert "我是客服小林" in said(page_desk, customer)[0]


def test_canned_replies_come_in_the_language_that_the_customer_writes_now(
    page_desk: PageDesk, browser_context: NewContext
) -> None:
    """A customer who switched to English would get Chinese from an agent who works in Chinese."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    box = page.get_by_test_id("reply-input")
    box.fill("/hi")
    expect(page.get_by_test_id("canned-reply").first).to_contain_text("我是客服小林")
    box.fill("")
    page_desk.run(customer.say("can we go on in English please, I do not read Chinese"))
    expect(page.get_by_text("客户改用英语")).to_be_visible()
    box.fill("/hi")
    expect(page.get_by_test_id("canned-reply").first).to_contain_text("Hello, I am 小林")
    expect(page.get_by_test_id("canned-reply").first).to_contain_text("开场问候")
    page_desk.run(customer.say("カードが使えません、助けてください"))
    expect(page.get_by_text("客户改用日语")).to_be_visible()
    expect(card_of(page, customer)).to_contain_text("日语")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/no-such-reply", None),
        (" /no-such-reply", "/no-such-reply"),
        ("/tmp/log 里有错误", "/tmp/log 里有错误"),
        ("、然后呢", "、然后呢"),
    ],
)
def test_what_only_looks_like_a_shortcut(
    page_desk: PageDesk, browser_context: NewContext, typed: str, sent: str | None
) -> None:
    """A mistyped shortcut would reach the customer, or a sentence with a slash could not be sent."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    box = page.get_by_test_id("reply-input")
    box.fill(typed)
    box.press("Enter")
    if sent is None:
        expect(page.get_by_test_id("canned-replies")).to_contain_text("没有匹配的快捷回复")
        expect(box).to_have_value(typed)
        assert said(page_desk, customer) == []
    else:
        page.locator(DELIVERED).first.wait_for()
        assert said(page_desk, customer) == [sent]


def test_a_list_that_cannot_be_read_is_tried_again(page_desk: PageDesk, browser_context: NewContext) -> None:
    """One lost response would leave the agent without canned replies until a reload, or send the shortcut."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.route("**/api/canned-replies*", lambda route: route.abort())
    page = open_console(page_desk, context, f"?c={customer.id}")
    box = page.get_by_test_id("reply-input")
    box.fill("/hi")
    box.press("Enter")
    expect(page.get_by_test_id("canned-replies")).to_contain_text("按 Enter 再试")
    context.unroute("**/api/canned-replies*")
    box.press("Enter")
    expect(box).to_have_value(re.compile("我是客服小林"))
    assert said(page_desk, customer) == []


# --- unsent text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["reply-input", "note-input"])
@pytest.mark.parametrize("how", ["reload", "language", "session", "other conversation"])
def test_typed_text_survives(page_desk: PageDesk, browser_context: NewContext, field: str, how: str) -> None:
    """An agent would have to write a long answer again."""
    customer, agent = claimed(page_desk)
    other = page_desk.run(page_desk.desk.waiting_customer())
    page_desk.run(agent.claim(other))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    card_of(page, customer).click()
    if field == "note-input":
        page.get_by_test_id("tab-note").click()
    page.get_by_test_id(field).fill("请您先不要付款，")
    if how == "reload":
        page.reload()
    elif how == "language":
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="中文")).to_be_visible()
    elif how == "session":
        page_desk.end_sessions()
        sign_in_again(page, "agent")
    else:
        card_of(page, other).click()
        expect(page.get_by_test_id(field)).to_have_value("")
        card_of(page, customer).click()
    expect(page.get_by_test_id(field)).to_have_value("请您先不要付款，")
    assert f"c={customer.id}" in page.url


def test_another_account_does_not_get_the_text(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A colleague at the same computer would send another agent's draft."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    page.get_by_test_id("reply-input").fill("我再想想")
    page_desk.end_sessions()
    sign_in_again(page, "agent2")
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    assert "c=" not in page.url
    page_desk.run(page_desk.desk.wait_for(customer, lambda events: bool(events)))
    page_desk.execute("UPDATE conversations SET agent = 'agent2', agent_name = '小周' WHERE id = %s", customer.id)
    page.goto(f"{page_desk.url}/console?c={customer.id}")
    expect(page.get_by_test_id("reply-input")).to_be_visible()
    expect(page.get_by_test_id("reply-input")).to_have_value("")


def test_a_reply_sent_as_the_session_ends_is_sent_after_signing_in(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A reply would be lost because the session had ended a moment before Enter."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    page.get_by_test_id("reply-input").fill("我查到了，钱还在。")
    page_desk.end_sessions()
    page.get_by_test_id("reply-input").press("Enter")
    sign_in_again(page, "agent")
    expect(page.locator('[data-testid="transcript-message"][data-kind="agent"]')).to_contain_text("钱还在")
    page.locator(DELIVERED).first.wait_for()
    assert said(page_desk, customer) == ["我查到了，钱还在。"]


def test_a_reply_of_the_last_visit_is_sent_though_another_conversation_is_open(
    page_desk: PageDesk, browser_context: NewContext
) -> None:
    """A reply that could not be sent would wait in the browser until the agent opened that conversation again."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    context.route("**/messages", lambda route: route.abort())
    page.get_by_test_id("reply-input").fill("在的")
    page.get_by_test_id("reply-input").press("Enter")
    expect(page.locator('[data-kind="agent"]')).to_contain_text("在的")
    context.unroute("**/messages")
    page.goto(f"{page_desk.url}/console")
    page_desk.run(page_desk.desk.wait_for(customer, lambda events: texts(events, "agent") == ["在的"]))


def test_a_refused_reply_is_kept_until_the_agent_takes_it_back(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A reply would be gone after a reload because the conversation went to a colleague at the moment of Enter."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    page.get_by_test_id("reply-input").fill("我查到了，钱还在。")
    context.route("**/messages", refuse("not_yours"))
    page.get_by_test_id("reply-input").press("Enter")
    expect(page.locator('[data-kind="agent"][data-state="refused"]')).to_contain_text("钱还在")
    page.reload()
    refused = page.locator('[data-kind="agent"][data-state="refused"]')
    expect(refused).to_contain_text("钱还在")
    expect(card_of(page, customer)).to_contain_text("有回复没发出")
    context.unroute("**/messages")
    assert said(page_desk, customer) == []
    refused.get_by_role("button").click()
    expect(page.get_by_test_id("reply-input")).to_have_value("我查到了，钱还在。")
    expect(refused).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("reply-input")).to_have_value("我查到了，钱还在。")
    expect(page.get_by_test_id("transcript")).to_contain_text("扣了我两次钱")
    expect(refused).to_have_count(0)


# --- the session ---------------------------------------------------------------------------------------------------------


def test_an_ended_session_hides_what_customers_wrote(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Any passer-by could read on after the session has ended, for example by closing the form."""
    customer, _ = claimed(page_desk, text="我的卡号被人知道了")
    page_desk.run(page_desk.desk.waiting_customer(text="我也在等"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("我的卡号被人知道了")
    page_desk.end_sessions()
    form = page.get_by_test_id("sign-in-over")
    expect(form).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(form).to_be_visible()
    content = page.content()
    assert "我的卡号被人知道了" not in content
    assert "我也在等" not in content


@pytest.mark.parametrize("role", ["editor", "supervisor"])
def test_a_changed_role_changes_the_page(page_desk: PageDesk, browser_context: NewContext, role: str) -> None:
    """A demoted agent would read on, or a new supervisor would have to discover that a reload helps."""
    customer, _ = claimed(page_desk, text="我的卡号被人知道了")
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.route("**/api/queue", short_queue_stream)
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("我的卡号被人知道了")
    page_desk.execute("UPDATE agents SET role = %s WHERE login = 'agent'", role)
    try:
        context.unroute("**/api/queue")
        if role == "editor":
            expect(page.get_by_test_id("workshop")).to_be_visible()
            assert "我的卡号被人知道了" not in page.content()
        else:
            expect(page.get_by_text("主管", exact=True)).to_be_visible()
    finally:
        page_desk.execute("UPDATE agents SET role = 'agent' WHERE login = 'agent'")


def test_another_tab_that_signs_in_as_somebody_else_changes_this_one(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A page would display one name and act under another: both tabs have the same cookie."""
    customer, _ = claimed(page_desk, text="我的卡号被人知道了")
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.route("**/api/queue", short_queue_stream)
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("我的卡号被人知道了")
    page_desk.sign_in(context, "agent2")
    expect(page.get_by_text("小周", exact=True)).to_be_visible()
    expect(page.get_by_test_id("transcript")).not_to_contain_text("我的卡号被人知道了")


def test_an_editor_lands_in_the_workshop(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An editor who signs in would read only that the account is not permitted."""
    context = browser_context()
    page_desk.sign_in(context, "editor")
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("workshop")).to_be_visible()
    assert page.url.startswith(f"{page_desk.url}/console/edit")
    assert "不能处理会话" not in page.content()


def test_the_open_conversation_is_in_the_address(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A link to a conversation, a reload or the browser's back button would lead to another place."""
    first, agent = claimed(page_desk, text="第一位客户")
    second = page_desk.run(page_desk.desk.waiting_customer(text="第二位客户"))
    page_desk.run(agent.claim(second))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    card_of(page, first).click()
    card_of(page, second).click()
    expect(page.get_by_test_id("transcript")).to_contain_text("第二位客户")
    assert page.url.endswith(f"/console?c={second.id}")
    page.go_back()
    expect(page.get_by_test_id("transcript")).to_contain_text("第一位客户")
    assert page.url.endswith(f"/console?c={first.id}")
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("login-name")).to_be_visible()
    assert page.url.endswith("/console")


# --- resolve, return, transfer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "status"), [("resolve", "resolved"), ("return", "with_bot")])
def test_unread_words_are_shown_before_it_ends(
    page_desk: PageDesk, browser_context: NewContext, action: str, status: str
) -> None:
    """An agent would close a case over a cry for help that arrived at the same moment."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("扣了我两次钱")
    page.get_by_test_id(action).click()
    page_desk.run(customer.say("刚又收到短信，我的账号被盗了"))  # while the dialog is open
    expect(page.get_by_test_id("transcript")).to_contain_text("我的账号被盗了")
    confirm(page, action)
    expect(page.get_by_test_id("unread")).to_contain_text("我的账号被盗了")
    page.keyboard.press("Enter")  # a second Enter in haste confirms nothing
    page.wait_for_timeout(300)
    assert page_desk.run(customer.status())["status"] == "assigned"
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id(f"{action}-dialog")).to_have_count(0)
    assert page_desk.run(customer.status())["status"] == status


def test_only_what_was_on_the_screen_counts_as_seen(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent who has scrolled up would resolve over messages that nobody has read."""
    customer, _ = claimed(page_desk)
    page_desk.write_many(customer, 60)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("第 59 条消息")
    scroll_to(page, 200)
    page_desk.run(customer.say("我的账号被盗了"))
    newer = page.get_by_role("button", name="有新消息")
    expect(newer).to_be_visible()
    page.get_by_test_id("resolve").click()
    confirm(page, "resolve")
    expect(page.get_by_test_id("unread")).to_contain_text("我的账号被盗了")
    page.keyboard.press("Escape")
    newer.click()
    page.get_by_test_id("resolve").click()
    confirm(page, "resolve")
    expect(page.get_by_test_id("resolve-dialog")).to_have_count(0)
    assert page_desk.run(customer.status())["status"] == "resolved"


def test_what_arrives_behind_the_facts_is_not_seen(page_desk: PageDesk, browser_context: NewContext) -> None:
    """On a narrow screen an agent would resolve over messages that the other pane covers."""
    customer, _ = claimed(page_desk)
    context = browser_context(1_000, 800)
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("扣了我两次钱")
    page.get_by_test_id("facts-toggle").click()
    page_desk.run(customer.say("我的账号被盗了"))
    expect(page.locator("#transcript")).to_contain_text("我的账号被盗了")
    page.keyboard.press("e")
    confirm(page, "resolve")
    expect(page.get_by_test_id("unread")).to_contain_text("我的账号被盗了")
    page.keyboard.press("Escape")
    page.get_by_test_id("facts-back").click()
    page.keyboard.press("e")
    confirm(page, "resolve")
    expect(page.get_by_test_id("resolve-dialog")).to_have_count(0)
    assert page_desk.run(customer.status())["status"] == "resolved"


@pytest.mark.parametrize(
    ("code", "words"), [("agent_absent", "不在线"), ("agent_cannot", "不能接手"), ("same_agent", "已经在这位客服名下")]
)
def test_a_refused_transfer_says_why(page_desk: PageDesk, browser_context: NewContext, code: str, words: str) -> None:
    """An agent would believe that a colleague who left a moment ago has the conversation now."""
    customer, _ = claimed(page_desk)
    page_desk.run(page_desk.desk.agent("agent2"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.route("**/transfer", refuse(code))
    page = open_console(page_desk, context, f"?c={customer.id}")
    page.get_by_test_id("transfer").click()
    page.get_by_test_id("transfer-to").select_option("agent2")
    page.get_by_test_id("dialog-note").fill("客户很急")
    page.get_by_test_id("dialog-confirm").click()
    dialog = page.get_by_test_id("transfer-dialog")
    expect(dialog).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_test_id("transfer").click()
    expect(page.get_by_test_id("dialog-note")).to_have_value("客户很急")


def test_colleagues_appear_in_a_dialog_that_was_opened_before_they_were_known(
    page_desk: PageDesk, browser_context: NewContext
) -> None:
    """An agent who presses `t` before the queue has arrived would see no colleague in this dialog."""
    customer, _ = claimed(page_desk)
    page_desk.run(page_desk.desk.agent("agent2"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    held: list[Route] = []
    context.route("**/api/queue", lambda route: held.append(route))
    page = open_console(page_desk, context, f"?c={customer.id}")
    page.get_by_test_id("transfer").click()
    options = page.get_by_test_id("transfer-to").locator("option")
    expect(options).to_have_count(1)
    until(page, lambda: held, "the request for the queue")
    for route in held:
        route.continue_()
    expect(options).not_to_have_count(1)
    page.get_by_test_id("transfer-to").select_option("agent2")


def test_who_is_absent_cannot_be_chosen(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would choose an offline colleague, or look in vain for a colleague in the list."""
    customer, _ = claimed(page_desk)
    page_desk.execute("UPDATE agents SET last_seen_at = NULL WHERE login = %s", "agent2")
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    page.get_by_test_id("transfer").click()
    absent = page.locator('[data-testid="transfer-to"] option[value="agent2"]')
    assert "不在线" in absent.inner_text()
    assert absent.is_disabled()
    assert page.locator('[data-testid="transfer-to"] option[value="agent"]').count() == 0


@pytest.mark.parametrize(("action", "status"), [("resolve", "resolved"), ("return", "with_bot"), ("transfer", "queued")])
def test_a_supervisor_moves_what_colleagues_have(
    page_desk: PageDesk, browser_context: NewContext, action: str, status: str
) -> None:
    """A supervisor could not help a customer whose agent does not answer."""
    customer, _ = claimed(page_desk)
    for login, buttons in (("agent2", 0), ("supervisor", 1)):
        context = browser_context()
        page_desk.sign_in(context, login)
        page = open_console(page_desk, context, f"?c={customer.id}")
        show_colleagues(page)
        expect(card_of(page, customer)).to_be_visible()
        expect(page.locator(f'[data-testid="{action}"]:visible')).to_have_count(buttons)
    page.get_by_test_id(action).click()
    expect(page.get_by_test_id(f"{action}-dialog")).to_contain_text("这是 小林 正在处理的会话")
    confirm(page, action)
    expect(page.get_by_test_id(f"{action}-dialog")).to_have_count(0)
    assert page_desk.run(customer.status())["status"] == status


def test_a_supervisor_resolves_many_at_once(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A supervisor would click through hundreds of fake conversations, or end a real one unread among them."""
    customers = [page_desk.run(page_desk.desk.waiting_customer(text=f"第 {number} 位")) for number in range(3)]
    context = browser_context()
    page_desk.sign_in(context, "supervisor")
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("queue-card")).to_have_count(3)
    page.get_by_test_id("select").click()
    page.get_by_test_id("select-all").click()
    page.get_by_test_id("resolve-selected").click()
    dialog = page.get_by_test_id("resolve-all-dialog")
    expect(dialog).to_contain_text("客户：第 2 位")
    page_desk.bot.will(escalates())
    page_desk.run(customers[1].say("真的有人在转我的钱"))
    page.get_by_test_id("outcome-not_solved").check()
    page.get_by_test_id("dialog-note").fill("同一地址的骚扰")
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("unread")).to_contain_text("真的有人在转我的钱")
    statuses = [page_desk.run(customer.status())["status"] for customer in customers]
    assert statuses == ["resolved", "queued", "resolved"]
    page.get_by_test_id("dialog-confirm").click()
    expect(dialog).to_have_count(0)
    for customer in customers:
        assert page_desk.run(customer.status())["status"] == "resolved"
        (resolved,) = [event for event in page_desk.run(page_desk.desk.log(customer)) if event["type"] == "resolved"]
        assert (resolved["note"], resolved["outcome"]) == ("同一地址的骚扰", "not_solved")


def test_an_agent_cannot_select(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would be offered actions that the desk rejects."""
    page_desk.run(page_desk.desk.waiting_customer())
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("queue-card")).to_have_count(1)
    assert page.get_by_test_id("select").count() == 0


# --- reading a colleague's conversation ----------------------------------------------------------------------------------


def test_a_colleagues_conversation_asks_for_a_reason_first(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would get an error without learning that a reason is needed, or read without a trace."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent2")
    page = open_console(page_desk, context)
    show_colleagues(page)
    card_of(page, customer).click()
    expect(page.get_by_test_id("access")).to_be_visible()
    expect(page.get_by_test_id("transcript-message")).to_have_count(0)
    page.get_by_test_id("access-reason").fill("小林请我看一下")
    page.get_by_test_id("access-confirm").click()
    expect(page.get_by_test_id("transcript")).to_contain_text("扣了我两次钱")
    expect(page.get_by_test_id("transcript")).to_contain_text("小周 查看了会话：小林请我看一下")


def test_a_conversation_that_went_to_a_colleague_is_closed_again(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would keep reading a conversation that a colleague has now."""
    customer = page_desk.run(page_desk.desk.waiting_customer(text="我的卡号被人知道了"))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("我的卡号被人知道了")
    page_desk.run(page_desk.run(page_desk.desk.agent("agent2")).claim(customer))
    expect(page.get_by_test_id("access")).to_be_visible()
    assert "我的卡号被人知道了" not in (page.locator("#transcript").text_content() or "")  # neither hidden nor shown


# --- the queue -----------------------------------------------------------------------------------------------------------


def queue_card(number: int, **more: Any) -> dict[str, Any]:
    """A card in the desk's format."""
    return {
        "id": f"{number:032x}",
        "status": "queued",
        "reason": "dispute",
        "priority": "high",
        "intent": "duplicate_charge",
        "amount_cny": None,
        "queued_at": f"2026-11-30T02:{number // 60:02d}:{number % 60:02d}+00:00",
        "waiting_seconds": 5_000 - number,
        "assigned_at": None,
        "agent": None,
        "agent_name": None,
        "preview": f"第 {number} 位在等",
        "locale": "zh",
        "channel": "web",
        "episode": 1,
        "last_seq": 4,
        "unanswered": True,
        "created_at": "2026-11-30T02:00:00+00:00",
        **more,
    }


class QueueScript:
    """A queue of 1,500 in pages of 100, and its changes, in the desk's format."""

    TOTAL = 1_500

    def __init__(self, context: BrowserContext) -> None:
        self.cards = [queue_card(number) for number in range(self.TOTAL)]
        self.changes: list[dict[str, Any]] = []
        context.route("**/api/queue*", self._answer)

    def _page(self, start: int) -> dict[str, Any]:
        end = start + 100
        waiting = self.cards[start:end]
        return {"waiting": waiting, "waiting_total": self.TOTAL, "next": str(end) if end < self.TOTAL else None}

    def _answer(self, route: Route) -> None:
        found = re.search(r"after=(\d+)", route.request.url)
        if found:
            route.fulfill(json=self._page(int(found[1])))
            return
        frames = [("queue", {**self._page(0), "mine": [], "others": [], "agents": []})]
        frames += [("queue_changed", change) for change in self.changes]
        body = "retry: 60000\n" + "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in frames)
        route.fulfill(status=200, headers={"Content-Type": "text/event-stream"}, body=body)


#: A window so high that a page of the queue fits: the list has only the rows of the screen.
HIGH = 8_000


def waiting_ids(page: Page) -> list[int]:
    """The numbers of the queued cards in the page, from top to bottom."""
    ids = page.locator('[data-group="waiting"] .card').evaluate_all("cards => cards.map(card => card.dataset.id)")
    return [int(id_, 16) for id_ in ids]


def scroll_queue(page: Page, top: int) -> None:
    """Scroll the list, and wait until it has drawn its rows."""
    page.locator(".scroller").evaluate(
        """async (list, top) => {
          list.scrollTop = top;
          for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
        }""",
        top,
    )


def test_a_long_queue_has_only_the_rows_of_the_screen(page_desk: PageDesk, browser_context: NewContext) -> None:
    """With 1,500 waiting the page would draw them all, hide that there are more, or lose the row that has the focus."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    QueueScript(context)
    page = open_console(page_desk, context)
    expect(page.locator('[data-view="all"] .count')).to_have_text("1500")
    first = waiting_ids(page)
    assert first == list(range(len(first)))
    assert 5 < len(first) < 30
    page.get_by_test_id("queue-card").first.focus()
    for _ in range(40):
        page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.id") == f"{40:032x}"
    assert page.locator(f'.card[data-id="{40:032x}"]').is_visible()
    scroll_queue(page, 56 * 90)
    until(page, lambda: 105 in waiting_ids(page), "the second page of the queue")
    assert 40 in waiting_ids(page), "the row with the focus is gone"
    assert len(waiting_ids(page)) < 40
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.dataset.id") == f"{39:032x}"


def test_a_view_of_a_long_queue_is_complete(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent for English would find only those English customers who stand on the first page of the queue."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    script = QueueScript(context)
    script.cards[1_321]["locale"] = "en"
    script.cards[5]["amount_cny"], script.cards[1_400]["amount_cny"] = 50.0, 9_000.0
    page = open_console(page_desk, context)
    page.locator('[data-view="english"]').click()
    until(page, lambda: waiting_ids(page) == [1_321], "the English customer")
    expect(page.locator('[data-view="english"] .count')).to_have_text("1")
    assert "view=english" in page.url
    page.locator('[data-view="all"]').click()
    page.get_by_test_id("queue-sort").select_option("amount")
    until(page, lambda: waiting_ids(page)[:2] == [1_400, 5], "the largest amount")
    page.get_by_test_id("filters").click()
    page.get_by_test_id("filter-language").select_option("en")
    until(page, lambda: waiting_ids(page) == [1_321], "the filtered list")
    page.get_by_test_id("view-name").fill("大额英文")
    page.keyboard.press("Enter")
    page.locator('[data-view="dispute"]').click()
    page.reload()
    expect(page.locator('[data-view="dispute"]')).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="大额英文", exact=True).click()
    until(page, lambda: waiting_ids(page) == [1_321], "the saved view")
    assert page.get_by_test_id("queue-sort").input_value() == "amount"


def test_a_page_that_cannot_be_read_can_be_asked_for_again(page_desk: PageDesk, browser_context: NewContext) -> None:
    """One lost response would cut the queue off, or the page would ask for it without end."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    QueueScript(context)
    context.route("**/api/queue?after=*", lambda route: route.abort())
    page = open_console(page_desk, context)
    expect(page.locator('[data-view="all"] .count')).to_have_text("1500")
    scroll_queue(page, 56 * 100)
    more = page.get_by_test_id("queue-more")
    expect(more).to_have_text("还有 1400 位，显示更多")
    context.unroute("**/api/queue?after=*")
    more.click()
    expect(more).to_be_hidden()
    until(page, lambda: 100 in waiting_ids(page), "the second page of the queue")


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"gone": [f"{0:032x}", f"{7:032x}"], "changed": [queue_card(100), queue_card(101)]}, [*range(1, 7), *range(8, 102)]),
        ({"changed": [queue_card(50, preview="又写了一句")]}, list(range(100))),
        ({"changed": [queue_card(1_600, priority="urgent")], "gone": [f"{99:032x}"]}, [1_600, *range(99)]),
        ({"changed": [queue_card(99, priority="urgent")]}, [99, *range(99)]),
        ({"changed": [queue_card(3, status="assigned", agent="agent2", agent_name="小周")]}, [0, 1, 2, *range(4, 100)]),
        ({"changed": [queue_card(3, status="assigned", agent="agent", agent_name="小林")]}, [0, 1, 2, *range(4, 100)]),
    ],
)
def test_a_change_of_the_queue_changes_its_cards_only(
    page_desk: PageDesk, browser_context: NewContext, change: dict[str, Any], ids: list[int]
) -> None:
    """A card would be missing, duplicated, or at the wrong position after a change."""
    context = browser_context(1_440, HIGH)
    page_desk.sign_in(context, "agent")
    script = QueueScript(context)
    script.changes = [{"changed": [], "gone": [], **change, "waiting_total": 1_499}]
    page = open_console(page_desk, context)
    expect(page.locator('[data-view="all"] .count')).to_have_text("1499")
    shown = waiting_ids(page)[: len(ids)]  # the next page may have followed
    assert shown == ids
    for card in change.get("changed", []):
        if card["status"] == "assigned":
            group = "mine" if card["agent"] == "agent" else "colleagues"
            if group == "colleagues":
                show_colleagues(page)
            expect(page.locator(f'[data-group="{group}"] .card')).to_have_count(1)
        elif int(card["id"], 16) in ids:
            expect(page.locator(f'.card[data-id="{card["id"]}"]')).to_contain_text(card["preview"])


def test_further_pages_follow_what_moved(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A conversation that moved from the first page to the second would be on neither."""
    context = browser_context(1_440, HIGH)
    page_desk.sign_in(context, "agent")
    page_desk.run(page_desk.desk.agent("agent2"))
    customers = []
    for _ in range(103):
        customer = page_desk.run(page_desk.desk.customer())
        page_desk.run(customer.ask_for_person())
        customers.append(customer)
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("queue-card")).to_have_count(103)
    urgent = page_desk.run(page_desk.desk.waiting_customer(escalates("security", "urgent", "account_stolen")))
    page_desk.run(customers[101].cancel())
    ids = [urgent.id, *(customer.id for customer in customers)]
    ids.remove(customers[101].id)
    expect(page.get_by_test_id("queue-card")).to_have_count(103)
    page.wait_for_function(
        "ids => JSON.stringify([...document.querySelectorAll('.card')].map((card) => card.dataset.id)) === JSON.stringify(ids)",
        arg=ids,
    )


def test_collapsed_cards_can_be_opened(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A real victim behind the same address as many fakes could not be reached, or would be closed with them unnoticed."""
    words = [f"我的钱被转走了 {number}" for number in range(COLLAPSED)]
    how = escalates("security", "urgent", "account_stolen")
    customers = [page_desk.run(page_desk.desk.waiting_customer(how, text)) for text in words]
    page_desk.execute("UPDATE conversations SET origin = 'one address'")
    context = browser_context()
    page_desk.sign_in(context, "supervisor")
    page = open_console(page_desk, context)
    expect(page.get_by_test_id("queue-card")).to_have_count(1)
    collapsed = page.get_by_test_id("collapsed")
    expect(collapsed).to_contain_text(f"同一地址共 {COLLAPSED} 个会话")
    collapsed.click()
    expect(page.get_by_test_id("queue-card")).to_have_count(COLLAPSED)
    last = page.get_by_test_id("queue-card").last
    expect(last).to_contain_text(words[-1])
    last.click()
    expect(page.get_by_test_id("transcript")).to_contain_text(words[-1])
    page.get_by_test_id("select").click()
    page.get_by_test_id("card-check").check()
    page.get_by_test_id("resolve-selected").click()
    dialog = page.get_by_test_id("resolve-all-dialog")
    expect(dialog).to_contain_text(f"结束 {COLLAPSED} 个等待中的会话")
    for text in words:
        expect(dialog).to_contain_text(text)
    page.get_by_test_id("outcome-not_solved").check()
    page.get_by_test_id("dialog-confirm").click()
    expect(dialog).to_contain_text("紧急会话要写备注")
    page.get_by_test_id("dialog-note").fill("已电话核实，是骚扰")
    page.get_by_test_id("dialog-confirm").click()
    expect(dialog).to_have_count(0)
    assert {page_desk.run(customer.status())["status"] for customer in customers} == {"resolved"}


# --- what the page shows -------------------------------------------------------------------------------------------------


def test_decisions_are_one_line(page_desk: PageDesk, browser_context: NewContext) -> None:
    """The transcript would be twice as long as the conversation."""
    customer = page_desk.run(page_desk.desk.waiting_customer())
    said_words = ["在吗", "快一点", "他还在催我", "我很急"]
    for words in said_words:
        silent = decision("escalate", "account_stolen", reason="security", priority="high")
        page_desk.bot.will(says({"messages": [], "decision": silent}))
        seq = page_desk.run(customer.say(words))
        page_desk.run(page_desk.desk.wait_for_turn(customer, seq))
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("我很急")
    folds = page.get_by_test_id("decisions")
    expect(folds).to_have_count(2)  # the one that handed over, and the ones while the customer waits
    expect(folds.last).to_contain_text("机器人 4 次判断")
    expect(folds.last.get_by_role("button")).to_have_count(0)
    folds.last.locator("summary").click()
    expect(folds.last.get_by_role("button")).to_have_count(4)
    folds.last.get_by_role("button").nth(1).click()
    expect(page.get_by_test_id("decision")).to_contain_text("快一点")
    assert "未发给客户" not in page.get_by_test_id("transcript").inner_text()


def test_directional_controls_are_shown_where_they_stand(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A customer could change how the rest of a card reads by control characters; a channel is one of three words."""
    text = "\u202e核实已\u202c 转账 \u2066PIV\u2069"
    customer, _ = claimed(page_desk, text=text)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.locator('[data-testid="transcript-message"][data-kind="customer"]')).to_contain_text("‹U+202E›核实已‹U+202C›")
    expect(card_of(page, customer)).to_contain_text("‹U+202E›核实已‹U+202C› 转账 ‹U+2066›PIV‹U+2069›")
    left = re.findall("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", page.locator("body").inner_text())
    assert left == []
    isolation = page.locator(".card-preview").first.evaluate("node => getComputedStyle(node).unicodeBidi")
    assert isolation == "isolate"


def test_the_clocks_of_the_cards_on_the_screen_run(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Only these clocks run: an agent would see how long somebody waited when the page was opened, not how long by now."""
    page_desk.run(page_desk.desk.waiting_customer())
    page_desk.fill_queue(60)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context)
    cards = page.get_by_test_id("queue-card")
    expect(page.locator('[data-view="all"] .count')).to_have_text("61")
    for top in (0, 56 * 61, 0):
        scroll_queue(page, top)
        card = cards.last if top else cards.first
        clock = card.locator(".card-wait")
        expect(clock).not_to_be_empty()
        before = clock.inner_text()
        expect(clock).not_to_have_text(before)


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        ("2026-11-30T09:12:00", "09:12", "09:12"),
        ("2026-01-02T09:12:00", "1月2日 09:12", "Jan 2, 09:12"),
        ("2025-11-30T09:12:00", "2025年11月30日 09:12", "Nov 30, 2025, 09:12"),
    ],
)
def test_times_say_the_day_and_the_year_when_they_must(
    page_desk: PageDesk, browser_context: NewContext, at: str, zh: str, en: str
) -> None:
    """A message of 30 November last year would look like one of today."""
    page = browser_context().new_page()
    page.goto(f"{page_desk.url}/console")
    script = """async (at) => {
      const { timeWords } = await import("/pages/console/display-names.js");
      const { consoleSpeaker } = await import("/pages/words/console.js");
      const speakers = await Promise.all(["zh", "en"].map(consoleSpeaker));
      return speakers.map((say) => timeWords(at, say, new Date("2026-11-30T12:00:00")));
    }"""
    assert page.evaluate(script, at) == [zh, en]


def test_lists_are_lists_and_dialogs_keep_the_focus(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A screen reader user would not hear how many there are, or would tab out of a question into the page."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_role("list", name="我的")).to_be_visible()
    expect(page.get_by_role("list", name="我的").get_by_role("listitem")).to_have_count(1)
    message = page.get_by_test_id("transcript-message").first
    assert message.evaluate("node => node.parentElement.tagName + node.parentElement.parentElement.tagName") == "LIOL"
    page.get_by_test_id("transfer").click()
    page.get_by_test_id("transfer-dialog").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
        assert page.evaluate(inside)


def test_older_messages_are_there_on_request(page_desk: PageDesk, browser_context: NewContext) -> None:
    """The beginning of a long conversation could not be read."""
    customer, _ = claimed(page_desk)
    page_desk.write_many(customer, 1_200)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("第 1199 条消息")
    older = page.get_by_test_id("transcript-older")
    expect(older).to_contain_text("更早的")

    seen: set[int] = set()

    def shows_the_beginning() -> bool:
        numbers = page.locator('[data-testid="transcript-message"]').evaluate_all(
            "nodes => nodes.map(node => +node.dataset.seq)"
        )
        assert numbers == sorted(set(numbers))
        seen.update(numbers)
        scroll_to(page, 0)
        return "扣了我两次钱" in (page.locator("#transcript").text_content() or "")

    until(page, shows_the_beginning, "the beginning")
    expect(older).to_be_hidden()
    assert len(seen) >= 1_200
    until(
        page,
        lambda: scroll_to(page, 10**6) or "第 1199 条消息" in (page.locator("#transcript").text_content() or ""),
        "the end",
    )


def test_money_that_is_moving_stands_first_and_says_so(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would take yesterday's theft while a customer is being robbed, because both say "urgent"."""
    desk = page_desk.desk
    urgent = page_desk.run(desk.waiting_customer(escalates("security", "urgent", "account_stolen"), "我的号被盗了"))
    customer = page_desk.run(desk.waiting_customer(escalates("dispute", "high"), "扣了我两次钱"))
    words, context = "钱正在转出", browser_context()
    agent = page_desk.sign_in(context, "agent")
    page_desk.run(agent.call("PUT", "/presence", json={"state": "busy"}))  # nothing leaves the list as an offer
    page = open_console(page_desk, context)
    in_order = '.card-item:has([data-id="{}"]) ~ .card-item:has([data-id="{}"])'
    expect(page.locator(in_order.format(urgent.id, customer.id))).to_have_count(1)
    desk.bot.will(escalates("security", "urgent", "scam_in_progress", lane="money_moving"))
    page_desk.run(customer.say("他不让我挂电话"))
    card = card_of(page, customer)
    expect(card).to_contain_text(words)
    expect(page.locator(in_order.format(customer.id, urgent.id))).to_have_count(1)
    expect(card_of(page, urgent)).not_to_contain_text(words)
    card.click()
    expect(page.locator(".transcript-head .priority")).to_have_text(words)
