"""Measured learning: `make simulate-learning`. Does an editor who works through the inbox teach the bot faster than by chance?

A bot that knows a part of the authors' sentences meets a log of sentences in customers' words, none of which it knows. An
editor who is always right confirms them with 100 keys at a time, in the order of the inbox or at random; then the bot learns
anew. The test is the development sets, which neither order sees. Each seed has other first sentences, log and network.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bot.evaluation.labelled import Labelled, read_labelled
from bot.learning.content_check import read_placed
from bot.learning.cross_validation import paraphrase_groups
from bot.learning.embeddings import embed
from bot.nlu.features import NgramVocabulary
from bot.nlu.network import Network, Training, fit, log_softmax
from bot.workshop.inbox import OF_A_GROUP, imported_cost, learning_order
from bot.workshop.inbox_groups import group
from content.triage_policy import Policy, load_policy
from contract.routes import ESCALATE
from language.normalization import normalize

#: The share of the authors' paraphrase groups that the bot knows at first; sentences of the log; keys of a round; rounds.
KNOWN, LOG, ROUND, ROUNDS = 0.1, 6000, 100, 5
#: A smaller network with fewer steps than the real one: only differences between orders count here.
TRAINING = Training(hidden=96, epochs=3, least_steps=200)
_PLAIN = "plain"
_LINES = {"inbox": ("#0a7d33", "-"), "random": ("#8a4b00", "--")}
_PICTURE, _FIGURES = Path("docs/pictures/learning.png"), Path("docs/pictures/learning.json")


class Point(NamedTuple):
    """What an editor did, and the bot on the test sentences: right intents; of those that must escalate, the ones that do."""

    keys: float
    sentences: float
    accuracy: float
    escalation: float


@dataclass(frozen=True)
class World:
    """All sentences with their features. `classes`: indexes of `intents`. `sparse`, `dense`: sentences, then test sentences."""

    texts: Sequence[str]
    classes: NDArray[np.int64]
    is_plain: NDArray[np.bool_]
    groups: NDArray[np.int64]
    intents: Sequence[str]
    tests: Sequence[Labelled]
    sparse: Any
    dense: NDArray[np.float32]
    policy: Policy

    @classmethod
    def read(cls) -> World:
        """Read data/nlu and the development sets."""
        policy = load_policy(Path("data/triage.yml"))
        first: Dict[str, Tuple[str, bool]] = {}
        for one in read_placed(Path("data/nlu")):
            first.setdefault(normalize(one.text), (one.intent, one.path.parent.name == _PLAIN))
        tests = read_labelled(sorted(Path("tests/evaluation/development").glob("*.jsonl")), policy)
        texts = list(first)
        intents, classes = np.unique([intent for intent, _ in first.values()], return_inverse=True)
        everything = [*texts, *(normalize(one.text) for one in tests)]
        dense = embed(everything)
        vocabulary, sparse = NgramVocabulary.fit(texts)
        both = scipy.sparse.vstack([sparse, vocabulary.transform(everything[len(texts) :])], format="csr")
        groups = paraphrase_groups(dense[: len(texts)], classes)
        is_plain = np.array([plain for _, plain in first.values()])
        return cls(texts, classes, is_plain, groups, [str(name) for name in intents], tests, both, dense, policy)

    def split(self, seed: int) -> Tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The sentences that the bot knows at first, and the log. No paraphrase of one is in the other."""
        generator = np.random.default_rng(seed)
        known: List[int] = []
        for name in range(len(self.intents)):
            authors = np.unique(self.groups[(self.classes == name) & ~self.is_plain])
            known.extend(generator.permutation(authors)[: max(1, round(KNOWN * len(authors)))])
        is_known = np.isin(self.groups, known)
        log = generator.permutation(np.flatnonzero(self.is_plain & ~is_known))[:LOG]
        return np.flatnonzero(is_known & ~self.is_plain), log

    def learn(self, rows: NDArray[np.int64], seed: int) -> Network:
        """A network that knows these sentences, and only the n-grams that two of them have."""
        counts = np.asarray((self.sparse[rows] != 0).sum(axis=0)).ravel()
        kept = scipy.sparse.diags((counts >= 2).astype(np.float32))
        return fit((self.sparse[rows] @ kept).tocsr(), self.dense[rows], self.classes[rows], len(self.intents), TRAINING, seed)

    def probabilities(self, network: Network, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Shape (rows, intents)."""
        return np.exp(log_softmax(network.logits(self.sparse[rows], self.dense[rows])))

    def measure(self, network: Network, keys: int, sentences: float) -> Point:
        """The figures on the test sentences."""
        rows = np.arange(len(self.texts), len(self.texts) + len(self.tests))
        guessed = [self.intents[i] for i in self.probabilities(network, rows).argmax(axis=1)]
        right = [guess in (one.intent, *one.accept_intents) for guess, one in zip(guessed, self.tests)]
        person = [
            self.policy.intents[guess].route == ESCALATE
            for guess, one in zip(guessed, self.tests)
            if one.route == ESCALATE and set(one.accept_routes) <= {ESCALATE}
        ]
        return Point(keys, sentences, statistics.mean(right), statistics.mean(person))


#: The sentences of the log that an editor confirms next, with `ROUND` keys.
Order = Callable[[World, Network, NDArray[np.int64], np.random.Generator], NDArray[np.int64]]


def by_chance(world: World, network: Network, log: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """The log as it comes, a key for each sentence."""
    return generator.permutation(log)[:ROUND]


def by_inbox(world: World, network: Network, log: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """The inbox from its top, as the job lists imported texts: a key for each group, two if its texts are of two intents."""
    probabilities = world.probabilities(network, log)
    guesses, doubts = probabilities.argmax(axis=1), imported_cost(probabilities, np.ones(len(log), dtype=np.int64))
    names = [(str(row), world.texts[row]) for row in log]
    none = np.zeros((0, world.dense.shape[1]), dtype=np.float32)
    found = group(names, world.dense[log], guesses, [], none, np.zeros(0, dtype=np.int64))
    chosen: List[int] = []
    keys = 0
    for _, places in learning_order(list(found.members.values()), doubts, guesses, OF_A_GROUP):
        keys += len({int(world.classes[log[place]]) for place in places})
        if keys > ROUND:
            break
        chosen += places
    return np.asarray(log[chosen])


ORDERS: Dict[str, Order] = {"inbox": by_inbox, "random": by_chance}


def run(world: World, order: Order, seed: int, rounds: int) -> List[Point]:
    """An editor's rounds, and the bot after each of them."""
    known, log = world.split(seed)
    generator = np.random.default_rng(seed)
    network = world.learn(known, seed)
    points = [world.measure(network, 0, 0)]
    for number in range(1, rounds + 1):
        confirmed = order(world, network, log, generator)
        known, log = np.concatenate([known, confirmed]), np.setdiff1d(log, confirmed)
        network = world.learn(known, seed)
        points.append(world.measure(network, number * ROUND, points[-1].sentences + len(confirmed)))
    return points


def means(runs: Mapping[str, Sequence[Sequence[Point]]]) -> Dict[str, List[Point]]:
    """The means over the seeds."""
    return {name: [Point(*map(statistics.mean, zip(*each))) for each in zip(*points)] for name, points in runs.items()}


def table(runs: Mapping[str, Sequence[Sequence[Point]]]) -> str:
    """The means over the seeds, as Markdown, and how often the inbox is ahead of chance in accuracy."""
    shown = means(runs)
    lines = ["| keys | " + " | ".join(f"{name}: accuracy, to a person (sentences)" for name in shown) + " | ahead |"]
    lines.append("| --- " * (len(shown) + 2) + "|")
    for number, points in enumerate(zip(*shown.values())):
        cells = [f"{point.accuracy:.3f}, {point.escalation:.3f} ({point.sentences:.0f})" for point in points]
        pairs = zip(runs["inbox"], runs["random"])
        ahead = sum(one[number].accuracy > other[number].accuracy for one, other in pairs)
        lines.append(f"| {points[0].keys:.0f} | {' | '.join(cells)} | {ahead} of {len(runs['random'])} |")
    return "\n".join(lines)


def draw(runs: Dict[str, List[List[Point]]], path: Path) -> None:
    """The curves with all seeds, as a picture."""
    from matplotlib.figure import Figure  # type: ignore[import-untyped]

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, name, title in zip(figure.subplots(1, 2), ("accuracy", "escalation"),
                                 ("right intents", "must-escalate sentences that go to a person")):  # fmt: skip
        for order, (colour, style) in _LINES.items():
            for points in runs[order]:
                axes.plot([p.keys for p in points], [getattr(p, name) for p in points], color=colour, alpha=0.25, linewidth=0.8)
            means = [statistics.mean(getattr(p, name) for p in each) for each in zip(*runs[order])]
            axes.plot([p.keys for p in runs[order][0]], means, style, color=colour, linewidth=2, label=order)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("keys that the editor pressed", fontsize=9)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=110)


def main() -> int:
    """Simulate, print the table, draw the picture. The exit code is 0 if the inbox is ahead at the end, on the mean, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.learning", description="Simulate an editor's learning.")
    parser.add_argument("--seed", type=int, default=11, help="of the first run; the others follow")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    started = time.monotonic()
    world = World.read()
    seeds = range(options.seed, options.seed + options.seeds)
    runs: Dict[str, List[List[Point]]] = {name: [] for name in ORDERS}
    for seed in seeds:
        for name, order in ORDERS.items():
            runs[name].append(run(world, order, seed, options.rounds))
    print(table(runs))
    draw(runs, _PICTURE)
    shown = means(runs)
    points = [
        {"n": round(inbox.keys), "accuracy": round(inbox.accuracy, 4), "random_accuracy": round(other.accuracy, 4)}
        for inbox, other in zip(shown["inbox"], shown["random"])
    ]
    figures = {"points": points, "made_at": dt.datetime.now(dt.timezone.utc).date().isoformat()}
    _FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"\n{len(seeds)} seeds from {options.seed}, {time.monotonic() - started:.0f} s")
    return 0 if points[-1]["accuracy"] > points[-1]["random_accuracy"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
