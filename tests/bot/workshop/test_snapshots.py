"""Snapshots of the data folder: equal folders are equal snapshots, and half a snapshot never exists."""

from __future__ import annotations

import errno
import io
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict

import pytest

from content import snapshots
from content.compiler import FILES, compile_content
from content.snapshots import (
    FOLDER,
    SnapshotError,
    data_revision,
    read_snapshot,
    snapshot_path,
    take_snapshot,
    unpack_snapshot,
)
from content.sources import ContentError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small data folder."""
    folder = tmp_path / "data"
    (folder / "articles").mkdir(parents=True)
    (folder / "triage.yml").write_text("version: 1  # 说明\n", encoding="utf-8")
    (folder / "articles/退款.md").write_text("退款\n", encoding="utf-8")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """An empty models folder."""
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def files(folder: Path) -> Dict[str, bytes]:
    """All files of a folder with their bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_unpacked_snapshot_is_the_folder_byte_for_byte(data: Path, models: Path, tmp_path: Path) -> None:
    """A rolled-back or replayed version would differ from the one that was live."""
    revision = take_snapshot(data, models)
    assert revision == data_revision(data)
    unpacked = unpack_snapshot(models, revision, tmp_path / "unpacked")
    assert files(unpacked) == files(data) == read_snapshot(models, revision)
    assert data_revision(unpacked) == revision


def test_the_revision_changes_with_names_and_bytes_only(data: Path, models: Path, tmp_path: Path) -> None:
    """A draft would look changed after `touch`, or unchanged after an edit."""
    first = data_revision(data)
    os.utime(data / "triage.yml", (1, 1))
    (data / ".triage.yml.swp").write_text("x", encoding="utf-8")
    (data / "triage.yml~").write_text("x", encoding="utf-8")
    assert data_revision(data) == first
    (data / "articles/退款.md").rename(data / "articles/退款2.md")
    second = data_revision(data)
    assert second != first
    (data / "triage.yml").write_text("version: 2\n", encoding="utf-8")
    assert data_revision(data) not in (first, second)


def test_equal_folders_give_equal_bytes_and_are_stored_once(data: Path, models: Path, tmp_path: Path) -> None:
    """Each check of the same draft would fill the disk by one more megabyte."""
    revision = take_snapshot(data, models)
    stored = snapshot_path(models, revision)
    stamp = stored.stat().st_mtime_ns
    os.utime(data / "triage.yml", (5, 5))
    assert take_snapshot(data, models) == revision
    assert stored.stat().st_mtime_ns == stamp
    other = tmp_path / "other"
    other.mkdir()
    take_snapshot(data, other)
    assert snapshot_path(other, revision).read_bytes() == stored.read_bytes()


def test_threads_that_take_the_same_snapshot_at_once_all_get_it(data: Path, models: Path) -> None:
    """Two editors who press at once: one would read that the snapshot cannot be written."""
    (data / "big").write_bytes(os.urandom(300_000))
    with ThreadPoolExecutor(8) as pool:
        revisions = set(pool.map(lambda _: take_snapshot(data, models), range(16)))
    assert revisions == {data_revision(data)}
    assert [path.name for path in (models / FOLDER).iterdir()] == [f"{data_revision(data)}.tar.gz"]


