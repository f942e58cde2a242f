"""The customer's API: its promises, and everything that people and programs send to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handoff.fake_bot import (
    BUTTONS,
    DOORS,
    Behaviour,
    FakeBot,
    Held,
    answers,
    answers_with_doors,
    chats,
    decision,
    escalates,
    says,
)
from tests.handoff.people import Customer, error_code, of_type, texts, types
from tests.handoff.running_desk import Desk

# --- opening ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [None, {}, {"locale": "zh"}, {"locale": "en", "channel": "app"}, {"locale": None, "new": 1}])
async def test_opening(desk: Desk, body: Any) -> None:
    """A page of an older or newer version could not open a conversation."""
    answer = await desk.http.post("/api/conversations", json=body)
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "token"}


@pytest.mark.parametrize("body", [{"locale": "fr"}, {"locale": 1}, {"channel": "Web"}, {"channel": 5}, [], "zh", 1])
async def test_opening_refused(desk: Desk, body: Any) -> None:
    """Nonsense would be stored as a language or a channel."""
    answer = await desk.http.post("/api/conversations", json=body)
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")


@pytest.mark.parametrize("channel", ["web", "app", "miniprogram", None])
async def test_the_channels(desk: Desk, channel: str | None) -> None:
    """The desk's own pages could not tell where their customers come from."""
    opened = (await desk.http.post("/api/conversations", json={"channel": channel})).json()
    conversation = await desk.conversation(Customer(desk.http, opened["id"], opened["token"]))
    assert conversation.birth.channel == (channel or "web")


@pytest.mark.parametrize("channel", ["网页 · ✔已实名核验 · VIP", "web\u200b", "WEB", " web", "", "4111111111111111", "web,app"])
async def test_a_channel_is_no_place_to_write(desk: Desk, channel: str) -> None:
    """A customer could write text into a field that agents read as a fact, or store a number unmasked."""
    answer = await desk.http.post("/api/conversations", json={"channel": channel})
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")


MESSAGE_IDS = [
    # sent by pages and programs
    ("3f0c2a52-6c1e-4d1b-9a52-9f7f0a2d4c11", True),
    ("41111111-1111-4111-8111-411111111111", True),  # a UUID with digits only
    ("0123456789abcdef0123456789abcdef", True),
    ("m1", True),
    ("agent1-17-1764471885123456789", True),  # nanoseconds since 1970
    ("1764471885123", True),
    ("c12-3", True),
    ("A.b_c:d-" * 12, True),
    # possibly a number or a text of a person
    ("4111111111111111", False),
    ("4111-1111-1111-1111", False),
    ("m-4111.1111.1111.1111", False),
    ("6222021234567890128", False),
    ("11010519491231002X", False),
    ("id:11010519491231002X", False),
    ("card4111111111111111", False),
    ("我的密码是abc", False),
    ("two words", False),
    ("a/b", False),
    ("<b>", False),
    ("a\n", False),
    ("１２３", False),
    ("a\u202eb", False),
    ("a" * 101, False),
]


@pytest.mark.parametrize(("message_id", "accepted"), MESSAGE_IDS, ids=[each[0][:24] for each in MESSAGE_IDS])
async def test_what_a_message_id_may_hold(desk: Desk, message_id: str, accepted: bool) -> None:
    """A card number or a text would be stored unmasked and shown to both sides, or a page's message would be refused."""
    customer = await desk.customer()
    answer = await customer.post({"client_message_id": message_id, "text": "你好"})
    if accepted:
        assert answer.status_code == 201, answer.text
    else:
        assert (answer.status_code, error_code(answer)) == (422, "bad_request")
        assert "input" not in answer.json()["error"]
        assert await customer.events() == []


async def test_a_new_conversation_is_the_bots(desk: Desk) -> None:
    """A customer who has not written yet would wait in a queue, or see a field missing."""
    customer = await desk.customer()
    status = await customer.status()
    assert [(each["action"], each["state"]) for each in status.pop("first_aid")] == [("freeze_payments", "instruction")]
    assert status == {
        "status": "with_bot",
        "reason": None,
        "priority": None,
        "lane": None,
        "queue_position": None,
        "eta_seconds": None,
        "eta": None,
        "staffed": None,
        "opens_at": None,
        "phones": {},
        "agent": None,
        "agent_typing": False,
        "case": None,
        "callback": None,
        "intake": [],
        "rating": None,
        "incidents": [],
        "locale": "zh",
    }
    assert await customer.events() == []


