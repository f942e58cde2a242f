"""Cases: opened with the customer's first sentence, and shown to the customer and to agents."""

from __future__ import annotations

import datetime as dt

from tests.handoff.fake_bot import escalates
from tests.handoff.running_desk import Desk


async def test_a_case_is_opened_for_the_first_sentence(desk: Desk) -> None:
    """The customer's rights would count from the handoff and not from their own words."""
    customer = await desk.waiting_customer(escalates(reason="security", priority="urgent"), "有一笔我没付过的钱")
    said = next(event for event in await desk.log(customer) if event["type"] == "message")
    status = await customer.status()
    case = status["case"]
    assert case["id"].startswith("C")
    assert len(case["id"]) == 8
    due = {clock["name"]: dt.datetime.fromisoformat(clock["due_at"]) for clock in case["clocks"]}
    assert due["first_word"] == dt.datetime.fromisoformat(said["at"]) + dt.timedelta(minutes=5)
    assert set(due) == {"decision", "first_word", "first_result"}
    agent = await desk.agent()
    answer = await agent.call("GET", f"/cases/{case['id']}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["t0"] == {"seq": said["seq"], "at": said["at"], "words": "有一笔我没付过的钱"}
    listed = (await agent.call("GET", "/cases")).json()
    assert [each["id"] for each in listed["cases"]] == [case["id"]]
