"""Long transcripts and long queues in the console: how fast Chromium opens them and shows new messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.e2e.page_desk import PageDesk
from tests.handoff.fake_bot import escalates

#: Measures the time of a whole page, so nothing else may run.
pytestmark = pytest.mark.alone

EVENTS = 1_500
OPEN_SECONDS = 1.0
OPENINGS = 3
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


#: Resolves when an element contains the text. Cheaper than the test driver's own search, which reads the whole page.
_SHOWN = """async ([selector, words]) => {
  const isThere = () => [...document.querySelectorAll(selector)].some((node) => node.textContent.includes(words));
  while (!isThere()) await new Promise((done) => setTimeout(done, 50));
}"""


#: Resolves when one of the rows in the page contains the text.
_CARD_SHOWN = """async (words) => {
  const list = document.querySelector('[data-group="waiting"] .group-cards');
  const isThere = () => [...list.children].some((row) => row.textContent.includes(words));
  while (!isThere()) await new Promise((done) => setTimeout(done, 50));
}"""


def _task_seconds(session: CDPSession) -> float:
    """The CPU time of the page's main thread so far, in seconds, independent of other load on the machine."""
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
    card = f'[data-testid="queue-card"][data-id="{customer.id}"]'
    times = []
    for _ in range(OPENINGS):
        page.goto(f"{page_desk.url}/console")
        page.wait_for_selector(card)
        times.append(page.evaluate(_OPEN, [card, f"第 {EVENTS - 1} 条消息"]) / 1_000)
    opened = min(times)  # the others include waits for other load on the machine
    page.wait_for_timeout(500)  # work left over from opening is not the cost of a message
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _task_seconds(session)
    for number in range(MESSAGES):
        page_desk.run(customer.say(f"又一条 {number}"))
        page.evaluate(_SHOWN, ["#transcript ol > li:last-child", f"又一条 {number}"])
    spent = (_task_seconds(session) - before) / MESSAGES * 1_000

    print(f"\nopened {EVENTS} events in {opened:.3f} s; {spent:.1f} ms of the main thread for each new message")
    record_property("opened_seconds", opened)
    record_property("message_ms", spent)
    assert opened < OPEN_SECONDS
    assert spent < MESSAGE_MS


LONG_EVENTS = 5_000
INPUT_MS = 50.0
TYPED_KEYS = 40
#: The best round counts: the others include waits for other load on the machine.
INPUT_ROUNDS = 3
#: After so many keys a message of the customer arrives.
KEYS_PER_MESSAGE = 10

#: Collects the milliseconds from each key press until the page has been painted after it.
_WATCH_KEYS = """() => {
  window.keyTimes = [];
  document.addEventListener('keydown', (event) => {
    requestAnimationFrame(() => setTimeout(() => window.keyTimes.push(performance.now() - event.timeStamp)));
  }, true);
}"""