# --- messages --------------------------------------------------------------------------------------------------------


async def test_a_message_is_acknowledged_once_and_found_again(desk: Desk) -> None:
    """A retry after a lost response would store the message twice, or get another number (I5)."""
    customer = await desk.customer()
    first = await customer.post({"client_message_id": "a", "text": "转账没到"})
    again = await customer.post({"client_message_id": "a", "text": "转账没到"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"seq": 1}
    assert texts(await customer.events(), "customer") == ["转账没到"]


async def test_the_same_message_from_ten_tabs_at_once(desk: Desk) -> None:
    """Retries that overtake each other would store the message twice (I5)."""
    customer = await desk.customer()
    body = {"client_message_id": "a", "text": "转账没到"}
    tries = await asyncio.gather(*(customer.post(body) for _ in range(10)))
    assert sorted(answer.status_code for answer in tries) == [200] * 9 + [201]
    assert {answer.json()["seq"] for answer in tries} == {1}
    assert texts(await customer.events(), "customer") == ["转账没到"]


async def test_the_log_has_no_gaps_however_many_write(desk: Desk) -> None:
    """Two writers would get the same number, or a number would be missing for ever (I2)."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    writing = [customer.say(f"第 {n} 条") for n in range(10)]
    answering = [agent.write(customer, f"回复 {n}") for n in range(10)]
    noting = [agent.act(customer, "notes", {"text": f"备注 {n}"}) for n in range(10)]
    await asyncio.gather(*writing, *answering, *noting)
    events = await desk.log(customer)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len(texts(events, "customer")) == 11
    assert len(texts(events, "agent")) == len(of_type(events, "note")) == 10


ORDINARY = [
    # as sent (JSON), as stored and sent to the bot
    ('"你好"', "你好"),
    ('"😀👩‍👩‍👧‍👦"', "😀👩‍👩‍👧‍👦"),
    (r'"\ud83d\ude00"', "😀"),
    (r'"\ud800"', "\ufffd"),
    (r'"钱\udc00呢"', "钱\ufffd呢"),
    (r'"钱\u0000呢"', "钱呢"),
    (r'"\u0007钱\u001b[31m"', "\x07钱\x1b[31m"),
    (r'"一行\r\n两行\t"', "一行\r\n两行\t"),
    ('"<script>alert(1)</script><img src=x onerror=alert(1)>"', "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    ('"\'; DROP TABLE conversations; --"', "'; DROP TABLE conversations; --"),
    ('"/restart"', "/restart"),
    ('"/human_agent{\\"x\\": 1}"', '/human_agent{"x": 1}'),
    ('"{{ service_phone }} {% raw %} %s ${x}"', "{{ service_phone }} {% raw %} %s ${x}"),
    (r'"\u202eلماذا"', "\u202eلماذا"),
    ('"0"', "0"),
    ('"' + "钱" * 4000 + '"', "钱" * 4000),
    ('"' + "😀" * 4000 + '"', "😀" * 4000),
]


@pytest.mark.parametrize(("sent", "stored"), ORDINARY, ids=[stored[:12] for _, stored in ORDINARY])
async def test_any_text_is_ordinary_text(desk: Desk, bot: FakeBot, sent: str, stored: str) -> None:
    """A typed text would crash the desk, act as a command, or differ between log and bot."""
    customer = await desk.customer()
    body = f'{{"client_message_id": "a", "text": {sent}}}'.encode()
    answer = await customer.post_bytes(body)
    assert answer.status_code == 201, answer.text
    await desk.wait_for_turn(customer, answer.json()["seq"])
    assert texts(await customer.events(), "customer") == [stored]
    assert [(turn["text"], turn["choice"]) for turn in bot.turns] == [(stored, None)]


REFUSED: list[tuple[Any, int, str]] = [
    ({"client_message_id": "a", "text": ""}, 422, "empty_text"),
    ({"client_message_id": "a", "text": " \t\r\n\u3000"}, 422, "empty_text"),
    ({"client_message_id": "a", "text": "\u200b\ufeff\u2060"}, 422, "empty_text"),
    ({"client_message_id": "a", "text": "\x00"}, 422, "empty_text"),
    ({"client_message_id": "a", "text": "\x07\x1b"}, 422, "empty_text"),
    ({"client_message_id": "a", "text": "钱" * 4001}, 422, "text_too_long"),
    ({"client_message_id": "a", "text": "钱" * 30_000}, 413, "too_large"),
    ({"client_message_id": "a", "text": 5}, 422, "bad_request"),
    ({"client_message_id": "a", "text": ["你好"]}, 422, "bad_request"),
    ({"client_message_id": "a", "text": None}, 422, "bad_request"),
    ({"client_message_id": "a"}, 422, "bad_request"),
    ({"client_message_id": "a", "text": "你好", "choice": "solved"}, 422, "bad_request"),
    ({"text": "你好"}, 422, "bad_request"),
    ({"client_message_id": "", "text": "你好"}, 422, "bad_request"),
    ({"client_message_id": "\x00", "text": "你好"}, 422, "bad_request"),
    ({"client_message_id": "a" * 101, "text": "你好"}, 422, "bad_request"),
    ({"client_message_id": 7, "text": "你好"}, 422, "bad_request"),
    ({"client_message_id": "a", "choice": "solved"}, 409, "choice_expired"),
    ({"client_message_id": "a", "choice": ""}, 422, "bad_request"),
    ({"client_message_id": "a", "choice": {"x": 1}}, 422, "bad_request"),
    ([], 422, "bad_request"),
    (None, 422, "bad_request"),
    ("你好", 422, "bad_request"),
]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED, ids=[str(body)[:50] for body, *_ in REFUSED])
async def test_a_message_that_is_refused(desk: Desk, body: Any, status: int, code: str) -> None:
    """An invalid message would be stored, or rejected without saying what is wrong."""
    customer = await desk.customer()
    answer = await customer.post(body)
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert await desk.log(customer) == []


NOT_JSON = [
    (b"", 422, "bad_request"),
    (b"{", 400, "bad_json"),
    (b"client_message_id=a&text=b", 400, "bad_json"),
    (b"\xff\xfe{}", 400, None),
    (b'{"client_message_id": "a", "text": "\xff"}', 400, None),
    (b"[" * 60_000, 400, None),
    (b'{"a":' * 12_000, 400, None),
    (b" " * 70_000, 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), NOT_JSON, ids=[str(body[:20]) for body, *_ in NOT_JSON])
async def test_what_is_no_json_is_refused(desk: Desk, body: bytes, status: int, code: str | None) -> None:
    """A broken body would be reported as the server's error instead of the sender's."""
    customer = await desk.customer()
    answer = await customer.post_bytes(body)
    assert answer.status_code == status
    assert error_code(answer) == (code or error_code(answer))


async def test_secrets_never_reach_log_or_bot(desk: Desk, bot: FakeBot) -> None:
    """A card number would stay in the log and travel to the bot."""
    customer = await desk.customer()
    seq = await customer.say("卡号6222021234567894，密码是abc123")
    await desk.wait_for_turn(customer, seq)
    assert "6222021234567894" not in str(await desk.log(customer)) + str(bot.turns)
    assert "abc123" not in str(await desk.log(customer)) + str(bot.turns)
    assert "[卡号 ****7894]" in bot.turns[0]["text"]


# --- buttons ---------------------------------------------------------------------------------------------------------


async def test_a_button_is_a_message_with_its_label(desk: Desk, bot: FakeBot) -> None:
    """The log would not show what the customer pressed, or the bot would not learn the choice."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    shown = (await customer.events())[-1]
    assert shown["buttons"] == BUTTONS
    bot.will(chats("好的，再看看别的办法。"))
    answer = await customer.press("unsolved")
    assert answer.status_code == 201
    await desk.wait_for_turn(customer, answer.json()["seq"])
    pressed = (await customer.events(after=shown["seq"]))[0]
    assert (pressed["text"], pressed["choice"]) == ("没有解决", "unsolved")
    assert (bot.turns[-1]["text"], bot.turns[-1]["choice"]) == ("没有解决", "unsolved")


async def test_a_choice_that_was_not_offered_is_refused(desk: Desk) -> None:
    """A program could send the bot ids that were never offered, commands among them."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    for choice in ("topic:fees", "/restart", "SOLVED", "没有解决"):
        answer = await customer.press(choice)
        assert (answer.status_code, error_code(answer)) == (422, "unknown_choice")
    assert (await customer.press("solved")).status_code == 201


async def test_a_button_works_once(desk: Desk, bot: FakeBot) -> None:
    """An old button in the transcript would answer a later question."""
    customer = await desk.customer()
    bot.will(answers(), chats("很抱歉没有帮到您。"))  # the second offers no buttons, however soon it comes
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert (await customer.press("unsolved")).status_code == 201
    answer = await customer.press("unsolved")
    assert (answer.status_code, error_code(answer)) == (409, "choice_expired")


async def test_a_door_queues_with_its_reason(desk: Desk, bot: FakeBot) -> None:
    """A robbed customer would wait as an ordinary case, or the bot would not know which article offered the door."""
    customer = await desk.customer()
    bot.will(answers_with_doors(), escalates("security", "urgent", "scam_in_progress", rule="context.choice", confidence=1.0))
    await desk.wait_for_turn(customer, await customer.say("转账什么时候到"))
    assert (await customer.events())[-1]["buttons"] == [*BUTTONS, *DOORS]
    answer = await customer.press("topic:scam_in_progress")
    assert answer.status_code == 201
    await desk.wait_for_turn(customer, answer.json()["seq"])
    turn = bot.turns[-1]
    assert (turn["choice"], turn["text"]) == ("topic:scam_in_progress", "感觉被骗")
    assert (turn["context"]["doors"], turn["context"]["last_article"]) == (
        ["wrong_transfer", "scam_in_progress"],
        "transfer_delay",
    )
    conversation = await desk.conversation(customer)
    assert (conversation.status, conversation.case.reason, conversation.case.priority, conversation.case.topic) == (
        "queued",
        "security",
        "urgent",
        "scam_in_progress",
    )


async def test_a_door_that_the_bot_cannot_take_still_gets_a_person(desk: Desk, bot: FakeBot) -> None:
    """The tap of a robbed customer would be lost because the bot is down, or because its policy dropped the intent."""
    customer = await desk.customer()
    bot.will(answers_with_doors())
    await desk.wait_for_turn(customer, await customer.say("转账什么时候到"))
    await bot.stop()
    answer = await customer.press("topic:wrong_transfer")
    await desk.wait_for_turn(customer, answer.json()["seq"])
    conversation = await desk.conversation(customer)
    assert (conversation.status, conversation.case.reason) == ("queued", "bot_unavailable")


async def _offered_doors(desk: Desk, bot: FakeBot, *then: Behaviour) -> Customer:
    """A customer with an article and its doors; `then` is the bot's next response."""
    customer = await desk.customer()
    bot.will(answers_with_doors(), *then)
    await desk.wait_for_turn(customer, await customer.say("转账什么时候到"))
    return customer


def _takes_the_door() -> Behaviour:
    return escalates("security", "urgent", "scam_in_progress", rule="context.choice", confidence=1.0)


async def _press_the_door(desk: Desk, bot: FakeBot, customer: Customer) -> None:
    """Press the door, and check that the bot is told which one it is."""
    answer = await customer.press("topic:scam_in_progress")
    assert answer.status_code == 201
    await desk.wait_for_turn(customer, answer.json()["seq"])
    assert (bot.turns[-1]["choice"], bot.turns[-1]["text"]) == ("topic:scam_in_progress", "感觉被骗")


@pytest.mark.parametrize(
    "between",
    [
        [chats("不客气。")],
        [answers("转账免费。")],
        [chats("不客气。"), answers("转账免费。"), chats("好的。")],
        [answers_with_doors("别的文章。"), answers()],
    ],
)
async def test_a_door_holds_after_other_messages(desk: Desk, bot: FakeBot, between: list[Behaviour]) -> None:
    """The tap of a robbed customer would be refused because they wrote something before it."""
    customer = await _offered_doors(desk, bot, *between, _takes_the_door())
    for _ in between:
        await desk.wait_for_turn(customer, await customer.say("还有一个问题"))
    await _press_the_door(desk, bot, customer)
    conversation = await desk.conversation(customer)
    assert (conversation.status, conversation.case.reason, conversation.case.topic) == (
        "queued",
        "security",
        "scam_in_progress",
    )


async def test_a_door_holds_while_the_bot_answers_something_else(desk: Desk, bot: FakeBot) -> None:
    """The tap would be refused because a message is on its way to the bot."""
    held = Held(chats("不客气。"))
    customer = await _offered_doors(desk, bot, held, _takes_the_door())
    await customer.say("谢谢")
    answer = await customer.press("topic:scam_in_progress")
    assert answer.status_code == 201
    held.release()
    await desk.wait_for_turn(customer, answer.json()["seq"])
    assert (await desk.conversation(customer)).case.reason == "security"


async def test_a_door_opens_a_closed_conversation(desk: Desk, bot: FakeBot) -> None:
    """A customer who said "solved" too early, and then noticed the theft, would be refused."""
    customer = await _offered_doors(desk, bot, chats("很高兴帮到您。", outcome="solved"), _takes_the_door())
    await desk.wait_for_turn(customer, (await customer.press("solved")).json()["seq"])
    assert (await customer.status())["status"] == "resolved"
    await _press_the_door(desk, bot, customer)
    conversation = await desk.conversation(customer)
    assert (conversation.status, conversation.episode, conversation.case.reason) == ("queued", 2, "security")


async def test_a_door_pressed_twice_is_one_case(desk: Desk, bot: FakeBot) -> None:
    """A second tap, also in another tab, would be refused with an error, or open a second case."""
    customer = await _offered_doors(desk, bot, _takes_the_door(), _takes_the_door())
    other_tab = Customer(customer.http, customer.id, customer.token)
    await _press_the_door(desk, bot, customer)
    await _press_the_door(desk, bot, other_tab)
    events = await customer.events()
    assert len(of_type(events, "handoff_requested")) == 1
    assert (await desk.conversation(customer)).status == "queued"


async def test_a_graver_door_pressed_while_waiting_raises_the_case(desk: Desk, bot: FakeBot) -> None:
    """A customer who pressed "sent wrongly" in one tab and "I am being cheated" in the other would keep the old priority."""
    customer = await _offered_doors(desk, bot, escalates("dispute", "high", "wrong_transfer"), _takes_the_door())
    await desk.wait_for_turn(customer, (await customer.press("topic:wrong_transfer")).json()["seq"])
    await _press_the_door(desk, bot, customer)
    await desk.turns_over()
    conversation = await desk.conversation(customer)
    assert (conversation.case.reason, conversation.case.priority) == ("security", "urgent")


@pytest.mark.parametrize("is_closed", [False, True])
async def test_only_doors_of_this_conversation_hold(desk: Desk, bot: FakeBot, is_closed: bool) -> None:
    """A door of another conversation, or an old answer or topic, would open a case, or a refused tap would be logged."""
    other = [*BUTTONS, {"choice": "topic:fees", "label": "手续费"}]
    message = {
        "messages": [{"text": "哪一个？", "buttons": other}],
        "decision": decision("clarify", asks="topic", topics=["fees"]),
    }
    await _offered_doors(desk, bot)
    customer = await desk.customer()
    end = chats("很高兴帮到您。", outcome="solved") if is_closed else chats("不客气。")
    bot.will(says(message), end)
    await desk.wait_for_turn(customer, await customer.say("费"))
    await desk.wait_for_turn(customer, await customer.say("谢谢"))
    for choice in ("topic:scam_in_progress", "topic:fees", "solved", "unsolved"):
        answer = await customer.press(choice)
        assert (answer.status_code, error_code(answer)) == (409, "choice_expired"), choice
    assert [event["text"] for event in await customer.events() if event.get("by", {}).get("kind") == "customer"][-1] == "谢谢"
    assert (await desk.conversation(customer)).status == ("resolved" if is_closed else "with_bot")


async def test_solved_closes_and_writing_opens_again(desk: Desk, bot: FakeBot) -> None:
    """A solved conversation would stay open, or the customer could not come back."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    bot.will(chats("很高兴帮到您。", outcome="solved"))
    seq = (await customer.press("solved")).json()["seq"]
    events = await desk.wait_for_turn(customer, seq)
    assert of_type(events, "resolved")[0]["resolution"] == "solved"
    assert (await customer.status())["status"] == "resolved"
    events = await desk.wait_for_turn(customer, await customer.say("还有，手续费多少？"))
    assert of_type(events, "reopened")[0]["episode"] == 2
    assert (await customer.status())["status"] == "with_bot"
    assert events[-1]["by"]["kind"] == "bot"


async def test_solved_is_not_the_last_word_when_more_was_written(desk: Desk, bot: FakeBot) -> None:
    """A question typed right after "solved" would be closed unanswered."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    bot.will(chats("很高兴帮到您。", outcome="solved"), answers("手续费 0.1%。"))
    _, seq = (await customer.press("solved")), await customer.say("手续费多少？")
    events = await desk.wait_for_turn(customer, seq)
    reopened = bool(of_type(events, "reopened"))
    assert reopened is bool(of_type(events, "resolved"))
    assert (await customer.status())["status"] == "with_bot"
    assert "手续费 0.1%。" in texts(events, "bot")


# --- access --------------------------------------------------------------------------------------------------------------

CALLS = [
    ("GET", "", None),
    ("GET", "/events", None),
    ("POST", "/messages", {"client_message_id": "a", "text": "你好"}),
    ("POST", "/handoff", None),
    ("POST", "/cancel", None),
    ("POST", "/rating", {"score": 5}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_only_with_the_token_of_the_conversation(desk: Desk, method: str, path: str, body: Any) -> None:
    """A stranger could read a conversation, write into it, or learn from the response that it exists."""
    customer, other = await desk.customer(), await desk.customer()
    url = f"/api/conversations/{customer.id}{path}"
    for headers, code in (
        ({}, "no_token"),
        ({"Authorization": "Bearer"}, "no_token"),
        ({"Authorization": f"Basic {customer.token}"}, "no_token"),
        ({"Authorization": "Bearer wrong"}, "wrong_token"),
        ({"Authorization": f"Bearer {other.token}"}, "wrong_token"),
    ):
        answer = await desk.http.request(method, url, headers=headers, json=body)
        assert (answer.status_code, error_code(answer)) == (401, code)
    assert await desk.log(customer) == []


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_an_unknown_conversation(desk: Desk, method: str, path: str, body: Any) -> None:
    """A mistyped or crafted address would be a server error."""
    customer = await desk.customer()
    for conversation_id in ("nobody", "%00", "a%00b", "%F0%9F%98%80", "%FF", "%27%20OR%201%3D1"):
        url = f"/api/conversations/{conversation_id}{path}"
        answer = await desk.http.request(method, url, headers=customer.headers, json=body)
        assert (answer.status_code, error_code(answer)) == (404, "unknown_conversation"), conversation_id


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_customers_see_no_internal_events(desk: Desk, bot: FakeBot) -> None:
    """Scores and rules would be shown to customers."""
    customer = await desk.customer()
    events = await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert "triage" in types(events)
    assert types(await customer.events()) == ["message"] * 3
    assert {event["seq"] for event in events} - {event["seq"] for event in await customer.events()} == {2}


async def test_reading_on_from_a_number(desk: Desk) -> None:
    """A reconnect would repeat or lose messages."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    everything = await customer.events()
    for place, event in enumerate(everything, 1):
        assert await customer.events(after=event["seq"]) == everything[place:]
    assert await customer.events(after=2**63 - 1) == []


async def test_a_long_poll_answers_as_soon_as_there_is_something(desk: Desk) -> None:
    """Messages would be delayed by the whole duration of the poll."""
    customer = await desk.customer()
    poll = asyncio.create_task(customer.events(wait=25))
    await desk.wait_for_turn(customer, await customer.say("转账没到"))
    async with asyncio.timeout(15):
        assert texts(await poll, "customer") == ["转账没到"]


async def test_a_long_poll_ends_without_anything(desk: Desk) -> None:
    """A poll in a quiet conversation would never return."""
    customer = await desk.customer()
    assert await customer.events(wait=0.2) == []


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=1.5", f"after={2**63}", "wait=-1", "wait=nan", "wait=inf", "wait=x"]
)
async def test_a_bad_query_is_refused(desk: Desk, query: str) -> None:
    """A sequence number beyond the log would be a server error, or an endless wait."""
    customer = await desk.customer()
    answer = await customer.call("GET", f"/events?{query}")
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")


# --- the stream ------------------------------------------------------------------------------------------------------


async def test_the_stream_shows_the_log_and_the_status(desk: Desk) -> None:
    """The page would not see new events, or not the conversation's state."""
    customer = await desk.customer()
    async with customer.stream() as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        first = await stream.next()
        assert (first.event, first.id, first.data) == ("status", None, await customer.status())
        await customer.say("转账没到")
        events = await stream.events(3)
        assert events == await customer.events()
        await customer.ask_for_person()
        frames = await stream.until(lambda frame: frame.event == "status" and frame.data["status"] == "queued")
        assert frames[-1].data == await customer.status()
        assert {frame.retry for frame in frames} == {"1000"}


async def test_a_reconnect_resumes_exactly_once(desk: Desk) -> None:
    """Messages would be lost or duplicated when a phone changes from one network to another."""
    customer = await desk.customer()
    async with customer.stream() as stream:
        await customer.say("一")
        seen = await stream.events(2)
    await desk.wait_for_turn(customer, await customer.say("二"))
    while len(seen) < len(await customer.events()):
        async with customer.stream(last_event_id=seen[-1]["seq"]) as stream:
            seen += await stream.events(1)
    assert seen == await customer.events()
    async with customer.stream(last_event_id=seen[-1]["seq"]) as stream:
        assert (await stream.next()).event == "status"
        await customer.say("三")
        assert (await stream.events(1))[0]["text"] == "三"


async def test_last_event_id_wins_over_after(desk: Desk) -> None:
    """A browser reconnects to the first URL; the stream would start from the beginning again."""
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("一"))
    for headers, first in (({}, 1), ({"Last-Event-ID": ""}, 1), ({"Last-Event-ID": "1"}, 3)):
        answer = await desk.http.get(
            f"/api/conversations/{customer.id}/events?after=0", headers={**customer.headers, **headers}
        )
        assert answer.json()["events"][0]["seq"] == first


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "²"])
async def test_a_bad_last_event_id_is_refused(desk: Desk, last: str) -> None:
    """A broken header would be a server error, or start the stream at a random position."""
    customer = await desk.customer()
    for accept in ("text/event-stream", "application/json"):
        headers = {**customer.headers, "Last-Event-ID": last.encode().decode("latin-1").encode("latin-1"), "Accept": accept}
        answer = await desk.http.get(f"/api/conversations/{customer.id}/events", headers=headers)
        assert (answer.status_code, error_code(answer)) == (422, "bad_last_event_id")


