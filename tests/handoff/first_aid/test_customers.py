"""First aid as customers meet it: offers, buttons, orders by the API, and the truth about results, with a wallet that fails."""

from __future__ import annotations

import asyncio

import pytest

from handoff.conversations.rebuild import find_differences
from tests.handoff.fake_bot import answers, escalates
from tests.handoff.first_aid.conftest import next_subject, order, states, told, victim
from tests.handoff.people import Customer, error_code, of_kind, of_type
from tests.handoff.running_desk import Desk
from tests.handoff.sample_wallet import SampleWallet
from tests.handoff.test_identity import demo_proof, prove, signed_customer

ACTIONS = ["freeze_payments", "stop_password_free", "sign_out_devices", "report_card_lost"]


async def wait_for_results(desk: Desk, customer: Customer, number: int = 1) -> None:
    """Wait until so many results stand in the log."""
    await desk.wait_for(customer, lambda events: sum(event["type"] == "first_aid_result" for event in events) >= number)


async def settle(desk: Desk) -> None:
    """What the worker does when the time of unsettled orders has come."""
    desk.clock.pass_time(seconds=30)
    await desk.services.first_aid_orders.settling.look_around()


# --- offers ---------------------------------------------------------------------------------------------------------------


async def test_a_victim_gets_the_actions_of_the_policy_as_buttons(wallet_desk: Desk) -> None:
    """A victim would wait for a person while the money leaves, or would search for what to do."""
    customer = await victim(wallet_desk, next_subject())
    kinds = [event["kind"] for event in await customer.events() if "kind" in event]
    assert kinds == ["handoff", "first_aid"]
    (offer,) = await told(customer)
    assert [button["choice"] for button in offer["buttons"]] == [f"first_aid:{action}" for action in ACTIONS]
    assert await states(customer) == dict.fromkeys(ACTIONS, "offered")


async def test_an_anonymous_victim_gets_instructions_and_no_button_that_fails(wallet_desk: Desk) -> None:
    """A stranger would tap on what cannot work, or read nothing that helps."""
    customer = await wallet_desk.waiting_customer(escalates("security", "urgent", "device_lost"))
    (offer,) = await told(customer)
    assert "buttons" not in offer
    assert "1. 冻结付款" in offer["text"]
    assert "400-000-1234" in offer["text"]
    assert set((await states(customer)).values()) == {"instruction"}
    answer = await customer.call("POST", "/first-aid", json={"action": "freeze_payments", "confirm": True, "key": "k"})
    assert (answer.status_code, error_code(answer)) == (403, "identity_needed")


