"""Advice on training sentences, on a few sentences made up by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np
import pytest

from bot.__main__ import main
from bot.evaluation import OutputError
from bot.learning.data_lint import lint
from bot.learning.learning_curve import CURVE_SHARES, learning_curve, share_of_groups
from bot.learning.lint_findings import (
    FEWEST_OUT_OF_SCOPE,
    FEWEST_SOCIAL,
    FEWEST_TOPIC,
    MOST_SUSPECTS,
    Sentence,
    duplicates,
    keywords,
    label_suspects,
    near_duplicates,
    read_sentences,
    thin_intents,
    unique,
)
from bot.learning.lint_report import prepare_folder, print_findings, write_findings
from bot.nlu.network import Training
from content.sources import ContentError
from content.triage_policy import load_policy
from language.normalization import normalize

WHERE = {
    "fees": ("answer", None),
    "invoice": ("answer", None),
    "device_lost": ("escalate", "security"),
    "account_stolen": ("escalate", "security"),
    "complaint": ("escalate", "dispute"),
}


def sentence(text: str, intent: str) -> Sentence:
    return Sentence(text, intent, normalize(text))


def unit(*rows: Sequence[float]) -> Any:
    array = np.array(rows, dtype=np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def test_sentences_that_normalise_alike_are_found_and_those_across_routes_come_first() -> None:
    """A sentence typed in full width under two routes could teach both, unseen, or hide behind harmless repeats."""
    found = duplicates(
        [sentence(*one) for one in [("发票", "invoice"), ("發票", "invoice"), ("發票 ", "invoice"), ("ABC", "fees"),
                                    ("ａｂｃ", "invoice"), ("丢了", "fees"), ("丟了", "device_lost"), ("别的", "fees")]],
        WHERE,
    )  # fmt: skip
    assert [(one.normal, one.intents, one.routes_differ) for one in found] == [
        ("丢了", ["fees", "device_lost"], True),
        ("abc", ["fees", "invoice"], False),
        ("发票", ["invoice"] * 3, False),
    ]
    assert found[0].sentences == ["丢了", "丟了"]


def test_only_the_first_of_equal_sentences_is_trained_on() -> None:
    """A repeated sentence could stand on both sides of a split, and its held-out probability would be memory."""
    assert [one.text for one in unique([sentence("ＯＫ", "fees"), sentence("ok", "invoice")])] == ["ＯＫ"]


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_near_duplicates_are_pairs_of_another_route_or_reason(chunk: int) -> None:
    """Pairs at a chunk's border could be lost or told twice, or paraphrases within one route be reported as conflicts."""
    sentences = [
        sentence(text, intent) for text, intent in zip("甲乙丙丁戊", ["fees", "complaint", "invoice", "device_lost", "fees"])
    ]
    embeddings = unit([1, 0, 0], [0, 1, 0], [1, 0.01, 0], [0.02, 1, 0], [0.5, 0.5, 0])
    found = near_duplicates(sentences, embeddings, WHERE, chunk)
    # 甲 and 丙 share a route; 乙 and 丁 are both escalated, for different reasons.
    assert [(one.sentences, one.intents) for one in found] == [(("乙", "丁"), ("complaint", "device_lost"))]
    assert found[0].cosine >= 0.95


def test_texts_that_the_encoder_does_not_know_are_not_near() -> None:
    """Every emoji could be reported as the paraphrase of every other one, and bury the rest."""
    sentences = [sentence(*one) for one in [("👋", "fees"), ("🎉", "complaint"), ("🎉🎉", "invoice")]]
    found = near_duplicates(sentences, unit([1, 0], [1, 0], [1, 0]), WHERE)
    assert [one.sentences for one in found] == [("🎉", "🎉🎉")]


@pytest.mark.parametrize(
    ("intent", "needed"), [("fees", FEWEST_TOPIC), ("out_of_scope", FEWEST_OUT_OF_SCOPE), ("greet", FEWEST_SOCIAL)]
)
def test_an_intent_is_thin_below_what_its_kind_needs(intent: str, needed: int) -> None:
    """A social move could be held to a topic's number, or foreign matter pass with a topic's."""
    enough = [sentence(str(i), intent) for i in range(needed)]
    assert thin_intents(enough, [intent]) == []
    (thin,) = thin_intents(enough[1:], [intent])
    assert (thin.intent, thin.sentences, thin.needed) == (intent, needed - 1, needed)


def test_an_intent_without_sentences_is_the_thinnest() -> None:
    """An intent that nobody wrote for could be missing from the list of those that lack sentences."""
    found = thin_intents([sentence("手续费", "fees")], ["fees", "invoice"])
    assert [(one.intent, one.sentences) for one in found] == [("invoice", 0), ("fees", 1)]


