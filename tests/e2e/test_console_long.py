"""A long transcript in the console: how long Chromium takes to open it and to show one more message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession

from tests.e2e.page_desk import PageDesk

EVENTS = 1_500
OPEN_SECONDS = 1.0
MESSAGE_MS = 30.0
MESSAGES = 20

#: Resolves to the milliseconds from a click on a card until its last message has been painted.
_OPEN = """async ([card, last]) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const started = performance.now();
  document.querySelector(card).click();
  while (!document.querySelector('#transcript')?.textContent.includes(last)) await painted();
  await painted();
  return performance.now() - started;
}"""


def _task_seconds(session: CDPSession) -> float:
    """The seconds that the page's main thread has worked so far."""
    answer: dict[str, Any] = session.send("Performance.getMetrics")
    return float(next(metric["value"] for metric in answer["metrics"] if metric["name"] == "TaskDuration"))


def test_a_transcript_of_1500_events_opens_at_once_and_grows_cheaply(
    page_desk: PageDesk, browser_context: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    """An agent with a talkative customer would wait for the page instead of answering."""
    desk = page_desk.desk
    customer = page_desk.run(desk.waiting_customer())
    agent = page_desk.run(desk.agent("agent"))
    page_desk.run(agent.claim(customer))
    page_desk.write_many(customer, EVENTS)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = context.new_page()
    page.goto(f"{page_desk.url}/console")
    card = f'[data-testid="queue-card"][data-id="{customer.id}"]'
    page.wait_for_selector(card)

    opened = page.evaluate(_OPEN, [card, f"第 {EVENTS - 1} 条消息"]) / 1_000
    page.wait_for_timeout(500)  # what opening left to do is not a message's cost
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    before = _task_seconds(session)
    for number in range(MESSAGES):
        page_desk.run(customer.say(f"又一条 {number}"))
        page.get_by_text(f"又一条 {number}", exact=True).first.wait_for()
    spent = (_task_seconds(session) - before) / MESSAGES * 1_000

    print(f"\nopened {EVENTS} events in {opened:.3f} s; {spent:.1f} ms of the main thread for each new message")
    record_property("opened_seconds", opened)
    record_property("message_ms", spent)
    assert opened < OPEN_SECONDS
    assert spent < MESSAGE_MS
