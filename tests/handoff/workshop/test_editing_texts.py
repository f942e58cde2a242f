"""Editors change facts, desk texts and canned replies over HTTP; two changes in one file never undo each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.handoff.people import Agent, error_code
from tests.handoff.running_desk import Desk


@pytest.fixture
async def editor(desk: Desk, working_copy: Path) -> Agent:
    """The editor of the demo accounts, on a fresh working copy."""
    return await desk.agent("editor")


async def get(editor: Agent, path: str) -> dict[str, Any]:
    """A JSON object of the workshop."""
    answer = await editor.call("GET", f"/workshop/{path}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def put(editor: Agent, path: str, **body: Any) -> dict[str, Any]:
    """The answer to a save that must succeed."""
    answer = await editor.call("PUT", f"/workshop/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that differ, as they are now."""
    return [new for old, new in zip(before.split("\n"), after.split("\n"), strict=True) if old != new]


async def test_a_fact_changes_one_line_and_every_text(editor: Agent, working_copy: Path) -> None:
    """A changed number would leave some text as it was, or would change more of the file than itself."""
    before = (working_copy / "facts.yml").read_text(encoding="utf-8")
    facts = await get(editor, "facts")
    fact = next(each for each in facts["facts"] if each["name"] == "refund_card_arrival")
    assert {use["kind"] for use in fact["uses"]} >= {"article", "canned"}
    body = {"base_revision": facts["revision"], "zh": "1-5 个工作日", "en": "1-5 business days"}
    tried = await put(editor, "facts/refund_card_arrival", **body, dry_run=True)
    assert (working_copy / "facts.yml").read_text(encoding="utf-8") == before
    saved = await put(editor, "facts/refund_card_arrival", **body)
    assert saved["changed_texts"] == tried["changed_texts"]
    assert len(saved["changed_texts"]) == len(fact["uses"])
    assert all("1-5" in each["after"] and "1-7" in each["before"] for each in saved["changed_texts"])
    after = (working_copy / "facts.yml").read_text(encoding="utf-8")
    assert changed_lines(before, after) == ['refund_card_arrival: {zh: "1-5 个工作日", en: "1-5 business days"}']


async def test_two_facts_of_one_file_do_not_conflict(editor: Agent) -> None:
    """The second of two editors would have to start again for a fact that nobody else touched, or would undo the first's."""
    seen = (await get(editor, "facts"))["revision"]
    await put(editor, "facts/code_length", base_revision=seen, zh="8", en="8")
    await put(editor, "facts/export_valid", base_revision=seen, zh="9 天", en="9 days")
    late = await editor.call("PUT", "/workshop/facts/code_length", json={"base_revision": seen, "zh": "4", "en": "4"})
    assert (late.status_code, error_code(late)) == (409, "changed_meanwhile")
    sides = late.json()["error"]
    assert (sides["base"], sides["theirs"]) == ({"zh": "6", "en": "6"}, {"zh": "8", "en": "8"})
    values = {each["name"]: each["zh"] for each in (await get(editor, "facts"))["facts"]}
    assert (values["code_length"], values["export_valid"]) == ("8", "9 天")


@pytest.mark.parametrize("value", ["", "一\n二", "{{ code_length }}", "<b>5</b>", "x" * 301])
async def test_a_fact_that_no_text_can_show(editor: Agent, value: str) -> None:
    """A broken value would break every text that shows it."""
    body = {"base_revision": (await get(editor, "facts"))["revision"], "zh": value, "en": "5 days"}
    answer = await editor.call("PUT", "/workshop/facts/export_valid", json=body)
    assert (answer.status_code, error_code(answer)) == (422, "content_refused")


async def test_a_broken_file_is_named_and_not_overwritten(editor: Agent, working_copy: Path) -> None:
    """The page would fail without a word, or a save would lose what somebody was typing."""
    path = working_copy / "facts.yml"
    seen = (await get(editor, "facts"))["revision"]
    path.write_text(path.read_text(encoding="utf-8") + 'half: {zh: "一\n', encoding="utf-8")
    broken = path.read_bytes()
    for answer in (
        await editor.call("GET", "/workshop/facts"),
        await editor.call("PUT", "/workshop/facts/code_length", json={"base_revision": seen, "zh": "8", "en": "8"}),
    ):
        assert (answer.status_code, error_code(answer)) == (422, "content_broken")
        assert answer.json()["error"]["file"] == "facts.yml"
        assert answer.json()["error"]["line"] >= 154
    assert path.read_bytes() == broken
    assert (await editor.call("GET", "/workshop/articles/fees")).status_code == 200


async def test_desk_texts_and_their_names(editor: Agent, working_copy: Path) -> None:
    """A text would change in one language only, or show a name that the desk does not fill in there."""
    before = (working_copy / "desk.yml").read_text(encoding="utf-8")
    listed = await get(editor, "texts")
    place = next(each for each in listed["texts"] if each["name"] == "place")
    assert place["names"] == ["ahead", "few", "wait"]
    changed = {"zh": "您前面有 {{ ahead }} 位。", "en": "{{ ahead }} are ahead of you."}
    tried = await editor.call("POST", "/workshop/texts/preview", json={"name": "place", **changed})
    assert tried.json()["zh"]["text"] == "您前面有 94 位。"
    await put(editor, "texts/place", base_revision=listed["revision"], **changed)
    after = (working_copy / "desk.yml").read_text(encoding="utf-8")
    assert len(changed_lines(before, after)) == 2
    wrong = await editor.call("PUT", "/workshop/texts/added", json={"base_revision": listed["revision"], **changed})
    assert (wrong.status_code, error_code(wrong)) == (422, "content_refused")
    lists = next(each for each in listed["texts"] if each["name"] == "still_waiting.apology")
    more = {"zh": [*lists["zh"], "再次抱歉。"], "en": [*lists["en"], "Sorry once more."]}
    await put(editor, "texts/still_waiting.apology", base_revision=listed["revision"], **more)
    again = await get(editor, "texts")
    assert next(each for each in again["texts"] if each["name"] == "still_waiting.apology")["zh"] == more["zh"]


async def test_canned_replies_come_and_go(editor: Agent, working_copy: Path) -> None:
    """A reply of another editor would be lost, two would share a shortcut, or a removed one would leave half of itself."""
    listed = await get(editor, "canned")
    first, second = listed["canned"][:2]
    await put(editor, f"canned/{first['id']}", **{**first, "shortcut": "hello", "base_revision": listed["revision"]})
    await put(editor, f"canned/{second['id']}", **{**second, "intents": ["fees"], "base_revision": listed["revision"]})
    new = {**first, "id": "bye_now", "shortcut": "bye2", "text": {"zh": "再见，{{ agent_name }}。", "en": "Bye."}}
    assert (await editor.call("POST", "/workshop/canned", json=new)).status_code == 201
    taken = await editor.call("POST", "/workshop/canned", json={**new, "id": "other"})
    assert [each["code"] for each in taken.json()["error"]["problems"]] == ["shortcut_taken"]
    removed = await editor.call(
        "DELETE", f"/workshop/canned/{listed['canned'][2]['id']}", json={"base_revision": listed["revision"]}
    )
    assert removed.status_code == 200
    now = (await get(editor, "canned"))["canned"]
    assert [now[0]["shortcut"], now[1]["intents"], now[-1]["id"]] == ["hello", ["fees"], "bye_now"]
    assert len(now) == len(listed["canned"])
    assert "# Asking for what is needed" in (working_copy / "canned_replies.yml").read_text(encoding="utf-8")
