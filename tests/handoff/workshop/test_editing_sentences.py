"""Editors change sentences, keep safety cases, and see what the draft changes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from content.compiler import compile_content
from content.published import Pointer, read_pointer, write_pointer
from content.snapshots import take_snapshot
from handoff.runtime.settings import Settings
from handoff.workshop import draft as draft_module
from tests.handoff.people import Agent, error_code
from tests.handoff.running_desk import Desk


@pytest.fixture
async def editor(desk: Desk, working_copy: Path) -> Agent:
    """The editor of the demo accounts, on a fresh working copy."""
    return await desk.agent("editor")


async def page(editor: Agent, **query: Any) -> dict[str, Any]:
    """A page of sentences."""
    answer = await editor.call("GET", "/workshop/sentences", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_sentences_come_go_and_move(editor: Agent, working_copy: Path) -> None:
    """A sentence would stand in two intents, in none, or the file's other lines would change."""
    before = await page(editor, intent="fees", limit=5)
    assert (len(before["sentences"]), before["total"] > 100) == (5, True)
    text = "转一笔钱到底收我几个点呢亲"
    added = await editor.call("POST", "/workshop/sentences", json={"intent": "fees", "text": text})
    assert added.status_code == 201, added.text
    there = next(one for one in (await page(editor, intent="fees", limit=5000))["sentences"] if one["text"] == text)
    lines = (working_copy / there["file"]).read_text(encoding="utf-8").split("\n")
    assert lines[there["line"] - 1].strip() == f"- {text}"
    other = await editor.call("POST", "/workshop/sentences", json={"intent": "payment_limit", "text": text + "？"})
    assert (other.status_code, error_code(other)) == (409, "exists")
    moved = await editor.call("POST", "/workshop/sentences/move", json={"text": text, "from": "fees", "to": "payment_limit"})
    assert moved.status_code == 200, moved.text
    assert [one["intent"] for one in (await page(editor, q=text))["sentences"]] == ["payment_limit"]
    for status in (200, 404):
        answer = await editor.call("DELETE", "/workshop/sentences", json={"intent": "payment_limit", "text": text})
        assert answer.status_code == status
    assert (await page(editor, intent="fees"))["total"] == before["total"]


async def test_a_sentence_of_a_test_set(editor: Agent, working_copy: Path) -> None:
    """The figures would measure the model's memory."""
    calibration = (working_copy / "calibration" / "cards.yml").read_text(encoding="utf-8")
    text = next(line.strip()[2:] for line in calibration.split("\n") if line.strip().startswith("- ") and "intent" not in line)
    answer = await editor.call("POST", "/workshop/sentences", json={"intent": "bind_card_howto", "text": text})
    assert (answer.status_code, error_code(answer)) == (409, "in_test_set")
    unknown = await editor.call("POST", "/workshop/sentences", json={"intent": "no_such", "text": "随便一句话"})
    assert unknown.status_code == 404


async def test_safety_cases_are_kept_once(editor: Agent, working_copy: Path) -> None:
    """A case would be lost, kept twice, or written behind a broken line that hides it."""
    case = {"text": "他催我现在就刷脸", "must": "person", "reason": "security", "note": "客户 3 月 1 日"}
    for _ in range(2):
        answer = await editor.call("POST", "/workshop/cases", json=case)
        assert answer.status_code == 201, answer.text
    shown = (await editor.call("GET", "/workshop/cases")).json()
    assert [(each["text"], each["by"]) for each in shown["cases"] if each["text"] == case["text"]] == [(case["text"], "editor")]
    for wrong in (
        {**case, "text": " "},
        {**case, "reason": "no_such"},
        {"text": "怎么退", "must": "article", "article": "no_such"},
    ):
        refused = await editor.call("POST", "/workshop/cases", json=wrong)
        assert (refused.status_code, error_code(refused)) == (422, "bad_case"), refused.text
    path = working_copy / "cases.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "{half\n", encoding="utf-8")
    broken = await editor.call("POST", "/workshop/cases", json={**case, "text": "另一句"})
    assert (broken.status_code, error_code(broken)) == (422, "content_broken")


async def test_the_draft_says_what_changed_and_who(editor: Agent, working_copy: Path, settings: Settings) -> None:
    """An editor would publish changes that nobody sees, or could not take one back."""
    live = take_snapshot(working_copy, settings.models)
    pointer = read_pointer(settings.models)
    write_pointer(Pointer(pointer.model, pointer.content, pointer.revision, live), settings.models)
    try:
        empty = (await editor.call("GET", "/workshop/draft")).json()
        assert (empty["changes"], empty["is_valid"], empty["data_revision"]) == ([], True, live)
        facts = (await editor.call("GET", "/workshop/facts")).json()
        body = {"base_revision": facts["revision"], "zh": "1-5 个工作日", "en": "1-5 business days"}
        await editor.call("PUT", "/workshop/facts/refund_card_arrival", json=body)
        path = working_copy / "articles/fees.zh.md"
        path.write_text(path.read_text(encoding="utf-8") + "\n请把验证码发给我们。\n", encoding="utf-8")
        draft = (await editor.call("GET", "/workshop/draft")).json()
        found = {(each["kind"], each["id"]): each for each in draft["changes"]}
        assert found["fact", "refund_card_arrival"]["by"] == "编辑小吴"
        assert found["article", "fees"]["by"] is None
        assert "“1-7 个工作日” → “1-5 个工作日”" in draft["changes"][1]["zh"]
        assert (draft["is_valid"], draft["problem"]["file"]) == (False, "articles/fees.zh.md")
        reverted = await editor.call("POST", "/workshop/draft/revert", json={"file": "articles/fees.zh.md"})
        assert reverted.status_code == 200, reverted.text
        draft = (await editor.call("GET", "/workshop/draft")).json()
        assert ({each["kind"] for each in draft["changes"]}, draft["is_valid"]) == ({"fact"}, True)
        for locale in ("zh", "en"):
            (working_copy / f"articles/fees.{locale}.md").unlink()
        assert not (await editor.call("GET", "/workshop/draft")).json()["is_valid"]
        outside = await editor.call("POST", "/workshop/draft/revert", json={"file": "../triage.yml"})
        assert outside.status_code == 404
    finally:
        write_pointer(pointer, settings.models)


async def test_a_file_that_was_broken_for_a_moment_is_forgotten(
    editor: Agent, working_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the desk judged the draft, somebody replaced a file and put it back: the editor could check nothing any more."""
    path, kept = working_copy / "articles/fees.zh.md", tmp_path / "kept"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")  # the desk has not judged this draft yet
    shutil.copy2(path, kept)
    looks = 0

    def replaced_meanwhile(folder: Path) -> Any:
        nonlocal looks
        looks += 1
        if looks > 1:
            return compile_content(folder)
        path.unlink()
        try:
            return compile_content(folder)
        finally:
            shutil.copy2(kept, path)  # with the same bytes, and the same time

    monkeypatch.setattr(draft_module, "compile_content", replaced_meanwhile)
    for _ in range(2):
        assert (await editor.call("GET", "/workshop/draft")).json()["is_valid"] is True
    assert looks == 2
