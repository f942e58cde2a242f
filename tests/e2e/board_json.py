"""Boards as the desk sends them, of any size: for what a test's small desk cannot show, such as hundreds of rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from playwright.sync_api import BrowserContext, Route

Json = dict[str, Any]

_NAMES = "林静 周航 陈思远 吴倩 郑浩 王蕾 冯磊 褚敏 卫东 蒋欣 沈悦 韩冰 杨帆 朱琳 秦川 许晴".split()
_KINDS = (
    ("urgent_waiting", {"seconds": 190}),
    ("unanswered", {"seconds": 420}),
    ("offer_missed", {"why": "late"}),
    ("requeued", {"count": 3}),
    ("low_rating", {"score": 1}),
    ("reopened_dispute", {}),
    ("asks_for_supervisor", {}),
    ("over_capacity", {"by": "陈主管"}),
    ("accessed", {"reason": "帮同事核对退款进度"}),
)
_TOPICS = (
    ("security", "scam_report", "urgent", "money_moving", 20_000),
    ("dispute", "duplicate_charge", "high", None, 358.5),
    ("large_transaction", "payment_limit", "high", None, 80_000),
    ("complex_technical", "app_problem", "normal", None, None),
    ("user_request", "refund_status", "normal", None, 129),
)
_FIGURES = (
    ("waiting", "等待中", "Waiting", "count", 14, 11),
    ("oldest_urgent", "加急最久等待", "Oldest urgent", "seconds", 96, 240),
    ("first_response_median", "首次回复（中位数）", "First response, median", "seconds", 42, 55),
    ("first_response_p90", "首次回复（90%）", "First response, 90%", "seconds", 131, 188),
    ("within_promise", "按承诺时间首次回复", "Answered within promise", "share", 0.962, 0.941),
    ("abandoned", "放弃等待", "Abandoned", "share", 0.031, 0.05),
)


def conversation_id(number: int) -> str:
    """The id of a made-up conversation."""
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


def make_card(number: int, now: dt.datetime, agent: str | None = None, due_seconds: int = 60) -> Json:
    """A card as in the queue."""
    reason, topic, priority, lane, amount = _TOPICS[number % len(_TOPICS)]
    return {
        "id": conversation_id(number),
        "status": "assigned" if agent else "queued",
        "last_seq": 4,
        "locale": "zh",
        "channel": "web",
        "priority": priority,
        "lane": lane,
        "reason": reason,
        "intent": topic,
        "topic": topic,
        "amount_cny": amount,
        "agent": agent,
        "agent_name": _NAMES[number % len(_NAMES)] if agent else None,
        "queue": {"security": "security", "dispute": "disputes", "large_transaction": "disputes"}.get(reason, "general"),
        "waiting_seconds": 120 - due_seconds,
        "due": {
            "clock": "next_response" if agent else "first_response",
            "at": (now + dt.timedelta(seconds=due_seconds)).isoformat(),
            "is_paused": False,
            "is_breached": due_seconds < 0,
            "explanation": {"zh": "首次回复：2 个工作分钟", "en": "First response: 2 working minutes"},
        },
    }


def make_board(agents: int = 12, attention: int = 9, now: dt.datetime | None = None, warnings: int = 0) -> Json:
    """A busy board with so many agents and so many rows that need a supervisor."""
    now = now or dt.datetime.now(dt.UTC)
    people = [_agent(number, now) for number in range(agents)]
    matters = []
    for number in range(attention):
        kind, more = _KINDS[number % len(_KINDS)]
        owner = None if kind in ("urgent_waiting", "requeued") or not people else people[number % len(people)]
        card = make_card(number, now, owner["login"] if owner else None, -90)
        at = (now - dt.timedelta(seconds=150 + 35 * number)).isoformat()
        owned = {"login": owner["login"], "name": owner["name"]} if owner else {}
        matters.append({"kind": kind, "at": at, "conversation_id": card["id"], "card": card, **owned, **more})
    steps = 48
    begin = now - dt.timedelta(minutes=5 * steps)
    timeline = [
        {
            "at": (begin + dt.timedelta(minutes=5 * step)).isoformat(),
            "arrivals": 6 + (step * 7) % 9 + (12 if 28 <= step <= 33 else 0),
            "claims": 6 + (step * 5) % 8 + (8 if 31 <= step <= 37 else 0),
            "waiting": 4 + (step * 3) % 6 + (16 - 2 * abs(step - 33) if 26 <= step <= 40 else 0),
        }
        for step in range(steps)
    ]
    codes = (
        (
            "calendar_year_missing",
            "data/calendars 没有 2028 年的节假日：时限按没有假日计算。",
            "data/calendars has no holidays for 2028.",
        ),
        (
            "queue_unstaffed",
            "队列「账户安全」有人在等，在线的客服都接不了。",
            "Somebody waits in “Security”, and nobody online can take it.",
        ),
    )
    return {
        "now": now.isoformat(),
        "zone": "Asia/Shanghai",
        "window": {
            "from": (now - dt.timedelta(hours=1)).isoformat(),
            "to": now.isoformat(),
            "yesterday_from": (now - dt.timedelta(hours=25)).isoformat(),
            "yesterday_to": (now - dt.timedelta(hours=24)).isoformat(),
        },
        "figures": [
            {
                "id": figure,
                "name": {"zh": zh, "en": en},
                "definition": {
                    "zh": f"{zh}：一小时内，按会话记录重新计算。",
                    "en": f"{en}: of the last hour, counted from the log.",
                },
                "unit": unit,
                "value": value,
                "denominator": 52,
                "yesterday": yesterday,
                "yesterday_denominator": 47,
            }
            for figure, zh, en, unit, value, yesterday in _FIGURES
        ],
        "waiting": [
            {"lane": "money_moving", "priority": "urgent", "queue": "security", "count": 1, "oldest_seconds": 38},
            {"lane": None, "priority": "urgent", "queue": "security", "count": 2, "oldest_seconds": 96},
            {"lane": None, "priority": "high", "queue": "disputes", "count": 4, "oldest_seconds": 510},
            {"lane": None, "priority": "normal", "queue": "disputes", "count": 1, "oldest_seconds": 220},
            {"lane": None, "priority": "normal", "queue": "general", "count": 6, "oldest_seconds": 1_260},
        ],
        "breaches": [make_card(100 + number, now, None if number % 2 else "a1", -75 * (3 - number)) for number in range(3)],
        "near": [make_card(200 + number, now, None if number % 2 else "a2", 40 + 50 * number) for number in range(4)],
        "attention": matters,
        "attention_total": attention,
        "agents": people,
        "timeline": timeline,
        "marks": [{"at": (now - dt.timedelta(minutes=130)).isoformat(), "kind": "publish", "revision": "8f6770c4"}],
        "warnings": [{"code": code, "zh": zh, "en": en} for code, zh, en in codes[:warnings]],
    }


def _agent(number: int, now: dt.datetime) -> Json:
    presence = ("available", "available", "available", "busy", "away", "available", "offline", "available")[number % 8]
    load = 0 if presence == "offline" else (number * 3) % 7
    waits = [None, 25, 95, 170, 400, 60, None]
    name = _NAMES[number % len(_NAMES)] + (str(number // len(_NAMES) + 1) if number >= len(_NAMES) else "")
    return {
        "login": f"a{number}",
        "name": name,
        "role": "agent",
        "online": presence != "offline",
        "presence": presence,
        "since": (now - dt.timedelta(minutes=7 * number + 3)).isoformat(),
        "load": load,
        "weight": load,
        "capacity": 5,
        "skills": ["security", "disputes"] if number % 3 else ["disputes"],
        "languages": ["zh", "en"],
        "last_seen_at": (now - dt.timedelta(seconds=8 if presence != "offline" else 5_400)).isoformat(),
        "conversations": [
            {
                "id": conversation_id(1_000 + 10 * number + place),
                "lane": None,
                "priority": "normal",
                "waiting_seconds": waits[(number + place) % len(waits)],
                "due": None,
            }
            for place in range(load)
        ],
    }


def serve_board(context: BrowserContext, board: Json) -> None:
    """Answer the page's requests for the board with this one, as a stream that ends at once; the page then asks again."""
    body = f"retry: 1000\nevent: board\ndata: {json.dumps(board)}\n\n"

    def answer(route: Route) -> None:
        route.fulfill(status=200, headers={"Content-Type": "text/event-stream"}, body=body)

    context.route("**/api/board", answer)
