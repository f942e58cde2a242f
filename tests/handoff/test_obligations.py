"""Promises to customers: each text that promises a time has its obligation, and each obligation ends in one of three ways."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path

import pytest

from content.compiler import compile_content, load_desk_content
from content.promises import words_of
from content.sources import ContentError
from content.templates import fill
from handoff.conversations.care.promises import CALLBACK, FOLLOW_UP, make_promise
from handoff.conversations.decide import Tell
from handoff.conversations.rebuild import find_differences
from handoff.conversations.store import lock_conversation, save_conversation
from tests.handoff.people import Agent, Customer, Json, error_code, of_type
from tests.handoff.running_desk import Desk

DATA = Path(__file__).parents[2] / "data"
CONTENT = load_desk_content(DATA)
WORDS = words_of(CONTENT.promises)

#: What agents write in their own words, with the promises that a person finds in it: (how much, unit).
PROMISES: list[tuple[str, list[tuple[int, str]]]] = [
    ("我们会在3个工作日内给您答复。", [(3, "business_days")]),
    ("24小时内联系您", [(24, "hours")]),
    ("二十四小时之内一定给您回电", [(24, "hours")]),
    ("我半小时内回复您，请留意消息", [(30, "minutes")]),
    ("專員會在 2 個工作日內回覆您", [(2, "business_days")]),
    ("一两天内会有结果", [(2, "calendar_days")]),
    ("1-3 个工作日内出结果，请耐心等待", [(3, "business_days")]),
    ("15天内处理完，3个工作日内先给您答复", [(15, "calendar_days"), (3, "business_days")]),
    ("明天上午我给您回电", [(1, "end_of_day")]),
    ("今天下班前告诉您结果", [(0, "end_of_day")]),
    ("We will get back to you within 24 hours.", [(24, "hours")]),
    ("Our team will contact you within 3 working days.", [(3, "business_days")]),
    ("I'll call you tomorrow.", [(1, "end_of_day")]),
    ("You will hear from us within two business days, and it is usually settled within 15 calendar days.",
     [(2, "business_days"), (15, "calendar_days")]),
    ("Someone will reply in 1-2 hours", [(2, "hours")]),
]  # fmt: skip
#: Times that are no promise of ours.
FACTS = [
    "提现一般 2 小时内到账。",
    "银行会在 3 个工作日内处理退款。",
    "商家 24 小时内会联系您。",
    "验证码 10 分钟内有效，请不要告诉任何人。",
    "若 10 分钟内没有回复，这次对话会先结束。",
    "请您在 3 天内联系发卡行。",
    "这笔 1-7 个工作日内原路退回银行卡。",
    "您前面还有 3 位，预计等待约 5 到 10 分钟。",
    "人工客服明天 8:00 上班，之后按顺序接待。",
    "您 3 天内转过几笔？",
    "Transfers usually arrive within 2 hours.",
    "The bank will credit it within 3 business days.",
    "Please contact your bank within 24 hours.",
    "If I do not hear from you within 10 minutes, this conversation will close.",
    "The code is valid for 10 minutes.",
    "Did you pay anyone within 3 days of that call?",
    "我已经联系了银行，稍后请看消息。",
    "您好，请问是什么时间付的？",
]


@pytest.mark.parametrize(("text", "found"), PROMISES)
def test_words_that_promise(text: str, found: list[tuple[int, str]]) -> None:
    """A customer would wait for something that nobody remembers."""
    assert [(each.within, each.unit) for each in WORDS.find(text)] == found


@pytest.mark.parametrize("text", FACTS)
def test_words_that_do_not(text: str) -> None:
    """The board would be full of obligations that nobody has, and would not be read."""
    assert WORDS.find(text) == []


@pytest.mark.parametrize(
    ("file", "was", "now", "says"),
    [
        ("canned_replies.yml", "    promise: [first_result]\n", "", "promises a time and is not declared"),
        ("canned_replies.yml", "    promise: [first_result]\n", "    promise: [first_result, result]\n", "declares 2 promises"),
        ("canned_replies.yml", "    promise: [first_result]\n", "    promise: [moon]\n", "there is no promise `moon`"),
        ("desk.yml", "    raised: 您说的情况已经标为加急，会优先处理。", "    raised: 3 小时内给您答复。", "is not declared"),
        ("promises.yml", "  articles/contact_channels:", "  articles/other:", "promises a time and is not declared"),
        ("promises.yml", "  callback: {", "  call: {", "promises.callback is missing"),
        ("promises.yml", "    - 跟进\n", "    - 跟进(\n", "not a regular expression"),
        ("promises.yml", "calendar: china", "calendar: mars", "there is no calendar `mars`"),
        ("desk.yml", "[cn_complaint, house_security]", "[cn_complaint, house_securty]", "no duty `house_securty`"),
        ("desk.yml", ", large_transaction]\n  active", "]\n  active", "opens no case"),
        ("duties/cn.yml", "    calendar: china\n    reasons", "    calendar: chna\n    reasons", "there is no calendar `chna`"),
        ("duties/cn.yml", "approver: supervisor}", "approver: nobody}", "unexpected value"),
        ("duties/cn.yml", "after: complex}", "after: complicated}", "no other extension `complicated`"),
        ("duties/cn.yml", "to: 30, approver", "to: 10, approver", "must be longer than 15"),
        ("duties/us.yml", "needs: error_found", "needs: eror_found", "there is no fact `eror_found`"),
        ("duties/us.yml", "confirmed: false", "confirmed: true", "needs `confirmed_by`"),
        ("duties/house.yml", "unit: minutes", "unit: moments", "unexpected value"),
        ("duties/house.yml", "zone: Asia/Shanghai", "zone: Asia/Peking", "no time zone `Asia/Peking`"),
        ("duties/sg.yml", "  sg_self_stop:", "  cn_notice:", "this id is in cn.yml too"),
        ("calendars/england.yml", None, "version: 1\nzh: 英格兰\nen: England\nyears: {}\n", "has no year"),
    ],
)  # fmt: skip
def test_wrong_files_are_refused_by_name(tmp_path: Path, file: str, was: str | None, now: str, says: str) -> None:
    """An editor's slip would move a legal deadline, or stop the desk without saying where."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu", "calibration"))
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert was is None or was in text
    path.write_text(now if was is None else text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        compile_content(folder)
    assert says in refused.value.problem


async def owed(agent: Agent) -> list[Json]:
    """What is owed, as the list shows it."""
    return list((await agent.call("GET", "/promises")).json()["promises"])


async def test_every_promise_in_a_text_has_its_obligation(desk: Desk) -> None:
    """100 seeded conversations: a promise would be missing on the board, or an obligation would stand there without one."""
    dice = random.Random(2026)
    agent = await desk.agent()
    canned = [
        (fill(reply.text.zh, {**CONTENT.facts["zh"], "agent_name": agent.name}), len(reply.promise))
        for reply in CONTENT.canned_replies
    ]
    pool = [*canned, *((text, len(found)) for text, found in PROMISES), *((text, 0) for text in FACTS)]
    expected: dict[str, list[tuple[str, int]]] = {}
    for _ in range(100):
        customer = await desk.customer(dice.choice(["zh", "en"]))
        await customer.ask_for_person()
        await agent.claim(customer)
        said = [dice.choice(pool) for _ in range(dice.randint(1, 3))]
        for text, _ in said:
            assert (await agent.write(customer, text)).status_code == 201
        expected[customer.id] = said
        log = await desk.log(customer)
        made = of_type(log, "promise_made")
        written = [event for event in log if event["type"] == "message" and event["by"]["kind"] == "agent"]
        by_message = [sum(each["message_seq"] == event["seq"] for each in made) for event in written]
        assert by_message == [count for _, count in said], said
        assert len(made) == sum(by_message)
        await agent.let_go(customer, "resolve")
    found = [each async for each in find_differences(desk.services.store)]
    assert found == []


async def talking(desk: Desk) -> tuple[Customer, Agent]:
    """A customer with an agent."""
    customer, agent = await desk.customer(), await desk.agent()
    await customer.ask_for_person()
    await agent.claim(customer)
    return customer, agent


async def test_a_promise_is_kept_by_a_later_message(desk: Desk) -> None:
    """The words that go with a promise would keep it, or a call-back that was made would stay on the board."""
    customer, agent = await talking(desk)
    await agent.write(customer, "我们会在24小时内联系您。")
    await agent.write(customer, "请留意消息。")
    (promise,) = await owed(agent)
    assert (promise["state"], promise["is_late"], promise["by"]) == ("open", False, agent.name)
    assert "24小时内联系您" in promise["why"]["zh"]
    made = dt.datetime.fromisoformat(promise["made_at"])
    assert dt.datetime.fromisoformat(promise["due_at"]) == made + dt.timedelta(hours=24)
    desk.clock.pass_time(hours=3)
    await agent.write(customer, "查到了，已经退回。")
    assert await owed(agent) == []


async def test_a_promise_that_is_not_kept_is_broken(desk: Desk) -> None:
    """A broken promise would be forgotten."""
    customer, agent = await talking(desk)
    await agent.write(customer, "我们会在2小时内给您答复。")
    desk.clock.pass_time(hours=1, minutes=50)
    await desk.care_watch.look_around()
    assert of_type(await desk.log(customer), "promise_broken") == []
    board = await desk.services.live_board.read()
    assert "promise_near" in [each["kind"] for each in board["attention"]]
    desk.clock.pass_time(minutes=11)
    await desk.care_watch.look_around()
    await desk.care_watch.look_around()
    assert len(of_type(await desk.log(customer), "promise_broken")) == 1
    (promise,) = await owed(agent)
    assert (promise["state"], promise["is_late"]) == ("broken", True)
    board = await desk.services.live_board.read()
    assert "promise_broken" in [each["kind"] for each in board["attention"]]
    path = f"/conversations/{customer.id}/promises/{promise['id']}"
    kept = await agent.call("POST", f"{path}/keep", json={"note": "已电话答复"})
    assert kept.json()["state"] == "kept"
    again = await agent.call("POST", f"{path}/keep")
    assert (again.status_code, error_code(again)) == (409, "promise_settled")
    assert await owed(agent) == []


async def test_a_promise_is_withdrawn_with_words(desk: Desk) -> None:
    """A promise would disappear without a word to the customer."""
    customer, agent = await talking(desk)
    await agent.write(customer, "明天给您回电。")
    (promise,) = await owed(agent)
    path = f"/conversations/{customer.id}/promises/{promise['id']}/withdraw"
    silent = await agent.call("POST", path, json={"words": " "})
    assert error_code(silent) == "words_needed"
    taken = await agent.call("POST", path, json={"words": "抱歉，银行还没有回函，请在应用里看进度。"})
    assert taken.json()["state"] == "withdrawn"
    assert [event for event in await customer.events() if event.get("text", "").startswith("抱歉，银行")]
    unknown = await agent.call("POST", f"/conversations/{customer.id}/promises/P999/keep")
    assert (unknown.status_code, error_code(unknown)) == (404, "unknown_promise")


@pytest.mark.parametrize("name", [FOLLOW_UP, CALLBACK])
async def test_the_desk_itself_remembers_a_follow_up(desk: Desk, name: str) -> None:
    """A victim would wait for the call that the desk announced, and no agent would know."""
    customer = await desk.customer()
    now = desk.clock()
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(Tell("我们会在 24 小时内联系您。", "intake"), now)
        made = make_promise(draft, name, now + dt.timedelta(hours=24), now)
        assert make_promise(draft, name, now + dt.timedelta(hours=24), now) == made
        await save_conversation(tx, draft)
    assert [each["promise"] for each in of_type(await desk.log(customer), "promise_made")] == [name]
    desk.clock.pass_time(hours=21)
    await desk.care_watch.look_around()
    assert (await customer.status())["status"] == "with_bot"
    desk.clock.pass_time(hours=1, minutes=5)
    await desk.care_watch.look_around()
    await desk.care_watch.look_around()
    status = await customer.status()
    assert status["status"] == "queued"
    told = [event for event in await customer.events() if event.get("kind") == "follow_up"]
    assert len(told) == 1
    agent = await desk.agent()
    listed = (await agent.call("GET", f"/promises?promise={name}")).json()["promises"]
    assert [each["conversation_id"] for each in listed] == [customer.id]
    await agent.claim(customer)
    await agent.write(customer, "您好，我来回访，钱追回了吗？")
    assert await owed(agent) == []
    assert [each async for each in find_differences(desk.services.store)] == []
