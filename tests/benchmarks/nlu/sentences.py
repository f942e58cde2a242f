"""The sentences of a comparison: read, checked, and sampled once, so that every system gets the same ones."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from bot.evaluation.labelled import LabelError, read_labelled
from content.triage_policy import Policy
from tests.benchmarks.nlu.job import OUT_OF_SCOPE_LABELS

#: Names of a CSV's columns, in the order in which they are looked for.
TEXT_COLUMNS = ("text", "sentence")
LABEL_COLUMNS = ("category", "label", "intent")
#: A larger data set is probably a mistake, and DIET would train for days.
MAXIMUM_LINES = 200_000
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

Examples = Dict[str, List[str]]


class InputError(Exception):
    """A file or an option is wrong; the message says which, where and how to fix it."""


@dataclass(frozen=True)
class Sentence:
    """One labelled sentence. `route` and `reason` are None when the file has no labels of the triage policy."""

    text: str
    intent: str
    file: str
    route: Optional[str] = None
    reason: Optional[str] = None


def is_csv(path: Path) -> bool:
    """Whether a file is read as CSV; all others are read as JSON lines."""
    return path.suffix.lower() == ".csv"


def read_csv(path: Path) -> List[Sentence]:
    """Read a CSV with a header, one of `TEXT_COLUMNS` and one of `LABEL_COLUMNS`. Others are ignored, blank lines skipped.

    A sentence may occur twice: public data sets have duplicates, and their published figures count them.
    Raises InputError with the line number for a missing column, a row of another width, an empty text or label, and no rows.
    """
    sentences: List[Sentence] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                header = [name.strip().lower() for name in next(reader, [])]
                text_at, label_at = _columns(header, path)
                for row in reader:
                    if not row:
                        continue
                    where = f"{path}:{reader.line_num}"
                    if len(row) != len(header):
                        raise InputError(
                            f"{where}: {len(row)} cells, but the header has {len(header)}: quote texts with commas"
                        )
                    text, label = row[text_at].strip(), row[label_at].strip()
                    if not text or not label:
                        raise InputError(f"{where}: an empty {'text' if not text else header[label_at]}")
                    sentences.append(Sentence(text, label, path.as_posix()))
            except csv.Error as error:
                raise InputError(f"{path}:{reader.line_num}: not CSV: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if not sentences:
        raise InputError(f"{path}: no lines")
    return sentences


def _columns(header: Sequence[str], path: Path) -> Tuple[int, int]:
    texts = [name for name in TEXT_COLUMNS if name in header]
    labels = [name for name in LABEL_COLUMNS if name in header]
    if not texts or not labels:
        needed = f"`{'` or `'.join(TEXT_COLUMNS)}` and one of {', '.join(LABEL_COLUMNS)}"
        raise InputError(f"{path}:1: the header needs {needed}; it has {list(header)}")
    return header.index(texts[0]), header.index(labels[0])


def read_sentences(paths: Sequence[Path], policy: Policy) -> List[Sentence]:
    """Read the files, all in the project's format (JSON lines) or all CSV.

    Raises InputError naming file and line for any error, for a mixture, and for more than `MAXIMUM_LINES` lines.
    """
    if len({is_csv(path) for path in paths}) != 1:
        raise InputError("give at least one file, and either only CSV or only JSON lines: their labels differ")
    if is_csv(paths[0]):
        sentences = [sentence for path in paths for sentence in read_csv(path)]
    else:
        try:
            lines = read_labelled(paths, policy)
        except LabelError as error:
            raise InputError(str(error)) from error
        sentences = [Sentence(line.text, line.intent, str(line.file), line.route, line.reason) for line in lines]
    if len(sentences) > MAXIMUM_LINES:
        raise InputError(f"{len(sentences)} lines; at most {MAXIMUM_LINES} can be compared: use a part of them")
    return sentences


def by_intent(sentences: Sequence[Sentence]) -> Examples:
    """Training sentences as intent -> texts, in the order of the file."""
    examples: Examples = {}
    for sentence in sentences:
        examples.setdefault(sentence.intent, []).append(sentence.text)
    return examples


def sample(examples: Examples, per_intent: Optional[int], seed: int) -> Examples:
    """At most `per_intent` texts of each intent (all if None), chosen by the seed, in their order.

    An intent's choice depends only on its own texts: a new intent does not change the sample of others.
    Raises InputError for less than one text.
    """
    if per_intent is None:
        return {intent: list(texts) for intent, texts in examples.items()}
    if per_intent < 1:
        raise InputError(f"EXAMPLES is {per_intent}; an intent needs at least 1")
    chosen: Examples = {}
    for intent, texts in examples.items():
        places = random.Random(f"{seed}:{intent}").sample(range(len(texts)), min(per_intent, len(texts)))
        chosen[intent] = [texts[place] for place in sorted(places)]
    return chosen


def language_of(examples: Examples) -> str:
    """`zh` if at least a tenth of the texts have a Chinese character, else `en`."""
    texts = [text for part in examples.values() for text in part]
    return "zh" if 10 * sum(bool(_CHINESE.search(text)) for text in texts) >= len(texts) else "en"


def out_of_scope_label(labels: Iterable[str]) -> Optional[str]:
    """The label of foreign sentences, if there is one among some labels."""
    found = set(labels)
    return next((label for label in OUT_OF_SCOPE_LABELS if label in found), None)