async def test_a_stream_is_refused_before_it_begins(desk: Desk) -> None:
    """A page with a wrong token would reconnect to an empty stream for ever."""
    customer = await desk.customer()
    headers = {"Authorization": "Bearer wrong", "Accept": "text/event-stream"}
    answer = await desk.http.get(f"/api/conversations/{customer.id}/events", headers=headers)
    assert (answer.status_code, error_code(answer)) == (401, "wrong_token")


async def test_a_place_in_line_moves_on_the_stream(desk: Desk) -> None:
    """A waiting customer would see an old queue position until they reload the page."""
    first, second, agent = await desk.customer(), await desk.customer(), await desk.agent()
    await first.ask_for_person()
    assert (await second.ask_for_person())["queue_position"] == 2
    async with second.stream() as stream:
        await stream.until(lambda frame: frame.data.get("queue_position") == 2)
        await agent.claim(first)
        await stream.until(lambda frame: frame.data.get("queue_position") == 1)


# --- asking for a person ---------------------------------------------------------------------------------------------------


async def test_asking_for_a_person(desk: Desk, bot: FakeBot) -> None:
    """The button would have no effect, or tell neither position nor wait (I6)."""
    await desk.agent()
    await (await desk.customer()).ask_for_person()
    customer = await desk.customer()
    status = await customer.ask_for_person()
    assert (status["status"], status["reason"], status["priority"]) == ("queued", "user_request", "normal")
    assert (status["queue_position"], status["eta_seconds"]) == (2, 480)
    assert types(await customer.events()) == ["handoff_requested", "message"]
    policy = desk.services.policy
    assert texts(await customer.events(), "system") == [policy.handoff_text("zh", "user_request", "human_agent", 1, 1)]
    assert await customer.ask_for_person() == status
    assert len(await customer.events()) == 2
    assert bot.turns == []


