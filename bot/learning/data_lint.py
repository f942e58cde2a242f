"""Advice on the training sentences: what repeats, what is thin, what hangs on one word, what may be labelled wrong.

Nothing here is an error: `bot.learning.content_check` has those. docs/data-lint.md says how to read each list.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

import joblib
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from bot.evaluation import OutputError
from bot.learning.augmentation import varied
from bot.learning.calibration import temperature
from bot.learning.content_check import read_placed
from bot.learning.traits import REAL_VOICE, TARGETS, TraitTable, load_targets, read_texts, shown, shown_range, trait_table
from bot.nlu.features import NgramVocabulary, encode_many
from bot.nlu.intent_model import IntentModel, held_out_predictions
from bot.nlu.network import Training, fit, log_softmax
from content.sources import ContentError
from content.triage_policy import Policy, load_policy
from language.normalization import normalize

#: Cosine from which two sentences say the same.
NEAR = 0.95
#: Fewest sentences of an intent: a topic; foreign matter, which is everything else there is; social moves, which are short.
FEWEST_TOPIC, FEWEST_OUT_OF_SCOPE, FEWEST_SOCIAL = 120, 600, 60
SOCIAL = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge", "unresolved")
#: An intent hangs on an n-gram that more than this share of its sentences hold, if more than this share of those flip without.
HOLDING, FLIPPED = 0.6, 0.6
MOST_SUSPECTS = 200
CURVE_SHARES = (0.25, 0.5, 0.75, 1.0)

_NGRAMS, _CANDIDATES = (2, 3), 5
#: Rows of one product of embeddings: with 20,000 sentences 41 MB of cosines, and a quarter of that for each comparison.
_CHUNK = 512
#: Cosine from which two texts without a common character are only unknown to the encoder, which has one row for all such.
_UNKNOWN = 0.9999
_CURVE_FOLDS, _SEED = 5, 0
_SHOWN, _TABLE_WIDTH = 40, 124

#: Where a message of an intent goes: its route and its reason. Intents that share it may be confused at little cost.
Destination = Tuple[str, Optional[str]]
Destinations = Mapping[str, Destination]


@dataclass(frozen=True)
class Sentence:
    """A sentence as it stands in data/nlu, its intent, its normalised text, and its place as `file:line`."""

    text: str
    intent: str
    normal: str
    place: str = ""


@dataclass(frozen=True)
class Duplicate:
    """Sentences that are one once normalised; `intents` and `places` in step with `sentences`."""

    normal: str
    sentences: List[str]
    intents: List[str]
    places: List[str]
    routes_differ: bool


@dataclass(frozen=True)
class NearDuplicate:
    """Two sentences of intents with another route or reason that the encoder takes for the same."""

    cosine: float
    sentences: Tuple[str, str]
    intents: Tuple[str, str]
    places: Tuple[str, str]


@dataclass(frozen=True)
class ThinIntent:
    """An intent with fewer sentences than it needs."""

    intent: str
    sentences: int
    needed: int


@dataclass(frozen=True)
class Keyword:
    """The n-gram on which an intent hangs: the share of its sentences that hold it, and of those the share lost without it."""

    intent: str
    ngram: str
    holding: float
    flipped: float


@dataclass(frozen=True)
class Suspect:
    """A sentence whose label may be wrong; probabilities are held out. `margin` = `p_suggested` - `p_intent`."""

    text: str
    place: str
    intent: str
    suggested: str
    p_intent: float
    p_suggested: float
    margin: float
    routes_differ: bool


@dataclass(frozen=True)
class CurvePoint:
    """What a network knows that was trained on a share of the paraphrase groups of each intent."""

    share: float
    sentences: int
    per_intent: Dict[str, int]
    macro_f1: float


def read_sentences(folder: Path) -> List[Sentence]:
    """All training sentences, in the order of the files. Raises ContentError."""
    return [
        Sentence(one.text, one.intent, normalize(one.text), f"{one.path.relative_to(folder)}:{one.line}")
        for one in read_placed(folder)
    ]


def destinations(policy: Policy) -> Dict[str, Destination]:
    """Route and reason of each intent."""
    return {name: (intent.route, intent.reason) for name, intent in policy.intents.items()}


def duplicates(sentences: Sequence[Sentence], where: Destinations) -> List[Duplicate]:
    """Sentences that are equal once normalised: across routes first, then across intents, then within one."""
    alike: Dict[str, List[Sentence]] = {}
    for sentence in sentences:
        alike.setdefault(sentence.normal, []).append(sentence)
    found = [
        Duplicate(
            normal,
            [one.text for one in same],
            [one.intent for one in same],
            [one.place for one in same],
            len({where[one.intent] for one in same}) > 1,
        )
        for normal, same in alike.items()
        if len(same) > 1
    ]
    return sorted(found, key=lambda one: (not one.routes_differ, len(set(one.intents)) == 1, -len(one.sentences)))


def unique(sentences: Sequence[Sentence]) -> List[Sentence]:
    """The first of each normalised text: what a model is trained on."""
    first: Dict[str, Sentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.normal, sentence)
    return list(first.values())


def near_duplicates(
    sentences: Sequence[Sentence], embeddings: NDArray[np.float32], where: Destinations, chunk: int = _CHUNK
) -> List[NearDuplicate]:
    """Pairs with a cosine of `NEAR` or more whose intents differ in route or reason, nearest first.

    `embeddings` (sentences, columns) has rows of length 1. `chunk` rows at a time are compared with all, to save memory.
    """
    codes = {place: code for code, place in enumerate(dict.fromkeys(where[one.intent] for one in sentences))}
    code = np.array([codes[where[one.intent]] for one in sentences])
    found = []
    for start in range(0, len(sentences), chunk):
        # Columns from `start` on: each pair once.
        cosines = embeddings[start : start + chunk] @ embeddings[start:].T
        for row, column in np.argwhere(cosines >= NEAR):
            one, other = start + row, start + column
            if one < other and code[one] != code[other]:
                pair = sentences[one], sentences[other]
                cosine = float(cosines[row, column])
                # Most emoji and rare characters are one and the same thing to the encoder.
                if cosine >= _UNKNOWN and not set(pair[0].normal) & set(pair[1].normal):
                    continue
                texts, intents = (pair[0].text, pair[1].text), (pair[0].intent, pair[1].intent)
                found.append(NearDuplicate(round(cosine, 4), texts, intents, (pair[0].place, pair[1].place)))
    return sorted(found, key=lambda one: -one.cosine)


def thin_intents(sentences: Sequence[Sentence], intents: Sequence[str]) -> List[ThinIntent]:
    """The intents with too few sentences, those that lack the largest share first; an intent without any counts too."""
    counts = Counter(one.intent for one in sentences)
    found = []
    for intent in intents:
        needed = FEWEST_SOCIAL if intent in SOCIAL else FEWEST_OUT_OF_SCOPE if intent == "out_of_scope" else FEWEST_TOPIC
        if counts[intent] < needed:
            found.append(ThinIntent(intent, counts[intent], needed))
    return sorted(found, key=lambda one: one.sentences / one.needed)


def _ngrams(text: str) -> Set[str]:
    grams = {text[i : i + size] for size in _NGRAMS for i in range(len(text) - size + 1)}
    return {gram for gram in grams if not any(character.isspace() for character in gram)}


def keywords(
    sentences: Sequence[Sentence], right: NDArray[np.bool_], predict: Callable[[Sequence[str]], Sequence[str]]
) -> List[Keyword]:
    """For each intent that hangs on one n-gram, the n-gram whose removal costs most, worst first.

    `right` (sentences,): only sentences that were predicted rightly when held out are tried. `predict` gives the intents of
    normalised texts.
    """
    members: Dict[str, List[int]] = {}
    for row, sentence in enumerate(sentences):
        members.setdefault(sentence.intent, []).append(row)
    worst: Dict[str, Keyword] = {}
    for intent, rows in members.items():
        counts = Counter(gram for row in rows for gram in _ngrams(sentences[row].normal))
        for gram, count in counts.most_common(_CANDIDATES):
            holders = [sentences[row].normal for row in rows if right[row] and gram in sentences[row].normal]
            if count <= HOLDING * len(rows) or not holders:
                continue
            left = predict([text.replace(gram, "") for text in holders])
            flipped = sum(got != intent for got in left) / len(holders)
            if flipped > FLIPPED and (intent not in worst or flipped > worst[intent].flipped):
                worst[intent] = Keyword(intent, gram, round(count / len(rows), 3), round(flipped, 3))
    return sorted(worst.values(), key=lambda one: -one.flipped)


def label_suspects(
    sentences: Sequence[Sentence], probabilities: NDArray[np.float64], intents: Sequence[str], where: Destinations
) -> List[Suspect]:
    """Sentences that confident learning doubts: routes that differ first, then by margin; at most `MOST_SUSPECTS`.

    `probabilities` (sentences, intents) are held out. An intent is likely for a sentence if its probability reaches the mean
    that the intent has on its own sentences; a sentence is suspect if the likeliest of those is not its label (Northcutt, Jiang
    & Chuang, "Confident Learning", 2021).
    """
    column = {intent: i for i, intent in enumerate(intents)}
    own = np.array([column[one.intent] for one in sentences])
    # An intent without sentences is never likely.
    confident = np.array([probabilities[own == i, i].mean() if (own == i).any() else math.inf for i in range(len(intents))])
    likely = np.where(probabilities >= confident, probabilities, -1.0)
    found = []
    for row in np.flatnonzero((likely.max(axis=1) >= 0) & (likely.argmax(axis=1) != own)):
        sentence, best = sentences[row], int(likely[row].argmax())
        ours, theirs = float(probabilities[row, own[row]]), float(probabilities[row, best])
        differ = where[sentence.intent] != where[intents[best]]
        found.append(
            Suspect(
                sentence.text,
                sentence.place,
                sentence.intent,
                intents[best],
                round(ours, 4),
                round(theirs, 4),
                round(theirs - ours, 4),
                differ,
            )
        )
    return sorted(found, key=lambda one: (not one.routes_differ, -one.margin))[:MOST_SUSPECTS]


def share_of_groups(
    rows: NDArray[np.int64], classes: NDArray[np.int64], groups: NDArray[np.int64], share: float
) -> NDArray[np.int64]:
    """Of some rows those in a share of each class's groups, one group at least; a larger share holds what a smaller one does.

    `classes` and `groups`, shape (all rows,).
    """
    generator = np.random.default_rng(_SEED)
    kept: List[int] = []
    for name in np.unique(classes[rows]):
        order = generator.permutation(np.unique(groups[rows][classes[rows] == name]))
        kept.extend(order[: math.ceil(share * len(order))])
    return np.asarray(rows[np.isin(groups[rows], kept)])


def learning_curve(
    texts: Sequence[str],
    dense: NDArray[np.float32],
    classes: NDArray[np.int64],
    groups: NDArray[np.int64],
    intents: Sequence[str],
    training: Optional[Training] = None,
) -> List[CurvePoint]:
    """Macro-F1 on one fold that no point sees, for networks trained on each of `CURVE_SHARES` of the other paraphrase groups.

    `texts`: the texts, then their variants in the same order, as training sees them (`bot.learning.augmentation`); `dense`
    (texts and variants, columns). `classes` and `groups` (texts without variants,); `classes` index `intents`. Each share has
    its own n-grams.
    """
    count = len(classes)
    splitter = StratifiedGroupKFold(_CURVE_FOLDS, shuffle=True, random_state=_SEED)
    rest, kept = next(splitter.split(dense[:count], classes, groups))

    def point(share: float) -> CurvePoint:
        rows = share_of_groups(rest, classes, groups, share)
        vocabulary, sparse = NgramVocabulary.fit([texts[row] for row in rows])
        both = scipy.sparse.vstack([sparse, vocabulary.transform([texts[count + row] for row in rows])], format="csr")
        seen = dense[np.concatenate([rows, count + rows])]
        network = fit(both, seen, classes[rows], len(intents), training or Training(), _SEED)
        predicted = network.logits(vocabulary.transform([texts[row] for row in kept]), dense[kept]).argmax(axis=1)
        counts = np.bincount(classes[rows], minlength=len(intents))
        macro_f1 = float(f1_score(classes[kept], predicted, average="macro", zero_division=0))
        return CurvePoint(share, len(rows), dict(zip(intents, map(int, counts))), round(macro_f1, 4))

    work = (joblib.delayed(point)(share) for share in CURVE_SHARES)
    # Threads would wait for each other; numpy gets one for each fit, as in cross-validation.
    return list(joblib.Parallel(n_jobs=min(len(CURVE_SHARES), joblib.cpu_count()), inner_max_num_threads=1)(work))


def lint(folder: Path, policy: Policy, curve: bool, say: Callable[[str], None]) -> Dict[str, Any]:
    """All findings on a folder of training sentences, JSON-able; `curve` adds the learning curve. Raises ContentError.

    Trains a model and its cross-validation: a minute or two.
    """
    everything, where = read_sentences(folder), destinations(policy)
    unknown = sorted({one.intent for one in everything} - set(where))
    if unknown or not everything:
        raise ContentError(folder, None, f"not in triage.yml: {', '.join(unknown)}" if unknown else "no sentences")
    sentences = unique(everything)
    texts, labels = [one.normal for one in sentences], [one.intent for one in sentences]
    say(f"{len(everything)} sentences: encoding")
    # Variants are needed for the curve only, which trains as training does.
    variants = varied(texts, labels) if curve else []
    dense = encode_many([*texts, *variants])
    say("training and cross-validating")
    model = IntentModel.train(texts, labels)
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


def _with_places(row: Mapping[str, Any]) -> str:
    return "\n".join(f"{text}  {place}" for text, place in zip(row["sentences"], row["places"]))


def _shown(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    if name == "duplicates":
        yield from ("yes" if row["routes_differ"] else "", ", ".join(sorted(set(row["intents"]))), _with_places(row))
    elif name == "near_duplicates":
        yield from (f"{row['cosine']:.3f}", "\n".join(row["intents"]), _with_places(row))
    elif name == "thin_intents":
        yield from (row["intent"], str(row["sentences"]), str(row["needed"]))
    elif name == "keywords":
        yield from (row["intent"], row["ngram"], f"{row['holding']:.0%}", f"{row['flipped']:.0%}")
    elif name == "label_suspects":
        differ = "yes" if row["routes_differ"] else ""
        chances = f"{row['p_intent']:.2f} → {row['p_suggested']:.2f}"
        yield from (differ, f"{row['intent']} → {row['suggested']}", chances, f"{row['text']}  {row['place']}")
    else:
        each = sorted(row["per_intent"].values())
        middle = f"{each[len(each) // 2]} ({each[0]} to {each[-1]})"
        yield from (f"{row['share']:.0%}", str(row["sentences"]), middle, f"{row['macro_f1']:.3f}")


_TABLES = {
    "duplicates": ("the same once normalised", ("routes differ", "intents", "sentences")),
    "near_duplicates": ("nearly the same, routes differ", ("cosine", "intents", "sentences")),
    "thin_intents": ("too few sentences", ("intent", "sentences", "needed")),
    "keywords": ("hangs on one n-gram", ("intent", "n-gram", "hold it", "flip without it")),
    "label_suspects": ("perhaps labelled wrong", ("routes differ", "label → suggested", "held out", "sentence")),
    "curve": ("learning curve", ("share of groups", "sentences", "per intent: median (range)", "macro-F1")),
}


def print_findings(report: Mapping[str, Any]) -> None:
    """The findings of `lint` as tables, the worst of each list."""
    console = Console()
    console.print(
        f"{report['sentences']} sentences, {report['intents']} intents; {report['held_out_accuracy']:.1%} are predicted right "
        "by a model that saw neither them nor their paraphrases"
    )
    for name, (title, columns) in _TABLES.items():
        rows = report.get(name)
        if rows is None:
            continue
        table = Table(title=f"{title}: {len(rows)}", title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows[:_SHOWN]:
            table.add_row(*(escape(cell) for cell in _shown(name, row)))
        console.print(table if rows else f"{title}: none")
        if len(rows) > _SHOWN:
            console.print(f"({len(rows) - _SHOWN} more: give OUT=folder for all)")


def project_traits(root: Path) -> TraitTable:
    """The traits of the project's training, calibration and development sentences. Raises ContentError."""
    training, calibration = read_placed(root / "data/nlu"), read_placed(root / "data/calibration")
    development = root / "tests/evaluation/development"
    unseen = {
        "calibration": [one.text for one in calibration],
        "development": read_texts(development, "*.jsonl"),
        "real voice": read_texts(development, REAL_VOICE),
    }
    plain = [one.text for one in training if root / "data/nlu/plain" in one.path.parents]
    return trait_table([one.text for one in training], plain, unseen, load_targets(root / TARGETS))


