"""Jobs: one at a time in each lane, taken up again when a runner dies, and failed with words when that does not help."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from handoff.runtime.errors import Conflict
from handoff.workshop.jobs import job as rules
from handoff.workshop.jobs.job import ATTEMPTS, LEASE, PUBLISHING, WORK, Job, JobProgress
from handoff.workshop.jobs.routes import RESULT_LIMIT
from tests.handoff.conftest import SERVICE_TOKEN
from tests.handoff.people import Json, error_code
from tests.handoff.running_desk import Desk

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)


def job(**more: Any) -> Job:
    """A queued job."""
    return Job(**{"id": 1, "kind": "check", "parameters": {}, "created_by": "editor", "created_by_name": "Editor",
                  "created_at": NOW, "due_at": NOW, **more})  # fmt: skip


# --- the rules -----------------------------------------------------------------------------------------------------------


def test_a_lease_that_ends_queues_the_job_again_and_at_last_fails_it() -> None:
    """A check whose process always dies would run for ever, or an editor would wait for a job that nobody runs."""
    now, current = NOW, job()
    for attempt in range(1, ATTEMPTS + 1):
        current = rules.taken(current, f"lease{attempt}", now)
        assert (current.state, current.attempts) == (rules.RUNNING, attempt)
        assert rules.swept(current, now + LEASE - dt.timedelta(seconds=1)) is current
        now += LEASE
        current = rules.swept(current, now)
    assert current.state == rules.FAILED
    assert current.problem is not None
    assert current.problem.code == "lost"
    assert "3 次" in current.problem.zh


def test_a_runner_that_lost_its_lease_changes_nothing() -> None:
    """A runner that slept through its lease would write its result over that of the runner that took over."""
    second = rules.taken(rules.swept(rules.taken(job(), "first", NOW), NOW + LEASE), "second", NOW + LEASE)
    for late in (
        lambda: rules.beaten(second, "first", JobProgress(0.9), NOW),
        lambda: rules.ended(second, "first", {}, NOW),
        lambda: rules.failed(second, "first", "zh", "en", NOW),
        lambda: rules.crashed(second, "first", NOW),
    ):
        with pytest.raises(Conflict, match="lease_lost"):
            late()
    assert rules.ended(second, "second", {"n": 1}, NOW).result == {"n": 1}


@pytest.mark.parametrize("state", [rules.DONE, rules.FAILED])
def test_a_job_that_is_over_is_not_cancelled(state: str) -> None:
    """A result that an editor has read would turn into a failure."""
    with pytest.raises(Conflict, match="job_is_over"):
        rules.cancelled(job(state=state), NOW)


def test_a_running_publication_is_not_cancelled() -> None:
    """Bots would be left with different models."""
    running = rules.taken(job(kind="publish"), "lease", NOW)
    with pytest.raises(Conflict, match="job_is_publishing"):
        rules.cancelled(running, NOW)
    assert rules.cancelled(job(kind="publish"), NOW).problem is not None


def test_a_job_is_not_given_before_it_is_due_or_twice() -> None:
    """A publication for tomorrow would go out today."""
    for wrong in (job(due_at=NOW + dt.timedelta(hours=1)), job(state=rules.RUNNING), job(state=rules.DONE)):
        with pytest.raises(ValueError, match="cannot be taken"):
            rules.taken(wrong, "lease", NOW)


def test_progress_stays_within_its_bar() -> None:
    """A page would draw a bar of 300%."""
    running = rules.taken(job(), "lease", NOW)
    assert [rules.beaten(running, "lease", JobProgress(share), NOW).progress.share for share in (-1, 0.5, 3)] == [0, 0.5, 1]


# --- the desk ------------------------------------------------------------------------------------------------------------


class Runner:
    """The runner's side of the HTTP contract."""

    def __init__(self, desk: Desk, token: str = SERVICE_TOKEN) -> None:
        self._desk, self._headers = desk, {"Authorization": f"Bearer {token}"}

    async def post(self, path: str, body: Json | None = None, **more: Any) -> httpx.Response:
        """A call with the service token."""
        return await self._desk.http.post(f"/api/workshop/jobs/{path}", json=body, headers=self._headers, **more)

    async def take(self, lane: str = WORK, seconds: float = 0) -> Json | None:
        """The next job, or None."""
        answer = await self.post("take", {"lane": lane, "seconds": seconds})
        assert answer.status_code == 200, answer.text
        taken: Json | None = answer.json()["job"]
        return taken

    async def done(self, taken: Json, result: Any) -> httpx.Response:
        """Report a result."""
        return await self._desk.http.post(
            f"/api/workshop/jobs/{taken['id']}/done",
            params={"lease": taken["lease"]},
            content=gzip.compress(json.dumps(result).encode()),
            headers=self._headers,
        )


