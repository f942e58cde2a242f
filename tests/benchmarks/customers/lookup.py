"""Signed-in customers ask whether their transfer has arrived: the right transaction each time, hardly later than an article.

`.venv/desk/bin/python -m tests.benchmarks.customers.lookup [--cases 100] [--json FILE] [--quick]`: the whole system with its
sample wallet. Each case is a generated customer, who asks about one transfer under way: by amount, payee or day, in Chinese or
English. After each case the same customer asks for a plain article. The wallet's own time is measured apart.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import random
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from contract.wallet import Transaction, read_transactions
from tests.benchmarks.workshop.measures import Measure, report
from tests.drill.customers import address_header, new_http
from tests.drill.system import System

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = 2000
ANSWER_SECONDS = 20.0
#: Cases that are not counted: the first requests open connections.
WARM_UP = 5
#: Each is asked in several forms, so that no text is asked twice: a text that was asked before is understood sooner.
PLAIN = (
    "怎么绑定银行卡",
    "怎么修改登录密码",
    "怎么查账单",
    "怎么实名认证",
    "怎么注销账户",
    "怎么下载app",
    "怎么开发票",
    "怎么解绑银行卡",
)
FORMS = (
    "{}",
    "请问{}",
    "你好，{}",
    "我想知道{}",
    "{}呢",
    "{}啊",
    "{}，谢谢",
    "麻烦问一下{}",
    "在吗，{}",
    "{}？",
    "想问{}",
    "告诉我{}",
    "{}呀",
)
_ids = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """What a customer asks, and the transfer that is meant."""

    subject: str
    meant: Transaction
    text: str
    locale: str


def make_case(subject: str, transactions: tuple[Transaction, ...], today: dt.date, chance: random.Random) -> Case:
    """A question about a transfer under way, in words that fit no other transfer of the customer."""
    transfers = [each for each in transactions if each.kind == "transfer"]
    under_way = [each for each in transfers if each.is_under_way]
    meant = chance.choice(under_way)
    amount, name = f"{meant.amount:f}".removesuffix(".00"), meant.counterparty
    back = (today - meant.at.astimezone(ZONE).date()).days
    day = {0: "今天", 1: "昨天", 2: "前天"}.get(back)
    assert day is not None
    forms = [
        ("zh", f"{day}转给{name}的{amount}到账了吗"),
        ("zh", f"我转给{name}的{amount}元怎么还没到"),
        ("zh", f"转给{name}的钱到了吗"),
        ("zh", f"{day}转的{amount}块还没到账"),
        ("zh", f"{day}给{name}转了{amount}，到了没"),
        ("zh", f"请问转给{name[0]}*的{amount}到账没有"),
        ("en", f"Has my transfer of {amount} to {name} arrived?"),
        ("en", f"where is the {amount} I sent to {name}"),
    ]
    if len(under_way) == 1:
        forms += [("zh", "我的转账到账了吗"), ("zh", "转账怎么还没到"), ("en", "has my transfer arrived yet?")]
    locale, text = chance.choice(forms)
    return Case(subject, meant, text, locale)


def is_right(case: Case, text: str) -> bool:
    """Whether an answer's first paragraph is about the meant transfer: its amount, its payee and its time."""
    name = case.meant.counterparty
    shown = " ".join(f"{word[0]}***" for word in name.split()) if name.isascii() else f"{name[0]}*"
    clock = case.meant.at.astimezone(ZONE).strftime("%H:%M")
    first = text.split("\n", 1)[0]
    return all(part in first for part in (f"¥{case.meant.amount:,.2f}", shown, clock)) and name not in text


