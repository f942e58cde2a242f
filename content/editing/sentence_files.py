"""The sentences of `data/nlu`: add, remove, move. Every other line of a file stays as it is, byte for byte.

The files have one layout (`- intent: NAME`, `examples: |`, one `- sentence` a line). Lines are read without a YAML parser: an
editor confirms a sentence every few seconds, and 45,000 sentences take the parser several seconds.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from content.inbox import as_example
from language.letters import letters
from language.normalization import normalize

FOLDER = "nlu"
#: Sentences in the editors' words (`plain/` has sentences in customers' words, whose traits are measured) get new ones.
_SECOND = f"{FOLDER}/plain/"
_INTENT = re.compile(r"^(\s*)- intent:\s*[\"']?([\w-]+)[\"']?\s*(?:#.*)?$")
_EXAMPLES = re.compile(r"^\s*examples:\s*\|[-+]?\s*$")
_SENTENCE = re.compile(r"^(\s+)- (.*\S)\s*$")


class SentenceRefused(Exception):
    """Sentences that cannot be examples; nothing was changed. `code`: exists, in_test_set, not_an_example, unknown_intent."""

    def __init__(self, code: str, zh: str, en: str, texts: Sequence[str] = ()) -> None:
        self.code, self.zh, self.en, self.texts = code, zh, en, list(texts)
        super().__init__(f"{code}: {en}")


class Sentence(NamedTuple):
    """A sentence with its place: the file's name in the working copy, and the line from 1."""

    text: str
    intent: str
    file: str
    line: int


@dataclass(frozen=True)
class _Block:
    """The examples of one intent in a file: `lines` are indexes (from 0) of sentences; a new one goes to `end`."""

    intent: str
    lines: Tuple[int, ...]
    end: int
    indent: str


@dataclass(frozen=True)
class FileChange:
    """A change of one file, for `WorkingCopy.save`. `texts`: the sentences that it adds or takes out."""

    name: str
    texts: Tuple[str, ...]
    item: Callable[[Optional[str]], Any]
    change: Callable[[Optional[str]], Optional[str]]


@functools.lru_cache(maxsize=200_000)
def letters_of(text: str) -> str:
    """What two sentences share that differ only in spelling variants, punctuation and spaces."""
    return letters(normalize(text))


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    intent, depth, indent, end = "", 0, "    ", 0
    found: List[int] = []
    is_open = False
    for number, line in enumerate([*lines, "- intent: end"]):
        begins = _INTENT.match(line)
        if begins and (not is_open or len(begins.group(1)) <= depth):
            if is_open:
                yield _Block(intent, tuple(found), end, indent)
            intent, depth, found, indent, is_open = begins.group(2), len(begins.group(1)), [], " " * (depth + 4), False
        elif intent and not is_open and _EXAMPLES.match(line):
            is_open, end = True, number + 1
        elif is_open:
            sentence = _SENTENCE.match(line)
            if sentence and len(sentence.group(1)) > depth:
                found.append(number)
                indent, end = sentence.group(1), number + 1


@functools.lru_cache(maxsize=256)
def _sentences(name: str, text: str) -> Tuple[Sentence, ...]:
    lines = text.split("\n")
    found = []
    for block in _blocks(lines):
        for number in block.lines:
            match = _SENTENCE.match(lines[number])
            if match:
                found.append(Sentence(match.group(2), block.intent, name, number + 1))
    return tuple(found)


@functools.lru_cache(maxsize=64)
def _labelled(path: str, changed_ns: int, size: int) -> Tuple[str, ...]:
    """The texts of a labelled file; the arguments tell its version."""
    lines = Path(path).read_text(encoding="utf-8").split("\n")
    return tuple(json.loads(line)["text"] for line in lines if line.strip())


