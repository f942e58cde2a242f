"""Simulated days of messages, with and without a wave: is it shown within minutes, and does quiet traffic raise false alarms?

Quiet traffic comes from the training sentences: topics of very different frequency, each with its own time of the day, a steep
daily wave of verification codes at noon, topics that grow from day to day, and small bursts such as every service has. The
planted wave is 20 of the new sentences of `wave_sentences.py` in 10 minutes. `make simulate-waves` prints the table.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from content.desk_file import Waves
from handoff.workshop.waves.scan import CodedMessage, Scan
from tests.simulation.wave_sentences import SCRIPTS

_ROOT = Path(__file__).parents[2]
_BOT = _ROOT / ".venv" / "bot" / "bin" / "python"
_START = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
_DAY, _MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
#: The desk looks so often; a message waits half of it on average, and its code takes a moment.
TICK = dt.timedelta(seconds=15)
#: Sentences of each intent that the simulation uses: many, so that few are literally repeated.
_SENTENCES = 60
#: Topics with a steep daily wave, and the hour (UTC; noon in Shanghai is 4).
_NOON = {"verification_code_not_received": 4.0, "identity_verification": 4.5}


@dataclass(frozen=True)
class Message:
    """A message of a day. `is_planted`: of the wave."""

    at: dt.datetime
    conversation: str
    text: str
    is_planted: bool = False


@dataclass(frozen=True)
class Alarm:
    """What the scan showed, and when."""

    at: dt.datetime
    conversations: int
    planted: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Topics:
    """The sentences of the training data by intent, with codes."""

    sentences: dict[str, list[str]]
    codes: dict[str, int]


def read_topics(seed: int = 0) -> Topics:
    """Some sentences of each intent, and those of the planted waves."""
    rng = random.Random(seed)
    sentences: dict[str, list[str]] = {}
    for path in sorted((_ROOT / "data" / "nlu").glob("*.yml")):
        for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line[2:] for line in str(entry.get("examples", "")).splitlines() if line.startswith("- ")]
            if lines:
                sentences.setdefault(str(entry["intent"]), []).extend(lines)
    sentences = {intent: rng.sample(lines, min(_SENTENCES, len(lines))) for intent, lines in sorted(sentences.items())}
    texts = [text for lines in [*sentences.values(), *SCRIPTS.values()] for text in lines]
    request = json.dumps({"texts": texts})
    command = [str(_BOT), "-W", "ignore", "-m", "tests.simulation.wave_codes"]
    answer = subprocess.run(command, input=request, capture_output=True, text=True, check=True, cwd=_ROOT)
    codes = [int(code, 16) for code in json.loads(answer.stdout)["codes"]]
    return Topics(sentences, dict(zip(texts, codes)))


class Traffic:
    """Quiet traffic of one wallet: the topics and their rhythm are drawn once, the messages day by day."""

    def __init__(self, topics: Topics, rng: random.Random, turns: int) -> None:
        self._topics, self._rng, self._turns = topics, rng, turns
        intents = list(topics.sentences)
        rng.shuffle(intents)
        self._weights = {intent: 1.0 / (rank + 3) for rank, intent in enumerate(intents)}
        self._peaks = {intent: rng.gauss(5.0, 4.0) for intent in intents}
        self._growing = rng.sample(intents, 5)
        # Some sentences of a topic are what most customers write.
        self._favourites = {
            intent: [1.0 / (rank + 2) for rank in range(len(lines))] for intent, lines in topics.sentences.items()
        }

    def day(self, number: int) -> list[Message]:
        """The messages of a day, in order."""
        rng = self._rng
        rates = {
            intent: weight * (1.12**number if intent in self._growing else 1.0) * rng.lognormvariate(0, 0.25)
            for intent, weight in self._weights.items()
        }
        intents = list(rates)
        messages: list[Message] = []
        count = int(self._turns * rng.uniform(0.9, 1.1) * (0.8 if number % 7 in (5, 6) else 1.0))
        for intent in rng.choices(intents, list(rates.values()), k=count):
            messages.append(self._message(number, intent, self._hour(intent)))
        for _ in range(4):  # small bursts of one topic
            intent, hour = rng.choice(intents), rng.uniform(1, 14)
            messages += [self._message(number, intent, hour + rng.uniform(0, 0.5)) for _ in range(rng.randint(3, 6))]
        repeats = [message for message in messages if rng.random() < 0.12]  # customers who say it again
        messages += [
            Message(message.at + rng.uniform(0.5, 6) * _MINUTE, message.conversation, message.text) for message in repeats
        ]
        return sorted(messages, key=lambda message: message.at)

    def _hour(self, intent: str) -> float:
        if intent in _NOON and self._rng.random() < 0.6:
            return self._rng.gauss(_NOON[intent], 0.3) % 24
        if self._rng.random() < 0.25:
            return self._rng.uniform(0, 24)
        return self._rng.gauss(self._peaks[intent], 3.5) % 24

    def _message(self, number: int, intent: str, hour: float) -> Message:
        (text,) = self._rng.choices(self._topics.sentences[intent], self._favourites[intent])
        return Message(_START + number * _DAY + hour * 60 * _MINUTE, f"c{self._rng.randrange(10**12)}", text)


def plant(rng: random.Random, script: Sequence[str], number: int, count: int = 20, minutes: float = 10) -> list[Message]:
    """A wave of so many new sentences at some time between 8 and 22 o'clock in Shanghai."""
    start = _START + number * _DAY + rng.uniform(0, 14) * 60 * _MINUTE
    times = sorted([0.0, minutes, *(rng.uniform(0, minutes) for _ in range(count - 2))])
    texts = rng.sample(list(script), count)
    return [Message(start + at * _MINUTE, f"w{rng.randrange(10**12)}", text, True) for at, text in zip(times, texts)]


