"""A log of real turns: simulated customers talk to a running system, whose bot is the real one. Seeded."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import httpx
import yaml

#: What customers say after an answer, a question back, or while they wait.
AFTERWARDS = (
    "解决了", "还是不行", "谢谢", "好的，谢谢", "不是这个", "第二步怎么做", "我", "那要多久", "no", "it did not work",
    "還是沒有收到", "算了", "快点", "在吗", "对", "这个链接安全吗？另外我的卡也被锁了", "他让我把 68,000 元转到安全账户",
    "how long does it take?", "嗯",
)  # fmt: skip
_AT_ONCE = 24
#: A customer who waits for a person may get no answer.
_WAIT_SECONDS = 3


def sentences(data: Path) -> list[str]:
    """The training sentences: real ways to ask, in Chinese and English. No sentence of a test set is used."""
    found: list[str] = []
    for path in sorted((data / "nlu").rglob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            found += [line.removeprefix("- ").strip() for line in block["examples"].splitlines() if line.strip()]
    return found


async def talk(url: str, texts: list[str], turns: int, seed: int) -> int:
    """Talk until about so many turns are logged; the number of messages that were sent."""
    sent = 0
    numbers = iter(range(10**6))
    limits = httpx.Limits(max_connections=2 * _AT_ONCE)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits) as http:

        async def customers() -> None:
            nonlocal sent
            while sent < turns * 1.15:  # pieces of one message are one turn
                sent += await _converse(http, texts, random.Random(f"{seed}.{next(numbers)}"))

        await asyncio.gather(*(customers() for _ in range(_AT_ONCE)))
    return sent


async def _converse(http: httpx.AsyncClient, texts: list[str], dice: random.Random) -> int:
    address = {"X-Forwarded-For": f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"}
    locale = dice.choice(("zh", "zh", "zh", "en"))
    opened = (await http.post("/api/conversations", json={"locale": locale}, headers=address)).raise_for_status().json()
    path, headers = f"/api/conversations/{opened['id']}", {**address, "Authorization": f"Bearer {opened['token']}"}
    seq, offered, sent = 0, [], 0
    for step in range(dice.randrange(2, 9)):
        pieces = [dice.choice(AFTERWARDS if step and dice.random() < 0.6 else texts)]
        if dice.random() < 0.1:  # in quick succession
            pieces.append(dice.choice(AFTERWARDS))
        bodies: list[dict[str, Any]] = [{"text": piece} for piece in pieces]
        if offered and dice.random() < 0.3:
            bodies = [{"choice": dice.choice(offered)}]
        for body in bodies:
            answer = await http.post(f"{path}/messages", json={**body, "client_message_id": f"m{sent}"}, headers=headers)
            if answer.status_code == 429:
                await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
                continue
            if answer.status_code == 409:  # the button is no longer offered: a person has the conversation
                continue
            answer.raise_for_status()
            seq, sent = max(seq, answer.json()["seq"]), sent + 1
        events = (
            (await http.get(f"{path}/events", params={"after": seq, "wait": _WAIT_SECONDS}, headers=headers))
            .raise_for_status()
            .json()["events"]
        )
        seq = max([seq, *(event["seq"] for event in events)])
        if any(event["type"] == "handoff_requested" for event in events) and dice.random() < 0.6:
            break
        buttons = [button for event in events for button in event.get("buttons") or []]
        offered = [button["choice"] for button in buttons if button["choice"] != "human"]
    return sent
