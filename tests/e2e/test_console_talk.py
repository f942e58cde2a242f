"""One conversation in the console: what colleagues see of each other, what is sent, how it ends, and what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.e2e.accessibility import grave_findings
from tests.e2e.page_desk import PageDesk
from tests.e2e.test_console import DELIVERED, claimed, open_console, refuse, said, scroll_to, until
from tests.handoff.fake_bot import escalates
from tests.handoff.people import Customer, of_type

NewContext = Callable[..., BrowserContext]


def opened(page_desk: PageDesk, new: NewContext, customer: Customer, login: str = "agent", width: int = 1440) -> Page:
    """The customer's conversation in an agent's console, with its log."""
    context = new(width)
    page_desk.sign_in(context, login)
    page = context.new_page()
    page.goto(f"{page_desk.url}/console?c={customer.id}")
    expect(page.get_by_test_id("transcript-message").first).to_be_visible()
    return page


def logged(page_desk: PageDesk, customer: Customer, *types: str) -> list[dict[str, Any]]:
    """The events of these types in the customer's log."""
    return of_type(page_desk.run(page_desk.desk.log(customer)), *types)


def box(page: Page) -> Locator:
    """The text box for the customer."""
    return page.get_by_test_id("reply-input")


# --- colleagues ----------------------------------------------------------------------------------------------------------


