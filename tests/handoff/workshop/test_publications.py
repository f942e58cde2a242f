"""Two rights: one person proposes what the gate has passed, a second one agrees, and one is enough to take it back."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from content.packages import Package, write_package
from content.published import Pointer, read_pointer, write_pointer
from content.snapshots import data_revision, snapshot_path
from handoff.accounts import agents
from handoff.accounts.store import save_agent
from handoff.runtime.settings import Settings
from handoff.workshop.jobs.job import PUBLISHING, WORK
from tests.handoff.people import Agent, Json, error_code
from tests.handoff.running_desk import Desk
from tests.handoff.workshop.test_jobs import Runner

MODEL = "wallet-draft"
GATE = {"verdict": "pass", "reasons": [], "warnings": [], "facts": {"much": "more"}}
SHADOW = {"n": 10, "changed": 1, "flips": {"answer->escalate": 1}, "examples": [{"text": "我的话"}]}


@pytest.fixture
def models(settings: Settings) -> Iterator[Path]:
    """The desk's models folder, with one publication that is live; as it was before after the test."""
    before = read_pointer(settings.models)
    live = bring_out(settings.models, 1, data="a" * 12, model="wallet-one", revision=before.revision)
    assert live.package == 1
    yield settings.models
    write_pointer(before, settings.models)
    for made in ("packages", "snapshots"):
        shutil.rmtree(settings.models / made, ignore_errors=True)
    for archive in settings.models.glob("wallet-*.tar.gz"):
        archive.unlink()


def bring_out(models: Path, number: int, data: str, model: str, revision: str, **more: Any) -> Pointer:
    """What the publishing job leaves in the models folder."""
    record = Package(number, "2026-11-30T12:00:00+00:00", "editor", "because", data, revision, model, **more)
    write_package(record, models)
    (models / f"{model}.tar.gz").touch()
    snapshot = snapshot_path(models, data)
    snapshot.parent.mkdir(exist_ok=True)
    snapshot.touch()
    pointer = Pointer(model, f"content/{revision}.json", revision, data, number)
    write_pointer(pointer, models)
    return pointer


async def checked(desk: Desk, editor: Agent, models: Path, verdict: str = "pass", **more: Any) -> int:
    """A check that is done; its job."""
    answer = await editor.call("POST", "/workshop/checks", json={})
    assert answer.status_code == 200, answer.text
    job = int(answer.json()["job"])
    runner, live = Runner(desk), read_pointer(models)
    taken = await runner.take(WORK)
    assert taken is not None
    assert (taken["id"], taken["kind"]) == (job, "check")
    result = {
        "data_revision": taken["parameters"]["data_revision"],
        "model": MODEL,
        "live": [live.package, live.data_revision],
        "gate": {**GATE, "verdict": verdict},
        "shadow": SHADOW,
        **more,
    }
    assert (await runner.done(taken, result)).status_code == 200
    return job


async def publish(editor: Agent, job: int, **more: Any) -> Any:
    """Ask to publish a check."""
    return await editor.call("POST", "/workshop/publications", json={"check_job": job, "why": "退款时间变了", **more})


async def approve(agent: Agent, proposal: int) -> Any:
    """Agree to a proposal."""
    return await agent.call("POST", f"/workshop/proposals/{proposal}/approve", json={"why": "看过了"})


async def proposals(reader: Agent) -> list[Json]:
    """The proposals."""
    return list((await reader.call("GET", "/workshop/proposals")).json()["proposals"])


async def test_a_check_freezes_the_working_copy(desk: Desk, models: Path, working_copy: Path) -> None:
    """What somebody saves during the check would be published unchecked, or two presses would train twice."""
    editor = await desk.agent("editor")
    jobs = await asyncio.gather(*(editor.call("POST", "/workshop/checks", json={}) for _ in range(3)))
    assert len({answer.json()["job"] for answer in jobs}) == 1
    taken = await Runner(desk).take(WORK)
    assert taken is not None
    revision = taken["parameters"]["data_revision"]
    assert revision == data_revision(working_copy)
    assert snapshot_path(models, revision).exists()
    (working_copy / "facts.yml").write_text("version: 1\n", encoding="utf-8")
    again = await editor.call("POST", "/workshop/checks", json={})
    assert again.json()["job"] != taken["id"]


