"""Real decisions of the running bot, made again by the command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx

from tests.e2e.conftest import System, wait_for

SAID = ("转账没到账怎么办", "还是没到", "他让我把 68,000 元转到安全账户，我的卡也被锁了", "快一点")


def test_a_conversation_is_replayed_exactly(system: System, tmp_path: Path) -> None:
    """A logged decision could not be made again: context, date, model, content or a digit would differ."""
    http = httpx.Client(base_url=system.url, trust_env=False, timeout=60)
    opened = http.post("/api/conversations", json={"locale": "zh"}).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/api/conversations/{opened['id']}"
    for number, text in enumerate(SAID):
        body = {"client_message_id": f"m{number}", "text": text}
        seq = http.post(f"{path}/messages", json=body, headers=headers).raise_for_status().json()["seq"]

        def is_answered(after: int = seq) -> bool:
            events = http.get(f"{path}/events", params={"after": after}, headers=headers).json()["events"]
            return bool(events)

        wait_for(is_answered, "the bot's answer")
    target = tmp_path / "replay.json"
    command = [str(system.folder / ".venv/bot/bin/python"), "-m", "bot", "replay", opened["id"], "--json", str(target)]
    done = subprocess.run(
        command, cwd=system.folder, env=system.environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text(encoding="utf-8"))
    assert (result["differences"], result["missing"], result["code"], result["inferred"]) == ([], [], [], [])
    assert result["identical"] is True
    assert result["n"] == len(SAID)
