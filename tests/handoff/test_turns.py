"""The bot's turns: answered or handed over, in order, exactly once, under any fault of the bot or the desk."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest

from handoff.conversations.decide import Receive
from handoff.conversations.draft import Lease
from handoff.conversations.events import BOT, Unknown
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.runtime.settings import Settings
from handoff.runtime.transaction import Transaction
from handoff.runtime.wakeups import TURNS
from handoff.turns.store import lock_due_turn
from tests.handoff.conftest import DEADLINE_SECONDS as BOT_DEADLINE_SECONDS
from tests.handoff.conftest import SERVICE_TOKEN, Database, start_afresh
from tests.handoff.fake_bot import (
    ARTICLE,
    BUTTONS,
    TOKEN,
    Behaviour,
    FakeBot,
    Held,
    answers,
    chats,
    decision,
    escalates,
    hangs_up,
    raw,
    says,
)
from tests.handoff.people import DEADLINE_SECONDS, Customer, error_code, of_type, texts, types
from tests.handoff.running_desk import Clock, Desk, append, run_desk

# --- the bot answers -------------------------------------------------------------------------------------------------


async def test_an_answer_is_committed_with_its_article_and_buttons(desk: Desk) -> None:
    """The customer would not see which article was quoted, or have no way to say that it did not help."""
    customer = await desk.customer()
    events = await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert types(events) == ["message", "triage", "message", "message"]
    _, answer, question = await customer.events()
    assert (answer["by"]["kind"], answer["article"]) == ("bot", ARTICLE)
    assert (question["text"], question["buttons"]) == ("这样解决了吗？", BUTTONS)
    assert (events[1]["turn_id"], events[1]["message_seq"], events[1]["silent"]) == (f"{customer.id}.1", 1, False)


async def test_what_the_bot_is_asked(desk: Desk, bot: FakeBot) -> None:
    """The bot would lack input for its decision, or reject the turn."""
    customer = await desk.customer("en")
    await desk.wait_for_turn(customer, await customer.say("where is my money"))
    await desk.wait_for_turn(customer, await customer.say("no"))
    first, second = bot.turns
    assert bot.tokens == [f"Bearer {TOKEN}"] * 2
    assert (first["conversation_id"], first["turn_id"], first["text"]) == (customer.id, f"{customer.id}.1", "where is my money")
    assert (first["choice"], first["channel"]) == (None, "web")
    assert first["context"] == {
        "status": "with_bot",
        "locale": "en",
        "last_route": None,
        "last_article": None,
        "asked": None,
        "not_understood": 0,
        "topic": None,
        "topics": [],
        "open_topics": [],
        "doors": [],
        "priority": None,
        "closed": None,
        "tentative": False,
    }
    told = {name: second["context"][name] for name in ("last_route", "last_article", "asked", "topic")}
    assert told == {
        "last_route": "answer",
        "last_article": "transfer_delay",
        "asked": "solved",
        "topic": "transfer_delay",
    }


async def test_what_comes_while_the_bot_answers_is_one_message(desk: Desk, bot: FakeBot) -> None:
    """Two turns of one conversation would run at once, or a sentence sent in pieces would be answered piece by piece."""
    customer = await desk.customer()
    first = Held(chats("答一"))
    bot.will(first, chats("答二"), chats("too many"))
    for text in ("问一", "问二", "问三"):
        seq = await customer.say(text)
    await first.asked()
    assert [turn["text"] for turn in bot.turns] == ["问一"]
    first.release()
    events = await desk.wait_for_turn(customer, seq)
    assert [turn["text"] for turn in bot.turns] == ["问一", "问二，问三"]
    assert texts(events, "bot") == ["答一", "答二"]


async def test_conversations_do_not_wait_for_each_other(desk: Desk, bot: FakeBot) -> None:
    """One slow turn would delay every customer."""
    slow, quick = await desk.customer(), await desk.customer()
    held = Held(chats("慢"))
    bot.will(held, chats("快"))
    seq = await slow.say("一")
    await held.asked()
    await quick.say("二")
    await desk.wait_for(quick, lambda events: texts(events, "bot") == ["快"])
    assert texts(await desk.log(slow), "bot") == []
    held.release()
    assert texts(await desk.wait_for_turn(slow, seq), "bot") == ["慢"]


async def test_feedback_is_recorded(desk: Desk, bot: FakeBot) -> None:
    """A suggestion would be acknowledged and forgotten."""
    customer = await desk.customer()
    bot.will(says({"messages": [{"text": "谢谢，已经记下。"}], "decision": decision("feedback", "feedback")}))
    events = await desk.wait_for_turn(customer, await customer.say("希望能改字号"))
    assert of_type(events, "feedback_recorded")[0]["message_seq"] == 1
    assert "feedback_recorded" not in types(await customer.events())


# --- handoff to a person -----------------------------------------------------------------------------------------------


async def test_an_escalation_is_one_calm_message_with_place_and_wait(desk: Desk, bot: FakeBot) -> None:
    """The customer would read "transferring you" and nothing else, or both bot and desk would write (I6)."""
    await desk.agent()
    await desk.waiting_customer()
    customer = await desk.customer()
    reply = {
        "messages": [{"text": "请稍等！"}],
        "decision": decision("escalate", "complaint", reason="dispute", priority="high"),
    }
    bot.will(says(reply))
    events = await desk.wait_for_turn(customer, await customer.say("我要投诉"))
    assert types(events) == ["message", "triage", "handoff_requested", "case_opened", "message"]
    expected = desk.services.policy.handoff_text("zh", "dispute", "complaint", ahead=1, online=1)
    assert (texts(events, "system"), texts(events, "bot")) == ([expected], [])
    assert "1" in expected
    assert "8" in expected
    status = await customer.status()
    assert (status["status"], status["reason"], status["priority"]) == ("queued", "dispute", "high")
    assert (status["queue_position"], status["eta_seconds"]) == (2, 480)


async def test_the_bot_is_silent_while_a_person_is_waited_for(desk: Desk, bot: FakeBot) -> None:
    """The bot would keep writing after it handed over (I3)."""
    customer = await desk.waiting_customer()
    bot.will(answers("到账通常需要两小时。"))
    events = await desk.wait_for_turn(customer, await customer.say("还要多久"))
    assert of_type(events, "triage")[-1]["silent"] is True
    assert texts(events, "bot") == []
    assert (await customer.status())["status"] == "queued"
    assert bot.turns[-1]["context"]["status"] == "queued"


async def test_words_before_the_press_for_a_person_are_weighed(desk: Desk, bot: FakeBot) -> None:
    """An emergency written just before the press would wait at normal priority until an agent reads it."""
    customer, held = await desk.customer(), Held(answers("到账通常需要两小时。"))
    bot.will(held, escalates("security", "urgent", "account_stolen"))
    await customer.say("转账没到")
    await held.asked()
    emergency = await customer.say("我的号被人登了，钱正在被转走")  # waits for the turn before it
    assert (await customer.press("human")).status_code == 201
    held.release()
    events = await desk.wait_for_turn(customer, emergency)
    assert [event["silent"] for event in of_type(events, "triage")] == [True, True]
    assert texts(events, "bot") == []
    state = await desk.conversation(customer)
    assert (state.case.reason, state.case.priority) == ("security", "urgent")


async def test_nobody_asks_the_bot_about_what_an_agent_has(desk: Desk, bot: FakeBot) -> None:
    """The bot would read, or answer, a message to an agent (I3)."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    asked = len(bot.turns)
    await customer.say("在吗")
    await agent.write(customer, "在的")
    assert (await desk.conversation(customer)).due_at is None
    assert len(bot.turns) == asked