async def test_too_little_assurance_says_how_to_raise_it(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A customer would tap again and again on what their session does not allow, or somebody with their phone would recall."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject, 1, intent="scam_report")
    (offer,) = await told(customer)
    assert [button["choice"] for button in offer["buttons"]] == ["first_aid:freeze_payments", "first_aid:block_payee"]
    assert "支付密码" in offer["text"]
    assert (await states(customer))["recall_transfer"] == "needs_assurance"
    answer = await customer.call("POST", "/first-aid", json={"action": "recall_transfer", "confirm": True, "key": "k"})
    assert (answer.status_code, error_code(answer)) == (403, "needs_more_assurance")
    assert await sample.actions(subject) == []
    await prove(wallet_desk, customer, await demo_proof(wallet_desk, subject, 2))
    assert (await order(customer, "recall_transfer", "k"))["state"] in ("done", "pending")


async def test_a_proof_that_expired_orders_nothing(wallet_desk: Desk, sample: SampleWallet) -> None:
    """Somebody with yesterday's session would act for the customer."""
    subject = next_subject()
    customer = await signed_customer(wallet_desk, subject, 3, seconds=60)
    wallet_desk.clock.pass_time(seconds=61)
    answer = await customer.call("POST", "/first-aid", json={"action": "freeze_payments", "confirm": True, "key": "k"})
    assert (answer.status_code, error_code(answer)) == (403, "needs_more_assurance")
    assert await sample.actions(subject) == []


async def test_an_article_that_the_policy_names_brings_an_offer(wallet_desk: Desk) -> None:
    """A customer who asks about a suspicious message would have to find the emergency freeze."""
    customer = await signed_customer(wallet_desk, next_subject())
    wallet_desk.bot.will(answers(intent="suspicious_contact"), answers(intent="fees"))
    await wallet_desk.wait_for_turn(customer, await customer.say("这个短信是真的吗"))
    (offer,) = await told(customer)
    assert offer["buttons"][0]["choice"] == "first_aid:freeze_payments"
    await wallet_desk.wait_for_turn(customer, await customer.say("手续费多少"))
    assert len(await told(customer)) == 1


async def test_a_case_that_is_no_emergency_brings_no_offer(wallet_desk: Desk) -> None:
    """Every customer who waits would be frightened."""
    customer = await wallet_desk.waiting_customer()
    assert await told(customer) == []


# --- buttons --------------------------------------------------------------------------------------------------------------


async def test_a_button_asks_and_the_confirmation_acts(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A slip of the finger would freeze the payments, or a page without first aid could not stop the money."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject)
    assert (await customer.press("first_aid:freeze_payments")).status_code == 201
    question = (await told(customer))[-1]
    assert [button["choice"] for button in question["buttons"]] == ["first_aid:freeze_payments:confirm", "first_aid:cancel"]
    assert await sample.actions(subject) == []
    await customer.press("first_aid:cancel")
    assert (await told(customer))[-1]["text"] == "好的，什么都没有改动。"
    await customer.press("first_aid:freeze_payments:confirm")  # the buttons of first aid stay open
    await wait_for_results(wallet_desk, customer)
    assert (await told(customer))[-1]["text"].startswith("付款已冻结")
    assert (await states(customer))["freeze_payments"] == "done"
    assert [each["action"] for each in await sample.actions(subject)] == ["freeze_payments"]
    assert len(wallet_desk.bot.turns) == 1  # the bot is not asked about presses
    assert [each async for each in find_differences(wallet_desk.services.store)] == []


async def test_the_question_names_the_transfer(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A customer would recall the wrong transfer, or see a stranger's full name on a shared screen."""
    customer = await victim(wallet_desk, "u-1001", intent="scam_report")
    await customer.press("first_aid:recall_transfer")
    await wallet_desk.wait_for(customer, lambda events: "哪一笔" in events[-1].get("text", ""))
    buttons = (await told(customer))[-1]["buttons"]
    assert [button["choice"] for button in buttons[:2]] == [
        "first_aid:recall_transfer:confirm:t100101",
        "first_aid:recall_transfer:confirm:t100102",
    ]
    assert "李*" in buttons[0]["label"]
    assert "¥500.00" in buttons[0]["label"]
    assert "李雷" not in str(await customer.events())
    await customer.press(buttons[1]["choice"])
    await wait_for_results(wallet_desk, customer)
    (ordered,) = await sample.actions("u-1001")
    assert ordered["transaction"] == "t100102"


async def test_two_questions_at_once_are_both_asked(wallet_desk: Desk) -> None:
    """Of two quick taps the first would be lost."""
    customer = await victim(wallet_desk, next_subject(), intent="scam_report")
    await asyncio.gather(*(customer.press(f"first_aid:{action}") for action in ("recall_transfer", "block_payee") * 2))
    await wallet_desk.wait_for(
        customer,
        lambda events: {event["action"] for event in of_type(events, "first_aid_asked")} == {"recall_transfer", "block_payee"},
    )
    assert (await wallet_desk.conversation(customer)).care.first_aid.wanted == ()


async def test_a_button_that_was_never_offered_is_refused(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A forged press would name somebody else's transfer."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject)
    answer = await customer.press("first_aid:recall_transfer:confirm:t100101")
    assert answer.status_code in (409, 422)
    assert await sample.actions(subject) == []


async def test_nothing_to_recall_is_said(wallet_desk: Desk) -> None:
    """A victim would wait for a recall that cannot come, instead of calling the police."""
    customer = await victim(wallet_desk, "u-1002", intent="scam_report")
    await customer.press("first_aid:recall_transfer")
    await wallet_desk.wait_for(customer, lambda events: "110" in events[-1].get("text", ""))
    answer = await order(customer, "recall_transfer", "k")
    assert (answer["state"], answer["why"]["code"]) == ("impossible", "nothing_there")


# --- orders by the API ----------------------------------------------------------------------------------------------------


async def test_the_same_key_gets_the_same_answer(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A retry after a lost answer would act twice."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject)
    got = await asyncio.gather(*(order(customer, "freeze_payments", "k") for _ in range(5)))
    assert got == [{"state": "done"}] * 5
    assert await order(customer, "freeze_payments", "other-tab") == {"state": "done"}
    assert len(await sample.actions(subject)) == 1
    assert len([event for event in await told(customer) if "已冻结" in event["text"]]) == 1
    answer = await customer.call("POST", "/first-aid", json={"action": "sign_out_devices", "confirm": True, "key": "k"})
    assert (answer.status_code, error_code(answer)) == (409, "key_reused")


BAD = [
    ({"action": "freeze_payments", "key": "k"}, 409),  # not confirmed
    ({"action": "freeze_payments", "confirm": "yes", "key": "k"}, 422),
    ({"action": "freeze_payments", "confirm": True}, 422),
    ({"action": "freeze_payments", "confirm": True, "key": ""}, 422),
    ({"action": "freeze_payments", "confirm": True, "key": "x" * 101}, 422),
    ({"action": "unfreeze_payments", "confirm": True, "key": "k"}, 422),  # only people reverse
    ({"action": "take_all", "confirm": True, "key": "k"}, 422),
    ({"action": "recall_transfer", "confirm": True, "key": "k", "transaction": "../u-1001"}, 422),
    ({"action": "recall_transfer", "confirm": True, "key": "k", "transaction": "t1", "payee": "p1"}, 422),
    ([], 422),
]


@pytest.mark.parametrize(("body", "status"), BAD)
async def test_bad_input_orders_nothing(wallet_desk: Desk, sample: SampleWallet, body: object, status: int) -> None:
    """A broken or hostile page would act for the customer."""
    subject = next_subject()
    customer = await signed_customer(wallet_desk, subject)
    answer = await customer.call("POST", "/first-aid", json=body)
    assert answer.status_code == status, answer.text
    assert await sample.actions(subject) == []


async def test_another_customers_transfer_is_not_recalled(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A customer would take back money that somebody else sent."""
    customer = await signed_customer(wallet_desk, next_subject())
    answer = await order(customer, "recall_transfer", "k", transaction="t100101")
    assert answer["state"] == "impossible"


async def test_a_stranger_with_the_id_orders_nothing(wallet_desk: Desk) -> None:
    """Who knows the number of a conversation would freeze its customer's account."""
    customer = await signed_customer(wallet_desk, next_subject())
    stranger = Customer(wallet_desk.http, customer.id, "wrong")
    answer = await stranger.call("POST", "/first-aid", json={"action": "freeze_payments", "confirm": True, "key": "k"})
    assert (answer.status_code, error_code(answer)) == (401, "wrong_token")


# --- a wallet that fails ----------------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_asked_for(wallet_desk: Desk, sample: SampleWallet) -> None:
    """The desk would say that nothing was done although the payments are frozen, or freeze them twice."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject)
    await sample.switch(fail_after=1)
    assert await order(customer, "freeze_payments", "k") == {"state": "done"}
    assert len(await sample.actions(subject)) == 1


async def test_an_order_that_never_arrived_is_sent_again(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A fault of a second would cost the customer the freeze."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject)
    await sample.switch(fail_before=1)
    assert await order(customer, "freeze_payments", "k") == {"state": "done"}
    assert len(await sample.actions(subject)) == 1


async def test_what_is_not_known_is_not_called_done_and_a_person_comes(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A victim would believe in a freeze that never was; with a bot alone, nobody would ever look."""
    subject = next_subject()
    customer = await signed_customer(wallet_desk, subject)
    await sample.switch(status=503)
    assert await order(customer, "freeze_payments", "k") == {"state": "unknown"}
    assert (await states(customer))["freeze_payments"] == "unknown"
    status = await customer.status()
    assert (status["status"], status["reason"], status["priority"]) == ("queued", "security", "urgent")
    said = (await told(customer))[0]["text"]
    assert "请先当作没有办成" in said
    assert not [event for event in await told(customer) if "付款已冻结" in event["text"]]
    await sample.switch()
    wallet_desk.services.wallet.breaker.succeeded()
    await settle(wallet_desk)
    assert (await states(customer))["freeze_payments"] == "done"
    assert (await told(customer))[-1]["text"].startswith("付款已冻结")
    assert len(await sample.actions(subject)) == 1


async def test_an_old_wish_is_not_carried_out_later(wallet_desk: Desk, sample: SampleWallet) -> None:
    """Payments would freeze out of the blue an hour after the customer gave up; or "unknown" would stand for ever."""
    subject = next_subject()
    customer = await victim(wallet_desk, subject)
    await sample.switch(status=503)
    await order(customer, "freeze_payments", "k")
    await sample.switch()
    wallet_desk.services.wallet.breaker.succeeded()
    wallet_desk.clock.pass_time(minutes=11)
    await settle(wallet_desk)
    assert (await states(customer))["freeze_payments"] == "impossible"
    assert await sample.actions(subject) == []
    await prove(wallet_desk, customer, await demo_proof(wallet_desk, subject, 2))
    assert await order(customer, "freeze_payments", "again") == {"state": "done"}


async def test_a_pending_recall_ends(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A customer would never learn what the bank answered."""
    customer = await signed_customer(wallet_desk, "u-1004")
    assert await order(customer, "recall_transfer", "k", transaction="t100401") == {
        "state": "pending",
        "why": {"code": "bank_was_asked", "zh": "已向银行发出撤回请求，等银行答复。", "en": "The bank was asked to recall it."},
    }
    assert "已经受理" in (await told(customer))[-1]["text"]
    assert (await states(customer))["recall_transfer"] == "pending"


async def test_the_wallet_is_away_when_the_question_is_owed(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A customer who taps would look at a page on which nothing happens."""
    customer = await signed_customer(wallet_desk, next_subject())
    wallet_desk.bot.will(answers(intent="suspicious_contact"))
    await wallet_desk.wait_for_turn(customer, await customer.say("对方让我转账，转了"))
    await sample.switch(status=503)
    answer = await customer.call("POST", "/first-aid", json={"action": "recall_transfer", "confirm": True, "key": "k"})
    assert (answer.status_code, error_code(answer)) == (503, "wallet_away")
    victim_ = await victim(wallet_desk, next_subject(), intent="scam_report")
    await victim_.press("first_aid:recall_transfer")
    await wallet_desk.wait_for(victim_, lambda events: "暂时查不到" in events[-1].get("text", ""))


async def test_english_customers_read_english(wallet_desk: Desk) -> None:
    """A victim would not understand what they confirm."""
    proof = await demo_proof(wallet_desk, next_subject())
    opened = await wallet_desk.http.post("/api/conversations", json={"locale": "en", "identity": proof})
    customer = Customer(wallet_desk.http, opened.json()["id"], opened.json()["token"])
    assert (await customer.status())["first_aid"][0]["label"] == "Freeze payments"
    assert of_kind(await customer.events(), "first_aid") == []
