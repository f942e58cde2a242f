"""The jobs that decide the log again: shadow, replay, look-back. The commands run the same functions."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional

from bot.learning.training import DATA, MODELS
from bot.workshop.jobs import JobError, Progress
from bot.workshop.logged_turns import LoggedTurn, logged_turns
from bot.workshop.look_back import look_back
from bot.workshop.replay import replay
from bot.workshop.shadow import compare
from bot.workshop.versions import ModelGone, Version, live_version, version_of
from content.snapshots import unpack_snapshot

#: Turns of a shadow if nobody says how many.
TURNS = 10_000
_READ, _TRAINED = 0.1, 0.4


def shadow_job(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """`{data?, data_revision?, turns?}` -> the result of `bot.workshop.shadow.compare`. Raises JobError.

    The draft is a snapshot (`data_revision`), else a folder (`data`), else the working copy.
    """
    before = _live()
    with _draft_folder(parameters) as folder:
        progress(0, "正在检查草稿，必要时训练", "Checking the draft, and training it if needed")
        after = version_of(folder, lambda text: progress(_READ, f"正在训练草稿：{text}", text))
    progress(_TRAINED, "正在读取真实对话", "Reading the log")
    turns = logged_turns(last=int(parameters.get("turns") or TURNS))
    return _with_models(lambda: compare(before, after, turns, _told(progress, _TRAINED, "正在重新判断", "Deciding again")))


def look_back_job(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """`{version?: "live" | "draft", data?, data_revision?}` -> the result of `bot.workshop.look_back.look_back`.

    By default what is live looks back. Raises JobError.
    """
    is_draft = parameters.get("version") == "draft" or bool(parameters.get("data") or parameters.get("data_revision"))
    if is_draft:
        with _draft_folder(parameters) as folder:
            progress(0, "正在检查草稿，必要时训练", "Checking the draft, and training it if needed")
            version = version_of(folder, lambda text: progress(_READ, f"正在训练草稿：{text}", text))
    else:
        version = _live()
    progress(_TRAINED, "正在读取全部对话", "Reading the whole log")
    turns = logged_turns(last=parameters.get("turns"))
    return _with_models(lambda: look_back(version, turns, _told(progress, _TRAINED, "正在回看", "Looking back")))


def replay_job(parameters: Mapping[str, Any], progress: Progress) -> Dict[str, Any]:
    """`{conversation_id, seq?, turn?}` or `{turns}` -> the result of `bot.workshop.replay.replay`. Raises JobError.

    `seq`: an entry of the log: a decision, or a message that it read. `turn`: the same, or a turn's id.
    """
    progress(0, "正在读取对话", "Reading the log")
    conversation = parameters.get("conversation_id")
    if conversation is None:
        turns = logged_turns(last=int(parameters.get("turns") or TURNS))
    else:
        wanted = parameters.get("turn", parameters.get("seq"))
        turns = _chosen(logged_turns(conversation=str(conversation)), str(conversation), wanted)
    if not turns:
        raise JobError("这个会话没有机器人的判断记录。", "The log holds no decision of the bot for this conversation.")
    return replay(turns, MODELS, _told(progress, _READ, "正在重演", "Deciding again"))


def _chosen(turns: List[LoggedTurn], conversation: str, wanted: Any) -> List[LoggedTurn]:
    if wanted is None:
        return turns
    name = str(wanted)
    found = [turn for turn in turns if name in (turn.turn_id, str(turn.seq), str(turn.last_seq))]
    if not found and name.isdigit():  # a message that was read as a piece of a later one
        found = [turn for turn in turns if turn.first_seq <= int(name) <= turn.last_seq][:1]
    if not found:
        raise JobError(
            f"会话 {conversation} 里没有第 {name} 条的判断记录。",
            f"The conversation {conversation} has no decision about entry {name}.",
        )
    return found


def _live() -> Version:
    version = live_version()
    if version is None:
        raise JobError("还没有发布过任何内容，先发布一次才能比较。", "Nothing is published yet. Publish once, then compare.")
    return version


@contextlib.contextmanager
def _draft_folder(parameters: Mapping[str, Any]) -> Iterator[Path]:
    revision: Optional[str] = parameters.get("data_revision")
    if revision is None:
        yield Path(parameters.get("data") or os.environ.get("DATA_DIR") or "data")
        return
    with tempfile.TemporaryDirectory(prefix="draft-") as scratch:
        yield unpack_snapshot(MODELS, revision, Path(scratch) / "data", DATA)


def _with_models(work: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    try:
        return work()
    except ModelGone as error:
        raise JobError(f"模型文件不在了，请重新发布：{error}", f"A model is gone, publish again: {error}") from error


def _told(progress: Progress, start: float, zh: str, en: str) -> Callable[[float], None]:
    """Progress of the last part of a job."""
    return lambda share: progress(start + (1 - start) * share, f"{zh}（{share:.0%}）", f"{en} ({share:.0%})")