async def test_the_customers_language(desk: Desk) -> None:
    """An English customer would be handed over in Chinese."""
    customer = await desk.customer("en")
    await customer.ask_for_person()
    expected = desk.services.policy.handoff_text("en", "user_request", "human_agent", 0, 0)
    assert texts(await customer.events(), "system") == [expected]


async def test_the_button_for_a_person_needs_no_bot(desk: Desk, bot: FakeBot) -> None:
    """With the bot down no customer could reach a person."""
    await bot.stop()
    customer = await desk.customer()
    answer = await customer.press("human")
    assert answer.status_code == 201
    assert (await customer.status())["status"] == "queued"
    assert (await customer.status())["reason"] == "user_request"
    await desk.turns_over()
    assert types(await desk.log(customer)) == ["message", "handoff_requested", "message"]


async def test_cancelling(desk: Desk, bot: FakeBot) -> None:
    """A customer who changes their mind would stay in the queue, or get no answer any more."""
    customer = await desk.customer()
    await customer.ask_for_person()
    answer = await customer.cancel()
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["queue_position"]) == ("with_bot", None)
    assert types(await customer.events())[-2:] == ["cancelled", "message"]
    events = await desk.wait_for_turn(customer, await customer.say("转账没到"))
    assert texts(events, "bot")


