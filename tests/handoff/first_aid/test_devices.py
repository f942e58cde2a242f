"""An order and a look-up count the proof of the device that asks, not the best one of the conversation."""

from __future__ import annotations

from tests.handoff.first_aid.conftest import next_subject, order
from tests.handoff.people import error_code
from tests.handoff.running_desk import Desk
from tests.handoff.sample_wallet import SampleWallet
from tests.handoff.test_identity import demo_proof, further_device, signed_customer, with_code


async def test_another_device_acts_with_its_own_proof_only(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A note with a code, or a stolen phone, would move money with the proof that the owner gave at home."""
    subject = next_subject()
    owner = await signed_customer(wallet_desk, subject, 3)
    weak = await further_device(wallet_desk, owner, await demo_proof(wallet_desk, subject, 1))
    await owner.say("我的转账到了吗")
    stranger = await with_code(wallet_desk, owner)
    for device, action in ((weak, "recall_transfer"), (stranger, "recall_transfer"), (stranger, "freeze_payments")):
        answer = await device.call("POST", "/first-aid", json={"action": action, "confirm": True, "key": f"k{action}"})
        assert (answer.status_code, error_code(answer)) == (403, "needs_more_assurance")
    assert await sample.actions(subject) == []
    known = []
    for device in (owner, weak, stranger):
        await wallet_desk.wait_for_turn(device, await device.say("查一下我的余额和转账"))
        known.append(wallet_desk.bot.turns[-1]["context"]["customer"])
    assert known == [{"subject": subject, "assurance": assurance} for assurance in (3, 1, 0)]
    assert (await order(owner, "freeze_payments", "mine"))["state"] == "done"