async def test_a_second_person_publishes_what_the_first_proposed(desk: Desk, models: Path, working_copy: Path) -> None:
    """One person alone could bring a wrong sentence to all customers, or the history would not name both."""
    editor, supervisor = await desk.agent("editor"), await desk.agent("supervisor")
    job = await checked(desk, editor, models)
    answer = await publish(editor, job)
    proposal = answer.json()["proposal"]
    assert (await publish(editor, job)).json() == {"proposal": proposal}
    assert await Runner(desk).take(PUBLISHING) is None
    (listed,) = await proposals(supervisor)
    assert (listed["state"], listed["by_name"], listed["why"], listed["is_mine"]) == (
        "open",
        editor.name,
        "退款时间变了",
        False,
    )
    assert listed["shadow"] == {"n": 10, "changed": 1, "flips": {"answer->escalate": 1}}
    assert listed["gate"]["verdict"] == "pass"
    assert error_code(await approve(editor, proposal)) == "same_person"
    assert (await approve(supervisor, proposal)).status_code == 200
    taken = await Runner(desk).take(PUBLISHING)
    assert taken is not None
    assert taken["kind"] == "publish"
    given = taken["parameters"]
    assert (given["model"], given["base"]) == (MODEL, [1, "a" * 12])
    assert given["data_revision"] == data_revision(working_copy)
    assert given["who"] == {
        "by": "editor",
        "by_name": editor.name,
        "second": "supervisor",
        "second_name": supervisor.name,
        "why": "退款时间变了",
    }
    assert given["reports"]["check_job"] == job
    assert given["reports"]["shadow"] == listed["shadow"]
    assert error_code(await approve(supervisor, proposal)) == "proposal_is_over"
    (listed,) = await proposals(editor)
    assert (listed["state"], listed["decided_by"], listed["job"]) == ("approved", "supervisor", taken["id"])
    assert listed["is_mine"]


