"""Packages: a crash leaves what was live, two publishers do not mix, and an earlier version comes back in seconds."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest

from bot.workshop import packages as store
from bot.workshop import publications, publish_commands, publishing
from bot.workshop.jobs import JobError
from bot.workshop.packages import Bots, LiveChanged, PublishError, Reports, Who, publishing_lock
from content import packages as records
from content.bundle import Content
from content.packages import Package, PackageError
from content.published import PublishedContent, read_pointer
from content.snapshots import data_revision, snapshot_path, take_snapshot

MODELS = Path("models")
DATA = Path("data")
NO_BOTS = Bots([], "")
EDITOR = Who("editor", "because", by_name="小编", second="boss", second_name="主管")


def quiet(text: str) -> None:
    """Say nothing."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the content with a models folder of its own. Each police phone is another version, with a model of its own."""
    shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "calibration"))
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)

    def ensure_model(say: Callable[[str], None], data: Path) -> str:
        name = f"wallet-{phone(data)}"
        (MODELS / f"{name}.tar.gz").touch()
        return name

    monkeypatch.setattr(publishing, "ensure_model", ensure_model)
    return tmp_path


def phone(data: Path) -> str:
    """The version of a data folder."""
    text = (data / "facts.yml").read_text(encoding="utf-8")
    return text.partition('police_phone: "')[2].partition('"')[0]


def edit(number: int) -> None:
    """Make another version of the data folder."""
    path = DATA / "facts.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'police_phone: "{phone(DATA)}"', f'police_phone: "{number}"'), encoding="utf-8")


def publish(**more: Any) -> Package:
    """Publish the data folder."""
    return publishing.publish(NO_BOTS, EDITOR, say=quiet, **more)[0]


def publish_versions(*numbers: int) -> List[Package]:
    """Publish some versions, one after the other."""
    published = []
    for number in numbers:
        edit(number)
        published.append(publish())
    return published


def roll_back(to: Optional[int] = None, **more: Any) -> Package:
    """Roll back."""
    return publications.roll_back(NO_BOTS, EDITOR, to, quiet, **more)


def served() -> str:
    """Which content customers read, and which model runs."""
    content, model = PublishedContent(MODELS, Content).current()
    return f"{content.revision} {model}"


def test_a_publication_records_who_why_and_the_reports(project: Path) -> None:
    """Nobody could say afterwards who brought a wrong sentence to customers, or what the gate had said."""
    edit(1)
    first = publish()
    assert (first.number, first.base, read_pointer(MODELS).package) == (1, None, 1)
    edit(2)
    asked: List[Any] = []

    def judge(data: Path, revision: str, model: str) -> Reports:
        asked.append((data, revision, model))
        return Reports(gate={"verdict": "pass"}, shadow={"n": 10, "changed": 1, "flips": {}}, check_job=7)

    second = publish(judge=judge)
    assert asked == [(DATA, data_revision(DATA), "wallet-2")]
    assert records.read_package(MODELS, 2) == second
    assert (second.by, second.by_name, second.second, second.second_name, second.why, second.base) == (
        "editor", "小编", "boss", "主管", "because", 1,
    )  # fmt: skip
    assert (second.gate, second.check_job) == ({"verdict": "pass"}, 7)
    assert [package.number for package in records.published_packages(MODELS)] == [2, 1]
    assert records.missing_parts(second, MODELS) == []


def test_the_same_again_is_no_new_package_and_asks_no_gate(project: Path) -> None:
    """Each start of the system would add a publication to the history."""
    edit(1)
    first = publish()

    def judge(data: Path, revision: str, model: str) -> Reports:
        raise AssertionError("asked about what is live")

    again, is_new = publishing.publish(NO_BOTS, EDITOR, say=quiet, judge=judge)
    assert (again, is_new) == (first, False)
    assert records.numbers(MODELS) == [1]


