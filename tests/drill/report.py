"""The result of a drill: the figures, the verdicts, and the table. It contains no customer's text."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tests.drill import agents, customers
from tests.drill.aid_audit import BARS as AID_BARS
from tests.drill.audit import BARS, Wait, faults_during, needless_failures
from tests.drill.people_audit import People
from tests.drill.records import Client, Entry, Race
from tests.drill.replay import Breach
from tests.drill.system import BOTS

UNEXPECTED_REFUSALS = "unexpected refusals"
ROWS_DIFFER = "rows that are not what their logs say"
#: Breaches of each bar that the table lists; conversations whose logs are in drill.json.
_MOST_SHOWN, _MOST_STORIES = 5, 20


@dataclass(frozen=True)
class Figures:
    """The data of a finished drill, and the audit's findings."""

    clients: list[Client]
    logs: dict[str, list[Entry]]
    people: People
    breaches: list[Breach]
    waits: list[Wait]
    agent_refusals: list[str]
    claims: int
    races: list[Race]
    unmet: list[str]


def make_report(settings: dict[str, Any], figures: Figures, longest_wait: float) -> dict[str, Any]:
    """All figures of a drill, as written to drill.json."""
    clients, logs, faults, breaches, waits = (
        figures.clients,
        figures.logs,
        figures.people.faults,
        figures.breaches,
        figures.waits,
    )
    sends = [send for client in clients for send in client.sends]
    refusals = Counter(refusal for client in clients for refusal in client.refusals)
    expected = customers.EXPECTED_REFUSALS
    unexpected = {code: count for code, count in refusals.items() if code not in expected}
    by_agents = Counter(figures.agent_refusals)
    unexpected |= {code: count for code, count in by_agents.items() if code not in agents.EXPECTED_REFUSALS}
    seconds = sorted(wait.seconds for wait in waits if wait.is_over)
    longest = max(waits, key=lambda wait: wait.seconds, default=None)
    found = Counter(breach.bar for breach in breaches)
    reasons = Counter(e.data["reason"] for log in logs.values() for e in log if e.type == "handoff_requested")
    needless = needless_failures(logs, faults, BOTS, longest_wait)
    failures = Counter(e.data["code"] for log in logs.values() for e in log if e.type == "bot_failed")
    return {
        "settings": settings,
        "faults_by_kind": dict(Counter(fault.kind for fault in faults)),
        "races_by_kind": dict(Counter(race.kind for race in figures.races)),
        "races": _races(figures),
        "conversations": len({client.conversation for client in clients}),
        "events": sum(len(log) for log in logs.values()),
        "sent": len(sends),
        "acknowledged": sum(send.seq is not None for send in sends),
        "sent_more_than_once": sum(send.tries > 1 for send in sends),
        "old_ids_repeated": sum(send.repeats for send in sends),
        "frames_seen": sum(len(client.seen) for client in clients),
        "reconnects": sum(client.reconnects for client in clients),
        "claims_granted": figures.claims,
        "offers": sum(event.type == "offered" for log in logs.values() for event in log),
        "offers_accepted": sum(event.data.get("how") == "accepted" for log in logs.values() for event in log),
        "looks_at_who_is_free": len(figures.people.photographs),
        "bars": {bar: found[bar] for bar in (*BARS, *AID_BARS)} | {UNEXPECTED_REFUSALS: sum(unexpected.values())},
        "refusals": {"customers": dict(refusals), "agents": dict(by_agents), "unexpected": unexpected},
        "handoffs_by_reason": dict(reasons),
        "bot_failures": dict(failures),
        "failures_with_a_bot_well": needless,
        "slowest_acknowledgement": max((s.acknowledged_at - s.sent_at for s in sends if s.acknowledged_at), default=None),
        "first_reply": {
            "count": len(seconds),
            "median": statistics.median(seconds) if seconds else None,
            "p99": seconds[max(0, round(0.99 * len(seconds)) - 1)] if seconds else None,
        },
        "longest_silence": None
        if longest is None
        else asdict(longest) | {"faults": faults_during(faults, longest.began_at, longest.seconds)},
        "breaches": [asdict(breach) for breach in breaches],
        "stories": {c: story(logs.get(c, [])) for c in sorted({b.conversation for b in breaches})[:_MOST_STORIES]},
        "faults": [asdict(fault) for fault in faults],
        "moments": [asdict(race) for race in figures.races],
    }


