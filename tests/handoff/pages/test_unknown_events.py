"""Events of an unknown type, as a newer desk writes them during an update."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.handoff.fake_bot import FakeBot, escalates
from tests.handoff.pages.conftest import OpenPage, address, agent_writes, open_chat
from tests.handoff.running_desk import Desk

#: Unknown to the page; and unknown to the desk, which then marks it as unknown.
_TO_THE_PAGE = {"type": "moon_landed"}
_TO_THE_DESK = {"type": "unknown", "name": "moon_landed", "version": 1}
_UNKNOWN = {**_TO_THE_PAGE, "at": "2026-11-30T09:00:00+00:00", "by": {"kind": "probe", "name": "Luna"}, "crater": 3}


def _with_unknown(events: list[dict[str, Any]], **changes: Any) -> list[dict[str, Any]]:
    """The events of a log with an unknown one after the first; the numbers stay without gaps."""
    first, *others = events
    seq = first["seq"]
    return [first, {**_UNKNOWN, **changes, "seq": seq + 1}, *({**event, "seq": event["seq"] + 1} for event in others)]


async def test_the_chat_ignores_an_unknown_event(desk: Desk, open_page: OpenPage) -> None:
    """During an update a customer's chat would stop, or show a meaningless line."""
    customer = await desk.customer()
    await agent_writes(desk, customer, "first")
    await agent_writes(desk, customer, "second")
    page = await open_chat(open_page, desk, customer, path="/healthz")

    async def answer(route: Route) -> None:
        """The stream with a newer desk's log."""
        events = _with_unknown(await customer.events())
        frames = [f"id: {event['seq']}\nevent: event\ndata: {json.dumps(event)}\n\n" for event in events]
        status = f"event: status\ndata: {json.dumps(await customer.status())}\n\n"
        await route.fulfill(body="".join([*frames, status]), content_type="text/event-stream")

    await page.route("**/api/conversations/*/events*", answer)
    await page.goto(address(desk))
    messages = page.get_by_test_id("chat-message")
    await expect(messages.locator(".bubble")).to_have_text(["first", "second"])
    await expect(page.get_by_test_id("chat-divider")).to_have_count(0)
    await expect(page.get_by_test_id("chat-panel")).not_to_contain_text("moon_landed")


@pytest.mark.parametrize("unknown", [_TO_THE_PAGE, _TO_THE_DESK])
async def test_an_agent_is_shown_that_there_is_an_unknown_event(
    desk: Desk, bot: FakeBot, open_page: OpenPage, unknown: dict[str, Any]
) -> None:
    """During an update an agent's transcript would stop, or hide an event."""
    bot.will(escalates("dispute", "high"))
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("扣了我两次钱"))
    page = await open_page(address(desk, "/console?lang=en"))
    await page.get_by_test_id("login-name").fill("agent")
    await page.get_by_test_id("login-password").fill("agent")

    async def answer(route: Route) -> None:
        """A newer desk's log."""
        response = await route.fetch()
        body = await response.json()
        if body["events"]:
            body["events"] = _with_unknown(body["events"], **unknown)
            body["conversation"]["last_seq"] = body["events"][-1]["seq"]
        await route.fulfill(response=response, json=body)

    await page.route(
        "**/log?after=*",
        lambda route: answer(route) if "event-stream" not in route.request.headers["accept"] else route.abort(),
    )
    await page.get_by_test_id("login-submit").click()
    await page.locator(f'[data-id="{customer.id}"]').click()
    transcript = page.get_by_test_id("transcript")
    await expect(transcript).to_contain_text("扣了我两次钱")
    await expect(transcript).to_contain_text("Unknown entry (moon_landed)")
    await expect(transcript.locator('.divider[data-type="handoff_requested"]')).to_have_count(1)
