"""Saving a file of the working copy when the disk misbehaves."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from content.editing import files
from content.editing.files import NotSaved, Versions, WorkingCopy, revision_of


def _copy(tmp_path: Path) -> WorkingCopy:
    data = tmp_path / "data"
    data.mkdir()
    (data / "facts.yml").write_text("a: 1\n", encoding="utf-8")
    return WorkingCopy(data, Versions(tmp_path / "versions"))


def _append(copy: WorkingCopy) -> None:
    revision = revision_of((copy.folder / "facts.yml").read_bytes())
    copy.save("facts.yml", revision, lambda text: text, lambda text: f"{text}b: 2\n")


def test_a_folder_that_cannot_be_flushed_does_not_deny_a_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor would read that nothing was saved, and save again over their own change."""

    def fail(folder: Path) -> None:
        raise OSError(errno.EIO, "no flush")

    copy = _copy(tmp_path)
    monkeypatch.setattr(files, "sync_folder", fail)
    _append(copy)
    assert (copy.folder / "facts.yml").read_text(encoding="utf-8") == "a: 1\nb: 2\n"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A half-written file would stop every later publication."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    copy = _copy(tmp_path)
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(NotSaved):
        _append(copy)
    assert [path.name for path in copy.folder.iterdir()] == ["facts.yml"]
    assert (copy.folder / "facts.yml").read_text(encoding="utf-8") == "a: 1\n"
