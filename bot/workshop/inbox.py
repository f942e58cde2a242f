"""The job `inbox`: the texts of the log and of imported logs that an editor should look at, grouped, the most costly first."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Protocol, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.learning.content_check import Placed, read_placed
from bot.learning.embeddings import embed
from bot.workshop.decider import Decider, Turn
from bot.workshop.desk_lines import desk_lines
from bot.workshop.inbox_causes import Candidate, Decided, candidates, is_gone
from bot.workshop.inbox_groups import Leader, group
from bot.workshop.jobs import JobError, Progress
from bot.workshop.versions import ModelGone, live_version
from content.inbox import IMPORTED, KINDS, publication, text_id
from content.sources import ContentError
from content.triage_policy import Policy
from language.normalization import normalize

#: With this cosine a text repeats a sentence of a test set: such pairs differ in one or two words (docs/workshop.md).
LEAK = 0.96
#: Intents suggested for a group: on unknown texts the right one is among them in 96% (docs/workshop.md).
SUGGESTED = 5
_NEAREST = 3
#: The largest result: an editor works through the first groups, and the next job brings the others.
_MOST_GROUPS, _MOST_TEXTS = 1500, 10_000
#: Rows of one product of embeddings.
_CHUNK = 512
_TESTS = Path("tests/evaluation")
_TURNS = 10_000

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class Reader(Protocol):
    """Reads texts as the live bot does (`bot.workshop.decider.Decider`)."""

    @property
    def intents(self) -> Sequence[str]:
        """The columns of `probabilities`."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (texts, intents)."""


@dataclass
class Past:
    """What the desk knows: the groups there are, what editors decided, and imported texts; `read_at`: when it said so."""

    read_at: str
    leaders: List[Leader] = field(default_factory=list)
    decided: Dict[str, Decided] = field(default_factory=dict)
    imported: List[Candidate] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[Mapping[str, Any]]) -> Past:
        """Read the lines of `GET /api/workshop/inbox/source`."""
        past = cls(dt.datetime.now(dt.timezone.utc).isoformat())
        for line in lines:
            if line["what"] == "read_at":
                past.read_at = line["at"]
            elif line["what"] == "group":
                past.leaders.append(Leader(line["id"], line["leader"]))
            elif line["what"] == "decided":
                past.decided[line["id"]] = Decided(dt.datetime.fromisoformat(line["at"]), line["live"])
            elif line["what"] == "imported":
                at = dt.datetime.fromisoformat(line["at"])
                costs = {IMPORTED: 0.0}
                past.imported.append(Candidate(line["id"], line["text"], costs, line["count"], at, at, "", (None, None)))
        return past


@dataclass(frozen=True)
class Examples:
    """Sentences with their normalised texts, ids and embeddings, all in one order."""

    sentences: Sequence[Placed]
    normal: Sequence[str]
    ids: Sequence[str]
    embeddings: NDArray[np.float32]

    @classmethod
    def read(cls, folder: Path, embed: Embed) -> Examples:
        """The training sentences of a folder such as `data/nlu`. Raises ContentError."""
        first: Dict[str, Placed] = {}
        for one in read_placed(folder):
            first.setdefault(normalize(one.text), one)
        normal = list(first)
        return cls(list(first.values()), normal, [text_id(text) for text in normal], embed(normal))


def read_test_sentences(folder: Path) -> List[str]:
    """The normalised sentences of the test sets below a folder; none if there is no such folder."""
    lines = [line for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text(encoding="utf-8").split("\n")]
    return [normalize(json.loads(line)["text"]) for line in lines if line.strip()]


def leaks(ids: Sequence[str], embeddings: NDArray[np.float32], tests: Sequence[str], embed: Embed) -> NDArray[np.bool_]:
    """Which texts repeat a sentence of a test set, by their letters or by their meaning. Shape (texts,)."""
    if not tests or not len(ids):
        return np.zeros(len(ids), dtype=bool)
    known = {text_id(text) for text in tests}
    rows = embed(tests)
    found = np.array([id_ in known for id_ in ids])
    for start in range(0, len(ids), _CHUNK):
        found[start : start + _CHUNK] |= (embeddings[start : start + _CHUNK] @ rows.T).max(axis=1) >= LEAK
    return found


