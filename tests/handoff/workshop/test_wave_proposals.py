# ruff: noqa: F811
"""A pattern against a wave: one person proposes, the gate checks it on top of what is live, another puts it live."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from content.editing.policy_values import value_of
from content.packages import Package, write_package
from content.published import Pointer, read_pointer, write_pointer
from content.snapshots import read_snapshot, take_snapshot
from handoff.workshop.jobs.job import PUBLISHING, WORK
from tests.handoff.people import Agent, Json, error_code
from tests.handoff.running_desk import Desk
from tests.handoff.workshop.test_jobs import Runner
from tests.handoff.workshop.test_publications import GATE, MODEL, SHADOW, models  # noqa: F401  a fixture
from tests.handoff.workshop.test_waves import code_of, history, listed, look, watch, wave

FIELD = "floor.incidents.scam_report.patterns"


@pytest.fixture
def live(models: Path, working_copy: Path, tmp_path: Path) -> str:
    """The data revision of what is live: the project's files."""
    before = read_pointer(models)
    shutil.copytree(working_copy, tmp_path / "data")
    revision = take_snapshot(tmp_path / "data", models)
    write_package(Package(1, "2026-11-30T12:00:00+00:00", "editor", "because", revision, before.revision, before.model), models)
    write_pointer(Pointer(before.model, before.content, before.revision, revision, 1), models)
    return revision


async def shown_wave(desk: Desk) -> str:
    """A wave that was noticed; its id."""
    desk.bot.codes = code_of
    await history(desk)
    await wave(desk)
    await look(watch(desk))
    (found,) = await listed(await desk.agent("supervisor"))
    return str(found["id"])


async def propose(agent: Agent, wave_id: str, pattern: str = "育儿补贴", **more: str) -> Json:
    """Propose a pattern; the wave, or the error."""
    answer = await agent.call("POST", f"/workshop/waves/{wave_id}/proposals", json={"pattern": pattern, **more})
    return {"status": answer.status_code, **answer.json()}


async def approve(agent: Agent, wave_id: str) -> Json:
    """Approve; the wave, or the error."""
    answer = await agent.call("POST", f"/workshop/waves/{wave_id}/approve")
    return {"status": answer.status_code, **answer.json()}


async def check(desk: Desk, models: Path, verdict: str = "pass") -> Json:
    """Do the check that waits; its parameters."""
    runner, pointer = Runner(desk), read_pointer(models)
    taken = await runner.take(WORK)
    assert taken is not None
    result = {
        "data_revision": taken["parameters"]["data_revision"],
        "model": MODEL,
        "live": [pointer.package, pointer.data_revision],
        "gate": {**GATE, "verdict": verdict},
        "shadow": SHADOW,
    }
    assert (await runner.done(taken, result)).status_code == 200
    return dict(taken["parameters"])


def patterns(text: str) -> list[str]:
    """The patterns of a triage.yml."""
    found: list[str] = value_of(text, FIELD)
    return found


