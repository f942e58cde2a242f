"""One run of the gate: load both editions, check without a model, and only then train and decide."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import msgspec

from bot.evaluation.labelled import Labelled, read_labelled
from bot.learning.training import DATA, MODELS, TrainingError, ensure_model, model_name
from bot.workshop.decider import Decider, Turn
from bot.workshop.gate.article_checks import article_refusals, article_warnings
from bot.workshop.gate.care_checks import care_refusals
from bot.workshop.gate.decisions import (
    all_cases,
    case_refusals,
    case_warnings,
    emergency_refusals,
    judge_lines,
    past_emergencies,
    recall_refusals,
)
from bot.workshop.gate.desk_checks import desk_refusals
from bot.workshop.gate.edition import Edition, load_edition
from bot.workshop.gate.figures import figure_refusals
from bot.workshop.gate.files import file_refusals, invalid
from bot.workshop.gate.floor_checks import Sentence, floor_refusals
from bot.workshop.gate.label_doubts import mislabelled_refusals
from bot.workshop.gate.policy_checks import policy_refusals, promise_refusals
from bot.workshop.gate.report import Refusal, Report
from bot.workshop.gate.sentence_checks import new_sentences, sentence_refusals
from bot.workshop.gate.text_checks import text_refusals
from bot.workshop.jobs import JobError
from bot.workshop.logged_turns import LoggedTurn
from bot.workshop.versions import ModelGone, load_intent_model
from content.published import POINTER, read_pointer
from content.snapshots import SnapshotError, data_revision, unpack_snapshot
from content.sources import ContentError, encode_custom

#: Turns of the log. It is read only if something changed that decides; raises JobError if it cannot be read.
Log = Callable[[], Sequence[LoggedTurn]]
#: Share of the work that is done, and what is done now, in Chinese and English.
Progress = Callable[[float, str, str], None]

#: The project's folder: the test sets stand there, wherever the draft is.
ROOT = Path(__file__).resolve().parents[3]


class GateError(Exception):
    """The gate cannot compare: what is live is not kept any more. `zh`, `en`: why, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


@dataclass(frozen=True)
class Baseline:
    """What is live: its data folder, its model if it is known, and its name for the report. It is read once."""

    folder: Path
    model: Optional[str]
    name: str

    @functools.cached_property
    def edition(self) -> Edition:
        """Its data. Raises ContentError."""
        return load_edition(self.folder, is_past=True)

    @functools.cached_property
    def decider(self) -> Decider:
        """Its model with its content. A model whose archive was removed is trained again from the data."""
        name = self.model or model_name(self.folder)
        try:
            model = load_intent_model(name)
        except ModelGone:
            name = ensure_model(lambda text: None, self.folder)
            model = load_intent_model(name)
        return Decider(model, self.edition.content, name)


@contextlib.contextmanager
def baseline(models: Path = MODELS, data: Path = DATA) -> Iterator[Baseline]:
    """What is published, from its snapshot; without one, the project's own data folder. Raises GateError."""
    pointer = None
    if (models / POINTER).exists():
        try:
            pointer = read_pointer(models)
        except ContentError as error:
            raise GateError(f"无法读取已发布的版本：{error}", f"What is published cannot be read: {error}") from error
    if pointer is None or pointer.data_revision is None:
        yield Baseline(data, None, "data")
        return
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch:
        try:
            folder = unpack_snapshot(models, pointer.data_revision, Path(scratch) / "data", DATA)
        except SnapshotError as error:
            raise GateError(error.zh, error.en) from error
        yield Baseline(folder, pointer.model, pointer.data_revision)


def check(
    draft: Path,
    live: Baseline,
    *,
    root: Path = ROOT,
    today: Optional[dt.date] = None,
    log: Log = tuple,
    progress: Progress = lambda share, zh, en: None,
) -> Report:
    """Compare a draft with what is live. `log` gives turns of the log, whose emergencies must go on reaching a person.

    The checks without a model come first; if one of them refuses, nothing is trained. Raises GateError if what is live cannot
    be read any more.
    """
    started, today = time.monotonic(), today or dt.date.today()
    report = Report(facts={"baseline": live.name})
    progress(0.0, "检查文件", "checking the files")
    try:
        report.facts["draft"] = data_revision(draft)
        new = load_edition(draft)
    except SnapshotError as error:
        report.reasons.append(Refusal("invalid_content", error.en, error.zh))
        return report
    except ContentError as error:
        report.reasons.append(_invalid(error, draft))
        return report
    try:
        old = live.edition
    except ContentError as error:
        raise GateError(f"已发布的数据无法读取：{error}", f"The published data cannot be read: {error}") from error
    report.warnings += article_warnings(new, today)
    lines = _labelled(old, root)
    for checks in (
        file_refusals(old, new, root),
        policy_refusals(old, new),
        promise_refusals(new),
        desk_refusals(old, new),
        care_refusals(old, new),
        article_refusals(old, new, today),
        text_refusals(old, new),
        figure_refusals(old, new),
        sentence_refusals(old, new),
        floor_refusals(old, new, _emergencies(old, lines)),
    ):
        report.reasons += checks
    if report.reasons:
        report.skipped.append("decisions")
    else:
        _with_models(report, old, new, live, lines, log, progress)
    report.facts["seconds"] = round(time.monotonic() - started, 1)
    progress(1.0, "检查完成", "done")
    return report