def by_word(word: str, intent: str, otherwise: str) -> Any:
    return lambda texts: [intent if word in text else otherwise for text in texts]


def test_an_intent_that_hangs_on_one_word_is_named_with_the_word() -> None:
    """An intent that the model knows by a single word could look well taught."""
    sentences = [sentence(text, "invoice") for text in ["开发票", "发票呢", "要发票", "怎么开发票", "收据"]]
    (found,) = keywords(sentences, np.ones(5, dtype=bool), by_word("发票", "invoice", "fees"))
    assert (found.intent, found.ngram, found.holding, found.flipped) == ("invoice", "发票", 0.8, 1.0)


@pytest.mark.parametrize(
    ("texts", "right", "word"),
    [
        (["开发票", "发票呢", "收据", "凭证", "单子"], [True] * 5, "发票"),  # in two of five only
        (["开发票", "发票呢", "要发票"], [True] * 3, ""),  # nothing flips
        (["开发票", "发票呢", "要发票"], [False] * 3, "发票"),  # nothing was right to begin with
    ],
    ids=["rare", "robust", "wrong anyway"],
)
def test_an_intent_that_does_not_hang_on_a_word_is_left_alone(texts: List[str], right: List[bool], word: str) -> None:
    """Advice could be given where the word is rare, where the model does without it, or where it was wrong before."""
    sentences = [sentence(text, "invoice") for text in texts]
    assert keywords(sentences, np.array(right), by_word(word, "invoice", "fees")) == []


def test_suspects_are_measured_by_each_intents_own_confidence_and_routes_that_differ_come_first() -> None:
    """An intent that is always unsure could never be suggested, or an emergency filed as a question stand below a mere mix-up
    of two articles."""
    intents = ["fees", "invoice", "device_lost"]
    rows: Dict[str, List[Any]] = {
        "甲": ["fees", [0.9, 0.1, 0.0]],
        "乙": ["fees", [0.1, 0.9, 0.0]],  # invoice, far above its mean
        "丙": ["invoice", [0.0, 1.0, 0.0]],
        "丁": ["invoice", [0.5, 0.5, 0.0]],  # fees reaches its mean, which is half, and ties
        "戊": ["device_lost", [0.3, 0.3, 0.4]],
        "己": ["fees", [0.2, 0.3, 0.5]],  # device_lost
        "庚": ["device_lost", [0.5, 0.0, 0.5]],
    }
    sentences = [sentence(text, intent) for text, (intent, _) in rows.items()]
    found = label_suspects(sentences, np.array([row for _, row in rows.values()]), intents, WHERE)
    assert [(one.text, one.suggested, one.routes_differ) for one in found] == [
        ("己", "device_lost", True),
        ("庚", "fees", True),
        ("乙", "invoice", False),
        ("丁", "fees", False),
    ]
    assert (found[0].p_intent, found[0].p_suggested, found[0].margin) == (0.2, 0.5, 0.3)


def test_no_more_suspects_than_somebody_can_read() -> None:
    """A bad model could bury the reader."""
    sentences = [sentence(str(i), "fees" if i % 2 else "invoice") for i in range(3 * MOST_SUSPECTS)]
    probabilities = np.array([[0.9, 0.1] if i % 4 < 2 else [0.1, 0.9] for i in range(len(sentences))])
    assert len(label_suspects(sentences, probabilities, ["fees", "invoice"], WHERE)) == MOST_SUSPECTS


def test_a_share_of_groups_keeps_groups_whole_and_grows() -> None:
    """Paraphrases could be parted, an intent vanish from a small share, or a larger share be another sample."""
    classes = np.repeat([0, 1], [16, 2])
    groups = np.repeat([0, 1, 2, 3, 4], [4, 4, 4, 4, 2])
    rows = np.arange(18)
    before: set[int] = set()
    for share, expected in [(0.25, 6), (0.5, 10), (1.0, 18)]:
        kept = set(share_of_groups(rows, classes, groups, share).tolist())
        assert len(kept) == expected
        assert before <= kept
        assert {16, 17} <= kept
        before = kept


def test_the_curve_has_a_point_for_each_share_and_counts_sentences() -> None:
    """The curve could be drawn over the wrong numbers, or test on what it trained on."""
    generator = np.random.default_rng(0)
    classes, groups = np.repeat([0, 1], 60), np.repeat(np.arange(40), 3)
    texts = [f"{'发票' if name else '丢了'}{number % 7}" for number, name in enumerate(classes)]
    texts += [f"请问{text}" for text in texts]
    dense = unit(*(generator.standard_normal((240, 8)) + np.where(np.tile(classes, 2), 3, -3)[:, None]))
    curve = learning_curve(texts, dense, classes, groups, ["device_lost", "invoice"], Training(hidden=8, epochs=30, batch=8))
    assert [point.share for point in curve] == list(CURVE_SHARES)
    assert [point.sentences for point in curve] == [sum(point.per_intent.values()) for point in curve]
    assert curve[0].sentences < curve[1].sentences < curve[2].sentences < curve[3].sentences <= 96
    assert curve[-1].macro_f1 > 0.9


