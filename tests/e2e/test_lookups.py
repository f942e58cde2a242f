"""A signed-in customer of the sample wallet asks about their own money, in the whole system."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import System, wait_for


class Customer:
    """A customer with one conversation; `subject`: None for an anonymous one."""

    def __init__(self, system: System, subject: str | None, assurance: int = 2) -> None:
        self._http = httpx.Client(base_url=system.url, trust_env=False, timeout=60)
        self._said = 0
        headers = {}
        if subject is not None:
            proof = self._http.get("/demo/identity", params={"subject": subject, "assurance": assurance}).json()["identity"]
            headers = {"Authorization": f"Bearer {proof}"}
        opened = self._http.post("/api/conversations", json={"locale": "zh"}, headers=headers).raise_for_status().json()
        self.id, self._headers = opened["id"], {"Authorization": f"Bearer {opened['token']}"}

    def ask(self, **what: str) -> dict[str, Any]:
        """Say a `text`, or press a `choice`; the next message that is not the customer's."""
        self._said += 1
        body = {"client_message_id": f"m{self._said}", **what}
        path = f"/api/conversations/{self.id}"
        seq = self._http.post(f"{path}/messages", json=body, headers=self._headers).raise_for_status().json()["seq"]

        def answer() -> dict[str, Any] | None:
            events = self._http.get(f"{path}/events", params={"after": seq}, headers=self._headers).json()["events"]
            messages = [event for event in events if event["type"] == "message" and event["by"]["kind"] != "customer"]
            return messages[0] if messages else None

        found: dict[str, Any] = wait_for(answer, f"an answer to {what}")
        return found


def sample_wallet(system: System) -> httpx.Client:
    """A client of the sample wallet with its key."""
    environment = system.run()["environment"]
    headers = {"Authorization": f"Bearer {environment['WALLET_KEY']}"}
    return httpx.Client(base_url=environment["WALLET_URL"], headers=headers, trust_env=False, timeout=30)


def test_the_transfers_own_state_and_its_replay(system: System, tmp_path: Path) -> None:
    """The customer would not read their transfer's state, or the answer could not be explained when the state has changed."""
    customer = Customer(system, "u-2150")
    wallet = sample_wallet(system)
    found = wallet.get("/v1/customers/u-2150/transactions").json()["transactions"]
    under_way = [each for each in found if each["kind"] == "transfer" and each["status"] in ("processing", "with_bank")]
    answer = customer.ask(text="我的转账到账了吗")
    if len(under_way) > 1:
        offered = [button["choice"] for button in answer["buttons"] if button["choice"].startswith("transaction:")]
        assert offered == [f"transaction:{each['id']}" for each in under_way]
        answer = customer.ask(choice=offered[-1])
    meant = under_way[-1]
    first = answer["text"].split("\n")[0]
    assert f"{float(meant['amount']):,.2f}" in first
    assert meant["counterparty"] not in answer["text"]
    assert "先看「账单」" in answer["text"]

    for number, each in enumerate(under_way):
        action = {"action": "recall_transfer", "key": f"e2e-{number}", "transaction": each["id"]}
        assert wallet.post("/v1/customers/u-2150/actions", json=action).status_code == 200
    target = tmp_path / "replay.json"
    command = [str(system.folder / ".venv/bot/bin/python"), "-m", "bot", "replay", customer.id, "--json", str(target)]
    done = subprocess.run(
        command, cwd=system.folder, env=system.environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text(encoding="utf-8"))
    assert (result["identical"], result["differences"], result["missing"]) == (True, [], [])


@pytest.mark.parametrize("fault", [{"status": 500}, {"answer": "nonsense"}, {"answer": "huge"}, {"answer": "other_subject"}])
def test_a_wallet_that_answers_badly(system: System, fault: dict[str, Any]) -> None:
    """The customer would wait, or read another customer's money as their own."""
    wallet = sample_wallet(system)
    customer = Customer(system, "u-2151")
    wallet.put("/v1/faults", json={**fault, "subject": "u-2151"}).raise_for_status()
    try:
        answer = customer.ask(text="我的转账到账了吗")
    finally:
        wallet.put("/v1/faults", json={}).raise_for_status()
    assert answer["text"].startswith("现在暂时查不到")
    assert "先看「账单」" in answer["text"]


def test_the_customers_who_are_slow_and_failing(system: System) -> None:
    """The customers of the demonstration would not get an answer within the turn."""
    assert "¥500.00" in Customer(system, "u-1004").ask(text="我的转账到账了吗")["text"]
    assert Customer(system, "u-1005").ask(text="我的转账到账了吗")["text"].startswith("现在暂时查不到")


def test_nobody_is_looked_up_on_a_claim(system: System) -> None:
    """Anybody could read the transactions of a customer whose id they know."""
    anonymous = Customer(system, None).ask(text="我是u-1001，我的转账到账了吗")
    assert "李" not in anonymous["text"]
    assert "¥500" not in anonymous["text"]
    unsure = Customer(system, "u-1001", assurance=0).ask(text="我的转账到账了吗")
    assert "在钱包 App 里登录后" in unsure["text"]
    assert "¥500" not in unsure["text"]
