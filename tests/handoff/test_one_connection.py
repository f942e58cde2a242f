"""A desk with one database connection does everything: no code asks for a second connection while it holds the first.

With more connections the same fault shows under load only: as many requests as the pool has connections each hold one and wait
for another, until all of them fail.
"""

from __future__ import annotations

import asyncio

from handoff.runtime.settings import Settings
from tests.handoff.fake_bot import FakeBot, answers, escalates
from tests.handoff.people import of_type
from tests.handoff.running_desk import Desk, run_desk


async def test_everything_works_with_one_connection(settings: Settings, desk: Desk, bot: FakeBot) -> None:
    """A few dozen waiting customers on one desk would stop it for everybody."""
    own = settings.model_copy(update={"database_pool": 1})
    # The clock of the other desk on this database: limits of the future would refuse everything.
    async with run_desk(own, bot, desk.clock) as single, asyncio.timeout(60):
        bot.will(answers("您好"))
        asking = await single.customer()
        seq = await asking.say("到账要多久")
        await single.wait_for_turn(asking, seq)
        waiting = [await single.customer() for _ in range(3)]
        for customer in waiting:
            await customer.ask_for_person()
        bot.will(escalates())
        urgent = await single.customer()
        await single.wait_for_turn(urgent, await urgent.say("我被骗了"))
        agent = await single.agent()
        async with waiting[0].stream() as one, waiting[1].stream() as other, agent.stream("/queue") as queue:
            for stream in (one, other):
                frames = await stream.until(lambda frame: frame.event == "status")
                assert frames[-1].data["queue_position"] is not None
            await queue.until(lambda frame: frame.event == "queue")
            looks = [customer.events() for customer in waiting] + [urgent.events()]
            assert all(await asyncio.gather(*looks, *(customer.events() for customer in waiting)))
            assert len((await agent.queue())["waiting"]) == 4
            await agent.claim(waiting[0])
            await agent.write(waiting[0], "您好")
            async with agent.stream(f"/conversations/{waiting[0].id}/log") as log:
                await log.until(lambda frame: frame.event == "conversation")
            assert (await agent.act(waiting[0], "transfer", {"note": "x"})).status_code == 200
        assert (await waiting[1].cancel()).status_code == 200
        assert of_type(await waiting[0].events(), "transferred")
        await single.watchdog.look_around()
        await single.services.limits.clean()
        assert (await single.http.get("/readyz")).json()["checks"]["database"] is True