async def test_another_editor_may_agree_and_two_at_once_publish_once(desk: Desk, models: Path, working_copy: Path) -> None:
    """Two who agree in the same moment would publish twice."""
    editor = await desk.agent("editor")
    async with desk.services.store.begin() as tx:
        await save_agent(tx, agents.Agent("editor2", "二号", "editor", 5, is_demo=False), "no password")
    second, supervisor = await desk.agent("editor2"), await desk.agent("supervisor")
    proposal = (await publish(editor, await checked(desk, editor, models))).json()["proposal"]
    answers = await asyncio.gather(*(approve(agent, proposal) for agent in (second, supervisor, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert await Runner(desk).take(PUBLISHING) is not None
    assert await Runner(desk).take(PUBLISHING) is None


async def test_a_rejected_or_withdrawn_proposal_is_over(desk: Desk, models: Path, working_copy: Path) -> None:
    """What a second person refused could still go live."""
    editor, supervisor = await desk.agent("editor"), await desk.agent("supervisor")
    job = await checked(desk, editor, models)
    for who, state in ((supervisor, "rejected"), (editor, "withdrawn")):
        proposal = (await publish(editor, job)).json()["proposal"]
        answer = await who.call("POST", f"/workshop/proposals/{proposal}/reject", json={"why": "数字不对"})
        assert answer.status_code == 200
        assert (await proposals(editor))[0]["state"] == state
        assert error_code(await approve(supervisor, proposal)) == "proposal_is_over"
    for unknown in (0, 999, 2**63):
        assert error_code(await approve(supervisor, unknown)) == "unknown_proposal"


async def test_what_the_gate_refused_or_has_not_judged_is_not_published(desk: Desk, models: Path, working_copy: Path) -> None:
    """A missed emergency would go live although the gate had found it."""
    editor = await desk.agent("editor")
    refused = await checked(desk, editor, models, verdict="refuse")
    assert error_code(await publish(editor, refused)) == "gate_refused"
    waiting = (await editor.call("POST", "/workshop/checks", json={})).json()["job"]
    assert error_code(await publish(editor, waiting)) == "check_not_done"
    assert error_code(await publish(editor, 99_999)) == "unknown_job"
    assert await proposals(editor) == []


async def test_a_draft_older_than_what_is_live_is_refused_at_each_step(desk: Desk, models: Path, working_copy: Path) -> None:
    """An edit that was checked against yesterday's content would undo what somebody published today."""
    editor, supervisor = await desk.agent("editor"), await desk.agent("supervisor")
    job = await checked(desk, editor, models)
    proposal = (await publish(editor, job)).json()["proposal"]
    revision = read_pointer(models).revision
    bring_out(models, 2, data="b" * 12, model="wallet-two", revision=revision)
    late = await approve(supervisor, proposal)
    assert error_code(late) == "live_changed"
    assert "重新检查" in late.json()["error"]["message"]
    assert error_code(await publish(editor, job)) == "live_changed"
    assert (await proposals(editor))[0]["state"] == "open"
    same = await checked(desk, editor, models, data_revision="b" * 12, model="wallet-two")
    assert error_code(await publish(editor, same)) == "nothing_to_publish"


async def test_without_the_second_right_one_person_publishes(
    desk: Desk, models: Path, working_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wallet with one editor could never publish."""
    content = desk.services.content()
    alone = type(content.desk.publish)(needs_second_person=False)
    monkeypatch.setattr(desk.services.publications, "_content", lambda: _with(content, alone))
    editor = await desk.agent("editor")
    job = await checked(desk, editor, models)
    first, again = await publish(editor, job), await publish(editor, job)
    assert first.json() == again.json()
    taken = await Runner(desk).take(PUBLISHING)
    assert taken is not None
    assert taken["id"] == first.json()["job"]
    assert "second" not in taken["parameters"]["who"]


def _with(content: Any, publish_policy: Any) -> Any:
    """Content with another policy of publishing."""

    class Changed:
        class desk:
            publish = publish_policy

    del content
    return Changed


async def test_a_publication_at_a_time_waits_for_it(desk: Desk, models: Path, working_copy: Path) -> None:
    """A fee that changes at midnight would be announced in the afternoon."""
    editor, supervisor = await desk.agent("editor"), await desk.agent("supervisor")
    job = await checked(desk, editor, models)
    for wrong in ("2026-12-01T00:00:00", (desk.clock() + dt.timedelta(days=61)).isoformat()):
        assert error_code(await publish(editor, job, at=wrong)) == "bad_time"
    assert (await publish(editor, job, at="midnight")).status_code == 422
    at = desk.clock() + dt.timedelta(hours=5)
    proposal = (await publish(editor, job, at=at.isoformat())).json()["proposal"]
    assert (await approve(supervisor, proposal)).status_code == 200
    assert await Runner(desk).take(PUBLISHING) is None
    listed = (await editor.call("GET", "/workshop/publications")).json()
    (scheduled,) = listed["scheduled"]
    assert (dt.datetime.fromisoformat(scheduled["at"]), scheduled["by"], scheduled["second"]) == (at, "editor", "supervisor")
    desk.clock.pass_time(hours=5)
    assert (await Runner(desk).take(PUBLISHING) or {})["id"] == scheduled["job"]


async def test_the_history_and_rolling_back(desk: Desk, models: Path, working_copy: Path) -> None:
    """An editor could not take a mistake back, or would not see what cannot be taken back and why."""
    revision = read_pointer(models).revision
    bring_out(models, 2, data="b" * 12, model="wallet-two", revision=revision, base=1, second="boss", second_name="主管")
    bring_out(models, 3, data="c" * 12, model="wallet-gone", revision=revision, base=2)
    bring_out(models, 4, data="b" * 12, model="wallet-two", revision=revision, base=3, rolled_back_to=2)
    (models / "wallet-gone.tar.gz").unlink()
    (models / "packages/9.json").write_text("{", encoding="utf-8")
    editor, supervisor = await desk.agent("editor"), await desk.agent("supervisor")
    answer = await supervisor.call("GET", "/workshop/publications")
    listed = {each["id"]: each for each in answer.json()["publications"]}
    assert list(listed) == [4, 3, 2, 1]
    assert [listed[number]["is_live"] for number in (4, 3, 2, 1)] == [True, False, False, False]
    assert [listed[number]["can_roll_back"] for number in (4, 3, 2, 1)] == [False, False, False, True]
    assert (listed[4]["rolled_back_to"], listed[4]["rolled_back_from"]) == (2, 3)
    assert listed[3]["gone"] == ["model"]
    assert (listed[2]["who_name"], listed[2]["second_name"]) == ("editor", "主管")

    async def roll_back(agent: Agent, number: int, why: str = "写错了") -> Any:
        return await agent.call("POST", f"/workshop/publications/{number}/roll-back", json={"why": why})

    assert error_code(await roll_back(supervisor, 4)) == "already_live"
    assert error_code(await roll_back(supervisor, 2)) == "already_live"
    assert error_code(await roll_back(supervisor, 3)) == "package_incomplete"
    for unknown in (0, -1, 9, 10**12):
        assert error_code(await roll_back(supervisor, unknown)) == "unknown_package"
    assert error_code(await roll_back(supervisor, 1, " ")) == "bad_reason"
    first, again = await asyncio.gather(roll_back(supervisor, 1), roll_back(editor, 1))
    assert first.json() == again.json()
    taken = await Runner(desk).take(PUBLISHING)
    assert taken is not None
    assert (taken["kind"], taken["parameters"]["to"], taken["parameters"]["base"]) == ("roll_back", 1, 4)
    assert taken["parameters"]["who"]["why"] == "写错了"


async def test_who_may_do_what(desk: Desk, models: Path, working_copy: Path) -> None:
    """An agent could publish; a supervisor could propose what no editor has written."""
    agent, supervisor = await desk.agent("agent"), await desk.agent("supervisor")
    paths = ("checks", "publications", "publications/1/roll-back", "proposals/1/approve", "proposals/1/reject")
    body = {"check_job": 1, "why": "x"}
    for path in paths:
        assert error_code(await agent.call("POST", f"/workshop/{path}", json=body)) == "editors_only"
    for path in ("publications", "proposals"):
        assert error_code(await agent.call("GET", f"/workshop/{path}")) == "editors_only"
    for path in ("checks", "publications"):
        assert error_code(await supervisor.call("POST", f"/workshop/{path}", json=body)) == "editors_only"
    editor = await desk.agent("editor")
    assert (await editor.call("POST", "/workshop/publications", json={"check_job": 1, "why": "x" * 501})).status_code == 422
    assert error_code(await publish(editor, await checked(desk, editor, models), why=" ")) == "bad_reason"


async def test_a_full_disk_is_said_to_the_editor(
    desk: Desk, models: Path, working_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The editor would read "internal error"."""

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("content.snapshots.write_atomically", full)
    answer = await (await desk.agent("editor")).call("POST", "/workshop/checks", json={})
    assert (answer.status_code, error_code(answer)) == (503, "snapshot_not_taken")
    assert "磁盘已满" in answer.json()["error"]["message"]