@pytest.mark.parametrize(
    ("reason", "priority", "rises"),
    [("security", "urgent", True), ("large_transaction", "high", False), ("unresolved", "normal", False)],
)
async def test_a_graver_incident_while_waiting(desk: Desk, bot: FakeBot, reason: str, priority: str, rises: bool) -> None:
    """A queued customer who notices a theft would wait like everyone else."""
    customer = await desk.waiting_customer(escalates("dispute", "high"))
    place = (await desk.conversation(customer)).case.queued_at
    bot.will(escalates(reason, priority, "account_stolen"))
    events = await desk.wait_for_turn(customer, await customer.say("号也被盗了"))
    status = await customer.status()
    assert (status["reason"], status["priority"]) == ((reason, priority) if rises else ("dispute", "high"))
    told = texts(events, "system")[1:]
    assert len(told) == 1
    assert (told == [desk.services.policy.text("added", "zh")]) is not rises
    for part in ("加急", "400-000-1234", "修改登录密码") if rises else ():  # the advice, as at the start of such a case
        assert part in told[0]
    assert len(of_type(events, "priority_raised")) == rises
    assert (await desk.conversation(customer)).case.queued_at == place
    assert texts(events, "bot") == []


async def test_never_mind_gives_the_conversation_back(desk: Desk, bot: FakeBot) -> None:
    """A customer who no longer needs a person would stay in the queue, and an agent would find nobody there."""
    customer = await desk.waiting_customer(escalates("user_request", "normal"))
    bot.will(chats("好的。", outcome="never_mind"))
    events = await desk.wait_for_turn(customer, await customer.say("不用了"))
    assert types(events)[-2:] == ["cancelled", "message"]
    assert texts(events, "bot") == []
    assert (await customer.status())["status"] == "with_bot"
    events = await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert texts(events, "bot")
    assert bot.turns[-1]["context"]["last_route"] is None


