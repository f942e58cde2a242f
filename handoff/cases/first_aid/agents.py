"""First aid by people of the desk: orders with a reason, a second person for the heavy ones, and the reversals."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from content.first_aid import TARGET_KINDS, TARGETS
from contract.characters import is_blank
from contract.wallet import REVERSALS, is_id
from handoff.accounts.agents import Agent
from handoff.cases.first_aid.ordering import Ordering, new_order
from handoff.cases.first_aid.settling import Settling
from handoff.cases.first_aid.store import add_proposal, remove_proposal, waiting_proposals
from handoff.cases.first_aid.targets import find_targets
from handoff.cases.first_aid.wallet_port import OrderingWallet
from handoff.cases.wallet import WalletError
from handoff.conversations.care.first_aid import DecideFirstAid, Order, Proposal, ProposeFirstAid
from handoff.conversations.draft import Draft
from handoff.conversations.events import Participant
from handoff.conversations.masking import mask
from handoff.conversations.reading import check_may_read, unknown_conversation
from handoff.conversations.state import Conversation
from handoff.conversations.store import find_conversation, lock_conversation
from handoff.conversations.text import check_message
from handoff.conversations.values import Status
from handoff.runtime.errors import BadInput, Conflict, NotFound, Unavailable
from handoff.runtime.transaction import Store, Transaction

_REASON_LIMIT = 500
_LISTED = 100


@dataclass(frozen=True)
class AgentRequest:
    """An agent's request: an action or a reversal, why, and what it is about."""

    action: str
    key: str
    reason: str
    target: str | None = None