def _invalid(error: ContentError, draft: Path) -> Refusal:
    try:
        file = Path("data") / error.path.relative_to(draft)
    except ValueError:
        file = error.path
    where, where_zh = (f"{file}:{error.line}", f"{file} 第 {error.line} 行") if error.line else (str(file), str(file))
    return invalid(f"{where}: {error.problem}", f"{where_zh} 没有通过校验：{error.problem}")


def _labelled(old: Edition, root: Path) -> List[Labelled]:
    """All labelled lines with the live policy's labels: a draft that changes a route is compared with what was promised."""
    folder = root / "tests/evaluation"
    return [line for path in sorted(folder.rglob("*.jsonl")) for line in read_labelled(path, old.bundle.policy)]


def _emergencies(old: Edition, lines: Sequence[Labelled]) -> List[Sentence]:
    """Every sentence that must go to a person: training, calibration, cases, test sets."""
    own = [one.text for one in (*old.training, *old.calibration) if old.gravity(one.intent) != (0, 0)]
    own += [case.text for case in old.cases if case.must == "person"]
    found = [Sentence(text) for text in dict.fromkeys(own)]
    must = [line for line in lines if set(line.accept_routes or (line.route,)) == {"escalate"}]
    return found + [Sentence(line.text, not line.held_out) for line in must]


# --- with models ------------------------------------------------------------------------------------------------------
def _with_models(
    report: Report,
    old: Edition,
    new: Edition,
    live: Baseline,
    lines: Sequence[Labelled],
    log: Log,
    progress: Progress,
) -> None:
    def say(zh: str, en: str, share: float) -> None:
        progress(share, zh, en)

    say("加载线上模型", "loading the live model", 0.1)
    before = live.decider
    report.reasons += mislabelled_refusals(old, new, list(new_sentences(old, new)), before)
    if report.reasons:
        report.skipped.append("decisions")
        return
    name = model_name(new.folder)
    report.facts["model"] = name
    if name == before.name:
        after = before.with_content(new.content)
    else:
        say("训练草稿模型", "training the draft's model", 0.15)
        try:
            ensure_model(lambda text: None, new.folder)
        except TrainingError as error:
            report.reasons.append(
                Refusal("promise_not_kept", f"The model cannot be trained: {error}", f"无法训练模型，承诺无法兑现：{error}")
            )
            return
        after = Decider(load_intent_model(name), new.content, name)
    say("重新判断案例", "deciding the cases", 0.7)
    decide_before, decide_after = _remembered(before), _remembered(after)
    report.reasons += case_refusals(old, new, decide_before, decide_after)
    report.warnings += case_warnings(old, new, decide_before, decide_after)
    report.facts["cases"] = len(all_cases(old, new))
    if _decide_alike(old, new) and name == before.name:
        report.skipped.append("labelled sets and log: nothing changed that decides")
        return
    say("比较标注句", "comparing the labelled sets", 0.75)
    report.reasons += recall_refusals(judge_lines(lines, decide_before, decide_after), old.bundle.policy)
    report.facts["labelled"] = len(lines)
    say("比较过去的紧急情况", "comparing past emergencies", 0.9)
    try:
        emergencies = past_emergencies(log(), old.bundle.policy)
    except JobError as error:
        report.skipped.append(f"past emergencies: {error.en}")
        report.warnings.append(
            Refusal("log_not_read", f"Past emergencies were not checked: {error.en}", f"没有检查过去的紧急情况：{error.zh}")
        )
        return
    report.reasons += emergency_refusals(emergencies, decide_before, decide_after)
    report.facts["past_emergencies"] = len(emergencies)


def _remembered(decider: Decider) -> Callable[[Sequence[Turn]], List[Dict[str, Any]]]:
    """Decide each turn once."""
    known: Dict[str, Dict[str, Any]] = {}

    def key(turn: Turn) -> str:
        return repr((turn.text, turn.choice, turn.suggested, turn.context, turn.day))

    def decide(turns: Sequence[Turn]) -> List[Dict[str, Any]]:
        new = {key(turn): turn for turn in turns if key(turn) not in known}
        known.update(zip(new, decider.decide_all(list(new.values()))))
        return [known[key(turn)] for turn in turns]

    return decide


def _decide_alike(old: Edition, new: Edition) -> bool:
    """Whether the content of both decides alike: the same policy, and the same articles with the same doors."""
    policies = [msgspec.to_builtins(edition.bundle.policy, enc_hook=encode_custom) for edition in (old, new)]
    for policy in policies:
        policy.pop("version_hash")
        for intent in policy["intents"].values():
            intent.pop("zh"), intent.pop("en")
    return bool(policies[0] == policies[1]) and _served(old) == _served(new)


def _served(edition: Edition) -> Dict[Tuple[str, str], Any]:
    return {
        (article.header.id, article.header.locale): (
            article.header.valid_from,
            article.header.valid_until,
            article.header.doors,
        )
        for article in edition.bundle.articles
    }
