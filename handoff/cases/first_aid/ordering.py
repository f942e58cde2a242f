"""A customer's order by the API: checked, written into the log, sent, and answered with what became of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from content.first_aid import TARGETS
from contract.wallet import Why, is_id
from handoff.cases.first_aid.allowing import allowance
from handoff.cases.first_aid.settling import Settling
from handoff.cases.first_aid.targets import find_targets
from handoff.cases.first_aid.wallet_port import OrderingWallet
from handoff.cases.first_aid.words import Words, why_of
from handoff.cases.wallet import WalletError
from handoff.conversations.care.first_aid import Order, OrderState, RecordFirstAid, RequestFirstAid
from handoff.conversations.customers import Customers
from handoff.conversations.events import CUSTOMER, Participant
from handoff.conversations.state import Conversation
from handoff.conversations.store import find_conversation
from handoff.runtime.errors import BadInput, NotAllowed, Unavailable
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import Wakeups

#: Longer than the wallet's time-outs together.
WAIT_SECONDS = 10.0


def new_order(
    policy: DeskPolicy,
    action: str,
    key: str,
    subject: str,
    target: str | None,
    *,
    is_named: bool,
    by: Participant = CUSTOMER,
    login: str | None = None,
    reason: str | None = None,
) -> RequestFirstAid:
    """The command for an order, with a key for the wallet that no other order has."""
    repeat = dt.timedelta(minutes=policy.content.first_aid.repeat_minutes)
    return RequestFirstAid(
        action, key, uuid.uuid4().hex, subject, repeat, target, is_named=is_named, by=by, login=login, reason=reason
    )


@dataclass(frozen=True)
class Ordered:
    """A customer's request: `target` is the transaction, payee or card that they chose, None for the obvious one."""

    action: str
    key: str
    target: str | None = None


class Ordering:
    """Orders of customers."""

    def __init__(
        self,
        store: Store,
        wakeups: Wakeups,
        policy: DeskPolicy,
        wallet: OrderingWallet,
        settling: Settling,
        customers: Customers,
        now: Callable[[], dt.datetime],
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        """`wait_seconds`: so long a request that only repeats another one waits for the other's result."""
        self._store, self._wakeups, self._policy, self._wallet = store, wakeups, policy, wallet
        self.settling, self._customers, self._now, self._wait_seconds = settling, customers, now, wait_seconds

    async def order(self, conversation_id: str, token: str, request: Ordered) -> dict[str, Any]:
        """Order an action; `{state, why?}`. The same key again gets the same order, and nothing is done twice.

        Raises NotAllowed for an anonymous customer and for too little assurance, BadInput for an unknown action, Conflict for
        a key of another action, Unavailable when the wallet cannot say what the action would be about.
        """
        if request.action not in self._policy.content.first_aid.actions:
            raise BadInput("unknown_action", "没有这项操作。", "There is no such action.")
        if request.target is not None and not is_id(request.target):
            raise BadInput("bad_request", "请求不正确：对象编号。", "The target is not an id.", field="target")
        key = f"customer:{request.key}"
        while (order := await self._try_to_order(conversation_id, token, key, request)) is None:
            pass  # the order that it would have repeated became impossible meanwhile
        return await self.answer(conversation_id, order.key)

    async def _try_to_order(self, conversation_id: str, token: str, key: str, request: Ordered) -> Order | None:
        """The order of a request, new or standing; None if everything changed while the wallet was asked for the target."""
        async with self._store.read() as tx:
            conversation = await self._customers.find(tx, conversation_id, token)
        target, nothing, now = request.target, None, self._now()
        is_repeated = self._repeated(conversation, key, request, now) is not None
        if not is_repeated:
            subject = self._check(conversation, request.action, now)
            if target is None and TARGETS.get(request.action) in ("transaction", "payee"):
                target, nothing = await self._obvious_target(subject, request.action, now)
        async with self._store.begin() as tx:
            draft = await self._customers.lock(tx, conversation_id, token)
            now = self._now()
            standing = self._repeated(draft.state, key, request, now)
            if standing is None and is_repeated:
                return None
            subject = self._check(draft.state, request.action, now) if standing is None else ""
            is_named = request.target is not None
            is_new = bool(draft.do(new_order(self._policy, request.action, key, subject, target, is_named=is_named), now))
            if is_new and nothing is not None:
                draft.do(RecordFirstAid(key, OrderState.IMPOSSIBLE, nothing, now), now)
            if is_new:
                await self.settling.plan(tx, conversation_id)
                await self.settling.save(tx, draft)
            found = self._repeated(draft.state, key, request, now)
        if is_new:
            await self.settling.settle_now(conversation_id)
        return found

    def _repeated(self, conversation: Conversation, key: str, request: Ordered, now: dt.datetime) -> Order | None:
        """The order that this request only repeats."""
        known = conversation.care.first_aid
        repeat = dt.timedelta(minutes=self._policy.content.first_aid.repeat_minutes)
        return known.answer_to(key, request.action, request.target, now, repeat)

    def _check(self, conversation: Conversation, action: str, now: dt.datetime) -> str:
        """The wallet's customer for whom the action may be done now. Raises NotAllowed."""
        allowed, words = allowance(conversation, now, is_connected=self._wallet.is_connected), self._policy
        if allowed.subject is None:
            zh = Words(words, "zh").instructions([action])
            raise NotAllowed("identity_needed", zh, Words(words, "en").instructions([action]), status=403)
        if not allowed.allows(action, self._policy.content.first_aid):
            needed = self._policy.content.first_aid.actions[action].assurance
            zh, en = (Words(words, locale).too_little(action) for locale in ("zh", "en"))
            raise NotAllowed("needs_more_assurance", zh, en, status=403, needed=needed, assurance=allowed.assurance)
        return allowed.subject

    async def _obvious_target(self, subject: str, action: str, now: dt.datetime) -> tuple[str | None, Why | None]:
        """What the action is about if the customer names nothing: the newest thing. Or why there is nothing."""
        policy = self._policy.content.first_aid
        try:
            targets = await find_targets(self._wallet, subject, action, now, policy.zone)
        except WalletError as error:
            zh, en = (Words(self._policy, locale).fill(policy.texts.away) for locale in ("zh", "en"))
            raise Unavailable("wallet_away", zh, en) from error
        if targets:
            return targets[0].id, None
        return None, why_of("nothing_there", policy.actions[action].nothing or policy.texts.away, self._policy)

    async def answer(self, conversation_id: str, key: str) -> dict[str, Any]:
        """`{state, why?}` of an order, as soon as something is known of it."""
        order: Order | None = None
        with self._wakeups.watch(conversation_id) as watch:
            loop = asyncio.get_running_loop()
            until = loop.time() + self._wait_seconds
            while True:
                async with self._store.read() as tx:
                    conversation = await find_conversation(tx, conversation_id)
                order = conversation.care.first_aid.order(key) if conversation is not None else None
                left = until - loop.time()
                if order is None or order.state is not OrderState.REQUESTED or left <= 0 or self._wakeups.is_closing:
                    break
                await watch.wait(min(left, 1.0))
        return self._as_json(order)

    def _as_json(self, order: Order | None) -> dict[str, Any]:
        """An order that the wallet has not answered is unknown."""
        if order is None or order.state is OrderState.REQUESTED:
            texts = self._policy.content.first_aid.texts
            return {
                "state": OrderState.UNKNOWN.value,
                "why": why_of("no_answer_yet", texts.no_answer_yet, self._policy).as_json(),
            }
        answer: dict[str, Any] = {"state": order.state.value}
        if order.why is not None:
            answer["why"] = order.why.as_json()
        return answer
