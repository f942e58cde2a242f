"""Editors read, try and change articles over HTTP; the files stay as a person would keep them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.handoff.people import Agent, error_code
from tests.handoff.running_desk import Desk

SOURCE = "articles/refund_status.zh.md"


async def article(editor: Agent, id_: str = "refund_status") -> dict[str, Any]:
    """An article as the page gets it."""
    answer = await editor.call("GET", f"/workshop/articles/{id_}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def body_of(shown: dict[str, Any], locale: str = "zh", **changed: Any) -> dict[str, Any]:
    """The body that saves an article as it is shown, with changes."""
    form = dict(shown["locales"][locale])
    return {**form, "base_revision": form.pop("revision"), **changed}


@pytest.fixture
async def editor(desk: Desk, working_copy: Path) -> Agent:
    """The editor of the demo accounts, on a fresh working copy."""
    return await desk.agent("editor")


async def test_all_articles_are_listed_without_a_false_block(editor: Agent) -> None:
    """A rule would block an article that is in order, or the list would lack one."""
    answer = await editor.call("GET", "/workshop/articles")
    articles = answer.json()["articles"]
    assert len(articles) == 52
    assert [(each["id"], each["problems"]) for each in articles if each["problems"] or each["missing_locales"]] == []
    started = time.perf_counter()
    await editor.call("GET", "/workshop/articles")
    assert time.perf_counter() - started < 0.5


async def test_saving_what_is_there_writes_no_byte(editor: Agent, working_copy: Path) -> None:
    """Opening and saving an article would change its file."""
    before = (working_copy / SOURCE).read_bytes()
    answer = await editor.call("PUT", "/workshop/articles/refund_status/zh", json=body_of(await article(editor)))
    assert answer.status_code == 200, answer.text
    assert (working_copy / SOURCE).read_bytes() == before
    assert (await article(editor))["history"] == []


async def test_a_change_is_in_the_file_and_has_a_name(editor: Agent, working_copy: Path) -> None:
    """A saved text would be lost, other lines of the file would change, or nobody would know who it was."""
    path = working_copy / SOURCE
    path.write_text(path.read_text(encoding="utf-8").replace("owner:", "# 由支付组维护\nowner:"), encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    shown = await article(editor)
    saved = await editor.call(
        "PUT", "/workshop/articles/refund_status/zh", json=body_of(shown, title="退款: 什么时候到", valid_until="2028-01-31")
    )
    assert saved.status_code == 200, saved.text
    assert saved.json()["problems"] == []
    after = path.read_text(encoding="utf-8")
    changed = [pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if pair[0] != pair[1]]
    assert [new for _, new in changed] == ['title: "退款: 什么时候到"', "valid_until: 2028-01-31"]
    now = await article(editor)
    assert now["locales"]["zh"]["revision"] == saved.json()["revision"]
    assert (now["history"][0]["by"], now["history"][0]["after"]["title"]) == ("editor", "退款: 什么时候到")


async def test_a_conflict_shows_both_sides(editor: Agent, working_copy: Path) -> None:
    """An editor would overwrite what somebody else wrote since."""
    shown = await article(editor)
    first = await editor.call("PUT", "/workshop/articles/refund_status/zh", json=body_of(shown, title="一"))
    assert first.status_code == 200
    second = await editor.call("PUT", "/workshop/articles/refund_status/zh", json=body_of(shown, title="二"))
    assert (second.status_code, error_code(second)) == (409, "changed_meanwhile")
    sides = second.json()["error"]
    assert [sides[side]["title"] for side in ("base", "theirs", "yours")] == [shown["locales"]["zh"]["title"], "一", "二"]
    assert (sides["theirs"]["by"], sides["theirs"]["revision"]) == ("editor", first.json()["revision"])
    again = await editor.call("PUT", "/workshop/articles/refund_status/zh", json=body_of(shown, title="一"))
    assert again.status_code == 200, "the same save once more is no conflict"
    mine = body_of(shown, title="二", base_revision=sides["theirs"]["revision"])
    assert (await editor.call("PUT", "/workshop/articles/refund_status/zh", json=mine)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"text": "退款 {{ refund_card_arival }} 到账。"}, "unknown_fact", "text"),
        ({"text": "退款 {{ refund_card_arrival 到账。"}, "bad_placeholder", "text"),
        ({"text": "{% for x in range(9) %}退{% endfor %}"}, "no_statement", "text"),
        ({"text": "退款<script>alert(1)</script>"}, "markup", "text"),
        ({"text": "请把您的支付密码发给我们核实。"}, "asks_for_secret", "text"),
        ({"text": "详情见 https://wallet-refund.xyz/a 。"}, "foreign_link", "text"),
        ({"text": "请拨打 95001234 查询。"}, "foreign_phone", "text"),
        ({"title": "请提供验证码"}, "asks_for_secret", "title"),
        ({"text": "退款\u200b到账"}, "hidden_character", "text"),
        ({"text": " \n"}, "empty_field", "text"),
        ({"title": ""}, "empty_field", "title"),
        ({"valid_from": "2026-02-30"}, "bad_date", "valid_from"),
        ({"valid_from": ""}, "no_date", "valid_from"),
        ({"valid_until": "2025-01-01"}, "ends_before_it_begins", "valid_until"),
        ({"intents": []}, "no_intent", "intents"),
        ({"intents": ["no_such"]}, "unknown_intent", "intents"),
        ({"doors": [{"intent": "fees", "label": "手续费"}]}, "door_leads_nowhere", "doors"),
        ({"doors": [{"intent": "complaint", "label": "一二三四五六七八九十一二三"}]}, "bad_label", "doors"),
    ],
)
async def test_what_cannot_be_said_is_not_saved(
    editor: Agent, working_copy: Path, change: dict[str, Any], code: str, field: str
) -> None:
    """A text that breaks the bot's answer, or that no wallet may send, would stand in the working copy."""
    before = (working_copy / SOURCE).read_bytes()
    answer = await editor.call("PUT", "/workshop/articles/refund_status/zh", json=body_of(await article(editor), **change))
    assert (answer.status_code, error_code(answer)) == (422, "content_refused")
    problems = answer.json()["error"]["problems"]
    assert (code, field) in [(problem["code"], problem.get("field")) for problem in problems]
    assert all(any(character >= "\u4e00" for character in problem["zh"]) for problem in problems)
    assert (working_copy / SOURCE).read_bytes() == before


