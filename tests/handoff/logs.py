"""Logs for tests of figures: written by hand, at minutes after a beginning, or made by random commands."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from typing import Any

from contract.decision import Decision
from contract.routes import ANSWER, CHAT, CLARIFY, REJECT, Route
from handoff.conversations import events as log
from handoff.conversations.decide import (
    Assign,
    Cancel,
    Command,
    EndOffer,
    Mark,
    OfferTo,
    Rate,
    Receive,
    RecordTriage,
    RequestHandoff,
    Requeue,
    Resolve,
    ReturnToBot,
    Tell,
    UndoCancel,
    UndoResolution,
    Write,
)
from handoff.conversations.draft import Draft
from handoff.conversations.events import BOT, CUSTOMER, SYSTEM, Body, Event, Participant
from handoff.conversations.state import born
from handoff.conversations.values import Birth
from handoff.runtime.errors import DeskError

#: Monday, 2 November 2026, 10:00 in Shanghai.
START = dt.datetime(2026, 11, 2, 2, 0, tzinfo=dt.UTC)


def minute(minutes: float) -> dt.datetime:
    """A moment, in minutes after `START`."""
    return START + dt.timedelta(minutes=minutes)


class Log:
    """One conversation's log. Methods append an event at a minute, and return the log."""

    def __init__(self, conversation_id: str = "c1") -> None:
        self.id = conversation_id
        self.events: list[Event] = []

    def add(self, at: float, body: Body, by: Participant = SYSTEM) -> Log:
        """Any event."""
        self.events.append(Event(self.id, len(self.events) + 1, minute(at), by, body))
        return self

    def customer(self, at: float, text: str = "钱没到") -> Log:
        """The customer writes."""
        return self.add(at, log.Message(text=text, client_message_id=f"m{len(self.events)}"), CUSTOMER)

    def bot(self, at: float, route: str = "answer", *, silent: bool = False, revision: str = "r1") -> Log:
        """The bot decides and answers."""
        decision = {"route": route, "intent": "transfer_delayed", "amount_cny": None, "versions": {"content": revision}}
        self.add(at, log.Triage(turn_id=f"{self.id}.1", decision=decision, silent=silent, message_seq=1))
        return self if silent else self.add(at, log.Message(text="答案"), BOT)

    def handoff(self, at: float, reason: str = "user_request", priority: str = "normal", lane: str | None = None) -> Log:
        """A person is wanted."""
        return self.add(at, log.HandoffRequested(reason=reason, priority=priority, lane=lane, stays_open=False), BOT)

    def raised(self, at: float, reason: str, priority: str, lane: str | None = None) -> Log:
        """A graver incident."""
        return self.add(at, log.PriorityRaised(reason=reason, priority=priority, lane=lane, stays_open=False), BOT)

    def desk(self, at: float, text: str = "前面还有 1 位") -> Log:
        """The desk tells the waiting customer something."""
        return self.add(at, log.Message(text=text, kind="handoff"))

    def claim(self, at: float, login: str = "zhou", **more: Any) -> Log:
        """An agent takes it."""
        return self.add(at, log.Assigned(agent=login.title(), login=login, how="claimed", **more))

    def agent(self, at: float, login: str = "zhou") -> Log:
        """The agent writes."""
        return self.add(
            at, log.Message(text="您好", client_message_id=f"a{len(self.events)}"), Participant("agent", login.title())
        )

    def transfer(self, at: float, login: str = "zhou", why: str = "agent", **more: Any) -> Log:
        """The agent gives it away, or the desk takes it."""
        return self.add(at, log.Transferred(why=why, **more), Participant("agent", login.title()))

    def resolve(self, at: float, login: str = "zhou", outcome: str = "solved") -> Log:
        """The agent resolves."""
        body = log.Resolved(resolution="agent", login=login, outcome=outcome)
        return self.add(at, body, Participant("agent", login.title()))

    def end(self, at: float, resolution: str = "solved") -> Log:
        """The bot's end: solved, closed, idle."""
        return self.add(at, log.Resolved(resolution=resolution), SYSTEM)

    def reopen(self, at: float, episode: int = 2) -> Log:
        """The customer is back."""
        return self.add(at, log.Reopened(episode=episode))

    def mark(self, at: float, mark: str, login: str = "zhou", *, is_set: bool = True) -> Log:
        """An agent judges the bot."""
        return self.add(at, log.Marked(mark=mark, login=login, is_set=is_set), Participant("agent", login.title()))

    def rate(self, at: float, score: int) -> Log:
        """The customer rates."""
        return self.add(at, log.Rated(score=score), CUSTOMER)


#: Logins of the agents in random logs.
AGENTS = ("zhou", "wu", "li")


def random_draft(number: int, start: dt.datetime = START) -> Draft:
    """A conversation of random commands over about a day, as `decide` allows them; the same number is the same conversation."""
    dice = random.Random(number)
    at = start + dt.timedelta(minutes=dice.uniform(0, 20 * 60))
    conversation_id = f"c{number:05d}"
    draft = Draft(born(Birth(conversation_id, "", "zh", "web", at)))
    for count in range(dice.randrange(1, 60)):
        at += dt.timedelta(minutes=dice.choice((0, 0.05, 0.1, 1, 4, 11, 30)))
        login = draft.state.agent if draft.state.agent and dice.random() < 0.8 else dice.choice(AGENTS)
        with contextlib.suppress(DeskError):  # what the state does not allow does not happen
            draft.do(_random_command(draft, dice, login, at, count), at)
    return draft


def _random_command(draft: Draft, dice: random.Random, login: str, at: dt.datetime, count: int) -> Command:
    name, by = login.title(), Participant("agent", login.title())
    seq = draft.state.last_seq
    route: Route = dice.choice((ANSWER, CHAT, CLARIFY, REJECT))
    triage = RecordTriage(f"{draft.state.id}.{seq}", seq, seq, Decision(route=route, intent="transfer_delayed"))
    reason, priority = dice.choice((("security", "urgent"), ("dispute", "high"), ("user_request", "normal")))
    lane = "money_moving" if reason == "security" and dice.random() < 0.3 else None
    offer = draft.state.handling.offer
    commands: list[tuple[int, Command]] = [
        (6, Receive(f"m{count}", dice.choice(("钱没到", "还在吗", "谢谢")))),
        (4, triage),
        (5, RequestHandoff(reason, priority, lane=lane, lasting=("dispute", "security"))),
        (5, Assign(login, name)),
        (6, Write(login, name, "您好", f"a{count}")),
        (1, Requeue(by, dice.choice(("agent", "agent_gone")), queue=dice.choice((None, None, "disputes")))),
        (1, ReturnToBot(by)),
        (2, Resolve("agent", by, login=login, outcome=dice.choice(("solved", "not_solved")))),
        (1, Resolve(dice.choice(("solved", "closed", "idle")), SYSTEM)),
        (2, UndoResolution(login, name)),
        (1, Cancel(is_confirmed=True)),
        (1, UndoCancel()),
        (1, Mark(login, name, dice.choice(("late_handoff", "needless_handoff", "wrong_article")), dice.random() < 0.7)),
        (1, Rate(dice.randrange(1, 6))),
        (1, OfferTo(login, name, at + dt.timedelta(seconds=30))),
        (1, EndOffer(offer.login if offer else login, dice.choice(("late", "declined", "absent")))),
        (1, Tell("前面还有 1 位", "still_waiting")),
    ]
    return dice.choices([command for _, command in commands], [weight for weight, _ in commands])[0]