def test_a_damaged_snapshot_is_recognised_and_taken_again(data: Path, models: Path, tmp_path: Path) -> None:
    """Half a data folder would be published as a roll-back."""
    revision = take_snapshot(data, models)
    path = snapshot_path(models, revision)
    whole = path.read_bytes()
    for damage in (b"", whole[: len(whole) // 2], b"not an archive", whole[:-200] + b"\0" * 200):
        path.write_bytes(damage)
        with pytest.raises(SnapshotError, match="damaged"):
            unpack_snapshot(models, revision, tmp_path / "unpacked")
        assert not (tmp_path / "unpacked").exists()
    assert take_snapshot(data, models) == revision
    assert path.read_bytes() == whole
    path.unlink()
    with pytest.raises(SnapshotError, match="gone"):
        unpack_snapshot(models, revision, tmp_path / "unpacked")


def _archive(**members: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, kind in members.items():
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, 1 if kind == tarfile.REGTYPE else 0
            member.linkname = "/etc/passwd"
            archive.addfile(member, io.BytesIO(b"x"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../escape", tarfile.REGTYPE),
        ("/tmp/escape", tarfile.REGTYPE),
        ("a/../../escape", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("hard", tarfile.LNKTYPE),
        ("fifo", tarfile.FIFOTYPE),
    ],
)
def test_a_hostile_archive_writes_nothing(models: Path, tmp_path: Path, name: str, kind: bytes) -> None:
    """A prepared file in the models folder could overwrite any file of the machine."""
    path = snapshot_path(models, "0" * 12)
    path.parent.mkdir()
    path.write_bytes(_archive(**{name: kind}))
    before = files(tmp_path)
    with pytest.raises(SnapshotError, match="damaged"):
        unpack_snapshot(models, "0" * 12, tmp_path / "in/unpacked")
    assert files(tmp_path) == before


def test_an_archive_that_unpacks_to_too_much_is_refused(
    data: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prepared archive could fill the memory."""
    revision = take_snapshot(data, models)
    monkeypatch.setattr(snapshots, "SIZE_LIMIT", 10)
    with pytest.raises(SnapshotError, match="damaged"):
        unpack_snapshot(models, revision, tmp_path / "unpacked")
    with pytest.raises(SnapshotError, match="too large"):
        data_revision(data)


@pytest.mark.parametrize("text", ["", "../published", "0" * 11, "0" * 13, "G" * 12, "0" * 12 + "\n"])
def test_a_text_that_is_no_revision_is_no_path(models: Path, text: str) -> None:
    """A parameter of a request could name any archive of the machine."""
    with pytest.raises(SnapshotError, match="not a data revision"):
        snapshot_path(models, text)


def test_a_folder_with_files_is_never_overwritten(data: Path, models: Path) -> None:
    """Unpacking over the editors' working copy would lose what they wrote."""
    revision = take_snapshot(data, models)
    (data / "triage.yml").write_text("mine\n", encoding="utf-8")
    before = files(data)
    with pytest.raises(SnapshotError):
        unpack_snapshot(models, revision, data)
    assert files(data) == before


def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path, models: Path) -> None:
    """A mistyped --data would publish nothing at all as the new content."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "missing", tmp_path / "empty"):
        with pytest.raises(SnapshotError, match=folder.name):
            take_snapshot(folder, models)


def test_a_save_while_the_folder_is_read_is_not_mixed_in(data: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot would hold one file of before a save and one of after it: a state that nobody checked."""
    real, reads = Path.read_bytes, []

    def read_and_save(path: Path) -> bytes:
        found = real(path)
        reads.append(path.name)
        if len(reads) == 1:  # after the first file was read, somebody saves both
            (data / "articles/退款.md").write_text("退款, 新的\n", encoding="utf-8")
            (data / "triage.yml").write_text("version: 3, new\n", encoding="utf-8")
        return found

    monkeypatch.setattr(Path, "read_bytes", read_and_save)
    revision = take_snapshot(data, models)
    monkeypatch.setattr(Path, "read_bytes", real)
    assert read_snapshot(models, revision) == files(data)


def test_a_full_disk_leaves_no_half_snapshot(data: Path, models: Path, tmp_path: Path) -> None:
    """A cut-off archive would be taken for the published data, and the error would be a traceback."""
    (data / "big").write_bytes(os.urandom(100_000))
    head = "from pathlib import Path; from content.snapshots import *\n"
    take = f"{head}take_snapshot(Path({str(data)!r}), Path({str(models)!r}))"

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    run = subprocess.run([sys.executable, "-c", take], preexec_fn=small_files, capture_output=True, text=True)
    assert "The disk is full" in run.stderr
    assert files(models) == {}
    revision = take_snapshot(data, models)

    into = tmp_path / "in/unpacked"
    unpack = f"{head}unpack_snapshot(Path({str(models)!r}), {revision!r}, Path({str(into)!r}))"
    run = subprocess.run([sys.executable, "-c", unpack], preexec_fn=small_files, capture_output=True, text=True)
    assert "The disk is full" in run.stderr
    assert list(into.parent.iterdir()) == []


def test_a_full_disk_is_explained_in_chinese(data: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor would read an error number."""

    def full(source: Any, target: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SnapshotError) as caught:
        take_snapshot(data, models)
    assert caught.value.zh.startswith("磁盘已满")
    assert list((models / FOLDER).iterdir()) == []


def test_a_snapshot_of_an_older_version_gets_the_files_that_later_versions_brought(tmp_path: Path, data: Path) -> None:
    """After an update nothing could be published any more: what is live could not be read, and not be rolled back to."""
    models, newer = tmp_path / "models", tmp_path / "newer"
    revision = take_snapshot(data, models)
    for name in ("help.yml", "duties/cn.yml", "calendars/eu.yml", "triage.yml"):
        (newer / name).parent.mkdir(parents=True, exist_ok=True)
        (newer / name).write_text(f"new {name}\n", encoding="utf-8")
    folder = unpack_snapshot(models, revision, tmp_path / "out", newer)
    assert (folder / "help.yml").read_text(encoding="utf-8") == "new help.yml\n"
    assert (folder / "duties/cn.yml").exists()
    assert (folder / "calendars/eu.yml").exists()
    assert (folder / "triage.yml").read_text(encoding="utf-8") == "version: 1  # 说明\n"


def test_every_file_of_a_version_is_old_or_named_as_added() -> None:
    """A file of the next version would break the first publication after the update."""
    first = {"triage.yml", "short_replies.yml", "facts.yml", "replies.yml", "traditional.yml", "desk.yml", "languages.yml"}
    assert set(FILES) <= first | {"canned_replies.yml"} | set(snapshots.ADDED)


def test_what_an_older_version_published_is_not_held_to_later_rules(tmp_path: Path) -> None:
    """The first publication after an update would be refused for a text that is live."""
    folder = Path(shutil.copytree("data", tmp_path / "data"))
    file = folder / "canned_replies.yml"
    source = file.read_text(encoding="utf-8")
    assert "promise:" in source
    file.write_text(re.sub(r"^ *promise:.*\n|, promise: \[[^\]]*\]", "", source, flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(ContentError, match="promise"):
        compile_content(folder)
    assert compile_content(folder, is_past=True).canned_replies
