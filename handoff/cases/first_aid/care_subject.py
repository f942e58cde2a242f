"""First aid in the conversation: offers after a handoff or an answer, presses of its buttons, its field of the status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from content.desk_policy import DeskPolicy
from content.first_aid import TARGETS
from handoff.cases.care_desk import CareSubject
from handoff.cases.first_aid.allowing import Allowance, allowance
from handoff.cases.first_aid.ordering import new_order
from handoff.cases.first_aid.settling import KIND, Settling
from handoff.cases.first_aid.wallet_port import OrderingWallet
from handoff.cases.first_aid.words import CANCEL, PREFIX, Words, read_choice
from handoff.conversations.care.first_aid import FirstAid, OfferFirstAid, Order, OrderState, WantFirstAid
from handoff.conversations.decide import Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event, Message
from handoff.conversations.state import Conversation
from handoff.runtime.transaction import Transaction


class FirstAidCare(CareSubject):
    """The subject "first aid" of care."""

    def __init__(self, policy: DeskPolicy, wallet: OrderingWallet, settling: Settling) -> None:
        self._policy, self._wallet, self._settling = policy, wallet, settling

    # --- offers -----------------------------------------------------------------------------------------------------------

    async def after_handoff(self, tx: Transaction, draft: Draft, *, was_waiting: bool, now: dt.datetime) -> None:
        """Offer what the policy names for the matter; to a customer whom we do not know, as instructions."""
        case = draft.state.case
        actions = self._policy.content.first_aid.offered(case.reason, case.lane, case.topic)
        self._offer(draft, actions, now, is_after_answer=False)

    async def after_answer(self, tx: Transaction, draft: Draft, intent: str | None, now: dt.datetime) -> None:
        """Offer what the policy names for the question that was answered. An article is instruction enough for the others."""
        actions = self._policy.content.first_aid.offered(None, None, intent)
        if self._allowance(draft.state, now).subject is not None:
            self._offer(draft, actions, now, is_after_answer=True)

    def _offer(self, draft: Draft, actions: Sequence[str], now: dt.datetime, *, is_after_answer: bool) -> None:
        left = tuple(action for action in actions if _is_left(draft.state.care.first_aid, action))
        if not left:
            return
        allowed, words = self._allowance(draft.state, now), Words(self._policy, draft.state.locale)
        able = tuple(action for action in left if allowed.allows(action, words.first_aid))
        if not draft.do(OfferFirstAid(left, as_instructions=not able), now):
            return
        if allowed.subject is None:
            draft.do(Tell(words.instructions(left), KIND), now)
            return
        lines = [words.fill(words.texts.offer_with_answer if is_after_answer else words.texts.offer)] if able else []
        lines += [words.too_little(action) for action in left if action not in able]
        draft.do(Tell("\n".join(lines), KIND, words.ask_buttons(able)), now)

    # --- presses ----------------------------------------------------------------------------------------------------------

    async def after_message(self, tx: Transaction, draft: Draft, message: Event, now: dt.datetime) -> None:
        """A press asks for confirmation, and the confirmation acts."""
        choice = message.body.choice if isinstance(message.body, Message) else None
        if choice is None or not choice.startswith(PREFIX):
            return
        words = Words(self._policy, draft.state.locale)
        action, is_confirmed, target = read_choice(choice)
        if choice == CANCEL:
            draft.do(Tell(words.fill(words.texts.kept), KIND), now)
        elif action not in words.first_aid.actions:
            draft.do(Tell(words.fill(words.texts.away), KIND), now)  # the editors removed it since it was offered
        elif (refusal := self._refusal(draft.state, action, words, now)) is not None:
            draft.do(Tell(refusal, KIND), now)
        elif is_confirmed:
            await self._act(tx, draft, action, target, f"press:{message.seq}", words, now)
        else:
            await self._ask(tx, draft, action, words, now)

    def _refusal(self, conversation: Conversation, action: str, words: Words, now: dt.datetime) -> str | None:
        allowed = self._allowance(conversation, now)
        if allowed.subject is None:
            return words.instructions([action])
        return None if allowed.allows(action, words.first_aid) else words.too_little(action)

    async def _ask(self, tx: Transaction, draft: Draft, action: str, words: Words, now: dt.datetime) -> None:
        if action in TARGETS:
            draft.do(WantFirstAid(action), now)
            await self._settling.plan(tx, draft.state.id)
            self._settling.start_after(tx, draft.state.id)
            return
        standing = self._standing(draft.state, action, None, now)
        if standing is not None:
            draft.do(Tell(words.result(standing), KIND), now)
            return
        text, buttons = words.question(action)
        draft.do(Tell(text, KIND, buttons), now)

    async def _act(
        self, tx: Transaction, draft: Draft, action: str, target: str | None, key: str, words: Words, now: dt.datetime
    ) -> None:
        standing = self._standing(draft.state, action, target, now)
        if standing is not None:  # pressed twice, or in two tabs: the first press counts
            draft.do(Tell(words.result(standing), KIND), now)
        else:
            subject = self._allowance(draft.state, now).subject or ""
            draft.do(new_order(self._policy, action, key, subject, target, is_named=target is not None), now)
            await self._settling.plan(tx, draft.state.id)
        self._settling.start_after(tx, draft.state.id)

    # --- the status --------------------------------------------------------------------------------------------------------

    def status(self, conversation: Conversation, now: dt.datetime) -> dict[str, Any]:
        """`first_aid`: what the customer can do, what they ordered, and what became of it, in the policy's order."""
        words, case = Words(self._policy, conversation.locale), conversation.case
        known, allowed = conversation.care.first_aid, self._allowance(conversation, now)
        offered = words.first_aid.offered(case.reason, case.lane, case.topic)
        actions = dict.fromkeys([*offered, *words.first_aid.always])
        actions |= dict.fromkeys(order.action for order in known.orders if order.action in words.first_aid.actions)
        return {"first_aid": [self._entry(action, known.latest(action), allowed, words) for action in actions]}

    def _entry(self, action: str, order: Order | None, allowed: Allowance, words: Words) -> dict[str, Any]:
        entry = words.first_aid.actions[action]
        fields: dict[str, Any] = {
            "action": action,
            "label": words.label(action),
            "state": "offered",
            "explanation": words.fill(entry.explanation),
            "confirm": words.confirm_line(action),
        }
        if order is not None:
            fields |= {"state": order.state.value, "at": order.changed_at.isoformat(), "result": words.result(order)}
            if order.why is not None:
                fields["why"] = words.why(order.why)
        if allowed.subject is None:
            fields["instruction"] = words.fill(entry.instruction)
        elif not allowed.allows(action, words.first_aid):
            fields["instruction"] = words.too_little(action)
        if order is None and "instruction" in fields:
            fields["state"] = "instruction" if allowed.subject is None else "needs_assurance"
        return fields

    def _allowance(self, conversation: Conversation, now: dt.datetime) -> Allowance:
        return allowance(conversation, now, is_connected=self._wallet.is_connected)

    def _standing(self, conversation: Conversation, action: str, target: str | None, now: dt.datetime) -> Order | None:
        repeat = dt.timedelta(minutes=self._policy.content.first_aid.repeat_minutes)
        return conversation.care.first_aid.standing(action, target, now, repeat)


def _is_left(known: FirstAid, action: str) -> bool:
    """Whether there is reason to offer the action: it is neither done nor under way."""
    order = known.latest(action)
    return order is None or order.state in (OrderState.IMPOSSIBLE, OrderState.UNDONE)
