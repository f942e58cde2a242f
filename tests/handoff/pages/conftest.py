"""The pages in a real Chromium, with a desk and a bot that the tests control."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from handoff.conversations.draft import Draft
from handoff.conversations.events import BOT, CUSTOMER, SYSTEM, Message, Participant, Triage
from handoff.conversations.events.registry import read_body
from handoff.conversations.store import lock_conversation, save_conversation
from tests.e2e.conftest import CHROMIUM_FLAGS
from tests.handoff.people import Customer
from tests.handoff.running_desk import Desk, append

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))

from browser import installed_browser

#: The desk refreshes queue positions every 10 seconds, and a loaded machine is several times slower.
TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)

AGENT = Participant("agent", "小林")

#: Opens a page in a context of its own: url, width, height, locale, context (another page in the same browser profile).
OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A real Chromium; `make browser` finds or installs one."""
    path = installed_browser()
    assert path is not None, "no Chromium: run `make browser`, which says what to install"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


def _is_refusal(words: str) -> bool:
    """Messages of the browser itself about rejected requests, a network that is away, and a content security policy."""
    return "Failed to load" in words or "Content Security Policy" in words


@pytest.fixture
async def open_page(chromium: Browser) -> AsyncIterator[OpenPage]:
    """Opens pages; at the end no page may have logged an error."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def open_(
        url: str,
        *,
        width: int = 1440,
        height: int = 900,
        locale: str = "zh-CN",
        context: BrowserContext | None = None,
        **more: Any,
    ) -> Page:
        if context is None:
            context = await chromium.new_context(viewport={"width": width, "height": height}, locale=locale, **more)
            context.set_default_timeout(TIMEOUT_MS)
            contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" and not _is_refusal(m.text) else None)
        await page.goto(url)
        return page

    yield open_
    for each in contexts:
        await each.close()
    assert errors == []


@pytest.fixture(scope="session")
async def modules(chromium: Browser, shared_desk: Desk) -> AsyncIterator[Page]:
    """A page on which the scripts of the chat can be imported, for tests that only compute."""
    context = await chromium.new_context(locale="zh-CN")
    page = await context.new_page()
    await page.goto(address(shared_desk, "/healthz"))
    yield page
    await context.close()


async def log_more(desk: Desk, customer: Customer, add: Callable[[Draft, dt.datetime], object]) -> None:
    """Append to a conversation's log without the services, and wake its readers."""
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        add(draft, desk.services.now())
        await save_conversation(tx, draft)
        tx.wake(customer.id)


async def fill_log(desk: Desk, customer: Customer, count: int) -> None:
    """A history of `count` messages of customer, bot and agent in turn, of realistic length."""
    said = (
        (CUSTOMER, "昨天下午转给朋友的两千块到现在还没到账，对方说没有收到任何通知"),
        (
            BOT,
            "转账一般两小时内到账。\n1. 打开「账单」，找到这笔转账。\n2. 看状态是不是「处理中」。\n3. 以银行的时间为准。",
        ),
        (AGENT, "您好，我帮您查一下这笔转账的状态，请稍等。"),
    )

    def add(draft: Draft, now: dt.datetime) -> None:
        for number in range(count):
            by, text = said[number % len(said)]
            at = now - dt.timedelta(seconds=20 * (count - number))
            append(draft, Message(text=f"{number + 1}：{text}"), by, at)
        settle(draft, now)

    await log_more(desk, customer, add)


def settle(draft: Draft, now: dt.datetime) -> None:
    """The bot has reacted to everything in the log: it must not answer a history that a test made."""
    seq = draft.state.last_seq
    append(
        draft, Triage(turn_id=f"{draft.state.id}.{seq}", decision={"route": "chat"}, silent=False, message_seq=seq), BOT, now
    )


async def agent_writes(desk: Desk, customer: Customer, text: str) -> None:
    """A message of an agent, independent of the assignment."""
    await log_more(desk, customer, lambda draft, now: append(draft, Message(text=text), AGENT, now))


async def desk_writes(desk: Desk, customer: Customer, text: str, **data: Any) -> None:
    """A message of the desk itself."""
    body = read_body("message", 1, {"text": text, **data})
    assert isinstance(body, Message)
    await log_more(desk, customer, lambda draft, now: append(draft, body, SYSTEM, now))


def address(desk: Desk, path: str = "/?chat=open") -> str:
    """The URL of a page of the desk."""
    return str(desk.http.base_url).rstrip("/") + path


async def open_chat(
    open_page: OpenPage, desk: Desk, customer: Customer | None = None, path: str = "/?chat=open", **more: Any
) -> Page:
    """The demo page with the chat open, for the given returning customer if there is one."""
    page = await open_page(address(desk, "/healthz"), **more)
    if customer is not None:
        await page.evaluate(
            "([id, token]) => localStorage.setItem(`wallet-chat:${location.origin}:conversation`, JSON.stringify({id, token}))",
            [customer.id, customer.token],
        )
    await page.goto(address(desk, path))
    return page