@pytest.fixture
def report() -> Dict[str, Any]:
    """One finding of each kind."""
    point = {"share": 1.0, "sentences": 9, "per_intent": {"fees": 4, "invoice": 5}, "macro_f1": 0.5}
    pair = {"sentences": ["甲[/x]", "乙"], "intents": ["fees", "complaint"], "places": ["some.yml:5", "plain/some.yml:9"]}
    return {
        "sentences": 9,
        "intents": 2,
        "held_out_accuracy": 0.5,
        "duplicates": [{"normal": "甲", "routes_differ": True, **pair}],
        "near_duplicates": [{"cosine": 0.96, **pair}],
        "thin_intents": [{"intent": "fees", "sentences": 4, "needed": 120}],
        "keywords": [{"intent": "invoice", "ngram": "发票", "holding": 0.8, "flipped": 1.0}],
        "label_suspects": [
            {"text": "丙", "place": "some.yml:7", "intent": "fees", "suggested": "complaint", "p_intent": 0.1,
             "p_suggested": 0.9, "margin": 0.8, "routes_differ": True}
        ],
        "curve": [point],
    }  # fmt: skip


def test_every_finding_is_printed_with_intent_and_sentence(report: Dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A list could be left out, or a sentence with brackets be taken for a style and break the table."""
    print_findings(report)
    shown = capsys.readouterr().out
    for text in ("甲[/x]", "plain/some.yml:9", "some.yml:7", "0.960", "120", "发票", "丙", "fees → complaint", "100%", "0.500"):
        assert text in shown


def test_findings_are_written_with_a_picture_only_if_there_is_a_curve(report: Dict[str, Any], tmp_path: Path) -> None:
    """The file could differ from what was found, or a picture of nothing be left."""
    paths = write_findings(report, tmp_path)
    assert [path.name for path in paths] == ["data_lint.json", "learning_curve.png"]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == report
    assert paths[1].read_bytes().startswith(b"\x89PNG")
    del report["curve"]
    assert [path.name for path in write_findings(report, tmp_path)] == ["data_lint.json"]


def test_a_file_is_no_folder_to_write_into(tmp_path: Path) -> None:
    """Minutes of training could end in a traceback, because the folder's name is taken by a file."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot make the folder"):
        prepare_folder(tmp_path / "taken")
    prepare_folder(tmp_path / "new/folder")
    assert (tmp_path / "new/folder").is_dir()


def test_the_command_refuses_a_taken_name_with_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command could end in a traceback instead of an error message with the fix."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert main(["lint", "--out", str(tmp_path / "taken")]) == 1
    assert "cannot make the folder" in capsys.readouterr().err


def write_examples(folder: Path, **sentences: Sequence[str]) -> None:
    blocks = "".join(
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for intent, texts in sentences.items()
    )
    (folder / "some.yml").write_text(f'version: "3.1"\nnlu:\n{blocks}', encoding="utf-8")


def test_sentences_are_read_as_they_stand_with_their_normalised_text(tmp_path: Path) -> None:
    """A finding could show a text that nobody can find in the file, or the wrong place of it."""
    (tmp_path / "plain").mkdir()
    write_examples(tmp_path, fees=["手續費 多少"])
    write_examples(tmp_path / "plain", fees=["如何收费", "收费吗？"], invoice=["发票？"])
    assert read_sentences(tmp_path) == [
        Sentence("如何收费", "fees", "如何收费", "plain/some.yml:5"),
        Sentence("收费吗？", "fees", "收费吗?", "plain/some.yml:6"),
        Sentence("发票？", "invoice", "发票?", "plain/some.yml:9"),
        Sentence("手續費 多少", "fees", "手续费多少", "some.yml:5"),
    ]


@pytest.mark.parametrize(("sentences", "message"), [({"nonsense": ["甲"]}, "nonsense"), ({}, "no sentences")])
def test_data_that_do_not_fit_the_policy_are_refused(tmp_path: Path, sentences: Dict[str, List[str]], message: str) -> None:
    """An intent without a route would end in a traceback after a minute of training."""
    if sentences:
        write_examples(tmp_path, **sentences)
    with pytest.raises(ContentError, match=message):
        lint(tmp_path, load_policy(Path("data/triage.yml")), curve=False, say=print)
