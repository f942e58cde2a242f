"""`python -m bot shadow | replay | look-back`: the log decided again, for a terminal and for scripts."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Dict, Mapping

COMMANDS = ("shadow", "replay", "look-back")
_SHOWN = 10


def add_commands(commands: Any) -> None:
    """Add the three commands to a parser's subcommands."""
    shadow = commands.add_parser("shadow", help="what a draft would change: live and draft decide the last turns of the log")
    shadow.add_argument("--data", type=Path, help="the draft: a data folder (default: data)")
    shadow.add_argument("--turns", type=_count, default=10_000, help="how many turns of the log (default: 10,000)")
    _add_json(shadow)
    replay = commands.add_parser("replay", help="make logged decisions again, with the model and content of that day")
    replay.add_argument("turn", nargs="?", metavar="CONVERSATION[/TURN]", help="TURN: the number of a message, or a turn's id")
    replay.add_argument("--last", type=_count, metavar="N", help="the newest turns of all conversations")
    _add_json(replay)
    back = commands.add_parser("look-back", help="which closed conversations should have gone to a person")
    back.add_argument("--data", type=Path, help="look back with this data folder (default: what is live)")
    back.add_argument("--csv", type=Path, metavar="FILE", help="write the list for a spreadsheet")
    _add_json(back)


def run(options: argparse.Namespace) -> int:
    """Run one of the commands. The exit code is 0 when it is done. Raises JobError."""
    # Imported here: the parser must not wait for numpy and the encoder.
    from bot.workshop import log_jobs
    from bot.workshop.jobs import JobError
    from bot.workshop.look_back import write_csv

    parameters: Dict[str, Any] = {}
    data = getattr(options, "data", None)
    if data is not None:
        parameters["data"] = str(data)
    try:
        if options.command == "shadow":
            result = log_jobs.shadow_job({**parameters, "turns": options.turns}, _say)
        elif options.command == "look-back":
            result = log_jobs.look_back_job(parameters, _say)
        else:
            result = log_jobs.replay_job(_replayed(options), _say)
        # Written before it is printed: a pipe that is closed early must not lose the result.
        if options.json is not None:
            options.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if getattr(options, "csv", None) is not None:
            write_csv(result, options.csv)
    except (JobError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    {"shadow": _print_shadow, "look-back": _print_look_back, "replay": _print_replay}[options.command](result)
    return 0


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole result as JSON")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("a number from 1 on")
    return count


def _replayed(options: argparse.Namespace) -> Dict[str, Any]:
    if options.turn is None:
        return {"turns": options.last or 1}
    conversation, _, turn = options.turn.partition("/")
    return {"conversation_id": conversation, **({"turn": turn} if turn else {})}


def _say(share: float, zh: str, en: str) -> None:
    print(f"{share:4.0%} {en}", file=sys.stderr, flush=True)


def _print_shadow(result: Mapping[str, Any]) -> None:
    print(f"{result['changed']} of {result['n']} turns change")
    for flip, count in result["flips"].items():
        print(f"  {flip:<24}{count:>7}")
    texts = result["texts_changed"]
    if texts["turns"]:
        print(f"  answers with a changed text: {texts['turns']} ({', '.join(texts['articles'])})")
    for example in result["examples"][:_SHOWN]:
        before, after = example["before"], example["after"]
        print(f"  {example['kind']}: {example['text']!r}")
        print(f"    {_outcome(before)} -> {_outcome(after)}")


def _outcome(decision: Mapping[str, Any]) -> str:
    what = decision["article"] or decision["reason"] or decision["intent"] or ""
    return f"{decision['route']} {what} ({decision['rule']})"


def _print_replay(result: Mapping[str, Any]) -> None:
    print(f"{result['n_identical']} of {result['n']} turns are identical")
    for each in result["differences"][:_SHOWN]:
        print(f"  {each['turn_id']}: {each['field']}: {each['logged']!r} -> {each['replayed']!r}")
    for each in result["missing"]:
        print(f"  missing {each['part']} {each['name']} ({len(each['turns'])} turns): {each['en']}")
    for each in result["code"]:
        print(f"  other {each['name']}: {each['logged']} then, {each['present']} now ({each['turns']} turns)")
    if result["inferred"]:
        print(f"  of {len(result['inferred'])} turns the log does not hold what the bot was told; it was inferred")


def _print_look_back(result: Mapping[str, Any]) -> None:
    print(f"{result['count']} closed conversations should have gone to a person ({result['n']} turns read)")
    for reason, count in result["by_reason"].items():
        print(f"  {reason:<24}{count:>7}")
    for entry in result["found"][:_SHOWN]:
        print(f"  {entry['conversation_id']}/{entry['seq']} {entry['after']['reason']}: {entry['text']!r}")
