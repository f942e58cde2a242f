"""Customers whom the wallet's app signed: opening and joining conversations, and what a proof is worth when."""

from __future__ import annotations

import asyncio

from handoff.conversations.rebuild import find_differences
from tests.handoff.people import Customer, error_code
from tests.handoff.running_desk import Desk


async def demo_proof(desk: Desk, subject: str = "u-1001", assurance: int = 2, **more: object) -> str:
    """A proof of the demo app."""
    answer = await desk.http.get("/demo/identity", params={"subject": subject, "assurance": assurance, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["identity"])


async def signed_customer(desk: Desk, subject: str = "u-1001", assurance: int = 2, **more: object) -> Customer:
    """A customer who opened a conversation with a proof."""
    proof = await demo_proof(desk, subject, assurance, **more)
    answer = await desk.http.post("/api/conversations", headers={"Authorization": f"Bearer {proof}"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["identity"] == {"subject": subject, "assurance": assurance}
    return Customer(desk.http, answer.json()["id"], answer.json()["token"])


async def prove(desk: Desk, customer: Customer, proof: str) -> tuple[int, object]:
    """Join a conversation, or renew a proof: the status, and the identity or the error's code."""
    headers = {"Authorization": f"Bearer {customer.token}"}
    answer = await desk.http.post(f"/api/conversations/{customer.id}/identity", json={"identity": proof}, headers=headers)
    return answer.status_code, answer.json()["identity"] if answer.status_code == 200 else error_code(answer)


async def test_a_proof_opens_a_conversation_of_its_customer(desk: Desk) -> None:
    """A signed-in customer would be a stranger to the bot and to the agents."""
    customer = await signed_customer(desk, phone_last="1001", name="李 明")
    identity = (await desk.conversation(customer)).care.identity
    assert identity is not None
    assert (identity.subject, identity.name, identity.phone_last) == ("u-1001", "李 明", "1001")
    assert identity.assurance_at(desk.clock()) == 2
    answer = await desk.http.post("/api/conversations", json={"identity": await demo_proof(desk, "u-1002", 3)})
    assert answer.json()["identity"] == {"subject": "u-1002", "assurance": 3}
    assert [event["type"] for event in await desk.log(customer)] == ["identified"]
    assert "u-1001" not in (await desk.http.get(f"/api/conversations/{customer.id}/events", headers=bearer(customer))).text


def bearer(customer: Customer) -> dict[str, str]:
    """The header with a conversation's token."""
    return {"Authorization": f"Bearer {customer.token}"}


async def test_an_anonymous_conversation_is_joined_and_a_proof_renewed(desk: Desk) -> None:
    """A customer who signs in during the talk would have to begin again, or could never prove more than at first."""
    customer = await desk.customer()
    assert await prove(desk, customer, await demo_proof(desk, assurance=1)) == (200, {"subject": "u-1001", "assurance": 1})
    assert await prove(desk, customer, await demo_proof(desk, assurance=3)) == (200, {"subject": "u-1001", "assurance": 3})
    identity = (await desk.conversation(customer)).care.identity
    assert identity is not None
    assert identity.assurance_at(desk.clock()) == 3
    assert [each async for each in find_differences(desk.services.store)] == []


async def test_an_expired_proof_counts_for_nothing_until_the_app_signs_again(desk: Desk) -> None:
    """A phone that was unlocked yesterday would still move money today."""
    customer, proof = await signed_customer(desk, seconds=60), await demo_proof(desk, seconds=60)
    desk.clock.pass_time(seconds=61)
    identity = (await desk.conversation(customer)).care.identity
    assert identity is not None
    assert identity.assurance_at(desk.clock()) == 0
    assert await prove(desk, customer, proof) == (401, "invalid_identity")
    assert await prove(desk, customer, await demo_proof(desk)) == (200, {"subject": "u-1001", "assurance": 2})


async def test_of_two_customers_who_join_at_once_one_gets_the_conversation(desk: Desk) -> None:
    """A conversation would belong to two customers, or to whoever came last."""
    customer = await desk.customer()
    proofs = [await demo_proof(desk, subject) for subject in ("u-1001", "u-1002")]
    answers = await asyncio.gather(*(prove(desk, customer, proof) for proof in proofs * 3))
    assert sorted({status for status, _ in answers}) == [200, 409]
    (winner,) = {found["subject"] for status, found in answers if status == 200 and isinstance(found, dict)}
    assert {found for status, found in answers if status == 409} == {"identity_mismatch"}
    identity = (await desk.conversation(customer)).care.identity
    assert identity is not None
    assert identity.subject == winner
