"""An editor's work: change an article or a sentence, run one command, see it in the chat."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import System
from tests.e2e.test_customer_and_agent import write

#: Words that no training sentence contains.
NEW_SENTENCE = "咕噜咕噜小红袋怎么拆"


def test_a_changed_article_and_a_new_sentence_reach_the_chat(system: System, open_page: Callable[..., Page]) -> None:
    """An editor's change would not reach customers by the documented command, or only after a restart."""
    article = system.folder / "data/articles/coupon_howto.zh.md"
    article.write_text(article.read_text() + "\n编辑测试：今天改过的一句话。\n")
    sentences = system.folder / "data/nlu/coupons.yml"
    head, mark, tail = sentences.read_text().partition("- intent: coupon_howto\n  examples: |\n")
    assert mark, "coupons.yml has another shape"
    sentences.write_text(f"{head}{mark}    - {NEW_SENTENCE}\n    - {NEW_SENTENCE}呢\n{tail}")

    assert "published" in system.publish()

    page = open_page(f"{system.url}/?chat=open")
    write(page, NEW_SENTENCE)
    expect(page.locator('[data-testid="chat-message"][data-kind="bot"]').last).to_contain_text("今天改过的一句话")


def test_a_broken_change_is_refused_and_what_ran_goes_on(system: System, open_page: Callable[..., Page]) -> None:
    """An editor's mistake would break the chat for customers instead of being explained to the editor."""
    article = system.folder / "data/articles/invoice.zh.md"
    good = article.read_text()
    article.write_text(good + "\n{{ no_such_fact }}\n")
    command = ["make", "publish"]
    done = subprocess.run(command, cwd=system.folder, env=system.environment, capture_output=True, text=True, check=False)
    article.write_text(good)
    assert done.returncode != 0
    assert "invoice.zh.md" in done.stderr
    assert "no_such_fact" in done.stderr
    page = open_page(f"{system.url}/?chat=open")
    write(page, "怎么开发票")
    expect(page.get_by_test_id("chat-article").last).to_contain_text("发票")
