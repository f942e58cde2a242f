"""The clocks of a case over its whole life: which run, when they are due, what pauses them, and the words for agents.

The general queue works from Monday to Friday, 09:00-12:00 and 13:00-18:00 in Shanghai; the security queue is always open.
27 November 2026 is a Friday. All times are on the wall clock of Shanghai.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from content.bundle import DeskContent
from content.compiler import load_desk_content
from content.staffing import DAYS, Hours, Level, WorkQueue
from handoff.conversations.decide import (
    Assign,
    Cancel,
    Command,
    Link,
    Receive,
    RequestHandoff,
    Requeue,
    Resolve,
    ReturnToBot,
    UndoCancel,
    UndoResolution,
    Write,
)
from handoff.conversations.draft import Draft
from handoff.conversations.events import SYSTEM, Participant
from handoff.conversations.state import Conversation, born
from handoff.conversations.values import Birth
from handoff.queue.service_levels import nearest_due, running_clocks
from handoff.queue.work_queues import queue_of, queue_of_reason
from tests.handoff.conftest import DATA

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIN, ZHOU = ("lin", "小林"), ("zhou", "小周")
OFFICE = ("09:00-12:00", "13:00-18:00")
LASTING = ("dispute", "security")


def at(text: str) -> dt.datetime:
    """A moment on the wall clock of Shanghai."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(dt.UTC)


@pytest.fixture(scope="module")
def content() -> DeskContent:
    """The editors' content with the queues, hours and levels of these tests."""
    loaded = load_desk_content(DATA)
    desk = msgspec.structs.replace(
        loaded.desk,
        queues={
            "security": WorkQueue("账户安全", "Security", "always", reasons=("security",)),
            "disputes": WorkQueue("交易争议", "Disputes", "office", reasons=("dispute",)),
            "general": WorkQueue("综合", "General", "office", is_default=True),
        },
        hours={
            "office": Hours("Asia/Shanghai", dict.fromkeys(DAYS[:5], OFFICE), "china"),
            "always": Hours("Asia/Shanghai", dict.fromkeys(DAYS, ("00:00-24:00",))),
        },
        levels={
            "urgent": Level(2, 3, 240),
            "high": Level(15, 15, 480, pauses=()),
            "normal": Level(60, 30, 480, pauses=("resolution",)),
        },
    )
    return msgspec.structs.replace(loaded, desk=desk)


def handoff(reason: str = "user_request", priority: str = "normal") -> RequestHandoff:
    """A handoff of a case that stays open when it falls idle, if it is a dispute or about security."""
    return RequestHandoff(reason, priority, lasting=LASTING)


def customer(key: str) -> Receive:
    """A customer's message."""
    return Receive(key, "你好")


def lin(key: str) -> Write:
    """A message of Lin."""
    return Write(*LIN, "您好", key)


def story(*steps: tuple[str, Command]) -> Conversation:
    """The state after commands at their times."""
    draft = Draft(born(Birth("c1", "x", "zh", "web", at(steps[0][0]))))
    for when, command in steps:
        draft.do(command, at(when))
    return draft.state


#: A handoff on Friday at 17:30; Lin has answered on Monday at 09:10; the customer has written again at 09:20.
WAITS: list[tuple[str, Command]] = [("2026-11-27 17:30", customer("m1")), ("2026-11-27 17:30", handoff())]
TAKEN: list[tuple[str, Command]] = [*WAITS, ("2026-11-30 09:05", Assign(*LIN))]
ANSWERED: list[tuple[str, Command]] = [*TAKEN, ("2026-11-30 09:10", lin("a1"))]
OWES: list[tuple[str, Command]] = [*ANSWERED, ("2026-11-30 09:20", customer("m2"))]
DISPUTE: list[tuple[str, Command]] = [
    ("2026-11-30 09:00", customer("m1")),
    ("2026-11-30 09:00", handoff("dispute")),
    ("2026-11-30 09:10", Assign(*LIN)),
    ("2026-11-30 09:20", lin("a1")),
]

