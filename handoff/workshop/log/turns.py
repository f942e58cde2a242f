"""The turns of the log, each with what the bot was told at that time; for shadow, replay, gate and look-back.

The context is folded by the worker's own code (`handoff/turns/context.py`) from the log as it stood when the turn began. Since
version 2 the entry `triage` holds where that was (`begun_seq`). For an older entry it is inferred, and `is_exact` is False.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from contract.decision import known_fields
from contract.incident import Incident
from contract.reasons import UNRESOLVED
from contract.routes import ANSWER
from contract.turn import Context
from handoff.cases.incidents.store import some_versions
from handoff.conversations.events import BotFailed, Event, Message, Triage
from handoff.conversations.evolve import evolve
from handoff.conversations.state import Conversation, born
from handoff.conversations.values import Birth, IncidentNamed
from handoff.figures.episodes import Episode
from handoff.figures.story import StoryFold
from handoff.runtime.transaction import Store
from handoff.turns.context import FRAGMENT_RULE, fold_context, signed_in
from handoff.turns.pieces import PIECES_LIMIT, Words, for_the_bot, with_earlier, words_of
from handoff.workshop.log.store import conversation_ids, last_turns, logs_for_turns

#: The most turns that one request may ask for: they are sorted in memory, about 4 kB each.
MOST_TURNS = 50_000
_CONVERSATIONS_AT_ONCE = 100
_FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)
#: The button under an answer that says that it did not help.
_CHOICE_UNSOLVED = "unsolved"


@dataclass(frozen=True)
class LoggedTurn:
    """One decision of the log, what the bot was told for it, and what happened later.

    `seq`: the entry of the decision. `first_seq` to `last_seq`: the customer's messages that it read. `day`: the date that the
    bot used. `is_exact`: whether the log holds where the turn began; if not, words and context are inferred. `settled`: how the
    episode ended, `{by, reason, priority, lane, outcome, marks}`; None while it goes on without marks. `solved`: of an answer,
    whether the customer said that it helped; None if the customer did not say it.
    """

    conversation_id: str
    turn_id: str
    seq: int
    first_seq: int
    last_seq: int
    at: dt.datetime
    day: dt.date
    episode: int
    words: Words
    context: Context
    silent: bool
    is_exact: bool
    decision: dict[str, Any]
    settled: dict[str, Any] | None
    solved: bool | None

    def as_json(self) -> dict[str, Any]:
        """The turn line of docs/contracts.md."""
        return {
            "conversation_id": self.conversation_id,
            "turn_id": self.turn_id,
            "seq": self.seq,
            "first_seq": self.first_seq,
            "last_seq": self.last_seq,
            "at": self.at.isoformat(),
            "day": self.day.isoformat(),
            "episode": self.episode,
            "text": self.words.text,
            "choice": self.words.choice,
            "suggested": self.words.suggested,
            "context": self.context.as_json(),
            "silent": self.silent,
            "is_exact": self.is_exact,
            "decision": self.decision,
            "settled": self.settled,
            "solved": self.solved,
        }

    def as_line(self) -> bytes:
        """The turn line, encoded, with its line feed."""
        return msgspec.json.encode(self.as_json()) + b"\n"


@dataclass(frozen=True)
class _Begun:
    """A turn while its log is read."""

    event: Event
    triage: Triage
    words: Words
    context: Context
    episode: Episode
    is_exact: bool


def turns_of(
    birth: Birth,
    events: Sequence[Event],
    zone: ZoneInfo,
    incidents: Mapping[tuple[str, int], Incident] = MappingProxyType({}),
) -> list[LoggedTurn]:
    """All turns of one log, in order; without entries that this version cannot read. The log is read once.

    `incidents`: by id and version, those that the log names.
    """
    begun = list(_begun_turns(birth, events, incidents))
    turns: list[LoggedTurn] = []
    for number, turn in enumerate(begun):
        triage, event = turn.triage, turn.event
        turns.append(
            LoggedTurn(
                conversation_id=birth.id,
                turn_id=triage.turn_id,
                seq=event.seq,
                first_seq=triage.first_seq or triage.message_seq,
                last_seq=triage.message_seq,
                at=event.at,
                day=_day(triage.decision, event.at, zone),
                episode=turn.episode.number,
                words=turn.words,
                context=turn.context,
                silent=triage.silent,
                is_exact=turn.is_exact,
                decision=triage.decision,
                settled=_settled(turn.episode),
                solved=_solved(begun, number),
            )
        )
    return turns


async def read_turns(
    store: Store, zone: ZoneInfo, *, last: int | None = None, conversation_id: str | None = None
) -> AsyncIterator[LoggedTurn]:
    """Turns of the log; with `last` the newest ones, oldest first, else all of them, conversation by conversation.

    Reads in batches, each a short transaction, and lets other tasks run between them. Raises Unavailable.
    """
    if conversation_id is not None:
        turns = await _read(store, zone, [conversation_id])
        for turn in turns[-last:] if last is not None else turns:
            yield turn
    elif last is None:
        after = ""
        while True:
            async with store.read() as tx:
                ids = await conversation_ids(tx, after, _CONVERSATIONS_AT_ONCE)
            for turn in await _read(store, zone, ids):
                yield turn
            if len(ids) < _CONVERSATIONS_AT_ONCE:
                return
            after = ids[-1]
    else:
        async with store.read() as tx:
            wanted = await last_turns(tx, min(last, MOST_TURNS))
        found = {}
        ids = list(dict.fromkeys(id_ for id_, _ in wanted))
        keys = set(wanted)
        for start in range(0, len(ids), _CONVERSATIONS_AT_ONCE):
            for turn in await _read(store, zone, ids[start : start + _CONVERSATIONS_AT_ONCE]):
                if (turn.conversation_id, turn.seq) in keys:
                    found[turn.conversation_id, turn.seq] = turn
            await asyncio.sleep(0)
        for key in wanted:
            if key in found:
                yield found[key]


async def _read(store: Store, zone: ZoneInfo, ids: Sequence[str]) -> list[LoggedTurn]:
    async with store.read() as tx:
        logs = await logs_for_turns(tx, ids)
        named = {(each.id, each.version) for _, events in logs for event in events for each in _named(event)}
        incidents = {key: each.told_to_bot() for key, each in (await some_versions(tx, named)).items()} if named else {}
    turns: list[LoggedTurn] = []
    for birth, events in logs:
        turns += turns_of(birth, events, zone, incidents)
        await asyncio.sleep(0)
    return turns


def _named(event: Event) -> tuple[IncidentNamed, ...]:
    return (event.body.incidents or ()) if isinstance(event.body, Triage) else ()


def _begun_turns(birth: Birth, events: Sequence[Event], incidents: Mapping[tuple[str, int], Incident]) -> Iterator[_Begun]:
    story = StoryFold(birth.id)
    states, seqs = [born(birth)], [0]
    messages: list[Event] = []
    decided: list[Event] = []
    #: The last entry of the transaction that ended the turn before: no turn begins earlier.
    turn_end = 0
    for place, event in enumerate(events):
        triage = event.body
        if isinstance(triage, Triage):
            begun_seq = triage.begun_seq or _inferred(events, place, triage.message_seq, turn_end)
            state = states[max(0, bisect_right(seqs, begun_seq) - 1)]
            words = _words(state, messages, triage)
            if words is not None:
                told = [incidents.get((each.id, each.version)) for each in _named(event)]
                context = replace(
                    fold_context(state, decided if state.triaged_turn else ()),
                    customer=signed_in(state, event.at),
                    incidents=tuple(each for each in told if each is not None),
                )
                is_exact = triage.begun_seq is not None and None not in told
                yield _Begun(event, triage, words, context, story.episode, is_exact)
            decided.append(event)
        if isinstance(triage, Message) and event.by.kind == "customer":
            messages.append(event)
        story.add(event)
        state = evolve(states[-1], event)
        if isinstance(triage, (Triage, BotFailed)):
            turn_end = _end_of_transaction(events, place)
            # One turn runs at a time: no later one begins before this end.
            states, seqs = [], []
        states.append(state)
        seqs.append(event.seq)


def _inferred(events: Sequence[Event], place: int, message_seq: int, turn_end: int) -> int:
    """Where a turn of an older log began, most likely: with its last message, or when the turn before it ended.

    What was written in the message's transaction after it, such as a change of the language, was known.
    """
    start = max(message_seq, turn_end)
    before = next((nth for nth in range(place - 1, -1, -1) if events[nth].seq <= start), None)
    if before is None or start == turn_end:
        return start
    return _end_of_transaction(events, before, place)


def _end_of_transaction(events: Sequence[Event], place: int, limit: int | None = None) -> int:
    """The last of the entries that were written with this one: they follow it and have its time."""
    last = place
    end = len(events) if limit is None else limit
    while last + 1 < end and events[last + 1].at == events[place].at and not _is_by_customer(events[last + 1]):
        last += 1
    return events[last].seq


def _is_by_customer(event: Event) -> bool:
    return isinstance(event.body, Message) and event.by.kind == "customer"


def _words(state: Conversation, messages: Sequence[Event], triage: Triage) -> Words | None:
    """What the bot was told of the customer's messages; None if the log does not hold them (it is older than its messages)."""
    through = [message for message in messages if message.seq <= triage.message_seq]
    first = triage.first_seq or triage.message_seq
    owed = state.owed.first.seq if state.owed.first is not None else first
    read = for_the_bot([message for message in through if message.seq >= max(first, owed)])
    if not read:
        return None
    # The worker reads a limited number of messages from the beginning of the sentence.
    earlier = for_the_bot([message for message in through if message.seq >= first][:PIECES_LIMIT])
    return words_of(with_earlier(earlier, read))


