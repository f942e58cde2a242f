"""The console tells the desk that its agent is there, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.page_desk import PageDesk

NewContext = Callable[..., BrowserContext]


def test_an_open_console_answers_its_stream_and_tells_of_keys(page_desk: PageDesk, browser_context: NewContext) -> None:
    """An agent who reads would be offline, and one who works away: they would get no case."""
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = context.new_page()
    with page.expect_response("**/api/presence/here") as here:
        page.goto(f"{page_desk.url}/console")
    assert here.value.status == 204
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url.rpartition("/")[2]))
    with page.expect_response("**/api/presence/active") as active:
        page.keyboard.press("Escape")
    assert active.value.status == 204
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    page.wait_for_timeout(300)
    assert told.count("active") == 1  # at most one a minute