async def test_cancelling_without_waiting_is_refused(desk: Desk) -> None:
    """A late click on "cancel" would take the conversation from the agent who has claimed it."""
    customer, agent = await desk.customer(), await desk.agent()
    answer = await customer.cancel()
    assert (answer.status_code, error_code(answer)) == (409, "not_queued")
    await customer.ask_for_person()
    await agent.claim(customer)
    answer = await customer.cancel()
    assert (answer.status_code, error_code(answer)) == (409, "not_queued")
    assert (await customer.status())["agent"] == agent.name


# --- rating -----------------------------------------------------------------------------------------------------------


async def resolved_customer(desk: Desk) -> Customer:
    """A customer whose case an agent has closed."""
    customer, agent = await desk.customer(), await desk.agent()
    await customer.ask_for_person()
    await agent.claim(customer)
    assert (await agent.let_go(customer, "resolve")).status_code == 200
    return customer


async def test_rating(desk: Desk) -> None:
    """The rating would be lost, or a changed rating refused."""
    customer = await resolved_customer(desk)
    assert (await customer.rate(2, "等太久")).status_code == 201
    assert (await customer.rate(4)).status_code == 201
    assert (await customer.status())["rating"] == 4
    rated = of_type(await customer.events(), "rated")
    assert [(event["score"], event.get("comment")) for event in rated] == [(2, "等太久"), (4, None)]


@pytest.mark.parametrize("score", [0, 6, -1, 4.5, "5", None, True, [5]])
async def test_a_score_that_is_refused(desk: Desk, score: Any) -> None:
    """The average would count invalid scores."""
    customer = await resolved_customer(desk)
    answer = await customer.rate(score)
    assert (answer.status_code, error_code(answer)) == (422, "bad_request")
    assert (await customer.status())["rating"] is None


@pytest.mark.parametrize("comment", ["", "  ", None])
async def test_a_rating_without_words(desk: Desk, comment: str | None) -> None:
    """A customer who leaves the comment field empty could not rate."""
    customer = await resolved_customer(desk)
    assert (await customer.rate(5, comment)).status_code == 201
    assert "comment" not in of_type(await customer.events(), "rated")[0]


async def test_rating_an_open_conversation_is_refused(desk: Desk) -> None:
    """Customers would rate a conversation that is still open."""
    customer = await desk.customer()
    answer = await customer.rate(5)
    assert (answer.status_code, error_code(answer)) == (409, "not_resolved")