def _day(decision: Any, at: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The date of the bot's host, which the decision holds; of an older log the date in the desk's zone."""
    versions = known_fields(decision, "versions")["versions"] or {}
    try:
        return dt.date.fromisoformat(versions["day"])
    except (KeyError, TypeError, ValueError):
        return at.astimezone(zone).date()


def _settled(episode: Episode) -> dict[str, Any] | None:
    resolution = episode.resolution
    marks = sorted({mark.mark for mark in episode.marks if episode.is_marked(mark.mark, _FOREVER)})
    if resolution is None and not marks:
        return None
    facts = episode.handoffs[-1].last_facts if episode.handoffs else None
    return {
        "by": resolution.by if resolution else None,
        "reason": facts.reason if facts else None,
        "priority": facts.priority if facts else None,
        "lane": facts.lane if facts else None,
        "outcome": resolution.outcome if resolution else None,
        "marks": marks,
    }


def _solved(turns: Sequence[_Begun], number: int) -> bool | None:
    """Whether the customer said that an answer helped, before the next answer of the episode."""
    turn = turns[number]
    if known_fields(turn.triage.decision, "route")["route"] != ANSWER or turn.triage.silent:
        return None
    for later in turns[number + 1 :]:
        if later.episode is not turn.episode:
            return None
        decision = known_fields(later.triage.decision, "route", "outcome", "reason", "rule")
        if decision["outcome"] == "solved":
            return True
        if decision["reason"] == UNRESOLVED or later.words.choice == _CHOICE_UNSOLVED:
            return False
        if decision["route"] == ANSWER and decision["rule"] != FRAGMENT_RULE:
            return None
    return None
