"""Two editors change the same files at random while somebody edits them by hand; afterwards no accepted edit may be missing."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.handoff.people import Agent

Json = dict[str, Any]

FACTS = ("code_length", "refund_card_arrival", "export_valid", "cards_max")
ARTICLES = ("fees", "refund_status")
TEXTS = ("place", "added", "resolved")
CANNED = ("greeting", "apology")
FIELDS = ("triage.yml:promises.wrong_answer", "desk.yml:agents.capacity", "desk.yml:routing.ageing_minutes")
FILES = ("facts.yml", "desk.yml", "canned_replies.yml", "triage.yml")


def add_second_editor(connection: psycopg.Connection[Any]) -> None:
    """Add the editor `lin` next to the demo account `editor`."""
    columns = "login, name, role, capacity, is_demo, password_hash"
    connection.execute(f"INSERT INTO agents ({columns}) VALUES ('lin', '小林', 'editor', 5, false, '')")


def edits_in(connection: psycopg.Connection[Any]) -> list[Json]:
    """The table of edits, the oldest first."""
    names = ("login", "file", "item", "kind", "before", "after")
    rows = connection.execute(f"SELECT {', '.join(names)} FROM edits ORDER BY id").fetchall()
    return [{**dict(zip(names, row, strict=True)), "before": json.loads(row[4]), "after": json.loads(row[5])} for row in rows]


@dataclass
class Accepted:
    """A save that the desk accepted: what the editor had seen of the item, and what they made of it."""

    editor: str
    seen: Any
    made: Any


@dataclass
class Outcome:
    """What happened. `faults`: one sentence for each lost or doubled edit; none may be there."""

    accepted: int = 0
    refused: int = 0
    by_hand: int = 0
    faults: list[str] = field(default_factory=list)


class Editor:
    """One editor, who sometimes saves what they looked at long ago."""

    def __init__(self, agent: Agent, number: int, seed: int) -> None:
        self.agent, self.number = agent, number
        self.random = random.Random(seed * 10 + number)
        self.seen: dict[str, Json] = {}
        self.accepted: dict[tuple[str, str], list[Accepted]] = defaultdict(list)
        self.refused = 0

    async def view(self, path: str, *, fresh: bool) -> Json:
        """A page: loaded now, or as it was loaded some time ago."""
        if fresh or path not in self.seen:
            answer = await self.agent.call("GET", f"/workshop/{path}")
            assert answer.status_code == 200, answer.text
            self.seen[path] = answer.json()
        return self.seen[path]

    async def edit(self, count: int) -> None:
        """Make so many random edits."""
        for number in range(count):
            kind = self.random.choice([self.fact, self.fact, self.article, self.article, self.text, self.canned, self.policy])
            await kind(f"{self.number}-{number}", fresh=self.random.random() < 0.5)

    async def save(self, key: tuple[str, str], path: str, body: Json, seen: Any, made: Any) -> None:
        """Save; after a conflict look at the other side, and then insist or give up."""
        answer = await self.agent.call("PUT", f"/workshop/{path}", json=body)
        if answer.status_code == 409:
            sides = answer.json()["error"]
            assert sides["code"] == "changed_meanwhile", answer.text
            self.refused += 1
            if self.random.random() < 0.5:
                return
            seen = key_value(key, sides["theirs"])
            answer = await self.agent.call("PUT", f"/workshop/{path}", json={**body, "base_revision": sides["revision"]})
            if answer.status_code == 409:
                self.refused += 1
                return
        assert answer.status_code == 200, answer.text
        self.accepted[key].append(Accepted(self.agent.login, seen, made))

    async def fact(self, mark: str, *, fresh: bool) -> None:
        """Change a fact."""
        name = self.random.choice(FACTS)
        page = await self.view("facts", fresh=fresh)
        seen = next({"zh": each["zh"], "en": each["en"]} for each in page["facts"] if each["name"] == name)
        made = {"zh": f"{mark} 天", "en": f"{mark} days"}
        await self.save(("fact", name), f"facts/{name}", {**made, "base_revision": page["revision"]}, seen, made)

    async def article(self, mark: str, *, fresh: bool) -> None:
        """Change the title of an article in one language."""
        id_, locale = self.random.choice(ARTICLES), self.random.choice(("zh", "en"))
        form = dict((await self.view(f"articles/{id_}", fresh=fresh))["locales"][locale])
        revision = form.pop("revision")
        made = f"标题 {mark}"
        body = {**form, "title": made, "base_revision": revision}
        await self.save((f"article.{locale}", id_), f"articles/{id_}/{locale}", body, form["title"], made)

    async def text(self, mark: str, *, fresh: bool) -> None:
        """Change a desk text."""
        name = self.random.choice(TEXTS)
        page = await self.view("texts", fresh=fresh)
        seen = next({"zh": each["zh"], "en": each["en"]} for each in page["texts"] if each["name"] == name)
        made = {"zh": f"好的：“{mark}”", "en": f"Well: {mark} #1"}
        await self.save(("text", name), f"texts/{name}", {**made, "base_revision": page["revision"]}, seen, made)

    async def canned(self, mark: str, *, fresh: bool) -> None:
        """Change the shortcut of a canned reply."""
        id_ = self.random.choice(CANNED)
        page = await self.view("canned", fresh=fresh)
        reply = next(each for each in page["canned"] if each["id"] == id_)
        body = {**reply, "shortcut": f"s{mark}", "base_revision": page["revision"]}
        await self.save(("canned", id_), f"canned/{id_}", body, reply["shortcut"], f"s{mark}")

    async def policy(self, mark: str, *, fresh: bool) -> None:
        """Change a figure of the policy."""
        path = self.random.choice(FIELDS)
        page = await self.view("policy", fresh=fresh)
        seen = next(one["value"] for section in page["sections"] for one in section["fields"] if one["path"] == path)
        number = self.number * 1000 + int(mark.partition("-")[2])
        made = round(0.001 + number / 1e6, 6) if path.startswith("triage") else 10 + number
        body = {"path": path, "value": made, "base_revision": page["revision"]}
        await self.save(("policy", path.partition(":")[2]), "policy", body, seen, made)


def key_value(key: tuple[str, str], item: Any) -> Any:
    """The part of an item that these editors change."""
    if key[0].startswith("article"):
        return item["title"]
    return item["shortcut"] if key[0] == "canned" else item


async def edit_by_hand(data: Path, count: int, seed: int, is_over: Callable[[], bool]) -> list[tuple[str, str]]:
    """A person with a text editor, who adds comments. It refuses to save over a file that changed since it was opened."""
    chance, made = random.Random(seed), []
    while len(made) < count and not is_over():
        name, line = chance.choice(FILES), f"# 手写的备注 {len(made)}"
        path = data / name
        before = path.read_bytes()
        lines = before.decode().split("\n")
        at = chance.choice([number for number, each in enumerate(lines) if each.startswith("#") or not each])
        partial = path.with_name(f"{name}~")
        partial.write_bytes("\n".join([*lines[:at], line, *lines[at:]]).encode())
        if path.read_bytes() == before:
            os.replace(partial, path)
            made.append((name, line))
        else:
            partial.unlink()
        await asyncio.sleep(0.02)
    return made


async def race(agents: tuple[Agent, Agent], data: Path, log: Callable[[], list[Json]], edits: int, seed: int) -> Outcome:
    """Let two editors make so many edits together. `log`: the table of edits, the oldest first, as dicts."""
    comments = {name: [line for line in (data / name).read_text("utf-8").split("\n") if "#" in line] for name in FILES}
    editors = [Editor(agent, number, seed) for number, agent in enumerate(agents, 1)]
    working = [asyncio.create_task(editor.edit(edits // 2)) for editor in editors]
    by_hand = await edit_by_hand(data, edits // 10, seed, lambda: all(task.done() for task in working))
    await asyncio.gather(*working)
    outcome = Outcome(
        accepted=sum(len(each) for editor in editors for each in editor.accepted.values()),
        refused=sum(editor.refused for editor in editors),
        by_hand=len(by_hand),
    )
    await _check_items(editors, log(), outcome)
    for name in FILES:
        lines = (data / name).read_text(encoding="utf-8").split("\n")
        notes = [line.partition("#")[2] for line in lines]
        outcome.faults += [
            f"{name}: the comment {line!r} is gone" for line in comments[name] if line.partition("#")[2] not in notes
        ]
        outcome.faults += [
            f"{name}: {line!r} stands {lines.count(line)} times"
            for file, line in by_hand
            if file == name and lines.count(line) != 1
        ]
    return outcome


async def _check_items(editors: list[Editor], log: list[Json], outcome: Outcome) -> None:
    """Each accepted edit is in the table once, was made on what stood there, and the last one stands in the file."""
    rows: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for row in log:
        locale = row["file"].split(".")[-2] if row["kind"] == "article" else ""
        id_ = row["file"].rpartition("/")[2].split(".")[0] if row["kind"] == "article" else row["item"]
        rows[f"{row['kind']}.{locale}".rstrip("."), id_].append(row)
    reader = editors[0]
    reader.seen.clear()
    for key in sorted({*rows, *(key for editor in editors for key in editor.accepted)}):
        chain = [(key_value(key, row["before"]), key_value(key, row["after"]), row["login"]) for row in rows[key]]
        for (_, after, _), (before, _, _) in itertools.pairwise(chain):
            if after != before:
                outcome.faults.append(f"{key}: {after} was overwritten by somebody who had seen {before}")
        made = [(each.seen, each.made, each.editor) for editor in editors for each in editor.accepted[key]]
        if sorted(map(json.dumps, made)) != sorted(map(json.dumps, chain)):
            outcome.faults.append(f"{key}: accepted {made}, recorded {chain}")
        present = await _present(reader, key)
        if chain and present != chain[-1][1]:
            outcome.faults.append(f"{key}: the file says {present}, the last edit said {chain[-1][1]}")


async def _present(reader: Editor, key: tuple[str, str]) -> Any:
    kind, id_ = key
    if kind.startswith("article"):
        return (await reader.view(f"articles/{id_}", fresh=True))["locales"][kind.partition(".")[2]]["title"]
    if kind == "fact":
        return next(
            {"zh": one["zh"], "en": one["en"]}
            for one in (await reader.view("facts", fresh=False))["facts"]
            if one["name"] == id_
        )
    if kind == "text":
        return next(
            {"zh": one["zh"], "en": one["en"]}
            for one in (await reader.view("texts", fresh=False))["texts"]
            if one["name"] == id_
        )
    if kind == "canned":
        return next(one["shortcut"] for one in (await reader.view("canned", fresh=False))["canned"] if one["id"] == id_)
    sections = (await reader.view("policy", fresh=False))["sections"]
    return next(one["value"] for section in sections for one in section["fields"] if one["path"].partition(":")[2] == id_)