CLOCKS: dict[str, tuple[list[tuple[str, Command]], str, dict[str, tuple[str, int, str]]]] = {
    # what: (the story, now, {clock: (due, minutes that remain, "", "paused", "breached" or both)})
    "with the bot": ([("2026-11-30 09:00", customer("m1"))], "2026-11-30 10:00", {}),
    "waits over the weekend": (
        WAITS,
        "2026-11-28 12:00",
        {"first_response": ("2026-11-30 09:30", 30, ""), "resolution": ("2026-11-30 17:30", 450, "")},
    ),
    "just in time": (
        WAITS,
        "2026-11-30 09:30",
        {"first_response": ("2026-11-30 09:30", 0, ""), "resolution": ("2026-11-30 17:30", 420, "")},
    ),
    "a minute late": (
        WAITS,
        "2026-11-30 09:31",
        {"first_response": ("2026-11-30 09:30", -1, "breached"), "resolution": ("2026-11-30 17:30", 419, "")},
    ),
    "late overnight": (
        [("2026-11-30 17:00", customer("m1")), ("2026-11-30 17:00", handoff())],
        "2026-11-30 23:00",  # due at the end of the day: no opening hours have passed since, and it is over
        {"first_response": ("2026-11-30 18:00", 0, "breached"), "resolution": ("2026-12-01 17:00", 420, "")},
    ),
    "taken, and nobody has written": (
        TAKEN,
        "2026-11-30 09:06",
        {"first_response": ("2026-11-30 09:30", 24, ""), "resolution": ("2026-11-30 17:30", 444, "")},
    ),
    "answered: the customer owes an answer": (
        ANSWERED,
        "2026-11-30 09:15",
        {"resolution": ("2026-11-30 17:35", 440, "paused")},  # 40 minutes passed; 440 remain from 09:15 on
    ),
    "paused with seconds left": (
        [*TAKEN, ("2026-11-30 17:29:40", lin("a1"))],
        "2026-11-30 17:45:50",
        {"resolution": ("2026-11-30 17:45", 1 / 3, "paused")},  # 20 seconds after 17:45
    ),
    "paused at the last moment": (
        [*TAKEN, ("2026-11-30 17:30", lin("a1"))],
        "2026-11-30 17:45",
        {"resolution": ("2026-11-30 17:30", 0, "paused")},
    ),
    "paused when it was late": (
        [*TAKEN, ("2026-11-30 17:31", lin("a1"))],
        "2026-11-30 17:45",
        {"resolution": ("2026-11-30 17:30", -1, "paused breached")},
    ),
    "the customer owes an answer for a night": (
        ANSWERED,
        "2026-12-01 10:00",
        {"resolution": ("2026-12-02 09:20", 440, "paused")},  # 2 h + 5 h on Tuesday, 20 minutes on Wednesday
    ),
    "the customer wrote again": (
        OWES,
        "2026-11-30 09:25",
        {"next_response": ("2026-11-30 09:50", 25, ""), "resolution": ("2026-11-30 17:40", 435, "")},
    ),
    "two messages count from the first": (
        [*OWES, ("2026-11-30 09:40", customer("m3"))],
        "2026-11-30 09:45",
        {"next_response": ("2026-11-30 09:50", 5, ""), "resolution": ("2026-11-30 17:40", 415, "")},
    ),
    "answered again: two pauses": (
        [*OWES, ("2026-11-30 09:30", lin("a2")), ("2026-11-30 10:30", customer("m3"))],
        "2026-11-30 10:30",
        # 09:10-09:20 and 09:30-10:30 do not count
        {"next_response": ("2026-11-30 11:00", 30, ""), "resolution": ("2026-12-01 09:40", 430, "")},
    ),
    "transferred: the clocks run on": (
        [*OWES, ("2026-11-30 09:25", Requeue(SYSTEM, "agent")), ("2026-11-30 09:40", Assign(*ZHOU))],
        "2026-11-30 09:51",
        {"next_response": ("2026-11-30 09:50", -1, "breached"), "resolution": ("2026-11-30 17:40", 409, "")},
    ),
    "transferred after an answer: the customer waits for whoever takes it": (
        [*ANSWERED, ("2026-11-30 09:20", Requeue(SYSTEM, "agent")), ("2026-11-30 09:30", Assign(*ZHOU))],
        "2026-11-30 09:40",
        {"next_response": ("2026-11-30 09:50", 10, ""), "resolution": ("2026-11-30 17:40", 420, "")},
    ),
    "transferred after an answer, and answered": (
        [
            *ANSWERED,
            ("2026-11-30 09:20", Requeue(SYSTEM, "agent")),
            ("2026-11-30 09:30", Assign(*ZHOU)),
            ("2026-11-30 09:40", Write(*ZHOU, "您好", "a2")),
        ],
        "2026-11-30 09:50",
        {"resolution": ("2026-11-30 17:50", 420, "paused")},
    ),
    "transferred before the first response": (
        [*TAKEN, ("2026-11-30 09:06", Requeue(SYSTEM, "agent_gone"))],
        "2026-11-30 09:20",
        {"first_response": ("2026-11-30 09:30", 10, ""), "resolution": ("2026-11-30 17:30", 430, "")},
    ),
    "transferred to a queue that is always open": (
        [*TAKEN, ("2026-11-30 09:06", Requeue(SYSTEM, "agent", queue="security"))],
        "2026-11-30 09:20",  # the hours of the new queue count from the handoff on
        {
            "first_response": ("2026-11-27 18:30", -2330 - 1440, "breached"),
            "resolution": ("2026-11-28 01:30", -3350, "breached"),
        },
    ),
    "linked to another conversation": (
        [*OWES, ("2026-11-30 09:21", Link(*LIN, "c2"))],
        "2026-11-30 09:25",
        {"next_response": ("2026-11-30 09:50", 25, ""), "resolution": ("2026-11-30 17:40", 435, "")},
    ),
    "resolved": (
        [*OWES, ("2026-11-30 09:30", Resolve("agent", Participant("agent", "小林"), login="lin"))],
        "2026-11-30 09:40",
        {},
    ),
    "the resolution is undone": (
        [
            *OWES,
            ("2026-11-30 09:30:00", Resolve("agent", Participant("agent", "小林"), login="lin")),
            ("2026-11-30 09:30:08", UndoResolution(*LIN)),
        ],
        "2026-11-30 09:40",
        {"next_response": ("2026-11-30 09:50", 10, ""), "resolution": ("2026-11-30 17:40", 420, "")},
    ),
    "returned to the bot": ([*OWES, ("2026-11-30 09:30", ReturnToBot(SYSTEM))], "2026-11-30 09:40", {}),
    "a new handoff after the bot": (
        [*OWES, ("2026-11-30 09:30", ReturnToBot(SYSTEM)), ("2026-11-30 10:00", handoff())],
        "2026-11-30 10:10",
        {"first_response": ("2026-11-30 11:00", 50, ""), "resolution": ("2026-12-01 10:00", 470, "")},
    ),
    "cancelled": ([*WAITS, ("2026-11-27 17:40", Cancel())], "2026-11-27 17:45", {}),
    "the cancel is undone": (
        [*WAITS, ("2026-11-27 17:40:00", Cancel()), ("2026-11-27 17:40:05", UndoCancel())],
        "2026-11-27 17:45",
        {"first_response": ("2026-11-30 09:30", 45, ""), "resolution": ("2026-11-30 17:30", 465, "")},
    ),
    "an open case that fell idle": ([*DISPUTE, ("2026-11-30 10:00", Resolve("idle", SYSTEM))], "2026-11-30 12:00", {}),
    "an open case that came back": (
        [
            *DISPUTE,
            ("2026-11-30 10:00", Resolve("idle", SYSTEM)),
            ("2026-12-01 10:00", customer("m2")),
        ],
        "2026-12-01 10:10",
        # 09:00-09:20 counted; then the customer owed an answer until 10:00 on Tuesday; the first response was given
        {"next_response": ("2026-12-01 10:30", 20, ""), "resolution": ("2026-12-02 09:40", 450, "")},
    ),
    "an open case that came back before anybody wrote": (
        [
            *DISPUTE[:3],
            ("2026-11-30 09:30", Resolve("idle", SYSTEM)),
            ("2026-11-30 10:00", customer("m2")),
        ],
        "2026-11-30 10:20",
        {"first_response": ("2026-11-30 10:00", -20, "breached"), "resolution": ("2026-12-01 09:30", 430, "")},
    ),
    "a case that was over, and a new one": (
        [
            *OWES,
            ("2026-11-30 09:30", Resolve("agent", Participant("agent", "小林"), login="lin")),
            ("2026-11-30 11:00", customer("m3")),
            ("2026-11-30 11:00", handoff()),
        ],
        "2026-11-30 11:30",
        {"first_response": ("2026-11-30 12:00", 30, ""), "resolution": ("2026-12-01 11:00", 450, "")},
    ),
    "a level without pauses": (
        [
            ("2026-11-30 09:00", customer("m1")),
            ("2026-11-30 09:00", handoff("dispute", "high")),
            ("2026-11-30 09:05", Assign(*LIN)),
            ("2026-11-30 09:10", lin("a1")),
        ],
        "2026-11-30 17:00",
        {"resolution": ("2026-11-30 18:00", 60, "")},
    ),
    "urgent at night, in a queue that is always open": (
        [("2026-11-28 03:00", customer("m1")), ("2026-11-28 03:00", handoff("security", "urgent"))],
        "2026-11-28 03:01",
        {"first_response": ("2026-11-28 03:02", 1, ""), "resolution": ("2026-11-28 07:00", 239, "")},
    ),
    "raised while it waits": (
        [
            ("2026-11-30 09:00", customer("m1")),
            ("2026-11-30 09:00", handoff()),
            ("2026-11-30 09:10", handoff("security", "urgent")),
        ],
        "2026-11-30 09:11",  # the level of the graver matter counts from the handoff: it is late, and comes first
        {"first_response": ("2026-11-30 09:02", -9, "breached"), "resolution": ("2026-11-30 13:00", 229, "")},
    ),
    "the clock of the computer jumped back": (
        WAITS,
        "2026-11-27 16:00",
        {"first_response": ("2026-11-30 09:30", 60, ""), "resolution": ("2026-11-30 17:30", 480, "")},
    ),
    "it jumped back between an answer and the next message": (
        [*ANSWERED, ("2026-11-30 09:00", customer("m2"))],
        "2026-11-30 09:05",  # times in the log never go back: the message counts from 09:10
        {"next_response": ("2026-11-30 09:40", 30, ""), "resolution": ("2026-11-30 17:30", 445, "")},
    ),
    "it jumped forward by ten days": (
        WAITS,
        "2026-12-07 09:00",
        {
            "first_response": ("2026-11-30 09:30", 30 - 2400, "breached"),
            "resolution": ("2026-11-30 17:30", 450 - 2400, "breached"),
        },
    ),
    "it is earlier than the pause": (
        ANSWERED,
        "2026-11-30 09:08",
        {"resolution": ("2026-11-30 17:30", 442, "paused")},
    ),
}