def test_a_draft_that_the_gate_refuses_leaves_all_as_it_was(project: Path) -> None:
    """A missed emergency would go live, or its snapshot would fill the disk at each attempt."""
    publish_versions(1)
    before = sorted(path for path in MODELS.rglob("*") if path.suffix != ".gz" or "snapshots" in path.parts)
    edit(2)

    def judge(data: Path, revision: str, model: str) -> Reports:
        raise PublishError("不行", "no")

    with pytest.raises(PublishError, match="no"):
        publish(judge=judge)
    assert sorted(path for path in MODELS.rglob("*") if path.suffix != ".gz" or "snapshots" in path.parts) == before
    assert read_pointer(MODELS).package == 1


@pytest.mark.parametrize("step", ["store_bundle", "write_package", "swapped_bots", "write_pointer"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_step_leaves_one_whole_version_live(project: Path, step: str, when: str) -> None:
    """After a power failure customers would read half of an edit, or nobody could publish any more."""
    publish_versions(1)
    before, live = served(), read_pointer(MODELS)
    edit(2)

    def crash() -> None:
        where: Any = records if step == "write_package" else store
        real = getattr(where, step)

        def crashes(*arguments: Any) -> Any:
            if when == "after":
                real(*arguments)
            os._exit(9)

        setattr(where, step, crashes)
        publish()

    process = multiprocessing.get_context("fork").Process(target=crash)
    process.start()
    process.join()
    assert process.exitcode == 9
    is_live = step == "write_pointer" and when == "after"
    assert (read_pointer(MODELS).package == 2) == is_live
    assert (served() == before) == (not is_live)
    assert [package.number for package in records.published_packages(MODELS)] == ([2, 1] if is_live else [1])
    again = publish()
    assert (again.number, read_pointer(MODELS).package) == (2, 2)
    assert served() != before
    assert live.package == 1


@pytest.mark.parametrize("step", ["store_bundle", "write_package", "write_pointer"])
def test_a_full_disk_at_any_step_leaves_all_as_it_was(project: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a publication would stay behind, and a full disk would take the bot down."""
    publish_versions(1)
    before = {path: path.read_bytes() for path in MODELS.rglob("*.json")}
    edit(2)

    def full(*arguments: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(records if step == "write_package" else store, step, full)
    with pytest.raises(OSError, match="No space left"):
        publish()
    assert {path: path.read_bytes() for path in MODELS.rglob("*.json")} == before
    assert not snapshot_path(MODELS, data_revision(DATA)).exists()


def test_two_publishers_at_once_come_one_after_the_other(project: Path) -> None:
    """The record of one would name the content of the other."""
    edit(1)
    publish()

    def one(number: int) -> None:
        who = Who(f"editor{number}", f"version {number}")
        folder = Path(f"data{number}")
        publishing.publish(NO_BOTS, who, folder, quiet)

    context = multiprocessing.get_context("fork")
    for number in (3, 4, 5):
        edit(number)
        shutil.copytree(DATA, f"data{number}")
    processes = [context.Process(target=one, args=(number,)) for number in (3, 4, 5)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    found = records.published_packages(MODELS)
    assert [package.number for package in found] == [4, 3, 2, 1]
    assert [package.base for package in found] == [3, 2, 1, None]
    for package in found[:3]:
        assert package.model == f"wallet-{package.by[-1]}"
    pointer = read_pointer(MODELS)
    assert (pointer.package, pointer.model, pointer.data_revision) == (4, found[0].model, found[0].data_revision)


def test_a_publisher_that_waits_too_long_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor would look at a command that hangs; a killed publisher would block all others for ever."""
    edit(1)
    monkeypatch.setattr(publishing, "publishing_lock", lambda models: publishing_lock(models, 0.2))
    context = multiprocessing.get_context("fork")
    is_held = context.Event()

    def hold() -> None:
        with publishing_lock(MODELS):
            is_held.set()
            time.sleep(60)

    holder = context.Process(target=hold)
    holder.start()
    assert is_held.wait(10)
    with pytest.raises(PublishError, match="Another publication is running"):
        publish()
    holder.kill()
    holder.join()
    assert publish().number == 1


# --- rolling back --------------------------------------------------------------------------------------------------------


def test_rolling_back_brings_the_earlier_version_without_training_and_keeps_the_working_copy(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor's mistake would stay live for minutes, or taking it back would destroy what editors have written since."""
    one, _two = publish_versions(1, 2)
    edit(3)  # somebody goes on writing
    before = data_revision(DATA)
    monkeypatch.setattr(publishing, "ensure_model", None)
    started = time.monotonic()
    back = roll_back()
    assert time.monotonic() - started < 2
    assert (back.number, back.base, back.rolled_back_to, back.version) == (3, 2, 1, one.version)
    assert served().startswith(f"{one.revision} wallet-1")
    assert data_revision(DATA) == before


def test_a_second_rolling_back_goes_further_back_and_any_version_can_be_chosen(project: Path) -> None:
    """A second press would bring the mistake back."""
    publish_versions(1, 2, 3)
    assert roll_back().model == "wallet-2"
    assert roll_back().model == "wallet-1"
    with pytest.raises(PublishError, match="no earlier publication"):
        roll_back()
    forward = roll_back(3)
    assert (forward.model, forward.rolled_back_to) == ("wallet-3", 3)
    assert roll_back().model == "wallet-2"
    again = roll_back(5)  # itself a roll-back, to 1
    assert (again.model, again.rolled_back_to) == ("wallet-1", 1)
    with pytest.raises(PublishError, match="is what is live now"):
        roll_back(1)


@pytest.mark.parametrize("number", [0, -1, 99, 10**12])
def test_an_unknown_package_is_an_error(project: Path, number: int) -> None:
    """A wrong number would publish another version than the one that was meant."""
    publish_versions(1, 2)
    with pytest.raises(PackageError, match=f"no publication {number}"):
        roll_back(number)
    assert read_pointer(MODELS).package == 2


def test_an_unfinished_publication_is_no_package(project: Path) -> None:
    """A version that never was live, and perhaps refused by a bot, could be rolled back to."""
    one, two = publish_versions(1, 2)
    pointer = read_pointer(MODELS)
    publish_versions(3)
    store.write_pointer(pointer, MODELS)  # as if the last publication had died before its last step
    assert [package.number for package in records.published_packages(MODELS)] == [2, 1]
    with pytest.raises(PackageError, match="no publication 3"):
        roll_back(3)
    assert roll_back().version == one.version
    assert two.number == 2


def test_a_package_without_its_model_says_how_to_get_it_back(project: Path) -> None:
    """An editor would wait for a roll-back that cannot be, and not learn what to do."""
    publish_versions(1, 2)
    (MODELS / "wallet-1.tar.gz").unlink()
    with pytest.raises(PublishError, match="is gone") as caught:
        roll_back()
    assert "已被清理" in caught.value.zh
    assert read_pointer(MODELS).package == 2


def test_a_lost_or_damaged_bundle_is_made_again_from_the_snapshot(project: Path) -> None:
    """After an update of the program no earlier version could be rolled back to."""
    one, _ = publish_versions(1, 2)
    for damage in (None, b"", b'{"format": 1}', b"\xff\xfe"):
        path = records.bundle_path(MODELS, one.revision)
        if damage is None:
            path.unlink()
        else:
            path.write_bytes(damage)
        assert roll_back(1).revision == one.revision
        assert served().startswith(one.revision)
        roll_back(2)
    path.unlink()
    snapshot_path(MODELS, one.data_revision).unlink()
    with pytest.raises(PublishError, match="are gone"):
        roll_back(1)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"number": 2}', b"\xff"])
def test_a_damaged_record_is_left_out_and_named(project: Path, damage: bytes) -> None:
    """One bad file would hide the history, or end the desk's page with a traceback."""
    publish_versions(1, 2, 3)
    records.record_path(MODELS, 1).write_bytes(damage)
    assert [package.number for package in records.published_packages(MODELS)] == [3, 2]
    with pytest.raises(PackageError, match="damaged"):
        roll_back(1)
    assert publish_versions(4)[0].number == 4


# --- jobs ----------------------------------------------------------------------------------------------------------------


def parameters(revision: str, model: str, base: Any) -> Dict[str, Any]:
    """Of the job `publish`."""
    who = {"by": "editor", "why": "because", "second": "boss"}
    return {"data_revision": revision, "model": model, "base": base, "who": who, "reports": {"gate": {"verdict": "pass"}}}


def no_progress(share: float, zh: str, en: str) -> None:
    """Tell nobody."""


def test_a_checked_snapshot_is_published_as_it_was_checked(project: Path) -> None:
    """What somebody saved after the check would go live unchecked."""
    (one,) = publish_versions(1)
    edit(2)
    checked = take_snapshot(DATA, MODELS)
    (MODELS / "wallet-2.tar.gz").touch()
    edit(3)
    job = parameters(checked, "wallet-2", [1, one.data_revision])
    result = publications.publish_job(job, no_progress)
    assert (result["package"], result["data_revision"], result["model"]) == (2, checked, "wallet-2")
    # The runner was killed before it could report: the job runs again.
    assert publications.publish_job(job, no_progress)["package"] == 2
    assert records.numbers(MODELS) == [2, 1]
    back = {"to": 1, "base": 2, "who": {"by": "editor", "why": "undo"}}
    assert publications.roll_back_job(back, no_progress)["package"] == 3
    assert publications.roll_back_job(back, no_progress)["package"] == 3
    assert records.numbers(MODELS) == [3, 2, 1]


def test_a_draft_older_than_what_is_live_is_refused(project: Path) -> None:
    """An edit that was checked against yesterday's content would undo what somebody published today."""
    (one,) = publish_versions(1)
    edit(2)
    checked = take_snapshot(DATA, MODELS)
    (MODELS / "wallet-2.tar.gz").touch()
    publish_versions(3)
    with pytest.raises(LiveChanged):
        publications.publish_snapshot(checked, "wallet-2", (1, one.data_revision), NO_BOTS, EDITOR, Reports(), quiet)
    with pytest.raises(JobError) as caught:
        publications.publish_job(parameters(checked, "wallet-2", [1, one.data_revision]), no_progress)
    assert "重新检查" in caught.value.zh
    with pytest.raises(JobError, match="just changed"):
        publications.roll_back_job({"to": 1, "base": 1, "who": {"by": "x", "why": "y"}}, no_progress)
    assert read_pointer(MODELS).package == 2


def test_a_check_whose_model_is_gone_says_so(project: Path) -> None:
    """A job that publishes would train for minutes, and hold up a roll-back."""
    publish_versions(1)
    edit(2)
    checked = take_snapshot(DATA, MODELS)
    with pytest.raises(JobError, match="Check the draft again"):
        publications.publish_job(parameters(checked, "wallet-2", None), no_progress)


# --- what is kept --------------------------------------------------------------------------------------------------------


def test_old_models_go_and_what_can_be_rolled_back_to_stays(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks of drafts would push out the models of the last publications, or fill the disk with 90 MB each."""
    monkeypatch.setattr(store, "KEPT_MODELS", 2)
    monkeypatch.setattr(store, "KEPT_TRAINED", 1)
    publish_versions(1, 2, 3)
    for age, draft in enumerate(("a", "b", "c")):
        (MODELS / f"wallet-{draft}.tar.gz").touch()
        os.utime(MODELS / f"wallet-{draft}.tar.gz", (1e10 + age, 1e10 + age))
    edit(3)
    roll_back()
    names = sorted(path.name for path in MODELS.glob("wallet-*"))
    assert names == ["wallet-2.tar.gz", "wallet-3.tar.gz", "wallet-c.tar.gz"]
    assert records.missing_parts(records.read_package(MODELS, 1), MODELS) == ["model"]


def test_what_a_killed_process_was_writing_goes_after_an_hour(project: Path) -> None:
    """Each full disk or killed publication would leave its megabytes for ever; or the file of one who writes now would go."""
    publish_versions(1)
    old, new = MODELS / "snapshots/.0123.tar.gz.1-1.part", MODELS / "content/.0123.json.1-1.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    publish_versions(2)
    assert (old.exists(), new.exists()) == (False, True)


def test_the_snapshots_and_bundles_of_kept_packages_stay(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package would be listed that cannot be rolled back to."""
    for name, kept in (("KEPT_PACKAGES", 2), ("KEPT_BUNDLES", 1), ("KEPT_SNAPSHOTS", 1)):
        monkeypatch.setattr(store, name, kept)
    publish_versions(1, 2, 3, 4, 5)
    kept = records.published_packages(MODELS)
    assert [package.number for package in kept] == [5, 4]
    assert all(records.missing_parts(package, MODELS) == [] for package in kept)
    assert len(list((MODELS / "snapshots").iterdir())) == 3
    assert len(list((MODELS / "content").iterdir())) == 3


# --- the command line ----------------------------------------------------------------------------------------------------


def command(*words: str) -> int:
    """Run a command."""
    import argparse

    parser = argparse.ArgumentParser()
    publish_commands.add_commands(parser.add_subparsers(dest="command"))
    return publish_commands.run(parser.parse_args(list(words)))


def test_the_commands_publish_roll_back_and_list(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator without a browser could not take a mistake back, or would not know who made it."""
    monkeypatch.delenv("BOT_URLS", raising=False)
    verdicts: List[Dict[str, Any]] = []
    monkeypatch.setattr("bot.workshop.check.gate_of", lambda data, progress: verdicts.pop(0))
    edit(1)
    assert command("publish", "--by", "lin") == 0
    edit(2)
    reason = {"kind": "safety_case", "detail": "flips", "sentences": ["我被骗了"]}
    verdicts.append({"verdict": "refuse", "reasons": [reason]})
    capsys.readouterr()
    assert command("publish", "--by", "lin") == 1
    refused = capsys.readouterr().err
    assert "safety_case: flips" in refused
    assert "我被骗了" in refused
    verdicts.append({"verdict": "refuse", "reasons": [reason]})
    assert command("publish", "--or-live") == 0
    assert "what is live goes on" in capsys.readouterr().err
    assert command("publish", "--no-gate") == 1
    verdicts.append({"verdict": "pass", "reasons": []})
    shutil.copytree(DATA, "elsewhere")
    assert command("publish", "--data", "elsewhere", "--by", "lin", "--second", "chen", "--why", "新电话") == 0
    assert command("rollback", "--by", "chen", "--why", "写错了") == 0
    capsys.readouterr()
    assert command("packages") == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["3", "2", "1"]
    assert (lines[0][2], lines[0][4], lines[0][5]) == ("chen", "live, rolled back to 1", "写错了")
    assert (lines[1][2], lines[1][5]) == ("lin and chen", "新电话")
    assert command("packages", "--unpack", "2", "unpacked") == 0
    assert phone(Path("unpacked")) == "2"
    assert command("rollback", "--to", "77") == 1
    assert command("rollback") == 1
    (DATA / "replies.yml").write_text("zh: {}\n", encoding="utf-8")
    assert command("publish", "--or-live") == 0
    assert "replies.yml" in capsys.readouterr().err


def test_or_live_fails_where_nothing_is_live(project: Path) -> None:
    """A start of the system would go on without any content."""
    (DATA / "replies.yml").write_text("zh: {}\n", encoding="utf-8")
    assert command("publish", "--or-live") == 1


def test_readers_see_one_whole_version_while_versions_change(project: Path) -> None:
    """A turn in that moment would get the content of one version with the model of another."""
    publish_versions(1, 2)
    pairs = {(package.revision, package.model) for package in records.published_packages(MODELS)}
    seen: List[Any] = []
    is_over = threading.Event()

    def read() -> None:
        published = PublishedContent(MODELS, Content)
        while not is_over.is_set():
            content, model = published.current()
            seen.append((content.revision, model))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(6):
        roll_back(1)
        roll_back(2)
    is_over.set()
    reader.join()
    assert set(seen) == pairs