def _races(figures: Figures) -> dict[str, Any]:
    """The outcome of the races: how close they were, who was first, and the responses."""
    firsts = Counter(race.answers[0].partition(" ")[0] for race in figures.races)
    gaps = [race.gap_ms for race in figures.races]
    return {
        "moments": len(figures.races),
        "unmet": dict(Counter(figures.unmet)),
        "together": sum(race.together for race in figures.races),
        "gap_ms_median": statistics.median(gaps) if gaps else None,
        "answered_first": dict(firsts),
        "answers": dict(Counter(answer for race in figures.races for answer in race.answers)),
        "accounts_vanished": len(figures.people.vanished),
    }


def story(log: list[Entry]) -> list[str]:
    """A conversation's log without message text, one line per event."""
    shown = ("message_seq", "turn_id", "code", "reason", "agent", "why", "silent", "client_message_id", "kind")
    lines = []
    for event in log:
        moment = dt.datetime.fromtimestamp(event.at, dt.UTC).strftime("%H:%M:%S.%f")[:-3]
        data = " ".join(f"{name}={event.data[name]}" for name in shown if name in event.data)
        lines.append(f"{event.seq} {moment} {event.type} by {event.by} {data}".rstrip())
    return lines


def has_passed(report: dict[str, Any]) -> bool:
    """Whether every bar is met."""
    return not any(report["bars"].values())


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = ["", _heading("faults")]
    lines += [_row(kind, count) for kind, count in sorted(report["faults_by_kind"].items())]
    lines += [_row("all", sum(report["faults_by_kind"].values())), "", _heading("races between people (moments)")]
    lines += [_row(kind, count) for kind, count in sorted(report["races_by_kind"].items())]
    races = report["races"]
    lines += [_row("all", races["moments"]), _row("races whose moment never came", sum(races["unmet"].values()))]
    if races["moments"]:
        lines.append(_row("all requests under way at once", races["together"]))
        lines.append(_row("between first and last request, median", f"{races['gap_ms_median']:.1f} ms"))
        lines += [_row(f"  answered: {answer}", count) for answer, count in sorted(races["answers"].items())]
    lines += ["", _heading("what happened")]
    names = "conversations sent acknowledged sent_more_than_once old_ids_repeated frames_seen reconnects claims_granted".split()
    names += ["offers", "offers_accepted", "looks_at_who_is_free"]
    lines += [_row(name.replace("_", " "), report[name]) for name in names]
    lines += [_row(f"handoffs: {reason}", count) for reason, count in sorted(report["handoffs_by_reason"].items())]
    lines += [_row(f"failed turns: {code}", count) for code, count in sorted(report["bot_failures"].items())]
    needless = Counter(str(failure["code"]) for failure in report["failures_with_a_bot_well"])
    lines += [_row(f"  though a bot was well: {code}", count) for code, count in sorted(needless.items())]
    lines += ["", _heading("signed-in customers")]
    for name, value in report["first_aid"].items():
        entries = sorted(value.items()) if isinstance(value, dict) else []
        lines += [_row(f"{name.replace('_', ' ')}: {key}", count) for key, count in entries] or [
            _row(name.replace("_", " "), value or 0)
        ]
    reply, silence = report["first_reply"], report["longest_silence"]
    if silence is not None:
        lines += [
            _row("first reply, median", f"{reply['median']:.2f} s"),
            _row("first reply, p99", f"{reply['p99']:.2f} s"),
            _row("slowest acknowledgement", f"{report['slowest_acknowledgement']:.1f} s"),
            _row("longest silence", f"{silence['seconds']:.1f} s"),
            f"    {silence['conversation']} seq {silence['seq']}, during: {'; '.join(silence['faults']) or 'no fault'}",
        ]
    lines += ["", _heading("bars: none of these")]
    for bar, count in report["bars"].items():
        lines.append(f"{_row(bar, count)}   {'kept' if count == 0 else 'BROKEN'}")
        found = [breach for breach in report["breaches"] if breach["bar"] == bar]
        lines += [f"    {each['conversation']} seq {each['seq']}: {each['detail']}" for each in found[:_MOST_SHOWN]]
        lines += [f"    ... and {len(found) - _MOST_SHOWN} more in drill.json"] if len(found) > _MOST_SHOWN else []
    lines += [f"    refused: {code}, {count} times" for code, count in report["refusals"]["unexpected"].items()]
    return "\n".join(lines)


def _heading(text: str) -> str:
    return f"{text}\n{'-' * 52}"


def _row(name: str, value: Any) -> str:
    return f"{name:<42}{value:>10}"
