"""The benchmark reads and samples sentences so that every system gets the same ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content.triage_policy import Policy
from tests.benchmarks.nlu.rasa_diet import pipeline
from tests.benchmarks.nlu.runner import training_sentences
from tests.benchmarks.nlu.sentences import (
    InputError,
    Sentence,
    by_intent,
    language_of,
    read_csv,
    read_sentences,
    sample,
)


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
