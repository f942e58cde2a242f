"""Editors change routes, promises, patterns and hours by forms; a value that breaks the bot is refused with its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content.triage_policy import load_policy
from tests.handoff.people import Agent, error_code
from tests.handoff.running_desk import Desk


@pytest.fixture
async def editor(desk: Desk, working_copy: Path) -> Agent:
    """The editor of the demo accounts, on a fresh working copy."""
    return await desk.agent("editor")


async def fields(editor: Agent) -> tuple[str, dict[str, dict[str, Any]]]:
    """The revision, and the fields by path."""
    answer = await editor.call("GET", "/workshop/policy")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    return shown["revision"], {field["path"]: field for section in shown["sections"] for field in section["fields"]}


async def test_each_field_explains_itself(editor: Agent) -> None:
    """An editor would have to guess what a number does."""
    _, shown = await fields(editor)
    assert len(shown) > 400
    assert [path for path, field in shown.items() if not (field["zh"] and field["en"] and field["explain_zh"])] == []
    assert [path for path, field in shown.items() if field["zh"] == path.partition(":")[2]] == []


async def test_saving_what_is_shown_writes_no_byte(editor: Agent, working_copy: Path) -> None:
    """A form that was opened and saved would change the file."""
    before = {name: (working_copy / name).read_bytes() for name in ("triage.yml", "desk.yml", "calendars/china.yml")}
    revision, shown = await fields(editor)
    for path in list(shown)[::40]:
        body = {"base_revision": revision, "path": path, "value": shown[path]["value"]}
        answer = await editor.call("PUT", "/workshop/policy", json=body)
        assert answer.status_code == 200, (path, answer.text)
    assert {name: (working_copy / name).read_bytes() for name in before} == before


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("triage.yml:promises.wrong_answer", 0.01, "  wrong_answer: 0.01"),
        ("triage.yml:large_transaction.threshold_cny", 30000, "  threshold_cny: 30000"),
        ("triage.yml:reasons.dispute.priority", "urgent", "dispute: {priority: urgent, stays_open: true, zh: 交易争议与投诉,"),
        (
            "triage.yml:intents.fees.destination",
            "escalate:dispute",
            "fees: {route: escalate, reason: dispute, zh: 手续费, en: Fees}",
        ),
        ("desk.yml:levels.urgent.first_response_minutes", 1, "urgent: {first_response_minutes: 1, next_response_minutes: 3,"),
        ("desk.yml:waiting.said_after_minutes", [2, 8], "said_after_minutes: [2, 8] # lines to a waiting customer"),
        ("desk.yml:routing.push", False, "push: false # waiting conversations are offered"),
    ],
)
async def test_one_value_changes_one_line(editor: Agent, working_copy: Path, path: str, value: Any, line: str) -> None:
    """A changed value would take comments or neighbours with it."""
    file = working_copy / path.partition(":")[0]
    before = file.read_text(encoding="utf-8")
    revision, _ = await fields(editor)
    answer = await editor.call("PUT", "/workshop/policy", json={"base_revision": revision, "path": path, "value": value})
    assert answer.status_code == 200, answer.text
    assert answer.json()["field"]["value"] == value
    after = file.read_text(encoding="utf-8")
    changed = [new for old, new in zip(before.split("\n"), after.split("\n"), strict=True) if old != new]
    assert [" ".join(each.split()).startswith(line.strip()) for each in changed] == [True]


async def test_a_pattern_is_added_between_comments(editor: Agent, working_copy: Path) -> None:
    """A new pattern would move the comments that explain the others."""
    path = "triage.yml:floor.incidents.scam_in_progress.patterns"
    revision, shown = await fields(editor)
    before = (working_copy / "triage.yml").read_text(encoding="utf-8").split("\n")
    patterns = [*shown[path]["value"][:3], "催我.{0,6}刷脸", *shown[path]["value"][3:]]
    body = {"base_revision": revision, "path": path, "value": patterns}
    answer = await editor.call("PUT", "/workshop/policy", json=body)
    assert answer.status_code == 200, answer.text
    after = (working_copy / "triage.yml").read_text(encoding="utf-8").split("\n")
    assert len(after) == len(before) + 1
    assert [line for line in after if line not in before] == ['        - "催我.{0,6}刷脸"']
    policy = load_policy(working_copy / "triage.yml")
    assert [each.pattern for each in policy.floor.incidents[0].patterns] == patterns


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("triage.yml:promises.wrong_answer", 1.5),
        ("triage.yml:promises.wrong_answer", "viel"),
        ("triage.yml:floor.own_transaction", "(我"),
        ("triage.yml:intents.fees.destination", "answer:no_such"),
        ("triage.yml:intents.account_stolen.destination", "answer:account_stolen"),
        ("triage.yml:large_transaction.rates.CNY", 2),
        ("triage.yml:large_transaction.topics", ["no_such"]),
        ("desk.yml:hours.service.week.mon", ["25:00-26:00"]),
        ("desk.yml:levels.urgent.first_response_minutes", 0),
        ("desk.yml:waiting.said_after_minutes", []),
        ("calendars/china.yml:years.2026.workdays", ["2026-02-30"]),
    ],
)
async def test_a_value_that_breaks_the_bot(editor: Agent, working_copy: Path, path: str, value: Any) -> None:
    """A value that publishing refuses, or that takes an emergency away from the floor, would stand in the working copy."""
    file = working_copy / path.partition(":")[0]
    before = file.read_bytes()
    revision, _ = await fields(editor)
    answer = await editor.call("PUT", "/workshop/policy", json={"base_revision": revision, "path": path, "value": value})
    assert (answer.status_code, error_code(answer)) == (422, "content_refused"), answer.text
    assert answer.json()["error"]["problems"][0]["field"] == path
    assert file.read_bytes() == before


async def test_two_fields_of_one_file(editor: Agent) -> None:
    """Two editors of the policy would undo each other, or be asked about what the other did not touch."""
    seen, _ = await fields(editor)
    for path, value, status in (
        ("triage.yml:promises.wrong_answer", 0.01, 200),
        ("triage.yml:reasons.dispute.stays_open", False, 200),
        ("triage.yml:promises.wrong_answer", 0.02, 409),
    ):
        answer = await editor.call("PUT", "/workshop/policy", json={"base_revision": seen, "path": path, "value": value})
        assert answer.status_code == status, answer.text
    unknown = {"base_revision": seen, "path": "triage.yml:version", "value": 2}
    assert (await editor.call("PUT", "/workshop/policy", json=unknown)).status_code == 404