# --- failures of the bot -------------------------------------------------------------------------------------------------

BROKEN: list[tuple[str, Behaviour, str]] = [
    ("no JSON", raw(b"<html>502</html>"), "bot_spoke_no_json"),
    ("no bytes", raw(b""), "bot_spoke_no_json"),
    ("no text at all", raw(b"\xff\xfe\x00"), "bot_spoke_no_json"),
    ("the stock channel's silence", says([]), "bot_broke_contract"),
    ("a word", says("ok"), "bot_broke_contract"),
    ("null", says(None), "bot_broke_contract"),
    ("no decision", says({"messages": [{"text": "你好"}]}), "bot_broke_contract"),
    ("no messages", says({"decision": decision("answer")}), "bot_broke_contract"),
    ("an unknown route", says({"messages": [{"text": "你好"}], "decision": decision("guess")}), "bot_broke_contract"),
    ("a route that is none", says({"messages": [{"text": "你好"}], "decision": {"route": ["answer"]}}), "bot_broke_contract"),
    ("silence", says({"messages": [], "decision": decision("answer")}), "bot_said_nothing"),
    ("an empty text", says({"messages": [{"text": ""}], "decision": decision("chat")}), "bot_said_nothing"),
    ("a blank text", says({"messages": [{"text": " \n"}], "decision": decision("chat")}), "bot_said_nothing"),
    ("a text that is none", says({"messages": [{"text": 5}], "decision": decision("chat")}), "bot_said_nothing"),
    ("messages that are none", says({"messages": ["你好"], "decision": decision("chat")}), "bot_broke_contract"),
    ("bad buttons", says({"messages": [{"text": "?", "buttons": ["a"]}], "decision": decision("chat")}), "bot_broke_contract"),
    ("no reason", says({"messages": [], "decision": decision("escalate", priority="high")}), "bot_broke_contract"),
    ("no priority", says({"messages": [], "decision": decision("escalate", reason="dispute")}), "bot_broke_contract"),
    ("an unknown priority", escalates("dispute", "very"), "bot_broke_contract"),
    (
        "what no database holds",
        says({"messages": [{"text": "\x00\ud800"}], "decision": decision("chat")}),
        "bot_broke_contract",
    ),
    ("no number", raw(b'{"messages": [{"text": "x"}], "decision": {"route": "chat", "x": NaN}}'), "bot_spoke_no_json"),
    ("what is nested too deep", raw(b"[" * 100_000), "bot_spoke_no_json"),
    ("a number of 5,000 digits", raw(b'{"x": ' + b"9" * 5000 + b"}"), "bot_spoke_no_json"),
    ("an answer without end", raw(b" " * 600_000), "bot_said_too_much"),
    ("too many messages", says({"messages": [{"text": "x"}] * 21, "decision": decision("chat")}), "bot_broke_contract"),
    ("a book", says({"messages": [{"text": "x" * 20_001}], "decision": decision("chat")}), "bot_broke_contract"),
    ("no article", says({"messages": [{"text": "x", "article": "a"}], "decision": decision("chat")}), "bot_broke_contract"),
    ("a field of a wrong type", answers(article="transfer_delay"), "bot_broke_contract"),
    ("its own error", says({"error": {"code": "turn_failed", "message": "x"}}, 502), "turn_failed"),
    ("a refused token", says({"error": {"code": "unauthorized", "message": "x"}}, 401), "unauthorized"),
    ("an error without words", says({}, 500), "bot_status_500"),
    ("an error that is none", says({"error": "x"}, 503), "bot_status_503"),
    ("a broken connection", hangs_up(), "bot_unreachable"),
]


