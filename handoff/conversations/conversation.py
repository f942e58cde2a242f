"""The conversation: who owns it, and the only moves between its states.

    with_bot -> queued                handoff requested (bot's decision, its failure, customer's button)
    queued   -> assigned              claimed by or pushed to an agent
    queued   -> with_bot              the customer cancels
    assigned -> queued                transferred, or the agent is gone
    assigned -> with_bot              returned to the bot
    any      -> resolved              the agent resolves (a supervisor also who waits), the customer says it is solved, or idle
    resolved -> with_bot | queued     the customer writes again: a new episode

Every method checks the state, changes it, and appends the event that says so; the storage writes both in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contract.decision import Decision
from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from contract.priorities import PRIORITY_RANK, queue_rank
from contract.reasons import LASTING_REASONS, VAGUE_REASONS
from contract.reply import Message
from contract.routes import ANSWER, CLARIFY, ESCALATE, FEEDBACK
from handoff.conversations.events import BOT, CUSTOMER, SYSTEM, Event, EventType, Participant
from handoff.runtime.errors import BadInput, Conflict
from language.recognition import language_of, written_as


class Status(StrEnum):
    """Who may speak: the bot, nobody yet, an agent, or the matter is closed."""

    WITH_BOT = "with_bot"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


MOVES: frozenset[tuple[Status, Status]] = frozenset(
    {
        (Status.WITH_BOT, Status.QUEUED),
        (Status.QUEUED, Status.ASSIGNED),
        (Status.QUEUED, Status.WITH_BOT),
        (Status.ASSIGNED, Status.QUEUED),
        (Status.ASSIGNED, Status.WITH_BOT),
        (Status.WITH_BOT, Status.RESOLVED),
        (Status.QUEUED, Status.RESOLVED),
        (Status.ASSIGNED, Status.RESOLVED),
        (Status.RESOLVED, Status.WITH_BOT),
        (Status.RESOLVED, Status.QUEUED),
    }
)

#: The button that every conversation has, whatever the bot offered.
CHOICE_HUMAN = "human"
#: The desk's own buttons under "do you really no longer want to wait?".
CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING = "cancel_wait", "keep_waiting"
DESK_CHOICES = frozenset({CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING})

#: A wait of these priorities is called off only after a question.
_GRAVE_PRIORITIES = ("urgent", "high")
#: So long a cancelled wait can be taken up again at its old place.
UNDO_TIME = dt.timedelta(seconds=10)

_PREVIEW_LENGTH = 80
_LABEL_HUMAN = {SIMPLIFIED: "转人工", TRADITIONAL: "轉人工", ENGLISH: "Talk to a person"}


@dataclass
class Conversation:
    """The projection of a conversation's log, and the events that are not stored yet.

    The bot's turn: `due_at` is since when a customer message waits for one; `turn_*` describe the one that runs, if any; it
    reads the customer's messages from `turn_first_seq` to `turn_seq`. `answered_seq` is the last customer message that had
    its turn. `stretch_seq`: where the bot's present stretch began; older turns are no context. `turn_desk` is the number of
    the desk process that runs the turn. Times are aware UTC.

    `customer_waits_since` and `customer_waits_seq`: time and number of the first customer message that nobody has answered.
    `locale`: the customer's language: "zh" (simplified), "zh-Hant", "en", or the code of another one (language/recognition.py).
    `earlier`: how the last episode ended (by, reason, priority, intent, amount_cny, agent, rating), and whether it `is_recent`:
    nothing new was understood since. `cancelled`: the wait that the customer called off last. `origin`: a keyed hash of the
    network address that opened the conversation. `lane`: one of `LANES`, until the case ends.
    """

    id: str
    token_hash: str
    locale: str
    channel: str
    created_at: dt.datetime
    updated_at: dt.datetime
    status: Status = Status.WITH_BOT
    episode: int = 1
    last_seq: int = 0
    reason: str | None = None
    priority: str | None = None
    topic: str | None = None
    amount_cny: float | None = None
    agent: str | None = None
    agent_name: str | None = None
    queued_at: dt.datetime | None = None
    assigned_at: dt.datetime | None = None
    first_response_at: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    is_case_open: bool = False
    rating: int | None = None
    preview: str = ""
    offered: list[dict[str, str]] = field(default_factory=list)
    customer_waits_since: dt.datetime | None = None
    due_at: dt.datetime | None = None
    answered_seq: int = 0
    stretch_seq: int = 0
    turn_id: str | None = None
    turn_seq: int | None = None
    turn_expires_at: dt.datetime | None = None
    turn_desk: int | None = None
    turn_attempts: int = 0
    triaged_turn: str | None = None
    origin: str | None = None
    earlier: dict[str, Any] | None = None
    cancelled: dict[str, Any] | None = None
    customer_waits_seq: int | None = None
    turn_first_seq: int | None = None
    lane: str | None = None
    new_events: list[Event] = field(default_factory=list, repr=False, compare=False)

    # --- the log -------------------------------------------------------------------------------------------------------

    def append(
        self, type: EventType, by: Participant, now: dt.datetime, data: dict[str, Any] | None = None, key: str | None = None
    ) -> Event:
        """Add an event to the log; its sequence number is the next."""
        self.last_seq += 1
        # Desks' clocks differ, and a time is taken before the row is locked: the log's times do not go back all the same.
        self.updated_at = now = max(now, self.updated_at)
        event = Event(self.id, self.last_seq, type, now, by, data or {}, key)
        self.new_events.append(event)
        return event

    def tell(self, text: str, now: dt.datetime, kind: str, buttons: list[dict[str, str]] | None = None) -> Event:
        """A message of the desk itself to the customer; `kind` says what about."""
        data: dict[str, Any] = {"text": text, "kind": kind}
        if buttons:
            data["buttons"] = self.offered = buttons
        return self.append(EventType.MESSAGE, SYSTEM, now, data)

    def _customer_is_answered(self) -> None:
        self.customer_waits_since = self.customer_waits_seq = None

    def _move(self, to: Status) -> None:
        if (self.status, to) not in MOVES:
            raise self._wrong_state()
        self.status = to

    def _wrong_state(self) -> Conflict:
        return Conflict(
            "wrong_state",
            "会话当前状态不允许此操作。",
            f"Not possible while the conversation is {self.status}.",
            state=self.status.value,
        )

    def _check_assigned(self) -> None:
        if self.status is not Status.ASSIGNED:
            raise self._wrong_state()

    # --- the customer --------------------------------------------------------------------------------------------------

    def receive(
        self,
        client_message_id: str,
        text: str,
        choice: str | None,
        now: dt.datetime,
        door: str | None = None,
        *,
        is_suggested: bool = False,
    ) -> Event:
        """The customer's message, or the button that was pressed (its words are the text then).

        `door`: the words of the choice if it was offered as a door before, under whatever answer; it is taken then.
        Opens a new episode if the conversation was resolved; makes a turn of the bot due. Texts follow in the language in which
        the customer writes; a button changes nothing of it, nor does a text that the page suggested (`is_suggested`).
        """
        if choice is not None:
            text = self._label_of(choice, door)
        if self.status is Status.RESOLVED:
            self._reopen(now)
        data: dict[str, Any] = {"text": text, "client_message_id": client_message_id}
        if choice is not None:
            data["choice"] = choice
        elif is_suggested:
            data["suggested"] = True
        event = self.append(EventType.MESSAGE, CUSTOMER, now, data, key=f"message:{client_message_id}")
        if choice is None and not is_suggested:
            self.hear_language(text, now)
        self.preview = text[:_PREVIEW_LENGTH]
        self.offered = []
        if self.status in (Status.WITH_BOT, Status.QUEUED):
            self.due_at = self.due_at or now
        if self.customer_waits_since is None:
            self.customer_waits_since, self.customer_waits_seq = now, event.seq
        return event

    def offers(self, choice: str) -> bool:
        """Whether the last message has this choice as a button."""
        return any(button["choice"] == choice for button in self.offered)

    def hear_language(self, text: str, now: dt.datetime) -> None:
        """Go on in the language of what the customer wrote, if it tells; a change is an event."""
        language = language_of(text, self.locale)
        if language is None or language == self.locale:
            return
        was, self.locale = self.locale, language
        self.append(EventType.LANGUAGE_CHANGED, CUSTOMER, now, {"language": language, "was": was})

    def _label_of(self, choice: str, door: str | None) -> str:
        """The words on the button that was pressed."""
        for button in self.offered:
            if button["choice"] == choice:
                return button["label"]
        if choice == CHOICE_HUMAN:
            return _LABEL_HUMAN[written_as(self.locale)]
        if door is not None:
            return door
        if self.offered:
            raise BadInput("unknown_choice", "没有这个选项。", "There is no such choice.")
        raise Conflict("choice_expired", "这个选项已失效，请直接输入文字。", "This choice is no longer offered; please type.")

    def _reopen(self, now: dt.datetime) -> None:
        self.episode += 1
        was_open, reason, priority, topic = self.is_case_open, self.reason, self.priority, self.topic
        lane = self.lane
        self._move(Status.QUEUED if was_open else Status.WITH_BOT)
        self._forget_case()
        self.rating, self.resolved_at, self.cancelled = None, None, None
        self.append(EventType.REOPENED, SYSTEM, now, {"episode": self.episode})
        if was_open:
            self.reason, self.priority, self.topic, self.queued_at, self.is_case_open = reason, priority, topic, now, True
            self.lane = lane
            data = self._case_data()
            self.append(EventType.HANDOFF_REQUESTED, SYSTEM, now, data)
        self.stretch_seq = self.last_seq

    def _forget_case(self) -> None:
        self.reason = self.priority = self.lane = self.topic = self.amount_cny = self.agent = self.agent_name = None
        self.queued_at = self.assigned_at = self.first_response_at = None
        self.is_case_open = False

    def must_confirm_cancel(self) -> bool:
        """Whether the customer is asked once more before the wait ends: a scam victim's "cancel" may mean the money."""
        return self.priority in _GRAVE_PRIORITIES

    def cancel(self, now: dt.datetime, by: Participant = CUSTOMER, *, is_confirmed: bool = False) -> None:
        """The customer no longer wants to wait for a person; the bot has the conversation again.

        Raises Conflict unless the conversation waits, and for an urgent or high case unless the customer confirmed it.
        """
        if self.status is not Status.QUEUED:
            raise Conflict("not_queued", "当前没有在排队。", "The conversation is not waiting for a person.")
        if self.must_confirm_cancel() and not is_confirmed:
            raise Conflict(
                "confirm_needed",
                "您的情况比较紧急，确定不等人工客服了吗？",
                "Your case is urgent. Are you sure that you no longer want to wait for a person?",
                priority=self.priority,
            )
        self.cancelled = {
            "at": now.isoformat(),
            "queued_at": self.queued_at.isoformat() if self.queued_at else now.isoformat(),
            "reason": self.reason,
            "priority": self.priority,
            "lane": self.lane,
            "topic": self.topic,
            "amount_cny": self.amount_cny,
            "is_case_open": self.is_case_open,
        }
        self._move(Status.WITH_BOT)
        self.append(EventType.CANCELLED, by, now)
        self._forget_case()
        # A message that still waits for its turn keeps it: it was written to be answered.
        self.stretch_seq, self.offered = self.last_seq, []

    def keep_waiting(self, text: str, now: dt.datetime) -> None:
        """The customer was asked, and waits on; a later "yes" answers something else."""
        self.tell(text, now, "kept_waiting")
        self.stretch_seq = self.last_seq

    def can_undo_cancel(self, now: dt.datetime) -> bool:
        """Whether the wait was called off a moment ago, and the bot still has the conversation."""
        if self.status is not Status.WITH_BOT or self.cancelled is None:
            return False
        return now - dt.datetime.fromisoformat(self.cancelled["at"]) <= UNDO_TIME

    def undo_cancel(self, now: dt.datetime, by: Participant = CUSTOMER, key: str | None = None) -> bool:
        """Wait again, at the old place. Whether anything changed: nothing does while a person is waited for or there.

        Raises Conflict when the time for it is over.
        """
        if self.status in (Status.QUEUED, Status.ASSIGNED):
            return False
        if not self.can_undo_cancel(now):
            zh, en = "已经不能撤销了，需要人工请说「转人工」。", "It is too late to undo this. You can ask for a person again."
            raise Conflict("undo_expired", zh, en)
        was, self.cancelled = self.cancelled or {}, None
        self._move(Status.QUEUED)
        self.reason, self.priority, self.topic, self.amount_cny = (
            was["reason"],
            was["priority"],
            was["topic"],
            was["amount_cny"],
        )
        self.queued_at, self.is_case_open = dt.datetime.fromisoformat(was["queued_at"]), was["is_case_open"]
        self.lane = was.get("lane")  # an older desk process stored none
        self.offered = []
        self.append(EventType.CANCEL_UNDONE, by, now, self._case_data(), key=key)
        return True

    def rate(self, score: int, comment: str | None, now: dt.datetime) -> Event:
        """The customer's rating of a resolved episode; the last one counts.

        After a person's end it stays possible until something new is understood: words of thanks open an episode, too.
        """
        if self.status is not Status.RESOLVED and not (self.status is Status.WITH_BOT and self.was_closed_by_person()):
            raise Conflict("not_resolved", "会话结束后才能评价。", "Only a resolved conversation can be rated.")
        self.rating = score
        if self.earlier is not None:
            self.earlier = {**self.earlier, "rating": score}
        data: dict[str, Any] = {"score": score}
        if comment:
            data["comment"] = comment
        return self.append(EventType.RATED, CUSTOMER, now, data)

    def was_closed_by_person(self) -> bool:
        """Whether an agent closed the last episode, and nothing new was understood since."""
        return self.earlier is not None and bool(self.earlier["is_recent"]) and self.earlier["by"] == "agent"

    def _has_new_matter(self) -> None:
        if self.earlier is not None and self.earlier["is_recent"]:
            self.earlier = {**self.earlier, "is_recent": False}
            if self.status is not Status.RESOLVED:
                self.rating = None

    # --- the bot's turn ------------------------------------------------------------------------------------------------

    def begin_turn(self, first_seq: int, message_seq: int, expires_at: dt.datetime, desk: int) -> str:
        """Take the turn for a customer message, or for several that are read as one.

        The id names the last of them, so a turn that is tried again has the same.
        """
        turn_id = f"{self.id}.{message_seq}"
        self.turn_attempts = self.turn_attempts + 1 if self.turn_id == turn_id else 1
        self.turn_id, self.turn_seq, self.turn_expires_at, self.turn_desk = turn_id, message_seq, expires_at, desk
        self.turn_first_seq = first_seq
        return turn_id

    def is_running(self, turn_id: str) -> bool:
        """Whether this turn is the one that runs."""
        return self.turn_id == turn_id

    def record_triage(self, turn_id: str, decision: Decision, now: dt.datetime) -> None:
        """Log the decision of a turn, once, although both the bot's handoff request and the turn's reply can hold it."""
        if self.triaged_turn == turn_id:
            return
        self.triaged_turn = turn_id
        silent = self.status is not Status.WITH_BOT
        data = {"turn_id": turn_id, "decision": decision.as_json(), "silent": silent, "message_seq": self.turn_seq}
        if self.turn_first_seq != self.turn_seq:
            data["first_seq"] = self.turn_first_seq
        self.append(EventType.TRIAGE, BOT, now, data, key=f"triage:{turn_id}")
        if not silent and decision.route in (ANSWER, ESCALATE, CLARIFY):
            self.topic, self.amount_cny = decision.intent, decision.amount_cny
        if not silent and decision.route in (ANSWER, FEEDBACK):
            self._has_new_matter()

    def speak(self, messages: Sequence[Message], now: dt.datetime) -> None:
        """Append the bot's messages if the bot still owns the conversation. Otherwise the bot must not be heard."""
        if self.status is not Status.WITH_BOT:
            return
        for message in messages:
            data = message.as_json()
            if "buttons" in data:  # the page's words over them must be in the language of their labels
                data["locale"] = written_as(self.locale)
            self.append(EventType.MESSAGE, BOT, now, data)
        if messages:
            self.offered = [button.as_json() for button in messages[-1].buttons]
            self._customer_is_answered()

    def end_turn(self, next_due_at: dt.datetime | None) -> None:
        """The turn is over; `next_due_at` is the time of the next customer message that waits for one."""
        if self.turn_seq is not None:
            self.answered_seq = max(self.answered_seq, self.turn_seq)
        self.turn_id = self.turn_seq = self.turn_expires_at = self.turn_desk = self.turn_first_seq = None
        self.turn_attempts = 0
        self.due_at = next_due_at if self.status in (Status.WITH_BOT, Status.QUEUED) else None

    # --- handing over --------------------------------------------------------------------------------------------------

    def request_handoff(
        self,
        reason: str,
        priority: str,
        now: dt.datetime,
        by: Participant = BOT,
        key: str | None = None,
        lane: str | None = None,
        lasting: Collection[str] = LASTING_REASONS,
    ) -> bool:
        """Bring a person in. Whether anything changed: while one is waited for, only a higher priority or a lane does.

        Who called the wait off a moment ago gets the old place back; a case that a person closed comes back with its reason.
        `lasting`: reasons whose cases stay open when nobody writes (`stays_open` in data/triage.yml).
        """
        if self.status is Status.QUEUED:
            return self.raise_priority(reason, priority, now, lane, lasting)
        if self.status is Status.ASSIGNED:
            return False
        if self.status is Status.RESOLVED:
            self._reopen(now)
            if self.reason is not None:  # an open case went back to its queue
                self.raise_priority(reason, priority, now, lane, lasting)
                return True
        if self.can_undo_cancel(now):
            self.undo_cancel(now, by, key)
            self.raise_priority(reason, priority, now, lane, lasting)
            return True
        reason, priority = self._of_closed_case(reason, priority)
        self._has_new_matter()
        self._move(Status.QUEUED)
        self.reason, self.priority, self.queued_at, self.offered = reason, priority, now, []
        self.assigned_at = self.first_response_at = None
        self.lane = lane
        self.is_case_open = reason in lasting
        self.append(EventType.HANDOFF_REQUESTED, by, now, self._case_data(), key=key)
        return True

    def _of_closed_case(self, reason: str, priority: str) -> tuple[str, str]:
        """Reason and priority of the case that a person closed, if the customer comes back without a matter of its own."""
        case = self.earlier or {}
        if not self.was_closed_by_person() or reason not in VAGUE_REASONS or not case["reason"]:
            return reason, priority
        return case["reason"], min(case["priority"], priority, key=lambda name: PRIORITY_RANK[name])

    def raise_priority(
        self,
        reason: str,
        priority: str,
        now: dt.datetime,
        lane: str | None = None,
        lasting: Collection[str] = LASTING_REASONS,
    ) -> bool:
        """A graver incident while waiting: the conversation moves up, never down. Whether it did."""
        if self.status is not Status.QUEUED or queue_rank(priority, lane) >= queue_rank(self.priority, self.lane):
            return False
        self.reason, self.lane = reason, lane
        # The lane may come with a lower priority than what waits: it moves up all the same, and loses nothing.
        self.priority = min(priority, self.priority or "normal", key=lambda name: PRIORITY_RANK[name])
        self.is_case_open = self.is_case_open or reason in lasting
        self.append(EventType.PRIORITY_RAISED, BOT, now, self._case_data())
        return True

    def _case_data(self) -> dict[str, Any]:
        """What events tell of the case; the lane only where there is one."""
        lane = {"lane": self.lane} if self.lane else {}
        return {"reason": self.reason, "priority": self.priority, **lane}

    # --- the agent -----------------------------------------------------------------------------------------------------

    def assign(self, login: str, name: str, now: dt.datetime) -> None:
        """An agent takes the conversation. Raises Conflict with the winner's name when another was faster."""
        if self.status is Status.ASSIGNED:
            if self.agent == login:
                return
            raise Conflict(
                "already_assigned",
                f"会话已由 {self.agent_name} 接手。",
                f"{self.agent_name} already has this conversation.",
                agent=self.agent_name,
            )
        if self.status is not Status.QUEUED:
            raise Conflict("not_queued", "会话没有在排队。", "The conversation is not waiting for a person.")
        self._move(Status.ASSIGNED)
        self.agent, self.agent_name, self.assigned_at = login, name, now
        self.end_turn(None)
        self.append(EventType.ASSIGNED, SYSTEM, now, {"agent": name})

    def check_agent(self, login: str) -> None:
        """Only the assigned agent may go on. Raises Conflict otherwise."""
        if self.status is not Status.ASSIGNED or self.agent != login:
            raise Conflict(
                "not_yours",
                "会话不在您名下。" if not self.agent_name else f"会话在 {self.agent_name} 名下。",
                "You do not have this conversation.",
                agent=self.agent_name,
            )

    def write(self, login: str, name: str, text: str, client_message_id: str, now: dt.datetime) -> Event:
        """The assigned agent's message to the customer."""
        self.check_agent(login)
        self.first_response_at = self.first_response_at or now
        self._customer_is_answered()
        data = {"text": text, "client_message_id": client_message_id}
        by = Participant("agent", name)
        return self.append(EventType.MESSAGE, by, now, data, key=f"agent:{login}:{client_message_id}")

    def add_note(self, name: str, text: str, now: dt.datetime) -> Event:
        """A note that only agents see."""
        return self.append(EventType.NOTE, Participant("agent", name), now, {"text": text})

    def access_key(self, login: str) -> str:
        """The key of the event that lets an agent read this episode."""
        return f"access:{login}:{self.episode}"

    def note_access(self, login: str, name: str, reason: str, now: dt.datetime) -> Event:
        """An agent reads a conversation that is somebody else's, and says why; once an episode."""
        data = {"reason": reason, "login": login}
        return self.append(EventType.ACCESSED, Participant("agent", name), now, data, key=self.access_key(login))

    def requeue(self, now: dt.datetime, by: Participant, note: str | None, to: str | None, why: str) -> None:
        """Back into the queue, at its old place: it waits since it first did.

        What the customer wrote and no agent answered is weighed by the bot, silently: it may be graver than what waits.
        """
        self._check_assigned()
        self._move(Status.QUEUED)
        self.agent = self.agent_name = self.assigned_at = None
        data = {name: value for name, value in (("note", note), ("to", to), ("why", why)) if value}
        if self.customer_waits_seq is None:
            self.answered_seq = self.last_seq
        else:  # what was weighed before the agent came is not weighed again
            self.answered_seq = max(self.answered_seq, self.customer_waits_seq - 1)
            self.due_at = self.customer_waits_since
        self.append(EventType.TRANSFERRED, by, now, data)

    def return_to_bot(self, now: dt.datetime, by: Participant, note: str | None) -> None:
        """The agent is done; the bot has the conversation, and starts afresh."""
        self._check_assigned()
        self._move(Status.WITH_BOT)
        self.append(EventType.RETURNED, by, now, {"note": note} if note else {})
        self._forget_case()
        self.end_turn(None)
        # What the person had is settled; the bot answers what comes from here on.
        self.answered_seq = self.stretch_seq = self.last_seq
        self._customer_is_answered()
        self.offered = []

    def resolve(self, resolution: str, now: dt.datetime, by: Participant, note: str | None = None) -> None:
        """The episode is over. A security or dispute case that merely fell idle stays open."""
        thanked = resolution == "closed" and self.was_closed_by_person()
        self._move(Status.RESOLVED)
        self.end_turn(None)
        self._customer_is_answered()
        self.resolved_at, self.offered, self.cancelled = now, [], None
        if thanked:  # what the person did is still what was done
            self.rating = (self.earlier or {}).get("rating")
        else:
            self.earlier = {
                "by": resolution,
                "is_recent": True,
                "episode": self.episode,
                "reason": self.reason,
                "priority": self.priority,
                "intent": self.topic,
                "amount_cny": self.amount_cny,
                "agent": self.agent_name,
                "rating": None,
            }
        if resolution != "idle":
            self.is_case_open = False
        data = {"resolution": resolution}
        if note:
            data["note"] = note
        self.append(EventType.RESOLVED, by, now, data)
        self.answered_seq = self.last_seq  # what the agent had is not the bot's, when the customer comes back
