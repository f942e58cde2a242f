"""Customers whom the wallet's app signed: opening and joining conversations, and what a proof is worth when."""

from __future__ import annotations

import asyncio

import pytest

from handoff.conversations.rebuild import find_differences
from tests.handoff.fake_bot import answers
from tests.handoff.people import Customer, error_code, texts
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


# --- devices ---------------------------------------------------------------------------------------------------------


async def history(desk: Desk, proof: str) -> list[dict[str, object]]:
    """The conversations that a proof shows."""
    answer = await desk.http.get("/api/customer/conversations", headers={"Authorization": f"Bearer {proof}"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["conversations"]
    return found


async def further_device(desk: Desk, customer: Customer, proof: str) -> Customer:
    """The same conversation on another device."""
    url = f"/api/customer/conversations/{customer.id}/token"
    answer = await desk.http.post(url, headers={"Authorization": f"Bearer {proof}"})
    assert answer.status_code == 201, answer.text
    return Customer(desk.http, customer.id, answer.json()["token"])


async def assurance(desk: Desk, customer: Customer) -> int:
    """The assurance that counts in a conversation now."""
    identity = (await desk.conversation(customer)).care.identity
    assert identity is not None
    return identity.assurance_at(desk.clock())


async def test_the_conversations_of_a_signed_customer_follow_them_to_another_device(desk: Desk) -> None:
    """A customer with a new phone would begin again, or see what another customer wrote."""
    first, second = await signed_customer(desk), await desk.customer()
    await prove(desk, second, await demo_proof(desk))
    await signed_customer(desk, "u-1002")
    desk.bot.will(answers())
    seq = await first.say("限额是多少")
    await desk.wait_for_turn(first, seq)
    found = await history(desk, await demo_proof(desk, assurance=1))
    assert [entry["id"] for entry in found] == [second.id, first.id]
    assert found[1]["last_words"] == "限额是多少"
    assert found[1]["unread"] == len(texts(await desk.log(first), "bot")) > 0
    assert (found[1]["case"], found[1]["promise_due_at"]) == (None, None)
    other = await further_device(desk, first, await demo_proof(desk))
    await other.say("从新手机发的")
    assert texts(await first.events(), "customer") == ["限额是多少", "从新手机发的"]


async def test_history_needs_more_than_a_device(desk: Desk) -> None:
    """Whoever holds a phone that the app does not trust would read the talks of its owner, or another customer would."""
    customer = await signed_customer(desk)
    headers = {"Authorization": f"Bearer {await demo_proof(desk, assurance=0)}"}
    for method, path in (("GET", ""), ("POST", f"/{customer.id}/token")):
        answer = await desk.http.request(method, f"/api/customer/conversations{path}", headers=headers)
        assert (answer.status_code, error_code(answer)) == (403, "needs_more_assurance")
        assert answer.json()["error"]["needed"] == 1
    headers = {"Authorization": f"Bearer {await demo_proof(desk, 'u-1002')}"}
    for id_ in (customer.id, (await desk.customer()).id, "nothing"):
        answer = await desk.http.post(f"/api/customer/conversations/{id_}/token", headers=headers)
        assert (answer.status_code, error_code(answer)) == (404, "unknown_conversation")


async def test_assurance_is_of_the_device_that_acts(desk: Desk) -> None:
    """A thief's phone, or a code to return by, would act with the proof that the owner gave on another device."""
    owner = await signed_customer(desk, assurance=3)
    weak = await further_device(desk, owner, await demo_proof(desk, assurance=1))
    assert await assurance(desk, owner) == 1
    await owner.say("我是本人")
    assert await assurance(desk, owner) == 3
    await weak.say("我也是")
    assert await assurance(desk, owner) == 1
    stranger = await with_code(desk, owner)
    await stranger.say("捡到一张纸条")
    assert await assurance(desk, owner) == 0
    await owner.say("还是我")
    assert await assurance(desk, owner) == 3
    assert [each async for each in find_differences(desk.services.store)] == []


async def with_code(desk: Desk, customer: Customer) -> Customer:
    """The conversation on a device that knows the code."""
    answer = await desk.http.post(f"/api/conversations/{customer.id}/return-code", headers=bearer(customer))
    assert answer.status_code == 201, answer.text
    code = answer.json()["code"]
    answer = await desk.http.post("/api/conversations/return", json={"code": f" {code[:4].lower()}-{code[4:]} "})
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == customer.id
    return Customer(desk.http, customer.id, answer.json()["token"])


async def test_a_code_leads_back_for_a_week_until_another_one_is_made(desk: Desk) -> None:
    """A customer whose browser keeps nothing would lose the place in line, or an old note would open the talk for ever."""
    customer = await desk.customer()
    back = await with_code(desk, customer)
    assert await back.say("我回来了")
    codes = []
    for _ in range(2):
        answer = await desk.http.post(f"/api/conversations/{customer.id}/return-code", headers=bearer(back))
        codes.append(answer.json()["code"])
    answers = [await desk.http.post("/api/conversations/return", json={"code": code}) for code in codes]
    assert [answer.status_code for answer in answers] == [404, 200]
    assert codes[1] not in str(await desk.log(customer))
    desk.clock.pass_time(days=7, seconds=1)
    for code in (codes[1], "", "0" * 8, "A" * 100, "ＡＢＣＤ２３４５", "\x00" * 8):
        answer = await desk.http.post("/api/conversations/return", json={"code": code})
        assert (answer.status_code, error_code(answer)) == (404, "wrong_code"), code


async def test_signing_in_ends_what_an_anonymous_conversation_left_elsewhere(desk: Desk) -> None:
    """The computer of an internet cafe would go on reading after its guest had signed in on the phone."""
    cafe = await desk.customer()
    phone = await with_code(desk, cafe)
    answer = await desk.http.post(f"/api/conversations/{cafe.id}/return-code", headers=bearer(cafe))
    async with cafe.stream() as stream:
        await stream.next()
        assert (await prove(desk, phone, await demo_proof(desk)))[0] == 200
        with pytest.raises(AssertionError, match="the stream ended"):
            await stream.until(lambda frame: False)
    refused = await desk.http.get(f"/api/conversations/{cafe.id}", headers=bearer(cafe))
    assert (refused.status_code, error_code(refused)) == (401, "wrong_token")
    answer = await desk.http.post("/api/conversations/return", json=answer.json())
    assert answer.status_code == 404
    assert await phone.say("我在手机上")
    assert (await further_device(desk, phone, await demo_proof(desk))).id == phone.id
    assert await phone.say("手机还能用")


@pytest.mark.parametrize(
    ("lang", "locale", "written"),
    [
        ("en-GB", None, "en"),
        ("zh-TW", None, "zh-Hant"),
        ("zh-CN", None, "zh"),
        ("tlh", None, "zh"),
        ("en", "zh-Hant", "zh-Hant"),
        (None, "en", "en"),
    ],
)
async def test_the_language_of_the_app_is_the_first_language(
    desk: Desk, lang: str | None, locale: str | None, written: str
) -> None:
    """An English customer of the app would be greeted in Chinese, or a choice on the page would be overruled."""
    proof = await demo_proof(desk, **({"lang": lang} if lang else {}))
    body = {"identity": proof, **({"locale": locale} if locale else {})}
    opened = (await desk.http.post("/api/conversations", json=body)).json()
    assert (await Customer(desk.http, opened["id"], opened["token"]).status())["locale"] == written


async def test_agents_see_what_was_proven_and_what_is_not_any_more(desk: Desk) -> None:
    """An agent would act for whoever holds the customer's phone, or would not know who writes."""
    customer, guest, agent = await signed_customer(desk, assurance=3, seconds=600), await desk.customer(), await desk.agent()
    for each in (customer, guest):
        await each.ask_for_person()
    cards = {card["id"]: card["customer"] for card in (await agent.queue())["waiting"]}
    assert cards[guest.id] is None
    card = cards[customer.id]
    assert (card["subject"], card["name"], card["phone_last"]) == ("u-1001", "林晓", "4321")
    assert (card["assurance"], card["is_proven"], card["signed_assurance"]) == (3, True, 3)
    desk.clock.pass_time(seconds=601)
    card = (await agent.claim(customer))["customer"]
    assert (card["assurance"], card["is_proven"], card["signed_assurance"]) == (0, False, 3)
