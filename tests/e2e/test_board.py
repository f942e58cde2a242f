"""Supervisors at the board, in a real browser, against a real desk with a scripted bot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.accessibility import grave_findings
from tests.e2e.board_json import conversation_id, make_board, serve_board
from tests.e2e.conftest import TIMEOUT_MS
from tests.e2e.page_desk import PageDesk
from tests.handoff.fake_bot import escalates
from tests.handoff.people import Agent, Customer, of_type

NewContext = Callable[..., BrowserContext]

_MANY_AGENTS, _MANY_ROWS = 200, 500


@pytest.fixture
def board_page(page_desk: PageDesk, browser_context: NewContext) -> Callable[..., Page]:
    """Opens the board for an account; `board`: JSON that the page gets in place of the desk's."""

    def open_(path: str = "", login: str = "supervisor", board: Any = None, **options: Any) -> Page:
        context = browser_context(**options)
        page_desk.sign_in(context, login)
        if board is not None:
            serve_board(context, board)
        page = context.new_page()
        page.goto(f"{page_desk.url}/console/board{path}")
        return page

    return open_


def waits(page_desk: PageDesk, **minutes: float) -> Customer:
    """An urgent customer who has waited for too long."""
    customer = page_desk.run(page_desk.desk.waiting_customer(escalates("security", "urgent", "scam_report"), "我被骗了两万"))
    page_desk.desk.clock.pass_time(**(minutes or {"minutes": 3}))
    return customer


def owner_of(page_desk: PageDesk, customer: Customer) -> str | None:
    """The login of the agent who has the conversation."""
    return page_desk.run(page_desk.desk.conversation(customer)).agent


def matters_of(page: Page, customer: Customer) -> Any:
    """The customer's rows among what needs the supervisor."""
    return page.get_by_test_id("matters").get_by_role("row").filter(has_text=customer.id[-4:].upper())


def fill(page_desk: PageDesk, login: str, count: int) -> list[Customer]:
    """Conversations in an agent's hands."""
    agent = page_desk.run(page_desk.desk.agent(login))
    customers = [page_desk.run(page_desk.desk.waiting_customer()) for _ in range(count)]
    for customer in customers:
        page_desk.run(agent.claim(customer))
    return customers


def signed_in(page_desk: PageDesk, login: str) -> Agent:
    """An agent who is there."""
    return page_desk.run(page_desk.desk.agent(login))


# --- what a supervisor does -------------------------------------------------------------------------------------------------


def test_an_urgent_wait_is_taken_with_two_keys(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """A supervisor would see the oldest urgent wait and reach for the mouse, or take another row than the one meant."""
    customer = waits(page_desk)
    page = board_page()
    row = matters_of(page, customer)
    expect(row).to_contain_text("紧急，等太久")
    expect(page.get_by_test_id("lines")).to_contain_text("紧急")
    page.keyboard.press("1")
    expect(row).to_be_focused()
    page.keyboard.press("t")
    expect(page.get_by_test_id("notice")).to_contain_text("会话已归您")
    assert owner_of(page_desk, customer) == "supervisor"
    expect(page.get_by_test_id("notice").get_by_role("link")).to_have_attribute("href", f"/console?c={customer.id}")


def test_a_full_agent_gets_one_more_only_when_it_is_released(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """An agent would hold more than they can without anybody's word, or an urgent case would wait for a free place."""
    fill(page_desk, "agent", 5)
    customer = waits(page_desk)
    signed_in(page_desk, "agent")
    page = board_page()
    matters_of(page, customer).get_by_test_id("assign").click()
    page.get_by_test_id("assign-to").select_option("agent")
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_role("alert").filter(has_text="已满（5/5）")).to_be_visible()
    assert owner_of(page_desk, customer) is None
    page.get_by_test_id("assign-over").check()
    page.get_by_test_id("assign-note").fill("先止付")
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("notice")).to_contain_text("已分给小林")
    assert owner_of(page_desk, customer) == "agent"
    (assigned,) = of_type(page_desk.run(page_desk.desk.log(customer)), "assigned")
    assert assigned["over_capacity_by"] == "陈主管"


def test_two_supervisors_do_not_move_one_conversation_twice(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """The second supervisor would take the conversation from the agent whom the first one has just chosen."""
    customer = waits(page_desk)
    first, _ = signed_in(page_desk, "agent"), signed_in(page_desk, "agent2")
    page = board_page()
    matters_of(page, customer).get_by_test_id("assign").click()
    page_desk.run(first.claim(customer))
    page.get_by_test_id("assign-to").select_option("agent2")
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("dialog-assign").get_by_role("alert").last).to_contain_text("会话刚被别人处理过")
    assert owner_of(page_desk, customer) == "agent"


