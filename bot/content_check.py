"""Checks all that editors own, and reports every problem with its file, not just the first."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, Mapping

from actions.content import load_content
from actions.policy import ContentError, load_yaml
from bot.amounts import CURRENCIES
from bot.text import normalize

#: Fewer sentences than this teach an intent badly.
MINIMUM_EXAMPLES = 30
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Rasa takes any YAML with such a line, indented or not, for training data of its own.
_RESERVED = re.compile(r"^\s*(nlu|rules|stories|responses):", re.MULTILINE)


def read_examples(folder: Path) -> Dict[str, List[str]]:
    """The training sentences of `data/nlu`, its folders included: intent -> sentences.

    Raises ContentError for a file of another shape.
    """
    examples: Dict[str, List[str]] = {}
    for path in sorted(folder.rglob("*.yml")):
        document = load_yaml(path)
        try:
            for block in document["nlu"]:
                lines = [line for line in block["examples"].split("\n") if line.strip()]
                for line in lines:
                    if not line.startswith("- ") or not line[2:].strip():
                        raise ContentError(path, None, f"`{block['intent']}`: start “{line}” with `- ` and a sentence")
                examples.setdefault(block["intent"], []).extend(line[2:].strip() for line in lines)
        except (KeyError, TypeError, AttributeError) as error:
            raise ContentError(path, None, "expected `nlu:` with a list of `intent` and `examples: |`") from error
    return examples


def read_normalised(folder: Path) -> Dict[str, str]:
    """The normalised sentences of a folder such as `data/nlu`, each with the intent of its first place. Raises ContentError."""
    intent_of: Dict[str, str] = {}
    for intent, sentences in read_examples(folder).items():
        for sentence in sentences:
            intent_of.setdefault(normalize(sentence), intent)
    return intent_of


def _example_problems(data: Path, intents: List[str]) -> Iterator[str]:
    examples = read_examples(data / "nlu")
    for folder in ("nlu", "calibration"):
        for name in sorted(set(read_examples(data / folder)) - set(intents)):
            yield f"{data}/{folder}: intent `{name}` is not in triage.yml"
    for name in intents:
        chinese = sum(bool(_CHINESE.search(sentence)) for sentence in examples.get(name, []))
        if chinese < MINIMUM_EXAMPLES:
            yield f"{data}/nlu: `{name}` has {chinese} Chinese sentences, needs {MINIMUM_EXAMPLES}"
    intents_of: Dict[str, List[str]] = {}
    for name, sentences in examples.items():
        for sentence, times in Counter(sentences).items():
            intents_of.setdefault(sentence, []).extend([name] * times)
    for sentence, names in intents_of.items():
        if len(names) > 1:
            yield f"{data}/nlu: “{sentence}” stands {len(names)} times: {', '.join(sorted(names))}"


def _rate_problems(root: Path, rates: Mapping[str, float]) -> Iterator[str]:
    """Money that is understood but worth nothing: an amount in a currency without a rate has no sum in CNY."""
    for currency in sorted(CURRENCIES - set(rates)):
        yield f"{root}/data/triage.yml: large_transaction.rates has no `{currency}`, which bot/amounts knows: add it"


def _test_set_problems(root: Path) -> Iterator[str]:
    """Test sets stay test sets: a sentence that was trained on measures memory, not understanding."""
    trained = read_normalised(root / "data/nlu")
    for path in sorted((root / "data/calibration").rglob("*.yml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            sentence = line.strip()[2:]
            if line.strip().startswith("- ") and normalize(sentence) in trained:
                yield f"{path}:{number}: the sentence is in the training data too: leave it out here"
    for path in sorted((root / "tests/evaluation").rglob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.strip() and normalize(json.loads(line)["text"]) in trained:
                yield f"{path}:{number}: the sentence is in the training data too: leave it out here"


def _rasa_problems(root: Path, intents: List[str]) -> Iterator[str]:
    domain = root / "domain.yml"
    try:
        entries = load_yaml(domain)["intents"]
        in_domain = {name for entry in entries for name in (entry if isinstance(entry, dict) else [entry])}
    except (KeyError, TypeError) as error:
        raise ContentError(domain, None, "expected `intents:` with a list") from error
    for name in sorted(set(intents) - in_domain):
        yield f"domain.yml: intent `{name}` of triage.yml is missing"
    for name in sorted(in_domain - set(intents)):
        yield f"domain.yml: intent `{name}` is not in triage.yml"
    for path in sorted((root / "data").glob("*.yml")):
        found = _RESERVED.search(path.read_text(encoding="utf-8"))
        if found:
            yield f"{path}: the key `{found.group(1)}:` belongs to Rasa, which would read the file as its own: rename it"


def check_content(root: Path) -> List[str]:
    """Every problem of a project folder's content, one line each; none means it can be published."""
    try:
        content = load_content(root / "data")
        intents = list(content.policy.intents)
        problems = [*_example_problems(root / "data", intents), *_rasa_problems(root, intents), *_test_set_problems(root)]
        problems += _rate_problems(root, content.policy.large_transaction.rates)
    except ContentError as error:
        return [str(error)]
    for article_id in content.articles.ids():
        if not any(intent.article == article_id for intent in content.policy.intents.values()):
            problems.append(f"data/articles: `{article_id}` belongs to no intent")
    return problems