async def check_a_person_was_fetched(desk: Desk, customer: Customer, seq: int, code: str) -> None:
    """Check that the message is kept, the customer is told, a person takes over, and the reason is in the log."""
    events = await desk.wait_for_turn(customer, seq)
    assert texts(events, "customer") == ["转账没到"]
    assert of_type(events, "bot_failed")[0]["code"] == code
    assert len(of_type(events, "handoff_requested")) == 1
    assert texts(events, "bot") == []
    assert texts(events, "system") == [desk.services.policy.handoff_text("zh", "bot_unavailable", None, 0, 0)]
    status = await customer.status()
    assert (status["status"], status["reason"]) == ("queued", "bot_unavailable")
    assert "bot_failed" not in types(await customer.events())


@pytest.mark.parametrize(("behaviour", "code"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
async def test_a_bot_that_breaks_its_contract_fetches_a_person(
    desk: Desk, bot: FakeBot, behaviour: Behaviour, code: str
) -> None:
    """The customer would wait for ever on a broken bot (I6)."""
    customer = await desk.customer()
    bot.will(behaviour)
    await check_a_person_was_fetched(desk, customer, await customer.say("转账没到"), code)


async def test_a_bot_that_is_down_fetches_a_person(desk: Desk, bot: FakeBot) -> None:
    """The bot dies and the customer waits for ever (I6)."""
    await bot.stop()
    customer = await desk.customer()
    await check_a_person_was_fetched(desk, customer, await customer.say("转账没到"), "bot_unreachable")


async def test_a_bot_that_is_too_slow_fetches_a_person_within_the_deadline(desk: Desk, bot: FakeBot) -> None:
    """A hanging bot would keep the customer waiting longer than promised (I6)."""
    customer = await desk.customer()
    held = Held(answers())
    bot.will(held)
    seq = await customer.say("转账没到")
    await check_a_person_was_fetched(desk, customer, seq, "bot_too_slow")
    asked, handed_over = (await desk.log(customer))[0], of_type(await desk.log(customer), "handoff_requested")[0]
    waited = dt.datetime.fromisoformat(handed_over["at"]) - dt.datetime.fromisoformat(asked["at"])
    assert waited < 2 * desk.services.policy.turn_deadline
    held.release()
    await desk.turns_over()
    assert texts(await desk.log(customer), "bot") == []


async def test_what_was_written_behind_a_failed_message_is_the_persons(desk: Desk, bot: FakeBot) -> None:
    """The bot would continue with the second message after the first was handed over."""
    customer = await desk.customer()
    held = Held(raw(b""))
    bot.will(held)
    seq = await customer.say("一")
    await held.asked()
    await customer.say("二")
    held.release()
    events = await desk.wait_for_turn(customer, seq)
    assert [turn["text"] for turn in bot.turns] == ["一"]
    assert (await desk.conversation(customer)).due_at is None
    assert texts(events, "customer") == ["一", "二"]


async def test_the_bot_failing_while_someone_waits_is_not_said(desk: Desk, bot: FakeBot) -> None:
    """A queued customer would be told of a fault that does not concern them, or be queued twice."""
    customer = await desk.waiting_customer()
    bot.will(raw(b""))
    events = await desk.wait_for_turn(customer, await customer.say("还在吗"))
    assert len(of_type(events, "bot_failed")) == len(of_type(events, "handoff_requested")) == 1
    assert texts(events, "system")[1:] == [desk.services.policy.text("added", "zh")]
    assert (await customer.status())["reason"] == "dispute"


async def test_a_returned_conversation_is_answered_again(desk: Desk, bot: FakeBot) -> None:
    """After one failure the bot would stay silent for the rest of the conversation."""
    customer, agent = await desk.customer(), await desk.agent()
    bot.will(raw(b""))
    await desk.wait_for_turn(customer, await customer.say("一"))
    await agent.claim(customer)
    assert (await agent.let_go(customer, "return")).status_code == 200
    events = await desk.wait_for_turn(customer, await customer.say("二"))
    assert texts(events, "bot")


# --- late answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [answers(), escalates("security", "urgent"), chats("好", outcome="solved"), raw(b"")])
async def test_late_words_are_dropped_when_an_agent_has_the_conversation(desk: Desk, bot: FakeBot, late: Behaviour) -> None:
    """The bot would write into an agent's conversation, or take it away again (I1, I3)."""
    customer, agent = await desk.customer(), await desk.agent()
    held = Held(late)
    bot.will(held)
    await customer.say("转账没到")
    await held.asked()
    await customer.ask_for_person()
    await agent.claim(customer)
    before = await desk.log(customer)
    held.release()
    await desk.turns_over()
    assert await desk.log(customer) == before
    assert (await customer.status())["status"] == "assigned"


async def test_an_answer_that_comes_after_the_customer_asked_for_a_person_is_not_said(desk: Desk, bot: FakeBot) -> None:
    """The bot's answer would appear behind "a person is coming" (I3)."""
    customer = await desk.customer()
    held = Held(answers())
    bot.will(held)
    seq = await customer.say("转账没到")
    await held.asked()
    await customer.ask_for_person()
    held.release()
    events = await desk.wait_for_turn(customer, seq)
    assert texts(events, "bot") == []
    assert of_type(events, "triage")[0]["silent"] is True


async def test_an_answer_that_comes_after_the_conversation_was_closed_is_not_said(desk: Desk, bot: FakeBot) -> None:
    """A closed conversation would get another message."""
    customer, agent = await desk.customer(), await desk.agent()
    held = Held(answers())
    bot.will(held)
    await customer.say("转账没到")
    await held.asked()
    await customer.ask_for_person()
    await agent.claim(customer)
    await agent.let_go(customer, "resolve")
    before = await desk.log(customer)
    held.release()
    await desk.turns_over()
    assert await desk.log(customer) == before
    assert (await customer.status())["status"] == "resolved"


async def test_what_one_test_leaves_harms_no_other(desk: Desk, bot: FakeBot, database: Database) -> None:
    """A turn of an earlier test would ask the next test's bot, or wait for it: tests would pass by chance, or never end."""
    customers = [await desk.customer() for _ in range(3)]
    held = [Held(answers()) for _ in range(2)]
    bot.will(*held)
    for customer in customers:
        await customer.say("转账没到")
        await customer.say("还是没到")
    for each in held:
        await each.asked()
    await start_afresh(desk, bot, database)
    assert (desk.services.turns.in_hand, bot.turns) == (frozenset(), [])
    customer = await desk.customer()
    events = await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert [turn["conversation_id"] for turn in bot.turns] == [customer.id]
    assert len(texts(events, "bot")) == 2


# --- the bot's own request for a handoff -----------------------------------------------------------------------------------


async def request_handoff(desk: Desk, turn: dict[str, Any], token: str = SERVICE_TOKEN, **change: Any) -> httpx.Response:
    """The handoff request of the bot's action while its turn runs."""
    body = {
        "conversation_id": turn["conversation_id"],
        "turn_id": turn["turn_id"],
        "decision": decision("escalate", "account_stolen", reason="security", priority="urgent"),
        **change,
    }
    return await desk.http.post("/api/handoffs", json=body, headers={"Authorization": f"Bearer {token}"})


async def test_action_and_turn_hand_over_exactly_once(desk: Desk, bot: FakeBot) -> None:
    """The customer would be told twice, and the log show two handoffs and two decisions."""
    customer = await desk.customer()
    held = Held(escalates("security", "urgent", "account_stolen"))
    bot.will(held)
    seq = await customer.say("号被盗了")
    await held.asked()
    answers_to_the_action = [await request_handoff(desk, bot.turns[0]) for _ in range(3)]
    assert [answer.status_code for answer in answers_to_the_action] == [200] * 3
    assert [answer.json()["changed"] for answer in answers_to_the_action] == [True, False, False]
    assert (await customer.status())["status"] == "queued"
    held.release()
    events = await desk.wait_for_turn(customer, seq)
    assert (await request_handoff(desk, bot.turns[0])).json()["changed"] is False
    assert types(events) == ["message", "triage", "handoff_requested", "case_opened", "message"]
    assert types(await desk.log(customer)) == types(events)


async def test_simultaneous_handoff_requests(desk: Desk, bot: FakeBot) -> None:
    """Two simultaneous requests would both hand over."""
    customer = await desk.customer()
    held = Held(escalates("security", "urgent", "account_stolen"))
    bot.will(held)
    seq = await customer.say("号被盗了")
    await held.asked()
    held.release()
    tries = await asyncio.gather(*(request_handoff(desk, bot.turns[0]) for _ in range(5)), customer.ask_for_person())
    assert {getattr(answer, "status_code", 200) for answer in tries} <= {200, 409}
    events = await desk.wait_for_turn(customer, seq)
    assert len(of_type(events, "triage")) == 1
    assert len(of_type(events, "handoff_requested")) == 1
    assert (await customer.status())["priority"] == "urgent"


async def test_a_turn_that_is_over_cannot_hand_over(desk: Desk, bot: FakeBot) -> None:
    """A late request would take the conversation from its present owner."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    answer = await request_handoff(desk, bot.turns[0])
    assert (answer.status_code, error_code(answer)) == (409, "stale_turn")
    invented = await request_handoff(desk, bot.turns[0], turn_id=f"{customer.id}.99")
    assert (invented.status_code, error_code(invented)) == (409, "stale_turn")
    assert (await customer.status())["status"] == "with_bot"


async def test_a_handoff_needs_the_service_token(desk: Desk, bot: FakeBot) -> None:
    """Anybody could fill the queue, or a customer could raise their own priority."""
    customer = await desk.customer()
    held = Held(answers())
    bot.will(held)
    seq = await customer.say("转账没到")
    await held.asked()
    for token in ("", "wrong", customer.token, SERVICE_TOKEN[:-1], "ü"):
        headers = {"Authorization": f"Bearer {token}".strip().encode()}
        body = {
            "conversation_id": customer.id,
            "turn_id": bot.turns[0]["turn_id"],
            "decision": decision("escalate", reason="security", priority="urgent"),
        }
        answer = await desk.http.post("/api/handoffs", json=body, headers=headers)
        assert (answer.status_code, error_code(answer)) == (401, "wrong_service_token")
    assert (await customer.status())["status"] == "with_bot"
    held.release()
    await desk.wait_for_turn(customer, seq)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"conversation_id": "nobody"}, 404, "unknown_conversation"),
        ({"conversation_id": ""}, 422, "bad_request"),
        ({"turn_id": None}, 422, "bad_request"),
        ({"decision": None}, 422, "bad_request"),
        ({"decision": decision("answer")}, 422, "bad_request"),
        ({"decision": decision("escalate", reason="dispute", priority="very")}, 422, "bad_request"),
        ({"decision": decision("escalate", reason="", priority="high")}, 422, "bad_request"),
        ({"decision": decision("escalate", reason=["dispute"], priority="high")}, 422, "bad_request"),
        ({"decision": decision("escalate", reason="dispute", priority=["high"])}, 422, "bad_request"),
        ({"decision": decision("escalate", reason="r" * 101, priority="high")}, 422, "bad_request"),
        ({"decision": decision("escalate", reason="\x00", priority="high")}, 422, "bad_request"),
        ({"decision": "escalate"}, 422, "bad_request"),
    ],
)
async def test_a_handoff_request_that_is_refused(desk: Desk, change: dict[str, Any], status: int, code: str) -> None:
    """A broken decision would be stored, or end in a server error."""
    turn = {"conversation_id": "c", "turn_id": "c.1"}
    answer = await request_handoff(desk, turn, **change)
    assert (answer.status_code, error_code(answer)) == (status, code)


async def test_a_reason_that_is_new_to_the_desk_still_brings_a_person(desk: Desk, bot: FakeBot) -> None:
    """A newer bot's reason would cost the customer the person."""
    customer = await desk.customer()
    bot.will(escalates("brand_new_reason", "high"))
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    status = await customer.status()
    assert (status["status"], status["reason"]) == ("queued", "brand_new_reason")


@pytest.mark.parametrize("by_action", [True, False], ids=["by the action's request", "by the turn's decision"])
@pytest.mark.parametrize("wrong", [{"amount_cny": "五万"}, {"intent": {"name": "x"}}, {"article": []}, {"ranking": "x"}])
async def test_an_emergency_with_a_wrong_field_is_an_emergency(
    desk: Desk, bot: FakeBot, wrong: dict[str, Any], by_action: bool
) -> None:
    """A misspelt amount would turn a theft into an ordinary case at the end of the queue."""
    customer = await desk.customer()
    held = Held(escalates("security", "urgent", **{"intent": "account_stolen", **wrong}))
    bot.will(held)
    seq = await customer.say("号被盗了")
    await held.asked()
    told = decision("escalate", **{"intent": "account_stolen", "reason": "security", "priority": "urgent", **wrong})
    if by_action:
        assert (await request_handoff(desk, bot.turns[0], decision=told)).status_code == 200
    held.release()
    events = await desk.wait_for_turn(customer, seq)
    status = await customer.status()
    assert (status["status"], status["reason"], status["priority"]) == ("queued", "security", "urgent")
    assert set(wrong) & set(of_type(events, "triage")[0]["decision"]) == set()


async def test_what_an_older_log_holds_harms_no_later_turn(desk: Desk, bot: FakeBot) -> None:
    """One wrong field, logged before it was checked, would break every later turn of the conversation (I6)."""
    customer = await desk.customer()
    seq = await customer.say("转账没到")
    await desk.wait_for_turn(customer, seq)
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        for n, broken in enumerate(
            [None, "answer", {}, {"route": ["x"]}, {"route": "answer", "article": "x", "asks": {"a": 1}}]
        ):
            data = {"turn_id": f"old{n}", "decision": broken, "silent": False, "message_seq": seq}
            append(draft, Unknown(name="triage", data_version=1, data=data), BOT, desk.clock())
            data = {"turn_id": f"older{n}", "decision": broken, "silent": False, "message_seq": "x"}
            append(draft, Unknown(name="triage", data_version=1, data=data), BOT, desk.clock())
        await save_conversation(tx, draft)
    events = await desk.wait_for_turn(customer, await customer.say("还是没到"))
    assert of_type(events, "bot_failed") == []
    context = bot.turns[-1]["context"]
    assert (context["last_route"], context["last_article"], context["asked"]) == ("answer", None, None)


#: No running desk has this number.
DEAD_DESK = -1


# --- a desk that dies -----------------------------------------------------------------------------------------------------


async def conversation_of_a_dead_desk(desk: Desk, attempts: int, lease: dt.timedelta = dt.timedelta(minutes=1)) -> Customer:
    """A conversation whose turn was begun this many times by a desk that no longer runs, and never ended."""
    customer = await desk.customer()
    now = desk.clock()
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(Receive("m", "转账没到"), now)
        for _ in range(attempts):
            draft.begin_turn(Lease.begin(customer.id, 1, 1, DEAD_DESK, now + lease, draft.lease))
        await save_conversation(tx, draft)
    desk.services.wakeups.wake([TURNS])
    return customer


@pytest.mark.parametrize("lease", [dt.timedelta(minutes=1), dt.timedelta(seconds=-1)])
async def test_a_turn_of_a_dead_desk_is_tried_once_more(desk: Desk, bot: FakeBot, lease: dt.timedelta) -> None:
    """A message would stay unanswered, or wait for the end of the lease, because its desk died (I6)."""
    customer = await conversation_of_a_dead_desk(desk, 1, lease)
    events = await desk.wait_for_turn(customer, 1)
    assert [turn["turn_id"] for turn in bot.turns] == [f"{customer.id}.1"]
    assert types(events) == ["message", "triage", "message", "message"]


async def test_a_turn_of_a_living_desk_is_left_to_it(
    desk: Desk, database: Database, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every sweep would send running turns to the bot again."""
    look, looks = lock_due_turn, 0

    async def counted(tx: Transaction, *when: Any, **which: Any) -> Any:
        nonlocal looks
        found = await look(tx, *when, **which)
        looks += 1
        return found

    monkeypatch.setattr("handoff.turns.worker.lock_due_turn", counted)
    customer = await desk.customer()
    held = Held(chats("好"))
    bot.will(held)
    seq = await customer.say("转账没到")
    await held.asked()
    lease = await desk.lease(customer)
    assert lease is not None
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = %s AND granted"
    assert (await asyncio.to_thread(database.connection.execute, locks, [lease.desk])).fetchone() == (1,)
    for _ in range(3):
        before = looks
        desk.services.wakeups.wake([TURNS])
        async with asyncio.timeout(DEADLINE_SECONDS):
            while looks == before:
                await asyncio.sleep(0.01)
    held.release()
    assert texts(await desk.wait_for_turn(customer, seq), "bot") == ["好"]
    assert len(bot.turns) == 1


async def test_the_deadline_runs_from_the_message_and_leaves_a_last_chance(desk: Desk, bot: FakeBot) -> None:
    """After an outage every customer would be sent to a person unasked, or wait for the whole deadline once more (I6)."""
    customer = await desk.customer()
    bot.will(Held(answers()))  # never released
    posted_at = desk.clock()
    desk.clock.pass_time(minutes=5)
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(Receive("m", "转账没到"), posted_at)
        await save_conversation(tx, draft)
    started = asyncio.get_running_loop().time()
    desk.services.wakeups.wake([TURNS])
    await check_a_person_was_fetched(desk, customer, 1, "bot_too_slow")
    assert 1.9 < asyncio.get_running_loop().time() - started < BOT_DEADLINE_SECONDS
    patient = await desk.customer()
    events = await desk.wait_for_turn(patient, await patient.say("转账没到"))
    assert texts(events, "bot")


async def test_a_reply_waits_for_a_database_that_is_away_for_a_moment(desk: Desk, database: Database, bot: FakeBot) -> None:
    """A restart of the database would cost the customer the answer, or make them wait for the end of the lease (I6)."""
    customer = await desk.customer()
    held = Held(chats("好"))
    bot.will(held, chats("又好"))
    seq = await customer.say("转账没到")
    await held.asked()
    await asyncio.to_thread(
        database.connection.execute,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    held.release()
    events = await desk.wait_for_turn(customer, seq)
    # The answer to the first request, or, as this desk seemed dead for a moment, to the second; never both.
    assert texts(events, "bot") in (["好"], ["又好"])
    assert len(of_type(events, "triage")) == 1


async def test_a_turn_that_killed_two_desks_fetches_a_person(desk: Desk, bot: FakeBot) -> None:
    """A message that crashes the desk would crash it again and again, and nobody would answer (I6)."""
    customer = await conversation_of_a_dead_desk(desk, attempts=2)
    await check_a_person_was_fetched(desk, customer, 1, "turn_lost")
    assert bot.turns == []


async def test_a_turn_that_two_desks_believe_to_have_is_answered_once(desk: Desk, bot: FakeBot) -> None:
    """A desk that was only slow would add its answer to the one of the desk that took over."""
    customer = await desk.customer()
    slow = Held(chats("慢"))
    bot.will(slow, chats("快"))
    seq = await customer.say("转账没到")
    await slow.asked()
    desk.clock.pass_time(minutes=1)
    desk.services.wakeups.wake([TURNS])
    await desk.wait_for(customer, lambda events: "快" in texts(events, "bot"))
    slow.release()
    events = await desk.wait_for_turn(customer, seq)
    assert texts(events, "bot") == ["快"]
    assert len(of_type(events, "triage")) == 1
    assert [turn["turn_id"] for turn in bot.turns] == [f"{customer.id}.1"] * 2


async def test_a_desk_that_stops_ends_its_turns(settings: Settings, new_database: str, bot: FakeBot) -> None:
    """An update of the desk would cost customers the answers in progress."""
    own = settings.model_copy(update={"database_url": new_database, "demo": False})
    held = Held(chats("还来得及"))
    bot.will(held)
    async with run_desk(own, bot, Clock()) as stopping:
        customer = await stopping.customer()
        await customer.say("转账没到")
        await held.asked()
        asyncio.get_running_loop().call_later(0.2, held.release)
    async with run_desk(own, bot, Clock()) as next_desk:
        assert texts(await next_desk.log(customer), "bot") == ["还来得及"]
    assert len(bot.turns) == 1


async def test_a_damaged_row_does_not_stop_the_turns_of_others(desk: Desk, database: Database) -> None:
    """One row that cannot be read would stop every turn that this desk takes from the database, and all others would too."""
    damaged, other = await desk.customer(), await desk.customer()
    await desk.wait_for_turn(damaged, await damaged.say("你好"))
    due = "UPDATE conversations SET due_at = now() - interval '1 hour', owed = '{\"messages\": 5}' WHERE id = %s"
    database.connection.execute(due, (damaged.id,))
    async with desk.services.store.begin() as tx:  # stored without a turn, as by a desk that has no place free
        draft = await lock_conversation(tx, other.id)
        assert draft is not None
        draft.do(Receive("m1", "到账要多久", None, None, False), desk.clock())
        await save_conversation(tx, draft)
        tx.wake(TURNS)
    await desk.wait_for_turn(other, 1)
