"""Changes of the files of sentences: one line more or less, and every other byte as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.editing.sentence_files import FileChange, SentenceFiles, SentenceRefused
from tests.handoff.conftest import DATA

TEXT = """# written by hand
version: "3.1"
nlu:
- intent: fees   # what it costs
  examples: |
    - 手续费多少

    -   收费吗
- intent: refund_status
  examples: |
    - 退款到哪了
    - 退款多久
"""


@pytest.fixture
def files(tmp_path: Path) -> SentenceFiles:
    """A working copy with two files."""
    for folder in ("data/nlu/plain", "data/calibration", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data/nlu/service.yml").write_text(TEXT, encoding="utf-8")
    plain = 'version: "3.1"\nnlu:\n- intent: fees\n  examples: |\n    - 要钱不'
    (tmp_path / "data/nlu/plain/service.yml").write_text(plain, encoding="utf-8")
    (tmp_path / "data/calibration/service.yml").write_text(plain.replace("要钱不", "手续费贵不贵"), encoding="utf-8")
    (tmp_path / "tests/set.jsonl").write_text('{"text": "退款怎么还不来"}\n', encoding="utf-8")
    return SentenceFiles(tmp_path / "data", tmp_path / "tests")


def applied(change: FileChange | None, text: str = TEXT) -> str:
    """The file after a change."""
    assert change is not None
    assert change.item(text) == change.item(text)
    changed = change.change(text)
    assert changed is not None
    return changed


def test_the_index_knows_every_sentence_and_its_line(files: SentenceFiles) -> None:
    """An editor would be led to another line, or a sentence would not be found."""
    found = [(one.text, one.intent, one.file, one.line) for one in files.index()]
    assert found == [
        ("要钱不", "fees", "nlu/plain/service.yml", 5),
        ("手续费多少", "fees", "nlu/service.yml", 6),
        ("收费吗", "fees", "nlu/service.yml", 8),
        ("退款到哪了", "refund_status", "nlu/service.yml", 11),
        ("退款多久", "refund_status", "nlu/service.yml", 12),
    ]


def test_a_sentence_goes_to_the_end_of_its_intent(files: SentenceFiles) -> None:
    """A sentence would be learnt as another intent's, or the file would be laid out anew."""
    assert applied(files.adding("fees", ["扣多少  手续\n费"])) == TEXT.replace("收费吗\n", "收费吗\n    - 扣多少 手续 费\n")
    assert applied(files.adding("refund_status", ["a", "b"])) == TEXT + "    - a\n    - b\n"


def test_what_the_intent_has_already_is_not_written_again(files: SentenceFiles) -> None:
    """A sentence that two editors confirm would stand twice."""
    assert files.adding("fees", ["手续费多少？", "要钱不！"]) is None
    change = files.adding("fees", ["手续费多少？", "新的一句", "新的一句。"])
    assert change is not None
    assert change.texts == ("新的一句",)


@pytest.mark.parametrize(
    ("intent", "text", "code"),
    [
        ("fees", "退款到哪了？", "exists"),
        ("fees", "退款怎么还不来？", "in_test_set"),
        ("fees", "手续费贵不贵", "in_test_set"),
        ("fees", "看[这里](url)", "not_an_example"),
        ("fees", "12", "not_an_example"),
        ("unheard_of", "你好", "unknown_intent"),
    ],
)
def test_a_sentence_that_must_not_be_learnt_is_refused(files: SentenceFiles, intent: str, text: str, code: str) -> None:
    """A sentence would teach two intents, a test would measure memory, or the file would not load."""
    with pytest.raises(SentenceRefused, match=code):
        files.adding(intent, ["一句好的", text])


def test_a_removed_sentence_leaves_the_others_alone(files: SentenceFiles) -> None:
    """An undo would take another line with it."""
    changes = files.removing("fees", ["收费吗", "要钱不", "没有这句"])
    assert [(change.name, change.texts) for change in changes] == [
        ("nlu/plain/service.yml", ("要钱不",)),
        ("nlu/service.yml", ("收费吗",)),
    ]
    assert applied(changes[1]) == TEXT.replace("    -   收费吗\n", "")
    assert files.removing("refund_status", ["收费吗"]) == []


@pytest.mark.parametrize("name", ["nlu/cards.yml", "nlu/plain/transfers.yml"])
def test_adding_and_removing_in_a_real_file_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    """A round through the page would change what people wrote."""
    (tmp_path / name).parent.mkdir(parents=True)
    before = (DATA / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(before, encoding="utf-8")
    files = SentenceFiles(tmp_path, tmp_path / "tests")
    intents = sorted({one.intent for one in files.index()})
    assert len(files.index()) == before.count("    - ")
    for intent in intents:
        text = f"这一句只在测试里有 {intent}"
        change = files.adding(intent, [text])
        assert change is not None
        after = applied(change, before)
        assert (change.item(before), change.item(after)) == ([], [text])
        (tmp_path / name).write_text(after, encoding="utf-8")
        assert applied(files.removing(intent, [text])[0], after) == before
        (tmp_path / name).write_text(before, encoding="utf-8")