def print_traits(table: TraitTable) -> None:
    """The table, a column for each set; ▲ and ▼ mark what is too much and too little by more than the factor."""
    # Wider than the 80 columns of a pipe, where figures would be cut.
    console = Console(width=max(Console().width, _TABLE_WIDTH))
    shown_table = Table(title="traits of Chinese sentences (words and frames: of 10,000)", title_justify="left")
    for column in ("", "trait", *table.sets, "real queries"):
        shown_table.add_column(column, no_wrap=True, justify="left" if column in ("", "trait") else "right")
    shown_table.add_row("", "sentences", *(f"{number:,}" for number in table.sentences.values()), "")
    marks = {-1: " ▼", 0: "", 1: " ▲", None: ""}
    for row in zip(*table.sets.values()):
        cells = (f"{shown(one.group, one.value)}{marks[one.off]}" for one in row)
        shown_table.add_row(row[0].group, row[0].name.replace("_", " "), *cells, shown_range(row[0].group, row[0].target))
    pairs = ("" if share is None else shown("share", share) for share in table.new_pairs.values())
    shown_table.add_row("", "new pairs of characters", *pairs, "")
    console.print(shown_table)


def prepare_folder(out: Path) -> None:
    """Make the folder, before the measuring rather than after it. Raises OutputError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot make the folder: {error.strerror}") from error


def write_findings(report: Mapping[str, Any], out: Path) -> List[Path]:
    """Write data_lint.json into a folder and, if there is a curve, learning_curve.png; the paths. Raises OutputError."""
    path = out / "data_lint.json"
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        return [path, _draw(report["curve"], out / "learning_curve.png")] if report.get("curve") else [path]
    except OSError as error:
        raise OutputError(f"{out}: cannot write: {error.strerror}") from error


def _draw(curve: Sequence[Mapping[str, Any]], path: Path) -> Path:
    # Imported here: it takes most of a second. `Figure` alone needs no display.
    from matplotlib.figure import Figure  # type: ignore[import-untyped]

    figure = Figure(figsize=(6, 4), tight_layout=True)
    axes = figure.subplots()
    axes.plot([point["sentences"] for point in curve], [point["macro_f1"] for point in curve], marker="o")
    for point in curve:
        place = (point["sentences"], point["macro_f1"])
        axes.annotate(f"{point['share']:.0%}: {point['macro_f1']:.3f}", place, (4, -12), textcoords="offset points")
    axes.margins(x=0.25, y=0.15)
    axes.set(xlabel="training sentences", ylabel="macro-F1, held-out fold", title="Learning curve")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    return path


def lint_data(out: Optional[Path], curve: bool, say: Callable[[str], None]) -> None:
    """Lint the project's sentences, print the findings, and write them into a folder if one is given."""
    if out is not None:
        prepare_folder(out)
    traits = project_traits(Path("."))
    report = {"traits": asdict(traits), **lint(Path("data/nlu"), load_policy(Path("data/triage.yml")), curve, say)}
    # Written first: `make lint-data ... | head` must not lose it.
    if out is not None:
        for path in write_findings(report, out):
            say(f"wrote {path}")
    print_traits(traits)
    print_findings(report)