@pytest.mark.parametrize(("steps", "now", "expected"), CLOCKS.values(), ids=CLOCKS)
def test_the_clocks_of_a_case(
    content: DeskContent,
    steps: list[tuple[str, Command]],
    now: str,
    expected: dict[str, tuple[str, int, str]],
) -> None:
    """A deadline would count time in which nobody owed anything, or start again whenever a case changes hands."""
    dues = running_clocks(story(*steps), content, at(now))
    found = {
        due.clock: (
            due.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            pytest.approx(due.remaining / dt.timedelta(minutes=1)),
            " ".join(word for word, holds in (("paused", due.is_paused), ("breached", due.is_breached)) if holds),
        )
        for due in dues
    }
    assert found == expected


NEAREST = [
    ("with the bot", None),
    ("waits over the weekend", "first_response"),
    ("answered: the customer owes an answer", "resolution"),
    ("the customer wrote again", "next_response"),
    ("a case that was over, and a new one", "first_response"),
]


@pytest.mark.parametrize(("name", "clock"), NEAREST)
def test_a_card_shows_the_deadline_that_comes_first(content: DeskContent, name: str, clock: str | None) -> None:
    """Cards would be ordered by a deadline that is far away while another one passes."""
    steps, now, _ = CLOCKS[name]
    due = nearest_due(story(*steps), content, at(now))
    assert (due.clock if due else None) == clock


