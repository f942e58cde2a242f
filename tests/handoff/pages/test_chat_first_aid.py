"""First aid in the chat, by the buttons of the desk's messages alone: a page that knows nothing of first aid can do it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.handoff.fake_bot import escalates
from tests.handoff.first_aid.conftest import (  # noqa: F401  fixtures
    first_aid_models,
    next_subject,
    running_desk,
    running_wallet,
    sample,
    wallet_database,
    wallet_desk,
)
from tests.handoff.pages.conftest import OpenPage, address
from tests.handoff.running_desk import Desk
from tests.handoff.sample_wallet import SampleWallet
from tests.handoff.test_identity import demo_proof


async def test_a_victim_freezes_the_payments_with_two_taps(
    wallet_desk: Desk,  # noqa: F811
    sample: SampleWallet,  # noqa: F811
    open_page: OpenPage,
) -> None:
    """A victim would see buttons on which nothing happens, or would read "done" before the wallet said so."""
    subject = next_subject()
    wallet_desk.bot.will(escalates("security", "urgent", "unauthorized_transaction"))
    proof = await demo_proof(wallet_desk, subject)
    page = await open_page(address(wallet_desk), width=360, height=740)
    await page.evaluate("proof => { document.querySelector('wallet-chat').identity = proof; }", proof)
    await page.get_by_test_id("chat-input").fill("有一笔我没付过的钱")
    await page.get_by_test_id("chat-input").press("Enter")
    said, buttons = page.get_by_test_id("chat-message"), page.get_by_test_id("chat-choice")
    # While the chat's own card of first aid is open, the message's buttons would be the same ones twice.
    await page.get_by_test_id("chat-first-aid").get_by_role("button", name="收起").click()
    await buttons.filter(has_text="冻结付款").click()
    await expect(said.filter(has_text="确认冻结付款吗")).to_be_visible()
    assert await sample.actions(subject) == []
    await buttons.filter(has_text="确认冻结").click()
    await expect(said.filter(has_text="付款已冻结")).to_be_visible()
    assert [each["action"] for each in await sample.actions(subject)] == ["freeze_payments"]
