"""Past logs of another system: masked before they are stored, wholly or not at all, and no line of a file is fatal."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handoff.runtime.errors import BadInput
from handoff.workshop.inbox.log_reading import LogReading
from tests.handoff.conftest import DATA, SERVICE_TOKEN, Database
from tests.handoff.people import Agent, Json, error_code
from tests.handoff.running_desk import Desk

CARD = "6222021234567890128"
SAID = ["转账没到怎么办", "我说“不是我”, 真的\n换行了", "钱呢"]


def read(data: bytes) -> tuple[list[str], LogReading]:
    """The customers' texts of a file."""
    reading = LogReading(io.BytesIO(data))
    return list(reading.texts()), reading


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    """A CSV file as Excel writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


ROWS = [["时间", "发送方", "内容"], *(["8:00", "客户", text] for text in SAID), ["8:01", "客服", "您好"]]
JSON_LINES = "\n".join(json.dumps({"Role": "user", "content": text}, ensure_ascii=False) for text in SAID)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [table(ROWS), table(ROWS, ";"), table(ROWS, "\t"), JSON_LINES, JSON_LINES + '\n{"role": "agent", "content": "您好"}\n'],
)
def test_texts_of_customers_are_read_in_every_shape(text: str, encoding: str) -> None:
    """A log would come in as garbage, or with the agents' words as the customers'."""
    texts, reading = read(text.encode(encoding))
    assert texts == SAID
    assert reading.problems.count == 0


def test_broken_lines_are_counted_and_the_others_are_read() -> None:
    """One bad line in a million would end the import, or swallow the lines after it."""
    lines = ["text,role", "好的一句,user", '"引号没有配对,user', "后面一句,user", "只有一列", "坏", "最后一句,user"]
    data = b"\n".join(b"\xff\xff,user" if line == "坏" else line.encode() for line in lines)
    texts, reading = read(data)
    assert texts == ["好的一句", "后面一句", "最后一句"]
    assert sorted(line for line, _, _ in reading.problems.first) == [3, 5, 6]
    assert (reading.lines, reading.problems.count) == (7, 3)


@pytest.mark.parametrize(
    "line",
    [b"{", b"[1]", b'{"text": 7}', b'{"other": "x"}', b"[" * 100_000, b'{"text": "' + b"a" * 300_000 + b'"}', b"\xff\xff"],
)
def test_a_broken_line_of_json_is_reported_with_its_number(line: bytes) -> None:
    """An operator could not find the line, or the import would stop."""
    texts, reading = read(b'{"text": "one"}\n' + line + b'\n{"text": "two"}')
    assert texts == ["one", "two"]
    assert [number for number, _, _ in reading.problems.first] == [2]


def test_a_damaged_line_does_not_change_the_encoding_of_the_others() -> None:
    """All Chinese of a file would turn into other characters, silently."""
    data = b"\n".join(['{"text": "转账没到"}'.encode(), b'{"text": "\xff\xff"}', '{"text": "扣了两次"}'.encode()])
    assert read(data)[0] == ["转账没到", "扣了两次"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b\n1,2\n", "no_text_column"),
        ("text\n你好".encode("utf-16"), "unreadable_log"),
        (b"PK\x03\x04\x00\x00", "unreadable_log"),
    ],
)
def test_a_file_without_texts_is_refused_with_what_to_do(data: bytes, code: str) -> None:
    """A spreadsheet would be imported as nothing, and nobody would know why."""
    with pytest.raises(BadInput, match=code):
        read(data)


def test_a_plain_list_and_an_empty_file_are_read() -> None:
    """The simplest file would be refused."""
    assert read("转账没到\n扣了两次\n".encode())[0] == ["转账没到", "扣了两次"]
    assert read(b"")[0] == []


async def upload(editor: Agent, data: bytes, name: str = "log.csv") -> Any:
    """Send a file as the page does."""
    return await editor.call("POST", f"/workshop/imports?name={name}", content=data)


async def stored(desk: Desk) -> list[Json]:
    """What the job would read."""
    answer = await desk.http.get("/api/workshop/inbox/source", headers={"Authorization": f"Bearer {SERVICE_TOKEN}"})
    return [line for line in map(json.loads, answer.text.splitlines()) if line["what"] == "imported"]


async def test_an_upload_is_masked_counted_and_queued(desk: Desk, database: Database) -> None:
    """A card number of another system's log would stand in the database for every editor to read."""
    editor = await desk.agent("editor")
    rows = [
        ["text"],
        ["我的卡6222021234567890128被扣"],
        ["转账没到"],
        ["转账没到？"],
        ["12345"],
        [""],
        ["长" * 300],
        ["看[这](x)"],
    ]
    answer = await upload(editor, table(rows).encode())
    report = answer.json()
    assert answer.status_code == 200, report
    found = {name: report[name] for name in ("taken", "known", "masked", "left_out", "skipped_count", "is_repeated")}
    assert found == {"taken": 3, "known": 1, "masked": 1, "left_out": 4, "skipped_count": 0, "is_repeated": False}
    assert [(line["text"], line["count"]) for line in await stored(desk)] == [("转账没到", 2), ("我的卡[卡号 ****0128]被扣", 1)]
    dump = database.connection.execute("SELECT string_agg(i::text, '') FROM inbox_imports i").fetchone()
    assert dump is not None
    assert CARD[:12] not in str(dump[0])
    assert (await desk.services.jobs.job(report["job"])).kind == "inbox"


