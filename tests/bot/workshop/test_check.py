"""The job `check`: what it reports is of the frozen snapshot, and of what was live when it began."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from bot.workshop import check, publishing
from bot.workshop.packages import Bots, Who
from content.published import read_pointer
from content.snapshots import SnapshotError, data_revision, take_snapshot

MODELS = Path("models")
DATA = Path("data")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the content with a models folder of its own; nothing is trained, and the log has three turns."""
    shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "calibration"))
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    for module in (check, publishing):
        monkeypatch.setattr(module, "ensure_model", lambda say, data: "wallet-1")
    monkeypatch.setattr(check, "model_name", lambda data: "wallet-1")
    (MODELS / "wallet-1.tar.gz").touch()
    return tmp_path


def test_a_check_judges_the_snapshot_and_names_what_was_live(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft would be published on the strength of a report about other files, or over somebody else's publication."""
    publishing.publish(Bots([], ""), Who("editor", "first"), say=lambda text: None)
    live = read_pointer(MODELS)
    facts = DATA / "facts.yml"
    facts.write_text(facts.read_text(encoding="utf-8").replace('police_phone: "110"', 'police_phone: "111"'), encoding="utf-8")
    revision = take_snapshot(DATA, MODELS)
    facts.write_text("broken: [", encoding="utf-8")  # an editor goes on writing
    reads: List[Any] = []
    compared: List[Tuple[Any, ...]] = []

    def log(last: int) -> List[str]:
        reads.append(last)
        return ["one", "two", "three"]

    def judge(data: Path, given: Any, progress: Any) -> Dict[str, Any]:
        assert data_revision(data) == revision
        assert given() == ["one", "two", "three"]
        return {"verdict": "pass", "reasons": []}

    def compare(before: Any, after: Any, turns: Any, progress: Any) -> Dict[str, Any]:
        compared.append((before.content.revision, after.content.revision, after.model, turns))
        return {"n": len(turns), "changed": 0, "flips": {}}

    monkeypatch.setattr(check, "logged_turns", log)
    monkeypatch.setattr(check, "judge", judge)
    monkeypatch.setattr(check, "compare", compare)
    shares: List[float] = []
    result = check.run({"data_revision": revision, "turns": 2}, lambda share, zh, en: shares.append(share))
    assert (result["data_revision"], result["model"], result["gate"]["verdict"]) == (revision, "wallet-1", "pass")
    assert result["live"] == [1, live.data_revision]
    assert reads == [10_000]
    assert compared == [(live.revision, result["revision"], "wallet-1", ["two", "three"])]
    assert set(result["seconds"]) == {"validate", "train", "gate", "shadow"}
    assert shares == sorted(shares)
    with pytest.raises(SnapshotError, match="gone"):
        check.run({"data_revision": "0" * 12}, lambda share, zh, en: None)