WORDS: dict[str, tuple[list[tuple[str, Command]], str, str, str, str]] = {
    # what: (the story, now, clock, zh, en)
    "over a weekend": (
        WAITS,
        "2026-11-27 17:40",
        "first_response",
        "周一 09:30：自周五 17:30 起 1 个工作小时",
        "09:30 Monday: 1 working hour from 17:30 Friday",
    ),
    "within a day": (
        [("2026-11-30 09:00", customer("m1")), ("2026-11-30 09:00", handoff("dispute", "high"))],
        "2026-11-30 09:01",
        "first_response",
        "周一 09:15：自 09:00 起 15 个工作分钟",
        "09:15 Monday: 15 working minutes from 09:00",
    ),
    "over a holiday": (
        [("2026-06-18 17:30", customer("m1")), ("2026-06-18 17:30", handoff())],
        "2026-06-18 17:31",
        "first_response",
        "周一 09:30：自周四 17:30 起 1 个工作小时，周五至周日为节假日（端午节）",
        "09:30 Monday: 1 working hour from 17:30 Thursday, Friday to Sunday are holidays (Dragon Boat Festival)",
    ),
    "over a make-up day": (
        [("2026-10-09 17:30", customer("m1")), ("2026-10-09 17:30", handoff())],
        "2026-10-09 17:31",
        "first_response",
        "周六 09:30：自周五 17:30 起 1 个工作小时，周六调休上班",
        "09:30 Saturday: 1 working hour from 17:30 Friday, Saturday is a make-up working day",
    ),
    "over more than a week": (
        [("2026-09-30 17:30", customer("m1")), ("2026-09-30 17:30", handoff())],
        "2026-09-30 17:31",
        "first_response",
        "10月8日（周四）09:30：自9月30日（周三）17:30 起 1 个工作小时，10月1日（周四）至10月7日（周三）为节假日（国庆节）",
        "09:30 Thursday 8 October: 1 working hour from 17:30 Wednesday 30 September, "
        "Thursday 1 October to Wednesday 7 October are holidays (National Day)",
    ),
    "into an unknown year": (
        [("2026-12-31 17:30", customer("m1")), ("2026-12-31 17:30", handoff())],
        "2026-12-31 17:31",
        "first_response",
        "周五 09:30：自周四 17:30 起 1 个工作小时，2027 年的节假日安排尚未录入",
        "09:30 Friday: 1 working hour from 17:30 Thursday, the holidays of 2027 are not known",
    ),
    "always open": (
        [("2026-11-28 03:00", customer("m1")), ("2026-11-28 03:00", handoff("security", "urgent"))],
        "2026-11-28 03:01",
        "first_response",
        "周六 03:02：自 03:00 起 2 分钟",
        "03:02 Saturday: 2 minutes from 03:00",
    ),
    "hours that are always open": (
        [("2026-11-28 23:00", customer("m1")), ("2026-11-28 23:00", handoff("security", "urgent"))],
        "2026-11-28 23:01",
        "resolution",
        "周日 03:00：自周六 23:00 起 4 小时",
        "03:00 Sunday: 4 hours from 23:00 Saturday",
    ),
    "paused": (
        ANSWERED,
        "2026-11-30 09:15",
        "resolution",
        "周一 17:35：自周五 17:30 起 8 个工作小时，客户待回复，计时已暂停",
        "17:35 Monday: 8 working hours from 17:30 Friday, paused while the customer owes an answer",
    ),
    "with pauses": (
        [*OWES, ("2026-11-30 09:30", lin("a2")), ("2026-11-30 10:30", customer("m3"))],
        "2026-11-30 10:31",
        "resolution",
        "周二 09:40：自周五 17:30 起 8 个工作小时，其间等客户回复的 1 个工作小时 10 分钟不计",
        "09:40 Tuesday: 8 working hours from 17:30 Friday, "
        "without 1 working hour 10 minutes in which the customer owed an answer",
    ),
}


