"""Advice on the training sentences: repeats, thin intents, intents that hang on one n-gram, doubtful labels.

Nothing here is an error: `bot.learning.content_check` reports errors. docs/data-lint.md explains how to read each list.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Sequence

import numpy as np

from bot.learning.augmentation import varied
from bot.learning.calibration import temperature
from bot.learning.content_check import read_placed
from bot.learning.embeddings import embed
from bot.learning.intent_training import held_out_predictions, train_intents
from bot.learning.learning_curve import learning_curve
from bot.learning.lint_findings import (
    destinations,
    duplicates,
    keywords,
    label_suspects,
    near_duplicates,
    read_sentences,
    thin_intents,
    unique,
)
from bot.learning.lint_report import prepare_folder, print_findings, print_traits, write_findings
from bot.learning.traits import REAL_VOICE, TARGETS, TraitTable, load_targets, read_texts, trait_table
from bot.nlu.network import log_softmax
from content.sources import ContentError
from content.triage_policy import Policy, load_policy


def lint(folder: Path, policy: Policy, curve: bool, say: Callable[[str], None]) -> Dict[str, Any]:
    """All findings on a folder of training sentences, JSON-able; `curve` adds the learning curve. Raises ContentError.

    It trains a model and a cross-validation, which takes a minute or two.
    """
    everything, where = read_sentences(folder), destinations(policy)
    unknown = sorted({one.intent for one in everything} - set(where))
    if unknown or not everything:
        raise ContentError(folder, None, f"not in triage.yml: {', '.join(unknown)}" if unknown else "no sentences")
    sentences = unique(everything)
    texts, labels = [one.normal for one in sentences], [one.intent for one in sentences]
    say(f"{len(everything)} sentences: encoding")
    # Only the curve needs variants: it trains like the real training.
    variants = varied(texts, labels) if curve else []
    dense = embed([*texts, *variants])
    say("training and cross-validating")
    model = train_intents(texts, labels)
    held_out, _ = held_out_predictions(texts, labels)
    classes = np.searchsorted(model.intents, labels)  # the model's intents are sorted
    probabilities = np.exp(log_softmax(held_out.log_probabilities / temperature(held_out.log_probabilities, classes)))
    names = np.array(model.intents)
    right = names[probabilities.argmax(axis=1)] == np.array(labels)

    def predict(changed: Sequence[str]) -> Sequence[str]:
        return [str(name) for name in names[model.probabilities(changed).argmax(axis=1)]]

    say("comparing")
    findings: Dict[str, Sequence[Any]] = {
        "duplicates": duplicates(everything, where),
        "near_duplicates": near_duplicates(sentences, dense[: len(texts)], where),
        "thin_intents": thin_intents(everything, list(where)),
        "keywords": keywords(sentences, right, predict),
        "label_suspects": label_suspects(sentences, probabilities, model.intents, where),
    }
    if curve:
        say("learning curve")
        findings["curve"] = learning_curve([*texts, *variants], dense, classes, held_out.groups, model.intents)
    rows = {name: [asdict(one) for one in found] for name, found in findings.items()}
    return {"sentences": len(everything), "intents": len(names), "held_out_accuracy": round(float(right.mean()), 4), **rows}


def project_traits(root: Path, data: Path) -> TraitTable:
    """The traits of a data folder's sentences, and of the project's development sentences. Raises ContentError."""
    training, calibration = read_placed(data / "nlu"), read_placed(data / "calibration")
    development = root / "tests/evaluation/development"
    unseen = {
        "calibration": [one.text for one in calibration],
        "development": read_texts(development, "*.jsonl"),
        "real voice": read_texts(development, REAL_VOICE),
    }
    plain = [one.text for one in training if data / "nlu/plain" in one.path.parents]
    return trait_table([one.text for one in training], plain, unseen, load_targets(data / TARGETS.name))


def lint_data(out: Optional[Path], curve: bool, say: Callable[[str], None], data: Path) -> None:
    """Lint the sentences of a data folder, print the findings, and write them into a folder if `out` is given."""
    if out is not None:
        prepare_folder(out)
    traits = project_traits(Path("."), data)
    report = {"traits": asdict(traits), **lint(data / "nlu", load_policy(data / "triage.yml"), curve, say)}
    # Written before they are printed: `make lint-data ... | head` must not lose the findings.
    if out is not None:
        for path in write_findings(report, out):
            say(f"wrote {path}")
    print_traits(traits)
    print_findings(report)