def test_a_hint_reaches_the_agent_and_is_stored_once(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """A lost answer would make two hints of one, or the hint would be an ordinary note that nobody sees in time."""
    (customer,) = fill(page_desk, "agent", 1)
    page = board_page()
    row = page.get_by_test_id("agents").get_by_role("row").filter(has_text="小林")
    expect(row).to_contain_text("1/5")
    row.get_by_test_id("whisper").click()
    page.get_by_test_id("whisper-text").fill("先问订单号")
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort() if len(lost) == 1 else route.fulfill(status=200, json={})

    page.route("**/notes", lose_first)
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("dialog-whisper").get_by_role("alert").last).to_contain_text("连不上服务器")
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("notice")).to_contain_text("已提醒小林")
    notes = of_type(page_desk.run(page_desk.desk.log(customer)), "note")
    assert [(note["text"], note["whisper_to"]) for note in notes] == [("先问订单号", "agent")]
    assert lost == [lost[0]] * 2


def test_a_supervisor_pauses_an_agent_and_opens_what_they_hold(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """New conversations would go on to an agent who has left the desk, and nobody would find the ones in their hands."""
    (customer,) = fill(page_desk, "agent", 1)
    page = board_page()
    row = page.get_by_test_id("agents").get_by_role("row").filter(has_text="小林")
    expect(row).to_contain_text("接待中")
    row.focus()
    page.keyboard.press("p")
    page.get_by_test_id("dialog-presence").get_by_label("离开").check()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("notice")).to_contain_text("小林现在是「离开」")
    expect(row).to_contain_text("离开")
    expect(row).to_be_focused()
    page.keyboard.press("l")
    link = page.get_by_test_id("dialog-list").get_by_role("link")
    expect(link).to_have_attribute("href", f"/console?c={customer.id}")
    expect(link).to_contain_text("重复扣款")


def test_a_number_opens_the_conversations_that_it_counts(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """A supervisor would have to believe a figure, or look for its conversations by hand."""
    customer = waits(page_desk)
    page = board_page()
    figure = page.locator('.figure[data-id="waiting"]')
    expect(figure.locator(".figure-value")).to_have_text("1")
    figure.get_by_test_id("figure-open").click()
    link = page.get_by_test_id("dialog-list").get_by_role("link")
    expect(link).to_have_attribute("href", f"/console?c={customer.id}")
    page.keyboard.press("Escape")
    page.get_by_test_id("report-figure").select_option("handoffs")
    expect(page.get_by_test_id("report-definition")).to_contain_text("转给人工的次数")
    page.get_by_test_id("report-by").select_option("reason")
    row = page.get_by_test_id("report-table").get_by_role("row").filter(has_text="账户或资金安全")
    expect(row).to_contain_text("1")
    row.get_by_test_id("report-open").click()
    expect(page.get_by_test_id("dialog-list").get_by_role("link")).to_have_attribute("href", f"/console?c={customer.id}")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_test_id("report-csv").click()
    assert re.fullmatch(r"figures_.*\.csv", download.value.suggested_filename)


# --- who may look -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("login", "role"), [("agent", "客服"), ("editor", "编辑")])
def test_other_roles_read_whose_page_this_is(login: str, role: str, board_page: Callable[..., Page]) -> None:
    """An agent would look at an empty board, or at colleagues' figures."""
    page = board_page(login=login)
    expect(page.get_by_test_id("other-role")).to_contain_text(f"您的账号是{role}")
    expect(page.get_by_test_id("to-console")).to_have_attribute("href", "/console")
    expect(page.get_by_test_id("board")).to_have_count(0)
    assert grave_findings(page) == []


def test_an_ended_session_hides_the_board_and_asks_over_it(
    page_desk: PageDesk, board_page: Callable[..., Page], open_page: Callable[..., Page]
) -> None:
    """Names and figures would stay on the screen of a person who is signed out."""
    stranger = open_page(f"{page_desk.url}/console/board")
    expect(stranger.get_by_test_id("login-name")).to_be_visible()
    page = board_page()
    expect(page.get_by_test_id("agents")).to_contain_text("小林")
    page_desk.end_sessions()
    form = page.get_by_test_id("sign-in-over")
    expect(form).to_be_visible()
    expect(page.get_by_test_id("agents")).to_have_count(0)
    form.get_by_test_id("login-name").fill("supervisor")
    form.get_by_test_id("login-password").fill("supervisor")
    form.get_by_test_id("login-submit").click()
    expect(form).to_have_count(0)
    expect(page.get_by_test_id("agents")).to_contain_text("小周")


# --- what the page is like --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_board_has_no_serious_accessibility_finding(lang: str, board_page: Callable[..., Page]) -> None:
    """A supervisor with a screen reader or weak sight could not work with the board."""
    page = board_page(f"?lang={lang}", board=make_board(warnings=2))
    expect(page.get_by_test_id("matters").get_by_role("row")).to_have_count(10)
    page.get_by_test_id("timeline").get_by_text("看数字" if lang == "zh" else "Show the numbers").click()
    expect(page.get_by_test_id("timeline-numbers").get_by_role("row")).not_to_have_count(0)
    assert grave_findings(page) == []
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_be_visible()
    assert grave_findings(page) == []


def test_a_refresh_takes_neither_the_focus_nor_the_place(board_page: Callable[..., Page]) -> None:
    """A supervisor would press 我来 on the row that moved under the hand, or start again from the top every five seconds."""
    page = board_page(board=make_board(attention=40))
    table = page.get_by_test_id("matters")
    expect(table.get_by_role("row")).to_have_count(41)
    page.keyboard.press("1")
    for _ in range(12):
        page.keyboard.press("j")
    key, top = table.locator(".row:focus").get_attribute("data-key"), table.evaluate("table => table.scrollTop")
    assert top > 0
    changed = make_board(attention=40)
    taken, first = changed["attention"].pop(2), {**changed["attention"][0], "kind": "requeued", "count": 4}
    changed["attention"].insert(0, {**first, "conversation_id": conversation_id(900), "card": None})
    changed["now"] = taken["at"]
    serve_board(page.context, changed)
    deadline = time.monotonic() + TIMEOUT_MS / 1_000
    while not page.locator(".held").first.is_visible():  # the hand that moves in the table holds its rows
        assert time.monotonic() < deadline
        box = table.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 100 + time.monotonic() % 9)
        page.wait_for_timeout(100)
    expect(page.locator(".held").first).to_have_text("您在操作，顺序先不动：新增 1 条在最后，1 条已处理")
    assert table.locator(".row:focus").get_attribute("data-key") == key
    assert table.evaluate("table => table.scrollTop") == top
    assert table.locator(".row").last.get_attribute("data-key") == f"requeued {conversation_id(900)}  "