async def test_only_editors_write(desk: Desk, working_copy: Path) -> None:
    """A supervisor could change content, or an agent read drafts."""
    supervisor, agent = await desk.agent("supervisor"), await desk.agent("agent")
    shown = await article(supervisor)
    answer = await supervisor.call("PUT", "/workshop/articles/refund_status/zh", json=body_of(shown))
    assert (answer.status_code, error_code(answer)) == (403, "editors_only")
    assert (await agent.call("GET", "/workshop/articles")).status_code == 403


async def test_broken_front_matter_hides_only_itself(editor: Agent, working_copy: Path) -> None:
    """One file that somebody broke by hand would take the whole page away, or be overwritten unseen."""
    path = working_copy / SOURCE
    path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: [", 1), encoding="utf-8")
    listed = (await editor.call("GET", "/workshop/articles")).json()["articles"]
    assert len(listed) == 52
    (problem,) = [each for article in listed for each in article["problems"] if each["code"] == "content_broken"]
    assert (problem["file"], problem["line"]) == (SOURCE, 4)
    shown = await article(editor)
    assert "title: [" in shown["locales"]["zh"]["broken"]
    body = body_of(shown, "en", base_revision=shown["locales"]["zh"]["revision"], title="退款", text="退款会原路退回。")
    body["doors"] = [{**door, "label": f"有问题{number}"} for number, door in enumerate(body["doors"])]
    assert (await editor.call("PUT", "/workshop/articles/refund_status/zh", json=body)).status_code == 200
    assert "broken" not in (await article(editor))["locales"]["zh"]


async def test_preview_in_three_scripts(editor: Agent) -> None:
    """The editor would not see what customers read."""
    body = {"locale": "zh", "id": "refund_status", "title": "退款", "text": "退到银行卡 {{ refund_card_arrival }}。"}
    shown = (await editor.call("POST", "/workshop/articles/preview", json=body)).json()
    assert shown["zh"]["text"] == "退到银行卡 1-7 个工作日。"
    assert shown["hant"]["text"] == "退到銀行卡 1-7 個工作日。"
    assert "door_missing" in [problem["code"] for problem in shown["problems"]]


async def test_a_new_article_and_its_end(editor: Agent, working_copy: Path) -> None:
    """An article that pages created would be laid out in another way, or could be removed while an intent needs it."""
    new = {
        "id": "night_service", "locale": "zh", "title": "夜间服务", "text": "夜里也有人。", "intents": ["fees"],
        "valid_from": "2026-01-01", "owner": "content-service", "doors": [],
    }  # fmt: skip
    answer = await editor.call("POST", "/workshop/articles", json=new)
    assert answer.status_code == 201, answer.text
    assert [problem["code"] for problem in answer.json()["problems"]] == ["other_article"]
    again = await editor.call("POST", "/workshop/articles", json={**new, "text": "不同"})
    assert (again.status_code, error_code(again)) == (409, "exists")
    used = await editor.call("DELETE", "/workshop/articles/fees", json={"revisions": {}})
    assert (used.status_code, error_code(used)) == (409, "article_in_use")
    removed = await editor.call(
        "DELETE", "/workshop/articles/night_service", json={"revisions": {"zh": answer.json()["revision"]}}
    )
    assert removed.status_code == 200
    assert not (working_copy / "articles/night_service.zh.md").exists()