def imported_cost(probabilities: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """What each imported text may bring: its doubt, once for each time it was written. Shape (texts,).

    The doubt is one minus the difference of the two likeliest intents (margin sampling: Scheffer, Decomain & Wrobel 2001). The
    cost of a group is the sum, so that a dense group of doubtful texts comes first.
    """
    two = np.sort(probabilities, axis=1)[:, -2:]
    doubt: NDArray[np.float64] = (1.0 - (two[:, 1] - two[:, 0])) * counts
    return doubt


@dataclass
class Inbox:
    """Makes the groups. `live`: the publication that `reader` and `decide` belong to; `tests`: normalised test sentences."""

    reader: Reader
    decide: Callable[[Sequence[str]], Sequence[Mapping[str, Any]]]
    embed: Embed
    policy: Policy
    live: str
    examples: Examples
    tests: Sequence[str]

    def fill(self, lines: Iterable[Mapping[str, Any]], past: Past, progress: Progress) -> Dict[str, Any]:
        """The result of the job: `{read_at, groups, left_out: {trained, in_test_set, gone}}`."""
        progress(0.1, "挑出没做好的对话", "Selecting turns")
        trained = set(self.examples.ids)
        found = candidates(lines, self.policy, past.decided)
        pools = [list(found.values()), [one for one in past.imported if one.id not in found and one.id not in past.decided]]
        before = sum(map(len, pools))
        pools = [[one for one in pool if one.id not in trained] for pool in pools]
        left_out = {"trained": before - sum(map(len, pools)), "in_test_set": 0, "gone": 0}
        groups: List[Dict[str, Any]] = []
        for pool, share, prefix in zip(pools, (0.3, 0.6), "gi"):
            progress(share, "按意思分组", "Grouping by meaning")
            groups += self._groups(pool, past, prefix, left_out)
        groups.sort(key=lambda each: (-sum(one["cost"] for one in each["entries"]), each["id"]))
        return {"read_at": past.read_at, "groups": _shortened(groups), "left_out": left_out}

    def _groups(self, pool: List[Candidate], past: Past, prefix: str, left_out: Dict[str, int]) -> List[Dict[str, Any]]:
        pool = sorted(pool, key=lambda one: (one.first_at, one.id))
        rows = self.embed([normalize(one.text) for one in pool])
        leaked = leaks([one.id for one in pool], rows, self.tests, self.embed)
        left_out["in_test_set"] += int(leaked.sum())
        kept = [place for place in range(len(pool)) if not leaked[place]]
        if prefix == "g":
            now = self.decide([pool[place].text for place in kept])
            gone = [is_gone(pool[place], self.live, decision) for place, decision in zip(kept, now)]
            left_out["gone"] += sum(gone)
            kept = [place for place, is_over in zip(kept, gone) if not is_over]
        if not kept:
            return []
        pool, rows = [pool[place] for place in kept], rows[kept]
        probabilities = self.reader.probabilities([one.text for one in pool])
        if prefix == "i":
            counts = np.array([one.count for one in pool])
            for one, cost in zip(pool, imported_cost(probabilities, counts)):
                one.costs = {IMPORTED: float(cost)}
        old = [leader for leader in past.leaders if leader.id.startswith(prefix)]
        old_texts = [leader.text for leader in old]
        grouping = group(
            [(prefix + one.id, one.text) for one in pool],
            rows,
            probabilities.argmax(axis=1),
            old,
            self.embed([normalize(text) for text in old_texts]) if old else rows[:0],
            self.reader.probabilities(old_texts).argmax(axis=1) if old else np.zeros(0, dtype=np.int64),
        )
        made = [
            self._group(grouping.leaders[id_], [pool[place] for place in places], probabilities[places])
            for id_, places in grouping.members.items()
        ]
        centres = np.stack([rows[places].mean(axis=0) for places in grouping.members.values()])
        for each, nearest in zip(made, self._nearest(centres)):
            each["nearest"] = nearest
        return made

    def _group(self, leader: Leader, members: Sequence[Candidate], probabilities: NDArray[np.float64]) -> Dict[str, Any]:
        mean = probabilities.mean(axis=0)
        costs: Dict[str, float] = {}
        for one in members:
            for kind, cost in one.costs.items():
                costs[kind] = costs.get(kind, 0.0) + cost
        return {
            "id": leader.id,
            "leader": leader.text,
            # What cost most; of two equal ones the first in the order of the kinds.
            "kind": max(KINDS, key=lambda kind: costs.get(kind, -1.0)),
            "entries": [_entry(one) for one in sorted(members, key=lambda one: (-one.cost, one.id))],
            "suggested": [
                {"intent": self.reader.intents[i], "score": round(float(mean[i]), 4)}
                for i in np.argsort(-mean, kind="stable")[:SUGGESTED]
            ],
        }

    def _nearest(self, centres: NDArray[np.float32]) -> List[List[Dict[str, Any]]]:
        """The training sentences nearest to the centre of each group."""
        norms = np.linalg.norm(centres, axis=1, keepdims=True)
        centres = np.divide(centres, norms, out=np.zeros_like(centres), where=norms > 0)
        found: List[List[Dict[str, Any]]] = []
        for start in range(0, len(centres), _CHUNK):
            cosines = centres[start : start + _CHUNK] @ self.examples.embeddings.T
            for row in cosines:
                near = sorted(np.argpartition(-row, min(_NEAREST, len(row) - 1))[:_NEAREST], key=lambda i: -row[i])
                said = [(self.examples.sentences[i], float(row[i])) for i in near]
                found.append([{"text": one.text, "intent": one.intent, "score": round(score, 4)} for one, score in said])
        return found


def _entry(one: Candidate) -> Dict[str, Any]:
    times = {"first_at": one.first_at.isoformat(), "last_at": one.last_at.isoformat()}
    return {"id": one.id, "text": one.text, "kind": one.kind, "count": one.count, "cost": round(one.cost, 4), **times}


def _shortened(groups: Sequence[Dict[str, Any]]) -> List[Dict[str, Any]]:
    kept: List[Dict[str, Any]] = []
    texts = 0
    for each in groups[:_MOST_GROUPS]:
        texts += len(each["entries"])
        if texts > _MOST_TEXTS:
            break
        kept.append(each)
    return kept


def run(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """The job `inbox`. `turns`: how many turns of the log are read. Raises JobError."""
    progress(0.0, "读取对话记录", "Reading the log")
    past = Past.of(desk_lines("/api/workshop/inbox/source"))
    lines = desk_lines("/api/workshop/turns", {"last": int(parameters.get("turns", _TURNS))})
    return live_inbox().fill(list(lines), past, progress)


def live_inbox() -> Inbox:
    """An inbox that reads as the live bot does. Raises JobError."""
    try:
        live = live_version()
        if live is None:
            raise JobError("还没有发布过，收件箱没有可比的模型。", "Nothing is published yet, so no model can read the texts.")
        decider = Decider.open(live)
        examples = Examples.read(Path(os.environ.get("DATA_DIR", "data")) / "nlu", embed)
    except ContentError as error:
        raise JobError(f"内容读不出来：{error}", f"The content cannot be read: {error}") from error
    except ModelGone as error:
        raise JobError("线上模型的文件不见了，请联系运维。", f"The live model is gone: {error}") from error

    def decide(texts: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        return decider.decide_all([Turn(text) for text in texts])

    name = publication(live.model, live.content.revision)
    return Inbox(decider, decide, embed, live.content.policy, name, examples, read_test_sentences(_TESTS))
