"""The help centre: useful without scripts and without an account, in three languages, for hostile readers too."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from content.facts import load_facts
from content.help_centre import load_help_centre
from content.sources import ContentError
from handoff.conversations.events import BOT, Triage
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.help.centre import blocks
from handoff.help.store import most_asked
from tests.handoff.running_desk import Desk, append

DATA = Path(__file__).parents[2] / "data"
FACTS = load_facts(DATA / "facts.yml")
IDS = sorted({path.name.split(".")[0] for path in (DATA / "articles").glob("*.md")})


def words_of(page: str) -> str:
    """The text of a page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [("zh-CN,zh;q=0.9", "zh"), ("zh-TW", "zh-Hant"), ("fr, en-US;q=0.8", "en"), ("", "zh"), ("fr", "zh")],
)
async def test_the_address_without_a_language_leads_to_the_readers(shared_desk: Desk, accepted: str, locale: str) -> None:
    """A reader would land on a page in a language that they do not read."""
    answer = await shared_desk.http.get("/help", headers={"Accept-Language": accepted}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"/help/{locale}")


@pytest.mark.parametrize(
    ("locale", "title", "call"), [("zh", "帮助中心", "拨打"), ("zh-Hant", "幫助中心", "撥打"), ("en", "Help centre", "Call")]
)
async def test_every_page_begins_with_the_strip_for_emergencies(shared_desk: Desk, locale: str, title: str, call: str) -> None:
    """A victim would have to scroll or to search for the number that stops the money."""
    for path in ("", "/articles/transfer_delay", "/search?q=", "/report"):
        answer = await shared_desk.http.get(f"/help/{locale}{path}")
        assert answer.status_code == 200
        page = answer.text
        assert title in page
        strip = page.index('class="sos"')
        assert strip < page.index("<header"), path
        assert f"{call} 400-000-1234" in words_of(page)
        assert 'href="tel:400-000-1234"' in page
        assert len(answer.content) < 40_000


async def test_every_article_has_a_page_in_every_language_and_a_way_to_it(shared_desk: Desk) -> None:
    """An article could be read in the chat only."""
    for locale in ("zh", "zh-Hant", "en"):
        home = (await shared_desk.http.get(f"/help/{locale}")).text
        for article_id in IDS:
            assert f'href="/help/{locale}/articles/{article_id}"' in home
            assert (await shared_desk.http.get(f"/help/{locale}/articles/{article_id}")).status_code == 200


async def test_an_article_shows_its_steps_facts_and_dates(shared_desk: Desk) -> None:
    """The page would show the editors' marks, or no dates."""
    page = (await shared_desk.http.get("/help/zh/articles/transfer_delay")).text
    text = words_of(page)
    assert "{{" not in page
    assert "**" not in text
    assert FACTS["zh"]["top_up_arrival"] in text
    assert "更新日期 2026-01-01" in " ".join(text.split())
    assert page.count("<li>") >= 5
    assert "revision" in page  # hidden in the form of votes only
    assert re.search(r"\b[0-9a-f]{12}\b", text) is None


async def test_an_unknown_article_is_a_page_that_helps_on(shared_desk: Desk) -> None:
    """An old link would show an error of a program."""
    answer = await shared_desk.http.get("/help/zh/articles/no_such_thing")
    assert answer.status_code == 404
    assert "没有这一页" in answer.text
    assert 'role="search"' in answer.text
    assert (await shared_desk.http.get("/help/fr")).status_code in (404, 422)


