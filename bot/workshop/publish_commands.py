"""`python -m bot publish | rollback | packages`, for a terminal and for scripts."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

COMMANDS = ("publish", "rollback", "packages")
#: Sentences of a refusal that a terminal shows; `python -m bot gate` shows all.
_SHOWN = 5


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's subcommands."""
    publish = commands.add_parser("publish", help="check a data folder, train if needed, bring it to the running bot and desk")
    publish.add_argument("--data", type=Path, help="the editors' files, or a copy of them (default: data)")
    publish.add_argument("--no-gate", action="store_true", help="publish without asking the gate; --why is needed")
    publish.add_argument(
        "--or-live", action="store_true", help="if it cannot be published, report why and succeed if something is live"
    )
    rollback = commands.add_parser("rollback", help="publish an earlier publication again, without training, in seconds")
    rollback.add_argument("--to", type=int, metavar="N", help="the publication's number (default: what was live before)")
    for command in (publish, rollback):
        command.add_argument("--why", default="", help="the reason, for the record")
        command.add_argument("--by", default=_user(), help="who publishes (default: your user name)")
        command.add_argument("--second", help="the second person who agreed")
    packages = commands.add_parser("packages", help="list the publications, the newest first")
    packages.add_argument("--unpack", type=int, metavar="N", help="write the data folder of this publication to FOLDER")
    packages.add_argument("folder", type=Path, nargs="?", metavar="FOLDER")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "command line"


def run(options: argparse.Namespace) -> int:
    """Run one of the commands. The exit code is 0, or 1 with an error message that states what to fix."""
    # Imported here: the parser must not wait for them.
    from bot.workshop.jobs import JobError
    from bot.workshop.packages import PublishError
    from content.packages import PackageError
    from content.snapshots import SnapshotError
    from content.sources import ContentError

    try:
        if options.command == "publish":
            return _publish(options)
        if options.command == "rollback":
            return _roll_back(options)
        return _packages(options)
    except (ContentError, PublishError, PackageError, SnapshotError, JobError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 0 if getattr(options, "or_live", False) and _serves_what_is_live() else 1


def _serves_what_is_live() -> bool:
    """Whether something is live that this version of the program can serve; says so."""
    from bot.folders import MODELS
    from bot.workshop.packages import is_readable
    from content.packages import live_pointer, model_archive

    live = live_pointer(MODELS)
    if live is None or not is_readable(MODELS, live.revision) or not model_archive(MODELS, live.model).exists():
        return False
    print(f"not published; what is live goes on: content {live.revision}, model {live.model}", file=sys.stderr)
    return True


def _publish(options: argparse.Namespace) -> int:
    from bot.folders import DATA
    from bot.learning.calibration import TooFewExamples
    from bot.learning.training import TrainingError
    from bot.workshop.packages import Bots, PublishError, Who
    from bot.workshop.publishing import publish

    if options.no_gate and not options.why.strip():
        raise PublishError("不经过检查发布时必须写明原因（--why）。", "Publishing without the gate needs a reason: --why.")
    who = Who(by=options.by, why=options.why, second=options.second)
    try:
        publish(Bots.of_environment(), who, options.data or DATA, judge=None if options.no_gate else _judge)
    except (TrainingError, TooFewExamples) as error:
        raise PublishError(f"训练没有完成：{error}", str(error)) from error
    return 0


def _judge(data: Path, revision: str, model: str) -> Any:
    """Ask the gate about a folder. Raises PublishError with the reasons when it refuses."""
    from bot.workshop.check import gate_of
    from bot.workshop.packages import PublishError, Reports
    from content.packages import gate_summary

    print("asking the gate ...", flush=True)
    report = gate_of(data, lambda share, zh, en: None)
    if report["verdict"] != "pass":
        lines = ["the gate refuses this draft; nothing was published:", *_told(report["reasons"])]
        raise PublishError("发布检查未通过，没有发布。", "\n".join(lines))
    return Reports(gate=gate_summary(report))


def _told(reasons: List[Dict[str, Any]]) -> List[str]:
    lines = []
    for reason in reasons:
        lines.append(f"- {reason['kind']}: {reason['detail']}")
        lines += [f"    {sentence}" for sentence in reason.get("sentences", [])[:_SHOWN]]
    return lines


def _roll_back(options: argparse.Namespace) -> int:
    from bot.workshop.packages import Bots, Who
    from bot.workshop.publications import roll_back

    roll_back(Bots.of_environment(), Who(by=options.by, why=options.why, second=options.second), options.to)
    return 0


def _packages(options: argparse.Namespace) -> int:
    from bot.folders import DATA, MODELS
    from content.packages import live_pointer, missing_parts, published_packages, read_package
    from content.snapshots import unpack_snapshot

    if options.unpack is not None:
        if options.folder is None:
            print("error: name the folder to write to", file=sys.stderr)
            return 1
        unpack_snapshot(MODELS, read_package(MODELS, options.unpack).data_revision, options.folder, DATA)
        print(f"wrote the data folder of publication {options.unpack} to {options.folder}")
        return 0
    live = live_pointer(MODELS)
    live_number: Optional[int] = None if live is None else live.package
    for package in published_packages(MODELS):
        marks = ["live"] if package.number == live_number else []
        marks += [f"{part} gone" for part in missing_parts(package, MODELS)]
        marks += [f"rolled back to {package.rolled_back_to}"] if package.rolled_back_to is not None else []
        people = " and ".join(filter(None, (package.by, package.second)))
        print(f"{package.number}\t{package.at}\t{people}\t{package.model}\t{', '.join(marks)}\t{package.why}")
    return 0
