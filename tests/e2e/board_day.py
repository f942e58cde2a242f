"""Four hours of a desk with customers and agents, through the desk's own API, with its clock set back and moved on."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random

from handoff.accounts.store import find_agent, save_agent
from tests.e2e.page_desk import PageDesk
from tests.handoff.fake_bot import escalates
from tests.handoff.people import Agent, Customer
from tests.handoff.running_desk import Desk

_PEOPLE = {"lin": "林静", "zhou": "周航", "chen": "陈思远", "wu": "吴倩", "zheng": "郑浩", "wang": "王蕾", "feng": "冯磊"}
_STEPS, _STEP_MINUTES, _PRESENT_MINUTES = 46, 5, 7
#: Reason, priority, topic, words, further fields of the decision.
_MATTERS = (
    ("dispute", "high", "duplicate_charge", "同一笔订单扣了我两次钱", {"amount_cny": 358.5}),
    ("dispute", "high", "refund_status", "退款说好三天到，一周了还没到", {"amount_cny": 1299}),
    ("complex_technical", "normal", "app_problem", "更新以后一打开就闪退", {}),
    ("user_request", "normal", "transfer_delay", "转账两个小时了还没到账，帮我查一下", {"amount_cny": 2000}),
    ("large_transaction", "high", "payment_limit", "要转八万给装修公司，提示要核实", {"amount_cny": 80_000}),
    ("security", "urgent", "scam_report", "我被骗了两万，对方说是客服", {"amount_cny": 20_000}),
)


async def staff(desk: Desk) -> list[Agent]:
    """Seven agents with accounts, who are there."""
    async with desk.services.store.begin() as tx:
        model = await find_agent(tx, "agent")
        assert model is not None
        for login, name in _PEOPLE.items():
            await save_agent(tx, dataclasses.replace(model, login=login, name=name, load=0), "not a hash")
    return [await desk.agent(login) for login in _PEOPLE]


async def _arrive(desk: Desk, chance: random.Random, *, urgent: bool = False, lane: str | None = None) -> Customer:
    reason, priority, topic, words, more = _MATTERS[-1] if urgent else chance.choice(_MATTERS)
    return await desk.waiting_customer(escalates(reason, priority, topic, **more, **({"lane": lane} if lane else {})), words)


async def _serve(agent: Agent, customer: Customer, chance: random.Random) -> None:
    """The agent answers; most cases are solved and rated at once."""
    await agent.claim(customer)
    await agent.write(customer, f"您好，我是{agent.name}，正在为您查询。")
    if chance.random() < 0.85:
        await agent.let_go(customer, "resolve")
        if chance.random() < 0.6:
            await customer.rate(chance.choice([5, 5, 5, 4, 4, 2]))


async def busy_day(desk: Desk, arrivals: int = 90, seed: int = 7) -> None:
    """About `arrivals` customers in four hours; at the end some wait, and one agent is full. Ends at the present time."""
    chance = random.Random(seed)
    present = desk.clock()
    begin = present - dt.timedelta(minutes=_STEPS * _STEP_MINUTES + _PRESENT_MINUTES)
    move_to(desk, begin)
    agents = await staff(desk)
    waiting: list[Customer] = []
    for step in range(_STEPS):
        move_to(desk, begin + step * dt.timedelta(minutes=_STEP_MINUTES))
        is_surge = 26 <= step <= 31
        for _ in range(round(arrivals / _STEPS * (1.9 if is_surge else 0.9) + chance.random() - 0.5)):
            waiting.append(await _arrive(desk, chance))
            desk.clock.pass_time(seconds=chance.uniform(5, 25))
        for agent in chance.sample(agents[:-1], 3 if is_surge else 4):
            if waiting and step < _STEPS - 2:
                await _serve(agent, waiting.pop(0), chance)
                desk.clock.pass_time(seconds=chance.uniform(5, 20))
    move_to(desk, present - dt.timedelta(minutes=_PRESENT_MINUTES))
    await _the_present(desk, agents, chance)
    move_to(desk, dt.datetime.now(dt.UTC))
    await _come_in(desk)


async def _the_present(desk: Desk, agents: list[Agent], chance: random.Random) -> None:
    full, other = agents[0], agents[1]
    held = [await _arrive(desk, chance) for _ in range(3)]
    for customer in held[:2]:
        await full.claim(customer)
        await full.write(customer, "您好，请稍等。")
    await other.claim(held[2])
    await other.write(held[2], "您好，请问订单号是多少？")
    await held[0].say("还在吗？我等很久了")
    desk.clock.pass_time(minutes=4)
    await held[1].say("订单号是 2026113000817")
    await _arrive(desk, chance, urgent=True)
    desk.clock.pass_time(minutes=2)
    await held[2].say("2026113000922，麻烦快一点")
    await _arrive(desk, chance, urgent=True, lane="money_moving")
    desk.clock.pass_time(seconds=40)
    await _come_in(desk)
    supervisor = await desk.agent("supervisor")
    for login, state in (("wu", "busy"), ("zheng", "away")):
        await supervisor.call("PUT", f"/agents/{login}/presence", json={"state": state})


async def _come_in(desk: Desk) -> None:
    """All agents but the last one are at their desks."""
    for login in [*list(_PEOPLE)[:-1], "agent", "supervisor"]:
        agent = await desk.agent(login)
        await agent.call("POST", "/presence/active")


def move_to(desk: Desk, at: dt.datetime) -> None:
    """Set the desk's clock."""
    desk.clock.pass_time(seconds=(at - desk.clock()).total_seconds())


def fill_day(page_desk: PageDesk, arrivals: int = 90) -> None:
    """`busy_day` on the desk of the page tests."""
    page_desk.run(busy_day(page_desk.desk, arrivals))
