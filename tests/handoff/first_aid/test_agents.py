"""First aid by people of the desk: a reason, a second person for what is heavy, and reversals that only people make."""

from __future__ import annotations

import asyncio

from tests.handoff.first_aid.conftest import next_subject, order, states, told, victim
from tests.handoff.people import Agent, Customer, Json, error_code
from tests.handoff.running_desk import Desk
from tests.handoff.sample_wallet import SampleWallet


def wish(action: str, key: str = "k", **more: object) -> Json:
    """The body of an agent's order."""
    return {"action": action, "key": key, "reason": "客户在电话里要求", **more}


async def post(agent: Agent, customer: Customer, body: Json) -> tuple[int, Json]:
    """Order for a customer: status and answer."""
    answer = await agent.act(customer, "first-aid/agent", body)
    return answer.status_code, dict(answer.json())


async def decide(agent: Agent, customer: Customer, key: str, how: str) -> tuple[int, str]:
    """Decide about a proposal: status, and the state or the error's code."""
    answer = await agent.act(customer, f"first-aid/proposals/{key}/{how}")
    return answer.status_code, answer.json()["state"] if answer.status_code == 200 else error_code(answer)


async def test_an_agent_stops_the_money_with_a_reason(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A victim who cannot tap would have to wait for a colleague, or nobody would know why payments were frozen."""
    subject, agent = next_subject(), await wallet_desk.agent()
    customer = await victim(wallet_desk, subject)
    assert (await post(agent, customer, wish("freeze_payments")))[0] == 409  # not claimed
    await agent.claim(customer)
    assert (await post(agent, customer, wish("freeze_payments", reason=" ")))[0] == 422
    assert await post(agent, customer, wish("freeze_payments")) == (200, {"state": "done"})
    assert await post(agent, customer, wish("freeze_payments")) == (200, {"state": "done"})
    assert len(await sample.actions(subject)) == 1
    assert (await told(customer))[-1]["text"].startswith("付款已冻结")
    (requested,) = [event for event in await agent.log(customer) if event["type"] == "first_aid_requested"]
    assert (requested["login"], requested["reason"]) == ("agent", "客户在电话里要求")
    seen = next(event for event in await customer.events() if event["type"] == "first_aid_requested")
    assert not {"login", "reason", "subject", "wallet_key"} & set(seen)


async def test_a_heavy_action_waits_for_another_person(wallet_desk: Desk, sample: SampleWallet) -> None:
    """One agent, or one stolen session of an agent, could take money back alone."""
    subject, agent, colleague = next_subject(), await wallet_desk.agent(), await wallet_desk.agent("agent2")
    customer = await victim(wallet_desk, subject)
    await agent.claim(customer)
    (newest, *_) = [each for each in await wallet_desk.services.wallet.transactions(subject) if each.is_under_way]
    assert (await post(agent, customer, wish("recall_transfer")))[0] == 422  # which one?
    status, answer = await post(agent, customer, wish("recall_transfer", transaction=newest.id))
    assert (status, answer["state"]) == (202, "proposed")
    key = answer["proposal"]["key"]
    assert (await post(agent, customer, wish("recall_transfer", transaction=newest.id)))[1]["proposal"]["key"] == key
    assert await sample.actions(subject) == []
    assert (await agent.call("GET", "/first-aid/proposals")).json() == {"proposals": []}  # one's own
    (listed,) = (await colleague.call("GET", "/first-aid/proposals")).json()["proposals"]
    assert (listed["conversation_id"], listed["key"], listed["reason"]) == (customer.id, key, "客户在电话里要求")
    assert await decide(agent, customer, key, "approve") == (409, "same_person")
    results = await asyncio.gather(*(decide(colleague, customer, key, "approve") for _ in range(3)))
    assert [status for status, _ in results].count(200) == 1
    (done,) = await sample.actions(subject)
    assert (done["action"], done["transaction"]) == ("recall_transfer", newest.id)
    assert (await colleague.call("GET", "/first-aid/proposals")).json() == {"proposals": []}


async def test_a_rejected_or_old_proposal_does_nothing(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A consent would come after the matter is settled."""
    subject, agent, colleague = next_subject(), await wallet_desk.agent(), await wallet_desk.agent("agent2")
    customer = await victim(wallet_desk, subject)
    await agent.claim(customer)
    await order(customer, "freeze_payments", "mine")
    key = (await post(agent, customer, wish("unfreeze_payments")))[1]["proposal"]["key"]
    assert await decide(colleague, customer, key, "reject") == (200, "rejected")
    assert await decide(colleague, customer, key, "approve") == (404, "unknown_proposal")
    key = (await post(agent, customer, wish("unfreeze_payments", "k2")))[1]["proposal"]["key"]
    wallet_desk.clock.pass_time(minutes=121)
    assert await decide(await wallet_desk.agent("agent2"), customer, key, "approve") == (409, "proposal_is_over")
    assert [each["action"] for each in await sample.actions(subject)] == ["freeze_payments"]


async def test_only_people_undo_and_the_customer_reads_it(wallet_desk: Desk, sample: SampleWallet) -> None:
    """A fraudster with the customer's phone would lift the freeze, or the status would still say frozen."""
    subject, agent, colleague = next_subject(), await wallet_desk.agent(), await wallet_desk.agent("agent2")
    customer = await victim(wallet_desk, subject)
    await order(customer, "freeze_payments", "mine")
    await agent.claim(customer)
    key = (await post(agent, customer, wish("unfreeze_payments")))[1]["proposal"]["key"]
    assert await decide(colleague, customer, key, "approve") == (200, "done")
    assert (await states(customer))["freeze_payments"] == "undone"
    assert "解除" in (await told(customer))[-1]["text"]
    assert (await wallet_desk.services.wallet.account(subject)).standing == "active"
    assert (await order(customer, "freeze_payments", "once-more"))["state"] == "done"
    assert (await wallet_desk.services.wallet.account(subject)).standing == "frozen"


async def test_customer_and_agent_at_once(wallet_desk: Desk, sample: SampleWallet) -> None:
    """The wallet would act twice, or the second of them would read an error in an emergency."""
    subject, agent = next_subject(), await wallet_desk.agent()
    customer = await victim(wallet_desk, subject)
    await agent.claim(customer)
    mine, (status, theirs) = await asyncio.gather(
        order(customer, "freeze_payments", "mine"), post(agent, customer, wish("freeze_payments"))
    )
    assert (mine, status, theirs) == ({"state": "done"}, 200, {"state": "done"})
    assert len(await sample.actions(subject)) == 1


async def test_nothing_is_ordered_for_a_customer_whom_nobody_signed(wallet_desk: Desk) -> None:
    """Whoever tells an agent an account number would have that account frozen."""
    agent = await wallet_desk.agent()
    customer = await wallet_desk.waiting_customer()
    await agent.claim(customer)
    status, answer = await post(agent, customer, wish("freeze_payments"))
    assert (status, answer["error"]["code"]) == (409, "anonymous_customer")


async def test_who_may_not_read_may_not_order(wallet_desk: Desk) -> None:
    """Any account could act in any conversation."""
    agent, colleague = await wallet_desk.agent(), await wallet_desk.agent("agent2")
    customer = await victim(wallet_desk, next_subject())
    await agent.claim(customer)
    status, answer = await post(colleague, customer, wish("freeze_payments"))
    assert (status, answer["error"]["code"]) == (403, "reason_needed")
    assert (await colleague.call("GET", f"/conversations/{customer.id}/first-aid/agent")).status_code == 403
    editor = await wallet_desk.agent("editor")
    assert (await post(editor, customer, wish("freeze_payments")))[0] == 403
    foreign = Agent(agent.http, agent.login, agent.name, "x")
    foreign.headers = {**agent.headers, "Origin": "https://evil.example"}
    status, answer = await post(foreign, customer, wish("freeze_payments"))
    assert (status, answer["error"]["code"]) == (403, "wrong_origin")


async def test_what_an_agent_sees(wallet_desk: Desk) -> None:
    """An agent would not know what can be ordered, what needs a colleague, and what the customer ordered already."""
    agent = await wallet_desk.agent()
    customer = await victim(wallet_desk, next_subject())
    await order(customer, "stop_password_free", "mine")
    found = (await agent.call("GET", f"/conversations/{customer.id}/first-aid/agent")).json()
    assert found["able"] is True
    heavy = {each["action"] for each in found["actions"] if each["needs_second_person"]}
    assert heavy == {"recall_transfer", "unfreeze_payments", "reactivate_card", "unblock_payee", "allow_password_free"}
    (ordered,) = found["orders"]
    assert (ordered["action"], ordered["state"], ordered["login"]) == ("stop_password_free", "done", None)
