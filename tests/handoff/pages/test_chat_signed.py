"""The chat of a signed-in customer: whose conversation it shows, on which devices, first aid with a wallet, and pictures."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.handoff.fake_bot import escalates
from tests.handoff.first_aid.conftest import (  # noqa: F401 - fixtures
    first_aid_models,
    next_subject,
    running_desk,
    running_wallet,
    sample,
    states,
    victim,
    wallet_database,
    wallet_desk,
)
from tests.handoff.hostile_pictures import picture
from tests.handoff.pages.conftest import OpenPage, address, open_chat
from tests.handoff.people import DEADLINE_SECONDS, Customer, of_type
from tests.handoff.running_desk import Desk
from tests.handoff.sample_wallet import SampleWallet
from tests.handoff.test_identity import demo_proof, signed_customer

STOLEN = escalates("security", "urgent", intent="unauthorized_transaction")
STORED = "Object.entries({...localStorage, ...sessionStorage}).filter(([key]) => key.startsWith('wallet-chat:')).map(String)"


def signed(desk: Desk, subject: str, path: str = "/?chat=open") -> str:
    """The demo page with a customer signed in."""
    return address(desk, f"{path}&as={subject}")


async def credentials(page: Page) -> dict[str, Any]:
    """What the browser keeps of its conversation."""
    kept = await page.evaluate("localStorage.getItem(`wallet-chat:${location.origin}:conversation`)")
    found: dict[str, Any] = json.loads(kept or "{}")
    return found


async def say(page: Page, text: str) -> None:
    """Send a message."""
    await page.get_by_test_id("chat-input").fill(text)
    await page.get_by_test_id("chat-input").press("Enter")


async def test_another_customer_in_the_same_browser_starts_anew(desk: Desk, open_page: OpenPage) -> None:
    """On a shared phone one customer would read what the other wrote about their money, or write in their name."""
    one, other = next_subject(), next_subject()
    page = await open_page(signed(desk, one))
    await say(page, "我的卡号后四位是 1234，转账没到")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    kept = await credentials(page)
    assert kept["subject"] == one
    await page.get_by_test_id("chat-input").fill("还没发出去的话")
    proof = await demo_proof(desk, other)
    await page.evaluate("(proof) => { document.querySelector('wallet-chat').identity = proof; }", proof)
    await expect(page.get_by_text("转账没到")).to_have_count(0)
    await expect(page.get_by_test_id("chat-sos")).to_be_visible()
    await expect(page.get_by_test_id("chat-input")).to_have_value("")
    left = str(await page.evaluate(STORED))
    assert kept["token"] not in left
    assert "还没发出去的话" not in left
    await say(page, "优惠券用不了")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    assert (await credentials(page))["subject"] == other
    await page.evaluate("document.querySelector('wallet-chat').identity = null")
    await expect(page.get_by_test_id("chat-message")).to_have_count(0)
    assert await credentials(page) == {}


async def test_an_anonymous_conversation_joins_who_signs_in_and_other_tabs_follow(desk: Desk, open_page: OpenPage) -> None:
    """A customer who signs in would have to tell everything again, or a second tab would go on as somebody else."""
    subject = next_subject()
    page = await open_page(address(desk))
    await say(page, "转账没到")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    kept = await credentials(page)
    proof = await demo_proof(desk, subject)
    await page.evaluate("(proof) => document.querySelector('wallet-chat').setAttribute('identity', proof)", proof)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await credentials(page)) != {**kept, "subject": subject}:
            await asyncio.sleep(0.05)
    await expect(page.get_by_text("转账没到").first).to_be_visible()
    tab = await open_page(signed(desk, subject), context=page.context)
    await expect(tab.get_by_test_id("chat-message").first).to_contain_text("转账没到")
    third = await open_page(signed(desk, next_subject()), context=page.context)
    await expect(third.get_by_test_id("chat-sos")).to_be_visible()
    await expect(page.get_by_test_id("chat-message")).to_have_count(0)
    await expect(tab.get_by_test_id("chat-message")).to_have_count(0)


async def test_a_signed_in_customer_goes_on_on_another_device(desk: Desk, open_page: OpenPage) -> None:
    """A customer who changes from the phone to the computer would wait a second time, or lose what was said before."""
    subject = next_subject()
    past = await signed_customer(desk, subject)
    await desk.wait_for_turn(past, await past.say("转账没到"))
    page = await open_page(signed(desk, subject), width=360, height=740)
    await expect(page.get_by_test_id("chat-mine")).to_contain_text("我的会话")
    await page.get_by_test_id("chat-earlier").first.click()
    await expect(page.get_by_test_id("chat-message").first).to_contain_text("转账没到")
    assert (await credentials(page))["id"] == past.id
    waiting = await signed_customer(desk, subject)
    desk.bot.will(STOLEN)
    await waiting.say("有一笔我没付过的钱")
    await desk.wait_for(waiting, lambda events: bool(of_type(events, "handoff_requested")))
    other = await open_page(signed(desk, subject, "/?x=1"), width=360, height=740)
    await expect(other.get_by_test_id("chat-launcher")).to_contain_text("排队第 1 位")


async def test_a_refused_proof_does_not_keep_a_customer_out(desk: Desk, open_page: OpenPage) -> None:
    """A victim whose app sends an expired proof could not write at all."""
    desk.bot.will(STOLEN)
    proof = await demo_proof(desk, next_subject())
    page = await open_page(address(desk))
    forged = proof[: proof.rindex(".")] + ".AAAA"
    await page.evaluate("(proof) => { document.querySelector('wallet-chat').identity = proof; }", forged)
    await page.get_by_test_id("chat-emergency").click()
    await expect(page.get_by_test_id("chat-status")).to_have_attribute("data-priority", "urgent")
    assert (await credentials(page))["subject"] is None


async def test_payments_are_frozen_with_one_tap_and_a_confirmation(
    wallet_desk: Desk,  # noqa: F811
    sample: SampleWallet,  # noqa: F811
    open_page: OpenPage,
) -> None:
    """A victim would be told "done" when it is not, or an order would be lost or doubled by a bad connection."""
    desk, subject = wallet_desk, next_subject()
    page = await open_page(signed(desk, subject), width=360, height=740)
    desk.bot.will(STOLEN)
    await page.get_by_test_id("chat-sos-freeze").click()
    confirm = page.get_by_test_id("chat-aid-confirm")
    await expect(confirm).to_be_focused()
    lost: list[str] = []

    async def lose(route: Route) -> None:
        """The order reaches the desk, and its answer does not reach the page."""
        body = route.request.post_data_json
        assert body is not None
        lost.append(body["key"])
        await route.fetch()
        await route.abort()

    await page.route("**/first-aid", lose, times=3)
    await confirm.click()
    entry = page.locator("[data-testid=chat-aid-entry][data-action=freeze_payments]")
    await expect(entry).to_have_attribute("data-state", "done")
    await page.unroute("**/first-aid")
    await expect(entry).to_contain_text("已办好")
    assert [action["action"] for action in await sample.actions(subject)] == ["freeze_payments"]
    assert len(set(lost)) == 1, "a retry was another order"
    await page.reload()
    await expect(entry).to_have_attribute("data-state", "done")


async def test_a_press_after_a_reload_repeats_the_order(
    wallet_desk: Desk,  # noqa: F811
    sample: SampleWallet,  # noqa: F811
    open_page: OpenPage,
) -> None:
    """A page that was reloaded while the desk did not answer would order a second time."""
    desk, subject = wallet_desk, next_subject()
    customer = await victim(desk, subject)
    page = await open_chat(open_page, desk, customer, path=f"/?chat=open&as={subject}")
    keys: list[str] = []

    async def away(route: Route) -> None:
        body = route.request.post_data_json
        assert body is not None
        keys.append(body["key"])
        await route.abort()

    await page.route("**/first-aid", away)
    for number in range(2):
        await page.locator("[data-testid=chat-aid][data-action=sign_out_devices]").click()
        await page.get_by_test_id("chat-aid-confirm").click()
        await expect(page.get_by_test_id("chat-first-aid")).to_contain_text("不知道有没有办成")
        assert (await states(customer))["sign_out_devices"] == "offered"
        if number == 0:
            await page.reload()
    assert len(set(keys)) == 1


async def test_pictures_are_shown_before_they_are_sent_and_after(desk: Desk, open_page: OpenPage) -> None:
    """A customer would send the wrong screenshot, or not learn why one does not go through."""
    page = await open_page(signed(desk, next_subject()), width=360, height=740)
    await say(page, "付款失败了")
    await expect(page.get_by_test_id("chat-article")).to_be_visible()
    good = {"name": "screen.png", "mimeType": "image/png", "buffer": picture()}
    await page.get_by_test_id("chat-picture-input").set_input_files(
        [good, {"name": "page.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}]
    )
    await expect(page.get_by_test_id("chat-picture-problem")).to_contain_text("只能发图片")
    await page.get_by_test_id("chat-picture-input").set_input_files(
        {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n nothing"}
    )
    await expect(page.get_by_test_id("chat-picture-problem")).to_contain_text("broken.png 图片打不开")
    await page.get_by_test_id("chat-picture-send").click()
    shown = page.get_by_test_id("chat-picture").locator("canvas")
    await expect(shown).to_be_visible()
    assert await shown.evaluate(
        "canvas => canvas.width > 0 && canvas.getContext('2d').getImageData(0, 0, 1, 1).data[3] === 255"
    )
    await expect(page.get_by_test_id("chat-tray").locator(".thumb-one")).to_have_count(0)
    await page.evaluate(
        """async (bytes) => {
          const file = new File([new Uint8Array(bytes)], 'pasted.png', {type: 'image/png'});
          const data = new DataTransfer();
          data.items.add(file);
          const root = document.querySelector('wallet-chat').shadowRoot;
          for (const [type, field] of [['paste', 'clipboardData'], ['drop', 'dataTransfer']]) {
            const event = new Event(type, {bubbles: true, cancelable: true, composed: true});
            Object.defineProperty(event, field, {value: data});
            root.querySelector('.composer-input').dispatchEvent(event);
          }
        }""",
        list(picture(size=(30, 20))),
    )
    await expect(page.get_by_test_id("chat-tray").locator(".thumb-one")).to_have_count(2)
    await page.route("**/attachments", lambda route: route.abort(), times=2)
    await page.get_by_test_id("chat-picture-send").click()
    await expect(page.get_by_test_id("chat-picture-problem")).to_contain_text("没有发送成功")
    await page.get_by_test_id("chat-picture-send").click()
    await expect(page.get_by_test_id("chat-picture")).to_have_count(3)
    kept = await credentials(page)
    customer = Customer(desk.http, kept["id"], kept["token"])
    assert len(of_type(await customer.events(), "attached")) == 3