class SentenceFiles:
    """The training sentences of a working copy. `tests`: the folder of the test sets, whose sentences may not be learnt."""

    def __init__(self, folder: Path, tests: Path) -> None:
        self._folder, self._tests = folder, tests

    def index(self, part: str = FOLDER) -> List[Sentence]:
        """All sentences, in the order of the files. Raises UnicodeDecodeError, OSError."""
        found: List[Sentence] = []
        for path in sorted((self._folder / part).rglob("*.yml")):
            if not path.name.startswith("."):
                found += _sentences(path.relative_to(self._folder).as_posix(), path.read_text(encoding="utf-8"))
        return found

    def file_of(self, intent: str, index: Sequence[Sentence]) -> str:
        """The file that gets new sentences of an intent. Raises SentenceRefused for an intent that no file has."""
        files = {one.file for one in index if one.intent == intent}
        if not files:
            raise _unknown(intent)
        return min(files, key=lambda name: (name.startswith(_SECOND), name))

    def adding(self, intent: str, texts: Sequence[str]) -> Optional[FileChange]:
        """Append sentences to an intent, all or none; None if the intent has all of them. Raises SentenceRefused."""
        index = self.index()
        name = self.file_of(intent, index)
        examples = list(dict.fromkeys(map(_example, texts)))
        self._check_tests(examples)
        _check_others(intent, examples, index)
        own = {letters_of(one.text) for one in index if one.intent == intent}
        first: Dict[str, str] = {}
        for text in examples:
            first.setdefault(letters_of(text), text)
        new = tuple(text for key, text in first.items() if key not in own)
        if not new:
            return None

        def add(lines: List[str], block: _Block) -> None:
            lines[block.end : block.end] = [f"{block.indent}- {text}" for text in new]

        return _file_change(name, intent, new, add)

    def removing(self, intent: str, texts: Sequence[str]) -> List[FileChange]:
        """Take sentences out of an intent, wherever they stand; those that it does not have are left alone."""
        wanted = {text.strip() for text in texts}
        gone: Dict[str, List[str]] = {}
        for one in self.index():
            if one.intent == intent and one.text in wanted:
                gone.setdefault(one.file, []).append(one.text)

        def remove(lines: List[str], block: _Block) -> None:
            for number in reversed(block.lines):
                match = _SENTENCE.match(lines[number])
                if match and match.group(2) in wanted:
                    del lines[number]

        return [_file_change(name, intent, tuple(found), remove) for name, found in gone.items()]

    def _check_tests(self, texts: Sequence[str]) -> None:
        tested = {letters_of(text) for text in self._test_texts()}
        calibrated = {normalize(one.text) for one in self.index("calibration")}
        refused = [text for text in texts if letters_of(text) in tested or normalize(text) in calibrated]
        if refused:
            zh = f"“{refused[0]}”在测试集或校准数据里，不能用来训练。"
            en = f"“{refused[0]}” is in a test set or in the calibration data, so it cannot be learnt."
            raise SentenceRefused("in_test_set", zh, en, refused)

    def _test_texts(self) -> Iterator[str]:
        for path in sorted(self._tests.rglob("*.jsonl")):
            status = path.stat()
            yield from _labelled(str(path), status.st_mtime_ns, status.st_size)


def _check_others(intent: str, texts: Sequence[str], index: Sequence[Sentence]) -> None:
    wanted = {letters_of(text): text for text in texts}
    others = [one for one in index if one.intent != intent and letters_of(one.text) in wanted]
    if others:
        one = others[0]
        zh = f"“{one.text}”已经是 {one.intent} 的句子（{one.file} 第 {one.line} 行）。"
        en = f"“{one.text}” is already a sentence of {one.intent} ({one.file}:{one.line})."
        raise SentenceRefused("exists", zh, en, [wanted[letters_of(each.text)] for each in others])


def _file_change(name: str, intent: str, texts: Tuple[str, ...], change: Callable[[List[str], _Block], None]) -> FileChange:
    """Change the lines of an intent in a file; the item is which of the texts the intent has."""

    def item(text: Optional[str]) -> List[str]:
        there = {one.text for one in _sentences(name, text or "") if one.intent == intent}
        return [one for one in texts if one in there]

    def changed(text: Optional[str]) -> Optional[str]:
        lines = (text or "").split("\n")
        block = next((block for block in _blocks(lines) if block.intent == intent), None)
        if block is None:
            raise _unknown(intent)
        change(lines, block)
        return "\n".join(lines)

    return FileChange(name, texts, item, changed)


def _unknown(intent: str) -> SentenceRefused:
    zh, en = f"训练数据里没有意图 {intent}。", f"No file of sentences has the intent {intent}."
    return SentenceRefused("unknown_intent", zh, en)


def _example(text: str) -> str:
    example = as_example(text)
    if example is None:
        zh = f"“{text[:50]}”不能当例句：太长、没有文字，或带有标注符号。"
        en = f"“{text[:50]}” cannot be an example: it is too long, has no letters, or has markup."
        raise SentenceRefused("not_an_example", zh, en, [text])
    return example