async def test_two_people_put_a_pattern_live_and_nothing_else(
    desk: Desk,
    models: Path,
    working_copy: Path,
    live: str,
) -> None:
    """One person could send everybody to the queue, or half-finished edits would go live with the pattern."""
    triage = working_copy / "triage.yml"
    before = triage.read_text(encoding="utf-8")
    (working_copy / "facts.yml").write_text("unfinished: [", encoding="utf-8")
    wave_id = await shown_wave(desk)
    supervisor, editor = await desk.agent("supervisor"), await desk.agent("editor")
    found = await propose(supervisor, wave_id)
    assert (found["status"], found["state"]) == (200, "proposed")
    assert found["proposal"]["effect"] == {"covers": 6, "of": 6, "others": 0, "others_of": 60}
    assert found["proposal"]["check"]["state"] == "queued"
    assert (await approve(editor, wave_id))["error"]["code"] == "check_not_done"
    checked = await check(desk, models)
    frozen = {name: data.decode() for name, data in read_snapshot(models, checked["data_revision"]).items()}
    assert patterns(frozen["triage.yml"]) == [*patterns(before), "育儿补贴"]
    base = {name: data.decode() for name, data in read_snapshot(models, live).items()}
    assert {name for name in base if base[name] != frozen[name]} == {"triage.yml"}
    assert patterns(triage.read_text(encoding="utf-8")) == [*patterns(before), "育儿补贴"]
    (shown,) = await listed(editor)
    assert shown["proposal"]["shadow"]["changed"] == 1
    assert (await approve(supervisor, wave_id))["error"]["code"] == "second_person_needed"
    both = await asyncio.gather(*(approve(editor, wave_id) for _ in "ab"))
    assert {each["status"] for each in both} <= {200, 409}
    assert 200 in {each["status"] for each in both}
    assert (await approve(editor, wave_id))["state"] == "live"
    taken = await Runner(desk).take(PUBLISHING)
    assert taken is not None
    assert taken["parameters"]["data_revision"] == checked["data_revision"]
    assert taken["parameters"]["who"]["by"] == "supervisor"
    assert taken["parameters"]["who"]["second"] == "editor"
    assert await Runner(desk).take(PUBLISHING) is None
    assert (await propose(supervisor, wave_id))["error"]["code"] == "wave_is_live"


async def test_what_the_gate_refuses_does_not_go_live(
    desk: Desk,
    models: Path,
    working_copy: Path,
    live: str,
) -> None:
    """Haste would break what the gate protects; and a better pattern could not be tried."""
    triage = working_copy / "triage.yml"
    before = triage.read_text(encoding="utf-8")
    wave_id = await shown_wave(desk)
    supervisor, editor = await desk.agent("supervisor"), await desk.agent("editor")
    await propose(supervisor, wave_id)
    await check(desk, models, "refuse")
    assert (await approve(editor, wave_id))["error"]["code"] == "gate_refused"
    found = await propose(editor, wave_id, "育儿补贴[^。]{0,20}(卡|码)|领育儿补贴")
    assert (found["proposal"]["by"], found["proposal"]["intent"]) == ("editor", "scam_report")
    assert patterns(triage.read_text(encoding="utf-8")) == [*patterns(before), "育儿补贴[^。]{0,20}(卡|码)|领育儿补贴"]
    answer = await editor.call("POST", f"/workshop/waves/{wave_id}/dismiss")
    assert answer.json()["state"] == "dismissed"
    assert triage.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "写法"),
        (".*", "所有"),
        ("问题|育儿", "太宽"),
        ("没有的词", "没有命中"),
        ("((.|.)*)*#|育儿", "太慢"),
    ],
)
async def test_bad_patterns(
    desk: Desk, working_copy: Path, live: str, pattern: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern that matches everything, nothing, or takes for ever would be put before every turn."""
    monkeypatch.setattr("handoff.workshop.waves.proposals._COUNT_SECONDS", 1.5)
    wave_id = await shown_wave(desk)
    editor = await desk.agent("editor")
    before = (working_copy / "triage.yml").read_bytes()
    found = await propose(editor, wave_id, pattern)
    assert (found["status"], found["error"]["code"]) == (422, "bad_pattern")
    assert words in found["error"]["message"]
    assert (working_copy / "triage.yml").read_bytes() == before


async def test_who_proposes(desk: Desk, working_copy: Path, live: str) -> None:
    """An agent could change what the bot does."""
    wave_id = await shown_wave(desk)
    agent, editor = await desk.agent(), await desk.agent("editor")
    assert (await propose(agent, wave_id))["status"] == 403
    assert (await approve(agent, wave_id))["status"] == 403
    assert (await approve(editor, wave_id))["error"]["code"] == "nothing_proposed"
    assert (await propose(editor, "nothing"))["error"]["code"] == "unknown_wave"
    assert (await propose(editor, wave_id, intent="fees"))["error"]["code"] == "bad_pattern"
    answer = await editor.call("POST", f"/workshop/waves/{wave_id}/proposals", json={"pattern": 1})
    assert error_code(answer) == "bad_request"