def test_colleagues_see_who_looks_and_who_types(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Two agents would work on one case without knowing of each other."""
    customer, _ = claimed(page_desk)
    agent = opened(page_desk, browser_context, customer)
    supervisor = opened(page_desk, browser_context, customer, "supervisor")
    expect(supervisor.get_by_test_id("lookers")).to_have_text("小林 正在看")
    expect(agent.get_by_test_id("lookers")).to_have_text("陈主管 正在看")
    box(agent).press_sequentially("您好")
    expect(supervisor.get_by_test_id("lookers")).to_have_text("小林 正在输入")
    box(agent).press("Enter")
    expect(supervisor.get_by_test_id("lookers")).to_have_text("小林 正在看")


def test_a_reply_that_a_colleague_overtook_is_not_sent(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A customer would get two contradicting answers, or the agent's long text would be lost."""
    customer, agent = claimed(page_desk)
    page_desk.write_many(customer, 60)
    page = opened(page_desk, browser_context, customer)
    scroll_to(page, 200)
    box(page).fill("钱会退给您。")
    supervisor = page_desk.run(page_desk.desk.agent("supervisor"))
    for login in ("supervisor", "agent"):
        page_desk.run(supervisor.act(customer, "assign", {"to": login}))
        if login == "supervisor":
            page_desk.run(supervisor.write(customer, "这笔钱已经退不了。"))
    expect(page.locator("#transcript")).to_contain_text("这笔钱已经退不了。")
    expect(page.locator("#transcript")).to_contain_text("主管分给 小林")  # the last of the three changes
    expect(box(page)).to_be_enabled()
    scroll_to(page, 200)
    box(page).press("Enter")
    expect(page.get_by_test_id("stale")).to_contain_text("这笔钱已经退不了。")
    expect(box(page)).to_have_value("钱会退给您。")
    assert "钱会退给您。" not in said(page_desk, customer)
    box(page).press("Enter")  # the agent has read it and sends all the same
    page.locator(DELIVERED).filter(has_text="钱会退给您。").wait_for()
    expect(page.get_by_test_id("stale")).to_be_hidden()
    assert said(page_desk, customer).count("钱会退给您。") == 1
    assert page_desk.run(agent.queue())["mine"]


def test_a_hint_of_a_supervisor_is_at_the_agents_box(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A supervisor could help only by writing to the customer, or the customer would read the hint."""
    customer, _ = claimed(page_desk)
    page = opened(page_desk, browser_context, customer)
    supervisor = opened(page_desk, browser_context, customer, "supervisor")
    supervisor.get_by_test_id("tab-note").click()
    note = supervisor.get_by_test_id("note-input")
    note.press_sequentially("先查流水 @小")
    supervisor.get_by_test_id("mention").filter(has_text="小林").click()
    supervisor.get_by_test_id("note-whisper").check()
    note.press("Enter")
    hint = page.get_by_test_id("whispers")
    expect(hint).to_contain_text("先查流水 @小林")
    (event,) = logged(page_desk, customer, "note")
    assert (event["mentions"], event["whisper_to"]) == (["agent"], "agent")
    page.get_by_test_id("whisper-read").click()
    expect(hint).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("transcript")).to_contain_text("先查流水")
    expect(hint).to_be_hidden()
    assert "先查流水" not in str(page_desk.run(customer.events()))


def test_a_name_is_completed_as_soon_as_the_colleagues_are_known(page_desk: PageDesk, browser_context: NewContext) -> None:
    """After a reload on a slow line an agent would type a colleague's name, and be offered nobody."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    held: list[Route] = []
    is_slow = True
    context.route("**/api/queue", lambda route: held.append(route) if is_slow else route.continue_())
    page = context.new_page()
    page.goto(f"{page_desk.url}/console?c={customer.id}")
    expect(page.get_by_test_id("transcript-message").first).to_be_visible()
    page.keyboard.press("n")
    page.get_by_test_id("note-input").press_sequentially("@小")
    expect(page.get_by_test_id("mention")).to_have_count(0)
    until(page, lambda: held, "the request of the queue")
    is_slow = False
    held[-1].continue_()
    expect(page.get_by_test_id("mention").filter(has_text="小周")).to_be_visible()


def test_a_note_whose_answer_was_lost_is_stored_once(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Colleagues would read each note twice, or the agent would lose it."""
    customer, _ = claimed(page_desk)
    page = opened(page_desk, browser_context, customer)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/notes", lose_the_answer)
    page.keyboard.press("n")
    note = page.get_by_test_id("note-input")
    note.fill("已联系银行")
    note.press("Enter")
    expect(page.get_by_test_id("toast")).to_contain_text("连不上服务器")
    page.unroute("**/notes")
    page.reload()
    expect(page.get_by_test_id("transcript-message").first).to_be_visible()
    page.keyboard.press("n")
    expect(note).to_have_value("已联系银行")
    note.press("Enter")
    expect(page.get_by_test_id("toast")).to_contain_text("备注已保存")
    assert [event["text"] for event in logged(page_desk, customer, "note")] == ["已联系银行"]


# --- what is sent --------------------------------------------------------------------------------------------------------


def test_each_text_goes_to_the_conversation_it_was_typed_for(page_desk: PageDesk, browser_context: NewContext) -> None:
    """A customer would read what was meant for another, or the same answer twice."""
    first, agent = claimed(page_desk, text="第一位客户")
    second = page_desk.run(page_desk.desk.waiting_customer(text="第二位客户"))
    page_desk.run(agent.claim(second))
    page = opened(page_desk, browser_context, first)
    other_tab = page.context.new_page()
    other_tab.goto(f"{page_desk.url}/console?c={first.id}")
    page.bring_to_front()
    box(page).fill("给第一位")
    page.locator(f'[data-testid="queue-card"][data-id="{second.id}"]').click()
    expect(box(page)).to_have_value("")
    box(page).fill("给第二位")
    box(page).press("Enter")
    page.locator(DELIVERED).first.wait_for()
    assert (said(page_desk, first), said(page_desk, second)) == ([], ["给第二位"])
    other_tab.bring_to_front()
    other_tab.reload()
    expect(box(other_tab)).to_be_visible()
    expect(box(other_tab)).to_have_value("给第一位")
    box(other_tab).press("Enter")
    other_tab.locator(DELIVERED).first.wait_for()
    page.bring_to_front()
    page.locator(f'[data-testid="queue-card"][data-id="{first.id}"]').click()
    expect(page.locator(DELIVERED)).to_have_count(1)
    expect(box(page)).to_have_value("")
    assert said(page_desk, first) == ["给第一位"]


def test_what_a_customer_should_not_read_is_asked_about(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would ask for a code or send a card number by a hasty Enter, or could not send a text that was checked."""
    customer, _ = claimed(page_desk)
    page = opened(page_desk, browser_context, customer)
    warning = page.get_by_test_id("reply-warning")
    box(page).fill("请把验证码发给我，卡号 4111 1111 1111 1111")
    for _ in range(2):
        box(page).press("Enter")
        expect(warning).to_contain_text("银行卡号")
        expect(warning).to_contain_text("验证码")
    assert said(page_desk, customer) == []
    box(page).fill("见 http://gov.example.org/help")
    expect(warning).to_be_hidden()
    box(page).press("Enter")
    expect(warning).to_contain_text("外部链接")
    page.get_by_test_id("send-anyway").click()
    page.locator(DELIVERED).first.wait_for()
    assert said(page_desk, customer) == ["见 http://gov.example.org/help"]


ARTICLE = {
    "id": "refund_delay",
    "title": "退款时间",
    "text": "退款一般 **3 天**内到账。",
    "revision": "8f6770c4aa",
    "score": 0.9,
}


def test_suggestions_and_articles_go_into_the_box_and_are_not_sent(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would search for what the desk knows, or a text would be sent unread."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    suggested = {"articles": [ARTICLE], "canned_replies": ["greeting"]}
    context.route("**/suggestions", lambda route: route.fulfill(json=suggested))
    context.route("**/api/articles*", lambda route: route.fulfill(json={"articles": [{**ARTICLE, "by": "meaning"}]}))
    page = open_console(page_desk, context, f"?c={customer.id}")
    expect(page.get_by_test_id("suggestion")).to_have_text(["退款时间Tab", "开场问候"])
    box(page).focus()
    box(page).press("Tab")
    expect(box(page)).to_have_value("退款一般 3 天内到账。")
    expect(page.get_by_test_id("reply-source")).to_contain_text("8f6770c4")
    box(page).fill("")
    page.keyboard.press("Control+/")
    query = page.get_by_test_id("article-query")
    query.fill("钱什么时候退")
    expect(page.get_by_test_id("article-preview")).to_contain_text("退款一般 3 天内到账。")
    query.press("Enter")
    expect(box(page)).to_have_value("退款一般 3 天内到账。")
    expect(box(page)).to_be_focused()
    assert said(page_desk, customer) == []


# --- how it ends ---------------------------------------------------------------------------------------------------------


def resolve(page: Page, outcome: str = "1") -> None:
    """Resolve by keys."""
    page.keyboard.press("e")
    page.get_by_test_id("resolve-dialog").wait_for()
    page.keyboard.press(outcome)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("resolve-dialog")).to_have_count(0)


#: The button stays for a minute instead of ten seconds: on a slow machine the test needs longer to reach it.
_SLOW_TOAST = """
  const wait = window.setTimeout;
  window.setTimeout = (act, ms, ...rest) => wait(act, ms > 8_000 && ms <= 10_000 ? 60_000 : ms, ...rest);
"""


@pytest.mark.parametrize("what", ["at once", "late", "the customer came back"])
def test_a_resolution_can_be_undone_for_ten_seconds(page_desk: PageDesk, browser_context: NewContext, what: str) -> None:
    """A case closed by mistake would be lost, or an old one would be taken from the customer who came back."""

    def patient(*size: int) -> BrowserContext:
        context = browser_context(*size)
        context.add_init_script(_SLOW_TOAST)
        return context

    with page_desk.desk.clock.stopped():
        check_undoing(page_desk, patient, what)


def check_undoing(page_desk: PageDesk, new: NewContext, what: str) -> None:
    """Resolve, and undo at once or when it is too late."""
    customer, agent = claimed(page_desk)
    other = page_desk.run(page_desk.desk.waiting_customer(text="下一位"))
    page_desk.run(agent.claim(other))
    page = opened(page_desk, new, customer)
    resolve(page)
    expect(page.get_by_test_id("transcript")).to_contain_text("下一位")  # the next one that owes an answer
    assert logged(page_desk, customer, "resolved")[0]["outcome"] == "solved"
    if what == "late":
        page_desk.desk.clock.pass_time(seconds=11)
    elif what == "the customer came back":
        page_desk.run(customer.say("还有一个问题"))
    if what == "at once":
        page.get_by_test_id("transcript").press("z")
        expect(page.get_by_test_id("toast")).to_contain_text("已撤销")
        expect(page.get_by_test_id("resolve")).to_be_visible()
        assert f"c={customer.id}" in page.url
        assert page_desk.run(customer.status())["status"] == "assigned"
    else:
        page.get_by_test_id("toast-undo").click()
        expect(page.get_by_test_id("toast")).to_contain_text("不能撤销了")
        assert not logged(page_desk, customer, "resolution_undone")


def test_an_urgent_case_ends_with_an_outcome_and_a_note(page_desk: PageDesk, browser_context: NewContext) -> None:
    """Nobody would know what was done for a victim of fraud."""
    how = escalates("security", "urgent", "account_stolen")
    customer = page_desk.run(page_desk.desk.waiting_customer(how, "我的号被盗了"))
    page = opened(page_desk, browser_context, customer)
    page.keyboard.press("c")
    expect(box(page)).to_be_focused()
    page.get_by_test_id("resolve").click()
    dialog = page.get_by_test_id("resolve-dialog")
    page.get_by_test_id("dialog-confirm").click()
    expect(dialog).to_contain_text("请选一个结果")
    page.get_by_test_id("outcome-account_protected").check()
    page.get_by_test_id("dialog-confirm").click()
    expect(dialog).to_contain_text("紧急会话要写备注")
    page.get_by_test_id("dialog-note").fill("已冻结，请客户到柜台解冻")
    page.get_by_test_id("dialog-confirm").click()
    expect(dialog).to_have_count(0)
    (event,) = logged(page_desk, customer, "resolved")
    assert (event["outcome"], event["note"]) == ("account_protected", "已冻结，请客户到柜台解冻")


@pytest.mark.parametrize(
    ("code", "words"), [("not_queued", "不用再接手"), ("at_capacity", "请主管放行"), ("already_assigned", "先接手")]
)
def test_a_claim_that_fails_says_what_to_do(page_desk: PageDesk, browser_context: NewContext, code: str, words: str) -> None:
    """An agent would press the same key again and again."""
    customer = page_desk.run(page_desk.desk.waiting_customer())
    page = opened(page_desk, browser_context, customer)
    page.route("**/claim", refuse(code, agent="小周"))
    page.get_by_test_id("claim").click()
    expect(page.get_by_test_id("toast")).to_contain_text(words)


def test_it_goes_to_a_queue_or_to_who_has_a_skill(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent could pass a case only to somebody they know by name."""
    customer, agent = claimed(page_desk)
    page = opened(page_desk, browser_context, customer)
    for kind, value, words in (("queue", "security", "转到“账户安全”队列"), ("skill", "disputes", "转给会“交易争议”的同事")):
        page.get_by_test_id("transfer").click()
        page.get_by_test_id(f"transfer-kind-{kind}").check()
        page.get_by_test_id(f"transfer-{kind}").select_option(value)
        page.get_by_test_id("dialog-confirm").click()
        expect(page.get_by_test_id("transfer-dialog")).to_have_count(0)
        expect(page.get_by_test_id("transcript")).to_contain_text(words)
        assert logged(page_desk, customer, "transferred")[-1][kind] == value
        page_desk.run(agent.claim(customer))


# --- what is known -------------------------------------------------------------------------------------------------------


def test_marks_and_links_can_be_set_and_taken_back(page_desk: PageDesk, browser_context: NewContext) -> None:
    """The bot would never learn from agents, or a customer's two cases would be worked on apart."""
    customer, _ = claimed(page_desk)
    other = page_desk.run(page_desk.desk.waiting_customer(text="还是我，刚才那件事"))
    page = opened(page_desk, browser_context, customer)
    page.get_by_test_id("tab-why").click()
    mark = page.get_by_test_id("mark-late_handoff")
    for pressed in ("true", "false"):
        page.locator("body").press("h")
        expect(mark).to_have_attribute("aria-pressed", pressed)
    assert [event["is_set"] for event in logged(page_desk, customer, "marked")] == [True, False]
    page.locator("body").press("l")
    page.get_by_test_id("link-query").fill("还是我")
    page.get_by_test_id("link-choice").click()
    page.get_by_test_id("dialog-confirm").click()
    page.get_by_test_id("tab-customer").click()
    expect(page.get_by_test_id("link-open")).to_contain_text(other.id[-4:].upper())
    assert logged(page_desk, other, "linked")[0]["other"] == customer.id
    page.get_by_test_id("link-remove").click()
    expect(page.get_by_test_id("link")).to_have_count(0)


def test_earlier_visits_are_folded_and_what_is_new_has_a_line(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent would scroll through last month's conversation to find today's question."""
    customer, _ = claimed(page_desk)
    page = opened(page_desk, browser_context, customer)
    resolve(page)
    expect(page.get_by_test_id("transcript")).to_contain_text("本次会话已结束")
    page.goto("about:blank")
    page_desk.bot.will(escalates("security", "urgent", "scam_in_progress", lane="money_moving"))
    page_desk.run(page_desk.desk.wait_for_turn(customer, page_desk.run(customer.say("他让我不要挂电话"))))
    page.goto(f"{page_desk.url}/console?c={customer.id}")
    expect(page.get_by_test_id("transcript")).to_contain_text("他让我不要挂电话")
    expect(page.get_by_test_id("unread-line")).to_be_visible()
    fold = page.get_by_test_id("episode-fold")
    expect(fold).to_contain_text("已解决")
    expect(page.locator("#transcript")).not_to_contain_text("扣了我两次钱")
    fold.press("Enter")
    expect(page.locator("#transcript")).to_contain_text("扣了我两次钱")


HIT = {"conversation_id": "", "seq": 1, "at": "2026-11-30T09:00:00Z", "status": "assigned", "snippet": "", "may_read": False}


def test_a_hit_that_may_not_be_read_asks_for_the_reason(page_desk: PageDesk, browser_context: NewContext) -> None:
    """The search would show what the list hides, or lead to an error."""
    customer, _ = claimed(page_desk)
    context = browser_context()
    page_desk.sign_in(context, "agent2")
    hits = {"results": [{**HIT, "conversation_id": customer.id}], "next": None, "took_ms": 3}
    context.route("**/api/search?*", lambda route: route.fulfill(json=hits))
    page = open_console(page_desk, context)
    page.keyboard.press("Control+k")
    page.get_by_test_id("search-query").fill("扣了")
    hit = page.get_by_test_id("search-hit")
    expect(hit).to_contain_text("写明原因")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_test_id("access-reason").fill("小林请我看一下")
    page.get_by_test_id("access-confirm").click()
    message = page.locator('[data-testid="transcript-message"][data-seq="1"]')
    expect(message).to_contain_text("扣了我两次钱")


@pytest.mark.parametrize(("width", "language"), [(1440, "中文"), (1440, "English"), (360, "中文")])
def test_a_conversation_is_accessible(page_desk: PageDesk, browser_context: NewContext, width: int, language: str) -> None:
    """Agents who cannot see well or use no mouse could not do this work."""
    customer, _ = claimed(page_desk)
    page = opened(page_desk, browser_context, customer, width=width)
    if language == "English":
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="中文")).to_be_visible()
        expect(page.get_by_test_id("transcript-message").first).to_be_visible()
    assert grave_findings(page, ".panes") == []
    if width > 760:
        for tab in ("customer", "knowledge", "why", "note"):
            page.get_by_test_id(f"tab-{tab}").click()
            assert grave_findings(page, ".panes") == []
    for button in ("transfer", "resolve"):
        page.get_by_test_id(button).click()
        assert grave_findings(page, "dialog") == []
        page.keyboard.press("Escape")
