"""Signed-in customers of the sample wallet, from the first sentence to the proof pack, against the real system."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT, System, wait_for
from tests.e2e.test_customer_and_agent import OpenPage, write


def open_signed_in(open_page: OpenPage, system: System, subject: str, width: int) -> Page:
    """The chat of a customer whom the wallet's app signed in."""
    proof = httpx.get(f"{system.url}/demo/identity", params={"subject": subject}, trust_env=False).json()["identity"]
    page = open_page(f"{system.url}/", width=width, height=740)
    page.evaluate(
        """async (proof) => {
          await customElements.whenDefined("wallet-chat");
          const chat = document.querySelector("wallet-chat");
          chat.identity = proof;
          chat.open = true;
        }""",
        proof,
    )
    return page


def agent_of(system: System, login: str) -> httpx.Client:
    """A signed-in colleague."""
    http = httpx.Client(base_url=system.url, headers={"Origin": system.url}, trust_env=False, timeout=60)
    http.post("/api/session", json={"login": login, "password": login}).raise_for_status()
    return http


def case_with(agent: httpx.Client, words: str) -> dict[str, Any]:
    """The newest case whose first words are these."""
    cases = agent.get("/api/cases", params={"state": "open"}).raise_for_status().json()["cases"]
    found = [case for case in cases if case["t0"]["words"] == words]
    return max(found, key=lambda case: case["opened_at"]) if found else {}


def test_a_victim_freezes_payments_with_one_tap_and_a_person_has_the_whole_file(
    system: System, open_page: OpenPage, picture: Callable[[Page, str], None], tmp_path: Path
) -> None:
    """A thief would go on while the victim waits, and the person who takes over would ask everything again."""
    words = "有一笔我没付过的钱"
    page = open_signed_in(open_page, system, "u-1002", 360)
    write(page, words)
    aid = page.get_by_test_id("chat-first-aid")
    expect(aid).to_be_visible()
    freeze = page.locator('[data-testid="chat-aid-entry"][data-action="freeze_payments"]')
    freeze.get_by_role("button").first.click()
    page.get_by_test_id("chat-aid-confirm").click()
    expect(freeze).to_have_attribute("data-state", "done")
    pick = page.locator('[data-testid="chat-choice"]', has_text="888.00")
    expect(pick).to_be_visible()
    pick.click()
    picture(page, "first-aid-360")
    # The same customer at a desk: the conversation follows them.
    desk = open_signed_in(open_page, system, "u-1002", 1440)
    expect(desk.locator('[data-testid="chat-message"][data-kind="customer"]').first).to_contain_text(words)
    expect(desk.locator('[data-testid="chat-aid-entry"][data-action="freeze_payments"]')).to_have_attribute(
        "data-state", "done"
    )
    picture(desk, "first-aid-1440")
    agent = agent_of(system, "agent")
    case = wait_for(lambda: case_with(agent, words), "the case")
    agent.post(f"/api/conversations/{case['conversation_id']}/claim").raise_for_status()

    def transactions() -> list[dict[str, Any]]:
        file: dict[str, Any] = agent.get(f"/api/cases/{case['id']}").raise_for_status().json()
        found: list[dict[str, Any]] = file["transactions"]
        return found

    (transaction,) = wait_for(transactions, "the transaction in the case")
    assert transaction["id"] == "t100201"
    assert "888" in str(transaction)
    file = agent.get(f"/api/cases/{case['id']}").json()
    assert file["identity"]["subject"] == "u-1002"
    assert {clock["name"] for clock in file["clocks"]} >= {"decision", "first_word", "first_result"}
    assert all(clock["why"]["zh"] and clock["why"]["en"] and clock["due_at"] for clock in file["clocks"])
    assert [entry["state"] for entry in file["first_aid"] if entry["type"] == "first_aid_result"] == ["done"]
    supervisor = agent_of(system, "supervisor")
    pack = supervisor.post(f"/api/cases/{case['id']}/proof").raise_for_status()
    stored = tmp_path / "proof.zip"
    stored.write_bytes(pack.content)
    assert pack.headers["X-Proof-Root"]
    assert _verify(stored) == 0
    spoilt = bytearray(pack.content)
    spoilt[len(spoilt) // 2] ^= 1
    stored.write_bytes(spoilt)
    assert _verify(stored) != 0
    agent.post(f"/api/conversations/{case['conversation_id']}/transfer", json={})


def _verify(pack: Path) -> int:
    command = [str(ROOT / ".venv/desk/bin/python"), "-m", "handoff", "verify", str(pack)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False).returncode


@pytest.mark.parametrize("width", [360, 1440])
def test_a_customer_reads_the_state_of_their_own_transfer(
    system: System, open_page: OpenPage, picture: Callable[[Page, str], None], width: int
) -> None:
    """A customer who asks whether the money has arrived would read about money in general."""
    page = open_signed_in(open_page, system, "u-1001", width)
    write(page, "转给李雷的500到了吗")
    answer = page.locator('[data-testid="chat-message"][data-kind="bot"]').last
    expect(answer).to_contain_text("¥500.00")
    expect(answer).to_contain_text("李*")
    expect(answer).to_contain_text("预计")
    picture(page, f"own-transfer-{width}")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page scrolls sideways"
