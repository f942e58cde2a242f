from __future__ import annotations
from tests.handoff.running_desk import Desk
async def test_x(desk: Desk) -> None:
    c = await desk.customer()
    seq = await c.say("hi")
    print(await desk.wait_for_turn(c, seq))
    w = await desk.waiting_customer()
    print(await w.status(), await w.events())
    a = await desk.agent()
    print(await a.claim(w), await a.queue())
