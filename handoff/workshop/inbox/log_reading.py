"""Reads customers' texts from a log of another system: CSV with a header, or JSON lines, in UTF-8 or GB18030.

Nothing in a file is fatal: a line that cannot be read is reported with its number and left out. The memory does not depend on
the size of the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from handoff.runtime.errors import BadInput

#: Names of columns, in small letters; the first one that the file has is read.
TEXT_NAMES = (
    "text content message msg body query question utterance sentence customer_message "
    "内容 文本 消息 消息内容 问题 用户问题 客户问题 留言 正文 对话内容"
).split()
ROLE_NAMES = (
    "role sender sender_type from speaker author author_type direction by 角色 发送方 发送人 发送者 身份 说话人 类型".split()
)
#: Values of a role that mean the customer.
CUSTOMERS = frozenset(
    "customer user client visitor guest consumer buyer contact end_user enduser in inbound incoming received "
    "客户 用户 顾客 访客 买家 会员 客人".split()
)
_SAMPLE_BYTES = 256 * 1024
_LINE_BYTES = 256 * 1024
#: A quoted value with more lines than this has lost its closing quote.
_RECORD_LINES = 100
_DELIMITERS = (",", "\t", ";", "|")
#: So many broken lines are reported one by one; the others are counted.
MOST_REPORTED = 100


@dataclass
class Problems:
    """The lines that could not be read: their number, and the first of them as `(line, zh, en)`; lines count from 1."""

    count: int = 0
    first: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, zh: str, en: str) -> None:
        """One more broken line."""
        self.count += 1
        if len(self.first) < MOST_REPORTED:
            self.first.append((line, zh, en))


@dataclass
class LogReading:
    """One pass over a file. `lines`, `others`, `empty`: lines so far, rows not of customers, rows without a text."""

    file: BinaryIO
    problems: Problems = field(default_factory=Problems)
    lines: int = 0
    others: int = 0
    empty: int = 0

    def texts(self) -> Iterator[str]:
        """The customers' texts in their order. Raises BadInput for a file without a column of texts."""
        sample = self.file.read(_SAMPLE_BYTES)
        self.file.seek(0)
        if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            zh, en = "文件是 UTF-16 编码，请另存为 UTF-8。", "The file is UTF-16. Save it as UTF-8."
            raise BadInput("unreadable_log", zh, en)
        if b"\x00" in sample:
            zh, en = "这不是文本文件；请导出为 CSV 或 JSONL。", "This is not a text file. Export it as CSV or JSON lines."
            raise BadInput("unreadable_log", zh, en)
        encodings = ("utf-8", "gb18030") if _is_utf8(sample) else ("gb18030", "utf-8")
        lines = self._decoded(encodings)
        start = sample.removeprefix(codecs.BOM_UTF8).lstrip()
        for row in self._json_rows(lines) if start.startswith(b"{") else self._csv_rows(lines):
            text = row[0]
            if row[1] is not None and row[1].strip().lower() not in CUSTOMERS:
                self.others += 1
            elif not text.strip():
                self.empty += 1
            else:
                yield text

    def _decoded(self, encodings: Sequence[str]) -> Iterator[tuple[int, str]]:
        """The lines with their numbers. No character of either encoding contains the byte of a line feed."""
        while True:
            line = self.file.readline(_LINE_BYTES)
            if not line:
                return
            self.lines += 1
            number = self.lines
            if len(line) == _LINE_BYTES and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = self.file.readline(_LINE_BYTES)
                self.problems.add(number, "这一行太长。", "The line is too long.")
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            for encoding in encodings:
                try:
                    yield number, line.decode(encoding)
                    break
                except UnicodeDecodeError:
                    continue
            else:
                self.problems.add(number, "这一行的文字编码读不出来。", "The characters of the line cannot be decoded.")

    # --- JSON lines ----------------------------------------------------------------------------------------------------------

    def _json_rows(self, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[str, str | None]]:
        for number, line in lines:
            if not line.strip():
                continue
            try:
                data = json.loads(line)
            except (ValueError, RecursionError):
                self.problems.add(number, "这一行不是 JSON。", "The line is not JSON.")
                continue
            if not isinstance(data, dict):
                self.problems.add(number, "这一行不是 JSON 对象。", "The line is not a JSON object.")
                continue
            fields = {str(name).strip().lower(): value for name, value in data.items()}
            text, role = _first(fields, TEXT_NAMES), _first(fields, ROLE_NAMES)
            if isinstance(text, str):
                yield text, role if isinstance(role, str) else None
            else:
                zh, en = (
                    "这一行没有文本字段（text、content、message）。",
                    "The line has no field `text`, `content` or `message`.",
                )
                self.problems.add(number, zh, en)

    # --- CSV -----------------------------------------------------------------------------------------------------------------

    def _csv_rows(self, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[str, str | None]]:
        records = self._records(lines)
        first = next(records, None)
        if first is None:
            return
        delimiter = max(_DELIMITERS, key=first[1].count)
        header = [name.strip().lower() for name in _cells(first[1], delimiter)]
        text_column = _column(header, TEXT_NAMES)
        if text_column is None:
            if len(header) > 1:
                names = ", ".join(header)[:200]
                zh = f"没有找到文本列（text、content、message 或 内容）；表头是：{names}"
                en = f"There is no column `text`, `content` or `message`. The header is: {names}"
                raise BadInput("no_text_column", zh, en)
            text_column = 0  # a plain list of sentences
            yield header[0], None
        role_column = _column(header, ROLE_NAMES)
        for number, record in records:
            try:
                cells = _cells(record, delimiter)
            except csv.Error:
                self.problems.add(number, "这一行不是完整的 CSV。", "The line is not valid CSV.")
                continue
            if len(cells) <= max(text_column, role_column or 0):
                self.problems.add(number, "这一行的列太少。", "The line has too few columns.")
            else:
                yield cells[text_column], None if role_column is None else cells[role_column]

    def _records(self, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """Lines, joined while a quote is open. A quote that nothing closes costs its own line only."""
        waiting: list[tuple[int, str]] = []
        while True:
            held: list[tuple[int, str]] = []
            is_open = False
            while True:
                item = waiting.pop(0) if waiting else next(lines, None)
                if item is None:
                    break
                held.append(item)
                is_open ^= item[1].count('"') % 2 == 1
                if not is_open or len(held) > _RECORD_LINES:
                    break
            if not held:
                return
            if is_open:
                zh, en = "引号没有配对，这一行没有读入。", "A quotation mark is not closed; the line is left out."
                self.problems.add(held[0][0], zh, en)
                waiting = held[1:] + waiting
            elif "".join(line for _, line in held).strip():
                yield held[0][0], "".join(line for _, line in held)


def _is_utf8(sample: bytes) -> bool:
    """Whether most lines with other characters than ASCII are UTF-8: one damaged line does not decide for the file."""
    votes = [_decodes(line, "utf-8") for line in sample.split(b"\n")[:-1] or [sample] if not line.isascii()]
    return 2 * sum(votes) >= len(votes)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _first(fields: Mapping[str, object], names: Sequence[str]) -> object:
    return next((fields[name] for name in names if name in fields), None)


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cells(record: str, delimiter: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter))
    return [cell for row in rows for cell in row]
