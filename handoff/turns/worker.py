"""The bot's turns: one at a time in each conversation, in order, each with a deadline after which a person takes over."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from content.desk_policy import DeskPolicy
from contract.decision import Decision
from contract.priorities import NORMAL
from contract.reasons import BOT_UNAVAILABLE
from contract.reply import Reply
from contract.routes import ESCALATE, FEEDBACK
from contract.turn import TurnRequest
from handoff.conversations.conversation import DESK_CHOICES, Conversation, Status
from handoff.conversations.events import BOT, SYSTEM, Event, EventType
from handoff.conversations.store import customer_messages_after, find_conversation, save_conversation
from handoff.conversations.text import MESSAGE_LIMIT
from handoff.queue.handoffs import Handoffs
from handoff.runtime.errors import Unavailable
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, TURNS, Wakeups, Watch
from handoff.turns.bot_pool import BotError, BotPool
from handoff.turns.context import ASKS_CANCEL_WAIT, first_piece, fold_context
from handoff.turns.store import lock_due_turn, triage_after

logger = structlog.get_logger(__name__)

#: However long a message waited before (a desk died, the database was away), the bot still gets so long for it.
_LAST_CHANCE = dt.timedelta(seconds=2)
#: Beyond the bot's time: the time to commit. A turn that is not over by then belonged to a desk that hangs.
_LEASE_GRACE = dt.timedelta(seconds=3)
#: How often a reply is offered to a database that is away, while the lease lasts.
_COMMIT_AGAIN_SECONDS = 0.2
#: How often a turn is tried when desks die under it, before a person is fetched.
_ATTEMPTS = 2
_SWEEP_SECONDS = 1.0
#: How long a conversation is passed over whose turn could neither be begun nor handed over; the others must not wait for it.
_PASS_OVER_SECONDS = 60.0
#: A desk that ends lets its turns run on for their whole time, but for no longer than this.
_LONGEST_END = dt.timedelta(seconds=8)


#: Pieces of one message that a turn reads at most.
_PIECES = 20
_JOINT = "，"
_SENTENCE_ENDS = "。！？!?，,；;…~～ \n"


@dataclass(frozen=True)
class Turn:
    """One customer message to which the bot must react by `until`; no other desk takes the turn before `expires_at`.

    The message may have come in several pieces. `posted_at`: when the first that waits was stored.
    """

    id: str
    conversation_id: str
    request: TurnRequest
    posted_at: dt.datetime
    until: dt.datetime
    expires_at: dt.datetime


class _NotBuiltError(Exception):
    """The log of the conversation holds something from which no turn can be made."""


@contextlib.contextmanager
def _building() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise _NotBuiltError from error


class TurnWorker:
    """Takes due turns from the database, asks the bot, and commits what it said. Any number of desks run one each."""

    def __init__(
        self,
        store: Store,
        wakeups: Wakeups,
        policy: DeskPolicy,
        handoffs: Handoffs,
        bots: BotPool,
        now: Callable[[], dt.datetime],
        desk: int = 0,
        sees_the_living: Callable[[], bool] = lambda: True,
        metrics: Metrics | None = None,
    ) -> None:
        self._store, self._wakeups, self._policy = store, wakeups, policy
        self._handoffs, self._bots, self._now, self._desk = handoffs, bots, now, desk
        self._sees_the_living = sees_the_living
        self._metrics = metrics or Metrics()
        #: Places for turns that run. A turn has its place before it begins: its lease must not pass while it waits for one.
        self._free = asyncio.Semaphore(policy.turns_at_once)
        self._running: set[asyncio.Task[None]] = set()
        self._watch: Watch | None = None
        #: Whether messages may wait for a place that came before a new one; how many messages got no place at once, ever.
        self._may_wait, self._sent_to_wait = True, 0
        #: Conversation ids, and until when (monotonic) they are passed over.
        self._passed_over: dict[str, float] = {}

    @property
    def in_hand(self) -> frozenset[asyncio.Task[None]]:
        """The turns that run in this process."""
        return frozenset(self._running)

    @property
    def has_waiting(self) -> bool:
        """Whether messages may wait for a place, here or at another desk, as far as this desk has heard."""
        return self._may_wait or (self._watch is not None and self._watch.is_woken)

    async def run(self) -> None:
        """Take due turns until cancelled, or until the desk ends; `finish` then."""
        with self._wakeups.watch(TURNS) as self._watch:
            while not self._wakeups.is_closing:
                await self._start_due_turns()
                if await self._watch.wait(_SWEEP_SECONDS):
                    self._may_wait = True

    async def finish(self) -> None:
        """Let the turns in hand come to their end; those that do not are another desk's as soon as this one is gone."""
        if not self._running:
            return
        longest = min(self._policy.turn_deadline, _LONGEST_END)
        _, unfinished = await asyncio.wait(self._running, timeout=longest.total_seconds())
        for task in unfinished:
            task.cancel()
        if unfinished:
            # Not left to fail when the connections close under them: that would look as if the bot had failed.
            logger.warning("turns.given_back", turns=len(unfinished))
            await asyncio.wait(unfinished)

    async def _start_due_turns(self) -> None:
        """Take turns, the oldest first, until none is due."""
        while not self._wakeups.is_closing:
            await self._free.acquire()
            sent_to_wait, turn = self._sent_to_wait, None
            try:
                found, turn = await self._take()
            except Unavailable as error:
                logger.warning("turn.not_taken", code=error.code)
                return
            finally:
                if turn is None:
                    self._free.release()
            if turn is not None:
                self._start(turn)
            if not found:
                # Who was sent to wait during the look may have been committed after it.
                self._may_wait = self._sent_to_wait != sent_to_wait
                return
            self._may_wait = True

    async def begin_at_once(self, tx: Transaction, conversation: Conversation, message: Event, now: dt.datetime) -> bool:
        """Begin the turn for a message in the transaction that stores it; a turn of its own to find it costs more than that.

        It runs when the transaction is committed. If this process dies before that, its lock is gone, and another desk takes
        the turn. False when all places are taken, or older messages wait for one: the worker takes the turn then, in its order.
        """
        if self._free.locked() or self.has_waiting:
            self._sent_to_wait += 1
            return False
        await self._free.acquire()  # at once, as one is free
        try:
            turn = await self._begin(tx, conversation, [message], now)
        except _NotBuiltError:
            self._free.release()
            return False  # the message is stored all the same, and the worker hands the conversation over
        except BaseException:
            self._free.release()
            raise
        tx.when_over(lambda committed: self._start(turn) if committed else self._free.release())
        return True

    def _start(self, turn: Turn) -> None:
        """Run a turn that has a place."""
        task = asyncio.create_task(self._run(turn))
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._free.release()
        if not task.cancelled() and task.exception() is not None:
            # Its type only: the text of a database error can hold what the customer wrote. The lease brings the turn again.
            logger.error("turn.not_committed", error=type(task.exception()).__name__)

    async def _take(self) -> tuple[bool, Turn | None]:
        """Whether a turn was due, and the turn that was begun. One that cannot be begun brings a person and delays no other."""
        now, conversation = self._now(), None
        self._passed_over = {id: until for id, until in self._passed_over.items() if until > time.monotonic()}
        try:
            async with self._store.begin() as tx:
                living = self._sees_the_living()
                conversation = await lock_due_turn(tx, now, of_dead_desks=living, but=self._passed_over)
                if conversation is None:
                    return False, None
                return True, await self._begin_or_end(tx, conversation, now)
        except Unavailable:
            raise
        except Exception as error:
            if conversation is None:
                raise
            # Logged without its text, which can hold what the customer wrote.
            logger.error("turn.not_begun", conversation_id=conversation.id, error=type(error).__name__)
            await self._give_up(conversation.id)
            return True, None

    async def _begin_or_end(self, tx: Transaction, conversation: Conversation, now: dt.datetime) -> Turn | None:
        messages = await self._waiting_messages(tx, conversation, conversation.answered_seq)
        code, turn = "", None
        if messages and self._is_given_up(conversation):
            code = "turn_lost"
        elif messages:
            try:
                turn = await self._begin(tx, conversation, messages, now)
            except _NotBuiltError as error:
                logger.error("turn.not_built", conversation_id=conversation.id, error=type(error.__cause__).__name__)
                code = "turn_not_built"
        if code:
            turn_id = conversation.turn_id or f"{conversation.id}.{messages[0].seq}"
            await self._fail(tx, conversation, turn_id, code, now)
            # Also where a person is waited for already: the bot is not asked about these messages again.
            conversation.answered_seq = max(conversation.answered_seq, conversation.turn_seq or messages[-1].seq)
        if turn is None:
            conversation.end_turn(await self._next_due(tx, conversation))
            tx.wake(conversation.id, QUEUE, TURNS)
        await save_conversation(tx, conversation)
        return turn

    async def _give_up(self, conversation_id: str) -> None:
        """Hand over what cannot even be begun, in a transaction of its own; if that fails, too, pass it over for a while."""
        self._passed_over[conversation_id] = time.monotonic() + _PASS_OVER_SECONDS
        try:
            async with self._store.begin() as tx:
                conversation = await find_conversation(tx, conversation_id, lock=True)
                if conversation is None or conversation.due_at is None or self._runs_elsewhere(conversation):
                    return
                turn_id = conversation.turn_id or f"{conversation_id}.{conversation.answered_seq + 1}"
                await self._fail(tx, conversation, turn_id, "turn_not_built", self._now())
                conversation.answered_seq = conversation.last_seq
                conversation.end_turn(None)
                await save_conversation(tx, conversation)
                tx.wake(conversation_id, QUEUE)
        except Exception as error:
            logger.error("turn.passed_over", conversation_id=conversation_id, error=type(error).__name__)
        else:
            del self._passed_over[conversation_id]

    def _runs_elsewhere(self, conversation: Conversation) -> bool:
        return conversation.turn_expires_at is not None and conversation.turn_expires_at > self._now()

    def _is_given_up(self, conversation: Conversation) -> bool:
        return conversation.turn_id is not None and conversation.turn_attempts >= _ATTEMPTS

    async def _waiting_messages(self, tx: Transaction, conversation: Conversation, after: int) -> list[Event]:
        """What the customer wrote after a sequence number and what is the bot's: the desk's own buttons are not."""
        found = await customer_messages_after(tx, conversation.id, after, _PIECES)
        return [message for message in found if message.data.get("choice") not in DESK_CHOICES]

    async def _begin(self, tx: Transaction, conversation: Conversation, messages: list[Event], now: dt.datetime) -> Turn:
        """Begin the turn for the messages that wait; those that come in quick succession are pieces of one.

        Raises _NotBuiltError, and changes nothing then.
        """
        decided = await triage_after(tx, conversation.id, conversation.stretch_seq) if conversation.triaged_turn else []
        with _building():
            pieces = _pieces_of_one(messages)
            # The deadline is the customer's: it runs from the first piece that waits, whoever tried before.
            posted_at, last_seq = pieces[0].at, pieces[-1].seq
            begun = None if pieces[0].data.get("choice") else first_piece(decided, posted_at)
        if begun is not None:
            earlier = await self._waiting_messages(tx, conversation, begun - 1)
            pieces = [piece for piece in earlier if piece.seq < pieces[0].seq] + pieces
        with _building():
            locale, own = conversation.locale, [piece for piece in pieces if not piece.data.get("suggested")]
            if len(pieces) > 1 and own:  # the bot answers in the language of the whole; what the desk says must be in the same
                conversation.hear_language(_joined(own), now)
            text, choice = _joined(pieces), pieces[0].data.get("choice")
            context = fold_context(conversation, decided)
        await self._handoffs.follow_language(tx, conversation, locale, now)
        until = max(posted_at + self._policy.turn_deadline, now + _LAST_CHANCE)
        turn_id = conversation.begin_turn(pieces[0].seq, last_seq, until + _LEASE_GRACE, self._desk)
        is_suggested = len(own) < len(pieces)
        request = TurnRequest(conversation.id, turn_id, text, choice, context, conversation.channel, is_suggested)
        return Turn(turn_id, conversation.id, request, posted_at, until, until + _LEASE_GRACE)

    async def _run(self, turn: Turn) -> None:
        reply: Reply | None = None
        code = ""
        try:
            reply = await self._bots.turn(turn.request, (turn.until - self._now()).total_seconds())
        except BotError as error:
            code = error.code
        except Exception as error:  # our own mistake: the customer must not wait for the end of the lease
            logger.error("turn.not_asked", conversation_id=turn.conversation_id, turn_id=turn.id, error=type(error).__name__)
            code = "bot_call_failed"
        if code:
            logger.warning("turn.bot_failed", conversation_id=turn.conversation_id, turn_id=turn.id, code=code)
        try:
            await self._finish_in_time(turn, reply, code)
        except Unavailable:
            raise  # the lease is over, and the turn is tried again
        except Exception as error:
            if reply is None:
                raise
            # What the bot said cannot be stored or acted on: the same would happen again, so a person is fetched now.
            logger.error(
                "turn.reply_refused", conversation_id=turn.conversation_id, turn_id=turn.id, error=type(error).__name__
            )
            await self._finish_in_time(turn, None, "bot_broke_contract")

    async def _finish_in_time(self, turn: Turn, reply: Reply | None, code: str) -> None:
        """Commit; a database that is away for a moment gets the reply again. Raises Unavailable when the lease is over."""
        while True:
            try:
                return await self._finish(turn, reply, code)
            except Unavailable:
                if self._now() >= turn.expires_at:
                    raise
                await asyncio.sleep(_COMMIT_AGAIN_SECONDS)

    async def _finish(self, turn: Turn, reply: Reply | None, code: str) -> None:
        async with self._store.begin() as tx:
            conversation = await find_conversation(tx, turn.conversation_id, lock=True)
            if conversation is None or not conversation.is_running(turn.id):
                # It may be an earlier offer of this reply that was committed, though the database broke off before it said so.
                tx.wake(turn.conversation_id)
                self._note_end(turn, "late")
                return  # an agent has it by now, or the turn was given up: late words are no words
            now = self._now()
            # Nothing at all came after the message: then no message did, and the log need not be asked.
            next_due = None if conversation.last_seq == conversation.turn_seq else await self._next_due(tx, conversation)
            if reply is None:
                await self._fail(tx, conversation, turn.id, code, now)
                if next_due is not None:  # it may be a person's by now
                    next_due = await self._next_due(tx, conversation)
            else:
                await self._commit(tx, conversation, turn, reply, now, is_last=next_due is None)
            conversation.end_turn(next_due)
            await save_conversation(tx, conversation)
            tx.wake(turn.conversation_id)
            if conversation.due_at is not None:
                tx.wake(TURNS)
            if conversation.status is not Status.WITH_BOT:
                tx.wake(QUEUE)
        self._note_end(turn, "bot_failed" if reply is None else _outcome(reply.decision))

    def _note_end(self, turn: Turn, outcome: str) -> None:
        seconds = (self._now() - turn.posted_at).total_seconds()
        self._metrics.turn_seconds.labels(outcome).observe(seconds)
        logger.info(
            "turn.over",
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            outcome=outcome,
            ms=round(seconds * 1000),
        )

    async def _next_due(self, tx: Transaction, conversation: Conversation) -> dt.datetime | None:
        after = max(conversation.answered_seq, conversation.turn_seq or 0)
        following = await self._waiting_messages(tx, conversation, after)
        return following[0].at if following else None

    async def _commit(
        self,
        tx: Transaction,
        conversation: Conversation,
        turn: Turn,
        reply: Reply,
        now: dt.datetime,
        *,
        is_last: bool,
    ) -> None:
        decision, seq = reply.decision, conversation.turn_seq
        conversation.record_triage(turn.id, decision, now)
        if conversation.status is Status.QUEUED:
            await self._commit_while_waiting(tx, conversation, turn, decision, now, is_last=is_last)
        elif conversation.status is Status.WITH_BOT and decision.route == ESCALATE:
            await self._handoffs.request_for_decision(tx, conversation, turn.id, decision, now)
        elif conversation.status is Status.WITH_BOT:
            conversation.speak(reply.messages, now)
            if decision.route == FEEDBACK:
                conversation.append(EventType.FEEDBACK_RECORDED, BOT, now, {"message_seq": seq})
            # With another message already waiting, "solved" was not the customer's last word.
            if decision.outcome in ("solved", "closed") and is_last:
                conversation.resolve(decision.outcome, now, SYSTEM)

    async def _commit_while_waiting(
        self,
        tx: Transaction,
        conversation: Conversation,
        turn: Turn,
        decision: Decision,
        now: dt.datetime,
        *,
        is_last: bool,
    ) -> None:
        """Silent: the bot says nothing, but a graver incident moves the conversation up, and "never mind" gives it back.

        With another message already there, "never mind" was not the last word. A grave case is asked about first, also when it
        became grave while the bot decided.
        """
        is_confirmed = turn.request.context.asked == ASKS_CANCEL_WAIT
        if decision.route == ESCALATE:
            await self._handoffs.request_for_decision(tx, conversation, turn.id, decision, now)
        elif not is_last:
            return
        elif decision.outcome == "never_mind" and (is_confirmed or not conversation.must_confirm_cancel()):
            self._handoffs.cancel(conversation, now, is_confirmed=True)
        elif decision.outcome == "never_mind" or decision.asks == ASKS_CANCEL_WAIT:
            self._handoffs.ask_to_confirm_cancel(conversation, now)

    async def _fail(self, tx: Transaction, conversation: Conversation, turn_id: str, code: str, now: dt.datetime) -> None:
        """The bot cannot; the customer hears so, and a person gets the conversation."""
        conversation.append(EventType.BOT_FAILED, SYSTEM, now, {"turn_id": turn_id, "code": code})
        if conversation.status is Status.WITH_BOT:
            key = f"handoff:{turn_id}"
            # False after the turn's own handoff, which the customer cancelled: what they wrote since is still the bot's.
            if await self._handoffs.request(tx, conversation, BOT_UNAVAILABLE, NORMAL, now, by=SYSTEM, key=key):
                # What came after the failed message is the person's too; the bot shall not be asked about it.
                conversation.answered_seq = conversation.last_seq


def _outcome(decision: Decision) -> str:
    """The route for the metrics. An answer that is a guess has a name of its own."""
    return "tentative" if decision.tentative else decision.route


def _pieces_of_one(messages: list[Event]) -> list[Event]:
    """The messages that one turn reads: all words before the first button, or that button alone; no longer than one message."""
    if messages[0].data.get("choice"):
        return messages[:1]
    pieces: list[Event] = []
    length = 0
    for message in messages:
        length += len(message.data["text"]) + 1
        if message.data.get("choice") or (pieces and length > MESSAGE_LIMIT):
            break
        pieces.append(message)
    return pieces


def _joined(pieces: list[Event]) -> str:
    """Pieces of a message as one text."""
    text = pieces[0].data["text"]
    for piece in pieces[1:]:
        text += ("" if text.endswith(tuple(_SENTENCE_ENDS)) else _JOINT) + piece.data["text"]
    return str(text)
