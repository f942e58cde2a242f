"""The benchmark against other systems: everybody gets the same sentences, and the figures count what they say."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from rich.console import Console

from content.triage_policy import Policy
from tests.benchmarks.nlu.figures import Decision, UnknownIntent, decision_of, draw, figures_of, score, table_of
from tests.benchmarks.nlu.job import JOB, PARSE, TRAIN, Answer, Job, peak_memory_mb, result_path, write_json
from tests.benchmarks.nlu.rasa_diet import pipeline
from tests.benchmarks.nlu.runner import Failure, main, run_phase, training_sentences
from tests.benchmarks.nlu.sentences import (
    InputError,
    Sentence,
    by_intent,
    language_of,
    out_of_scope_label,
    read_csv,
    read_sentences,
    sample,
)
from tests.benchmarks.nlu.systems import SYSTEMS, Command, Unavailable, install


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a file and returns its path."""

    def _write(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return _write


# --- reading ---


@pytest.mark.parametrize("text", ["text", "sentence"])
@pytest.mark.parametrize("label", ["category", "label", "intent"])
def test_csv_of_public_data_sets_can_be_read(write: Any, text: str, label: str) -> None:
    """BANKING77, HINT3 and the like could not be compared."""
    path = write("a.csv", f'\ufeff{text.title()},Id,{label.title()}\n"Where is it, please?",1,arrival\n\n你好,2,greet\n')
    assert [(s.text, s.intent, s.route) for s in read_csv(path)] == [
        ("Where is it, please?", "arrival", None),
        ("你好", "greet", None),
    ]


CSV_FAULTS = [
    # content, what the message says after the file's name
    ("", ":1: the header needs `text`"),
    ("phrase,label\na,b\n", ":1: the header needs `text`"),
    ("text,topic\na,b\n", ":1: the header needs `text`"),
    ("text,label\n", ": no lines"),
    ("text,label\na,b\nc\n", ":3: 1 cells"),
    ("text,label\na,b\nc,d,e\n", ":3: 3 cells"),
    ('text,label\n"two\nlines",b\n ,b\n', ":4: an empty text"),
    ("text,intent\na, \n", ":2: an empty intent"),
    ('text,label\n"a"b,c\n', ":2: not CSV"),
]


@pytest.mark.parametrize(("content", "message"), CSV_FAULTS)
def test_wrong_csv_is_refused_with_its_line(write: Any, content: str, message: str) -> None:
    """A shifted column would be measured as if it were the truth."""
    path = write("a.csv", content)
    with pytest.raises(InputError) as refused:
        read_csv(path)
    assert str(refused.value).startswith(f"{path}{message}")


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """A missing file, or one in another encoding, would end in a traceback."""
    gbk = tmp_path / "gbk.csv"
    gbk.write_bytes("text,label\n你好,greet\n".encode("gbk"))
    for path in (tmp_path / "missing.csv", gbk):
        with pytest.raises(InputError, match="cannot be read"):
            read_csv(path)


def test_json_lines_keep_route_and_reason(write: Any, policy: Policy) -> None:
    """A message that must reach a person would not count as one."""
    path = write("a.jsonl", '{"text": "转二十万", "intent": "fees", "route": "escalate", "reason": "large_transaction"}\n')
    (sentence,) = read_sentences([path], policy)
    assert sentence == Sentence("转二十万", "fees", path.as_posix(), "escalate", "large_transaction")


def test_wrong_json_lines_are_refused_with_their_line(write: Any, policy: Policy) -> None:
    """A typing error in a label would count as a mistake of every system."""
    path = write("a.jsonl", '{"text": "a", "intent": "fees"}\n\n{"text": "b", "intent": "feess"}\n')
    with pytest.raises(InputError, match=r"a\.jsonl:3: unknown intent 'feess'"):
        read_sentences([path], policy)


def test_formats_are_not_mixed(write: Any, policy: Policy) -> None:
    """Labels of two worlds would be counted as one."""
    paths = [write("a.csv", "text,label\na,b\n"), write("a.jsonl", '{"text": "a", "intent": "fees"}\n')]
    with pytest.raises(InputError, match="either only CSV or only JSON lines"):
        read_sentences(paths, policy)
    with pytest.raises(InputError, match="at least one file"):
        read_sentences([], policy)


def test_a_flood_of_lines_is_refused(write: Any, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong file would keep a machine busy for days."""
    monkeypatch.setattr("tests.benchmarks.nlu.sentences.MAXIMUM_LINES", 2)
    path = write("a.csv", "text,label\na,b\nc,b\n")
    assert len(read_sentences([path], policy)) == 2
    with pytest.raises(InputError, match="4 lines; at most 2"):
        read_sentences([path, path], policy)


def test_training_sentences_must_fit_the_test(write: Any, policy: Policy) -> None:
    """All systems would be trained on labels that the test does not have."""
    path = write("train.csv", "text,label\na,fees\nb,card_arrival\n")
    assert training_sentences([path], True, policy) == {"fees": ["a"], "card_arrival": ["b"]}
    with pytest.raises(InputError, match="card_arrival"):
        training_sentences([path], False, policy)
    with pytest.raises(InputError, match=r"TRAIN=train\.csv"):
        training_sentences([], True, policy)
    assert "fees" in training_sentences([], False, policy)


# --- sampling ---

EXAMPLES = {"a": [f"a{i}" for i in range(50)], "b": ["b1", "b2"]}


def test_a_sample_is_the_same_every_time_and_in_order() -> None:
    """Two runs, and two systems, would be compared on different sentences."""
    chosen = sample(EXAMPLES, 5, seed=1)
    assert chosen == sample(EXAMPLES, 5, seed=1)
    assert chosen != sample(EXAMPLES, 5, seed=2)
    assert len(set(chosen["a"])) == 5
    assert chosen["a"] == [text for text in EXAMPLES["a"] if text in chosen["a"]]
    assert chosen["b"] == ["b1", "b2"]  # an intent with fewer gives what it has


def test_a_sample_of_one_intent_does_not_depend_on_others() -> None:
    """An intent that is added would change the sentences of all others, and with them every figure."""
    assert sample({**EXAMPLES, "c": ["c"]}, 5, seed=1)["a"] == sample(EXAMPLES, 5, seed=1)["a"]


def test_without_a_limit_everything_is_trained_on() -> None:
    """A whole run would be a sample unasked."""
    assert sample(EXAMPLES, None, seed=1) == EXAMPLES


def test_a_sample_of_nothing_is_refused() -> None:
    """Systems would be trained on nothing."""
    with pytest.raises(InputError, match="EXAMPLES is 0"):
        sample(EXAMPLES, 0, seed=1)


def test_training_sentences_are_grouped_by_intent() -> None:
    """Sentences would be trained under another's intent."""
    sentences = [Sentence(text, intent, "f") for text, intent in (("1", "a"), ("2", "b"), ("3", "a"))]
    assert by_intent(sentences) == {"a": ["1", "3"], "b": ["2"]}


def test_language_decides_the_segmenter() -> None:
    """English would be cut by the Chinese segmenter, or Chinese at spaces, and a peer would look worse than it is."""
    assert language_of({"a": ["你好", *["hello"] * 9]}) == "zh"
    assert language_of({"a": ["你好", *["hello"] * 10]}) == "en"
    assert [pipeline(language, None, 1)[0]["name"] for language in ("zh", "en")] == ["JiebaTokenizer", "WhitespaceTokenizer"]


def test_diet_trains_as_long_as_rasa_lets_it_unless_told() -> None:
    """Rasa would be judged by a shortened training that the table does not mention."""
    diet = {epochs: pipeline("zh", epochs, 1)[5] for epochs in (None, 7)}
    assert "epochs" not in diet[None]
    assert diet[7]["epochs"] == 7


# --- figures ---


def said(intent: str, route: Optional[str] = None, reason: Optional[str] = None) -> Sentence:
    return Sentence("x", intent, "f", route, reason)


#: What was labelled, and what a made-up system decides.
PAIRS = [
    (said("fees", "answer"), Decision("fees", "answer")),
    (said("fees", "answer"), Decision("scam_report", "escalate")),
    (said("invoice", "answer"), Decision("fees", "answer")),
    (said("scam_report", "escalate", "security"), Decision("scam_report", "escalate")),
    (said("complaint", "escalate", "dispute"), Decision("feedback", "feedback")),
    (said("transfer_howto", "escalate", "large_transaction"), Decision("large_transaction", "escalate")),
    (said("human_agent", "escalate", "user_request"), Decision("contact_channels", "answer")),
    (said("out_of_scope", "reject"), Decision("out_of_scope", "reject")),
    (said("out_of_scope", "reject"), Decision("greet", "chat")),
]
FIGURES = [
    # figure, hits, n: counted by hand in the pairs above
    ("accuracy", 3, 9),
    ("out_of_scope_recall", 1, 2),
    ("must_escalate_recall", 2, 3),  # a request for a person is no risk
    ("needless_escalation", 1, 5),
]


@pytest.mark.parametrize(("figure", "hits", "n"), FIGURES)
def test_shares_count_what_they_say(policy: Policy, figure: str, hits: int, n: int) -> None:
    """A system would be chosen for a wrong number."""
    share = figures_of([s for s, _ in PAIRS], [d for _, d in PAIRS], policy)[figure]
    assert (share["hits"], share["n"]) == (hits, n)


def test_macro_f1_weighs_labelled_intents_alike(policy: Policy) -> None:
    """Intents with many sentences would drown the others."""
    # fees 1/2 (one of two found, one false), scam_report and out_of_scope 2/3, four others 0
    figures = figures_of([s for s, _ in PAIRS], [d for _, d in PAIRS], policy)
    assert figures["macro_f1"] == round((1 / 2 + 2 / 3 + 2 / 3) / 7, 4)


def test_without_our_policy_there_is_no_escalation() -> None:
    """A public data set would get figures that it has no labels for."""
    figures = figures_of([said("oos"), said("a")], [Decision("oos", None), Decision("a", None)], None)
    assert figures["must_escalate_recall"] is None
    assert figures["needless_escalation"] is None
    assert figures["out_of_scope_recall"]["value"] == 1
    assert figures_of([said("a")], [Decision("a", None)], None)["out_of_scope_recall"] is None


ANSWERS = [
    # answer, label of foreign sentences, decision under our policy
    (Answer("fees"), "out_of_scope", Decision("fees", "answer")),
    (Answer("scam_report"), "out_of_scope", Decision("scam_report", "escalate")),
    (Answer("fees", fallback=True), "out_of_scope", Decision("out_of_scope", "reject")),
    (Answer("fees", route="escalate"), "out_of_scope", Decision("fees", "escalate")),
]


@pytest.mark.parametrize(("answer", "foreign", "decision"), ANSWERS)
def test_answers_become_decisions_by_our_policy(policy: Policy, answer: Answer, foreign: str, decision: Decision) -> None:
    """A peer's refusal would be taken for an answer, or our own decision for the policy's route."""
    assert decision_of(answer, foreign, policy) == decision


def test_an_intent_without_a_route_is_refused(policy: Policy) -> None:
    """Data that the policy does not know would be counted as answers without a route, or end in a traceback."""
    with pytest.raises(UnknownIntent, match="card_arrival"):
        decision_of(Answer("card_arrival"), "out_of_scope", policy)


def test_without_foreign_label_the_likeliest_intent_counts() -> None:
    """On BANKING77, which has nothing to refuse, a fallback would make a right intent wrong."""
    assert decision_of(Answer("a", fallback=True), None, None) == Decision("a", None)
    assert decision_of(Answer("a", fallback=True), "oos", None) == Decision("oos", None)
    assert out_of_scope_label(["a", "oos"]) == "oos"
    assert out_of_scope_label(["a"]) is None


def test_a_refusal_is_one_even_where_no_sentence_deserves_it(policy: Policy) -> None:
    """On emergencies alone, a peer that refuses them all would count as having understood them."""
    sentences = [said("scam_report", "escalate", "security")]
    figures = score(sentences, [Answer("scam_report", fallback=True)], [1.0], policy)
    assert figures["must_escalate_recall"]["value"] == 0
    assert figures["fallbacks"] == 1


def test_cpu_time_is_the_median_and_files_are_told_apart(policy: Policy) -> None:
    """One slow start would make a system slow, or a bad file would hide among good ones."""
    sentences = [Sentence("x", "fees", file, "answer") for file in ("f", "g", "g")]
    figures = score(sentences, [Answer("fees"), Answer("fees"), Answer("invoice")], [1.0, 2.0, 90.0], policy)
    assert figures["cpu_ms"] == 2.0
    assert [(file, part["accuracy"]["hits"], part["n"]) for file, part in figures["by_file"].items()] == [
        ("f", 1, 1),
        ("g", 1, 2),
    ]


# --- running ---


@pytest.fixture
def job() -> Job:
    """A job of a few sentences."""
    return Job([("你好", "greet"), ("手续费", "fees")], ["费用", "你好"], "zh", 1, whole=False, policy=True)


def scripted(tmp_path: Path, source: str) -> Command:
    path = tmp_path / "system.py"
    path.write_text(source, encoding="utf-8")
    return Command([sys.executable, str(path)])


def test_a_job_arrives_as_it_was_sent(job: Job, tmp_path: Path) -> None:
    """A system would be trained on something else than the others."""
    job.save(tmp_path)
    assert Job.load(tmp_path) == job
    assert [path.name for path in tmp_path.iterdir()] == [JOB]


def test_what_a_process_leaves_is_read(tmp_path: Path) -> None:
    """No system would ever have a result."""
    source = (
        'import json, pathlib, sys\npathlib.Path(sys.argv[2], f"{sys.argv[1]}.json").write_text(json.dumps({"seconds": 1}))'
    )
    assert run_phase(scripted(tmp_path, source), TRAIN, tmp_path, 60) == {"seconds": 1}


PROCESS_FAULTS = [
    # what the system does, its message
    ("raise SystemExit(3)", "ended with code 3 without a result"),
    ("import os; os.kill(os.getpid(), 9)", "ended with code -9 without a result"),
    ("import time; time.sleep(60)", "timed out after"),
    ('import pathlib, sys; pathlib.Path(sys.argv[2], "parse.json").write_text("{")', "ended with code 0 without a result"),
]


@pytest.mark.parametrize(("source", "message"), PROCESS_FAULTS)
def test_a_process_that_fails_is_a_failure_with_its_cause(tmp_path: Path, source: str, message: str) -> None:
    """A system that runs out of memory or hangs would end the whole comparison."""
    with pytest.raises(Failure, match=message) as failed:
        run_phase(scripted(tmp_path, source), PARSE, tmp_path, 2)
    assert failed.value.phase == PARSE


def test_an_error_of_a_system_is_passed_on(tmp_path: Path) -> None:
    """Nobody would know why a system has no figures."""
    write_json(result_path(tmp_path, TRAIN), {"error": "ValueError: one class only"})
    with pytest.raises(Failure, match="ValueError: one class only"):
        run_phase(scripted(tmp_path, ""), TRAIN, tmp_path, 60)


def test_peak_memory_is_of_this_process() -> None:
    """Memory would be given in other units, or be another process's."""
    before = peak_memory_mb()
    block = bytearray(b"x") * 300_000_000
    assert peak_memory_mb() >= 300
    assert peak_memory_mb() >= before
    assert len(block) == 300_000_000


def test_an_installer_that_fails_makes_a_system_unavailable(tmp_path: Path) -> None:
    """A machine without a network would see a traceback in place of the other systems' figures."""
    lock, folder = tmp_path / "lock.txt", tmp_path / "installed"
    lock.write_text("x", encoding="ascii")
    with pytest.raises(Unavailable, match="no network here"):
        install(folder, [lock], [sys.executable, "-c", "import sys; sys.exit('no network here')"])
    make = "import pathlib; path = pathlib.Path('done'); path.write_text(str(path.exists()))"
    install(folder, [lock], [sys.executable, "-c", make])
    assert (folder / "done").read_text(encoding="ascii") == "False"
    install(folder, [lock], [sys.executable, "-c", "raise SystemExit(1)"])  # as locked already: nothing is run


def test_one_system_fails_and_the_others_go_on(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A missing node would cost the hours of all other systems, or a failure would pass as success."""

    def missing() -> Command:
        raise Unavailable("there is no node and npm on this machine")

    monkeypatch.setitem(SYSTEMS, "nlp.js", missing)
    train = write("train.csv", "text,label\nwhere is my card,card\nmy card is late,card\nexchange rate,rate\nwhich rate,rate\n")
    test = write("test.csv", "text,label\nwhere is the card,card\nthe rate please,rate\nwhere is my card,card\n")
    out = tmp_path / "results.json"
    arguments = ["--file", str(test), "--train", str(train), "--only", "nlp.js,char-lr", "--out", str(out)]
    assert main(arguments) == 1
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["systems"]["nlp.js"] == {"phase": "install", "error": "there is no node and npm on this machine"}
    assert report["systems"]["char-lr"]["accuracy"]["hits"] == 3
    assert report["language"] == "en"
    assert out.with_suffix(".svg").read_text(encoding="utf-8").startswith("<?xml")
    shown = capfd.readouterr()
    assert "there is no node" in shown.out
    assert "note: 1 of the test sentences are trained on" in shown.err


OPTION_FAULTS: List[tuple[Dict[str, str], str]] = [
    ({"--only": "bert"}, "unknown system bert"),
    ({"--only": ","}, "unknown system"),
    ({"--epochs": "0"}, "EPOCHS is 0"),
    ({"--examples": "0"}, "EXAMPLES is 0"),
    ({"--out": "results.txt"}, "OUT is results.txt"),
    ({"--out": "no/such/folder/results.json"}, "in a folder that exists"),
    ({"--file": "missing.jsonl"}, "missing.jsonl: cannot be read"),
    ({"--train": "missing.csv"}, "missing.csv: cannot be read"),
]


@pytest.mark.parametrize(("options", "message"), OPTION_FAULTS)
def test_wrong_options_are_refused_before_anything_runs(
    write: Any, capsys: pytest.CaptureFixture[str], options: Dict[str, str], message: str
) -> None:
    """Hours of training would end with a result that cannot be written, or that nobody asked for."""
    given = {"--file": str(write("a.jsonl", '{"text": "费用", "intent": "fees"}\n')), "--only": "char-lr", **options}
    assert main([part for pair in given.items() for part in pair]) == 2
    assert message in capsys.readouterr().err


def test_one_intent_is_nothing_to_compare(write: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Every system would have 100%."""
    path = str(write("a.csv", "text,label\na,b\n"))
    assert main(["--file", path, "--train", path, "--only", "char-lr"]) == 2
    assert "fewer than two intents" in capsys.readouterr().err


def test_the_table_tells_of_other_epochs_and_of_errors(tmp_path: Path) -> None:
    """A shortened training would pass for Rasa's own, and brackets in an error would be lost as markup."""
    report: Dict[str, Any] = {
        "epochs": 45,
        "test": {"n": 1},
        "train": {"n": 2, "intents": 2},
        "systems": {"rasa-diet": {"phase": "train", "error": "ValueError: [Errno 28]\nno space"}},
    }
    table = table_of(report)
    assert table.title == "1 sentences; trained on 2 of 2 intents, DIET with 45 epochs"
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    console.print(table)
    assert "rasa-diet: train: ValueError: [Errno 28] no space" in console.file.getvalue()
    draw(report, tmp_path / "nothing.svg")  # there is nothing to draw
    assert not (tmp_path / "nothing.svg").exists()
