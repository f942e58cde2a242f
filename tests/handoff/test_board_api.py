"""The supervisors' board and the reports over HTTP: who may read them, and that they say what the log says."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.handoff.people import error_code
from tests.handoff.running_desk import Desk


def day(desk: Desk, days: int = 0) -> str:
    """A date in the desk's zone, this many days from now."""
    return (desk.clock().astimezone(dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(days=days)).date().isoformat()


@pytest.fixture(autouse=True)
def nothing_kept(desk: Desk) -> None:
    """The board of an earlier test is gone, as its conversations are."""
    desk.services.live_board.forget()


@pytest.mark.parametrize("path", ["/board", "/figures", "/figures.csv", "/figures/waiting/conversations"])
async def test_only_supervisors_read_figures(desk: Desk, path: str) -> None:
    """An agent would read how colleagues are judged."""
    params = {"from": day(desk, -1), "to": day(desk, 1)}
    for login, status in (("agent", 403), ("editor", 403), ("supervisor", 200)):
        agent = await desk.agent(login)
        answer = await agent.call("GET", path, params=params)
        assert answer.status_code == status, answer.text
        if status != 200:
            assert error_code(answer) == "not_permitted"
    assert (await desk.http.get(f"/api{path}", params=params)).status_code == 401


async def test_the_board_shows_who_waits(desk: Desk) -> None:
    """A supervisor would look at an empty board while a customer waits."""
    customer = await desk.waiting_customer()
    supervisor = await desk.agent("supervisor")
    answer = await supervisor.call("GET", "/board")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert sum(each["count"] for each in found["waiting"]) == 1
    figures = {each["id"]: each["value"] for each in found["figures"]}
    assert figures["waiting"] == 1
    assert found["timeline"][-1]["waiting"] == 1
    assert len(found["timeline"]) == 48
    assert customer.id
