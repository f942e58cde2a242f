"""Two agents claim the same conversation at the same moment, on two desk processes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from pathlib import Path

import psycopg

from handoff.conversations.decide import RequestHandoff
from handoff.conversations.draft import Draft
from handoff.conversations.events import BOT
from handoff.conversations.state import born
from handoff.conversations.store import add_conversation, save_conversation
from handoff.conversations.values import Birth
from handoff.runtime.database import make_pool
from handoff.runtime.transaction import Store
from tests.handoff.desk_process import DeskProcess, desk_processes
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import Agent, Json

#: Races, and how many run at the same time.
RACES, AT_ONCE = 1000, 4


async def add_waiting(database: str, count: int) -> list[str]:
    """Conversations that wait for an agent; their ids."""
    now, ids = dt.datetime.now(dt.UTC), [f"race-{number}" for number in range(count)]
    async with make_pool(database, 2) as pool, Store(pool).begin() as tx:
        for conversation_id in ids:
            birth = Birth(conversation_id, "", "zh", "web", now)
            await add_conversation(tx, birth)
            draft = Draft(born(birth))
            draft.do(RequestHandoff("security", "urgent", BOT, None, None, None, None, frozenset()), now)
            await save_conversation(tx, draft)
    return ids


async def sign_in(desk: DeskProcess, login: str, name: str) -> Agent:
    """A demo agent at one desk."""
    origin = str(desk.http.base_url).rstrip("/")
    body = {"login": login, "password": login}
    answer = await desk.http.post("/api/session", json=body, headers={"Origin": origin})
    assert answer.status_code == 200, answer.text
    return Agent(desk.http, login, name, answer.cookies["desk_session"])


async def race(conversation_id: str, agents: tuple[Agent, Agent]) -> str:
    """Both claim at once. Exactly one gets it, and the other one is told who. Returns the winner's login."""
    claims = [agent.call("POST", f"/conversations/{conversation_id}/claim") for agent in agents]
    answers = await asyncio.gather(*claims)
    assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
    winner = 0 if answers[0].status_code == 200 else 1
    error: Json = answers[1 - winner].json()["error"]
    assert (error["code"], error["agent"]) == ("already_assigned", agents[winner].name)
    assert agents[winner].name in error["message"]
    return agents[winner].login


async def test_of_two_claims_at_once_exactly_one_wins_a_thousand_times(
    new_database: str, data_folder: Path, tmp_path: Path, bot: FakeBot
) -> None:
    """Two agents would write to one customer, or a refused one would not know whom to ask."""
    async with desk_processes(bot, tmp_path, data_folder) as start:
        desks = [await start(database=new_database) for _ in range(2)]
        agents = (await sign_in(desks[0], "agent", "小林"), await sign_in(desks[1], "agent2", "小周"))
        waiting = await add_waiting(new_database, RACES)
        with psycopg.connect(new_database, autocommit=True) as connection:
            connection.execute("UPDATE agents SET capacity = 10000")
            numbers = iter(waiting)

            async def track() -> Counter[str]:
                return Counter([await race(conversation_id, agents) for conversation_id in numbers])

            won = sum(await asyncio.gather(*[track() for _ in range(AT_ONCE)]), Counter[str]())
            assert won.total() == RACES
            assert min(won["agent"], won["agent2"]) > 0  # otherwise nothing raced
            rows = connection.execute("SELECT agent, count(*) FROM conversations WHERE status = 'assigned' GROUP BY agent")
            assert dict(rows.fetchall()) == dict(won)
            assigned = "SELECT count(*), count(DISTINCT conversation_id) FROM events WHERE type = 'assigned'"
            assert connection.execute(assigned).fetchone() == (RACES, RACES)