@pytest.mark.parametrize(("steps", "now", "clock", "zh", "en"), WORDS.values(), ids=WORDS)
def test_a_deadline_says_how_it_comes_about(
    content: DeskContent, steps: list[tuple[str, Command]], now: str, clock: str, zh: str, en: str
) -> None:
    """An agent would not believe a deadline on Thursday for a case of Wednesday last week."""
    (due,) = (due for due in running_clocks(story(*steps), content, at(now)) if due.clock == clock)
    assert due.explanation == {"zh": zh, "en": en}


def test_a_card_gets_the_deadline_as_json(content: DeskContent) -> None:
    """The console reads these fields."""
    due = nearest_due(story(*WAITS), content, at("2026-11-30 09:31"))
    assert due is not None
    as_json: dict[str, Any] = due.as_json()
    assert as_json == {
        "clock": "first_response",
        "at": "2026-11-30T01:30:00+00:00",
        "is_paused": False,
        "is_breached": True,
        "explanation": {
            "zh": "周一 09:30：自周五 17:30 起 1 个工作小时",
            "en": "09:30 Monday: 1 working hour from 17:30 Friday",
        },
    }
    assert msgspec.json.decode(msgspec.json.encode(as_json)) == as_json


# --- queues -------------------------------------------------------------------------------------------------------------


def test_a_reason_leads_to_its_queue_and_any_other_to_the_default_queue(content: DeskContent) -> None:
    """A case of a reason that no queue names would wait nowhere."""
    assert queue_of_reason("security", content) == "security"
    assert queue_of_reason("dispute", content) == "disputes"
    assert queue_of_reason("user_request", content) == "general"
    assert queue_of_reason("a_reason_of_tomorrow", content) == "general"
    assert queue_of_reason(None, content) == "general"


def test_a_transfer_decides_until_its_queue_is_removed(content: DeskContent) -> None:
    """A case would go back to those who sent it on; or vanish with a queue that an editor removed."""
    sent = story(*TAKEN, ("2026-11-30 09:06", Requeue(SYSTEM, "agent", queue="disputes")))
    assert queue_of(story(*TAKEN), content) == "general"
    assert queue_of(sent, content) == "disputes"
    queues = {name: queue for name, queue in content.desk.queues.items() if name != "disputes"}
    without = msgspec.structs.replace(content, desk=msgspec.structs.replace(content.desk, queues=queues))
    assert queue_of(sent, without) == "general"
    assert nearest_due(sent, without, at("2026-11-30 09:20")) is not None
