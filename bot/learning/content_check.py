"""Checks all content of the editors: the published content and the sentences. Every problem is reported with its file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from bot.learning.traits import REAL_VOICE, TARGETS, load_targets, read_texts
from bot.learning.traits import problems as trait_problems
from bot.nlu.amounts import CURRENCIES
from content.cases import FILE as CASES
from content.cases import load_cases
from content.compiler import compile_content
from content.sources import ContentError, load_yaml
from language.letters import letters as letters
from language.normalization import normalize

#: An intent with fewer sentences is not learnt reliably.
MINIMUM_EXAMPLES = 30
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Rasa reads any YAML with such a line, indented or not, as training data.
_RESERVED = re.compile(r"^\s*(nlu|rules|stories|responses):", re.MULTILINE)


@dataclass(frozen=True)
class Placed:
    """A sentence of a folder such as `data/nlu`, and its place; `line` counts from 1."""

    text: str
    intent: str
    path: Path
    line: int


def read_placed(folder: Path) -> List[Placed]:
    """The sentences of a folder such as `data/nlu` and its subfolders, in the order of the files.

    Raises ContentError for a file of another shape.
    """
    placed = []
    for path in sorted(folder.rglob("*.yml")):
        document = load_yaml(path)
        try:
            for block in document["nlu"]:
                intent, first = str(block["intent"]), block.lc.value("examples")[0] + 2
                for number, line in enumerate(block["examples"].split("\n"), start=first):
                    if not line.strip():
                        continue
                    if not line.startswith("- ") or not line[2:].strip():
                        raise ContentError(path, number, f"`{intent}`: start “{line}” with `- ` and a sentence")
                    placed.append(Placed(line[2:].strip(), intent, path, number))
        except (KeyError, TypeError, AttributeError) as error:
            raise ContentError(path, None, "expected `nlu:` with a list of `intent` and `examples: |`") from error
    return placed


def by_intent(placed: Iterable[Placed]) -> Dict[str, List[str]]:
    """The sentences of each intent."""
    examples: Dict[str, List[str]] = {}
    for one in placed:
        examples.setdefault(one.intent, []).append(one.text)
    return examples


def read_examples(folder: Path) -> Dict[str, List[str]]:
    """`read_placed` without the places: intent -> sentences. Raises ContentError."""
    return by_intent(read_placed(folder))


def read_normalised(folder: Path) -> Dict[str, str]:
    """The normalised sentences of a folder such as `data/nlu`, each with the intent of its first place. Raises ContentError."""
    intent_of: Dict[str, str] = {}
    for intent, sentences in read_examples(folder).items():
        for sentence in sentences:
            intent_of.setdefault(normalize(sentence), intent)
    return intent_of


def _example_problems(data: Path, training: List[Placed], calibration: List[Placed], intents: List[str]) -> Iterator[str]:
    examples = by_intent(training)
    for folder, placed in (("nlu", training), ("calibration", calibration)):
        for name in sorted({one.intent for one in placed} - set(intents)):
            yield f"{data}/{folder}: intent `{name}` is not in triage.yml"
    for name in intents:
        chinese = sum(bool(_CHINESE.search(sentence)) for sentence in examples.get(name, []))
        if chinese < MINIMUM_EXAMPLES:
            yield f"{data}/nlu: `{name}` has {chinese} Chinese sentences, needs {MINIMUM_EXAMPLES}"
    places: Dict[str, List[Placed]] = {}
    for one in training:
        places.setdefault(one.text, []).append(one)
    for sentence, same in places.items():
        if len(same) > 1:
            where = ", ".join(sorted(f"{one.intent} ({one.path.relative_to(data)}:{one.line})" for one in same))
            yield f"{data}/nlu: “{sentence}” stands {len(same)} times: {where}"


def _rate_problems(data: Path, rates: Mapping[str, float]) -> Iterator[str]:
    """Currencies that are recognised but have no rate: such an amount has no value in CNY."""
    for currency in sorted(CURRENCIES - set(rates)):
        yield f"{data}/triage.yml: large_transaction.rates has no `{currency}`, which bot/nlu/amounts knows: add it"


def _calibration_problems(training: List[Placed], calibration: List[Placed]) -> Iterator[str]:
    """Normalised sentences that training and calibration share; two of them may differ only by a 吗 or a question mark."""
    trained: Dict[str, Placed] = {}
    for one in training:
        trained.setdefault(normalize(one.text), one)
    for one in calibration:
        normal = normalize(one.text)
        if normal in trained:
            yield _overlap(f"{one.path}:{one.line}", True, "training data", trained[normal])


def _test_set_problems(root: Path, training: List[Placed], calibration: List[Placed]) -> Iterator[str]:
    """Test sentences with the same letters as a sentence of training or calibration: they measure only the model's memory."""
    trained: Dict[str, Placed] = {}
    seen: Dict[str, Tuple[str, Placed]] = {}
    for one in training:
        trained.setdefault(normalize(one.text), one)
    for one in calibration:
        seen.setdefault(letters(normalize(one.text)), ("calibration data", one))
    for normal, one in trained.items():
        seen[letters(normal)] = ("training data", one)
    exact = trained.keys() | {normalize(one.text) for one in calibration}
    for path in sorted((root / "tests/evaluation").rglob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            normal = normalize(json.loads(line)["text"]) if line.strip() else ""
            if normal and letters(normal) in seen:
                yield _overlap(f"{path}:{number}", normal in exact, *seen[letters(normal)])


def _trait_problems(root: Path, data: Path, training: List[Placed]) -> Iterator[str]:
    """Traits of plain sentences and real-voice sets that differ from those of real queries."""
    targets, folder = load_targets(root / TARGETS), data / "nlu/plain"
    plain = [one.text for one in training if folder in one.path.parents]
    yield from trait_problems(str(folder), plain, targets, list(targets.words))
    development = root / "tests/evaluation/development"
    # The matters of a set are its author's choice; only the way of asking is compared.
    yield from trait_problems(f"{development}/{REAL_VOICE}", read_texts(development, REAL_VOICE), targets, ["asking"])


def _overlap(place: str, is_same: bool, kind: str, other: Placed) -> str:
    same = "the sentence is" if is_same else "all but punctuation of the sentence is"
    return f"{place}: {same} in the {kind} too ({other.path}:{other.line}): leave one of them out"


def _reserved_keys(data: Path) -> Dict[Path, str]:
    """The files with a line that Rasa would read as its own data, with the problem."""
    problems = {}
    for path in sorted(data.glob("*.yml")):
        found = _RESERVED.search(path.read_text(encoding="utf-8", errors="replace"))
        if found:
            key = found.group(1)
            problems[path] = f"{path}: the key `{key}:` belongs to Rasa, which would read the file as its own: rename it"
    return problems


def check_content(root: Path, data: Optional[Path] = None, *, measures: bool = True) -> List[str]:
    """Every problem of a project's content, one line each; an empty list means that it can be published.

    `data`: a copy of the project's data folder; by default the project's own. `measures`: also compare with the test sets and
    with the traits of real queries.
    """
    data = data or root / "data"
    reserved = _reserved_keys(data)
    try:
        bundle = compile_content(data)
        policy = bundle.policy
        training, calibration = read_placed(data / "nlu"), read_placed(data / "calibration")
        load_cases(data / CASES)
        problems = [*reserved.values(), *_example_problems(data, training, calibration, list(policy.intents))]
        problems += _calibration_problems(training, calibration)
        if measures:
            problems += [*_test_set_problems(root, training, calibration), *_trait_problems(root, data, training)]
        problems += _rate_problems(data, policy.large_transaction.rates)
    except ContentError as error:
        # A reserved key is usually the reason why the same file cannot be read.
        return [*reserved.values(), *([] if error.path in reserved else [str(error)])]
    for article_id in sorted({article.header.id for article in bundle.articles}):
        if not any(intent.article == article_id for intent in policy.intents.values()):
            problems.append(f"{data}/articles: `{article_id}` belongs to no intent")
    return problems
