"""The desk and the published bundle: a new version is live at the next message, and a desk without a bundle does not start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.published import POINTER
from content.sources import ContentError
from tests.handoff.conftest import SERVICE_TOKEN, publish
from tests.handoff.fake_bot import FakeBot, chats, escalates
from tests.handoff.people import of_type, texts
from tests.handoff.running_desk import Desk

ROOT = Path(__file__).parents[2]

#: Replaces a text in a file of the copy, which must contain it.
Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(data_folder: Path, tmp_path: Path) -> Path:
    """A copy of the editors' files that a test may change."""
    return Path(shutil.copytree(data_folder, tmp_path / "data"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Edit a file of the copy: `edit(name, old, new)`."""

    def replace(name: str, old: str, new: str) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def change_desk(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the copy's desk.yml."""
    path = folder / "desk.yml"
    desk = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(desk)
    path.write_text(yaml.safe_dump(desk, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def models(models_folder: Path, data_folder: Path) -> Iterator[Path]:
    """The models folder of the shared desk; after the test the shared content is published again."""
    yield models_folder
    publish(data_folder, models_folder)


@pytest.fixture
def own_desk(desk: Desk, models: Path) -> Desk:
    """The shared desk, whose content the test may replace; it has read the content that the previous test published again."""
    desk.services.content()
    return desk


async def test_new_desk_texts_are_live_at_the_next_message(own_desk: Desk, folder: Path, models: Path, edit: Edit) -> None:
    """Editors would wait for a restart before customers read a corrected text."""
    old = await own_desk.waiting_customer()
    edit("desk.yml", "您的情况由人工客服处理，前面的内容已经转给客服，不用重复。", "新的文字：人工客服马上处理。")
    before = texts(await own_desk.log(old), "system")
    assert "由人工客服处理" in before[0]
    publish(folder, models)
    new = await own_desk.waiting_customer()
    assert "新的文字" in texts(await own_desk.log(new), "system")[0]
    assert texts(await own_desk.log(old), "system") == before, "a text that was sent changed"


async def test_new_canned_replies_and_names_are_live_in_the_console(
    own_desk: Desk, folder: Path, models: Path, edit: Edit
) -> None:
    """An agent would send an outdated reply, or read a renamed intent by its old name."""
    agent = await own_desk.agent()

    async def replies() -> dict[str, str]:
        answer = await agent.call("GET", "/canned-replies")
        assert answer.status_code == 200, answer.text
        return {reply["shortcut"]: reply["text"] for reply in answer.json()["canned_replies"]}

    async def names() -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = (await agent.call("GET", "/intents")).json()["intents"]
        return found

    assert "接下来由我为您处理" in (await replies())["hi"]
    assert "hallo" not in await replies()
    assert (await names())["fees"]["zh"] == "手续费"
    first = (folder / "canned_replies.yml").read_text(encoding="utf-8")
    added = "  - {id: hallo, shortcut: hallo, title: {zh: 新, en: New}, text: {zh: '{{ agent_name }}好', en: Hallo}}\n"
    (folder / "canned_replies.yml").write_text(first.rstrip() + "\n" + added, encoding="utf-8")
    edit("canned_replies.yml", "接下来由我为您处理", "现在由我为您处理")
    edit("triage.yml", "zh: 手续费,", "zh: 各种手续费,")
    publish(folder, models)
    assert "现在由我为您处理" in (await replies())["hi"]
    assert (await replies())["hallo"] == f"{agent.name}好"
    assert (await names())["fees"]["zh"] == "各种手续费"


async def test_a_new_limit_counts_at_once(own_desk: Desk, folder: Path, models: Path) -> None:
    """In a flood the operator would have to restart the desk to change a limit."""
    assert (await own_desk.http.post("/api/conversations", json={"locale": "zh"})).status_code == 201
    change_desk(folder, lambda desk: desk["limits"]["per_address"].update(conversations={"at_once": 1, "per_minute": 6}))
    publish(folder, models)
    answers = [(await own_desk.http.post("/api/conversations", json={"locale": "zh"})).status_code for _ in range(3)]
    assert 429 in answers


@pytest.mark.parametrize("stored", [b"{", b'{"format": 0}', b""])
async def test_a_newer_bundle_that_cannot_be_read_leaves_the_desk_as_it_was(
    own_desk: Desk, folder: Path, models: Path, edit: Edit, stored: bytes
) -> None:
    """A damaged or foreign bundle would take a running desk down with it."""
    pointer = json.loads((models / POINTER).read_text(encoding="utf-8"))
    (models / pointer["content"]).write_bytes(stored)
    os.utime(models / POINTER, ns=(1, 1))
    customer = await own_desk.waiting_customer()
    assert "由人工客服处理" in texts(await own_desk.log(customer), "system")[0]
    # Publishing again repairs it, and the desk notices.
    edit("desk.yml", "您的情况由人工客服处理，前面的内容已经转给客服，不用重复。", "新的文字：人工客服马上处理。")
    repaired = publish(folder, models)
    (models / "content" / f"{repaired.revision}.json").write_bytes(stored)
    os.utime(models / POINTER, ns=(2, 2))
    own_desk.services.content()
    publish(folder, models)
    repaired_for = await own_desk.waiting_customer()
    assert "新的文字" in texts(await own_desk.log(repaired_for), "system")[0]


def run(models: Path, *command: str) -> tuple[int, str]:
    """A command of the desk in an environment without other variables; its exit code and output."""
    environment = {
        "PATH": os.environ["PATH"],
        "MODELS_DIR": str(models),
        "VAR_DIR": str(models / "var"),
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "DATABASE_URL": os.environ.get("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"),
        "DEMO": "0",
        "DESK_PORT": "0",
    }
    done = subprocess.run(
        [sys.executable, "-m", "handoff", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        (None, "nothing is published yet: run `make publish`"),
        ('{"model": "wallet-1", "content": "content/abc", "revision": "abc"}', "an older version: run `make publish`"),
        ('{"model": "wallet-1", "content": "content/abc.json", "revision": "abc"}', "run `make publish`"),
        ("[]", "run `make publish`"),
    ],
)
def test_a_desk_without_a_bundle_does_not_start_and_says_what_to_do(tmp_path: Path, pointer: str | None, words: str) -> None:
    """The desk would start and fail at the first customer, or end with a traceback."""
    if pointer is not None:
        (tmp_path / POINTER).write_text(pointer, encoding="utf-8")
    code, said = run(tmp_path, "serve")
    assert code != 0
    assert words in said


async def test_a_reason_in_data_is_all_that_a_new_reason_needs(
    own_desk: Desk, bot: FakeBot, folder: Path, models: Path, edit: Edit
) -> None:
    """A newcomer would have to find all places in code that list the reasons."""
    edit(
        "triage.yml",
        "  identity_check: {",
        "  travel: {priority: high, stays_open: true, zh: 出行, en: Travel}\n  identity_check: {",
    )
    with pytest.raises(ContentError, match=r"desk\.yml:\d+: texts\.zh\.handoff has no words for travel"):
        publish(folder, models)

    def add_words(desk: dict[str, Any]) -> None:
        desk["texts"]["zh"]["handoff"]["travel"] = "出行的事由专人处理。"
        desk["texts"]["en"]["handoff"]["travel"] = "A travel specialist takes over."

    change_desk(folder, add_words)
    publish(folder, models)
    customer = await own_desk.waiting_customer(escalates("travel", "high", intent="fees"), "航班取消了")
    assert "出行的事由专人处理" in texts(await own_desk.log(customer), "system")[0]
    (requested,) = of_type(await own_desk.log(customer), "handoff_requested")
    assert (requested["reason"], requested["priority"]) == ("travel", "high")
    agent = await own_desk.agent()
    assert (await agent.call("GET", "/intents")).json()["reasons"]["travel"] == {"zh": "出行", "en": "Travel"}
    metrics = own_desk.services.metrics.handoffs.labels("travel", "high")
    assert metrics._value.get() == 1, "the figures would count the new reason as `other`"
    # The case stays open when nobody writes: a customer who comes back goes to the queue.
    await agent.claim(customer)
    own_desk.clock.pass_time(days=2)
    await own_desk.watchdog.look_around()
    assert (await own_desk.conversation(customer)).case.is_open
    bot.will(chats("好"))
    await customer.say("我回来了")
    await own_desk.turns_over()
    assert (await customer.status())["status"] == "queued"
