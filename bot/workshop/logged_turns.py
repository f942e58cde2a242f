"""The turns of the real log, as the desk gives them (docs/contracts.md, "Workshop: the log").

A job of the workshop asks the running desk by HTTP. A command of an editor asks `python -m handoff turns`, which needs no
running desk; the two environments share no code, so it is a process of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional

import requests

from bot.workshop.decider import Turn
from bot.workshop.jobs import JobError
from contract.errors import ContractError
from contract.lookup import Lookup
from contract.turn import Context

_ROOT = Path(__file__).parents[2]
_DESK = _ROOT / ".venv/desk/bin/python"
#: Seconds without a byte after which the desk is given up.
_SILENCE_SECONDS = 120.0


@dataclass(frozen=True)
class LoggedTurn:
    """One decision of the log, and what the bot was told for it (`turn`). Texts are masked, as they were logged.

    `seq`: the entry of the decision; `first_seq` to `last_seq`: the messages that it read. `decision`: as logged. `settled`,
    `solved`: what became of it. `is_exact`: whether text and context are known and not inferred.
    """

    conversation_id: str
    turn_id: str
    seq: int
    first_seq: int
    last_seq: int
    episode: int
    at: str
    turn: Turn
    silent: bool
    is_exact: bool
    decision: Mapping[str, Any]
    settled: Optional[Mapping[str, Any]]
    solved: Optional[bool]

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> LoggedTurn:
        """Read a turn line. Raises JobError for a line that this version does not understand."""
        try:
            context, day = Context.from_json(line["context"]), dt.date.fromisoformat(line["day"])
            logged = line["decision"].get("lookup") if isinstance(line["decision"], dict) else None
            lookup = None if logged is None else Lookup.from_json(logged)
            turn = Turn(line["text"], line["choice"], line["suggested"], context, day, lookup)
            names = ("conversation_id", "turn_id", "seq", "first_seq", "last_seq", "episode", "at", "silent", "is_exact")
            return cls(
                **{name: line[name] for name in names},
                turn=turn,
                decision=line["decision"] if isinstance(line["decision"], dict) else {},
                settled=line["settled"],
                solved=line["solved"],
            )
        except (KeyError, TypeError, ValueError, ContractError) as error:
            raise JobError(
                "客服台给出的记录格式不对，请确认客服台和机器人是同一个版本。",
                "The desk gave lines of another format: desk and bot must be of the same version.",
            ) from error


def logged_turns(last: Optional[int] = None, conversation: Optional[str] = None) -> List[LoggedTurn]:
    """Turns of the log; with `last` the newest, the newest last, else all of them. Raises JobError.

    From the desk at DESK_URL if SERVICE_TOKEN is set too, else by the desk's command, which reads the database itself.
    """
    url, token = os.environ.get("DESK_URL"), os.environ.get("SERVICE_TOKEN")
    options = {"last": last, "conversation": conversation}
    asked = {name: str(value) for name, value in options.items() if value is not None}
    lines = _from_desk(url, token, asked) if url and token else _from_command(asked)
    return [LoggedTurn.from_json(line) for line in lines]


def _from_desk(url: str, token: str, asked: Mapping[str, str]) -> Iterator[Dict[str, Any]]:
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with session.get(
            f"{url.rstrip('/')}/api/workshop/turns", params=asked, headers=headers, stream=True, timeout=_SILENCE_SECONDS
        ) as answer:
            answer.raise_for_status()
            yield from _objects(answer.iter_lines())
    except requests.RequestException as error:
        # The error's text holds the address; its type is enough.
        raise JobError(
            "读不到客服台的记录，请确认客服台正在运行，然后重试。",
            f"The desk did not give the turns of the log ({type(error).__name__}). Check that it runs, and try again.",
        ) from error


def _from_command(asked: Mapping[str, str]) -> Iterator[Dict[str, Any]]:
    if not _DESK.exists():
        raise JobError("没有找到客服台的环境，请先运行 make setup。", "The desk's environment is missing: run `make setup`.")
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    # In a file, not in a pipe: a pipe that nobody empties would stop the process.
    with tempfile.TemporaryFile() as errors, contextlib.ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - our own program, and the id of a conversation is one argument
                [str(_DESK), "-m", "handoff", "turns", *options], cwd=_ROOT, stdout=subprocess.PIPE, stderr=errors
            )
        )
        stack.callback(process.kill)  # if the reader stops early
        if process.stdout is not None:
            yield from _objects(process.stdout)
        if process.wait() != 0:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()
            why = said[-1] if said else f"exit code {process.returncode}"
            raise JobError(f"读不到客服台的记录：{why}", f"The turns of the log cannot be read: {why}")


def _objects(lines: Iterable[bytes]) -> Iterator[Dict[str, Any]]:
    for line in lines:
        if line.strip():
            try:
                found = json.loads(line)
            except ValueError as error:
                raise JobError("客服台的记录没有传完，请重试。", "The turns of the log were cut off: try again.") from error
            yield found