async def queue(desk: Desk, kind: str = "inbox", **more: Any) -> Job:
    """Queue a job as the editor."""
    account = await desk.services.sign_in.agent_of((await desk.agent("editor")).headers["Cookie"].partition("=")[2])
    return await desk.services.jobs.queue(kind, {"n": 1}, account, **more)


async def read(desk: Desk, job_id: int) -> Json:
    """A job as a page sees it."""
    answer = await (await desk.agent("editor")).call("GET", f"/workshop/jobs/{job_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_job_from_queue_to_result(desk: Desk) -> None:
    """An editor would not see how far the check is, or what it found."""
    runner, queued = Runner(desk), await queue(desk)
    assert (await read(desk, queued.id))["state"] == "queued"
    taken = await runner.take()
    assert taken is not None
    assert (taken["id"], taken["kind"], taken["parameters"]) == (queued.id, "inbox", {"n": 1})
    beat = {"lease": taken["lease"], "share": 0.25, "zh": "训练中", "en": "Training"}
    assert (await runner.post(f"{queued.id}/beat", beat)).status_code == 200
    assert (await read(desk, queued.id))["progress"] == {"share": 0.25, "zh": "训练中", "en": "Training"}
    assert (await runner.done(taken, {"verdict": "pass", "句子": ["我被骗了\u0000"]})).status_code == 200
    after = await read(desk, queued.id)
    assert (after["state"], after["result"], after["error"]) == ("done", {"verdict": "pass", "句子": ["我被骗了\u0000"]}, None)
    last = await desk.services.jobs.last_done("inbox")
    assert last is not None
    assert (last.id, last.result) == (queued.id, after["result"])
    listed = (await (await desk.agent("supervisor")).call("GET", "/workshop/jobs")).json()
    assert [(each["id"], each["result"]) for each in listed["jobs"]] == [(queued.id, None)]
    assert listed["runner"]["is_there"]


async def test_one_job_at_a_time_and_publishing_does_not_wait(desk: Desk) -> None:
    """Two trainings at once would slow customers; a roll-back would wait minutes for somebody's check."""
    runner = Runner(desk)
    first, second, publication = await queue(desk), await queue(desk), await queue(desk, "roll_back")
    taken = await asyncio.gather(*(runner.take() for _ in range(8)))
    assert [each["id"] for each in taken if each] == [first.id]
    assert (await runner.take(PUBLISHING) or {})["id"] == publication.id
    assert await runner.take(PUBLISHING) is None
    (held,) = [each for each in taken if each]
    await runner.done(held, {})
    assert (await runner.take() or {})["id"] == second.id


async def test_a_dead_runners_job_is_taken_up_again_and_at_last_fails_in_words(desk: Desk) -> None:
    """A machine that restarts in the middle of a check would leave an editor with a bar that never moves."""
    runner, queued = Runner(desk), await queue(desk)
    for _ in range(ATTEMPTS):
        taken = await runner.take()
        assert taken is not None
        assert await runner.take() is None
        desk.clock.pass_time(seconds=16)
        late = await runner.post(f"{queued.id}/beat", {"lease": "somebody else's"})
        assert error_code(late) == "lease_lost"
    assert await runner.take() is None
    after = await read(desk, queued.id)
    assert (after["state"], after["error"]["code"]) == ("failed", "lost")
    assert "3 次" in after["error"]["zh"]


async def test_a_killed_child_is_tried_again_at_once(desk: Desk) -> None:
    """Out of memory once, and the editor's check would be gone."""
    runner, queued = Runner(desk), await queue(desk)
    for attempt in range(1, ATTEMPTS + 1):
        taken = await runner.take()
        assert taken is not None
        await runner.post(f"{queued.id}/failed", {"lease": taken["lease"], "is_crash": True})
        assert (await read(desk, queued.id))["state"] == ("queued" if attempt < ATTEMPTS else "failed")


async def test_a_waiting_runner_gets_a_job_at_once_and_a_due_one_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of an editor's work would begin with a pause, or a timed publication would go out early."""
    monkeypatch.setattr("handoff.workshop.jobs.desk._POLL_SECONDS", 600.0)  # only a wake-up helps
    runner = Runner(desk)
    waiting = asyncio.create_task(runner.take(seconds=20))
    await asyncio.sleep(0.2)
    queued = await queue(desk)
    taken = await waiting
    assert taken is not None
    assert taken["id"] == queued.id
    timed = await queue(desk, "publish", due_at=desk.clock() + dt.timedelta(hours=1))
    assert await runner.take(PUBLISHING) is None
    desk.clock.pass_time(hours=1)
    assert (await runner.take(PUBLISHING) or {})["id"] == timed.id


async def test_cancelling_stops_the_runner(desk: Desk) -> None:
    """A check that an editor cancelled would go on for minutes and hold up the next."""
    runner, editor = Runner(desk), await desk.agent("editor")
    waiting, running = await queue(desk), None
    running = await runner.take()
    assert running is not None
    second = await queue(desk)
    for each in (waiting, second):
        answer = await editor.call("POST", f"/workshop/jobs/{each.id}/cancel", json={})
        assert answer.json()["error"]["code"] == "cancelled"
    beat = await runner.post(f"{running['id']}/beat", {"lease": running["lease"]})
    assert (beat.status_code, error_code(beat)) == (409, "lease_lost")
    assert error_code(await runner.done(running, {})) == "lease_lost"
    assert (await read(desk, waiting.id))["state"] == "failed"
    assert await runner.take() is None
    again = await editor.call("POST", f"/workshop/jobs/{waiting.id}/cancel", json={})
    assert error_code(again) == "job_is_over"


async def test_the_same_job_twice_is_one(desk: Desk) -> None:
    """Two presses on the button would train two models."""
    jobs = await asyncio.gather(*(queue(desk, "check", key="0123456789ab") for _ in range(6)))
    assert len({each.id for each in jobs}) == 1
    assert (await queue(desk, "check", key="ba9876543210")).id != jobs[0].id


async def test_a_large_result_is_kept_and_a_huge_one_is_refused(desk: Desk) -> None:
    """A check of 10,000 turns would fail at its last step, or fill the desk's memory."""
    runner = Runner(desk)
    queued = await queue(desk)
    taken = await runner.take()
    assert taken is not None
    url, headers = f"/api/workshop/jobs/{queued.id}/done", {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    bomb = gzip.compress(b'{"a": "' + b"x" * (RESULT_LIMIT + 1) + b'"}')
    for body in (bomb, b"{}", b"", gzip.compress(b"[1]"), gzip.compress(b"{"), gzip.compress(b"{}")[:-4]):
        answer = await desk.http.post(url, params={"lease": taken["lease"]}, content=body, headers=headers)
        assert (answer.status_code, error_code(answer)) == (422, "bad_result")
    examples = [{"text": f"第 {number} 条消息 {number * 7919}"} for number in range(60_000)]
    assert len(json.dumps(examples, ensure_ascii=False).encode()) > 2_000_000
    assert (await runner.done(taken, {"examples": examples})).status_code == 200
    assert len((await read(desk, queued.id))["result"]["examples"]) == 60_000


async def test_who_may_do_what(desk: Desk) -> None:
    """An agent, or a page without the service token, could take jobs or publish a false result."""
    queued = await queue(desk)
    agent = await desk.agent("agent")
    assert error_code(await agent.call("GET", "/workshop/jobs")) == "editors_only"
    assert error_code(await agent.call("GET", f"/workshop/jobs/{queued.id}")) == "editors_only"
    assert error_code(await agent.call("POST", f"/workshop/jobs/{queued.id}/cancel", json={})) == "editors_only"
    stranger = Runner(desk, "wrong")
    for path in ("take", f"{queued.id}/beat", f"{queued.id}/failed", f"{queued.id}/done?lease=x"):
        answer = await stranger.post(path, {"lane": WORK, "lease": "x"})
        assert (answer.status_code, error_code(answer)) == (401, "wrong_service_token")
    for unknown in (0, 99_999, 2**63, -1):
        answer = await (await desk.agent("editor")).call("GET", f"/workshop/jobs/{unknown}")
        assert (answer.status_code, error_code(answer)) == (404, "unknown_job")
    for lane in ("", "all", "work\n"):
        assert (await Runner(desk).post("take", {"lane": lane})).status_code == 422


async def test_without_a_runner_pages_are_told(desk: Desk) -> None:
    """An editor would look at "queued" for ever and not know that a process is missing."""
    await queue(desk)
    editor = await desk.agent("editor")
    assert (await editor.call("GET", "/workshop/jobs")).json()["runner"] == {"is_there": False, "seen_at": None}
    await Runner(desk).take()
    assert (await editor.call("GET", "/workshop/jobs")).json()["runner"]["is_there"]
    desk.clock.pass_time(minutes=1)
    assert not (await editor.call("GET", "/workshop/jobs")).json()["runner"]["is_there"]


def test_a_job_that_waits_has_no_lease() -> None:
    """A cancelled runner could still report on a job that was queued again."""
    again = rules.crashed(rules.taken(job(), "lease", NOW), "lease", NOW)
    assert (again.lease, again.lease_until, again.progress) == (None, None, JobProgress())
    assert replace(again, attempts=0) == replace(job(), started_at=NOW)
