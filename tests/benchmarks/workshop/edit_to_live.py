"""From saving an edit to it being live, with gate and shadow of 10,000 turns: a training sentence, and an article's text.

    .venv/desk/bin/python -m tests.benchmarks.workshop.edit_to_live [--quick] [--json FILE]

A system of its own runs in a copy of the project. The log is filled with turns, then an editor saves over HTTP, starts the
check, publishes, and a second person approves where the policy asks for one. The clock stops when the desk serves the new
content and every bot the new model.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.workshop.filled_log import fill_log
from tests.benchmarks.workshop.own_checkout import copy_checkout
from tests.drill.system import System

TURNS, QUICK_TURNS = 10_000, 500
BAR_SECONDS = 180.0
_LONGEST = 900.0
_LOOK_SECONDS = 0.25
#: A sentence that no file holds; its intent answers with an article.
_SENTENCE, _INTENT = "麻烦问一下换了新手机以后绑定的号码在哪个页面改", "change_phone_number"


class _Person:
    """An account at the workshop."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @classmethod
    async def sign_in(cls, url: str, login: str) -> _Person:
        http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, headers={"Origin": url})
        (await http.post("/api/session", json={"login": login, "password": login})).raise_for_status()
        return cls(http)

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """A call of the workshop's API. Raises RuntimeError with the desk's own error."""
        answer = await self._http.request(method, f"/api/workshop{path}", **more)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    async def job(self, job_id: int) -> dict[str, Any]:
        """Wait for a job. Raises RuntimeError if it failed."""
        deadline = time.monotonic() + _LONGEST
        while time.monotonic() < deadline:
            job: dict[str, Any] = await self.call("GET", f"/jobs/{job_id}")
            if job["state"] == "failed":
                raise RuntimeError(f"job {job['kind']}: {job['error']}")
            if job["state"] == "done":
                return job
            await asyncio.sleep(_LOOK_SECONDS)
        raise RuntimeError(f"job {job_id} did not end")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


async def _publish(editor: _Person, second: _Person, why: str) -> dict[str, Any]:
    """Check and publish the draft. Returns the check's result."""
    check = await editor.job((await editor.call("POST", "/checks", json={}))["job"])
    answer = await editor.call("POST", "/publications", json={"check_job": check["id"], "why": why})
    if "proposal" in answer:
        answer = await second.call("POST", f"/proposals/{answer['proposal']}/approve", json={"why": "read and agreed"})
    await editor.job(answer["job"])
    result: dict[str, Any] = check["result"]
    return result


async def _save_sentence(editor: _Person) -> None:
    listed = await editor.call("GET", f"/sentences?intent={_INTENT}&limit=1")
    body = {"base_revision": listed["revision"], "intent": _INTENT, "text": _SENTENCE}
    await editor.call("POST", "/sentences", json=body)


async def _save_article(editor: _Person) -> None:
    version = (await editor.call("GET", "/articles/change_phone_number"))["locales"]["zh"]
    names = ("title", "text", "doors", "valid_from", "valid_until")
    article = await editor.call("GET", "/articles/change_phone_number")
    body = {"base_revision": version["revision"], **{name: version[name] for name in names}}
    body |= {"intents": article["intents"], "owner": article["owner"], "text": version["text"] + "\n\n换号期间余额不受影响。"}
    await editor.call("PUT", "/articles/change_phone_number/zh", json=body)


async def _time(root: Path, turns: int) -> list[dict[str, Any]]:
    system = System(root)
    rows = []
    try:
        await system.start()
        await fill_log(system, turns)
        editor, second = await _Person.sign_in(system.url, "editor"), await _Person.sign_in(system.url, "supervisor")
        for what, save in (("an article's text", _save_article), ("a training sentence", _save_sentence)):
            started = time.monotonic()
            await save(editor)
            result = await _publish(editor, second, f"bench: {what}")
            seconds = time.monotonic() - started
            shadow = result["shadow"]
            parts = ", ".join(f"{name} {value:.0f}" for name, value in result["seconds"].items())
            value = f"{seconds:.0f} s ({parts}; shadow of {shadow['n']} turns, {shadow['changed']} changed)"
            rows.append(
                {
                    "measure": f"from saving {what} to it being live, gate and shadow included",
                    "value": value,
                    "bar": f"under {BAR_SECONDS:.0f} s, {TURNS} turns",
                    "passed": seconds < BAR_SECONDS and shadow["n"] >= turns,
                }
            )
            print(f"{rows[-1]['measure']}: {value}", flush=True)
        await editor.close()
        await second.close()
    finally:
        await system.stop()
    return rows


def main() -> None:
    """Measure both kinds of edit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edit-to-live-") as folder:
        root = copy_checkout(Path(folder))
        rows = asyncio.run(_time(root, QUICK_TURNS if options.quick else TURNS))
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
