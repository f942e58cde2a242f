"""The inbox: nothing is learnt without an editor's yes, no decision is lost, and two editors never decide the same text."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from content.inbox import text_id
from handoff.runtime.settings import Settings
from handoff.workshop.inbox.worker import KIND, PAUSE
from handoff.workshop.jobs import job as rules
from tests.handoff.conftest import DATA, SERVICE_TOKEN, Database, start_afresh
from tests.handoff.fake_bot import FakeBot
from tests.handoff.people import Agent, Json, error_code
from tests.handoff.running_desk import Clock, Desk, run_desk

SERVICE = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
NEW, OTHER = "扫了个码钱就没了咋整啊", "刚扫完码余额就少了一截子"
#: A sentence of a test set.
TESTED = json.loads((DATA.parent / "tests/evaluation/development/standard.jsonl").read_text(encoding="utf-8").split("\n")[0])[
    "text"
]
SENTENCES = """version: "3.1"
nlu:
- intent: scam_report
  examples: |
    - 我被骗了
    - 骗子把钱骗走了

- intent: fees   # what it costs
  examples: |
    - 手续费多少
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The editors' files with few sentences."""
    folder = tmp_path_factory.mktemp("editors") / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("nlu", "calibration"))
    for name in ("nlu", "calibration"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
async def module_desk(settings: Settings, shared_bot: FakeBot, data: Path) -> AsyncIterator[Desk]:
    """A desk whose editors have these files."""
    async with run_desk(settings.model_copy(update={"data": data}), shared_bot, Clock()) as desk:
        yield desk


@pytest.fixture
async def desk(module_desk: Desk, shared_bot: FakeBot, database: Database, data: Path) -> Desk:
    """The desk, with nothing in it."""
    await start_afresh(module_desk, shared_bot, database)
    (data / "nlu" / "test.yml").write_text(SENTENCES, encoding="utf-8")
    return module_desk


def entry(text: str, **more: Any) -> Json:
    """An entry as the job makes it."""
    at = "2026-11-30T08:00:00+00:00"
    return {"id": text_id(text), "text": text, "kind": "not_understood", "count": 1, "cost": 2.0, "first_at": at,
            "last_at": at, **more}  # fmt: skip


def group(*texts: str, **more: Any) -> Json:
    """A group as the job makes it."""
    suggested = [{"intent": "scam_report", "score": 0.7}]
    return {"id": f"g{text_id(texts[0])}", "kind": "not_understood", "leader": texts[0], "entries": [*map(entry, texts)],
            "suggested": suggested, "nearest": [{**suggested[0], "text": "我被骗了"}], **more}  # fmt: skip


async def fill(desk: Desk, *groups: Json, read_at: str | None = None, job: int = 1) -> None:
    """Store a job's result."""
    result = {"read_at": read_at or desk.clock().isoformat(), "groups": list(groups)}
    assert await desk.services.inbox.store_result(job, result)


async def inbox(agent: Agent) -> list[Json]:
    """The groups."""
    answer = await agent.call("GET", "/workshop/inbox")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["groups"])


async def test_a_confirmed_text_becomes_an_example_and_an_undo_takes_it_back(desk: Desk, data: Path) -> None:
    """A confirmed sentence would not be learnt, or an editor's slip of a key would stay in the training data."""
    editor = await desk.agent("editor")
    await fill(desk, group(NEW, OTHER))
    one = (await inbox(editor))[0]
    assert [text["text"] for text in one["texts"]] == sorted((NEW, OTHER), key=text_id)
    answer = await editor.call(
        "POST", f"/workshop/inbox/{one['id']}", json={"action": "intent", "intent": "scam_report", "text_ids": [text_id(NEW)]}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"] | {"done_hour": 1, "left": 1} == answer.json()["counts"]
    written = (data / "nlu" / "test.yml").read_text(encoding="utf-8")
    assert written == SENTENCES.replace("骗走了\n", f"骗走了\n    - {NEW}\n")
    assert [text["text"] for text in (await inbox(editor))[0]["texts"]] == [OTHER]
    undone = await editor.call("POST", "/workshop/inbox/undo", json={})
    assert len(undone.json()["group"]["texts"]) == 2
    assert (data / "nlu" / "test.yml").read_text(encoding="utf-8") == SENTENCES
    assert error_code(await editor.call("POST", "/workshop/inbox/undo", json={})) == "nothing_to_undo"


async def test_of_two_editors_at_once_one_decides_and_the_other_is_told(desk: Desk, data: Path) -> None:
    """One sentence would be learnt as two intents."""
    first, second = await desk.agent("editor"), await desk.agent("editor")
    await fill(desk, group(NEW))
    path = f"/workshop/inbox/g{text_id(NEW)}"
    bodies = [{"action": "intent", "intent": intent, "text_ids": [text_id(NEW)]} for intent in ("scam_report", "fees")]
    answers = await asyncio.gather(first.call("POST", path, json=bodies[0]), second.call("POST", path, json=bodies[1]))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    late = max(answers, key=lambda answer: answer.status_code)
    assert error_code(late) == "decided_meanwhile"
    assert late.json()["error"]["text_ids"] == [text_id(NEW)]
    assert late.json()["error"]["by_name"]
    assert (data / "nlu" / "test.yml").read_text(encoding="utf-8").count(NEW) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [("手续费多少？", "exists"), (TESTED, "in_test_set")],
)
async def test_a_sentence_of_another_intent_or_of_a_test_set_is_refused(desk: Desk, data: Path, text: str, code: str) -> None:
    """A sentence would teach two intents, or a test set would measure only the model's memory."""
    editor = await desk.agent("editor")
    await fill(desk, group(NEW, text))
    answer = await editor.call("POST", f"/workshop/inbox/g{text_id(NEW)}", json={"action": "intent", "intent": "scam_report"})
    assert error_code(answer) == code
    assert answer.json()["error"]["text_ids"] == [text_id(text)]
    assert (data / "nlu" / "test.yml").read_text(encoding="utf-8") == SENTENCES
    assert len((await inbox(editor))[0]["texts"]) == 2


