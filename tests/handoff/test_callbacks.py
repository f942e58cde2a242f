"""Call-backs: booked by customers with a confirmed number, made by agents."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import re

import aiohttp
import pytest
from aiohttp import web

from content.staffing import Hours
from handoff.conversations.rebuild import find_differences
from handoff.queue.callbacks.numbers import phone_number
from handoff.queue.callbacks.slots import slots
from handoff.queue.callbacks.text_messages import TextMessages
from handoff.queue.clocks import OpeningHours
from handoff.runtime.errors import BadInput, Unavailable
from tests.handoff.people import Customer, Json, error_code, of_type, texts
from tests.handoff.running_desk import Desk

#: A number is texted a few times an hour only, so each booking has its own.
_phones = (f"138 {number:04}-8000" for number in itertools.count())


async def first_slot(customer: Customer) -> str:
    """An early slot that is offered: the second one, because the first may be too near a moment later."""
    answer = await customer.call("GET", "/callback-slots")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["slots"][1]["id"])


async def ask(customer: Customer, phone: str | None = None, slot: str | None = None) -> Json:
    """Ask for a call-back: the answer with the code of demo mode."""
    body = {"phone": phone or next(_phones), "slot": slot or await first_slot(customer)}
    answer = await customer.call("POST", "/callback", json=body)
    assert answer.status_code == 202, answer.text
    found: Json = answer.json()
    return found


async def test_a_customer_books_a_call_and_an_agent_makes_it(desk: Desk) -> None:
    """A customer who cannot wait would not be called, or the number would stand where everybody reads it."""
    customer, agent = await desk.customer(), await desk.agent()
    code = (await ask(customer, "138 0013-8000"))["demo_code"]
    callback = (await customer.call("POST", "/callback/confirm", json={"code": code})).json()["callback"]
    assert callback["phone_last"] == "8000"
    assert (await customer.status())["callback"] == callback
    (line,) = texts(await customer.events(), "system")
    assert "尾号 8000" in line
    assert "13800138000" not in str(await desk.log(customer)).replace(" ", "")
    (listed,) = (await agent.call("GET", "/callbacks")).json()["callbacks"]
    assert (listed["id"], listed["state"], listed["phone_last"]) == (callback["id"], "later", "8000")
    answer = await agent.call("POST", f"/callbacks/{callback['id']}/phone", json={"reason": "回访"})
    assert answer.json() == {"phone": "+8613800138000"}
    desk.clock.pass_time(hours=8)
    (listed,) = (await agent.call("GET", "/callbacks")).json()["callbacks"]
    assert listed["state"] == "late"
    for expected in (204, 404):
        answer = await agent.call("POST", f"/callbacks/{callback['id']}/end", json={"how": "done"})
        assert answer.status_code == expected
    assert (await customer.status())["callback"] is None
    log = await desk.log(customer)
    (shown,) = of_type(log, "phone_shown")
    assert (shown["login"], shown["reason"]) == ("agent", "回访")
    assert [event["how"] for event in of_type(log, "callback_ended")] == ["done"]
    (owed,) = (await desk.conversation(customer)).care.obligations
    assert (owed.promise, owed.state, owed.due_at.isoformat()) == ("callback", "kept", callback["slot_to"])
    assert [each async for each in find_differences(desk.services.store)] == []


async def test_a_code_counts_a_few_tries_and_ten_minutes(desk: Desk) -> None:
    """Somebody would have the desk call a number that is not theirs."""
    customer = await desk.customer()
    code = (await ask(customer))["demo_code"]
    wrong = "000000" if code != "000000" else "111111"
    answers = [
        await customer.call("POST", "/callback/confirm", json={"code": text}) for text in (wrong, "", "x", "１２", wrong)
    ]
    assert [error_code(answer) for answer in answers] == ["callback_code_wrong"] * 5
    assert [answer.json()["error"]["left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert error_code(await customer.call("POST", "/callback/confirm", json={"code": code})) == "callback_code_expired"
    code = (await ask(customer))["demo_code"]
    desk.clock.pass_time(minutes=10, seconds=1)
    assert error_code(await customer.call("POST", "/callback/confirm", json={"code": code})) == "callback_code_expired"
    assert (await customer.status())["callback"] is None
    assert await desk.log(customer) == []
    await desk.watchdog.look_around()
    async with desk.services.store.read() as tx:
        assert await tx.value("SELECT count(*) FROM callbacks") == 0, "the number of somebody who never confirmed it"


async def test_one_call_is_booked_however_often_the_code_arrives(desk: Desk) -> None:
    """A double press would book two calls, or a second booking would silently replace the first."""
    customer, stranger = await desk.customer(), await desk.customer()
    slot = await first_slot(customer)
    code = (await ask(customer, slot=slot))["demo_code"]
    answers = await asyncio.gather(*(customer.call("POST", "/callback/confirm", json={"code": code}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert len(of_type(await desk.log(customer), "callback_booked")) == 1
    answer = await customer.call("POST", "/callback", json={"phone": next(_phones), "slot": slot})
    assert error_code(answer) == "callback_booked"
    for action in ("callback/confirm", "callback/cancel"):
        answer = await stranger.call("POST", f"/{action}", json={"code": code})
        assert error_code(answer) == "no_callback"
    assert (await customer.call("POST", "/callback/cancel")).status_code == 204
    assert (await customer.status())["callback"] is None
    assert texts(await customer.events(), "system")[-1].startswith("已取消回访")
    assert [each.state for each in (await desk.conversation(customer)).care.obligations] == ["withdrawn"]
    code = (await ask(customer, slot=slot))["demo_code"]
    answer = await customer.call("POST", "/callback/confirm", json={"code": code})
    assert answer.json()["callback"]["slot_from"] == slot


async def test_what_is_not_offered_or_no_number_is_refused(desk: Desk) -> None:
    """The desk would promise a call at night, in the past, or to a number that nobody has."""
    customer = await desk.customer()
    past = (desk.clock() - dt.timedelta(hours=2)).isoformat()
    for slot in ("", "now", past, "2099-01-01T00:00:00+00:00", "x" * 40):
        answer = await customer.call("POST", "/callback", json={"phone": next(_phones), "slot": slot})
        assert error_code(answer) == "slot_gone"
    slot = await first_slot(customer)
    for phone in ("", "110", "02012345678", "1380013800", "+8613", "abc", "+" + "1" * 16, "13800138000;ls"):
        answer = await customer.call("POST", "/callback", json={"phone": phone, "slot": slot})
        assert error_code(answer) == "bad_phone", phone
    editor = await desk.agent("editor")
    assert (await editor.call("GET", "/callbacks")).status_code == 403


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("＋86 138 0013 8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("+65 9123 4567", "+6591234567"),
    ],
)
def test_numbers_as_people_write_them(written: str, number: str) -> None:
    """A customer would be told that their number is wrong."""
    assert phone_number(written) == number


def test_landlines_of_china_get_no_text_message() -> None:
    """A code would be sent to a phone that cannot show it."""
    with pytest.raises(BadInput):
        phone_number("+862012345678")


def test_slots_lie_in_opening_hours() -> None:
    """The desk would promise a call while nobody works."""
    day = ("09:00-12:00", "13:00-18:00")
    hours = OpeningHours(Hours(zone="Asia/Shanghai", week={"mon": day, "tue": day}))
    monday = dt.datetime(2026, 11, 30, 1, 30, tzinfo=dt.UTC)  # 9:30
    found = [(hours.local(slot.begins).strftime("%a %H:%M"), slot.ends - slot.begins) for slot in slots(hours, monday)]
    expected = ["Mon 13:00", "Mon 15:00", "Tue 09:00", "Tue 13:00", "Tue 15:00", "Mon 09:00", "Mon 13:00", "Mon 15:00"]
    assert [begins for begins, _ in found] == expected
    assert {length for _, length in found} == {dt.timedelta(hours=2)}
    assert slots(OpeningHours(Hours(zone="Asia/Shanghai", week={})), monday) == []


async def test_a_gateway_gets_the_code_and_its_faults_are_said() -> None:
    """A customer would wait for a code that was never sent."""
    got: list[tuple[str | None, Json]] = []
    statuses = iter((200, 500, 302, 404))

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers.get("Authorization"), await request.json()))
        return web.Response(status=next(statuses))

    server = web.Application()
    server.router.add_post("/sms", take)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/sms"
    async with aiohttp.ClientSession() as http:
        await TextMessages(url, "key", http).send("+8613800138000", "123456")
        assert got == [("Bearer key", {"to": "+8613800138000", "text": "123456"})]
        for _ in (500, 302, 404):
            with pytest.raises(Unavailable, match="callback_unavailable"):
                await TextMessages(url, "key", http).send("+8613800138000", "123456")
        await runner.cleanup()
        with pytest.raises(Unavailable, match=re.escape("callback_unavailable")):
            await TextMessages(url, "", http).send("+8613800138000", "123456")


async def test_a_phone_is_not_flooded_with_codes(desk: Desk) -> None:
    """Anybody could have the desk send a hundred texts to somebody else's phone, at the operator's cost."""
    customers = [await desk.customer() for _ in range(4)]
    slot, answers = await first_slot(customers[0]), []
    for customer in customers:
        answers.append(await customer.call("POST", "/callback", json={"phone": "+65 9123 4567", "slot": slot}))
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert error_code(answers[-1]) == "too_many"
