"""The bot's turns: one at a time in each conversation, in order, each with a deadline after which a person takes over."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from content.desk_policy import DeskPolicy
from contract.decision import Decision
from contract.incident import Incident
from contract.priorities import NORMAL
from contract.reasons import BOT_UNAVAILABLE
from contract.reply import Reply
from contract.routes import ANSWER, ESCALATE, FEEDBACK
from contract.turn import TurnRequest
from handoff.conversations.decide import FailTurn, HearLanguage, RecordFeedback, RecordTriage, Resolve, Speak
from handoff.conversations.draft import Draft, Lease
from handoff.conversations.events import SYSTEM, Event
from handoff.conversations.rows import UnreadableRow
from handoff.conversations.store import (
    customer_messages_after,
    event_by_key,
    find_lease,
    lock_conversation,
    lock_running_turn,
    save_conversation,
)
from handoff.conversations.values import IncidentNamed, Owed, Status
from handoff.queue.handoffs import Handoffs
from handoff.runtime.errors import Unavailable
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, TURNS, Wakeups, Watch
from handoff.turns.bot_pool import BotError, BotPool
from handoff.turns.context import ASKS_CANCEL_WAIT, first_piece, fold_context, signed_in
from handoff.turns.pieces import (
    PIECES_LIMIT,
    for_the_bot,
    joined,
    pieces_of_one,
    said,
    with_earlier,
    words_of,
    written_by_customer,
)
from handoff.turns.store import lock_due_turn, triage_after

logger = structlog.get_logger(__name__)

#: The bot gets at least this long for a message, even if it waited before (a desk died, the database was not available).
_LAST_CHANCE = dt.timedelta(seconds=2)
#: The time to commit after the bot's deadline. A turn that has not ended by then belongs to a desk that hangs.
_LEASE_GRACE = dt.timedelta(seconds=3)
#: Pause between attempts to commit a reply while the database is not available and the lease lasts.
_COMMIT_AGAIN_SECONDS = 0.2
#: After so many attempts of desks that died, the turn is handed over to a person.
_ATTEMPTS = 2
_SWEEP_SECONDS = 1.0
#: For how long a conversation is skipped if its turn could neither begin nor be handed over. Others must not wait for it.
_PASS_OVER_SECONDS = 60.0
#: A desk that stops waits for its turns until their deadlines, but no longer than this.
_LONGEST_END = dt.timedelta(seconds=8)


@dataclass(frozen=True)
class Turn:
    """One customer message to which the bot must react by `until`; no other desk takes the turn before `expires_at`.

    The message may have come in several pieces. `posted_at`: when the first waiting piece was stored. `begun_seq`: the last
    entry of the log that the request knows.
    """

    id: str
    conversation_id: str
    request: TurnRequest
    begun_seq: int
    posted_at: dt.datetime
    until: dt.datetime
    expires_at: dt.datetime


class _NotBuiltError(Exception):
    """No turn can be built from the log of the conversation."""


@contextlib.contextmanager
def _building() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise _NotBuiltError from error


class TurnWorker:
    """Takes due turns from the database, asks the bot, and commits its reply. Each desk process runs one worker."""

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
        incidents: Callable[[], Sequence[Incident]] = lambda: (),
    ) -> None:
        """`incidents`: what is announced now, of which the bot is told."""
        self._incidents = incidents
        self._store, self._wakeups, self._policy = store, wakeups, policy
        self._handoffs, self._bots, self._now, self._desk = handoffs, bots, now, desk
        self._sees_the_living = sees_the_living
        self._metrics = metrics or Metrics()
        #: Slots for running turns. A turn gets its slot before it begins, so that its lease does not expire while it waits.
        self._free = asyncio.Semaphore(policy.turns_at_once)
        self._running: set[asyncio.Task[None]] = set()
        self._watch: Watch | None = None
        #: Whether older messages may wait for a slot; and the number of messages so far that got no slot at once.
        self._may_wait, self._sent_to_wait = True, 0
        #: Conversation ids, and until when (monotonic clock) they are skipped.
        self._passed_over: dict[str, float] = {}

    @property
    def in_hand(self) -> frozenset[asyncio.Task[None]]:
        """The turns that run in this process."""
        return frozenset(self._running)

    @property
    def has_waiting(self) -> bool:
        """Whether messages may wait for a slot, here or at another desk, as far as this desk knows."""
        return self._may_wait or (self._watch is not None and self._watch.is_woken)

    async def run(self) -> None:
        """Take due turns until cancelled, or until the desk ends; `finish` then."""
        with self._wakeups.watch(TURNS) as self._watch:
            while not self._wakeups.is_closing:
                await self._start_due_turns()
                if await self._watch.wait(_SWEEP_SECONDS):
                    self._may_wait = True

    async def finish(self) -> None:
        """Wait for the running turns. Another desk takes over unfinished turns as soon as this process has ended."""
        if not self._running:
            return
        longest = min(self._policy.turn_deadline, _LONGEST_END)
        _, unfinished = await asyncio.wait(self._running, timeout=longest.total_seconds())
        for task in unfinished:
            task.cancel()
        if unfinished:
            # Cancel them before the connections close: a closed connection would look like a failure of the bot.
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
                # A message that got no slot during the query may have been committed after it.
                self._may_wait = self._sent_to_wait != sent_to_wait
                return
            self._may_wait = True

    async def begin_at_once(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> bool:
        """Begin the turn for a message in the transaction that stores it, which saves the transaction that would find it.

        It runs when the transaction is committed. If this process dies before that, its lock is gone, and another desk takes
        the turn. False when all slots are in use, or older messages wait for one: the worker then takes the turn in its order.
        """
        if self._free.locked() or self.has_waiting:
            self._sent_to_wait += 1
            return False
        await self._free.acquire()  # at once, as one is free
        try:
            turn = await self._begin(tx, draft, None, [message], now)
        except _NotBuiltError:
            self._free.release()
            return False  # the message is stored anyway, and the worker hands the conversation over
        except BaseException:
            self._free.release()
            raise
        tx.when_over(lambda committed: self._start(turn) if committed else self._free.release())
        return True

    def _start(self, turn: Turn) -> None:
        """Run a turn that has a slot."""
        task = asyncio.create_task(self._run(turn))
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._free.release()
        if not task.cancelled() and task.exception() is not None:
            # Only its type: the text of a database error can hold customers' words. The turn is tried again after its lease.
            logger.error("turn.not_committed", error=type(task.exception()).__name__)

    async def _take(self) -> tuple[bool, Turn | None]:
        """Whether a turn was due, and the turn that began. A turn that cannot begin is handed over, and delays no other."""
        now, due = self._now(), None
        self._passed_over = {id: until for id, until in self._passed_over.items() if until > time.monotonic()}
        try:
            async with self._store.begin() as tx:
                living = self._sees_the_living()
                due = await lock_due_turn(tx, now, of_dead_desks=living, but=self._passed_over)
                if due is None:
                    return False, None
                return True, await self._begin_or_end(tx, *due, now)
        except Unavailable:
            raise
        except Exception as error:
            if due is not None:
                conversation_id = due[0].state.id
            elif isinstance(error, UnreadableRow):
                conversation_id = error.conversation_id
            else:
                raise
            # The log gets the error's type only: its text can contain the customer's words.
            logger.error("turn.not_begun", conversation_id=conversation_id, error=type(error).__name__)
            await self._give_up(conversation_id)
            return True, None

    async def _begin_or_end(self, tx: Transaction, draft: Draft, lease: Lease | None, now: dt.datetime) -> Turn | None:
        state, first = draft.state, draft.state.owed.first
        since = first.seq if first else state.last_seq
        messages = await self._waiting_messages(tx, state.id, since - 1)
        # A lease may remain from a turn whose messages are already settled. Such a lease is ignored.
        begun = lease if lease is not None and lease.last_seq >= since else None
        code, turn, through = "", None, messages[-1].seq if messages else state.last_seq
        if begun is not None and begun.attempts >= _ATTEMPTS:
            code, through = "turn_lost", begun.last_seq
        else:
            try:
                turn = await self._begin(tx, draft, lease, messages, now)
            except _NotBuiltError as error:
                logger.error("turn.not_built", conversation_id=state.id, error=type(error.__cause__).__name__)
                code = "turn_not_built"
        if code:
            turn_id = begun.turn_id if begun else f"{state.id}.{since}"
            # This also settles the messages of a queued conversation, so that the bot is not asked about them again.
            await self._fail(tx, draft, turn_id, code, through, now)
        if turn is None:
            draft.end_turn()
            tx.wake(state.id, QUEUE, TURNS)
        await save_conversation(tx, draft)
        return turn

    async def _give_up(self, conversation_id: str) -> None:
        """Hand over a conversation whose turn cannot begin, in a new transaction. If that fails too, skip it for a while."""
        self._passed_over[conversation_id] = time.monotonic() + _PASS_OVER_SECONDS
        try:
            async with self._store.begin() as tx:
                draft = await lock_conversation(tx, conversation_id)
                first = draft.state.owed.first if draft else None
                if draft is None or draft.state.due_at is None or first is None:
                    return
                lease, now = await find_lease(tx, conversation_id), self._now()
                if lease is not None and lease.expires_at > now:
                    return  # another desk runs it
                turn_id = lease.turn_id if lease else f"{conversation_id}.{first.seq}"
                await self._fail(tx, draft, turn_id, "turn_not_built", draft.state.last_seq, now)
                draft.end_turn()
                await save_conversation(tx, draft)
                tx.wake(conversation_id, QUEUE)
        except Exception as error:
            logger.error("turn.passed_over", conversation_id=conversation_id, error=type(error).__name__)
        else:
            del self._passed_over[conversation_id]

    async def _waiting_messages(self, tx: Transaction, conversation_id: str, after: int) -> list[Event]:
        """The customer's messages after a sequence number, without presses of the desk's own buttons."""
        return for_the_bot(await customer_messages_after(tx, conversation_id, after, PIECES_LIMIT))

    async def _begin(self, tx: Transaction, draft: Draft, lease: Lease | None, messages: list[Event], now: dt.datetime) -> Turn:
        """Begin the turn for the waiting messages. Messages in quick succession are pieces of one message.

        `lease`: of a turn that was begun and not ended. Raises _NotBuiltError, and changes nothing then.
        """
        state = draft.state
        decided = await triage_after(tx, state.id, state.stretch_seq) if state.triaged_turn else []
        with _building():
            pieces = pieces_of_one(messages)
            # The deadline runs from the first waiting piece, also in a second attempt.
            posted_at, last_seq = pieces[0].at, pieces[-1].seq
            begun = None if said(pieces[0]).choice else first_piece(decided, posted_at)
        if begun is not None:
            pieces = with_earlier(await self._waiting_messages(tx, state.id, begun - 1), pieces)
        with _building():
            own = written_by_customer(pieces)
            if len(pieces) > 1 and own:  # the bot answers in the language of all pieces, and so must the desk
                draft.do(HearLanguage(joined(own)), now)
            words, begun_seq = words_of(pieces), draft.state.last_seq
            context = fold_context(draft.state, decided)
            context = replace(context, customer=signed_in(draft.state, now), incidents=tuple(self._incidents()))
        await self._handoffs.follow_language(tx, draft, state.locale, now)
        until = max(posted_at + self._policy.turn_deadline, now + _LAST_CHANCE)
        begun_now = Lease.begin(state.id, pieces[0].seq, last_seq, self._desk, until + _LEASE_GRACE, lease)
        draft.begin_turn(begun_now)
        request = TurnRequest(
            state.id, begun_now.turn_id, words.text, words.choice, context, state.birth.channel, words.suggested
        )
        return Turn(begun_now.turn_id, state.id, request, begun_seq, posted_at, until, begun_now.expires_at)

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
            raise  # the lease has expired, and the turn is tried again
        except Exception as error:
            if reply is None:
                raise
            # The reply cannot be stored or acted on, and a second attempt would fail in the same way: hand over now.
            logger.error(
                "turn.reply_refused", conversation_id=turn.conversation_id, turn_id=turn.id, error=type(error).__name__
            )
            await self._finish_in_time(turn, None, "bot_broke_contract")

    async def _finish_in_time(self, turn: Turn, reply: Reply | None, code: str) -> None:
        """Commit, and try again while the database is not available. Raises Unavailable when the lease has expired."""
        while True:
            try:
                return await self._finish(turn, reply, code)
            except Unavailable:
                if self._now() >= turn.expires_at:
                    raise
                await asyncio.sleep(_COMMIT_AGAIN_SECONDS)

    async def _finish(self, turn: Turn, reply: Reply | None, code: str) -> None:
        async with self._store.begin() as tx:
            running = await lock_running_turn(tx, turn.conversation_id, turn.id)
            if running is None:
                # An earlier attempt may have committed this reply although its connection broke before the confirmation.
                tx.wake(turn.conversation_id)
                self._note_end(turn, "late")
                return  # an agent has the conversation now, or the turn was given up: a late reply is dropped
            (draft, lease), now = running, self._now()
            if reply is None:
                await self._fail(tx, draft, turn.id, code, lease.last_seq, now)
            else:
                await self._commit(tx, draft, lease, turn, reply, now)
            draft.end_turn()
            await save_conversation(tx, draft)
            tx.wake(turn.conversation_id)
            if draft.state.due_at is not None:
                tx.wake(TURNS)
            if draft.state.status is not Status.WITH_BOT:
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

    async def _commit(self, tx: Transaction, draft: Draft, lease: Lease, turn: Turn, reply: Reply, now: dt.datetime) -> None:
        decision = reply.decision
        # If another message waits already, this one was not the customer's last message.
        is_last = not draft.state.owed.reaches_beyond(lease.last_seq)
        written_at = _written_at(draft.state.owed, lease.last_seq)
        incidents = tuple(IncidentNamed(each.id, each.version) for each in turn.request.context.incidents)
        draft.do(RecordTriage(turn.id, lease.first_seq, lease.last_seq, decision, turn.begun_seq, incidents), now)
        if draft.state.status is Status.QUEUED:
            await self._commit_while_waiting(tx, draft, turn, decision, written_at, now, is_last=is_last)
        elif draft.state.status is Status.WITH_BOT and decision.route == ESCALATE:
            await self._handoffs.request_for_decision(tx, draft, turn.id, decision, now)
        elif draft.state.status is Status.WITH_BOT:
            draft.do(Speak(reply.messages), now)
            if decision.route == ANSWER:
                await self._handoffs.after_answer(tx, draft, decision.intent, now)
            if decision.route == FEEDBACK:
                draft.do(RecordFeedback(lease.last_seq), now)
            if decision.outcome in ("solved", "closed") and is_last:
                draft.do(Resolve(decision.outcome, SYSTEM), now)

    async def _commit_while_waiting(
        self,
        tx: Transaction,
        draft: Draft,
        turn: Turn,
        decision: Decision,
        written_at: dt.datetime | None,
        now: dt.datetime,
        *,
        is_last: bool,
    ) -> None:
        """Commit without a message of the bot. A graver incident raises the priority, and "never mind" ends the wait.

        If another message waits already, "never mind" was not the last message. In a serious case the desk asks first, also if
        the case became serious while the bot decided. What is neither is an addition, and the desk says that it has it.
        """
        is_confirmed = turn.request.context.asked == ASKS_CANCEL_WAIT
        if decision.route == ESCALATE and await self._handoffs.request_for_decision(tx, draft, turn.id, decision, now):
            return
        if not is_last:
            return
        if decision.outcome == "never_mind" and (is_confirmed or not draft.state.must_confirm_cancel()):
            self._handoffs.cancel(draft, now, is_confirmed=True)
        elif decision.outcome == "never_mind" or decision.asks == ASKS_CANCEL_WAIT:
            self._handoffs.ask_to_confirm_cancel(draft, now)
        else:
            self._handoffs.acknowledge(draft, written_at, now)

    async def _fail(self, tx: Transaction, draft: Draft, turn_id: str, code: str, through: int, now: dt.datetime) -> None:
        """Settle the messages up to a number as failed, and hand the conversation over with a message to the customer.

        While the customer waits for a person, the messages are additions, which the person reads although the bot did not.
        """
        key = f"handoff:{turn_id}"
        # No second handoff if this turn has handed over before and the customer cancelled: newer messages belong to the bot.
        hands_over = draft.state.status is Status.WITH_BOT and await event_by_key(tx, draft.state.id, key) is None
        written_at = _written_at(draft.state.owed, through)
        draft.do(FailTurn(turn_id, code, through, is_handed_over=hands_over), now)
        if hands_over:
            await self._handoffs.request(tx, draft, BOT_UNAVAILABLE, NORMAL, now, by=SYSTEM, key=key)
        elif not draft.state.owed:
            self._handoffs.acknowledge(draft, written_at, now)


def _written_at(owed: Owed, through: int) -> dt.datetime | None:
    """When the last of the messages up to a number was written that have not had a turn."""
    return max((message.at for message in owed.messages if message.seq <= through), default=None)


def _outcome(decision: Decision) -> str:
    """The route for the metrics. An answer that is a guess has a name of its own."""
    return "tentative" if decision.tentative else decision.route