class AgentFirstAid:
    """Orders and proposals of agents."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        wallet: OrderingWallet,
        settling: Settling,
        ordering: Ordering,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._policy, self._wallet = store, policy, wallet
        self._settling, self._ordering, self._now = settling, ordering, now

    async def order(self, agent: Agent, conversation_id: str, request: AgentRequest) -> tuple[dict[str, Any], bool]:
        """Order an action, or propose it if it needs a second person; the answer, and whether it is a proposal.

        Raises NotAllowed for a conversation that the agent may not read, Conflict if it is not the agent's, for an anonymous
        customer, and for a reversal while it is not known what it reverses.
        """
        policy, reason = self._policy.content.first_aid, _checked_reason(request.reason)
        if policy.label_of(request.action) is None:
            raise BadInput("unknown_action", "没有这项操作。", "There is no such action.")
        if request.target is not None and not is_id(request.target):
            raise BadInput("bad_request", "请求不正确：对象编号。", "The target is not an id.", field="target")
        _check_has_target(request)
        key, by = f"agent:{agent.login}:{request.key}", Participant("agent", agent.name)
        async with self._store.begin() as tx:
            draft, now = await self._lock(tx, agent, conversation_id), self._now()
            subject = self._subject(draft.state)
            if policy.needs_second_person(request.action):
                return await self._propose(tx, draft, agent, request, key, reason, now), True
            command = new_order(
                self._policy,
                request.action,
                key,
                subject,
                request.target,
                is_named=request.target is not None,
                by=by,
                login=agent.login,
                reason=reason,
            )
            is_new = bool(draft.do(command, now))
            if is_new:
                await self._settling.plan(tx, conversation_id)
                await self._settling.save(tx, draft)
            order = self._order_of(draft.state, key, request.action, request.target, now)
        if is_new:
            await self._settling.settle_now(conversation_id)
        return await self._ordering.answer(conversation_id, order.key), False

    async def _propose(
        self, tx: Transaction, draft: Draft, agent: Agent, request: AgentRequest, key: str, reason: str, now: dt.datetime
    ) -> dict[str, Any]:
        until = now + dt.timedelta(minutes=self._policy.content.first_aid.proposal_minutes)
        command = ProposeFirstAid(request.action, key, agent.login, agent.name, reason, until, request.target)
        if draft.do(command, now):
            await add_proposal(tx, draft.state.id, key, until)
            await self._settling.save(tx, draft)
        known = draft.state.care.first_aid
        proposal = known.proposal(key) or next(
            (each for each in known.proposals if (each.action, each.target) == (request.action, request.target)), None
        )
        if proposal is None:  # it was decided: what became of it
            order = known.order(key)
            return {"state": order.state.value if order else "rejected"}
        return {"state": "proposed", "proposal": self._as_json(draft.state, proposal)}

    async def decide(self, agent: Agent, conversation_id: str, key: str, *, is_approved: bool) -> dict[str, Any]:
        """Agree to a proposal, which orders the action, or reject it.

        Raises NotFound, NotAllowed, and Conflict for one's own proposal and for one that is decided or too old.
        """
        async with self._store.begin() as tx:
            draft = await lock_conversation(tx, conversation_id)
            if draft is None:
                raise unknown_conversation()
            proposal, now = draft.state.care.first_aid.proposal(key), self._now()
            if proposal is None:
                raise NotFound("unknown_proposal", "没有这条申请。", "There is no such proposal.")
            subject = self._subject(draft.state) if is_approved else ""
            repeat = dt.timedelta(minutes=self._policy.content.first_aid.repeat_minutes)
            command = DecideFirstAid(key, is_approved, agent.login, agent.name, uuid.uuid4().hex, subject, repeat)
            draft.do(command, now)
            await remove_proposal(tx, conversation_id, key)
            if is_approved:
                await self._settling.plan(tx, conversation_id)
            await self._settling.save(tx, draft)
            if not is_approved:
                return {"state": "rejected"}
            order = self._order_of(draft.state, key, proposal.action, proposal.target, now)
        await self._settling.settle_now(conversation_id)
        return await self._ordering.answer(conversation_id, order.key)

    async def look(self, agent: Agent, conversation_id: str) -> dict[str, Any]:
        """What an agent can order, the orders so far, and the proposals."""
        async with self._store.read() as tx:
            conversation = await find_conversation(tx, conversation_id)
            if conversation is None:
                raise unknown_conversation()
            await check_may_read(tx, agent, conversation)
        policy, known = self._policy.content.first_aid, conversation.care.first_aid
        able = conversation.care.identity is not None and self._wallet.is_connected
        return {
            "able": able,
            "actions": [
                {
                    "action": action,
                    "label": {"zh": label.zh, "en": label.en},
                    "needs_second_person": policy.needs_second_person(action),
                    "reverses": next((name for name, reversal in REVERSALS.items() if reversal == action), None),
                    "target": TARGET_KINDS.get(action),
                }
                for action in [*policy.actions, *policy.reversals]
                if (label := policy.label_of(action)) is not None
            ],
            "orders": [_order_as_json(order) for order in known.orders],
            "proposals": [
                self._as_json(conversation, proposal) for proposal in known.proposals if self._now() < proposal.until
            ],
        }

    async def targets(self, agent: Agent, conversation_id: str, action: str) -> list[dict[str, Any]]:
        """What an action can be about, asked of the wallet: `[{id, kind, name, at, amount, last4}]`, names of people masked.

        Raises BadInput for an action without a target, Conflict as `order`, and Unavailable while the wallet does not answer.
        """
        if action not in TARGETS:
            raise BadInput("unknown_action", "没有这项操作。", "There is no such action.")
        async with self._store.begin() as tx:
            subject = self._subject((await self._lock(tx, agent, conversation_id)).state)
        zone = self._policy.content.first_aid.zone
        try:
            found = await find_targets(self._wallet, subject, action, self._now(), zone)
        except WalletError as error:
            zh, en = "钱包系统现在没有应答，请填写编号或稍后再试。", "The wallet does not answer. Enter the id, or try later."
            raise Unavailable("wallet_away", zh, en) from error
        return [dataclasses.asdict(target) for target in found]

    async def proposals(self, agent: Agent) -> list[dict[str, Any]]:
        """The proposals that wait for a second person, without the agent's own."""
        found = []
        async with self._store.read() as tx:
            for conversation_id, key in await waiting_proposals(tx, self._now(), _LISTED):
                conversation = await find_conversation(tx, conversation_id)
                proposal = conversation.care.first_aid.proposal(key) if conversation is not None else None
                if conversation is not None and proposal is not None and proposal.login != agent.login:
                    found.append(self._as_json(conversation, proposal))
        return found

    async def _lock(self, tx: Transaction, agent: Agent, conversation_id: str) -> Draft:
        """The locked conversation, if it is the agent's. Supervisors act in every conversation that they may read."""
        draft = await lock_conversation(tx, conversation_id)
        if draft is None:
            raise unknown_conversation()
        await check_may_read(tx, agent, draft.state)
        is_own = draft.state.status is Status.ASSIGNED and draft.state.agent == agent.login
        if not is_own and agent.role != "supervisor":
            raise Conflict("not_yours", "请先接待这个会话。", "Claim this conversation first.")
        return draft

    def _subject(self, conversation: Conversation) -> str:
        """The wallet's customer. Whatever an agent was told on the phone, only a signed identity names one."""
        if conversation.care.identity is None:
            zh = "这位客户没有登录，无法在钱包系统里操作。请让客户从 App 进入，或按热线流程办理。"
            en = "This customer is not signed in, so the desk cannot act. Ask them to come from the app, or to call."
            raise Conflict("anonymous_customer", zh, en)
        if not self._wallet.is_connected:
            raise Unavailable("wallet_not_connected", "没有连接钱包系统。", "No wallet is connected.")
        return conversation.care.identity.subject

    def _order_of(self, conversation: Conversation, key: str, action: str, target: str | None, now: dt.datetime) -> Order:
        known = conversation.care.first_aid
        repeat = dt.timedelta(minutes=self._policy.content.first_aid.repeat_minutes)
        order = known.answer_to(key, action, target, now, repeat)
        if order is None:
            raise RuntimeError("an order was neither made nor there")
        return order

    def _as_json(self, conversation: Conversation, proposal: Proposal) -> dict[str, Any]:
        label, identity = self._policy.content.first_aid.label_of(proposal.action), conversation.care.identity
        return {
            "conversation_id": conversation.id,
            "key": proposal.key,
            "action": proposal.action,
            "label": {"zh": label.zh, "en": label.en} if label else None,
            "target": proposal.target,
            "by": {"login": proposal.login, "name": proposal.name},
            "reason": proposal.reason,
            "at": proposal.at.isoformat(),
            "until": proposal.until.isoformat(),
            "assurance": identity.assurance_at(self._now()) if identity else None,
        }


def _order_as_json(order: Order) -> dict[str, Any]:
    return {
        "key": order.key,
        "action": order.action,
        "state": order.state.value,
        "target": order.target,
        "login": order.login,
        "requested_at": order.requested_at.isoformat(),
        "changed_at": order.changed_at.isoformat(),
        "why": order.why.as_json() if order.why else None,
    }


def _checked_reason(reason: str) -> str:
    if is_blank(reason) or len(reason) > _REASON_LIMIT:
        message = f"请写明原因（最多 {_REASON_LIMIT} 字）。", f"Give a reason of at most {_REASON_LIMIT} characters."
        raise BadInput("bad_reason", *message)
    return mask(check_message(reason)).text


def _check_has_target(request: AgentRequest) -> None:
    """An agent names the transfer or the payee; "the last one" is the customer's own shortcut."""
    kind = TARGET_KINDS.get(request.action)
    if kind in ("transaction", "payee") and request.target is None:
        raise BadInput("target_needed", "请选择一笔交易或一个收款人。", "Choose the transaction or the payee.")