def watch(history: Iterable[Message], day: Iterable[Message], topics: Topics, policy: Waves) -> Iterator[Alarm]:
    """The alarms of a day, as the desk would raise them: one for each group of alike messages."""
    scan = Scan(policy.least, policy.false_alarms_per_day)
    scan.add(_coded(history, topics))
    messages = list(day)
    planted = {(message.conversation, number) for number, message in enumerate(messages) if message.is_planted}
    texts = {(message.conversation, number): message.text for number, message in enumerate(messages)}
    coded = list(_coded(messages, topics))
    shown: set[tuple[str, int]] = set()
    place = 0
    now = messages[0].at
    while place < len(coded):
        now = max(now + TICK, coded[place].at)
        new = []
        while place < len(coded) and coded[place].at <= now:
            new.append(coded[place])
            place += 1
        scan.add(new)
        for cluster in scan.clusters(new, now):
            keys = {message.key for message in cluster.members}
            is_known = bool(keys & shown)
            shown |= keys
            if not is_known:
                found = tuple(texts[key] for key in keys)
                yield Alarm(now, cluster.conversations, len(keys & planted), found)


def _coded(messages: Iterable[Message], topics: Topics) -> Iterator[CodedMessage]:
    for number, message in enumerate(messages):
        yield CodedMessage(message.at, message.conversation, number, topics.codes[message.text])


@dataclass(frozen=True)
class PlantedDay:
    """A day with a wave. `shown_after`: seconds from its first message; None: never."""

    seed: int
    script: str
    turns: int
    shown_after: float | None
    messages_before: int
    other_alarms: int


def planted_day(topics: Topics, seed: int, *, days: int = 7, turns: int = 2000, policy: Waves | None = None) -> PlantedDay:
    """A day with a planted wave after so many quiet days."""
    rng = random.Random(seed)
    traffic = Traffic(topics, rng, turns)
    history = [message for number in range(days) for message in traffic.day(number)]
    name = list(SCRIPTS)[seed % len(SCRIPTS)]
    wave = plant(rng, SCRIPTS[name], days)
    day = sorted([*traffic.day(days), *wave], key=lambda message: message.at)
    alarms = list(watch(history, day, topics, policy or Waves()))
    hit = next((alarm for alarm in alarms if alarm.planted * 2 > alarm.conversations), None)
    after = (hit.at - wave[0].at).total_seconds() if hit else None
    before = sum(message.at <= hit.at for message in wave) if hit else len(wave)
    return PlantedDay(seed, name, len(day), after, before, sum(not alarm.planted for alarm in alarms))


def quiet_days(topics: Topics, seed: int, count: int, *, turns: int = 2000, policy: Waves | None = None) -> list[Alarm]:
    """The false alarms of so many quiet days, after a week."""
    traffic = Traffic(topics, random.Random(seed), turns)
    history = [message for number in range(7) for message in traffic.day(number)]
    found: list[Alarm] = []
    for number in range(7, 7 + count):
        day = traffic.day(number)
        found += watch(history, day, topics, policy or Waves())
        history += day
    return found


def main() -> int:
    """Print when each planted wave was shown, and the false alarms of quiet days."""
    parser = argparse.ArgumentParser(description="Simulated days of messages, with and without a wave.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--days", type=int, default=10, help="quiet days")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="3 waves and 3 quiet days")
    parser.add_argument("--show", action="store_true", help="print the sentences of false alarms")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.seeds, arguments.days = 3, 3
    topics = read_topics()
    print("| seed | wave | messages that day | shown after | messages of the wave by then | false alarms |")
    print("| --- | --- | --- | --- | --- | --- |")
    in_time, slowest = 0, 0.0
    for seed in range(arguments.seeds):
        day = planted_day(topics, seed)
        in_time += day.shown_after is not None and day.shown_after <= 300
        slowest = max(slowest, day.shown_after or math.inf)
        after = "never" if day.shown_after is None else f"{math.ceil(day.shown_after)} s"
        print(f"| {day.seed} | {day.script} | {day.turns} | {after} | {day.messages_before} | {day.other_alarms} |")
    alarms = quiet_days(topics, 1000, arguments.days)
    print(f"\nwaves shown within 5 minutes: {in_time} of {arguments.seeds}")
    print(f"false alarms in {arguments.days} quiet days: {len(alarms)}")
    if arguments.show:
        for alarm in alarms:
            print(f"  {alarm.at:%a %H:%M} {alarm.conversations}: {' / '.join(alarm.texts)}")
    figures = [
        {
            "measure": f"a planted wave of 20 messages in 10 minutes is shown within 5 minutes, {arguments.seeds} seeds",
            "value": f"{in_time} of {arguments.seeds}, the slowest after {slowest:.0f} s",
            "bar": f"{arguments.seeds} of {arguments.seeds}",
            "passed": in_time == arguments.seeds,
        },
        {
            "measure": f"false alarms in {arguments.days} quiet days",
            "value": str(len(alarms)),
            "bar": "at most 2",
            "passed": len(alarms) <= 2,
        },
    ]
    if arguments.json:
        arguments.json.write_text(json.dumps(figures), encoding="utf-8")
    return 0 if all(figure["passed"] for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
