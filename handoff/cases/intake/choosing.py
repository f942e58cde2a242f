"""Looks up a customer's transactions, so that they choose one instead of describing it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import zoneinfo
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

import structlog

from contract.reply import Button
from contract.wallet import Transaction as WalletTransaction
from handoff.cases.wallet import WalletError
from handoff.conversations.decide import AnswerIntake
from handoff.conversations.draft import Draft
from handoff.conversations.state import Conversation
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import QUEUE

if TYPE_CHECKING:
    from handoff.cases.intake.intake_desk import IntakeDesk

logger = structlog.get_logger(__name__)

#: Transactions that are offered as buttons; older ones are written.
_OFFERED = 4
_ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")


class TransactionSource(Protocol):
    """The wallet, as far as the intake reads it."""

    async def transactions(self, subject: str) -> Sequence[WalletTransaction]:
        """The customer's latest transactions, the newest first. Raises WalletError."""


class Transactions:
    """Asks the wallet after the transaction that found the question, because a slow wallet must not delay a handoff.

    A look-up that is lost with its desk process is begun again at the customer's next message.
    """

    def __init__(self, store: Store, wallet: TransactionSource, now: Callable[[], dt.datetime]) -> None:
        self._store, self._wallet, self._now = store, wallet, now
        self._running: set[asyncio.Task[None]] = set()

    def look_up(self, tx: Transaction, state: Conversation, question: str, desk: IntakeDesk) -> None:
        """Look up the transactions for a question once `tx` is committed."""

        def begin(committed: bool) -> None:
            if committed:
                task = asyncio.create_task(self._run(state, question, desk))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

        tx.when_over(begin)

    async def finish(self) -> None:
        """Wait for the look-ups that run."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def _run(self, state: Conversation, question: str, desk: IntakeDesk) -> None:
        identity = state.care.identity
        if identity is None:
            return
        found: Sequence[WalletTransaction] = ()
        with contextlib.suppress(WalletError):  # the client logs why; the customer then writes which one it is
            found = await self._wallet.transactions(identity.subject)
        try:
            async with self._store.begin() as tx:
                draft, now = await lock_conversation(tx, state.id), self._now()
                if draft is None:
                    return
                self._use(draft, question, found, desk, now)
                await desk.go_on(tx, draft, now)
                if draft.events:
                    await save_conversation(tx, draft)
                    tx.wake(draft.state.id, QUEUE)
        except Unavailable as error:
            logger.warning("intake.not_asked", conversation_id=state.id, code=error.code)

    @staticmethod
    def _use(draft: Draft, question: str, found: Sequence[WalletTransaction], desk: IntakeDesk, now: dt.datetime) -> None:
        """Fill in the one transaction that can be meant, or ask which of them it is."""
        state, identity = draft.state, draft.state.care.identity
        known = state.care.intake
        if identity is None or known.entry(question) is not None or known.open_entry is not None:
            return
        if state.status is not Status.QUEUED:
            return
        assurance = identity.assurance_at(now)
        amount = state.case.amount_cny
        same = [each for each in found if amount and each.currency == "CNY" and each.amount == Decimal(str(amount))]
        if len(same) == 1:
            (one,) = same
            draft.do(AnswerIntake(question, words_of(one), "lookup", one.id, None, assurance, one.as_json()), now)
            return
        buttons = [
            (Button(f"intake:{question}:{each.id}", words_of(each)), each.as_json()) for each in (same or found)[:_OFFERED]
        ]
        form = desk.form_name(state)
        if form is not None:
            desk.ask(draft, form, question, now, buttons, assurance)


def words_of(transaction: WalletTransaction) -> str:
    """A transaction on a button: time, sign and amount, the other side."""
    at = transaction.at.astimezone(_ZONE)
    sign = "-" if transaction.direction == "out" else "+"
    money = "¥" if transaction.currency == "CNY" else f"{transaction.currency} "
    return f"{at:%m-%d %H:%M} {sign}{money}{transaction.amount:,.2f} {masked_name(transaction.counterparty)}"


def masked_name(name: str) -> str:
    """The other side of a transaction as a customer reads it: the first character, and as many stars as a name has."""
    return f"{name[:1]}*" if len(name) <= 4 else name[:12]