async def test_a_decided_text_stays_away_while_an_older_job_ends(desk: Desk) -> None:
    """A job that began before the decision would lay the same text before the editor again."""
    editor = await desk.agent("editor")
    await fill(desk, group(NEW, OTHER))
    began = desk.clock().isoformat()
    await editor.call("POST", f"/workshop/inbox/g{text_id(NEW)}", json={"action": "ignore", "text_ids": [text_id(NEW)]})
    await fill(desk, group(NEW, OTHER), read_at=began, job=2)
    assert [text["text"] for text in (await inbox(editor))[0]["texts"]] == [OTHER]
    assert not await desk.services.inbox.store_result(2, {"read_at": began, "groups": []})
    source = await desk.http.get("/api/workshop/inbox/source", headers=SERVICE)
    assert [line.count(text_id(NEW)) for line in source.text.splitlines() if '"decided"' in line] == [1]


async def test_the_most_costly_group_comes_first_and_kinds_are_filtered(desk: Desk) -> None:
    """An editor's first minute would go to what hardly matters."""
    editor = await desk.agent("editor")
    cheap = group("第一句话", entries=[entry("第一句话", count=9, cost=9.0)], kind="asked_back")
    dear = group("第二句话", entries=[entry("第二句话", cost=20.0)], kind="not_solved")
    await fill(desk, cheap, dear)
    assert [one["kind"] for one in await inbox(editor)] == ["not_solved", "asked_back"]
    only = (await editor.call("GET", "/workshop/inbox?kind=asked_back")).json()
    assert [one["count"] for one in only["groups"]] == [9]
    assert only["counts"]["by_kind"] == {"not_solved": 1, "asked_back": 1}
    assert error_code(await editor.call("GET", "/workshop/inbox?kind=nonsense")) == "bad_request"


async def test_what_is_missing_is_listed_until_it_is_done(desk: Desk) -> None:
    """A noted gap would be forgotten, or stay on the home page for ever."""
    editor = await desk.agent("editor")
    await fill(desk, group(NEW))
    body = {"action": "article_missing", "note": "扫码后被扣款怎么办"}
    assert (await editor.call("POST", f"/workshop/inbox/g{text_id(NEW)}", json=body)).status_code == 200
    wanted = (await editor.call("GET", "/workshop/inbox/wanted")).json()["wanted"]
    assert [(each["action"], each["note"], each["texts"]) for each in wanted] == [(*body.values(), [NEW])]
    assert (await editor.call("POST", f"/workshop/inbox/wanted/{wanted[0]['id']}/done", json={})).status_code == 200
    assert (await editor.call("GET", "/workshop/inbox/wanted")).json()["wanted"] == []
    assert error_code(await editor.call("POST", f"/workshop/inbox/wanted/{wanted[0]['id']}/done", json={})) == "unknown_group"


async def test_new_turns_queue_one_job_and_its_result_fills_the_inbox_once(desk: Desk) -> None:
    """The inbox would stay as it was, or jobs would pile up."""
    worker, jobs = desk.services.inbox_worker, desk.services.jobs
    await worker.look()
    customer = await desk.customer()
    await desk.wait_for_turn(customer, await customer.say("你好"))
    assert await jobs.take(rules.WORK, 0) is None  # a runner is there from now on
    for _ in range(2):
        await worker.look()
    job = await jobs.take(rules.WORK, 0)
    assert job is not None
    assert job.kind == KIND
    await jobs.done(job.id, str(job.lease), {"read_at": desk.clock().isoformat(), "groups": [group(NEW)]})
    await worker.look()
    assert len(await inbox(await desk.agent("editor"))) == 1
    assert await jobs.take(rules.WORK, 0) is None
    desk.clock.pass_time(seconds=PAUSE.total_seconds() + 1)
    await jobs.take(rules.WORK, 0)
    await worker.look()
    assert await jobs.take(rules.WORK, 0) is None  # no turn came since
    await desk.wait_for_turn(customer, await customer.say("在吗"))
    await worker.look()
    assert await jobs.take(rules.WORK, 0) is not None


async def test_agents_may_not_use_the_inbox_and_supervisors_only_read(desk: Desk) -> None:
    """What customers wrote would be open to everybody, or an account without the right would teach the bot."""
    await fill(desk, group(NEW))
    agent, supervisor = await desk.agent("agent"), await desk.agent("supervisor")
    body = {"action": "ignore"}
    assert (await agent.call("GET", "/workshop/inbox")).status_code == 403
    assert (await supervisor.call("GET", "/workshop/inbox")).status_code == 200
    for one in (agent, supervisor):
        assert (await one.call("POST", f"/workshop/inbox/g{text_id(NEW)}", json=body)).status_code == 403
    assert (await desk.http.get("/api/workshop/inbox/source")).status_code == 401