async def test_a_file_counts_once_however_often_it_is_sent(desk: Desk) -> None:
    """A second press would make every text of the file twice as frequent."""
    editor = await desk.agent("editor")
    data = table([["text"], ["转账没到"]]).encode()
    answers = await asyncio.gather(*(upload(editor, data) for _ in range(3)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [line["count"] for line in await stored(desk)] == [1]
    assert (await upload(editor, data)).json()["is_repeated"]


async def test_a_refused_file_stores_nothing(desk: Desk) -> None:
    """Half a file would be in the inbox, and its repeat would count the half twice."""
    editor = await desk.agent("editor")
    assert error_code(await upload(editor, b"\x00" * 10)) == "unreadable_log"
    assert await stored(desk) == []
    assert (await upload(await desk.agent("agent"), b"text\nx")).status_code == 403


async def test_a_large_file_is_taken_although_other_bodies_are_small(desk: Desk) -> None:
    """An operator could not bring in a log of a month."""
    editor = await desk.agent("editor")
    data = table([["text"], *([f"第{n}句话说的是转账" + "没到" * (n % 7)] for n in range(30_000))]).encode()
    assert len(data) > 1024 * 1024
    answer = await upload(editor, data)
    assert answer.status_code == 200, answer.text
    assert answer.json()["taken"] == 30_000
    assert (await editor.call("POST", "/workshop/inbox/gx", content=data)).status_code == 413


def test_the_command_imports_what_the_page_imports(database: Database, desk: Desk, tmp_path: Path) -> None:
    """The command line would mask otherwise than the page, or store into another place."""
    path = tmp_path / "log.csv"
    path.write_text(table([["text"], ["我的卡6222021234567890128被扣"], ["坏行", "多一列"]]), encoding="gb18030")
    environment = {"DATABASE_URL": database.url, "PATH": "/usr/bin:/bin", "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "handoff", "import-logs", str(path)]
    ended = subprocess.run(command, cwd=DATA.parent, env=environment, capture_output=True, text=True, check=True)
    report = json.loads(ended.stdout.splitlines()[-1])
    assert (report["taken"], report["masked"]) == (2, 1)
    row = database.connection.execute("SELECT text FROM inbox_imports WHERE text LIKE '%卡号%'").fetchone()
    assert row == ("我的卡[卡号 ****0128]被扣",)
