"""Trials of first aid: pressed twice, in two tabs, on two desks, with a wallet that fails and a desk that dies at any step.

A desk here is the desk's own code without its web server. It dies at a chosen step: before or after a transaction, before its
commit, before or after the wallet acts. Nothing of it runs after that. The truth is the sample wallet's own list of actions.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from content.desk_policy import DeskPolicy
from content.first_aid import TARGETS
from contract import wallet as shapes
from contract.reply import Button
from contract.wallet import Account, Action, ActionResult
from handoff.accounts.identity.proof import SignedCustomer
from handoff.cases.care_desk import CareDesk
from handoff.cases.first_aid.care_subject import FirstAidCare
from handoff.cases.first_aid.ordering import Ordered, Ordering
from handoff.cases.first_aid.settling import Settling
from handoff.cases.first_aid.targets import find_targets
from handoff.cases.first_aid.words import confirm_choice
from handoff.cases.wallet import Wallet
from handoff.conversations.care.first_aid import Order, OrderState
from handoff.conversations.customers import Customers
from handoff.conversations.decide import Tell
from handoff.conversations.services import Boards, Turns
from handoff.conversations.store import events_after, find_conversation, lock_conversation, save_conversation
from handoff.queue.handoffs import Handoffs
from handoff.runtime.database import Pool
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import Wakeups
from tests.handoff.running_desk import Clock
from tests.handoff.sample_wallet import SampleWallet

#: What the customer orders in a trial. A recall without a target is the one that could hit a second transfer.
ACTIONS = ("freeze_payments", "recall_transfer", "sign_out_devices", "stop_password_free", "block_payee", "report_card_lost")
#: The wallet's faults of a trial. "away": it answers nothing until the desk has looked twice.
FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "fails before it acts": {"fail_before": 1},
    "fails twice before it acts": {"fail_before": 2},
    "fails after it acted": {"fail_after": 1},
    "acts and never answers": {"never_after": 1},
    "answers nonsense": {"answer": "nonsense"},
    "away": {"status": 503},
}
_MOST_STEPS = 22
_WALLET_SECONDS = 0.4


class Steps:
    """Counts the steps of one desk; at the chosen one the desk dies."""

    def __init__(self, last: int | None) -> None:
        self.last, self.count, self.is_dead = last, 0, False

    async def step(self) -> None:
        """One more step. A dead desk gets no further."""
        self.count += 1
        if self.last is not None and self.count > self.last:
            self.is_dead = True
        if self.is_dead:
            raise asyncio.CancelledError


class MortalStore(Store):
    """A store whose desk can die before and after each transaction, and before its commit."""

    def __init__(self, pool: Pool, wake: Callable[..., None], steps: Steps) -> None:
        super().__init__(pool, wake)
        self._steps = steps

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction; a death before the commit rolls it back."""
        await self._steps.step()
        async with super().begin() as tx:
            yield tx
            await self._steps.step()
        await self._steps.step()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Statements outside of a transaction."""
        await self._steps.step()
        async with super().read() as tx:
            yield tx


class MortalWallet:
    """A client whose desk can die before it asks, and after the wallet has acted."""

    is_connected = True

    def __init__(self, wallet: Wallet, steps: Steps) -> None:
        self._wallet, self._steps = wallet, steps

    async def account(self, subject: str) -> Account:
        """The standing."""
        return await self._asked(self._wallet.account(subject))

    async def transactions(self, subject: str) -> tuple[shapes.Transaction, ...]:
        """The recent transactions."""
        return await self._asked(self._wallet.transactions(subject))

    async def act(self, subject: str, action: Action) -> ActionResult:
        """Act."""
        return await self._asked(self._wallet.act(subject, action))

    async def action(self, subject: str, key: str) -> ActionResult:
        """What became of it."""
        return await self._asked(self._wallet.action(subject, key))

    async def _asked(self, answer: Awaitable[Any]) -> Any:
        try:
            await self._steps.step()
        except asyncio.CancelledError:
            cast(Any, answer).close()
            raise
        found = await answer
        await self._steps.step()
        return found


class _NoTurns:
    async def begin_at_once(self, *_: object) -> bool:
        return False


class MortalDesk:
    """One desk; `last_step`: the number of steps after which it dies, None if it lives."""

    def __init__(self, pool: Pool, policy: DeskPolicy, wallet: Wallet, clock: Clock, last_step: int | None = None) -> None:
        self.steps = Steps(last_step)
        wakeups = Wakeups()
        self.store = MortalStore(pool, wakeups.wake, self.steps)
        door = MortalWallet(wallet, self.steps)
        self.settling = Settling(self.store, policy, door, lambda: self.handoffs, clock)
        care = CareDesk([FirstAidCare(policy, door, self.settling)])
        self.handoffs = Handoffs(policy, care=care)
        turns = cast(Turns, _NoTurns())
        self.customers = Customers(self.store, policy, self.handoffs, turns, cast(Boards, None), care, clock)
        self.ordering = Ordering(
            self.store, wakeups, policy, door, self.settling, self.customers, clock, wait_seconds=_WALLET_SECONDS
        )


@dataclass
class Outcome:
    """What one trial showed. `faults`: what must never be."""

    seed: int
    fault: str
    has_died: bool
    states: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Trials:
    """Runs trials one after the other on one database, with one sample wallet."""

    def __init__(self, pool: Pool, policy: DeskPolicy, sample: SampleWallet, truth: Pool) -> None:
        """`truth`: the sample wallet's own database."""
        self._pool, self._policy, self._sample, self._truth, self._clock = pool, policy, sample, truth, Clock()
        self._store = Store(pool, lambda topics: None)

    async def run(self, seed: int, subject: str) -> Outcome:
        """One customer presses first aid; the wallet has one of the faults, and a desk may die."""
        chance = random.Random(seed)
        actions = chance.sample(ACTIONS, chance.choice((1, 1, 2)))
        name = list(FAULTS)[seed % len(FAULTS)]
        last_step = chance.randrange(_MOST_STEPS) if chance.random() < 0.7 else None
        conversation_id, token, buttons = await self._victim(subject, actions)
        outcome = Outcome(seed, name, has_died=False)
        await self._sample.switch(**FAULTS[name], subject=subject)
        first, second = self._desk(last_step), self._desk()
        presses = list(self._presses(chance, actions, buttons, [first, first, second], conversation_id, token))
        answers = await asyncio.gather(*(press for _, press in presses), return_exceptions=True)
        for (action, _), answer in zip(presses, answers, strict=True):
            if isinstance(answer, dict) and answer.get("state") == "done" and not await self._is_done(subject, action):
                outcome.faults.append(f"the answer said that {action} is done")
            elif isinstance(answer, Exception) and not hasattr(answer, "code"):
                outcome.faults.append(f"{type(answer).__name__}: {answer}")
        await self._finish(first), await self._finish(second)
        outcome.has_died = first.steps.is_dead
        await self._check(outcome, subject, conversation_id)
        await self._go_on(subject, conversation_id)
        await self._check(outcome, subject, conversation_id)
        orders = await self._orders(conversation_id)
        outcome.states = {order.action: order.state.value for order in orders}
        outcome.faults += [f"{order.action} is never settled" for order in orders if order.state in _UNSETTLED]
        return outcome

    def _desk(self, last_step: int | None = None) -> MortalDesk:
        return MortalDesk(self._pool, self._policy, self._sample.client(seconds=_WALLET_SECONDS), self._clock, last_step)

    async def _victim(self, subject: str, actions: list[str]) -> tuple[str, str, dict[str, str]]:
        """A signed customer who waits and was asked to confirm; by action, the button that acts."""
        desk, now = self._desk(), self._clock()
        signed = SignedCustomer(subject, 3, now + dt.timedelta(hours=1), "key-1")
        conversation_id, token = await desk.customers.open_conversation("zh", "web", signed=signed)
        buttons = {}
        for action in actions:
            target = None
            if action in TARGETS and TARGETS[action] != "card":
                target = (await find_targets(self._sample.client(), subject, action, now, "Asia/Shanghai"))[0].id
            buttons[action] = confirm_choice(action, target)
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            assert draft is not None
            await desk.handoffs.request(tx, draft, "security", "urgent", now, intent="scam_report")
            draft.do(Tell("?", "first_aid", tuple(Button(choice, "!") for choice in buttons.values())), now)
            await save_conversation(tx, draft)
        return conversation_id, token, buttons

    def _presses(
        self,
        chance: random.Random,
        actions: list[str],
        buttons: dict[str, str],
        desks: list[MortalDesk],
        conversation_id: str,
        token: str,
    ) -> Iterator[tuple[str, Awaitable[Any]]]:
        """Each action two to four times: by button or API, with the same key or another tab's, at the same or another desk."""
        for action in actions:
            for number in range(chance.randint(2, 4)):
                desk, key = chance.choice(desks), chance.choice((f"{action}-a", f"{action}-b", f"{action}-{number}"))
                if chance.random() < 0.5:
                    press: Any = desk.ordering.order(conversation_id, token, Ordered(action, key))
                else:
                    press = desk.customers.write(conversation_id, token, key, None, buttons[action])
                yield action, self._press(press, chance.uniform(0, 0.05))

    @staticmethod
    async def _press(press: Awaitable[Any], after: float) -> Any:
        await asyncio.sleep(after)  # presses of two hands, not of one machine
        try:
            return await asyncio.ensure_future(press)
        except asyncio.CancelledError:
            return None  # the desk died under the request

    @staticmethod
    async def _finish(desk: MortalDesk) -> None:
        running = list(desk.settling._running)
        if desk.steps.is_dead:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        elif running:
            await asyncio.wait(running, timeout=30)

    async def _go_on(self, subject: str, conversation_id: str) -> None:
        """Desks look after what is due, as they do for ever; the wallet is well again after the second look."""
        for look in range(8):
            if look == 2:
                await self._sample.switch()
            self._clock.pass_time(seconds=25)
            await self._desk().settling.look_around()
            if look >= 2 and not any(order.state in _UNSETTLED for order in await self._orders(conversation_id)):
                return

    async def _check(self, outcome: Outcome, subject: str, conversation_id: str) -> None:
        """Nothing is done twice, and nothing is said to be done that is not."""
        done = await self._actions(subject)
        for action in {each["action"] for each in done}:
            if sum(each["action"] == action and each["state"] in ("done", "pending") for each in done) > 1:
                outcome.faults.append(f"{action} was done more than once")
        for order in await self._orders(conversation_id):
            if order.state is OrderState.DONE and not await self._is_done(subject, order.action):
                outcome.faults.append(f"the state says that {order.action} is done")
        async with self._store.read() as tx:
            log = [event.as_json(for_customer=True) for event in await events_after(tx, conversation_id, 0) if event.is_public]
        for event in log:
            if (
                event["type"] == "first_aid_result"
                and event["state"] == "done"
                and not await self._is_done(subject, event["action"])
            ):
                outcome.faults.append(f"the log says that {event['action']} is done")
        told = [event["text"] for event in log if event.get("kind") == "first_aid"]
        for action in ACTIONS:
            words = self._policy.content.first_aid.actions[action].done.zh
            if words in told and not await self._is_done(subject, action):
                outcome.faults.append(f"the customer was told that {action} is done")

    async def _actions(self, subject: str) -> list[dict[str, str]]:
        """What the wallet has in its books."""
        async with self._truth.connection() as connection:
            query = "SELECT request ->> 'action', state FROM actions WHERE subject = %s"
            rows = await (await connection.execute(query, [subject])).fetchall()
        return [{"action": action, "state": state} for action, state in rows]

    async def _is_done(self, subject: str, action: str) -> bool:
        return any(each["action"] == action and each["state"] == "done" for each in await self._actions(subject))

    async def _orders(self, conversation_id: str) -> tuple[Order, ...]:
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
        assert conversation is not None
        return conversation.care.first_aid.orders


_UNSETTLED = (OrderState.REQUESTED, OrderState.UNKNOWN)