@pytest.mark.alone
def test_hundreds_of_rows_do_not_stutter(board_page: Callable[..., Page]) -> None:
    """On a large desk the page would hang at every refresh."""
    page = board_page(board=make_board(agents=_MANY_AGENTS, attention=_MANY_ROWS))
    expect(page.get_by_test_id("matters").get_by_role("row")).to_have_count(_MANY_ROWS + 1)
    expect(page.get_by_test_id("agents").get_by_role("row")).to_have_count(_MANY_AGENTS + 1)
    # The page of this test is refreshed once a second. While it is, the keys move through the rows.
    page.keyboard.press("1")
    waits = page.evaluate(
        """async () => {
          const waits = [];
          for (let press = 0; press < 100; press += 1) {
            const start = performance.now();
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true, cancelable: true}));
            await new Promise(requestAnimationFrame);
            waits.push(performance.now() - start);
            await new Promise((resolve) => setTimeout(resolve, 40));
          }
          return waits.sort((a, b) => a - b);
        }"""
    )
    assert waits[int(len(waits) * 0.95)] < 100, waits
    assert page.locator(".matters .row:focus").count() == 1


def test_a_lost_connection_is_told_with_its_time(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """A supervisor would decide by figures of ten minutes ago."""
    page = board_page()
    state = page.get_by_test_id("connection")
    expect(state).to_have_text("实时")
    page.context.set_offline(True)
    page_desk.end_sessions()
    page.context.route("**/api/board", lambda route: route.abort())
    expect(state).to_contain_text(re.compile(r"\d\d:\d\d 起连不上，画面停在 \d\d:\d\d"))
    expect(page.get_by_test_id("agents")).to_contain_text("小林")
    page_desk.sign_in(page.context, "supervisor")
    page.context.unroute("**/api/board")
    page.context.set_offline(False)
    expect(state).to_have_text("实时")


def test_an_empty_desk_says_what_comes(board_page: Callable[..., Page]) -> None:
    """A new supervisor would not know whether the board is broken or the desk is quiet."""
    page = board_page(width=360, height=740)
    expect(page.get_by_test_id("board-empty")).to_contain_text("还没有会话")
    for words in ("现在没有要您管的事", "没有人在等", "没有超时"):
        expect(page.get_by_text(words).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_wall_shows_no_names(board_page: Callable[..., Page]) -> None:
    """Visitors of the office would read who works slowly."""
    board = make_board(agents=60, warnings=1)
    page = board_page("?wall=1", board=board, width=1920, height=1080)
    expect(page.get_by_test_id("wall-people").get_by_role("listitem")).to_have_count(24)
    expect(page.get_by_test_id("wall-matters")).to_contain_text("紧急，等太久")
    words = page.locator("body").inner_text()
    names = {agent["name"] for agent in board["agents"]} | {"陈主管"}
    assert [name for name in names if name in words] == []
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    assert grave_findings(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("agents")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_test_id("wall-people")).to_be_visible()


@pytest.mark.alone
def test_the_first_load_takes_less_than_a_second(page_desk: PageDesk, board_page: Callable[..., Page]) -> None:
    """A supervisor who opens the board in a surge would wait for it."""
    waits(page_desk)
    page = board_page()
    expect(page.get_by_test_id("matters").get_by_role("row")).not_to_have_count(0)
    times = []
    for _ in range(3):
        start = time.monotonic()
        page.reload(wait_until="commit")
        page.wait_for_function("() => document.querySelectorAll('.matters .row').length > 0", polling=20)
        times.append(time.monotonic() - start)
    assert min(times) < 1, times