class Asker:
    """Opens conversations and asks one question in each."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(self, text: str, proof: str | None, locale: str) -> tuple[float, str]:
        """Seconds from the message to its answer, and the answer's text; empty if there is none from the bot."""
        headers = address_header(next(_ids))
        opening = {**headers, "Authorization": f"Bearer {proof}"} if proof else headers
        opened = await self._http.post("/api/conversations", json={"locale": locale}, headers=opening)
        opened.raise_for_status()
        url, headers = (
            f"/api/conversations/{opened.json()['id']}",
            {**headers, "Authorization": f"Bearer {opened.json()['token']}"},
        )
        body = {"client_message_id": f"m{next(_ids)}", "text": text}
        sent = time.perf_counter()
        posted = await self._http.post(f"{url}/messages", json=body, headers=headers)
        posted.raise_for_status()
        after = posted.json()["seq"]
        while time.perf_counter() - sent < ANSWER_SECONDS:
            params = {"after": after, "wait": 10}
            answer = await self._http.get(f"{url}/events", params=params, headers=headers, timeout=ANSWER_SECONDS)
            for event in answer.json()["events"]:
                after = event["seq"]
                if event["type"] == "message" and event["by"]["kind"] != "customer":
                    is_bot = event["by"]["kind"] == "bot"
                    return time.perf_counter() - sent, event["text"] if is_bot else ""
        return ANSWER_SECONDS, ""

    async def proof(self, subject: str) -> str:
        """A proof of identity of demo mode."""
        answer = await self._http.get("/demo/identity", params={"subject": subject, "assurance": 2})
        answer.raise_for_status()
        return str(answer.json()["identity"])


async def measure(environment: Mapping[str, str], url: str, cases: int) -> list[Measure]:
    """Ask all questions, one after the other, and compare."""
    chance = random.Random(13)
    today = dt.datetime.now(ZONE).date()
    key = {"Authorization": f"Bearer {environment['WALLET_KEY']}"}
    looked_up, plain, wallet_own, right, wrong = [], [], [], 0, []
    async with (
        new_http(url) as http,
        httpx.AsyncClient(base_url=environment["WALLET_URL"], headers=key, trust_env=False) as wallet,
    ):
        asker = Asker(http)
        for number in range(cases):
            subject = f"u-{FIRST + number}"
            started = time.perf_counter()
            answer = await wallet.get(f"/v1/customers/{subject}/transactions", params={"limit": 50})
            own = time.perf_counter() - started
            case = make_case(subject, read_transactions(answer.json(), subject), today, chance)
            proof = await asker.proof(subject)
            took, text = await asker.ask(case.text, proof, case.locale)
            question = FORMS[number // len(PLAIN) % len(FORMS)].format(PLAIN[number % len(PLAIN)])
            article, _ = await asker.ask(question, proof, "zh")
            if is_right(case, text):
                right += 1
            else:
                wrong.append((case.text, text[:60]))
            if number >= WARM_UP:
                looked_up.append(took)
                plain.append(article)
                wallet_own.append(own)
    for text, said in wrong:
        print(f"wrong: {text} -> {said!r}")
    with_facts, without, own = (statistics.median(each) for each in (looked_up, plain, wallet_own))
    ratio = (with_facts - own) / without
    times = f"{ratio:.2f} ({with_facts * 1000:.0f} ms - {own * 1000:.0f} ms wallet; article {without * 1000:.0f} ms)"
    return [
        Measure("has it arrived? the right transaction", f"{right} of {cases}", f"{cases} of {cases}", right == cases),
        Measure("median time with a look-up / plain article", times, "<= 1.50", ratio <= 1.5),
    ]


async def main(cases: int, path: Path | None) -> int:
    """Start the system, measure, stop it. The exit code: 0 if every bar is reached."""
    system = System()
    system.environment.update(DESKS="1", BOTS="1")
    await system.start()
    try:
        measures = await measure(system.run()["environment"], system.url, cases)
    finally:
        await system.stop()
    return report(measures, path)


def parse_arguments(given: list[str] | None = None) -> Any:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="20 cases")
    return parser.parse_args(given)


if __name__ == "__main__":
    arguments = parse_arguments()
    sys.exit(asyncio.run(main(20 if arguments.quick else arguments.cases, arguments.json)))
