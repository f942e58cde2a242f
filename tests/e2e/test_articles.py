"""Agents' search for articles with the real bot: by meaning, while turns go on, and without the bot."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import System, wait_for

#: Questions that share few characters with the article that answers them.
MEANT = [
    ("打款过去一整天了对方说没看到钱", "transfer_delay"),
    ("东西退了钱什么时候回来", "refund_status"),
    ("短信一直等不来没法登进去", "verification_code_not_received"),
    ("my money has not arrived at my friend's", "transfer_delay"),
    ("不想再用了怎么把号消掉", "account_close"),
]


@pytest.fixture(scope="module")
def agent(system: System) -> httpx.Client:
    """A signed-in supervisor."""
    http = httpx.Client(base_url=system.url, trust_env=False, timeout=60, headers={"Origin": system.url})
    answer = http.post("/api/session", json={"login": "supervisor", "password": "supervisor"})
    assert answer.status_code == 200, answer.text
    return http


def find(agent: httpx.Client, q: str, locale: str = "zh") -> dict[str, Any]:
    """Articles for some words."""
    answer = agent.get("/api/articles", params={"q": q, "locale": locale})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(("q", "article"), MEANT)
def test_articles_are_found_by_meaning(agent: httpx.Client, q: str, article: str) -> None:
    """The trained model of the running bot is not reached (Rasa keeps its pipeline elsewhere), or understands nothing."""
    page = wait_for(lambda: page if (page := find(agent, q))["by_meaning"] else None, "the bot to find articles")
    assert article in [found["id"] for found in page["articles"][:3]]
    assert page["articles"][0]["text"]


@pytest.mark.alone
def test_searching_is_quick(agent: httpx.Client) -> None:
    """Agents would type faster than the answers come."""
    seconds = []
    for number in range(40):
        started = time.monotonic()
        find(agent, f"{MEANT[number % len(MEANT)][0]} {number}")
        seconds.append(time.monotonic() - started)
    print(f"median {sorted(seconds)[20] * 1000:.0f} ms, p95 {sorted(seconds)[38] * 1000:.0f} ms")
    # A loaded machine of the tests is several times slower than the bar of 100 ms.
    assert sorted(seconds)[38] < 1
