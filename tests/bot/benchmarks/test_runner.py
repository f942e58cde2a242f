"""The benchmark runs each system in a process of its own, and a failure of one does not stop the others."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
from rich.console import Console

from tests.benchmarks.nlu.figures import draw, table_of
from tests.benchmarks.nlu.job import JOB, PARSE, TRAIN, Job, peak_memory_mb, result_path, write_json
from tests.benchmarks.nlu.runner import Failure, main, run_phase
from tests.benchmarks.nlu.systems import SYSTEMS, Command, Unavailable, install


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