async def test_search_understands_and_takes_the_words_along(shared_desk: Desk) -> None:
    """A reader would have to type the question again in the chat."""
    page = (await shared_desk.http.get("/help/zh/search", params={"q": "转账什么时候到账"})).text
    assert "/help/zh/articles/transfer_delay" in page
    assert 'data-ask="转账什么时候到账"' in page
    nothing = (await shared_desk.http.get("/help/zh/search", params={"q": "qqqq zzzz"})).text
    assert "没有找到" in nothing


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "a" * 500, "😀", "%00"]
)
async def test_hostile_words_are_shown_as_words(shared_desk: Desk, text: str) -> None:
    """A link to the search could run a script at the wallet's address."""
    answer = await shared_desk.http.get("/help/zh/search", params={"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "49" not in words_of(answer.text).replace("400-000", "")
    assert (await shared_desk.http.get("/help/zh/search", params={"q": "a" * 501})).status_code == 422


async def test_a_vote_is_counted_and_asked_about(desk: Desk) -> None:
    """Editors would not know which article does not help, and why."""
    url = "/help/zh/articles/transfer_delay"
    answer = await desk.http.post(f"{url}/votes", data={"helpful": "no", "revision": "abc"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url}?voted=no#vote")
    page = (await desk.http.get(url, params={"voted": "no"})).text
    assert "照做了还是不行" in page
    await desk.http.post(f"{url}/votes", data={"helpful": "no", "reason": "did_not_work"})
    await desk.http.post(f"{url}/votes", data={"helpful": "yes"})
    async with desk.services.store.read() as tx:
        rows = await tx.rows("SELECT article_id, locale, is_helpful, reason FROM article_votes ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("transfer_delay", "zh", False, None),
        ("transfer_delay", "zh", False, "did_not_work"),
        ("transfer_delay", "zh", True, None),
    ]


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("transfer_delay", {}, 422),
        ("transfer_delay", {"helpful": "perhaps"}, 422),
        ("transfer_delay", {"helpful": "no", "reason": "because"}, 422),
        ("transfer_delay", {"helpful": "yes", "reason": "unclear"}, 422),
        ("no_such_thing", {"helpful": "yes"}, 404),
    ],
)
async def test_a_wrong_vote_is_refused(shared_desk: Desk, path: str, data: dict[str, str], status: int) -> None:
    """Figures of articles could be filled with anything."""
    assert (await shared_desk.http.post(f"/help/zh/articles/{path}/votes", data=data)).status_code == status


async def test_what_is_asked_most_comes_first(desk: Desk) -> None:
    """A reader would look for what everybody asks this week at the end of a list."""
    async with desk.services.store.begin() as tx:
        assert await most_asked(tx, desk.clock()) == []
    customer = await desk.customer()
    decision = {"route": "answer", "article": {"id": "top_up_howto", "revision": "1"}}
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        triage = Triage(turn_id=f"{customer.id}.1", decision=decision, silent=False, message_seq=1)
        append(draft, triage, BOT, desk.clock())
        await save_conversation(tx, draft)
    desk.clock.pass_time(minutes=2)
    home = (await desk.http.get("/help/zh")).text
    asked = home[home.index('id="asked"') : home.index('id="topics"')]
    assert re.findall(r"articles/(\w+)", asked) == ["top_up_howto"]
    transfers = home[home.index('id="topic-transfers"') :]
    assert re.findall(r"articles/(\w+)", transfers)[0] == "top_up_howto"


def test_text_becomes_paragraphs_and_steps() -> None:
    """Steps would be one long line."""
    made = blocks("先看**状态**。\n\n1. 打开应用\n2. 点「账单」\n\n还不行就找人。")
    assert [block.kind for block in made] == ["paragraph", "steps", "paragraph"]
    assert made[0].lines[0] == (("先看", False), ("状态", True), ("。", False))
    assert [line[0][0] for line in made[1].lines] == ["打开应用", "点「账单」"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("articles: [identity_verification,", "articles: [fees, identity_verification,", "already stands under"),
        ("articles: [identity_verification,", "articles: [nothing, identity_verification,", "there is no article `nothing`"),
        ("title: 帮助中心", "title: 帮助中心 {{ no_fact }}", "no_fact"),
        ("    title: 帮助中心\n", "", "title"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    """An editor's slip would hide an article from every reader."""
    source = (DATA / "help.yml").read_text(encoding="utf-8")
    assert old in source
    file = tmp_path / "help.yml"
    file.write_text(source.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(said)):
        load_help_centre(file, FACTS, IDS)


def test_a_new_article_stands_under_the_last_topic_until_an_editor_places_it(tmp_path: Path) -> None:
    """An editor who writes a new article would be told to edit another file first."""
    centre = load_help_centre(DATA / "help.yml", FACTS, [*IDS, "red_packet"])
    last = list(centre.topics)[-1]
    assert centre.topic_of("red_packet") == last
    assert centre.articles_of(last, [*IDS, "red_packet"])[-1] == "red_packet"
    assert "red_packet" not in centre.articles_of("cards", [*IDS, "red_packet"])