#: Scrolls up until the first event is on the page; resolves to the number of messages that were on the page meanwhile.
_TO_THE_BEGINNING = """async () => {
  const log = document.querySelector('#transcript');
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const seen = new Set();
  const look = () => log.querySelectorAll('[data-testid="transcript-message"]').forEach((node) => seen.add(node.dataset.seq));
  for (look(); !document.querySelector('[data-testid="transcript-older"]').hidden; look()) {
    log.scrollTop = 0;
    await frame();
  }
  return seen.size;
}"""


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def test_keys_are_answered_at_once_in_a_transcript_of_5000_events(
    page_desk: PageDesk, browser_context: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    """An agent would type into a page that stutters, at the end of a long transcript or after reading it to its beginning."""
    desk = page_desk.desk
    customer = page_desk.run(desk.waiting_customer())
    page_desk.run(page_desk.run(desk.agent("agent")).claim(customer))
    page_desk.write_many(customer, LONG_EVENTS)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = context.new_page()
    page.goto(f"{page_desk.url}/console?c={customer.id}")
    box = page.get_by_test_id("reply-input")
    page.evaluate(_SHOWN, ["#transcript ol > li:last-child", f"第 {LONG_EVENTS - 1} 条消息"])
    page.evaluate(_WATCH_KEYS)
    measured: dict[str, float] = {}
    for where in ("end", "beginning"):
        if where == "beginning":
            assert page.evaluate(_TO_THE_BEGINNING) > LONG_EVENTS, "a part of the transcript cannot be read"
        page.wait_for_timeout(500)
        box.focus()
        rounds = []
        for part in range(INPUT_ROUNDS):
            page.evaluate("window.keyTimes.length = 0")
            for key in range(TYPED_KEYS):
                if key % KEYS_PER_MESSAGE == 0:
                    page_desk.run(customer.say(f"又一条 {where} {part} {key}"))
                page.keyboard.press("a")
                page.wait_for_timeout(30)
            page.wait_for_function("count => window.keyTimes.length >= count", arg=TYPED_KEYS)
            rounds.append(_p95(page.evaluate("window.keyTimes")))
        measured[where] = min(rounds)
        box.fill("")
    print(f"\np95 of {TYPED_KEYS} keys: {measured['end']:.1f} ms at the end, {measured['beginning']:.1f} ms at the beginning")
    for where, time_ms in measured.items():
        record_property(f"input_ms_{where}", time_ms)
        assert time_ms < INPUT_MS, where


WAITING = 1_500
CHANGE_MS = 50.0
#: More than three urgent cases of one address would be one card.
CHANGES = 3


@pytest.mark.parametrize("is_whole", [False, True], ids=["first page", "whole queue"])
def test_a_queue_of_1500_stays_responsive(
    page_desk: PageDesk, browser_context: Callable[..., Any], record_property: Callable[[str, object], None], is_whole: bool
) -> None:
    """With many waiting an agent's page would be busy drawing the queue instead of handling keys."""
    desk = page_desk.desk
    page_desk.run(desk.waiting_customer())
    page_desk.fill_queue(WAITING - 1)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    page = context.new_page()
    page.goto(f"{page_desk.url}/console")
    expect(page.locator('[data-view="all"] .count')).to_have_text(str(WAITING))
    if is_whole:
        page.get_by_test_id("queue-sort").select_option("due")
        expect(page.locator('[data-view="dispute"] .count')).not_to_contain_text("+")
        page.get_by_test_id("queue-sort").select_option("lane")
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before, started = _task_seconds(session), time.monotonic()
    page.wait_for_timeout(3_000)
    idle = (_task_seconds(session) - before) / (time.monotonic() - started)
    spent = 0.0
    for number in range(CHANGES):
        before, started = _task_seconds(session), time.monotonic()
        page_desk.run(desk.waiting_customer(escalates("dispute", "urgent"), f"又来一位 {number}"))
        page.evaluate(_CARD_SHOWN, f"又来一位 {number}")
        page.wait_for_timeout(200)
        spent += _task_seconds(session) - before - idle * (time.monotonic() - started)
    spent = spent / CHANGES * 1_000
    rows = page.get_by_test_id("queue-card").count()
    print(f"\n{rows} rows of {WAITING}: {spent:.1f} ms of the main thread for a change, {idle:.1%} of it while idle")
    record_property("change_ms", spent)
    record_property("idle_share", idle)
    assert rows < 40
    assert spent < CHANGE_MS
    assert idle < 0.1


QUEUED = 200
LONG = 5_000
KEYS = 60
ROUNDS = 3
LATENCY_MS = 50.0

#: A queue that changes 20 times a second, in the desk's format, and the time from each key to the next paint. Chromium reports
#: events from 16 ms on: faster ones are counted as 16 ms.
_BUSY = """
const card = (number, at) => ({
  id: String(number).padStart(32, "0"), status: "queued", reason: "dispute", priority: number % 3 ? "high" : "urgent",
  intent: "duplicate_charge", amount_cny: number * 10, queued_at: new Date(Date.now() - number * 1000).toISOString(),
  waiting_seconds: number, preview: `第 ${number} 位在等，第 ${at} 次`, locale: number % 5 ? "zh" : "en", channel: "web",
  episode: 1, last_seq: at, unanswered: true, additions: at % 4,
  due: { clock: "first_response", at: new Date(Date.now() + number * 1000).toISOString(), is_paused: false,
    explanation: { zh: "说明", en: "why" } },
});
const frame = (type, data) => new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
const realFetch = window.fetch;
window.changes = 0;
window.fetch = async (input, init) => {
  if (!String(input?.url ?? input).endsWith("/api/queue")) return realFetch(input, init);
  const whole = await (await realFetch("/api/queue")).json();
  const waiting = Array.from({ length: COUNT }, (_, number) => card(number, 0));
  const stream = new ReadableStream({
    start(control) {
      control.enqueue(frame("queue", { ...whole, waiting, waiting_total: COUNT, next: null }));
      setInterval(() => {
        window.changes += 1;
        const number = (window.changes * 7) % COUNT;
        control.enqueue(frame("queue_changed", { changed: [card(number, window.changes)], gone: [], waiting_total: COUNT }));
      }, 50);
    },
  });
  return new Response(stream, { headers: { "Content-Type": "text/event-stream" } });
};
window.slow = [];
new PerformanceObserver((list) => {
  for (const { name, duration } of list.getEntries()) if (name === "keydown") window.slow.push(duration);
}).observe({ type: "event", durationThreshold: 16 });
"""


def test_keys_are_answered_at_once_while_the_queue_changes(
    page_desk: PageDesk, browser_context: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    """An agent would type ahead of the page, in a storm of new cases with a talkative customer open."""
    desk = page_desk.desk
    customer = page_desk.run(desk.waiting_customer())
    page_desk.run(page_desk.run(desk.agent("agent")).claim(customer))
    page_desk.write_many(customer, LONG)
    context = browser_context()
    page_desk.sign_in(context, "agent")
    context.add_init_script(_BUSY.replace("COUNT", str(QUEUED)))
    page = context.new_page()
    page.goto(f"{page_desk.url}/console?c={customer.id}")
    expect(page.locator("#transcript")).to_contain_text(f"第 {LONG - 1} 条消息")
    box = page.get_by_test_id("reply-input")
    box.click()
    session = context.new_cdp_session(page)
    # Without somebody who looks at the frames, a headless Chromium presents some of them up to a second late.
    session.on("Page.screencastFrame", lambda seen: session.send("Page.screencastFrameAck", {"sessionId": seen["sessionId"]}))
    session.send("Page.startScreencast", {"format": "jpeg", "quality": 1, "everyNthFrame": 1})
    page.wait_for_timeout(1_000)
    rounds = []
    for _ in range(ROUNDS):
        _, changes, started = page.evaluate("[window.slow.splice(0), window.changes, performance.now()]")
        for number in range(KEYS):
            page.keyboard.press("abcdefghij"[number % 10])
            page.wait_for_timeout(30)
        page.wait_for_timeout(200)
        slow, changed, ended = page.evaluate("[window.slow, window.changes, performance.now()]")
        times = sorted([16.0] * max(0, KEYS - len(slow)) + [float(each) for each in slow])
        rounds.append((times[int(len(times) * 0.95)], (changed - changes) / (ended - started) * 1_000))
    expect(box).to_have_value("abcdefghij" * (KEYS // 10) * ROUNDS)
    p95, rate = min(rounds)  # the others include waits for other load on the machine
    print(f"\np95 of {KEYS} keys: {p95:.0f} ms at {rate:.1f} changes a second; all rounds: {rounds}")
    record_property("input_latency_p95_ms", p95)
    assert rate > 15, "the queue did not change fast enough"
    assert p95 < LATENCY_MS
