"""Times turns of a running system: from posting a message to the event with the reply, one client, one turn at a time.

    make run                      # in one terminal
    make bench                    # in another; TURNS=200 unless said otherwise

Prints median and 99th percentile in milliseconds. Bounded in count; talks to the address in DESK_URL only.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import httpx

SENTENCES = Path(__file__).resolve().parents[1] / "evaluation" / "development" / "standard.jsonl"


def read_questions() -> list[str]:
    """Different questions, so that nothing which is remembered from one turn helps the next."""
    lines = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [line["text"] for line in lines if line["route"] == "answer"]


def time_turn(client: httpx.Client, text: str) -> float:
    """Seconds from posting the first message of a new conversation to reading the bot's reply."""
    conversation = client.post("/api/conversations", json={}).json()
    path, headers = f"/api/conversations/{conversation['id']}", {"Authorization": f"Bearer {conversation['token']}"}
    started = time.perf_counter()
    posted = client.post(f"{path}/messages", json={"client_message_id": "1", "text": text}, headers=headers)
    seq = posted.raise_for_status().json()["seq"]
    while True:
        events = client.get(f"{path}/events", params={"after": seq, "wait": 10}, headers=headers).json()["events"]
        if any(event["by"]["kind"] in ("bot", "system") and event["type"] == "message" for event in events):
            return time.perf_counter() - started
        if not events:
            raise SystemExit(f"no reply to {text!r} within 10 s")
        seq = events[-1]["seq"]


def main() -> None:
    """Warm up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    turns = parser.parse_args().turns
    url = os.environ.get("DESK_URL", "http://127.0.0.1:8000")
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        questions = read_questions()
        for question in questions[:10]:
            time_turn(client, question + "吗")
        seconds = sorted(time_turn(client, questions[i % len(questions)]) for i in range(turns))
    p99 = seconds[max(0, round(0.99 * turns) - 1)]
    print(f"{turns} turns: median {1000 * statistics.median(seconds):.1f} ms, p99 {1000 * p99:.1f} ms")


if __name__ == "__main__":
    main()
