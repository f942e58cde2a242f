"""Asks the wallet: sends orders, learns what became of them, and tells the customer. Survives the end of this process.

No transaction is open while the wallet is asked. An order is in the log before it is sent, under a key of its own. So it may
be sent again after any fault, and the wallet still acts once. A desk takes a conversation by moving its time in `first_aid_due`
forward. If the desk dies, another one takes the conversation after that time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from content.desk_policy import DeskPolicy
from content.first_aid import TARGET_KINDS
from contract.priorities import URGENT
from contract.reasons import SECURITY
from contract.wallet import Action, ActionResult
from handoff.cases.first_aid.store import forget_old_proposals, postpone, schedule, settled, take_due
from handoff.cases.first_aid.targets import Target, find_targets
from handoff.cases.first_aid.wallet_port import OrderingWallet
from handoff.cases.first_aid.words import Words, why_of
from handoff.cases.wallet import WalletError, WalletUnknown
from handoff.conversations.care.first_aid import AskFirstAid, FirstAid, Order, OrderState, RecordFirstAid
from handoff.conversations.decide import Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import SYSTEM
from handoff.conversations.services import HandingOver
from handoff.conversations.state import Conversation
from handoff.conversations.store import find_conversation, lock_conversation, save_conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic

logger = structlog.get_logger(__name__)

KIND = "first_aid"
#: A desk has so long for what it took; then another desk takes it. Both may ask the wallet, which still acts once.
LEASE = dt.timedelta(seconds=10)
_INTERVAL_SECONDS = 2.0
_AT_ONCE = 20
#: A little longer than one answer of the wallet may take.
_LONGEST_END_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = dt.timedelta(seconds=2), dt.timedelta(minutes=5)
#: The time within which the first attempt may still send an order again that the wallet did not receive.
_SEND_TWICE_WITHIN = dt.timedelta(seconds=4)
#: An order that the wallet does not know may still arrive within this time after it was sent.
_STILL_ON_ITS_WAY = dt.timedelta(minutes=1)


class NotReceived(Exception):
    """The wallet never received the order, and it may not be sent any more."""


class Settling:
    """Settles all orders of one conversation at a time. `hand_over`: brings a person where the result is not known."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        wallet: OrderingWallet,
        hand_over: Callable[[], HandingOver],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._policy, self._wallet, self._hand_over, self._now = store, policy, wallet, hand_over, now
        self._running: set[asyncio.Task[None]] = set()

    # --- the worker -------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look for unsettled orders every few seconds until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.look_around()
            except Unavailable as error:
                logger.warning("first_aid.not_settled", code=error.code)

    async def look_around(self) -> None:
        """Take what is due, and settle it."""
        now = self._now()
        async with self._store.begin() as tx:
            taken = await take_due(tx, now, now + LEASE, _AT_ONCE)
            await forget_old_proposals(tx, now)
        if taken:
            await asyncio.gather(*(self._settle_again(conversation_id, tries) for conversation_id, tries in taken))

    async def _settle_again(self, conversation_id: str, tries: int) -> None:
        try:
            await self.settle(conversation_id, tries)
        except Unavailable as error:
            logger.warning("first_aid.not_settled", code=error.code)
        except Exception as error:
            # One conversation must not keep the others from being settled. Its row is taken again after the lease.
            logger.error("first_aid.failed", conversation_id=conversation_id, error=type(error).__name__)

    async def plan(self, tx: Transaction, conversation_id: str) -> None:
        """Let another desk settle the conversation if this one, which is about to do it, dies."""
        await schedule(tx, conversation_id, self._now() + LEASE)

    def start_after(self, tx: Transaction, conversation_id: str) -> None:
        """Settle the conversation as soon as the transaction is committed."""

        def begin(committed: bool) -> None:
            if committed:
                self._begin(conversation_id)

        tx.when_over(begin)

    async def settle_now(self, conversation_id: str) -> None:
        """Settle the conversation and wait for it. It goes on if the caller is cancelled, because a customer hung up."""
        await asyncio.shield(self._begin(conversation_id))

    def _begin(self, conversation_id: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._settle_again(conversation_id, 0))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self) -> None:
        """Let what was started here end, but not for long; another desk goes on with the rest."""
        if not self._running:
            return
        _, unfinished = await asyncio.wait(self._running, timeout=_LONGEST_END_SECONDS)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    # --- one conversation -----------------------------------------------------------------------------------------------

    async def settle(self, conversation_id: str, tries: int = 0) -> None:
        """Ask the owed question, and learn what became of each open order. `tries` 0: they may not have been sent yet."""
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
        if conversation is None:
            return
        known = conversation.care.first_aid
        orders = (order for order in known.orders if order.is_open)
        await asyncio.gather(
            *(self._ask(conversation, action) for action in known.wanted),
            *(self._settle_order(conversation_id, known, order, is_first=tries == 0) for order in orders),
        )
        await self._plan_next(conversation_id, tries)

    async def _settle_order(self, conversation_id: str, known: FirstAid, order: Order, *, is_first: bool) -> None:
        """One look at one order."""
        try:
            result = await self._learn(known, order, is_first=is_first)
        except NotReceived:
            why = why_of("not_received", self._policy.content.first_aid.texts.not_received, self._policy)
            record = RecordFirstAid(order.key, OrderState.IMPOSSIBLE, why, self._now())
        except WalletError as error:
            logger.warning("first_aid.wallet_away", conversation_id=conversation_id, code=error.code)
            record = RecordFirstAid(order.key, OrderState.UNKNOWN)
        else:
            record = RecordFirstAid(order.key, OrderState(result.state), result.why, result.at)
        if record.decided_at is None and self._is_too_old(order):
            record = RecordFirstAid(order.key, OrderState.UNKNOWN, order.why, self._now())
        await self._record(conversation_id, record)

    async def _learn(self, known: FirstAid, order: Order, *, is_first: bool) -> ActionResult:
        """The wallet's word on an order. Raises WalletError without one, and NotReceived."""
        began = self._now()
        if is_first and order.state is OrderState.REQUESTED:
            try:
                return await self._send(order)
            except WalletError as error:
                logger.warning("first_aid.wallet_away", code=error.code)
        try:
            return await self._wallet.action(order.subject, order.wallet_key)
        except WalletUnknown:
            if order.decided_at is not None:
                raise  # the wallet has spoken of it before, so it did arrive
            if not self._may_send(known, order):
                if self._now() - order.requested_at <= _STILL_ON_ITS_WAY:
                    raise
                raise NotReceived from None
            if is_first and self._now() - began > _SEND_TWICE_WITHIN:
                raise
        return await self._send(order)

    async def _send(self, order: Order) -> ActionResult:
        kind = TARGET_KINDS.get(order.action)
        action = Action(order.action, order.wallet_key, **({kind: order.target} if kind else {}))
        try:
            return await self._wallet.act(order.subject, action)
        except WalletUnknown:
            texts = self._policy.content.first_aid.texts
            why = why_of("unknown_customer", texts.not_connected, self._policy)
            return ActionResult(order.wallet_key, order.action, OrderState.IMPOSSIBLE, self._now(), why)

    def _may_send(self, known: FirstAid, order: Order) -> bool:
        """Whether an order that never arrived may be sent again: the wish is fresh, and no later order is its opposite."""
        again = dt.timedelta(minutes=self._policy.content.first_aid.send_again_minutes)
        return self._now() - order.requested_at <= again and not known.is_superseded(order)

    def _is_too_old(self, order: Order) -> bool:
        return self._now() - order.requested_at > dt.timedelta(hours=self._policy.content.first_aid.ask_hours)

    # --- what is written --------------------------------------------------------------------------------------------------

    async def _record(self, conversation_id: str, record: RecordFirstAid) -> None:
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            if draft is None or not draft.do(record, self._now()):
                return
            order = draft.state.care.first_aid.order(record.key)
            if order is None:
                return
            self._tell(draft, Words(self._policy, draft.state.locale).result(order))
            if order.state in (OrderState.UNKNOWN, OrderState.IMPOSSIBLE):
                await self._bring_a_person(tx, draft, f"{KIND}:{order.wallet_key}:{order.state}")
            await self.save(tx, draft)
        logger.info(
            "first_aid.result",
            conversation_id=conversation_id,
            action=order.action,
            state=order.state.value,
            why=order.why.code if order.why else None,
        )

    async def _ask(self, conversation: Conversation, wanted: str) -> None:
        """Ask the question that the customer's press owes, or say that it cannot be asked."""
        identity = conversation.care.identity
        if identity is None:
            return
        targets: tuple[Target, ...] | None
        try:
            zone = self._policy.content.first_aid.zone
            targets = await find_targets(self._wallet, identity.subject, wanted, self._now(), zone)
        except WalletError as error:
            logger.warning("first_aid.wallet_away", conversation_id=conversation.id, code=error.code)
            targets = None
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation.id)
            if draft is None or wanted not in draft.state.care.first_aid.wanted:
                return  # another desk has asked it
            words, now = Words(self._policy, draft.state.locale), self._now()
            draft.do(AskFirstAid(wanted, tuple(target.id for target in targets or ())), now)
            if targets is None:
                self._tell(draft, words.fill(words.texts.away))
                await self._bring_a_person(tx, draft, f"{KIND}:{draft.state.last_seq}:away")
            else:
                text, buttons = words.question(wanted, targets)
                draft.do(Tell(text, KIND, buttons), now)
            await self.save(tx, draft)

    def _tell(self, draft: Draft, text: str) -> None:
        draft.do(Tell(text, KIND), self._now())

    async def _bring_a_person(self, tx: Transaction, draft: Draft, key: str) -> None:
        """The customer was told that a person checks: hand over, unless one is there or waited for."""
        if draft.state.status in (Status.WITH_BOT, Status.RESOLVED):
            await self._hand_over().request(tx, draft, SECURITY, URGENT, self._now(), by=SYSTEM, key=key)

    @staticmethod
    async def save(tx: Transaction, draft: Draft) -> None:
        """Store a draft, and wake who shows the conversation."""
        await save_conversation(tx, draft)
        tx.wake(draft.state.id)
        if draft.state.status is Status.QUEUED:
            tx.wake(QUEUE)
        if draft.state.agent:
            tx.wake(agent_topic(draft.state.agent))

    async def _plan_next(self, conversation_id: str, tries: int) -> None:
        """When to look again; the row goes when nothing is open, and when an order is too old to ask for."""
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            known = draft.state.care.first_aid if draft is not None else None
            is_open = known is not None and (
                bool(known.wanted) or any(order.is_open and not self._is_too_old(order) for order in known.orders)
            )
            if is_open:
                pause = min(_FIRST_PAUSE * 2 ** min(tries, 10), _LONGEST_PAUSE)
                await postpone(tx, conversation_id, self._now() + pause)
            else:
                await settled(tx, conversation_id)
